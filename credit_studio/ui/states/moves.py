"""Movements of credits in words: for the overview and the history."""

from dataclasses import dataclass
from datetime import datetime

from credit_studio.history.views import Movement
from credit_studio.tools.registry import find_tool
from credit_studio.ui import words


@dataclass(frozen=True)
class Line:
    """One movement: `tone` is "good" for credits that came in; `note` says what kind it is."""

    ident: str
    at: str
    what: str
    href: str
    kind: str
    note: str
    amount: str
    tone: str
    after: str


def line_of(move: Movement, zone: str, *, now: datetime) -> Line:
    """A movement of a run is known by its tool; any other by its own words."""
    tool = find_tool(move.tool_id) if move.tool_id else None
    own = move.description if move.reason is None else "Run"
    said = move.reason or ("" if tool is None or move.description == tool.title else move.description)
    return Line(
        ident=str(move.id),
        at=words.clock(move.at, zone, now=now),
        what=own if tool is None else tool.title,
        href=f"/runs/{move.run_id}/" if move.run_id else "",
        kind=move.kind,
        note=said,
        amount=words.signed(move.amount),
        tone="good" if move.amount > 0 else "",
        after=words.number(move.balance_after),
    )
