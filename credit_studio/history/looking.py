"""A page of the history, quick however long the chain is: found by an index, or by looking through a bounded number of entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from credit_studio.core.errors import InvalidRequest
from credit_studio.db.session import Tx
from credit_studio.history import store
from credit_studio.history.views import Movement, Page

TYPES = {
    "plan": "allocation",
    "purchase": "purchase",
    "promo": "promo",
    "referral": "promo",
    "gift": "gift",
    "goodwill": "adjustment",
    "capture": "consumption",
    "release": "not_charged",
    "expire": "expiry",
    "refund": "refund",
    "claw_back": "refund",
    "reinstate": "refund",
    "send": "gift",
    "receive": "gift",
    "adjust": "adjustment",
}
"""What each kind of the history shows: entry kinds, or grant sources for credits that came in."""

KINDS = set(TYPES.values())
SPAN = 10_000
SPANS = 5
"""So many entries are looked through by one query, and so many times for one page: of a million, some 30 ms each."""
_BIGINT_DIGITS = 18


@dataclass(frozen=True)
class Wanted:
    """Which movements a page is to have; None and empty stand for all. `since` is in, `until` is not.

    `text` stands in the words of the entry, or it is of one of the runs `told_of`; `of_runs` are the runs that it must be of.
    """

    kinds: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    of_runs: store.OfRuns | None = None
    told_of: store.OfRuns | None = None


EVERYTHING = Wanted()


def names_of(kinds: Sequence[str]) -> tuple[str, ...]:
    """The names of entries that make these API types, all for none. Raises `InvalidRequest` for a type that there is not."""
    if unknown := set(kinds) - KINDS:
        raise InvalidRequest(f"type: {min(unknown)!r} is not a type of movement.")
    return tuple(name for name, kind in TYPES.items() if not kinds or kind in kinds)


def below(cursor: str | None) -> int | None:
    """The number that a page begins below. Raises `InvalidRequest` for a cursor that no page gave."""
    if cursor is None:
        return None
    if not cursor.isdecimal() or len(cursor) > _BIGINT_DIGITS:
        raise InvalidRequest("cursor: is not one that this list gave.")
    return int(cursor)


async def page(tx: Tx, account_id: UUID, wanted: Wanted, *, names: Sequence[str], above: int, up_to: int, limit: int) -> Page:
    """The newest `limit` wanted movements among the entries above `above` up to `up_to`."""
    if "capture" in names or wanted.text or wanted.of_runs is not None:
        rows, reached = await _search(tx, account_id, wanted, names=names, above=above, up_to=up_to, limit=limit + 1)
    else:
        rows, reached = await store.told(tx, account_id, names=names, above=above, up_to=up_to, limit=limit + 1), above
    shown = await _movements(tx, account_id, rows[:limit])
    if len(rows) > limit:
        return Page(shown, str(rows[limit - 1]["number"]))
    return Page(shown, str(reached + 1), await store.at(tx, account_id, reached + 1)) if reached > above else Page(shown, None)


async def _search(tx: Tx, account_id: UUID, wanted: Wanted, *, names: Sequence[str], above: int, up_to: int, limit: int) -> tuple[list[store.Row], int]:
    """What was found, and the number down to which was looked: `above` when there is no more."""
    where = [store.NAME.in_(names)]
    where += [store.fits(wanted.text, told_of=wanted.told_of)] if wanted.text else []
    where += [wanted.of_runs(store.ENTRY.run_id)] if wanted.of_runs is not None else []
    rows: list[store.Row] = []
    for _ in range(SPANS):
        if up_to <= above or len(rows) >= limit:
            break
        bottom = max(above, up_to - SPAN)
        rows += await store.entries_of(tx, account_id, above=bottom, up_to=up_to, where=where, limit=limit - len(rows))
        up_to = bottom
    return rows, up_to


async def _movements(tx: Tx, account_id: UUID, rows: Sequence[store.Row]) -> tuple[Movement, ...]:
    """In words, each with what was owed after it."""
    if not rows:
        return ()
    newest, oldest = rows[0]["number"], rows[-1]["number"]
    owed, changes = await store.debt_at(tx, account_id, newest), await store.debt_changes(tx, account_id, above=oldest, up_to=newest)
    owed_after = {row["number"]: owed - sum(change for number, change in changes.items() if number > row["number"]) for row in rows}
    return tuple(movement(row, owed=owed_after[row["number"]]) for row in rows)


def movement(row: store.Row, *, owed: int) -> Movement:
    """An entry as a line of the history; `owed` is what was owed after it."""
    detail = row["result"]
    kind = TYPES[detail["source"] if row["kind"] == "grant" else row["kind"]]
    return Movement(
        id=row["id"],
        at=row["at"],
        kind=kind,
        amount=row["amount"] - owed_by(row),
        balance_after=row["balance"] - owed,
        description=detail.get("label") or detail.get("note") or kind.replace("_", " ").capitalize(),
        run_id=row["run_id"],
        reason=detail.get("note") if row["kind"] == "release" else None,
    )


def owed_by(row: store.Row) -> int:
    """How an entry changed what is owed, in credits."""
    detail = row["result"]
    return detail.get("owed", 0) - detail.get("repaid", 0) - detail.get("forgiven", 0)
