"""`/api/credits`: what you have, and what moved."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BeforeValidator

from credit_studio.api import auth
from credit_studio.api.credit_bodies import BalanceReply, CapOut, GrantOut, MovementList, MovementOut, PlanOut, UsageWindows, WindowOut
from credit_studio.api.openapi import refusals
from credit_studio.api.route import PrivateRoute
from credit_studio.db.session import transaction
from credit_studio.engine import gate
from credit_studio.engine.views import CapState
from credit_studio.ledger import service as ledger
from credit_studio.subscriptions import service as subscriptions

router = APIRouter(prefix="/api/credits", tags=["Credits"], route_class=PrivateRoute)
ROUTERS = (router,)

MovementType = Literal["purchase", "consumption", "refund", "allocation", "expiry", "promo", "gift", "adjustment", "not_charged"]


def _plus(value: object) -> object:
    """A "+" that was not encoded in a query is a space by now."""
    return value.replace(" ", "+") if isinstance(value, str) and "T" in value else value


Instant = Annotated[AwareDatetime, BeforeValidator(_plus)]


@router.get("/balance", summary="Your credits now", responses=refusals("sign_in_required"))
async def balance(person: auth.SignedIn) -> BalanceReply:
    """Grants are in burn order; `usage` names, for the day and the month, the cap that would stop first."""
    async with transaction() as tx:
        book = await ledger.balance(tx, owner_id=person.id)
        plan = await subscriptions.plan_of(tx, person_id=person.id)
        caps = await gate.cap_states(tx, person_id=person.id)
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
        time_zone=person.time_zone,
    )


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
        page = await ledger.history(tx, owner_id=person.id, kinds=types, since=since, until=until, cursor=cursor, limit=limit)
    return MovementList(items=tuple(MovementOut.model_validate(one) for one in page.items), next_cursor=page.next_cursor)


def _window(caps: tuple[CapState, ...], window: str) -> WindowOut:
    found = min((cap for cap in caps if cap.window == window), key=lambda cap: cap.limit - cap.used, default=None)
    if found is None:
        return WindowOut(used=0, cap=None, resets_at=None)
    return WindowOut(used=found.used, cap=found.limit, resets_at=found.resets_at)
