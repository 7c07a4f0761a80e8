"""Counting usage in the transaction that settles it, and what it lets expect."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from credit_studio.analytics import rules, spans, store
from credit_studio.analytics.rules import Course, Lot
from credit_studio.analytics.views import Booking, Counted, Forecast, Outlook, Projection, Stood
from credit_studio.core import clock
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.db.session import Tx
from credit_studio.history import service as history
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.ledger.terms import PLAN_SOURCE
from credit_studio.ledger.views import Balance
from credit_studio.runs.past import hours
from credit_studio.subscriptions import service as subscriptions
from credit_studio.subscriptions.views import Renewal

LONGEST_DAYS = 90
POPULAR_DAYS = 30
_DAY = timedelta(days=1)


async def count_run(tx: Tx, *, person_id: UUID, tool_id: str, at: datetime, charged: int, succeeded: bool) -> None:
    """Add one ended run to its hour (UTC); `charged` in whole credits."""
    await store.add(tx, {"person_id": person_id, "hour": _hour(at), "tool_id": tool_id, "runs": 1, "failed": int(not succeeded), "credits": charged})


async def successes(tx: Tx, *, now: datetime) -> dict[str, int]:
    """Tool id to everybody's runs with a result in the last 30 days, to the hour."""
    return await store.successes(tx, since=_hour(now) - POPULAR_DAYS * _DAY)


async def forecast(tx: Tx, *, person: Person, days: int) -> Forecast:
    """Where the person's balance is heading, for the next 1 to 90 days of their zone: tomorrow first, each as it ends.

    From the credits of now with their ends, the plan's renewals, and the use of the last 28 days. Caps are not looked at. Raises `NotFound`
    without an account.
    """
    now, zone = clock.now(), ZoneInfo(person.time_zone)
    today = now.astimezone(zone).date()
    dates = [today + timedelta(days=ahead) for ahead in range(1, days + 1)]
    ends = [datetime.combine(day + _DAY, time(), zone).astimezone(now.tzinfo) for day in dates]
    book = await ledger.balance(tx, owner_id=person.id)
    renewals = await subscriptions.renewals(tx, person_id=person.id, zone=person.time_zone, until=ends[-1])
    lots, daily = _lots(book, renewals, now), await _daily(tx, person, now)
    use = rules.use_of(daily)
    low, typical, high = (rules.course(lots, now=now, asked=ends, a_day=a_day, owed=book.debt) for a_day in (use.busy, use.usual, use.calm))
    outlooks = zip(dates, low.balances, typical.balances, high.balances, strict=True)
    return Forecast(
        days=tuple(Outlook(*one) for one in outlooks),
        bookings=_bookings(typical, renewals, zone),
        runs_out_at=None if typical.out_at is None else typical.out_at.astimezone(zone).date(),
        basis=_basis(daily, use.usual),
        time_zone=person.time_zone,
    )


async def stood(tx: Tx, *, person: Person, days: int) -> tuple[Stood, ...]:
    """What the person had as each of the last days of their zone began, today too: the oldest first, none from before the account.

    Raises `NotFound` without an account.
    """
    begun = _days(person, since=clock.now().astimezone(ZoneInfo(person.time_zone)).date() - days * _DAY)
    found = await history.totals(tx, owner_id=person.id, before=begun)
    return tuple(Stood(at, total) for at, total in zip(begun, found, strict=True) if total is not None)


async def spent_by_day(tx: Tx, *, person: Person, since: date) -> list[int]:
    """Credits that runs cost on each day of the person's zone from `since` on; today, so far, is the last."""
    begun = _days(person, since=since)
    tomorrow = spans.start_of(since + len(begun) * _DAY, ZoneInfo(person.time_zone))
    daily = [0] * len(begun)
    for one in await counted(tx, person_id=person.id, bounds=(*begun, tomorrow)):
        daily[one.slot - 1] += one.credits
    return daily


async def counted(tx: Tx, *, person_id: UUID, bounds: Sequence[datetime]) -> list[Counted]:
    """The person's use between the first and the last of rising `bounds`, by tool and slot: slot 1 goes from the first bound to the second.

    Roll-ups are by hours of UTC. Where a bound lies within one, as days do in zones with 30 or 45 minutes, that hour is told by its runs.
    Give it a snapshot, so that both tell of one instant.
    """
    edges = sorted({spans.on_the_hour(bound) for bound in bounds if bound != spans.on_the_hour(bound)})
    rows = await store.between(tx, person_id, bounds=bounds, edges=edges)
    within = [row for row in rows if row.slot >= 1]
    if len(within) == len(rows):
        return within
    split = await hours.ended_in(tx, person_id=person_id, hours=edges, bounds=bounds, runs=sum(row.runs for row in rows if row.slot < 1))
    return within + [Counted(one.slot, one.tool_id, one.runs, one.failed, one.credits) for one in split if 1 <= one.slot < len(bounds)]


async def projection(tx: Tx, *, person: Person) -> Projection:
    """The credits that the person will have spent by the end of this calendar month of their zone.

    What was spent so far, and for the days that are left the use of the last 28 days: as `forecast` carries it on (see `rules.use_of`). Its range is
    the calm and the busy weeks among them, the deciles.
    """
    now = clock.now()
    start, end = spans.month_of(now, person.time_zone)
    so_far = sum(one.credits for one in await counted(tx, person_id=person.id, bounds=(start, end)))
    daily = await _daily(tx, person, now)
    use, days = rules.use_of(daily), (end - now) / _DAY
    low, typical, high = (so_far + round(a_day * days) for a_day in (use.calm, use.usual, use.busy))
    return Projection(start, end, so_far=so_far, low=low, typical=typical, high=high, a_day=round(use.usual, 1), basis=_basis(daily, use.usual))


async def _daily(tx: Tx, person: Person, now: datetime) -> list[int]:
    """Credits used in each of the last days, the oldest first: 28, or as many as the account is old, but seven at least. A day ends with this hour."""
    age = (now - person.created_at) // _DAY + 1
    length = min(rules.WINDOW_DAYS, max(rules.SHORTEST_DAYS, age))
    daily = [0] * length
    for hour, used in await store.hours(tx, person.id, after=_hour(now) - length * _DAY):
        daily[-1 - max(0, (_hour(now) - hour) // _DAY)] += used
    return daily


def _days(person: Person, *, since: date) -> list[datetime]:
    """When each day of the person's zone began, from `since` to today."""
    zone = ZoneInfo(person.time_zone)
    length = (clock.now().astimezone(zone).date() - since).days + 1
    return [spans.start_of(since + ahead * _DAY, zone) for ahead in range(length)]


def _lots(book: Balance, renewals: Sequence[Renewal], now: datetime) -> list[Lot]:
    """What can be used, and what will: the rest of every grant, and the allotments to come. What open runs hold is left out."""
    grants = [Lot(one.remaining, one.priority, now, one.expires_at or FAR_FUTURE) for one in book.grants if one.expires_at is None or one.expires_at > now]
    return grants + [Lot(one.credits, ledger.PRIORITY[PLAN_SOURCE], one.at, one.ends) for one in renewals]


def _bookings(typical: Course, renewals: Sequence[Renewal], zone: ZoneInfo) -> tuple[Booking, ...]:
    """In order of time; where one allotment follows another, the end comes before the arrival."""
    ends = [(at, Booking(_date(at, zone), "expiry", amount)) for at, amount in typical.lapses]
    arrivals = [(one.at, Booking(_date(one.at, zone), "renewal", one.credits)) for one in renewals]
    return tuple(booking for _, booking in sorted(ends + arrivals, key=lambda one: one[0]))


def _basis(daily: Sequence[int], a_day: float) -> str:
    if any(daily):
        return f"{len(daily)} days, {a_day:,.1f} credits a day"
    return "No use yet: only booked changes are shown." if len(daily) < rules.WINDOW_DAYS else "No use in 28 days: only booked changes are shown."


def _date(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
