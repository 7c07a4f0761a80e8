"""Until when whom to tell, by law or contract, from the time of discovery.

- GDPR, Art. 33(1): 72 hours after having become aware, weekends included.
- NIS2 (Directive (EU) 2022/2555), Art. 23(4): early warning within 24 hours, notification within 72 hours, final report one month after the notification.
- DORA (Regulation (EU) 2022/2554, Art. 19; Delegated Regulation (EU) 2025/301, Art. 5): initial notification within 4 hours of classification as major and
  24 hours of awareness, intermediate report 72 hours after it, final report one month after that.
- HIPAA, 45 CFR 164.404 to 164.408: 60 calendar days after discovery; under 500 people HHS is told within 60 days of the end of the calendar year.
- SEC, Form 8-K Item 1.05: four business days after the incident is determined to be material, by 17:30 Eastern time; federal holidays are none.
- PCI DSS 12.10.1 asks for a contact plan; times are those of the brands (Visa, "What To Do If Compromised": at once, report within three business days).
"""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

_SATURDAY = 5
_HIPAA_MANY = 500


@dataclass(frozen=True)
class Deadline:
    """One duty: `due` is None where the law names no time."""

    rule: str
    what: str
    to: str
    due: datetime | None
    basis: str
    note: str


def add_month(moment: datetime) -> datetime:
    """The same day of the next month, or its last day when it is shorter."""
    year, month = (moment.year + 1, 1) if moment.month == 12 else (moment.year, moment.month + 1)  # noqa: PLR2004 - December
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def federal_holidays(year: int) -> set[date]:
    """The federal holidays of the United States (5 U.S.C. 6103) as they are observed: Friday for Saturday, Monday for Sunday."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11), date(year, 12, 25), date(year + 1, 1, 1)]
    observed = {day - timedelta(1) if day.weekday() == _SATURDAY else day + timedelta(1) if day.weekday() > _SATURDAY else day for day in fixed}
    moving = {_nth(year, 1, 0, 3), _nth(year, 2, 0, 3), _nth(year, 6, 0, 1) - timedelta(7), _nth(year, 9, 0, 1), _nth(year, 10, 0, 2), _nth(year, 11, 3, 4)}
    return observed | moving


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """The n-th given weekday (0 is Monday) of a month."""
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (number - 1))


def business_days(start: date, days: int, holidays: Callable[[int], set[date]] = federal_holidays) -> date:
    """The date so many business days after a date; the date itself does not count."""
    day = start
    while days:
        day += timedelta(1)
        if day.weekday() < _SATURDAY and day not in holidays(day.year):
            days -= 1
    return day


def eastern(day: date, at: time) -> datetime:
    """A time of day on the east coast of the United States; summer time from the second Sunday of March to the first of November."""
    is_summer = _nth(day.year, 3, 6, 2) <= day < _nth(day.year, 11, 6, 1)
    return datetime.combine(day, at, timezone(timedelta(hours=-4 if is_summer else -5)))


def deadlines(rules: list[str], discovered: datetime, people: int) -> list[Deadline]:
    """The duties under the rules chosen, the earliest first, those without a time last."""
    found = [one for rule in rules for one in _RULES[rule](discovered, people)]
    return sorted(found, key=lambda one: (one.due is None, one.due or discovered))


def _gdpr(discovered: datetime, people: int) -> Iterator[Deadline]:
    only = "" if people else " Only if personal data turns out to be concerned."
    note = f"Later only with reasons; in parts where not all is known (Art. 33(4)).{only}"
    yield Deadline("GDPR", "Notification of a personal data breach", "Data protection authority", discovered + timedelta(hours=72), "Art. 33(1)", note)
    told = f"Without undue delay where the risk to them is high.{only}"
    yield Deadline("GDPR", "Information of the people concerned", "People concerned", None, "Art. 34(1)", told)


def _nis2(discovered: datetime, _people: int) -> Iterator[Deadline]:
    notified = discovered + timedelta(hours=72)
    significant = "If the incident is significant (Art. 23(3))."
    yield Deadline("NIS2", "Early warning", "CSIRT or competent authority", discovered + timedelta(hours=24), "Art. 23(4)(a)", significant)
    yield Deadline("NIS2", "Incident notification", "CSIRT or competent authority", notified, "Art. 23(4)(b)", significant)
    last = "One month after the notification; counted from its latest time. A progress report instead while the incident lasts."
    yield Deadline("NIS2", "Final report", "CSIRT or competent authority", add_month(notified), "Art. 23(4)(d)", last)


def _dora(discovered: datetime, _people: int) -> Iterator[Deadline]:
    first = discovered + timedelta(hours=24)
    second = first + timedelta(hours=72)
    yield Deadline(
        "DORA", "Initial notification", "Financial supervisor", first, "Art. 19(4)(a)", "Within 4 hours of classification as major: this is the latest time."
    )
    yield Deadline(
        "DORA", "Intermediate report", "Financial supervisor", second, "Art. 19(4)(b)", "72 hours after the initial notification, counted from its latest time."
    )
    yield Deadline("DORA", "Final report", "Financial supervisor", add_month(second), "Art. 19(4)(c)", "One month after the intermediate report.")


def _pci(discovered: datetime, _people: int) -> Iterator[Deadline]:
    yield Deadline(
        "PCI DSS", "First call", "Acquiring bank", discovered, "Req. 12.10.1, brand rules", "At once; the bank tells the brands and may demand a PFI."
    )
    day = business_days(discovered.date(), 3, lambda _: set())
    due = datetime.combine(day, time(23, 59), discovered.tzinfo)
    yield Deadline(
        "PCI DSS", "Initial report", "Acquiring bank, Visa", due, "Visa, What To Do If Compromised", "Three business days; public holidays are not counted out."
    )


def _hipaa(discovered: datetime, people: int) -> Iterator[Deadline]:
    due = discovered + timedelta(days=60)
    yield Deadline("HIPAA", "Notice to individuals", "Individuals", due, "45 CFR 164.404", "Without unreasonable delay, at most 60 calendar days.")
    if people >= _HIPAA_MANY:
        yield Deadline("HIPAA", "Notice to HHS", "HHS, Office for Civil Rights", due, "45 CFR 164.408(b)", "500 or more individuals: with the notice to them.")
        yield Deadline(
            "HIPAA", "Notice to the media", "Prominent media outlets", due, "45 CFR 164.406", "Where more than 500 residents of one state are concerned."
        )
    else:
        year_end = datetime.combine(date(discovered.year, 12, 31), time(23, 59), discovered.tzinfo)
        yield Deadline(
            "HIPAA", "Notice to HHS", "HHS, Office for Civil Rights", year_end + timedelta(days=60), "45 CFR 164.408(c)", "Fewer than 500 individuals: yearly."
        )


def _sec(discovered: datetime, _people: int) -> Iterator[Deadline]:
    there = discovered.astimezone(eastern(discovered.date(), time(12)).tzinfo)
    due = eastern(business_days(there.date(), 4), time(17, 30)).astimezone(discovered.tzinfo)
    note = "Four business days after the incident is found material, which must be decided without unreasonable delay; here as if at discovery."
    yield Deadline("SEC", "Form 8-K, Item 1.05", "SEC, investors", due, "Form 8-K, Item 1.05", note)


_RULES: dict[str, Callable[[datetime, int], Iterator[Deadline]]] = {"gdpr": _gdpr, "nis2": _nis2, "dora": _dora, "pci": _pci, "hipaa": _hipaa, "sec": _sec}
