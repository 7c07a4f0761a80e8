"""A month's statement on paper."""

from datetime import datetime
from pathlib import Path

from credit_studio.history.views import Statement
from credit_studio.paper.sheet import MUTED, Sheet

_MINUS = "\u2212"
_LINES = (
    ("Granted by the plan, codes and gifts", "granted", 1),
    ("Bought", "bought", 1),
    ("Used by runs", "used", -1),
    ("Expired", "expired", -1),
    ("Refunded", "refunded", 1),
    ("Adjusted, and sent to somebody", "adjusted", 1),
)


def draw(told: Statement, *, holder: tuple[str, str], at: datetime, font: Path | None = None) -> bytes:
    """The PDF of a statement for its holder (name and address of mail), made at an instant; `font` has what ours lacks."""
    year, month = (int(part) for part in told.month.split("-"))
    sheet = Sheet(title=f"Statement {told.month}", author="Credit Studio", at=at, font=font)
    sheet.say("Statement of credits", size=20, bold=True, high=11)
    sheet.say(f"{datetime(year, month, 1, tzinfo=at.tzinfo):%B %Y}, times in {told.time_zone}", tone=MUTED)
    sheet.gap(6)
    for line in dict.fromkeys(part for part in holder if part):
        sheet.say(line)
    sheet.gap(8)
    _figures(sheet, told)
    _foot(sheet, at)
    return sheet.printed()


def _figures(sheet: Sheet, told: Statement) -> None:
    sheet.row("What", "Credits", tone=MUTED)
    sheet.rule()
    sheet.row("Opening balance", _number(told.opening), bold=True)
    sheet.rule()
    for words, name, sign in _LINES:
        sheet.row(words, _signed(sign * getattr(told, name)))
    sheet.rule()
    sheet.row("Closing balance", _number(told.closing), bold=True)
    sheet.double_rule()
    sheet.gap(8)


def _foot(sheet: Sheet, at: datetime) -> None:
    said = "Credits are whole numbers. What is owed counts against the balance; what running jobs hold is still in it."
    sheet.say(said, tone=MUTED, size=9)
    sheet.say(f"As the book stood on {at.day} {at:%B %Y, %H:%M} {at.tzname()}.", tone=MUTED, size=9)


def _number(value: int) -> str:
    return f"{value:,}".replace("-", _MINUS)


def _signed(value: int) -> str:
    return f"+{_number(value)}" if value > 0 else _number(value)
