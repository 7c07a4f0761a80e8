"""Numbers, ranges and times as a person reads them (British spelling, 24 hours, the zone named). Pure."""

from datetime import datetime, timedelta

from credit_studio.core import moments
from credit_studio.core.money import Money

zone, short_zone, day, moment = moments.zone, moments.short_zone, moments.day, moments.moment
"""As everywhere in the studio: mails say times, too."""

NARROW = "\u00a0"
"""The no-break space between a number and its unit."""

MINUS = "\u2212"
_MINOR = {"GBP": "p", "EUR": "c", "USD": "c"}
_DAY_MIN = 24 * 60
_TENTH_MS = 100
_SECOND_MS = 1000
_SOON = timedelta(days=2)


def zone_label(name: str, at: datetime) -> str:
    """The zone with its abbreviation: "Europe/London (GMT)"; "UTC" for itself."""
    short = short_zone(name, at)
    return name if name == short else f"{name} ({short})"


def number(value: int) -> str:
    """A whole number with comma groups and a real minus sign (U+2212)."""
    return f"{value:,}".replace("-", MINUS)


def credits_of(value: int) -> str:
    """A number with its word: "1 credit", "1,834 credits"."""
    return f"{number(value)} credit{'' if abs(value) == 1 else 's'}"


def signed(value: int) -> str:
    """A movement: with "+" when credits came in, with a minus sign when they were spent, "0" when nothing moved."""
    return f"+{number(value)}" if value > 0 else number(value)


def span(least: int, most: int) -> str:
    """A range in figures, with an en dash; one figure when both ends are the same."""
    return number(least) if least == most else f"{number(least)}–{number(most)}"  # noqa: RUF001 - an en dash is how a range is written


def raw(value: float) -> str:
    """An unrounded sum of credits with its two decimals."""
    return f"{value:,.2f}".replace("-", MINUS)


def seconds(ms: float) -> str:
    """A duration with its unit: "55 ms" below a tenth of a second, "0.39 s" below one, "3.4 s" above."""
    if ms < _TENTH_MS:
        return f"{ms:.0f}{NARROW}ms"
    return f"{ms / 1000:.2f}{NARROW}s" if ms < _SECOND_MS else f"{ms / 1000:.1f}{NARROW}s"


def gigabyte_seconds(mem_mb: float, duration_ms: float) -> str:
    """Memory over time with its unit, 1,024 MB to the GB: "0.54 GB s", two figures that count when it is small."""
    value = mem_mb / 1024 * duration_ms / 1000
    shown = f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"  # noqa: PLR2004 - below a tenth, two figures that count
    return f"{shown}{NARROW}GB{NARROW}s"


def share(part: float, whole: float) -> int:
    """Whole per cent of `whole`, from 0 to 100; 100 only when it is reached."""
    if whole <= 0:
        return 100
    return min(100, int(part * 100 / whole))


def clock(at: datetime, zone_name: str, *, now: datetime) -> str:
    """Today as "14:31", other days as "18 Nov, 08:55"; the zone stands in the head of the table."""
    local = at.astimezone(zone(zone_name))
    if local.date() == now.astimezone(zone(zone_name)).date():
        return f"{local:%H:%M}"
    year = "" if local.year == now.astimezone(zone(zone_name)).year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def tenths(at: datetime, zone_name: str) -> str:
    """The time "14:02:07.1" in that zone."""
    local = at.astimezone(zone(zone_name))
    return f"{local:%H:%M:%S}.{local.microsecond // 100_000}"


def lasting(gap: timedelta) -> str:
    """A duration: "9 h 28 min", "28 min", "3 days"; at least a minute."""
    minutes = max(1, int(gap.total_seconds() + 59) // 60)
    if minutes >= 2 * _DAY_MIN:
        return f"{round(minutes / _DAY_MIN)} days"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NARROW}min"
    return f"{hours}{NARROW}h" + (f" {rest}{NARROW}min" if rest else "")


def reset_at(at: datetime | None, zone_name: str, *, now: datetime) -> str:
    """When a limit opens again, without the verb: "at 00:00 GMT, in 9 h 28 min" or "on 1 Dec, 00:00 GMT"; empty for a limit without a window."""
    if at is None:
        return ""
    local, short = at.astimezone(zone(zone_name)), short_zone(zone_name, at)
    if at - now < _SOON:
        return f"at {local:%H:%M} {short}, in {lasting(at - now)}"
    return f"on {local.day} {local:%b}, {local:%H:%M} {short}"


def offered(price: Money) -> str:
    """A price as it is offered: "£25", "£12.50"; without the part that is nothing."""
    return price.said.replace("-", MINUS).removesuffix(".00")


def unit_price(minor: float, currency: str) -> str:
    """The price of one credit in minor units: "1.79 p" for GBP."""
    return f"{minor:.2f}{NARROW}{_MINOR.get(currency, f'hundredths of {currency}')}"
