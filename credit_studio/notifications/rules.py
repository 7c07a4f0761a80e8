"""What a person may ask to be told, and when a cap has been crossed: pure. Credits are whole, thresholds are percent."""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

THRESHOLDS = (25, 50, 75, 80, 90, 100)
DEFAULT_THRESHOLDS = (75, 90, 100)
MOST_LOW = 1_000_000
MOST_URL = 500
REACHED = 100
_NUMBER = re.compile(r"\+[1-9]\d{7,14}")

EXPIRING_WITHIN = timedelta(days=7)
"""Credits that end sooner than this are told of."""

LEASE = timedelta(minutes=2)
"""A delivery that was taken and not ended by then was cut off: it is taken again."""

_PAUSES = (timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)))
"""Between tries, as Standard Webhooks has it."""


def crossed(*, spent: int, limit: int, thresholds: Iterable[int]) -> list[int]:
    """The thresholds that `spent` of a cap has reached, ascending; none for a cap of 0, which stops everything anyway."""
    return [one for one in sorted(thresholds) if limit > 0 and spent * 100 >= limit * one]


def cap_key(*, subject: str, label: str, start: datetime, threshold: int) -> str:
    """What an alert about a cap is about: this window, this threshold. A limit that is changed within the window opens no second one."""
    return f"cap:{subject}:{label}:{start.isoformat()}:{threshold}"


def next_try(now: datetime, attempts: int) -> datetime | None:
    """When a delivery that has failed so often is tried again; None when that was the last time."""
    return now + _PAUSES[attempts - 1] if 1 <= attempts <= len(_PAUSES) else None


def thresholds_fault(thresholds: Sequence[int]) -> str:
    """Why these are no thresholds; empty when they are."""
    known = all(type(one) is int and one in THRESHOLDS for one in thresholds) and len(set(thresholds)) == len(thresholds)
    return "" if known else f"Must be some of {', '.join(str(one) for one in THRESHOLDS)} per cent, each once."


def low_fault(low: int | None) -> str:
    """Why this is no balance to warn at; empty when it is."""
    return "" if low is None or (type(low) is int and 1 <= low <= MOST_LOW) else f"Must be from 1 to {MOST_LOW:,} credits, or empty."


def number_fault(number: str) -> str:
    """Why this is no telephone number; empty when it is one, or none at all."""
    return "" if not number or _NUMBER.fullmatch(number) else "Must be a number with its country code, like +447700900123."


def url_fault(url: str, *, may_be_private: bool) -> str:
    """Why nothing may be sent to this address; empty when it may, or when there is none. Names are looked up only when something is sent."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "Must be an address, like https://example.com/credits."
    if len(url) > MOST_URL or not url.isascii() or any(sign <= " " for sign in url):
        return f"Must be an address of at most {MOST_URL} plain characters."
    schemes = ("https", "http") if may_be_private else ("https",)
    if parts.scheme not in schemes or not host or port == 0:
        return "Must begin with https://."
    if parts.username is not None or parts.password is not None or parts.fragment:
        return "Must have no name, password or #part in it."
    return "" if may_be_private or not _is_private_name(host) else "Must be reachable from the internet: this is a private address."


def is_public(address: str) -> bool:
    """True for an IP address of the internet: not private, loopback, link-local, shared, reserved, multicast, nor one of those inside IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _translated(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a NAT64 gateway would reach, which has its own range."""
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in ipaddress.IPv6Network("64:ff9b::/96") else None


def _is_private_name(host: str) -> bool:
    """True for a literal address that is not public, and for names that never leave a network."""
    bare = host.rstrip(".").lower()
    try:
        ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return "." not in bare or bare.endswith((".localhost", ".local", ".internal", ".home.arpa"))
    return not is_public(bare)
