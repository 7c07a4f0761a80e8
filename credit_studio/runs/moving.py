"""The history of credits with the tools of its runs, which the book does not know: by tool, by a tool's title, and each line with its tool."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from credit_studio.db.session import Tx
from credit_studio.history import service as history
from credit_studio.history.looking import Wanted
from credit_studio.history.views import Movement, Page
from credit_studio.runs import store
from credit_studio.tools import registry


async def movements(
    tx: Tx,
    *,
    person_id: UUID,
    kinds: Sequence[str] = (),
    tool_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    text: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """A page of the person's movements, newest first: of one tool's runs, with `text` in their words or their tool's title. Raises as `history`."""
    titled = [tool.id for tool in registry.all_tools() if text.casefold() in tool.title.casefold()] if text else []
    wanted = Wanted(
        kinds=kinds,
        since=since,
        until=until,
        text=text,
        of_runs=store.of_tools(person_id, [tool_id]) if tool_id else None,
        told_of=store.of_tools(person_id, titled) if titled else None,
    )
    page = await history.movements(tx, owner_id=person_id, wanted=wanted, cursor=cursor, limit=limit)
    return replace(page, items=await with_tools(tx, page.items))


async def with_tools(tx: Tx, moves: Sequence[Movement]) -> tuple[Movement, ...]:
    """The same movements, each of a run with its tool."""
    tools = await store.tools_by_run(tx, [move.run_id for move in moves if move.run_id is not None])
    return tuple(replace(move, tool_id=tools.get(move.run_id)) if move.run_id is not None else move for move in moves)
