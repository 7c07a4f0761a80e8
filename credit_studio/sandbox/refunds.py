"""Refunds: money back for a charge, whole or in parts, by the API or from the sandbox's own page."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from credit_studio.sandbox import balance
from credit_studio.sandbox.control import Asking, asked_for
from credit_studio.sandbox.errors import ApiError, Body, invalid, refused
from credit_studio.sandbox.fields import metadata
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.page import money
from credit_studio.sandbox.payment_methods import card_of
from credit_studio.sandbox.routes import page, route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World, as_time_passes

LATER_S = 5
"""Seconds of the sandbox's clock until a refund that pends or fails does so."""


class Wanted(Asking):
    """Which payment to refund, and how much; all that is left when no amount is given."""

    paymentIntent: str | None = None  # noqa: N815 - the name on the wire
    charge: str | None = None
    amount: int | None = None


@route("POST", "/v1/refunds")
def create(world: World, params: Body) -> Body:
    """Give money back for a charge."""
    only(params, ("charge", "payment_intent", "amount", "reason", "metadata"))
    charge = _charge(world, params)
    return made(world, charge, params.get("amount"), reason=params.get("reason"), notes=params.get("metadata"))


def made(world: World, charge: Body, amount: int | None, *, reason: str | None = None, notes: object = None) -> Body:
    """A refund of `amount`, or of all that is left; raises `ApiError` when there is not so much."""
    wanted = _allowed(world, charge, amount)
    method = world.get("payment_method", charge["payment_method"])
    behaviour = card_of(world, method).refund
    refund = _new(world, charge, wanted, reason) | {"metadata": metadata(notes), "status": "pending" if behaviour == "pends" else "succeeded"}
    world.add(refund, due=None if behaviour == "succeeds" else world.now(charge["customer"]) + LATER_S, then="succeeded" if behaviour == "pends" else "failed")
    _book(world, refund, -wanted)
    world.emit("refund.created", refund)
    _given_back(world, charge, wanted)
    return refund


@page("POST", "/sandbox/control/refund")
async def by_hand(world: World, request: Request) -> Response:
    """A refund as somebody makes it in Stripe's dashboard."""
    said = await asked_for(request, Wanted)
    with world.act():
        refund = made(world, _charge(world, {"payment_intent": said.paymentIntent, "charge": said.charge}), said.amount, reason="requested_by_customer")
    return JSONResponse(refund)


@as_time_passes
def settle(world: World) -> None:
    """Refunds that pended arrive, and those that cannot arrive fail."""
    for refund in world.all("refund"):
        hidden = world.hidden(refund["id"])
        if hidden.get("due") is None or hidden["due"] > world.now():
            continue
        world.hide(refund["id"], due=None)
        if hidden["then"] == "failed":
            failed(world, refund)
        else:
            world.emit("refund.updated", refund, world.change(refund, status="succeeded"))


def failed(world: World, refund: Body) -> Body:
    """The bank sent the money back: the charge counts as not refunded by that much."""
    charge = world.get("charge", refund["charge"])
    line = balance.booked(world, refund["amount"], refund["currency"], source=refund["id"], kind="refund_failure", category="refund_failure")
    before = world.change(refund, status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=line["id"])
    world.emit("refund.updated", refund, before)
    world.emit("refund.failed", refund, before)
    left = charge["amount_refunded"] - refund["amount"]
    world.emit("charge.updated", charge, world.change(charge, amount_refunded=left, refunded=False))
    return refund


@route("POST", "/v1/refunds/{refund}")
def update(world: World, params: Body, refund: str) -> Body:
    """A refund's own notes changed."""
    only(params, ("metadata",))
    found = world.get("refund", refund)
    if before := world.change(found, metadata=metadata(params.get("metadata"), found["metadata"])):
        world.emit("refund.updated", found, before)
    return found


@route("GET", "/v1/refunds/{refund}")
def retrieve(world: World, params: Body, refund: str) -> Body:
    """One refund."""
    return world.get("refund", refund)


@route("GET", "/v1/refunds")
def list_(world: World, params: Body) -> Body:
    """Refunds, newest first."""
    return listed(world, "refund", params, {name: params.get(name) for name in ("charge", "payment_intent")})


def _charge(world: World, params: Body) -> Body:
    if params.get("charge"):
        charge = world.get("charge", params["charge"], "charge")
        if params.get("payment_intent") not in (None, charge["payment_intent"]):
            raise refused("The charge does not belong to that PaymentIntent.", param="payment_intent")
        return charge
    if not params.get("payment_intent"):
        raise invalid("One of the following params should be provided for this request: payment_intent or charge.", code="parameter_missing")
    intent = world.get("payment_intent", params["payment_intent"], "payment_intent")
    charge = world.find("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "succeeded":
        raise refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", param="payment_intent")
    return charge


def _allowed(world: World, charge: Body, amount: int | None) -> int:
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise refused(f"Charge {charge['id']} was not paid: there is nothing to refund.", param="charge")
    if any(dispute["status"] != "won" for dispute in world.all("dispute", {"charge": charge["id"]})):
        raise refused(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise refused(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    wanted = left if amount is None else amount
    if wanted < 1:
        raise invalid("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    if wanted > left:
        raise _too_much(charge, wanted, left)
    return wanted


def _too_much(charge: Body, wanted: int, left: int) -> ApiError:
    asked, rest = money(wanted, charge["currency"]), money(left, charge["currency"])
    return refused(f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})", param="amount", code="amount_too_large")


def _given_back(world: World, charge: Body, amount: int) -> None:
    total = charge["amount_refunded"] + amount
    before = world.change(charge, amount_refunded=total, refunded=total == charge["amount"])
    world.emit("charge.refunded", charge, before)


def _book(world: World, refund: Body, amount: int) -> None:
    line = balance.booked(world, amount, refund["currency"], source=refund["id"], kind="refund", category="refund")
    world.change(refund, balance_transaction=line["id"])


def _new(world: World, charge: Body, amount: int, reason: str | None) -> Body:
    return {
        "id": world.new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": world.now(charge["customer"]),
        "currency": charge["currency"],
        "destination_details": {"type": "card", "card": {"reference": None, "reference_status": "pending", "type": "refund"}},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "transfer_reversal": None,
    }
