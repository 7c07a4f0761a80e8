"""Payment methods: cards, kept for a customer or used once."""

from datetime import UTC, datetime

from credit_studio.sandbox import cards
from credit_studio.sandbox.cards import Card
from credit_studio.sandbox.errors import Body, declined, invalid, refused
from credit_studio.sandbox.fields import metadata, with_all
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

_BILLING = ("address", "email", "name", "phone", "tax_id")
_CARD = ("number", "exp_month", "exp_year", "cvc", "token", "networks")
_TOKEN = "tok_"  # noqa: S105 - the beginning of a name, no secret
_ONCE = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without "
    "Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, "
    "you must attach it to a Customer first."
)


@route("POST", "/v1/payment_methods")
def create(world: World, params: Body) -> Body:
    """A card by its number, or by the name of a test card (`tok_visa`)."""
    only(params, ("type", "card", "billing_details", "metadata", "allow_redisplay"))
    if params.get("type", "card") != "card":
        raise refused("The sandbox has cards only.", param="type", code="sandbox_unsupported")
    given = params.get("card") or {}
    only(given, _CARD, "card")
    made = _of_token(world, given["token"]) if "token" in given else _of_number(world, given)
    fields = {"metadata": metadata(params.get("metadata")), "allow_redisplay": params.get("allow_redisplay", "unspecified")}
    if "billing_details" in params:
        fields["billing_details"] = with_all(_BILLING, params["billing_details"])
    world.change(made, **fields)
    return made


def from_number(world: World, number: str, *, exp_month: int, exp_year: int, cvc: str, name: str | None) -> Body:
    """A card as it was typed; raises `ApiError` when the number is none of the test cards' or the date is over."""
    card = cards.by_number(number)
    today = datetime.fromtimestamp(world.now(), UTC)
    if not 1 <= exp_month <= 12:  # noqa: PLR2004 - months of a year
        raise declined("Your card's expiration month is invalid.", code="invalid_expiry_month", decline_code=None, param="exp_month")
    if (exp_year, exp_month) < (today.year, today.month):
        raise declined("Your card's expiration year is invalid.", code="invalid_expiry_year", decline_code=None, param="exp_year")
    return _new(world, card, exp_month=exp_month, exp_year=exp_year, checked=bool(cvc), name=name)


def resolved(world: World, id_: str, param: str = "payment_method") -> Body:
    """The payment method with that id; `pm_card_...` is a new one each time."""
    card = cards.by_name(id_.removeprefix("pm_card_")) if id_.startswith("pm_card_") else None
    return world.get("payment_method", id_, param) if card is None else _new(world, card)


def card_of(world: World, method: Body) -> Card:
    """What the card does."""
    return cards.by_last4(world.hidden(method["id"])["last4"])


def usable(world: World, method: Body, customer: str | None) -> Body:
    """The method again; raises `ApiError` when it is somebody else's, or was used up."""
    if method["customer"] is not None and method["customer"] != customer:
        words = f"The customer does not have a payment method with the ID {method['id']}. The payment method must be attached to the customer."
        raise refused(words, param="payment_method", code="resource_missing")
    if world.hidden(method["id"]).get("spent"):
        raise refused(_ONCE, param="payment_method")
    return method


def attached(world: World, method: Body, customer: str) -> Body:
    """The method, kept for that customer from now on."""
    if method["customer"] == customer:
        return method
    if method["customer"] is not None:
        raise refused(
            "The payment method you provided has already been attached to a customer.", param="payment_method", code="payment_method_unexpected_state"
        )
    before = world.change(method, customer=world.get("customer", customer, "customer")["id"])
    world.hide(method["id"], spent=False)
    world.emit("payment_method.attached", method, before)
    return method


@route("GET", "/v1/payment_methods/{method}")
def retrieve(world: World, params: Body, method: str) -> Body:
    """One payment method."""
    return world.get("payment_method", method)


@route("POST", "/v1/payment_methods/{method}")
def update(world: World, params: Body, method: str) -> Body:
    """What is known about a card changed: its expiry, its owner."""
    only(params, ("card", "billing_details", "metadata", "allow_redisplay"))
    found = world.get("payment_method", method)
    fields: Body = {"allow_redisplay": params.get("allow_redisplay", found["allow_redisplay"])}
    if "card" in params:
        only(params["card"], ("exp_month", "exp_year"), "card")
        fields["card"] = found["card"] | params["card"]
    if "billing_details" in params:
        fields["billing_details"] = found["billing_details"] | params["billing_details"]
    if "metadata" in params:
        fields["metadata"] = metadata(params["metadata"], found["metadata"])
    if before := world.change(found, **fields):
        world.emit("payment_method.updated", found, before)
    return found


@route("POST", "/v1/payment_methods/{method}/attach")
def attach(world: World, params: Body, method: str) -> Body:
    """Keep a card for a customer; a card that declines is tried here and refused."""
    only(params, ("customer",))
    if "customer" not in params:
        raise invalid("Missing required param: customer.", param="customer", code="parameter_missing")
    return kept(world, usable(world, resolved(world, method, "id"), params["customer"]), params["customer"])


def kept(world: World, method: Body, customer: str) -> Body:
    """The method attached, after the bank was asked; raises `ApiError` when the bank says no."""
    card = card_of(world, method)
    if card.decline and not card.attaches and method["customer"] is None:
        code, decline_code = card.decline
        problem = declined(cards.sentence(code, decline_code), code=code, decline_code=decline_code)
        problem.keeps = False
        raise problem
    return attached(world, method, customer)


@route("POST", "/v1/payment_methods/{method}/detach")
def detach(world: World, params: Body, method: str) -> Body:
    """Let a card go: it can never be used again."""
    found = world.get("payment_method", method)
    if found["customer"] is None:
        raise refused("The payment method you provided is not attached to a customer so detachment is impossible.", param="payment_method")
    _not_default(world, found)
    before = world.change(found, customer=None)
    world.hide(found["id"], spent=True)
    world.emit("payment_method.detached", found, before)
    return found


@route("GET", "/v1/payment_methods")
def list_(world: World, params: Body) -> Body:
    """Cards, of a customer when one is named."""
    where = {name: params.get(name) for name in ("customer", "type", "allow_redisplay")}
    return listed(world, "payment_method", params, where, keep=lambda one: one["customer"] is not None)


@route("GET", "/v1/customers/{customer}/payment_methods")
def list_of_customer(world: World, params: Body, customer: str) -> Body:
    """A customer's cards."""
    world.get("customer", customer)
    where = {"customer": customer, "type": params.get("type"), "allow_redisplay": params.get("allow_redisplay")}
    return listed(world, "payment_method", params, where, url=f"/v1/customers/{customer}/payment_methods")


@route("GET", "/v1/customers/{customer}/payment_methods/{method}")
def retrieve_of_customer(world: World, params: Body, customer: str, method: str) -> Body:
    """One of a customer's cards."""
    found = world.get("payment_method", method)
    return found if found["customer"] == customer else world.get("payment_method", "")


def _not_default(world: World, method: Body) -> None:
    customer = world.find("customer", method["customer"])
    if customer and not customer.get("deleted") and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        before = world.change(customer, invoice_settings=customer["invoice_settings"] | {"default_payment_method": None})
        world.emit("customer.updated", customer, before)


def _of_token(world: World, token: str) -> Body:
    card = cards.by_name(token.removeprefix(_TOKEN)) if token.startswith(_TOKEN) else None
    if card is None:
        raise refused(f"No such token: '{token}'", param="card[token]", code="resource_missing")
    return _new(world, card)


def _of_number(world: World, given: Body) -> Body:
    for name in ("number", "exp_month", "exp_year"):
        if name not in given:
            raise invalid(f"Missing required param: card[{name}].", param=f"card[{name}]", code="parameter_missing")
    number = given["number"].replace(" ", "")
    return from_number(world, number, exp_month=given["exp_month"], exp_year=given["exp_year"], cvc=given.get("cvc", ""), name=None)


def _new(world: World, card: Card, *, exp_month: int = 12, exp_year: int = 0, checked: bool = True, name: str | None = None) -> Body:
    year = exp_year or datetime.fromtimestamp(world.now(), UTC).year + 8
    shown = {
        "brand": card.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass" if checked else None},
        "country": "GB",
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": year,
        "fingerprint": f"sandbox{card.last4}",
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
    made = {
        "id": world.new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": dict.fromkeys(_BILLING) | {"name": name},
        "card": shown,
        "created": world.now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    return world.add(made, last4=card.last4)
