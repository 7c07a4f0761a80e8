"""Dunning: when a renewal that failed is tried again, and what becomes of the plan after the last try."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from credit_studio.sandbox.control import asked_for
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.routes import page
from credit_studio.sandbox.world import World

_DAY_S = 86_400


class Dunning(BaseModel):
    """Days from one failed try to the next, and the end of it, as Stripe's dashboard sets them."""

    model_config = ConfigDict(extra="forbid")
    retryDays: list[Annotated[int, Field(ge=1, le=60)]] = Field(default=[3, 5, 7], max_length=8)  # noqa: N815 - the name on the wire
    then: Literal["cancel", "unpaid", "past_due"] = "cancel"


def dunning(world: World) -> Dunning:
    """How it is set."""
    return Dunning.model_validate(world.store.value("dunning", {}))


@page("POST", "/sandbox/control/dunning")
async def set_dunning(world: World, request: Request) -> Response:
    """Set it: `{"retryDays": [3, 5, 7], "then": "cancel"}`."""
    said = await asked_for(request, Dunning)
    with world.act():
        world.store.set_value("dunning", said.model_dump())
    return JSONResponse(said.model_dump())


def next_try(world: World, invoice: Body) -> int | None:
    """When a failed invoice is tried again, None after the last try; a first payment is never tried again by itself.

    A try before its time (somebody paid by hand) leaves the plan of tries as it is.
    """
    now = world.now(invoice["customer"])
    if invoice["next_payment_attempt"] and now < invoice["next_payment_attempt"]:
        return invoice["next_payment_attempt"]
    if invoice["billing_reason"] == "subscription_create":
        return None
    days, done = dunning(world).retryDays, world.hidden(invoice["id"]).get("retries", 0)
    world.hide(invoice["id"], retries=done + 1)
    return now + days[done] * _DAY_S if done < len(days) else None
