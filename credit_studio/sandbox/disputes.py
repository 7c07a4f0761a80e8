"""Disputes: a payer asks the bank for the money back. It goes at once, and returns when the dispute is won."""

from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from credit_studio.sandbox import balance
from credit_studio.sandbox.control import Asking, asked_for
from credit_studio.sandbox.errors import Body, invalid, refused
from credit_studio.sandbox.fields import metadata
from credit_studio.sandbox.intents import when_settled
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.payment_methods import card_of
from credit_studio.sandbox.routes import page, route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

_ANSWER_WITHIN_S = 9 * 86_400
_OPEN = frozenset({"needs_response", "under_review"})
_BY_WORD = {"winning_evidence": "won", "losing_evidence": "lost"}
_EVIDENCE = (
    *("access_activity_log", "appeal", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal"),
    *("customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature"),
    *("duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy"),
    *("refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier"),
    *("shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text"),
)


class Wanted(Asking):
    """Which charge is disputed, and how much of it; all when no amount is given."""

    charge: str
    amount: int | None = None
    reason: str = "fraudulent"


class Closing(Asking):
    """How a dispute ends."""

    status: Literal["won", "lost"]


def opened(world: World, charge: Body, amount: int | None, reason: str) -> Body:
    """A dispute over a charge: the money is taken at once, with a fee."""
    wanted = charge["amount"] if amount is None else amount
    if charge["status"] != "succeeded" or not charge["captured"]:
        raise refused(f"Charge {charge['id']} was not paid: nobody disputes it.", param="charge")
    if charge["disputed"]:
        raise refused(f"Charge {charge['id']} is disputed already.", param="charge")
    if not 0 < wanted <= charge["amount"]:
        raise invalid("A dispute is over 1 up to the amount of the charge.", param="amount")
    dispute = _new(world, charge, wanted, reason)
    world.add(dispute)
    before = world.change(charge, disputed=True)
    world.emit("charge.dispute.created", dispute)
    world.emit("charge.updated", charge, before)
    _moved(world, dispute, -wanted, fee=balance.DISPUTE_FEE)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def closed(world: World, dispute: Body, status: str) -> Body:
    """The bank has decided. Won: the money comes back. Raises `ApiError` when it had decided before."""
    if dispute["status"] not in _OPEN:
        raise refused(f"This dispute is already closed: {dispute['status']}.")
    before = world.change(dispute, status=status)
    if status == "won":
        _moved(world, dispute, dispute["amount"], fee=-balance.DISPUTE_FEE)
        world.emit("charge.dispute.funds_reinstated", dispute)
    world.emit("charge.dispute.closed", dispute, before)
    return dispute


@when_settled
def dispute_at_once(world: World, intent: Body) -> None:
    """The card that disputes whatever it pays."""
    if intent["status"] == "succeeded":
        charge = world.get("charge", intent["latest_charge"])
        if card_of(world, world.get("payment_method", charge["payment_method"])).disputed:
            opened(world, charge, None, "fraudulent")


@page("POST", "/sandbox/control/dispute")
async def by_hand(world: World, request: Request) -> Response:
    """A payer goes to the bank."""
    said = await asked_for(request, Wanted)
    with world.act():
        dispute = opened(world, world.get("charge", said.charge, "charge"), said.amount, said.reason)
    return JSONResponse(dispute)


@page("POST", "/sandbox/control/dispute/{dispute}/close")
async def close_by_hand(world: World, request: Request) -> Response:
    """The bank decides."""
    said = await asked_for(request, Closing)
    with world.act():
        dispute = closed(world, world.get("dispute", request.path_params["dispute"]), said.status)
    return JSONResponse(dispute)


@route("POST", "/v1/disputes/{dispute}")
def update(world: World, params: Body, dispute: str) -> Body:
    """Evidence given. As at Stripe, the texts `winning_evidence` and `losing_evidence` decide at once."""
    only(params, ("evidence", "metadata", "submit"))
    found = world.get("dispute", dispute)
    if found["status"] not in _OPEN:
        raise refused(f"This dispute is already closed: {found['status']}.")
    evidence = params.get("evidence") or {}
    only(evidence, _EVIDENCE, "evidence")
    details = found["evidence_details"] | {"has_evidence": bool(evidence) or found["evidence_details"]["has_evidence"]}
    status = found["status"]
    if params.get("submit", True) and evidence:
        details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
        status = "under_review"
    notes = metadata(params.get("metadata"), found["metadata"])
    before = world.change(found, evidence=found["evidence"] | evidence, evidence_details=details, status=status, metadata=notes)
    world.emit("charge.dispute.updated", found, before)
    decision = _BY_WORD.get(evidence.get("uncategorized_text", ""))
    return closed(world, found, decision) if decision and status == "under_review" else found


@route("POST", "/v1/disputes/{dispute}/close")
def close(world: World, params: Body, dispute: str) -> Body:
    """The shop gives in: lost."""
    return closed(world, world.get("dispute", dispute), "lost")


@route("GET", "/v1/disputes/{dispute}")
def retrieve(world: World, params: Body, dispute: str) -> Body:
    """One dispute."""
    return world.get("dispute", dispute)


@route("GET", "/v1/disputes")
def list_(world: World, params: Body) -> Body:
    """Disputes, newest first."""
    return listed(world, "dispute", params, {name: params.get(name) for name in ("charge", "payment_intent")})


def _moved(world: World, dispute: Body, amount: int, *, fee: int) -> None:
    category = "dispute" if amount < 0 else "dispute_reversal"
    line = balance.booked(world, amount, dispute["currency"], source=dispute["id"], kind="adjustment", category=category, fee=fee)
    world.change(dispute, balance_transactions=[*dispute["balance_transactions"], line])


def _new(world: World, charge: Body, amount: int, reason: str) -> Body:
    brand = charge["payment_method_details"]["card"]["brand"]
    return {
        "id": world.new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now(charge["customer"]),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(_EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": world.now(charge["customer"]) + _ANSWER_WITHIN_S,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"type": "card", "card": {"brand": brand, "case_type": "chargeback", "network": brand, "network_reason_code": "10.4"}},
        "reason": reason,
        "status": "needs_response",
    }
