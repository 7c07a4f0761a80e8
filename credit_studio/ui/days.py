"""Days as a page's date fields give them, in the account's zone. Pure."""

from datetime import UTC, date, datetime, time, timedelta

from credit_studio.ui import words

_CENTURY = 20


def parse(text: object) -> date | None:
    """The day that a date field gives ("2026-11-20") of this century, or None."""
    try:
        found = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.year // 100 == _CENTURY else None


def span(first: str, last: str, zone: str) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the first day to the end of the last one, as UTC instants; None where there is no bound."""
    since, until = parse(first), parse(last)
    return _start(since, zone) if since else None, _start(until + timedelta(days=1), zone) if until else None


def _start(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), words.zone(zone)).astimezone(UTC)
