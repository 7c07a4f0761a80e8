"""Source files read in: pasted ones, and an attached file or .zip.

An attachment is a data URL (RFC 2397) with the file's name as a parameter: `data:application/zip;name=shop.zip;base64,UEsD...`. Archives are read in
memory, entry by entry under a budget; nothing is ever written. What is not read is told with its reason.
"""

import base64
import binascii
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import unquote

from credit_studio.tools.base import InputError

MOST_ENTRIES = 5_000
MOST_BYTES = 2_000_000
MOST_FILE_BYTES = 500_000
MOST_RATIO = 200
MOST_DEPTH = 30
_MOST_HEAD = 1_000
_MOST_PATH = 200
_EACH = 200
_TAIL = 65_557  # the end record of a .zip with its longest comment
_ENTRY, _END = b"PK\x01\x02", b"PK\x05\x06"
_ARCHIVES = (".zip", ".jar", ".war", ".ear", ".whl", ".egg", ".apk", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar")
_MEDIA = (".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".pdf", ".woff", ".woff2", ".ttf", ".eot", ".mp3", ".mp4", ".mov", ".so", ".dll", ".exe", ".pyc")


@dataclass(frozen=True)
class Source:
    """A file to look through: its path, its bytes, and their text with a line feed at the end of each line."""

    path: str
    content: bytes
    text: str


@dataclass(frozen=True)
class Skipped:
    """A file that was not looked through, and why."""

    path: str
    why: str


@dataclass(frozen=True)
class Attached:
    """An attached file by its name."""

    name: str
    content: bytes


def attached(given: str, field: str) -> Attached:
    """The file in a data URL; raises `InputError` on `field`."""
    head, comma, body = given.partition(",")
    if not comma or not head.startswith("data:") or len(head) > _MOST_HEAD or not head.endswith(";base64"):
        raise InputError(field, "Must be a file as a data URL: data:application/zip;name=shop.zip;base64, and its bytes in base64.")
    try:
        content = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise InputError(field, "The bytes of the file are not in base64. Choose the file again.") from None
    if not content:
        raise InputError(field, "The file is empty.")
    return Attached(name_of(head), content)


def name_of(head: str) -> str:
    """The name that a data URL's head carries; "file" when there is none."""
    names = [unquote(part.removeprefix("name=")) for part in head.split(";") if part.startswith("name=")]
    return _shown(names[0].replace("\\", "/").rpartition("/")[2]) if names and names[0].strip() else "file"


def is_archive(name: str, content: bytes) -> bool:
    """True for a .zip, by its first bytes."""
    return content[:4] in (b"PK\x03\x04", _END) or name.lower().endswith(".zip")


def weigh(path: str, size: int) -> int:
    """The work of a file in characters of Python; other text takes less, and every file a little."""
    return _EACH + (size if path.lower().endswith((".py", ".pyw", ".pyi")) else size * 2 // 5)


def weight_within(given: str) -> int:
    """About how much work an attachment is, read from the list at an archive's end only: quick, and for an estimate only."""
    head, _, body = given.partition(",")
    name, whole = name_of(head[:_MOST_HEAD]), len(body) * 3 // 4
    if not is_archive(name, _decoded(body[:8])):
        return weigh(name, min(whole, MOST_FILE_BYTES))
    tail = _decoded(body[-(-(-_TAIL // 3) * 4) :])
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return weigh(name, min(whole, MOST_BYTES))
    _, _, _, _, count, size, offset, _ = struct.unpack_from("<4s4H2LH", tail, at)
    listing = _slice(body, min(offset, whole), min(size, 1_000_000))
    return min(sum(_weights(listing, min(count, MOST_ENTRIES))), MOST_BYTES + _EACH * MOST_ENTRIES)


def _weights(listing: bytes, count: int) -> Iterator[int]:
    """The work of the entries that may be text."""
    at = 0
    for _ in range(count):
        if listing[at : at + 4] != _ENTRY or len(listing) < at + 46:
            return
        size, name, extra, comment = struct.unpack_from("<L3H", listing, at + 24)
        path = listing[at + 46 : at + 46 + name].decode("latin-1").lower()
        if size <= MOST_FILE_BYTES and not path.endswith((*_ARCHIVES, *_MEDIA, "/")):
            yield weigh(path, size)
        at += 46 + name + extra + comment


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _slice(body: str, offset: int, size: int) -> bytes:
    """So many decoded bytes from an offset, decoding no more than needed."""
    first = offset // 3
    return _decoded(body[4 * first : 4 * ((offset + size) // 3 + 1)])[offset - 3 * first :][:size]


class Reading:
    """Files as they are taken in, under one budget of bytes."""

    def __init__(self, excluded: tuple[str, ...]) -> None:
        self.sources: list[Source] = []
        self.skipped: list[Skipped] = []
        self._excluded = excluded
        self._taken: set[str] = set()
        self._bytes = 0

    def take(self, path: str, content: bytes, field: str) -> None:
        """Take one file, or note why not; raises `InputError` on `field` when all files together are too large."""
        why = self._why_not(path, content)
        text = None if why else _text(content)
        if text is None:
            self.skip(path, why or "is not text in UTF-8 or Latin-1")
            return
        self._bytes += len(content)
        if self._bytes > MOST_BYTES:
            raise InputError(field, f"Holds more than {MOST_BYTES // 1_000_000} MB of text in all. Leave folders out, or scan a part at a time.")
        self._taken.add(path)
        self.sources.append(Source(path, content, text.replace("\r\n", "\n").replace("\r", "\n")))

    def skip(self, path: str, why: str) -> None:
        """Note a file that is not looked through."""
        self.skipped.append(Skipped(_shown(path), why))

    def excludes(self, path: str) -> bool:
        """True when one of the person's patterns leaves the path out."""
        return any(_matches(path, pattern) for pattern in self._excluded)

    def _why_not(self, path: str, content: bytes) -> str:
        if self.excludes(path):
            return "left out as asked"
        if path in self._taken:
            return "has the path of an earlier file"
        return f"is larger than {MOST_FILE_BYTES // 1_000} kB" if len(content) > MOST_FILE_BYTES else ""


def unpack(content: bytes, reading: Reading, field: str) -> None:
    """Take in what a .zip holds; raises `InputError` on `field` for a file that is none, or holds too much."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError, EOFError):
        raise InputError(field, "The .zip cannot be read: it is damaged, or no .zip at all.") from None
    if len(entries) > MOST_ENTRIES:
        raise InputError(field, f"The .zip holds {len(entries):,} files; {MOST_ENTRIES:,} are the most.")
    for entry in entries:
        why = _refusal(entry) or ("left out as asked" if reading.excludes(entry.filename) else "")
        found = None if why else _bytes(archive, entry)
        if found is None:
            reading.skip(entry.filename, why or "is damaged")
        else:
            reading.take(entry.filename, found, field)


def _refusal(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not unpacked; "" when it may be."""
    parts = entry.filename.split("/")
    reasons = (
        (entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0], "its path leads out of the archive"),
        (len(parts) > MOST_DEPTH or len(entry.filename) > _MOST_PATH, "its path is too deep or too long"),
        (stat.S_ISLNK(entry.external_attr >> 16), "is a link"),
        (bool(entry.flag_bits & 0x1), "is encrypted"),
        (entry.filename.lower().endswith(_ARCHIVES), "is an archive itself"),
        (entry.filename.lower().endswith(_MEDIA), "is not text in UTF-8 or Latin-1"),
        (entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), "is packed in a way that is not read"),
        (entry.file_size > MOST_FILE_BYTES, f"is larger than {MOST_FILE_BYTES // 1_000} kB"),
        (entry.file_size > MOST_RATIO * max(1_000, entry.compress_size), f"unpacks to more than {MOST_RATIO} times its size"),
    )
    return next((why for is_so, why in reasons if is_so), "")


def _bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    """An entry's bytes, never more than its stated size; None when it is damaged."""
    try:
        with archive.open(entry) as packed:
            content = packed.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, ValueError, struct.error, NotImplementedError, OSError, EOFError, RuntimeError):
        return None
    return content if len(content) == entry.file_size else None


def _text(content: bytes) -> str | None:
    """The text of a file; None when it holds NUL bytes or mostly control characters."""
    if b"\0" in content[:8_000]:
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        controls = sum(byte < 9 or 13 < byte < 32 for byte in content[:8_000])  # noqa: PLR2004 - the ASCII control characters that are no white space
        return None if controls * 50 > len(content[:8_000]) else content.decode("latin-1")


def _matches(path: str, pattern: str) -> bool:
    """True for "dist/" with a folder of that name at any depth, for "*.min.js" with any file of such a name, for "a/*.py" with such a path."""
    if pattern.endswith("/"):
        return f"/{pattern}" in f"/{path}"
    return fnmatchcase(path, pattern) or fnmatchcase(path.rpartition("/")[2], pattern)


def _shown(path: str) -> str:
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in path[:200]) or "file"
