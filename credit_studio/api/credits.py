"""`/api/credits`: what you have and had, what moved, and the proof of it."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from credit_studio.analytics import service as analytics
from credit_studio.api import auth
from credit_studio.api.credit_bodies import (
    AlertOut,
    BalanceReply,
    CapOut,
    ForecastReply,
    GrantOut,
    MovementList,
    MovementOut,
    PastBalanceReply,
    PlanOut,
    ProofReply,
    StatementReply,
    UsageWindows,
    WindowOut,
)
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.core import clock
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.db.session import transaction
from credit_studio.engine import gate
from credit_studio.engine.views import CapState
from credit_studio.history import flow as proofs
from credit_studio.history import service as history
from credit_studio.identity.views import Person
from credit_studio.ledger import service as ledger
from credit_studio.payments import cards
from credit_studio.payments.flow import BILLING
from credit_studio.payments.views import SavedCard
from credit_studio.subscriptions import service as subscriptions

router = APIRouter(prefix="/api/credits", tags=["Credits"], route_class=PrivateRoute)
ROUTERS = (router,)

MovementType = Literal["purchase", "consumption", "refund", "allocation", "expiry", "promo", "gift", "adjustment", "not_charged"]


def _plus(value: object) -> object:
    """A "+" that was not encoded in a query is a space by now."""
    return value.replace(" ", "+") if isinstance(value, str) and "T" in value else value


def _utc(value: datetime) -> datetime:
    """The instant in UTC; one at an end of the calendar may have no such spelling."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("instant", "Must be a time of the years 1 to 9999 in UTC.") from None


Instant = Annotated[AwareDatetime, BeforeValidator(_plus), AfterValidator(_utc)]


_MONTH = r"^2\d{3}-(0[1-9]|1[0-2])$"


@router.get("/balance", summary="Your credits now, or at a past instant", responses=refusals("sign_in_required", "invalid_inputs"))
async def balance(
    person: auth.SignedIn, at: Annotated[Instant | None, Query(description="a past instant; now when left out")] = None
) -> BalanceReply | PastBalanceReply:
    """Grants are in burn order; `usage` names, for the day and the month, the cap that would stop first.

    With `at`, the balance after every entry up to that instant, without plan, usage and caps.
    """
    if at is not None:
        return await _balance_at(person, at)
    async with transaction() as tx:
        book = await ledger.balance(tx, owner_id=person.id)
        plan = await subscriptions.plan_of(tx, person_id=person.id)
        caps = await gate.cap_states(tx, person_id=person.id)
        card = await cards.saved_card(tx, person_id=person.id)
    return BalanceReply(
        available=book.available,
        held=book.held,
        total=book.total,
        debt=book.debt,
        version=book.version,
        plan=PlanOut.model_validate(plan),
        usage=UsageWindows(daily=_window(caps, "day"), monthly=_window(caps, "month")),
        caps=tuple(CapOut.model_validate(cap) for cap in caps),
        grants=tuple(GrantOut.model_validate(grant) for grant in book.grants),
        alerts=_alerts(card),
        time_zone=person.time_zone,
    )


def _alerts(card: SavedCard | None) -> tuple[AlertOut, ...]:
    """The saved card, when its bank will not take it any more."""
    if card is None or not card.trouble:
        return ()
    return (AlertOut(kind="card_failed", message=f"{card.trouble} It ends in {card.last4}.", action=card.action, url=BILLING),)


async def _balance_at(person: Person, at: Instant) -> PastBalanceReply:
    if at > clock.now():
        raise InvalidInputs((FieldError("at", "Must not lie in the future."),))
    async with transaction() as tx:
        then = await history.balance(tx, owner_id=person.id, at=at)
    grants = tuple(GrantOut.model_validate(grant) for grant in then.grants)
    totals = {"available": then.available, "held": then.held, "total": then.total, "debt": then.debt, "version": then.version}
    return PastBalanceReply(at=at, grants=grants, time_zone=person.time_zone, **totals)


@router.get("/statement", summary="A month that adds up", responses=refusals("sign_in_required", "invalid_inputs"))
async def statement(
    person: auth.SignedIn,
    month: Annotated[str, Query(description="a month of the calendar in your time zone", examples=["2026-11"], json_schema_extra={"pattern": _MONTH})],
) -> StatementReply:
    """From the first of the month at midnight in your time zone; the current month as far as it has come."""
    today = f"{clock.now().astimezone(ZoneInfo(person.time_zone)):%Y-%m}"
    if not re.fullmatch(_MONTH, month, re.ASCII) or month > today:
        raise InvalidInputs((FieldError("month", f"Must be a month like {today}, not one to come."),))
    year, number = month.split("-")
    async with transaction() as tx:
        told = await history.statement(tx, owner_id=person.id, year=int(year), month=int(number), zone=person.time_zone)
    return StatementReply.model_validate(told)


@router.get("/forecast", summary="Where your balance is heading", responses=refusals("sign_in_required", "invalid_inputs"))
async def forecast(
    person: auth.SignedIn, days: Annotated[int, Query(ge=1, le=analytics.LONGEST_DAYS, description="how many days of your time zone, tomorrow first")] = 30
) -> ForecastReply:
    """From what is booked (the ends of your credits, the plan's renewals) and your use of the last 28 days; caps are not looked at."""
    async with transaction() as tx:
        return ForecastReply.model_validate(await analytics.forecast(tx, person=person, days=days))


_ATTACHED = {"Content-Disposition": {"description": "the name to save it under", "schema": {"type": "string"}}}


@router.get(
    "/proof",
    summary="Your ledger, to be checked offline",
    response_class=StreamingResponse,
    responses={200: {"model": ProofReply, "description": "The chain of entries, as a file.", "headers": _ATTACHED}, **refusals("sign_in_required")},
)
async def proof(person: auth.SignedIn) -> StreamingResponse:
    """Every entry with its transfers and fingerprints, in order. `python -m credit_studio verify FILE` checks it without the studio."""
    parts = proofs.proof(owner_id=person.id)
    first = await anext(parts)
    name = f"credit-studio-ledger-{clock.now():%Y-%m-%d}.json"
    return StreamingResponse(_after(first, parts), media_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'})


async def _after(first: str, parts: AsyncGenerator[str]) -> AsyncIterator[str]:
    """The first part was read before the reply began, so that a refusal can still be one."""
    async with aclosing(parts):
        yield first
        async for part in parts:
            yield part


@router.get("/transactions", summary="What moved, newest first", responses=refusals("sign_in_required", "invalid_request", "invalid_inputs"))
async def transactions(
    person: auth.SignedIn,
    types: Annotated[tuple[MovementType, ...], Query(alias="type", description="one or more; all when left out")] = (),
    since: Annotated[Instant | None, Query(alias="from", description="from this instant on")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="before this instant")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> MovementList:
    """Amounts are signed; runs that were not charged are there with 0 and the reason."""
    async with transaction() as tx:
        page = await history.movements(tx, owner_id=person.id, kinds=types, since=since, until=until, cursor=cursor, limit=limit)
    return MovementList(items=tuple(MovementOut.model_validate(one) for one in page.items), next_cursor=page.next_cursor)


def _window(caps: tuple[CapState, ...], window: str) -> WindowOut:
    found = min((cap for cap in caps if cap.window == window), key=lambda cap: cap.limit - cap.used, default=None)
    if found is None:
        return WindowOut(used=0, cap=None, resets_at=None)
    return WindowOut(used=found.used, cap=found.limit, resets_at=found.resets_at)
