"""Every payment at Stripe has its one grant, and every grant its payment: looked at every hour, mended where that is possible, told where not.

Unfinished orders older than an hour are asked for; what Stripe has is written as its events would have (`mending`); then the whole book is compared.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import asdict
from uuid import UUID

import structlog

from credit_studio import settings
from credit_studio.audit import service as audit
from credit_studio.core import clock, ids
from credit_studio.core.actor import SYSTEM, Actor
from credit_studio.core.errors import InvariantBroken
from credit_studio.db.session import Tx, snapshot, transaction
from credit_studio.history import service as history
from credit_studio.history.lapses import Rest
from credit_studio.ledger.terms import PLAN_SOURCE, PURCHASE_SOURCE
from credit_studio.payments import checks, gateway, inbox, mending, reconcile_rules, rules, service, store
from credit_studio.payments.reconcile_rules import Finding, Granted, Sold
from credit_studio.payments.refunding import claims_from, rest_of
from credit_studio.payments.views import MoneyReport, MoneyVerdict

_A_PAGE = 500
_SOURCES = (PLAN_SOURCE, PURCHASE_SOURCE)
_log = structlog.get_logger()


async def check_when_due() -> MoneyVerdict | None:
    """Check, when nobody has begun to within the hour and something is for sale; None otherwise. Harmless at any time."""
    return await _check(SYSTEM, at_once=False) if settings.get().sells else None


async def check_now(actor: Actor) -> MoneyVerdict:
    """Check at once. For operators; raises `Forbidden`, and `Unavailable` when nothing is for sale or Stripe does not answer."""
    actor.require_admin()
    gateway.client()
    found = await _check(actor, at_once=True)
    if found is None:
        raise InvariantBroken("a check that was asked for was not made")
    return found


async def report(actor: Actor) -> MoneyReport:
    """The last check, the orders that are unfinished for more than an hour, and the events that were given up. For operators."""
    actor.require_admin()
    async with transaction() as tx:
        last = await checks.last_ended(tx)
        waiting = await checks.unfinished(tx, before=clock.now() - reconcile_rules.OLD, limit=mending.AT_ONCE)
    return MoneyReport(None if last is None else _verdict(last), tuple(service.view(row) for row in waiting), await inbox.dead_letters(actor))


async def _check(actor: Actor, *, at_once: bool) -> MoneyVerdict | None:
    check_id, now = ids.new_id(), clock.now()
    async with transaction() as tx:
        last = await checks.last_begun(tx)
        if not at_once and not reconcile_rules.is_due(last, now):
            return None
        since = reconcile_rules.look_from(last, now)
        await checks.begin(tx, {"id": check_id, "at": now, "since": since, "looked": 0, "mended": [], "found": []})
    tally = mending.Tally()
    await mending.mend(tally, since)
    async with snapshot() as still:
        tally.found += [one async for one in _disagreements(still)]
    return await _end(actor, check_id, tally)


async def _end(actor: Actor, check_id: UUID, tally: mending.Tally) -> MoneyVerdict:
    values = {"ended_at": clock.now(), "looked": tally.looked, "mended": tally.mended, "found": [asdict(one) for one in tally.found]}
    async with transaction() as tx:
        row = await checks.end(tx, check_id, values)
        if tally.mended or tally.found:
            details = {"looked": tally.looked, "mended": len(tally.mended), "found": [one.code for one in tally.found]}
            await audit.record(tx, "money.reconciled", actor=actor, subject=f"check:{check_id}", details=details)
    if tally.found:
        _log.critical("money.disagrees", found=[asdict(one) for one in tally.found])
    return _verdict(row)


async def _disagreements(tx: Tx) -> AsyncIterator[Finding]:
    """Compare every paid order with its grants, and every grant of an order with its order, at the instant of the snapshot `tx`."""
    last: UUID | None = None
    while rows := await checks.paid_after(tx, last, limit=_A_PAGE):
        claims = defaultdict[UUID, list[store.Row]](list)
        for one in await store.claims_of(tx, *(row["id"] for row in rows)):
            claims[one["purchase_id"]].append(one)
        sold = [await _sold(tx, row, claims[row["id"]]) for row in rows]
        grants = defaultdict[str, list[Granted]](list)
        for one in await history.granted(tx, sources=_SOURCES, references=[rules.grant_reference(row["id"]) for row in rows]):
            grants[one.reference].append(Granted(one.reference, one.owner_id, one.amount, one.clawed))
        for finding in reconcile_rules.disagreements(sold, grants):
            yield finding
        last = rows[-1]["id"]
    async for finding in _ungrounded(tx):
        yield finding


async def _ungrounded(tx: Tx) -> AsyncIterator[Finding]:
    """Grants that name an order which is not paid."""
    after: UUID | None = None
    while page := await history.granted_after(tx, after, sources=_SOURCES, prefix=rules.grant_reference(""), limit=_A_PAGE):
        named = {ids.parse_id(one.reference.removeprefix(rules.grant_reference(""))): one for one in page}
        unpaid = await checks.unpaid_of(tx, [order_id for order_id in named if order_id is not None])
        for order_id, one in named.items():
            if order_id is None or order_id in unpaid:
                yield Finding("granted_not_paid", one.reference, f"{one.amount} credits are granted, and no paid order is named by it")
        after = page[-1].id


async def _sold(tx: Tx, row: store.Row, claims: list[store.Row]) -> Sold:
    held, found = sum(one["credits"] for one in claims), claims_from(claims)
    rest = await rest_of(tx, row, found) if claims and row["kind"] == "plan" else Rest()
    return Sold(row["id"], row["person_id"], row["credits"], row["amount"], tuple(found), held, rest.lapsed + rest.held)


def _verdict(row: store.Row) -> MoneyVerdict:
    found = tuple(Finding(**one) for one in row["found"])
    return MoneyVerdict(row["at"], row["since"], row["looked"], tuple(row["mended"]), tuple((one.code, one.about, one.said) for one in found))
