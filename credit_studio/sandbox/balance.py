"""What a payment, a refund or a dispute does to the shop's balance: the lines behind `balance_transaction`."""

from credit_studio.sandbox.errors import Body
from credit_studio.sandbox.listing import listed
from credit_studio.sandbox.routes import route
from credit_studio.sandbox.world import World

_RATE_PERCENT_TENTHS = 15
_FIXED = 20
DISPUTE_FEE = 2000
"""What a dispute costs, in the smallest unit, as for cards of the United Kingdom."""
_DAYS_S = 2 * 86_400


def booked(world: World, amount: int, currency: str, *, source: str, kind: str, category: str, fee: int = 0) -> Body:
    """One line: `amount` in the smallest unit, negative when money goes."""
    told = [{"amount": fee, "application": None, "currency": currency, "description": "Stripe processing fees", "type": "stripe_fee"}] if fee else []
    line = {
        "id": world.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": world.now() + _DAYS_S,
        "balance_type": "payments",
        "created": world.now(),
        "currency": currency,
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": told,
        "net": amount - fee,
        "reporting_category": category,
        "source": source,
        "status": "pending",
        "type": kind,
    }
    return world.add(line)


def card_fee(amount: int) -> int:
    """1.5 % and 20 pence."""
    return amount * _RATE_PERCENT_TENTHS // 1000 + _FIXED


@route("GET", "/v1/balance_transactions/{line}")
def retrieve(world: World, params: Body, line: str) -> Body:
    """One line."""
    return world.get("balance_transaction", line)


@route("GET", "/v1/balance_transactions")
def list_(world: World, params: Body) -> Body:
    """Lines, newest first."""
    return listed(world, "balance_transaction", params, {name: params.get(name) for name in ("currency", "source", "type")})
