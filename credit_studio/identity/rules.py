"""Decisions about people: how addresses and names compare, which password is too weak, how long a session lasts. Pure."""

import ipaddress
import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

MIN_PASSWORD = 10
MAX_PASSWORD = 256
"""Characters. The upper bound keeps hashing cheap; it is far above any passphrase."""

MAX_DISPLAY_NAME = 80
SLIDE_EVERY = timedelta(minutes=1)
"""A session's idle expiry is moved at most this often: one write a minute and a browser, not one a request."""

_LEET = str.maketrans("013457@$!|", "oieastasil")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def is_public(address: str) -> bool:
    """True for an address of the internet: of this machine and of closed networks many people have the same one."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def email_key(email: str) -> str:
    """The form in which addresses are compared: NFKC, case folded, without what no database keeps. Two spellings of one key are one account."""
    kept = email.encode("utf-8", "ignore").decode().replace("\0", "")
    return unicodedata.normalize("NFKC", kept.strip()).casefold()


def default_name(email: str) -> str:
    """What a person is called who gave no name: the part before the "@"."""
    return email.partition("@")[0][:MAX_DISPLAY_NAME]


def clean_name(name: str | None) -> str:
    """A display name on one line without control or direction characters; "" when nothing is left."""
    text = unicodedata.normalize("NFC", name or "")
    kept = "".join(" " if char.isspace() else char for char in text if unicodedata.category(char) not in {"Cf", "Co", "Cs"})
    return " ".join("".join(char for char in kept if unicodedata.category(char) != "Cc").split())


def clean_zone(name: str | None) -> str:
    """An IANA time zone: the given one when it is known, else "UTC"."""
    if not name or len(name) > 64 or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}", name):  # noqa: PLR2004 - above the longest IANA name
        return "UTC"
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


@cache
def listed_zones() -> tuple[str, ...]:
    """The zones that are named by a place ("Europe/London"), and UTC: what a person is offered. Others of `clean_zone` are taken, too."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    return tuple(sorted(name for name in available_timezones() if name.partition("/")[0] in areas or name == "UTC"))


def password_core(plain: str) -> str:
    """What is left of a password without the usual disguises: case, digits for letters, and what stands around the word."""
    folded = unicodedata.normalize("NFKC", plain).casefold()
    return _EDGES.sub("", folded).translate(_LEET)


def is_text(value: str) -> bool:
    """False for what cannot be written in UTF-8 (lone surrogates) or holds a NUL."""
    return "\0" not in value and value.encode("utf-8", "replace").decode() == value


def weakness(plain: str, email: str, common: frozenset[str]) -> str | None:
    """Why a password will not do, in words for its field, or None. `common` holds well-known passwords, case folded."""
    folded = unicodedata.normalize("NFKC", plain).casefold()
    if len(plain) < MIN_PASSWORD:
        return f"Must have at least {MIN_PASSWORD} characters; yours has {len(plain)}."
    if not is_text(plain):
        return "Must be text."
    if len(plain) > MAX_PASSWORD:
        return f"Must have at most {MAX_PASSWORD} characters."
    if len(set(folded)) <= 3:  # noqa: PLR2004 - "aaaaaaaaaa", "abababababab"
        return "Must have more different characters."
    if folded in common or password_core(plain) in common:
        return "Is on the list of the most common passwords. Choose another one, four random words for example."
    return "Must not contain your email address." if _repeats_address(folded, email) else None


def _repeats_address(folded: str, email: str) -> bool:
    key = email_key(email)
    local = key.partition("@")[0]
    return bool(key) and (folded == key or (len(local) >= 5 and local in folded and len(folded) - len(local) <= 4))  # noqa: PLR2004 - a name with up to four signs more


def expires_at(*, created: datetime, seen: datetime, idle: timedelta, absolute: timedelta) -> datetime:
    """When a session ends by itself: `idle` after it was last seen, at most `absolute` after it began."""
    return min(seen + idle, created + absolute)


def is_due_to_slide(*, seen: datetime, now: datetime) -> bool:
    """True when the session's idle expiry should be written anew."""
    return now - seen >= SLIDE_EVERY
