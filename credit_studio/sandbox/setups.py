"""SetupIntents: a card kept for later without a payment, authenticated once."""

from credit_studio.sandbox import cards
from credit_studio.sandbox.errors import ApiError, Body, declined, refused
from credit_studio.sandbox.fields import metadata as merged
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.payment_methods import attached, card_of, resolved, usable
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.scope import only
from credit_studio.sandbox.world import World

_NOTHING = (
    *("application", "attach_to_self", "cancellation_reason", "description", "flow_directions", "last_setup_error", "latest_attempt", "mandate"),
    *("next_action", "on_behalf_of", "payment_method", "single_use_mandate"),
)
_OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
_CREATE = ("customer", "payment_method", "confirm", "usage", "description", "metadata", "return_url", "automatic_payment_methods")


def begun(world: World, *, customer: str | None, description: str | None = None, metadata: Body | None = None, usage: str = "off_session") -> Body:
    """A new setup."""
    id_ = world.new_id("seti")
    made = dict.fromkeys(_NOTHING) | {
        "id": id_,
        "object": "setup_intent",
        "automatic_payment_methods": {"allow_redirects": "always", "enabled": True},
        "client_secret": f"{id_}_secret_{world.secret(25)}",
        "created": world.now(customer),
        "customer": customer,
        "description": description,
        "livemode": False,
        "metadata": merged(metadata),
        "payment_method_options": {"card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": usage,
    }
    world.add(made)
    world.emit("setup_intent.created", made)
    return made


def tried(world: World, setup: Body, method: str, *, return_url: str | None = None) -> Body:
    """Set that card up: succeeded, stopped for authentication, or refused, as `status` and `last_setup_error` say."""
    found = usable(world, world.get("payment_method", method, "payment_method"), setup["customer"])
    card = card_of(world, found)
    world.hide(setup["id"], return_url=return_url)
    world.change(setup, payment_method=method, last_setup_error=None, next_action=None)
    if card.decline and not card.attaches and card.authentication == "never":
        return _refuse(world, setup, found, card.decline)
    if card.authentication in {"never", "set_up"}:
        return _succeed(world, setup, found)
    url = world.page_url(return_url, f"/sandbox/authenticate/{setup['id']}")
    action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    world.change(setup, status="requires_action", next_action=action)
    world.emit("setup_intent.requires_action", setup)
    return setup


def authenticated(world: World, setup: Body) -> Body:
    """The payer passed the bank's page."""
    return _succeed(world, setup, world.get("payment_method", setup["payment_method"]))


def not_authenticated(world: World, setup: Body) -> Body:
    """The payer did not pass the bank's page."""
    return _refuse(world, setup, world.get("payment_method", setup["payment_method"]), ("setup_intent_authentication_failure", None))


def _succeed(world: World, setup: Body, method: Body) -> Body:
    if setup["customer"]:
        attached(world, method, setup["customer"])
    world.hide(method["id"], set_up=True)
    world.change(setup, status="succeeded", next_action=None)
    world.emit("setup_intent.succeeded", setup)
    return setup


def _refuse(world: World, setup: Body, method: Body, decline: tuple[str, str | None]) -> Body:
    code, decline_code = decline
    error = {"type": "card_error", "code": code, "message": cards.sentence(code, decline_code), "payment_method": method}
    error |= {"decline_code": decline_code} if decline_code else {}
    world.change(setup, status="requires_payment_method", payment_method=None, next_action=None, last_setup_error=error)
    world.emit("setup_intent.setup_failed", setup)
    return setup


@route("POST", "/v1/setup_intents")
def create(world: World, params: Body) -> Body:
    """A new setup, tried at once with `confirm`."""
    only(params, _CREATE)
    customer = world.get("customer", params["customer"], "customer")["id"] if "customer" in params else None
    usage = params.get("usage", "off_session")
    made = begun(world, customer=customer, description=params.get("description"), metadata=params.get("metadata"), usage=usage)
    if "payment_method" in params:
        method = usable(world, resolved(world, params["payment_method"]), customer)
        world.change(made, payment_method=method["id"], status="requires_confirmation")
    return _confirmed(world, made, params) if params.get("confirm") else made


@route("POST", "/v1/setup_intents/{setup}/confirm")
def confirm(world: World, params: Body, setup: str) -> Body:
    """Try the card."""
    only(params, ("payment_method", "return_url"))
    return _confirmed(world, _open(world, setup, "confirm"), params)


@route("POST", "/v1/setup_intents/{setup}")
def update(world: World, params: Body, setup: str) -> Body:
    """A setup changed before it is done."""
    only(params, ("customer", "description", "metadata", "payment_method"))
    found = _open(world, setup, "update")
    fields = {name: params[name] for name in ("customer", "description") if name in params}
    if "payment_method" in params:
        fields |= {"payment_method": resolved(world, params["payment_method"])["id"], "status": "requires_confirmation"}
    world.change(found, **fields, metadata=merged(params.get("metadata"), found["metadata"]))
    return found


@route("POST", "/v1/setup_intents/{setup}/cancel")
def cancel(world: World, params: Body, setup: str) -> Body:
    """A setup given up."""
    found = _open(world, setup, "cancel")
    world.change(found, status="canceled", cancellation_reason=params.get("cancellation_reason"), next_action=None)
    world.emit("setup_intent.canceled", found)
    return found


@route("GET", "/v1/setup_intents/{setup}")
def retrieve(world: World, params: Body, setup: str) -> Body:
    """One setup."""
    return world.get("setup_intent", setup)


@route("GET", "/v1/setup_intents")
def list_(world: World, params: Body) -> Body:
    """Setups, newest first."""
    return listed(world, "setup_intent", params, {name: params.get(name) for name in ("customer", "payment_method")})


def _confirmed(world: World, setup: Body, params: Body) -> Body:
    method = params.get("payment_method") or setup["payment_method"]
    if method is None:
        words = "You cannot confirm this SetupIntent because it's missing a payment method."
        raise refused(words, code="setup_intent_unexpected_state")
    done = tried(world, setup, resolved(world, method)["id"], return_url=params.get("return_url"))
    if done["last_setup_error"]:
        raise _card_error(done)
    return done


def _card_error(setup: Body) -> ApiError:
    wrong = setup["last_setup_error"]
    more = {"setup_intent": setup, "payment_method": wrong["payment_method"]}
    return declined(wrong["message"], code=wrong["code"], decline_code=wrong.get("decline_code"), **more)


def _open(world: World, setup: str, verb: str) -> Body:
    found = world.get("setup_intent", setup)
    if found["status"] not in _OPEN:
        words = f"You cannot {verb} this SetupIntent because it has a status of {found['status']}."
        raise refused(words, code="setup_intent_unexpected_state", setup_intent=found)
    return found
