"""Reading what a form of a page sends: anybody may send anything."""

from datetime import UTC, date, datetime, time, timedelta


def said(form: object, name: str) -> str:
    """The text of a field; "" for what is none."""
    value = form.get(name) if isinstance(form, dict) else None
    return value[:2_000] if isinstance(value, str) else ""


def whole(form: object, name: str) -> int | None:
    """The whole number of a field, comma groups allowed; None for what is none, and for nothing."""
    text = said(form, name).strip().replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None  # noqa: PLR2004 - far above any amount


def end_of_day(form: object, name: str) -> datetime | None:
    """The end of the day of a date field, in UTC; None for what is none, and for nothing."""
    try:
        day = date.fromisoformat(said(form, name))
    except ValueError:
        return None
    return datetime.combine(day, time(), UTC) + timedelta(days=1) if day.year // 100 == 20 else None  # noqa: PLR2004 - this century
