"""`/api/credits`: what you have and had, where it is heading, and the proof of it. What moved is in `moves.py`."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from credit_studio.analytics import service as analytics
from credit_studio.api import auth
from credit_studio.api.credit_bodies import (
    AlertOut,
    BalanceReply,
    CapOut,
    ForecastReply,
    GrantOut,
    PastBalanceReply,
    PlanOut,
    ProofReply,
    UsageWindows,
    WindowOut,
)
from credit_studio.api.instants import Instant
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.api.streaming import ATTACHED, attachment, streamed
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


@router.get("/forecast", summary="Where your balance is heading", responses=refusals("sign_in_required", "invalid_inputs"))
async def forecast(
    person: auth.SignedIn, days: Annotated[int, Query(ge=1, le=analytics.LONGEST_DAYS, description="how many days of your time zone, tomorrow first")] = 30
) -> ForecastReply:
    """From what is booked (the ends of your credits, the plan's renewals) and your use of the last 28 days; caps are not looked at."""
    async with transaction() as tx:
        return ForecastReply.model_validate(await analytics.forecast(tx, person=person, days=days))


@router.get(
    "/proof",
    summary="Your ledger, to be checked offline",
    response_class=StreamingResponse,
    responses={200: {"model": ProofReply, "description": "The chain of entries, as a file.", "headers": ATTACHED}, **refusals("sign_in_required")},
)
async def proof(person: auth.SignedIn) -> StreamingResponse:
    """Every entry with its transfers and fingerprints, in order. `python -m credit_studio verify FILE` checks it without the studio."""
    parts = proofs.proof(owner_id=person.id)
    first = await anext(parts)
    name = f"credit-studio-ledger-{clock.now():%Y-%m-%d}.json"
    return StreamingResponse(streamed(first, parts), media_type="application/json", headers=attachment(name))


def _window(caps: tuple[CapState, ...], window: str) -> WindowOut:
    found = min((cap for cap in caps if cap.window == window), key=lambda cap: cap.limit - cap.used, default=None)
    if found is None:
        return WindowOut(used=0, cap=None, resets_at=None)
    return WindowOut(used=found.used, cap=found.limit, resets_at=found.resets_at)
