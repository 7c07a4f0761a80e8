"""`/sandbox/`: what `index_page` shows, and what its buttons do. Also the receipt that a charge names."""

from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from credit_studio.sandbox import disputes, refunds
from credit_studio.sandbox.chaos import Chaos
from credit_studio.sandbox.control import advance, courier_of
from credit_studio.sandbox.errors import ApiError, Body, invalid
from credit_studio.sandbox.index_page import STEPS, TROUBLES, Overview, Payment, Sent, index_page, moment
from credit_studio.sandbox.markup import tag
from credit_studio.sandbox.page import money
from credit_studio.sandbox.page import page as framed
from credit_studio.sandbox.routes import page
from credit_studio.sandbox.world import World

_SHOWN = 25
_SEE_OTHER = 303
_NOT_FOUND = 404
_SAID = {
    "refund": "Refunded.",
    "dispute": "Disputed: the money is taken for now.",
    "won": "The dispute is won: the money is back.",
    "lost": "The dispute is lost: the money is gone.",
    "clock": "The clock is moved.",
    "chaos": "Chaos is set.",
    "pause": "Webhooks are held.",
    "resume": "Webhooks go again.",
    "flush": "All that waited was sent.",
}


@page("GET", "/sandbox/")
async def show(world: World, request: Request) -> Response:
    """The page."""
    return HTMLResponse(index_page(_overview(world, request), _SAID.get(request.query_params.get("done", ""), "")))


@page("GET", "/sandbox")
async def without_slash(world: World, request: Request) -> Response:
    """The same page, where its forms work."""
    return RedirectResponse("/sandbox/")


@page("POST", "/sandbox/")
async def act(world: World, request: Request) -> Response:
    """One of the page's buttons."""
    form = await request.form()
    what = str(form.get("do", ""))
    try:
        if what not in _DOES:
            raise invalid("There is no such button.")
        await _DOES[what](world, request, form)
    except ApiError as problem:
        return HTMLResponse(index_page(_overview(world, request), trouble=problem.error["message"]), problem.status)
    return RedirectResponse(f"/sandbox/?done={what}", _SEE_OTHER)


@page("GET", "/sandbox/receipts/{intent}")
async def receipt(world: World, request: Request) -> Response:
    """The receipt of a paid intent, as `receipt_url` of its charge names it."""
    intent = world.find("payment_intent", request.path_params["intent"])
    charge = world.find("charge", intent["latest_charge"] or "") if intent else None
    if charge is None or not charge["paid"]:
        return HTMLResponse(framed("No receipt", tag("p", "There is no such payment.")), _NOT_FOUND)
    details = charge["payment_method_details"]
    card = details.get("card")
    how = f"{card['brand'].title()} ending in {card['last4']}" if card else f"Bank account ending in {details['bacs_debit']['last4']}"
    lines = {
        "Paid": money(charge["amount"], charge["currency"]),
        "Refunded": money(charge["amount_refunded"], charge["currency"]),
        "On": f"{moment(charge['created'])} UTC",
        "From": how,
    }
    listed = tag("dl", [[tag("dt", name), tag("dd", value)] for name, value in lines.items()], class_="lines")
    return HTMLResponse(framed("Receipt", tag("section", listed, tag("p", f"Reference {charge['id']}", class_="hint reference"), class_="panel")))


def _overview(world: World, request: Request) -> Overview:
    return Overview(
        now=world.now(),
        ahead_s=world.store.value("clock_offset_s", 0),
        chaos=world.dice.chaos,
        paused=courier_of(request).paused,
        payments=[_payment(world, intent) for intent in world.all("payment_intent")[:_SHOWN]],
        sent=[Sent(one.type, one.state, one.attempts, one.answer) for one in world.store.deliveries(_SHOWN)],
    )


def _payment(world: World, intent: Body) -> Payment:
    charge = world.find("charge", intent["latest_charge"] or "")
    paid = charge if charge and charge["paid"] and charge["captured"] else None
    dispute = next(iter(world.all("dispute", {"charge": paid["id"]})), None) if paid else None
    customer = world.find("customer", intent["customer"] or "") or {}
    return Payment(intent, paid, dispute, customer.get("email") or customer.get("name") or intent["customer"] or "A guest")


async def _refund(world: World, _request: Request, form: FormData) -> None:
    with world.act():
        charge = world.get("charge", str(form.get("charge")), "charge")
        refunds.made(world, charge, _minor(str(form.get("amount"))), reason="requested_by_customer")


async def _dispute(world: World, _request: Request, form: FormData) -> None:
    with world.act():
        disputes.opened(world, world.get("charge", str(form.get("charge")), "charge"), None, "fraudulent")


async def _close(world: World, _request: Request, form: FormData) -> None:
    with world.act():
        disputes.closed(world, world.get("dispute", str(form.get("dispute"))), str(form.get("do")))


async def _clock(world: World, _request: Request, form: FormData) -> None:
    by_s = str(form.get("by"))
    if by_s not in map(str, STEPS.values()):
        raise invalid("The clock cannot be moved by that.")
    with world.act():
        advance(world, int(by_s))


async def _chaos(world: World, _request: Request, form: FormData) -> None:
    try:
        said = Chaos.model_validate({name: form.get(name) or 0 for name in (*TROUBLES, "seed")})
    except ValidationError as problem:
        raise invalid("Each chance is a number from 0 to 1, and the seed a whole number.") from problem
    with world.act():
        world.set_chaos(said)


async def _pause(world: World, request: Request, form: FormData) -> None:
    courier_of(request).pause(held=form.get("do") == "pause")


async def _flush(world: World, request: Request, _form: FormData) -> None:
    await courier_of(request).send_due(float("inf"))


_DOES: dict[str, Callable[[World, Request, FormData], Awaitable[None]]] = {
    "refund": _refund,
    "dispute": _dispute,
    "won": _close,
    "lost": _close,
    "clock": _clock,
    "chaos": _chaos,
    "pause": _pause,
    "resume": _pause,
    "flush": _flush,
}


def _minor(text: str) -> int:
    """`25.00` as 2500."""
    try:
        amount = Decimal(text.strip().lstrip("£")) * 100
    except InvalidOperation as problem:
        raise invalid("The amount is a number like 12.50.") from problem
    if not amount.is_finite() or amount != int(amount):
        raise invalid("The amount is a number like 12.50.")
    return int(amount)
