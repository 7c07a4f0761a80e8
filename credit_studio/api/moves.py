"""`/api/credits`: what moved, as pages, as a file and as a month that adds up."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from credit_studio import settings
from credit_studio.api import auth
from credit_studio.api.credit_bodies import MovementFile, MovementList, MovementOut, StatementReply
from credit_studio.api.instants import Instant
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.api.streaming import ATTACHED, attachment, streamed
from credit_studio.core import clock, lines
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.db.session import transaction
from credit_studio.history import flow, sheets, statement_pdf
from credit_studio.history import service as history
from credit_studio.history.views import Statement
from credit_studio.identity.views import Person
from credit_studio.runs import moving

router = APIRouter(prefix="/api/credits", tags=["Credits"], route_class=PrivateRoute)
ROUTERS = (router,)

MovementType = Literal["purchase", "consumption", "refund", "allocation", "expiry", "promo", "gift", "adjustment", "not_charged"]
Since = Annotated[Instant | None, Query(alias="from", description="from this instant on")]
Until = Annotated[Instant | None, Query(alias="to", description="before this instant")]
LONGEST_TEXT = 100
_MONTH = r"^2\d{3}-(0[1-9]|1[0-2])$"
Month = Annotated[str, Query(description="a month of the calendar in your time zone", examples=["2026-11"], json_schema_extra={"pattern": _MONTH})]


@router.get("/transactions", summary="What moved, newest first", responses=refusals("sign_in_required", "invalid_request", "invalid_inputs"))
async def transactions(
    person: auth.SignedIn,
    types: Annotated[tuple[MovementType, ...], Query(alias="type", description="one or more; all when left out")] = (),
    tool: Annotated[str, Query(max_length=80, pattern="^[a-z0-9-]*$", description="only what runs of this tool moved")] = "",
    since: Since = None,
    until: Until = None,
    q: Annotated[str, Query(max_length=LONGEST_TEXT, description="words of the description, the reason or the tool's title")] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MovementList:
    """Amounts are signed; runs that were not charged are there with 0 and the reason.

    A search looks through so many movements at once: a page may be short, or empty, and still have a `nextCursor`. `lookedTo` then says how
    far back it came.
    """
    wanted = {"kinds": types, "tool_id": tool, "since": since, "until": until, "text": lines.one_line(q, LONGEST_TEXT)}
    async with transaction() as tx:
        page = await moving.movements(tx, person_id=person.id, **wanted, cursor=cursor, limit=limit)
    items = tuple(MovementOut.model_validate(one) for one in page.items)
    return MovementList(items=items, next_cursor=page.next_cursor, looked_to=page.looked_to)


_CSV = {"text/csv": {"schema": {"type": "string"}}}
_FILE: dict[str, Any] = {
    "model": MovementFile,
    "description": "Every movement, the oldest first.",
    "headers": ATTACHED,
    "content": {"text/csv": {"schema": {"type": "string"}}},
}


@router.get(
    "/transactions/export",
    summary="What moved, as a file",
    response_class=StreamingResponse,
    responses={200: _FILE, **refusals("sign_in_required", "invalid_inputs")},
)
async def export(
    person: auth.SignedIn, form: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv", since: Since = None, until: Until = None
) -> StreamingResponse:
    """Streamed, however long it is. Times are in your zone, which the first line of the CSV names; no cell of it is a formula."""
    parts = _csv(person, since, until) if form == "csv" else _json(person, since, until)
    name = f"credit-studio-history-{clock.now().astimezone(ZoneInfo(person.time_zone)):%Y-%m-%d}.{form}"
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    return StreamingResponse(streamed(await anext(parts), parts), media_type=kind, headers=attachment(name))


async def _csv(person: Person, since: datetime | None, until: datetime | None) -> AsyncGenerator[str]:
    yield sheets.head(person.time_zone)
    async with aclosing(flow.movements(owner_id=person.id, since=since, until=until, naming=moving.with_tools)) as parts:
        async for part in parts:
            yield sheets.rows(part, person.time_zone)


async def _json(person: Person, since: datetime | None, until: datetime | None) -> AsyncGenerator[str]:
    yield f'{{"timeZone":"{person.time_zone}","items":['
    between = ""
    async with aclosing(flow.movements(owner_id=person.id, since=since, until=until, naming=moving.with_tools)) as parts:
        async for part in parts:
            if part:
                yield between + ",\n".join(MovementOut.model_validate(one).model_dump_json(by_alias=True) for one in part)
                between = ",\n"
    yield "]}\n"


@router.get("/statement", summary="A month that adds up", responses=refusals("sign_in_required", "invalid_inputs"))
async def statement(person: auth.SignedIn, month: Month) -> StatementReply:
    """From the first of the month at midnight in your time zone; the current month as far as it has come."""
    return StatementReply.model_validate(await _statement(person, month))


_PAPER = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_PDF: dict[str, Any] = {"content": _PAPER, "description": "The statement, one page.", "headers": ATTACHED}


@router.get(
    "/statement.pdf",
    summary="A month that adds up, as PDF",
    response_class=Response,
    responses={200: _PDF, **refusals("sign_in_required", "invalid_inputs")},
)
async def statement_as_pdf(person: auth.SignedIn, month: Month) -> Response:
    """The same figures as `/statement`, to be printed and kept."""
    told, now = await _statement(person, month), clock.now().astimezone(ZoneInfo(person.time_zone))
    font = settings.get().receipt_font
    holder = (person.display_name, person.email)
    paper = await asyncio.to_thread(statement_pdf.draw, told, holder=holder, at=now, font=Path(font) if font else None)
    return Response(paper, media_type="application/pdf", headers=attachment(f"credit-studio-statement-{month}.pdf"))


async def _statement(person: Person, month: str) -> Statement:
    today = f"{clock.now().astimezone(ZoneInfo(person.time_zone)):%Y-%m}"
    if not re.fullmatch(_MONTH, month, re.ASCII) or month > today:
        raise InvalidInputs((FieldError("month", f"Must be a month like {today}, not one to come."),))
    year, number = month.split("-")
    async with transaction() as tx:
        return await history.statement(tx, owner_id=person.id, year=int(year), month=int(number), zone=person.time_zone)
