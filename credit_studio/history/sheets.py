"""Movements as rows of a spreadsheet. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from credit_studio.history.views import Movement

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell of text must not begin with: a spreadsheet would work it out."""


def head(zone: str) -> str:
    """The first line, which names the zone of the times."""
    return _lines([(f"Time ({zone})", "Type", "What", "Reason", "Tool", "Run", "Credits", "Balance after")])


def rows(moves: Sequence[Movement], zone: str) -> str:
    """A line each: times as ISO 8601 with the offset of the zone, credits as plain signed numbers, and text that no spreadsheet takes for a formula."""
    return _lines(_cells(move, ZoneInfo(zone)) for move in moves)


def _cells(move: Movement, zone: ZoneInfo) -> tuple[object, ...]:
    said = (_harmless(part or "") for part in (move.description, move.reason, move.tool_id))
    return (move.at.astimezone(zone).isoformat(timespec="milliseconds"), move.kind, *said, move.run_id or "", move.amount, move.balance_after)


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _lines(cells: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(cells)
    return out.getvalue()
