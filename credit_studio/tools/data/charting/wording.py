"""Figures in words and short forms, the same in the page and in the standalone file."""

_NBSP = "\u00a0"
_BEFORE = frozenset("£$€¥")
_MINUS = "\u2212"


def plural(number: int, one: str) -> str:
    """A number with its noun: "1 row", "1,204 rows"."""
    return f"{number:,} {one if number == 1 else f'{one}s'}"


def number_text(value: float) -> str:
    """Enough digits to tell figures apart: 338,222 and 12.35 and 0.0525."""
    size = abs(value)
    digits = 0 if size >= 1_000 or value == int(value) else 1 if size >= 100 else 2 if size >= 1 else 4  # noqa: PLR2004 - sizes
    text = f"{size:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{_MINUS}{text}" if value < 0 and text != "0" else text


def name_text(value: float) -> str:
    """A number that names something, such as a year: without comma groups."""
    return number_text(value).replace(",", "") if abs(value) < 1_000_000 else number_text(value)  # noqa: PLR2004 - longer ones cannot be read without


def figure_text(value: float, unit: str) -> str:
    """A figure with its unit: £1,240 or 12 kg; a minus sign stands before the £."""
    if unit and unit[0] in _BEFORE:
        text = number_text(value) if abs(value) >= 1_000 or value == int(value) else f"{value:,.2f}".replace("-", _MINUS)  # noqa: PLR2004 - pence matter below
        return f"{_MINUS}{unit}{text[1:]}" if text.startswith(_MINUS) else f"{unit}{text}"
    return f"{number_text(value)}{_NBSP}{unit}" if unit else number_text(value)


def short_text(value: float) -> str:
    """A figure on an axis: 1.5k, 20m."""
    size = abs(value)
    by, mark = next(((by, mark) for by, mark in ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e4, "k")) if size >= by), (1.0, ""))
    return number_text(value / (1e3 if mark == "k" else by)) + mark
