"""The API's calls for PaymentIntents."""

from credit_studio.sandbox import intents
from credit_studio.sandbox.errors import ApiError, Body, declined, invalid, refused
from credit_studio.sandbox.fields import metadata, not_emptied, taken
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.payment_methods import resolved, usable
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

_CONFIRM = ("payment_method", "off_session", "return_url", "setup_future_usage", "receipt_email", "error_on_requires_action")
_TEXTS = ("description", "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
_CREATE = (*_CONFIRM, *_TEXTS, "amount", "currency", "customer", "metadata", "confirm", "capture_method", "automatic_payment_methods", "confirmation_method")
_NO_REDIRECT = (
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your "
    "customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set "
    "`automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` "
    "when creating Setup Intents and Payment Intents."
)
_SAME_CUSTOMER = (
    "You cannot modify `customer` on a PaymentIntent once it already has been set. "
    "To fulfill a payment with a different Customer, cancel this PaymentIntent and create a new one."
)
_NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a payment method and then confirm it again."
)


@route("POST", "/v1/payment_intents")
def create(world: World, params: Body) -> Body:
    """A new intent, tried at once with `confirm`."""
    only(params, _CREATE)
    for name in ("off_session", "return_url", "error_on_requires_action"):
        if name in params and not params.get("confirm"):
            raise invalid(f"`{name}` can only be given together with `confirm=true`.", param=name)
    made = intents.begun(
        world,
        amount=params["amount"],
        currency=params["currency"].lower(),
        customer=world.get("customer", params["customer"], "customer")["id"] if "customer" in params else None,
        metadata=params.get("metadata"),
        future=params.get("setup_future_usage"),
        fields=_fields(params),
    )
    if "payment_method" in params:
        _choose(world, made, params["payment_method"])
    return _confirmed(world, made, params) if params.get("confirm") else made


@route("POST", "/v1/payment_intents/{intent}/confirm")
def confirm(world: World, params: Body, intent: str) -> Body:
    """Try the card."""
    only(params, _CONFIRM)
    found = _in(world, intent, intents.OPEN, "confirm")
    world.change(found, **{name: params[name] for name in ("setup_future_usage", "receipt_email") if name in params})
    if "payment_method" in params:
        _choose(world, found, params["payment_method"])
    return _confirmed(world, found, params)


@route("POST", "/v1/payment_intents/{intent}")
def update(world: World, params: Body, intent: str) -> Body:
    """An intent changed before it is paid."""
    only(params, (*_TEXTS, "amount", "currency", "customer", "metadata", "payment_method", "setup_future_usage"))
    found = world.get("payment_intent", intent)
    if params.keys() - {"metadata", "description", "transfer_group"}:
        found = _in(world, intent, intents.OPEN, "update")
    not_emptied(params, ("currency", "customer"))
    fields = taken(params, (*_TEXTS, "amount", "currency", "setup_future_usage"))
    if found["customer"] and params.get("customer", found["customer"]) != found["customer"]:
        raise refused(_SAME_CUSTOMER, param="customer")
    if "customer" in params:
        fields["customer"] = world.get("customer", params["customer"], "customer")["id"]
    intents.check_amount(fields.get("amount", found["amount"]), fields.get("currency", found["currency"]))
    world.change(found, **fields, metadata=metadata(params.get("metadata"), found["metadata"]))
    if "payment_method" in params:
        _choose(world, found, params["payment_method"])
    return found


@route("POST", "/v1/payment_intents/{intent}/cancel")
def cancel(world: World, params: Body, intent: str) -> Body:
    """An intent given up."""
    found = _in(world, intent, intents.OPEN | {"requires_capture"}, "cancel")
    return intents.canceled(world, found, params.get("cancellation_reason"))


@route("POST", "/v1/payment_intents/{intent}/capture")
def capture(world: World, params: Body, intent: str) -> Body:
    """Take the money that was reserved."""
    only(params, ("amount_to_capture",))
    found = _in(world, intent, frozenset({"requires_capture"}), "capture")
    amount = params.get("amount_to_capture", found["amount_capturable"])
    if not 0 < amount <= found["amount_capturable"]:
        words = f"The amount to capture must be from 1 to {found['amount_capturable']}."
        raise refused(words, param="amount_to_capture", code="amount_too_large")
    return intents.captured(world, found, amount)


@route("GET", "/v1/payment_intents/{intent}")
def retrieve(world: World, params: Body, intent: str) -> Body:
    """One intent."""
    return world.get("payment_intent", intent)


@route("GET", "/v1/payment_intents")
def list_(world: World, params: Body) -> Body:
    """Intents, newest first."""
    return listed(world, "payment_intent", params, {"customer": params.get("customer")})


def _fields(params: Body) -> Body:
    fields = {name: params[name] for name in (*_TEXTS, "capture_method", "confirmation_method") if name in params}
    if (automatic := params.get("automatic_payment_methods")) is not None:
        fields["automatic_payment_methods"] = {"allow_redirects": automatic.get("allow_redirects", "always"), "enabled": automatic["enabled"]}
    return fields


def _choose(world: World, intent: Body, method: str) -> None:
    found = usable(world, resolved(world, method), intent["customer"])
    world.change(intent, payment_method=found["id"], status="requires_confirmation", next_action=None)


def _confirmed(world: World, intent: Body, params: Body) -> Body:
    off_session = params.get("off_session") not in (None, False, "false")
    if intent["payment_method"] is None:
        raise refused(_NO_METHOD, code="payment_intent_unexpected_state", payment_intent=intent)
    redirects = (intent["automatic_payment_methods"] or {}).get("allow_redirects") != "never"
    if redirects and not off_session and "return_url" not in params:
        raise refused(_NO_REDIRECT, param="return_url")
    may_wait = not (off_session or params.get("error_on_requires_action"))
    done = intents.tried(world, intent, intent["payment_method"], off_session=off_session, return_url=params.get("return_url"), may_wait=may_wait)
    if done["last_payment_error"]:
        raise _card_error(done)
    return done


def _card_error(intent: Body) -> ApiError:
    wrong = intent["last_payment_error"]
    more = {"charge": wrong.get("charge"), "payment_intent": intent, "payment_method": wrong["payment_method"]}
    return declined(wrong["message"], code=wrong["code"], decline_code=wrong.get("decline_code"), **more)


def _in(world: World, intent: str, states: frozenset[str], verb: str) -> Body:
    found = world.get("payment_intent", intent)
    if found["status"] not in states:
        words = f"You cannot {verb} this PaymentIntent because it has a status of {found['status']}."
        if found["status"] == "succeeded" and verb == "confirm":
            words = "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
        raise refused(words, code="payment_intent_unexpected_state", payment_intent=found)
    return found
