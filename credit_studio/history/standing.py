"""How near somebody is to what stops them, in one statement: read with every charge, so that it may be told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from credit_studio.db.session import Tx
from credit_studio.history import store


@dataclass(frozen=True)
class Window:
    """A cap's window [start, end): `spent` is what was charged in it for certain, in whole credits."""

    subject: str
    label: str
    start: datetime
    end: datetime
    limit: int
    spent: int


@dataclass(frozen=True)
class Standing:
    """A person's whole credits less what they owe (`total`), what open runs hold of them, and the windows that are open."""

    total: int
    held: int
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Ending:
    """Credits of a person that nobody has used and that end soon."""

    grant_id: UUID
    owner_id: UUID
    source: str
    credits: int
    ends_at: datetime


async def standing_of(tx: Tx, owner_id: UUID, *, now: datetime) -> Standing | None:
    """How a person stands; None without an account. What is held counts as not spent in every window: it may come back."""
    rows = await store.standing(tx, owner_id, now=now)
    if not rows:
        return None
    held = rows[0]["held"]
    return Standing(rows[0]["total"], held, tuple(_window(row, held) for row in rows if row["label"] is not None))


def _window(row: RowMapping, held: int) -> Window:
    spent = max(0, row["used"] - held)
    return Window(subject=row["subject"], label=row["label"], start=row["window_start"], end=row["window_end"], limit=row["lim"], spent=spent)


async def ending(tx: Tx, *, after: datetime, until: datetime, above: UUID | None, limit: int) -> list[Ending]:
    """Everybody's unused credits that end after one instant and until another, by grant; `above` is the last grant of the page before."""
    rows = await store.ending(tx, after=after, until=until, above=above, limit=limit)
    return [Ending(row["id"], row["owner_id"], row["source"], row["remaining"], row["expires_at"]) for row in rows]
