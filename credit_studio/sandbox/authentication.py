"""The bank's page: where a payer says that a payment is theirs. Its address stands in `next_action` of an intent or a setup."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from credit_studio.sandbox import intents, setups
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.markup import Html, tag
from credit_studio.sandbox.page import money, notice
from credit_studio.sandbox.page import page as framed
from credit_studio.sandbox.routes import page
from credit_studio.sandbox.world import World

_SEE_OTHER = 303
_NOT_FOUND = 404


@page("GET", "/sandbox/authenticate/{intent}")
async def show(world: World, request: Request) -> Response:
    """What is to be confirmed, with the two buttons."""
    found = _found(world, request)
    if found is None:
        return HTMLResponse(framed("Nothing to authenticate", notice("bad", "There is no such payment.")), _NOT_FOUND)
    if found["status"] != "requires_action":
        return HTMLResponse(framed("Already decided", _decided(found)))
    return HTMLResponse(framed("Authenticate with your bank", tag("p", _asked(found)), _buttons()))


@page("POST", "/sandbox/authenticate/{intent}")
async def decide(world: World, request: Request) -> Response:
    """The payer's answer; then back to the shop."""
    passed = (await request.form()).get("do") == "complete"
    found = _found(world, request)
    if found is None or found["status"] != "requires_action":
        return await show(world, request)
    room = intents if found["object"] == "payment_intent" else setups
    with world.act():
        found = (room.authenticated if passed else room.not_authenticated)(world, found)
    address = _way_back(world, found)
    return RedirectResponse(address, _SEE_OTHER) if address else HTMLResponse(framed("Done", _decided(found)))


def _found(world: World, request: Request) -> Body | None:
    id_ = request.path_params["intent"]
    return world.find("payment_intent", id_) or world.find("setup_intent", id_)


def _asked(found: Body) -> str:
    if found["object"] == "setup_intent":
        return "A shop wants to keep your card for later payments. Your bank asks whether that is you."
    return f"A shop wants to charge {money(found['amount'], found['currency'])} to your card. Your bank asks whether that is you."


def _buttons() -> Html:
    complete = tag("button", "Complete authentication", name="do", value="complete", class_="main")
    return tag("form", complete, tag("button", "Fail authentication", name="do", value="fail"), method="post")


def _decided(found: Body) -> Html:
    done = found["status"] in {"succeeded", "requires_capture"}
    wrong = found.get("last_payment_error") or found.get("last_setup_error")
    words = "The bank has confirmed it." if done else (wrong or {}).get("message") or "The bank has not confirmed it."
    return notice("good" if done else "bad", f"{words} You can close this page and go back to the shop.")


def _way_back(world: World, found: Body) -> str | None:
    """The shop's own address, with what Stripe adds to it."""
    address = world.hidden(found["id"]).get("return_url")
    if not address:
        return None
    done = found["status"] in {"succeeded", "requires_capture"}
    kind = found["object"]
    said = {kind: found["id"], f"{kind}_client_secret": found["client_secret"], "redirect_status": "succeeded" if done else "failed"}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(said)}"
