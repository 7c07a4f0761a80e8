"""Figures in words, as cards, charts and the report say them."""

from collections.abc import Sequence

from credit_studio.tools.cyber.operations.indicators import Reading
from credit_studio.tools.cyber.operations.outcome import SO_FAR, OpenItem, Outcome

_NAMED = 5
NOUNS = {"incidents": ("incident", "incidents"), "vulnerabilities": ("vulnerability", "vulnerabilities")}
_NBSP = "\u00a0"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 incident", "3 incidents"; `many` where an s does not do."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def first_month(outcome: Outcome) -> str:
    """The month with which the window begins: "Nov 2026"."""
    return outcome.months[0].removesuffix(SO_FAR)


def number_text(value: float) -> str:
    """One decimal under 100, none above, no trailing zero: 4.2, 18, 1,250."""
    return f"{value:,.{0 if abs(value) >= 100 else 1}f}".removesuffix(".0")  # noqa: PLR2004 - three digits are enough


def hours_text(hours: float) -> str:
    """A time in the unit that suits it: 42 min, 5.3 h, 3.1 days."""
    if hours < 1:
        return f"{round(hours * 60)}{_NBSP}min"
    return f"{number_text(hours)}{_NBSP}h" if hours < 72 else f"{number_text(hours / 24)}{_NBSP}days"  # noqa: PLR2004 - three days


def percent_text(share: float) -> str:
    """A share of 1 in per cent, one decimal at most; never rounded up to 100."""
    return f"{number_text(min(share * 100, 99.9) if share < 1 else 100)}{_NBSP}%"


def figure_text(value: float, unit: str) -> str:
    """A figure with its unit: 4.2 h, 93.3 %, 12."""
    if unit == "h" and 0 < value < 1:
        return hours_text(value)
    return f"{number_text(value)}{_NBSP}{unit}" if unit else number_text(value)


def beyond(one: Reading) -> str:
    """Where an indicator turns red: "above 72 h", "below 85 %"."""
    return f"{'below' if one.is_more_better else 'above'} {figure_text(one.red, one.unit)}"


def reading_text(one: Reading) -> str:
    """What an indicator says: "Median time to resolve: 52 h, after a mean of 40 h in the months before"."""
    if one.latest is None:
        return f"{one.title}: no figure in the latest month"
    before = f", after a mean of {figure_text(one.before, one.unit)} in the months before" if one.before is not None else ""
    return f"{one.title}: {figure_text(one.latest, one.unit)}{before}"


def ids_text(items: Sequence[OpenItem], total: int) -> str:
    """The first five by their ids, or their lines where they have none, and how many more of the total there are."""
    named = [(f"{one.id} on {one.asset}" if one.asset else one.id) or f"line {one.line:,}" for one in items[:_NAMED]]
    more = total - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")
