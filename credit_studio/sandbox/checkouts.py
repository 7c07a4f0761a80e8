"""What happens on a Checkout page: a card is tried, the session completes or stays open, and what it sold comes about."""

from dataclasses import dataclass

from credit_studio.sandbox import collecting, debits, intents, setups, subscriptions
from credit_studio.sandbox.customers import create as new_customer
from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.world import World


@dataclass(frozen=True)
class Outcome:
    """`next_url`: where the payer authenticates; `trouble`: why the card was not taken. Neither: the session is complete."""

    next_url: str | None = None
    trouble: str = ""


class NotTaken(Exception):
    """A subscription's first payment was refused: nothing of it is kept."""


def details(email: str | None, name: str | None) -> Body:
    """Who buys, as the session tells of it."""
    nothing = dict.fromkeys(("address", "business_name", "individual_name", "phone"))
    return nothing | {"email": email, "name": name, "tax_exempt": "none", "tax_ids": None}


def paid_with(world: World, session: Body, method: Body, *, email: str, save: bool) -> Outcome:
    """Try the card for an open session; `save` is the payer's own wish to keep it."""
    if session["mode"] != "payment" and session["customer"] is None:
        world.change(session, customer=_customer(world, session, email))
    if email and session["customer_details"] is None:
        world.change(session, customer_details=details(email, method["billing_details"]["name"]))
    world.hide(session["id"], method=method["id"], save=save)
    if session["mode"] == "payment":
        return _of_intent(_paid(world, session, method, email))
    return _of_setup(world, session, _set_up(world, session, method))


def paid_by_debit(world: World, session: Body, *, email: str, comes_back: bool) -> None:
    """The payer lets a bank account be debited: the session is complete, and the money comes, or not, in three days."""
    if email and session["customer_details"] is None:
        world.change(session, customer_details=details(email, None))
    intent = _intent(world, session, email)
    method = debits.begun(world, intent, comes_back=comes_back)
    world.hide(session["id"], method=method["id"], save=False)
    _completed(world, session, payment_status="unpaid")


def came_back(world: World, session: Body) -> Outcome:
    """The payer is back from the authentication page: go on with what came of it."""
    if session["payment_intent"]:
        return _of_intent(world.get("payment_intent", session["payment_intent"]))
    if setup := world.hidden(session["id"]).get("setup"):
        return _of_setup(world, session, world.get("setup_intent", setup))
    return Outcome()


def expired(world: World, session: Body) -> None:
    """Nobody paid in time, or the shop took the session back."""
    if session["payment_intent"]:
        intents.canceled(world, world.get("payment_intent", session["payment_intent"]), "abandoned")
    before = world.change(session, status="expired", url=None)
    world.emit("checkout.session.expired", session, before)


def _paid(world: World, session: Body, method: Body, email: str) -> Body:
    data = world.hidden(session["id"])["data"]
    intent = _intent(world, session, email)
    wished = "on_session" if world.hidden(session["id"])["save"] else None
    world.change(intent, setup_future_usage=data.get("setup_future_usage") or wished)
    return intents.tried(world, intent, method["id"], off_session=False, return_url=_back(world, session))


def _intent(world: World, session: Body, email: str) -> Body:
    """The session's intent, one for all tries."""
    if session["payment_intent"]:
        return world.get("payment_intent", session["payment_intent"])
    data = world.hidden(session["id"])["data"]
    intent = intents.begun(
        world,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"] or _wanted_customer(world, session, email),
        description=data.get("description"),
        metadata=data.get("metadata"),
        receipt_email=data.get("receipt_email"),
    )
    world.change(session, payment_intent=intent["id"], customer=intent["customer"])
    return intent


def _of_intent(intent: Body) -> Outcome:
    """`_followed` has completed the session already when the intent succeeded."""
    return Outcome() if intent["status"] == "succeeded" else _waiting(intent, intent["last_payment_error"])


def _waiting(intent: Body, wrong: Body | None) -> Outcome:
    if intent["status"] == "requires_action":
        return Outcome(next_url=intent["next_action"]["redirect_to_url"]["url"])
    return Outcome(trouble=wrong["message"] if wrong else "Your card was declined.")


@intents.when_settled
def _followed(world: World, intent: Body) -> None:
    """The session completes with its intent, also when the payer authenticated and never came back."""
    for session in world.all("checkout.session", {"payment_intent": intent["id"]}):
        if session["status"] == "open" and intent["status"] == "succeeded":
            _completed(world, session, payment_status="paid")
        elif session["status"] == "complete" and session["payment_status"] == "unpaid":
            _money_came(world, session, came=intent["status"] == "succeeded")


def _money_came(world: World, session: Body, *, came: bool) -> None:
    """A debit is decided, days after the session was complete."""
    if came:
        world.change(session, payment_status="paid")
    world.emit(f"checkout.session.async_payment_{'succeeded' if came else 'failed'}", session)


def _set_up(world: World, session: Body, method: Body) -> Body:
    """A card that renewals are taken from is set up first: authentication happens here, once."""
    data = world.hidden(session["id"])["data"] if session["mode"] == "setup" else {}
    setup = setups.begun(world, customer=session["customer"], description=data.get("description"), metadata=data.get("metadata"))
    world.hide(session["id"], setup=setup["id"])
    return setups.tried(world, setup, method["id"], return_url=_back(world, session))


def _of_setup(world: World, session: Body, setup: Body) -> Outcome:
    if setup["status"] != "succeeded":
        return _waiting(setup, setup["last_setup_error"])
    if session["mode"] == "setup":
        world.change(session, setup_intent=setup["id"])
        _completed(world, session, payment_status="no_payment_required")
        return Outcome()
    _subscribed(world, session, setup["payment_method"])
    return Outcome()


def _subscribed(world: World, session: Body, card: str) -> None:
    """The subscription comes about with its first payment, or not at all; raises `NotTaken`."""
    hidden = world.hidden(session["id"])
    customer = world.get("customer", session["customer"])
    entries = [line | {"metadata": {}, "id": None} for line in hidden["lines"]]
    data = hidden["data"]
    made = subscriptions.begun(world, customer, entries, metadata=data.get("metadata") or {}, card=card, description=data.get("description"))
    invoice = world.get("invoice", made["latest_invoice"])
    collecting.opened(world, invoice, try_now=True, off_session=True)
    invoice = world.get("invoice", invoice["id"])
    if invoice["status"] != "paid":
        raise NotTaken(collecting.trouble_of(world, invoice))
    world.change(session, subscription=made["id"], invoice=invoice["id"])
    _completed(world, session, payment_status="paid")


def _completed(world: World, session: Body, *, payment_status: str) -> None:
    hidden = world.hidden(session["id"])
    method = world.get("payment_method", hidden["method"])
    _kept(world, method, save=hidden["save"])
    who = session["customer_details"] or details(None, None)
    name = who["name"] or method["billing_details"]["name"]
    world.change(session, status="complete", payment_status=payment_status, url=None, customer_details=who | {"name": name})
    world.emit("checkout.session.completed", session)


def _kept(world: World, method: Body, *, save: bool) -> None:
    """A card that was kept is shown on later Checkout pages only when the payer wished it."""
    if method["customer"] is None:
        return
    if method["allow_redisplay"] != "always":
        world.change(method, allow_redisplay="always" if save else "limited")


def _wanted_customer(world: World, session: Body, email: str) -> str | None:
    return _customer(world, session, email) if session["customer_creation"] == "always" else None


def _customer(world: World, session: Body, email: str) -> str:
    return new_customer(world, {"email": session["customer_email"] or email})["id"]


def _back(world: World, session: Body) -> str:
    return world.page_url(session["success_url"], f"/sandbox/checkout/{session['id']}/back")
