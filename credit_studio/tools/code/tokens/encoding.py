"""The encoding `cl100k_base`: a byte pair encoding whose ranks OpenAI published with tiktoken under the MIT licence.

`encoding_cl100k.xz` holds its 100,256 byte strings in the order of their ranks, each after one byte that says its length. Written out as the published
file they have the SHA-256 of `PUBLISHED`, which a test checks.
"""

import functools
import lzma
from collections.abc import Iterator
from pathlib import Path

from tiktoken import Encoding

PUBLISHED = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
_PATTERN = r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"""


def ranks() -> dict[bytes, int]:
    """Byte strings and their ranks, which are their numbers."""
    packed = lzma.decompress(Path(__file__).with_name("encoding_cl100k.xz").read_bytes())
    return {token: rank for rank, token in enumerate(_unpacked(packed))}


def _unpacked(packed: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(packed):
        end = at + 1 + packed[at]
        yield packed[at + 1 : end]
        at = end


@functools.cache
def encoding() -> Encoding:
    """The encoder; made once in a process, in about half a second."""
    return Encoding("cl100k_base", pat_str=_PATTERN, mergeable_ranks=ranks(), special_tokens={})


def count(text: str) -> int:
    """How many tokens a text is; names of special tokens in it are text like any other."""
    return len(encoding().encode_ordinary(text))
