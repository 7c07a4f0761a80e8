"""The hosted Checkout page over HTTP: plain forms, no scripts."""

import re
from typing import NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from credit_studio.sandbox import checkouts
from credit_studio.sandbox.checkout_page import Trouble, Typed, checkout_page, closed_page, may_debit, success_address
from credit_studio.sandbox.checkouts import NotTaken, Outcome
from credit_studio.sandbox.errors import ApiError, Body
from credit_studio.sandbox.payment_methods import from_number
from credit_studio.sandbox.routes import page
from credit_studio.sandbox.world import World

NOT_VALID = 422
NOT_TAKEN = 402


class Card(NamedTuple):
    """A new card as it was typed, once it can be one."""

    number: str
    month: int
    year: int
    cvc: str
    name: str


@page("GET", "/sandbox/checkout/{session}")
async def show(world: World, request: Request) -> Response:
    """The page of a session."""
    session = _session(world, request)
    saved = saved_cards(world, session)
    return _page(world, session, Typed(card=saved[0]["id"] if saved else ""), Trouble())


@page("POST", "/sandbox/checkout/{session}")
async def submitted(world: World, request: Request) -> Response:
    """The form was sent: to fill a test card in, or to pay."""
    session = _session(world, request)
    form = await request.form()
    typed = typed_in(form)
    if session["status"] != "open":
        return _page(world, session, typed, Trouble())
    if filled := _text(form, "fill"):
        return _page(world, session, filled_in(typed, filled), Trouble())
    debit = _text(form, "debit") if may_debit(session) else ""
    wrong = _wrong_email(session, typed) | ({} if debit or typed.card else wrong_fields(typed))
    if wrong:
        return _page(world, session, typed, Trouble("Please check the form.", wrong), NOT_VALID)
    return _debit(world, session, typed, debit) if debit else _pay(world, session, typed)


@page("GET", "/sandbox/checkout/{session}/back")
async def back(world: World, request: Request) -> Response:
    """The payer comes back from the authentication page."""
    session = _session(world, request)
    if session["status"] == "complete":
        return RedirectResponse(success_address(session), 303)
    try:
        with world.act():
            outcome = checkouts.came_back(world, session)
    except NotTaken as problem:
        outcome = Outcome(trouble=str(problem))
    return _after(world, session["id"], outcome, Typed())


def _pay(world: World, session: Body, typed: Typed) -> Response:
    try:
        with world.act():
            outcome = checkouts.paid_with(world, session, _method(world, session, typed), email=typed.email, save=typed.save)
    except NotTaken as problem:
        outcome = Outcome(trouble=str(problem))
    except ApiError as problem:
        outcome = Outcome(trouble=problem.error["message"])
    return _after(world, session["id"], outcome, typed)


def _debit(world: World, session: Body, typed: Typed, debit: str) -> Response:
    with world.act():
        checkouts.paid_by_debit(world, session, email=typed.email, comes_back=debit != "comes")
    return _after(world, session["id"], Outcome(), typed)


def _after(world: World, session: str, outcome: Outcome, typed: Typed) -> Response:
    now = world.get("checkout.session", session)
    if outcome.next_url:
        return RedirectResponse(outcome.next_url, 303)
    if now["status"] == "complete":
        return RedirectResponse(success_address(now), 303)
    return _page(world, now, typed, Trouble(outcome.trouble or "The payment was not completed."), NOT_TAKEN)


def _method(world: World, session: Body, typed: Typed) -> Body:
    """The saved card that was chosen, if it is this customer's to choose, or a new one."""
    if not typed.card:
        return new_card(world, typed)
    chosen = [card for card in saved_cards(world, session) if card["id"] == typed.card]
    return chosen[0] if chosen else world.get("payment_method", "")


def new_card(world: World, typed: Typed) -> Body:
    """The card that was typed, as a payment method."""
    month, year = (int(part) for part in typed.expiry.split("/"))
    return from_number(world, _digits(typed.number), exp_month=month, exp_year=2000 + year, cvc=typed.cvc, name=typed.name or None)


def saved_cards(world: World, session: Body) -> list[Body]:
    """The customer's cards that may be shown on this page."""
    if session["customer"] is None or not session["saved_payment_method_options"]:
        return []
    shown = session["saved_payment_method_options"]["allow_redisplay_filters"]
    return [card for card in world.all("payment_method", {"customer": session["customer"]}) if card["allow_redisplay"] in shown]


def typed_in(form: FormData) -> Typed:
    """What the form holds. A number that was typed counts for more than a saved card that stayed chosen."""
    texts = {name: _text(form, name).strip() for name in ("number", "expiry", "cvc", "name", "email", "card")}
    return Typed(**texts | ({"card": ""} if texts["number"] else {}), save=bool(_text(form, "save")))


def filled_in(typed: Typed, number: str) -> Typed:
    """The form with a test card in it."""
    return Typed(number=number, expiry="12/34", cvc="123", name=typed.name or "Test Card", email=typed.email, save=typed.save)


def wrong_fields(typed: Typed) -> dict[str, str]:
    """What a new card lacks, by field."""
    rules = {
        "number": (re.fullmatch(r"\d{12,19}", _digits(typed.number)), "Type the card's number."),
        "expiry": (re.fullmatch(r"(0?[1-9]|1[0-2])/\d\d", typed.expiry), "Type month and year, like 12/34."),
        "cvc": (re.fullmatch(r"\d{3,4}", typed.cvc), "Type the 3 digits."),
    }
    return {name: words for name, (fits, words) in rules.items() if not fits}


def _wrong_email(session: Body, typed: Typed) -> dict[str, str]:
    known = session["customer_email"] or session["customer_details"]
    return {} if known or re.fullmatch(r"[^@\s]+@[^@\s]+", typed.email) else {"email": "Type your email address."}


def _digits(number: str) -> str:
    return re.sub(r"[\s-]", "", number)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _session(world: World, request: Request) -> Body:
    return world.get("checkout.session", request.path_params["session"])


def _page(world: World, session: Body, typed: Typed, trouble: Trouble, status: int = 200) -> Response:
    if session["status"] != "open":
        return HTMLResponse(closed_page(session))
    return HTMLResponse(checkout_page(session, world.hidden(session["id"])["lines"], saved_cards(world, session), typed, trouble), status)
