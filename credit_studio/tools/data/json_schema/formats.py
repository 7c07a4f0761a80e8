"""Formats of strings that JSON Schema names (Draft 2020-12, Validation, 7.3), each with its test."""

import ipaddress
import re
from collections.abc import Callable
from datetime import date, time

_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]{1,12})?(?:Z|z|[+-]([0-9]{2}):([0-9]{2}))\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\Z")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:(?://[^\s/?#\"<>\\^`{|}]+)?[^\s\"<>\\^`{|}]*\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_LONGEST = 2_000


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    found = _TIME.match(text)
    if found is None or int(found[4] or 0) > 23 or int(found[5] or 0) > 59:  # noqa: PLR2004 - hours and minutes
        return False
    try:
        time(int(found[1]), int(found[2]), min(int(found[3]), 59))
    except ValueError:
        return False
    return int(found[3]) <= 60  # noqa: PLR2004 - a leap second (RFC 3339, 5.6)


def _is_moment(text: str) -> bool:
    return text[10:11] in {"T", "t"} and _is_date(text[:10]) and _is_time(text[11:])


def _is_address(version: int) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            return ipaddress.ip_address(text).version == version and "%" not in text
        except ValueError:
            return False

    return fits


FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time": _is_moment,
    "date": _is_date,
    "time": _is_time,
    "uuid": lambda text: _UUID.match(text) is not None,
    "ipv4": _is_address(4),
    "ipv6": _is_address(6),
    "email": lambda text: _EMAIL.match(text) is not None,
    "uri": lambda text: _URI.match(text) is not None,
}


def has_format(text: str, name: str) -> bool:
    """True when a text has the format; a format that is not known fits everything."""
    return name not in FORMATS or (len(text) <= _LONGEST and FORMATS[name](text))


def formats_of(text: str) -> frozenset[str]:
    """Every known format that a text has. A URI must name an authority: "note: this" is none that anybody means."""
    if not 2 < len(text) <= _LONGEST or (text[0].isalpha() and not {":", "@", "-"} & set(text)):  # noqa: PLR2004 - "::" is an address, and no text
        return frozenset()
    return frozenset(name for name, fits in FORMATS.items() if fits(text) and (name != "uri" or "://" in text))
