"""Instants as a person reads them: 24 hours, British spelling, the zone named."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; UTC when this machine does not know it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def short_zone(name: str, at: datetime) -> str:
    """The zone's abbreviation at that instant ("GMT"), or its offset ("UTC+03")."""
    short = at.astimezone(zone(name)).tzname() or "UTC"
    if short[:1] not in "+-":
        return short
    return f"UTC{short[:3]}:{short[3:]}" if short[3:] else f"UTC{short}"


def day(at: datetime, zone_name: str) -> str:
    """The date "20 Nov 2026" in that zone."""
    local = at.astimezone(zone(zone_name))
    return f"{local.day} {local:%b %Y}"


def moment(at: datetime, zone_name: str) -> str:
    """The instant "20 Nov 2026, 14:02 GMT" in that zone."""
    return f"{day(at, zone_name)}, {at.astimezone(zone(zone_name)):%H:%M} {short_zone(zone_name, at)}"
