"""The API of Checkout Sessions: create, read, list, expire. What happens on their page stands in `checkouts`."""

from credit_studio.sandbox import checkouts, shapes
from credit_studio.sandbox.errors import Body, invalid, refused
from credit_studio.sandbox.fields import metadata, with_all
from credit_studio.sandbox.intents import LEAST
from credit_studio.sandbox.listing import listed, of
from credit_studio.sandbox.page import money
from credit_studio.sandbox.prices import whole_price
from credit_studio.sandbox.routes import included, route
from credit_studio.sandbox.scope import PAGES, only
from credit_studio.sandbox.world import World

KNOWN = [
    "mode",
    "line_items",
    "success_url",
    "cancel_url",
    "customer",
    "customer_email",
    "customer_creation",
    "client_reference_id",
    "metadata",
    "payment_intent_data",
    "subscription_data",
    "setup_intent_data",
    "expires_at",
    "saved_payment_method_options",
    "ui_mode",
    "currency",
    "locale",
    "submit_type",
    "billing_address_collection",
    "payment_method_collection",
    "allowed_payment_method_types",
    "adaptive_pricing",
    "automatic_tax",
    "allow_promotion_codes",
    "invoice_creation",
]
ONLY = {
    "adaptive_pricing": {"enabled": False},
    "allow_promotion_codes": False,
    "allowed_payment_method_types": ["card"],
    "automatic_tax": {"enabled": False},
    "billing_address_collection": "auto",
    "invoice_creation": {"enabled": False},
    "payment_method_collection": "always",
    "ui_mode": "hosted_page",
}
"""What the sandbox knows with one value only."""
DATA = {"payment": "payment_intent_data", "subscription": "subscription_data", "setup": "setup_intent_data"}
DATA_KNOWN = {
    "payment": ("metadata", "description", "setup_future_usage", "receipt_email", "statement_descriptor", "statement_descriptor_suffix"),
    "subscription": ("metadata", "description"),
    "setup": ("metadata", "description"),
}
LINE = ("price", "price_data", "quantity", "metadata")
SHORTEST_S, LONGEST_S = 30 * 60, 24 * 3600
_SLACK_S = 60
"""A caller's clock may be behind."""


@route("POST", "/v1/checkout/sessions")
def create(world: World, params: Body) -> Body:
    """A new session, open for a day or until `expires_at`; its page is at `url`."""
    mode = _mode(params)
    _only_known(params, mode)
    lines = [_line(world, entry, number, mode) for number, entry in enumerate(params.get("line_items", []))]
    currency = _currency(lines, params, mode)
    total = _total(lines, currency, mode)
    customer = world.get("customer", params["customer"], "customer") if "customer" in params else None
    id_ = world.new_id("cs_test", 58)
    made = _blank(world, params, mode) | {
        "id": id_,
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "payment_method_types": ["card", "bacs_debit"] if _debits(params, mode, currency) else ["card"],
        "customer": customer["id"] if customer else None,
        "customer_details": _details(customer["email"] if customer else params.get("customer_email"), customer),
        "expires_at": _expires(world, params, customer),
        "url": world.page_url(params["success_url"], f"/sandbox/checkout/{id_}"),
    }
    world.store.set_value("shop", params["success_url"])
    return world.add(made, lines=lines, data=params.get(DATA[mode], {}))


def _blank(world: World, params: Body, mode: str) -> Body:
    kept = ("client_reference_id", "cancel_url", "customer_email", "success_url", "locale", "submit_type", "billing_address_collection")
    saved = params.get("saved_payment_method_options", {})
    blank = {name: value for name, value in shapes.nulls("checkout.session").items() if name != "line_items"}
    return (
        blank
        | with_all(kept, params)
        | {
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": False},
            "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
            "created": world.now(params.get("customer")),
            "custom_fields": [],
            "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
            "customer_creation": None if "customer" in params else params.get("customer_creation", "if_required" if mode == "payment" else "always"),
            "discounts": [],
            "livemode": False,
            "metadata": metadata(params.get("metadata")),
            "mode": mode,
            "payment_method_collection": params.get("payment_method_collection", "always") if mode == "subscription" else "if_required",
            "payment_method_types": ["card"],
            "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
            "saved_payment_method_options": _saved(saved) if "customer" in params else None,
            "shipping_options": [],
            "status": "open",
            "total_details": None if mode == "setup" else {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
        }
    )


def _saved(options: Body) -> Body:
    return {
        "allow_redisplay_filters": options.get("allow_redisplay_filters", ["always"]),
        "payment_method_remove": options.get("payment_method_remove", "disabled"),
        "payment_method_save": options.get("payment_method_save"),
    }


@route("GET", "/v1/checkout/sessions/{session}")
def retrieve(world: World, params: Body, session: str) -> Body:
    """One session."""
    return world.get("checkout.session", session)


@route("POST", "/v1/checkout/sessions/{session}")
def update(world: World, params: Body, session: str) -> Body:
    """A session's metadata changed."""
    only(params, ("metadata",))
    found = world.get("checkout.session", session)
    world.change(found, metadata=metadata(params.get("metadata", {}), found["metadata"]))
    return found


@route("GET", "/v1/checkout/sessions")
def list_(world: World, params: Body) -> Body:
    """Sessions, newest first."""
    filters = ("customer", "payment_intent", "subscription", "status")
    only(params, (*PAGES, *filters))
    where = {name: params.get(name) for name in filters}
    return listed(world, "checkout.session", params, where)


@route("GET", "/v1/checkout/sessions/{session}/line_items")
def line_items(world: World, params: Body, session: str) -> Body:
    """What a session sells."""
    world.get("checkout.session", session)
    return of(world.hidden(session)["lines"], params, f"/v1/checkout/sessions/{session}/line_items")


@included("checkout.session", "line_items")
def with_line_items(world: World, session: Body) -> Body:
    """The same as a field of the session, when it is asked for."""
    return line_items(world, {}, session["id"])


@route("POST", "/v1/checkout/sessions/{session}/expire")
def expire(world: World, params: Body, session: str) -> Body:
    """An open session closed before its time."""
    found = world.get("checkout.session", session)
    if found["status"] != "open":
        raise refused(f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{found["status"]}`.')
    checkouts.expired(world, found)
    return found


def _mode(params: Body) -> str:
    if "mode" not in params:
        raise invalid("Missing required param: mode.", param="mode", code="parameter_missing")
    if not params.get("success_url"):
        raise invalid("Missing required param: success_url.", param="success_url", code="parameter_missing")
    if "customer" in params and "customer_email" in params:
        raise refused("You may only specify one of these parameters: customer, customer_email.", param="customer_email")
    return params["mode"]


def _only_known(params: Body, mode: str) -> None:
    only(params, KNOWN)
    for name, value in ONLY.items():
        if params.get(name, value) != value:
            raise refused(f"The sandbox knows `{name}` as {value} only. Stripe knows more.", param=name, code="sandbox_unsupported")
    for other, name in DATA.items():
        if other != mode and name in params:
            raise refused(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    only(params.get(DATA[mode], {}), DATA_KNOWN[mode], DATA[mode])


def _line(world: World, entry: Body, number: int, mode: str) -> Body:
    within = f"line_items[{number}]"
    only(entry, LINE, within)
    if mode == "setup":
        raise refused("You can not pass `line_items` in `setup` mode.", param="line_items")
    price = whole_price(world, entry, within, recurring=mode == "subscription")
    if mode == "payment" and price["recurring"]:
        raise refused(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.", param=within
        )
    if "quantity" not in entry:
        raise invalid(f"Missing required param: {within}[quantity].", param=f"{within}[quantity]", code="parameter_missing")
    amount = price["unit_amount"] * entry["quantity"]
    return shapes.nulls("item") | {
        "id": world.new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": world.get("product", price["product"])["name"],
        "discounts": [],
        "metadata": metadata(entry.get("metadata")),
        "price": price,
        "quantity": entry["quantity"],
        "taxes": [],
    }


def _currency(lines: list[Body], params: Body, mode: str) -> str:
    if not lines and mode != "setup":
        raise invalid("Missing required param: line_items.", param="line_items", code="parameter_missing")
    currencies = {line["currency"] for line in lines} | ({params["currency"].lower()} if "currency" in params else set())
    if not currencies:
        raise invalid("Missing required param: currency.", param="currency", code="parameter_missing")
    if len(currencies) > 1:
        raise refused("All prices of a Checkout Session must have one currency.", param="line_items")
    return currencies.pop()


def _debits(params: Body, mode: str, currency: str) -> bool:
    """Bank accounts in pounds can be debited for a payment, unless the shop wants cards only."""
    return mode == "payment" and currency == "gbp" and "allowed_payment_method_types" not in params


def _total(lines: list[Body], currency: str, mode: str) -> int | None:
    if mode == "setup":
        return None
    total, least = sum(line["amount_total"] for line in lines), LEAST.get(currency, 50)
    if total < least:
        raise refused(f"The Checkout Session's total amount due must add up to at least {money(least, currency)} {currency}", code="amount_too_small")
    return total


def _expires(world: World, params: Body, customer: Body | None) -> int:
    now = world.now(customer["id"] if customer else None)
    asked = params.get("expires_at", now + LONGEST_S)
    if not now + SHORTEST_S - _SLACK_S <= asked <= now + LONGEST_S + _SLACK_S:
        raise refused("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.", param="expires_at")
    return asked


def _details(email: str | None, customer: Body | None) -> Body | None:
    return checkouts.details(email, customer["name"] if customer else None) if email else None
