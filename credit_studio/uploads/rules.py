"""Decisions about uploads: how big, how many, how long, and what they are called. Pure."""

import unicodedata
from datetime import timedelta

MAX_BYTES = 20 * 1024 * 1024
"""20 MB, the limit of a tool's file input."""

LIFETIME = timedelta(hours=1)
"""How long a file waits for the run that takes it; with that it goes at once."""

MAX_OPEN = 20
MAX_OPEN_BYTES = 5 * MAX_BYTES
"""What one person may have lying at once: files, and bytes over all of them."""

MIN_FREE_BYTES = 256 * 1024 * 1024
"""Below this much free disk no upload is taken: the database needs the rest."""

_MAX_NAME = 120


def clean_name(name: str) -> str:
    """The last part of a file's name without control and direction characters, for showing only; "upload" when nothing is left."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(char for char in last if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}).strip(" .")
    return kept[-_MAX_NAME:] or "upload"


def has_room(*, open_files: int, open_bytes: int, size: int) -> bool:
    """True when one more file of `size` bytes fits a person's quota."""
    return open_files < MAX_OPEN and open_bytes + size <= MAX_OPEN_BYTES
