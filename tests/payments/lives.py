"""A shop's life by a seed: purchases, plans, refunds, disputes and renewals while Stripe repeats itself, mixes up its words, and the studio crashes.

`live` ends when all that Stripe has told has arrived. `kept_at_stripe` and `granted` are then the two books to be compared: the first is worked
out from Stripe's own objects, without asking the studio what it made of them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import stripe
from sqlalchemy import text

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor, Role
from credit_studio.core.errors import StudioError
from credit_studio.db import session
from credit_studio.db.session import Tx, transaction
from credit_studio.ledger import service as ledger
from credit_studio.payments import flow, inbox, recharging, reconciling, refunding
from credit_studio.subscriptions import changing
from tests.makers.people import Someone, someone
from tests.payments.shop import ORIGIN, Shop
from tests.sandbox_fixture import Webhook

OPERATOR = Actor(user_id=ids.new_id(), role=Role.ADMIN, door="test")
PACKS = {1_000: 500, 2_500: 1_400, 5_000: 3_000}
PLANS = {"supporter": (1_000, 3_000), "pro": (3_500, 12_000)}
_CHAOS: dict[str, float] = {"duplicate": 0.3, "otherId": 0.3}
_CRASHES_AT_STRIPE, _CRASHES_HERE = 0.02, 0.004
_OPEN_DISPUTES, _GONE = ("needs_response", "under_review"), ("needs_response", "under_review", "lost")
_ALL: Any = {"limit": 100}
_MONTH_S = 31 * 86_400
_CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_refundFail", "pm_card_pendingRefund")


class Crash(BaseException):
    """The process has gone: nobody catches this."""


@contextmanager
def crashes(dice: random.Random) -> Generator[None]:
    """The studio may go before any request to Stripe, after its answer, and at any statement of a transaction."""
    wire: Any = stripe.HTTPXClient
    ask = wire.request_async

    async def asked(*args: Any, **named: Any) -> Any:
        when = dice.random()
        if when < _CRASHES_AT_STRIPE / 2:
            raise Crash
        answer = await ask(*args, **named)
        if when < _CRASHES_AT_STRIPE:
            raise Crash
        return answer

    class Fragile(Tx):
        async def execute(self, *args: Any, **named: Any) -> Any:
            done = await super().execute(*args, **named)
            if dice.random() < _CRASHES_HERE:
                raise Crash
            return done

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wire, "request_async", asked)
        patched.setattr(session, "Tx", Fragile)
        yield


class Life:
    """Two buyers, and what they, Stripe and an operator do."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.dice = shop, random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self.api = shop.sandbox.client().v1
        self.buyers: list[Someone] = []
        self.on_the_way: list[Webhook] = []
        self.trace: list[str] = []
        self.crashed = 0

    async def live(self, steps: int) -> None:
        """Do so many things; then let everything arrive."""
        self.buyers = [await someone(), await someone()]
        for buyer in self.buyers:
            await self.shop.save_card(buyer.id, self.dice.choice(_CARDS))
        self.shop.sandbox.chaos(**_CHAOS, seed=self.dice.randrange(1_000))
        for _ in range(steps):
            await self._step()
        self.shop.sandbox.chaos()
        self.shop.sandbox.clock(by_s=3_600)
        await self._settle()

    async def _step(self) -> None:
        doings = {
            self._check_out: 4,
            self._top_up: 4,
            self._recharge: 2,
            self._choose_plan: 4,
            self._renew: 1,
            self._refund_at_stripe: 3,
            self._refund_here: 2,
            self._dispute: 2,
            self._decide: 3,
            self._spend: 2,
            self._hear: 8,
            self._look: 1,
        }
        (do,) = self.dice.choices([*doings], [*doings.values()])
        self.trace.append(do.__name__)
        with crashes(self.dice):
            await self._survive(do())

    async def _survive(self, doing: Awaitable[object]) -> bool:
        """What is refused, and what crashes, is part of life. False after a crash."""
        try:
            await doing
        except Crash:
            self.crashed += 1
            self.trace.append("  crash")
            return False
        except (StudioError, stripe.StripeError, AssertionError) as said:
            self.trace.append(f"  {type(said).__name__}: {said}"[:160])
        return True

    async def _check_out(self) -> None:
        buyer, pack = self._buyer(), self.dice.choice(["starter", "standard", "professional"])
        opened = await flow.start_checkout(buyer.actor, pack, origin=ORIGIN, key=self._key())
        if self.dice.random() < 0.8:
            self.shop.pay(opened.session_id)
        if self.dice.random() < 0.5:
            await flow.verify(buyer.actor, opened.session_id)

    async def _top_up(self) -> None:
        await flow.top_up(self._buyer().actor, self.dice.choice(["starter", "standard"]), origin=ORIGIN, key=self._key())

    async def _recharge(self) -> None:
        buyer = self._buyer()
        await recharging.set_rule(buyer.actor, enabled=True, below=1_000_000, pack_id="starter", ceiling_amount=3_000, consent=True)
        await recharging.consider(str(buyer.id))

    async def _choose_plan(self) -> None:
        buyer, plan = self._buyer(), self.dice.choice(["supporter", "supporter", "pro", "free"])
        chosen = await (changing.cancel(buyer.actor) if plan == "free" else changing.choose(buyer.actor, plan, origin=ORIGIN, key=self._key()))
        if chosen.session_id is not None:
            self.shop.pay(chosen.session_id)

    async def _renew(self) -> None:
        self.shop.sandbox.clock(by_s=_MONTH_S)

    async def _refund_at_stripe(self) -> None:
        charge = self._charge()
        self.shop.sandbox.control("refund", {"charge": charge.id, "amount": self._part(charge.amount)})

    async def _refund_here(self) -> None:
        orders = [one for one in await flow.orders(self._buyer().actor) if one.status == "paid"]
        if orders:
            order = self.dice.choice(orders)
            await refunding.refund(OPERATOR, order.id, amount=self._part(order.price.amount), reason="Asked")

    async def _dispute(self) -> None:
        charge = self._charge()
        self.shop.sandbox.control("dispute", {"charge": charge.id, "amount": self._part(charge.amount)})

    async def _decide(self) -> None:
        undecided = [one for one in self.api.disputes.list({"limit": 100}).data if one.status in _OPEN_DISPUTES]
        assert undecided, "nothing is disputed"
        ends = self.dice.choice(["won", "lost"])
        self.shop.sandbox.control(f"dispute/{self.dice.choice(undecided).id}/close", {"status": ends})

    async def _spend(self) -> None:
        one, other = self.dice.sample(self.buyers, 2)
        async with transaction() as tx:
            await ledger.transfer(tx, from_owner=one.id, to_owner=other.id, amount=self.dice.randint(1, 600), key=self._key(), note="Spent")

    async def _hear(self) -> None:
        """Some of what Stripe has told arrives, in any order; several processes may work at it at once."""
        self.on_the_way += self.shop.sandbox.flush()
        self.dice.shuffle(self.on_the_way)
        many = self.dice.randint(0, len(self.on_the_way))
        arrived, self.on_the_way = self.on_the_way[:many], self.on_the_way[many:]
        unanswered = [one for one in arrived if not await self._survive(inbox.receive(one.raw, one.signature))]
        self.on_the_way += unanswered  # Stripe sends again what nobody has answered
        told = [str(webhook.event["id"]) for webhook in arrived]
        if self.dice.random() < 0.3:
            await asyncio.gather(*(self._survive(inbox.process(event_id)) for event_id in told))
        else:
            for event_id in told:
                await self._survive(inbox.process(event_id))

    async def _look(self) -> None:
        with clock.frozen(clock.now() + timedelta(hours=2)):
            await reconciling.check_now(OPERATOR)

    async def _settle(self) -> None:
        """All that is on its way arrives; what could not be worked through is tried again."""
        for webhook in [*self.on_the_way, *self.shop.sandbox.flush()]:
            await inbox.receive(webhook.raw, webhook.signature)
        for _ in range(4):
            for event_id in await _column("SELECT event_id FROM inbox WHERE status = 'new' ORDER BY received_at"):
                await inbox.process(event_id)

    def _buyer(self) -> Someone:
        return self.dice.choice(self.buyers)

    def _key(self) -> str:
        """A key that may have been used before: a buyer who presses again."""
        return str(self.dice.randrange(40))

    def _charge(self) -> stripe.Charge:
        paid = [one for one in self.api.charges.list({"limit": 100}).data if one.paid]
        assert paid, "nothing is paid"
        return self.dice.choice(paid)

    def _part(self, amount: int) -> int | None:
        return None if self.dice.random() < 0.4 else self.dice.randint(1, amount)


async def _column(query: str) -> list[Any]:
    async with transaction() as tx:
        return list((await tx.execute(text(query))).scalars())


async def granted() -> int:
    """The credits that orders have brought, without those that were taken back."""
    (total,) = await _column("SELECT coalesce(sum(amount - clawed), 0) FROM \"grant\" WHERE source_ref LIKE 'order:%' AND source IN ('purchase', 'plan')")
    return int(total)


async def dead() -> list[str]:
    """What could not be worked through at all, and why."""
    return await _column("SELECT type || ': ' || error FROM inbox WHERE status <> 'done' AND status <> 'ignored'")


def kept_at_stripe(shop: Shop, credits_of_change: Callable[[str], int]) -> int:
    """The credits that the money which Stripe has kept is worth: each payment's, without the share of what went back of it.

    `credits_of_change` gives what a change of plan within its period adds, by its invoice.
    """
    api = shop.sandbox.client().v1
    back = _gone_back(api)
    kept = 0
    sold: dict[str, tuple[int, int]] = {}
    for invoice in api.invoices.list(_ALL | {"status": "paid", "expand": ["data.payments"]}).auto_paging_iter():
        worth, intent = _worth(invoice, credits_of_change), _intent(invoice)
        if intent is None:
            kept += worth
        else:
            sold[intent] = (worth, invoice.amount_paid)
    for intent in api.payment_intents.list(_ALL).auto_paging_iter():
        if intent.status == "succeeded":
            worth, amount = sold.get(intent.id) or (PACKS[intent.amount_received], intent.amount_received)
            kept += worth - worth * min(amount, back.get(intent.id, 0)) // amount
    return kept


def _gone_back(api: Any) -> dict[str, int]:
    """What went back of each payment or is disputed of it, by its id."""
    back: dict[str, int] = {}
    claims: list[stripe.Refund | stripe.Dispute] = [one for one in api.refunds.list(_ALL).auto_paging_iter() if one.status not in ("failed", "canceled")]
    claims += [one for one in api.disputes.list(_ALL).auto_paging_iter() if one.status in _GONE]
    for one in claims:
        back[str(one.payment_intent)] = back.get(str(one.payment_intent), 0) + one.amount
    return back


def _intent(invoice: stripe.Invoice) -> str | None:
    """The payment of an invoice; None when nothing had to be paid."""
    payments = invoice.payments.data if invoice.payments else []
    return next((str(one.payment.payment_intent) for one in payments if one.payment.payment_intent), None)


def _worth(invoice: stripe.Invoice, credits_of_change: Callable[[str], int]) -> int:
    if invoice.billing_reason == "subscription_update":
        return credits_of_change(str(invoice.id))
    charged = sum(line.amount for line in invoice.lines.data)
    return next(credits_ for price, credits_ in PLANS.values() if price == charged)
