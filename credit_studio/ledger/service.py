"""The verbs of the book, each in a transaction that the caller gives; and what it tells. Nothing here commits."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.clock import FAR_FUTURE
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import InvariantBroken, NotFound
from credit_studio.db.session import Tx
from credit_studio.ledger import chain, rules, store, terms, writing
from credit_studio.ledger.errors import BadCommand, HoldEnded
from credit_studio.ledger.terms import (
    SETTLE,
    Capture,
    ClawBack,
    Deduct,
    Done,
    Expire,
    GrantCredits,
    HoldCredits,
    ReceiveCredits,
    Refund,
    Refusal,
    Reinstate,
    Release,
    SendCredits,
)
from credit_studio.ledger.views import PERSON, Balance, CapView, GrantView, HoldView

SUBJECTS, LABELS = ("plan", "own"), ("run", "day", "month")
# Burn order: what ends first goes first by its date; among equals the plan's own credits go before gifts, and those before bought ones.
PRIORITY = {"plan": 10, "promo": 20, "gift": 20, "referral": 20, "goodwill": 20, "purchase": 50}


async def open_account(tx: Tx, *, owner_id: UUID, owner_kind: str = PERSON) -> UUID:
    """The owner's account id; the account is made when there is none."""
    await store.open_account(tx, {"id": ids.new_id(), "owner_kind": owner_kind, "owner_id": owner_id, "chain_head": chain.GENESIS})
    return await account_id_of(tx, owner_id=owner_id, owner_kind=owner_kind)


async def account_id_of(tx: Tx, *, owner_id: UUID, owner_kind: str = PERSON) -> UUID:
    """The owner's account id; raises `BadCommand` when there is no account."""
    found = await store.find_account_id(tx, owner_kind=owner_kind, owner_id=owner_id)
    if found is None:
        raise BadCommand("There is no account of that owner. Nothing was written.", code="unknown_account")
    return found


async def grant(tx: Tx, *, owner_id: UUID, source: str, source_ref: str, amount: int, label: str = "", expires_at: datetime | None = None) -> bool:
    """Add credits, once for each (source, source_ref); False when they had been added before.

    Raises `BadCommand` for an amount that is no whole number of credits from 1, or an unknown source; `KeyReused` when the same
    reference came with another amount or owner.
    """
    if source not in PRIORITY:
        raise BadCommand(f"{source!r} is no source of credits. It is one of {', '.join(PRIORITY)}.", code="unknown_source")
    command = GrantCredits(
        account_id=await account_id_of(tx, owner_id=owner_id),
        scope=f"grant:{source}",
        key=source_ref,
        at=clock.now(),
        grant_id=ids.new_id(),
        source=source,
        source_ref=source_ref,
        label=label,
        amount=amount,
        priority=PRIORITY[source],
        expires_at=expires_at or FAR_FUTURE,
    )
    done = await writing.carry_out(tx, command, asked=[command.account_id, source, source_ref, amount, command.expires_at])
    return not accepted(done).replayed


async def lock(tx: Tx, *, owner_id: UUID) -> None:
    """Take the owner's account lock now: what the caller reads after it cannot change under it. Raises `BadCommand` without an account."""
    await store.lock(tx, [await account_id_of(tx, owner_id=owner_id)])


async def hold(tx: Tx, *, owner_id: UUID, run_id: UUID, amount: int, lasts: timedelta, zone: str) -> HoldView | Refusal:
    """Set `amount` aside for a run within balance and caps, or say what stops it. Cap windows are made in the owner's `zone`."""
    command = holding(await account_id_of(tx, owner_id=owner_id), run_id=run_id, amount=amount, lasts=lasts, zone=zone)
    done = await writing.carry_out(tx, command)
    return done if isinstance(done, Refusal) else hold_view(done)


async def capture(tx: Tx, *, owner_id: UUID, run_id: UUID, amount: int, note: str = "") -> HoldView:
    """Spend `amount` of the run's hold and return the rest; a second call with the same amount changes nothing.

    Raises `HoldEnded` when the hold has ended another way, `BadCommand` when the amount is below 1 or above the hold.
    """
    command = capturing(await account_id_of(tx, owner_id=owner_id), run_id=run_id, amount=amount, note=note)
    return hold_view(accepted(await writing.carry_out(tx, command)))


async def release(tx: Tx, *, owner_id: UUID, run_id: UUID, reason: str, expired: bool = False) -> HoldView:
    """Return the run's whole hold; a second call changes nothing. Raises `HoldEnded` when it was captured."""
    command = releasing(await account_id_of(tx, owner_id=owner_id), run_id=run_id, reason=reason, expired=expired)
    return hold_view(accepted(await writing.carry_out(tx, command)))


def holding(account_id: UUID, *, run_id: UUID, amount: int, lasts: timedelta, zone: str) -> HoldCredits:
    """The command of `hold`."""
    now, said = clock.now(), chain.request_hash([account_id, run_id, amount])
    named: dict[str, Any] = {"account_id": account_id, "scope": "hold", "key": str(run_id), "at": now, "fingerprint": said, "run_id": run_id}
    return HoldCredits(**named, amount=amount, expires_at=now + lasts, zone=zone)


def capturing(account_id: UUID, *, run_id: UUID, amount: int, note: str) -> Capture:
    """The command of `capture`."""
    said = chain.request_hash([account_id, run_id, "capture", amount])
    return Capture(account_id=account_id, scope=SETTLE, key=str(run_id), at=clock.now(), fingerprint=said, run_id=run_id, amount=amount, note=note)


def releasing(account_id: UUID, *, run_id: UUID, reason: str, expired: bool = False) -> Release:
    """The command of `release`."""
    state, said = "expired" if expired else "released", chain.request_hash([account_id, run_id, "release"])
    return Release(account_id=account_id, scope=SETTLE, key=str(run_id), at=clock.now(), fingerprint=said, run_id=run_id, state=state, note=reason)


async def expire_lapsed(tx: Tx, *, limit: int = 200) -> int:
    """End grants whose time has passed; returns how many. Harmless to run twice."""
    now, ended = clock.now(), 0
    for row in await store.lapsed_grants(tx, now, limit):
        command = Expire(account_id=row["account_id"], scope="expire", key=f"{row['id']}:{now.isoformat()}", at=now, grant_id=row["id"])
        ended += isinstance(await writing.carry_out(tx, command, asked=[row["id"], now]), Done)
    return ended


async def refund(tx: Tx, *, owner_id: UUID, run_id: UUID, amount: int, key: str, reason: str) -> HoldView:
    """Give `amount` of what a run was charged back to the grants that paid it; once for each `key`.

    A grant whose end has passed stays usable for 24 hours. Raises `BadCommand` above what is still charged.
    """
    account_id = await account_id_of(tx, owner_id=owner_id)
    command = Refund(account_id=account_id, scope="refund", key=key, at=clock.now(), run_id=run_id, amount=amount, note=reason)
    return hold_view(accepted(await writing.carry_out(tx, command, asked=[account_id, run_id, amount])))


async def claw_back(tx: Tx, *, owner_id: UUID, source: str, source_ref: str, amount: int, key: str, reason: str) -> bool:
    """Take `amount` of a grant back: what is left in it first, the rest becomes debt that the next purchase repays; once for each `key`.

    All claw-backs of a grant together never take more than was granted. False when nothing was left to take, or it had been done before.
    """
    account_id, grant_id = await _named_grant(tx, owner_id, source, source_ref)
    command = ClawBack(account_id=account_id, scope="claw_back", key=key, at=clock.now(), grant_id=grant_id, amount=amount, note=reason)
    result = await writing.carry_out(tx, command, asked=[account_id, grant_id, amount])
    return not (isinstance(result, Refusal) and result.code == "taken_back_already") and not accepted(result).replayed


async def reinstate(tx: Tx, *, owner_id: UUID, source: str, source_ref: str, amount: int, key: str, reason: str) -> bool:
    """Undo `amount` of a grant's claw-backs (a dispute was won): debt goes first, the rest comes back as credits; once for each `key`."""
    account_id, grant_id = await _named_grant(tx, owner_id, source, source_ref)
    command = Reinstate(
        account_id=account_id, scope="reinstate", key=key, at=clock.now(), grant_id=grant_id, new_grant_id=ids.new_id(), amount=amount, note=reason
    )
    result = await writing.carry_out(tx, command, asked=[account_id, grant_id, amount])
    return not (isinstance(result, Refusal) and result.code == "nothing_taken_back") and not accepted(result).replayed


async def transfer(tx: Tx, *, from_owner: UUID, to_owner: UUID, amount: int, key: str, note: str, from_kind: str = PERSON, to_kind: str = PERSON) -> bool:
    """Move credits that were bought or got as a gift to another account, where they arrive as a gift; once for each `key`. Raises `BadCommand`."""
    from_id = await account_id_of(tx, owner_id=from_owner, owner_kind=from_kind)
    to_id = await account_id_of(tx, owner_id=to_owner, owner_kind=to_kind)
    if from_id == to_id:
        raise BadCommand("Credits cannot be sent to the account that they come from.", code="same_account")
    await store.lock(tx, sorted((from_id, to_id)))
    sent = SendCredits(account_id=from_id, scope="send", key=key, at=clock.now(), amount=amount, note=note)
    if accepted(await writing.carry_out(tx, sent, asked=[from_id, to_id, amount])).replayed:
        return False
    got = ReceiveCredits(account_id=to_id, scope="receive", key=key, at=clock.now(), grant_id=ids.new_id(), amount=amount, note=note)
    accepted(await writing.carry_out(tx, got, asked=[from_id, to_id, amount]))
    return True


async def deduct(tx: Tx, *, owner_id: UUID, amount: int, key: str, reason: str, actor: Actor) -> bool:
    """Take credits away by hand, once for each `key`; the reason and the actor stand in the book. Adding by hand is `grant` (goodwill)."""
    account_id = await account_id_of(tx, owner_id=owner_id)
    note = f"{reason} (by {actor.user_id or actor.door})"
    command = Deduct(account_id=account_id, scope="adjust", key=key, at=clock.now(), amount=amount, note=note)
    return not accepted(await writing.carry_out(tx, command, asked=[account_id, amount, reason])).replayed


async def _named_grant(tx: Tx, owner_id: UUID, source: str, source_ref: str) -> tuple[UUID, UUID]:
    account_id = await account_id_of(tx, owner_id=owner_id)
    grant_id = await store.grant_by_reference(tx, source, source_ref) if rules.is_key(source_ref) else None
    if grant_id is None:
        raise BadCommand("There is no grant of that reference. Nothing was written.", code="unknown_grant")
    return account_id, grant_id


async def set_cap(tx: Tx, *, owner_id: UUID, subject: str, label: str, limit: int, zone: str, period: tuple[datetime, datetime] | None = None) -> None:
    """Set what a cap allows ("plan" or "own"; "run", "day" or "month"), now and in windows to come. The first counts what was used in it before.

    Windows follow the calendar of `zone`, or a plan's `period` [start, end): then the window before it ends where it starts. Raises `BadCommand`.
    """
    if subject not in SUBJECTS or label not in LABELS or type(limit) is not int or not 0 <= limit <= MAX_CREDITS:
        raise BadCommand(f"No cap: {subject!r} for a {label!r} of {limit!r} credits. Nothing was written.", code="invalid_cap")
    account_id, now = await account_id_of(tx, owner_id=owner_id), clock.now()
    start, end = period or (None, None)
    await store.lock(tx, [account_id])
    await store.set_rule(tx, account_id=account_id, subject=subject, label=label, lim=limit, period_start=start, period_end=end)
    if start is not None:
        await store.end_window(tx, account_id=account_id, subject=subject, label=label, at=start)
    for cap in (await writing.cap_windows(tx, account_id, at=now, zone=zone))[0]:
        if (cap.subject, cap.label) == (subject, label):
            await store.put_window(tx, replace(cap, limit=limit, used=cap.used if cap.id else await writing.used_before(tx, cap)))


def hold_view(done: Done) -> HoldView:
    """The hold that a command was about, as others see it."""
    held = done.hold
    if held is None:
        raise InvariantBroken("a hold was decided without a hold")
    return HoldView(held.id, held.account_id, held.run_id, held.amount, held.captured, held.state, held.expires_at)


async def balance(tx: Tx, *, owner_id: UUID, owner_kind: str = PERSON) -> Balance:
    """The account now: lapsed grants no longer count, even before they are expired. Raises `NotFound` without an account."""
    sheet = await store.sheet_of(tx, owner_kind=owner_kind, owner_id=owner_id)
    if sheet is None:
        raise NotFound("There is no account of that owner.")
    account, now = sheet.account, clock.now()
    available = sheet.free(now)
    grants = tuple(_grant_view(one) for one in sheet.grants if one.held or one.expires_at > now)
    return Balance(account.id, available, account.held, total=available + account.held, debt=account.debt, version=account.version, grants=grants)


async def caps(tx: Tx, *, owner_id: UUID, zone: str) -> tuple[CapView, ...]:
    """Every cap of the owner as it stands now; one that nothing was counted in yet shows the window it would have."""
    open_now, asked = await writing.cap_windows(tx, await account_id_of(tx, owner_id=owner_id), at=clock.now(), zone=zone)
    windows = tuple(CapView(cap.subject, cap.label, cap.limit, cap.used, cap.window_end) for cap in open_now)
    return windows + tuple(CapView(rule.subject, "run", rule.limit, 0, None) for rule in asked if rule.label == "run")


def _grant_view(grant: terms.Grant) -> GrantView:
    ends = None if grant.expires_at >= FAR_FUTURE else grant.expires_at
    return GrantView(grant.id, grant.source, grant.amount, grant.remaining, grant.held, ends, grant.priority)


def accepted(result: Done | Refusal) -> Done:
    """What was done. Raises `HoldEnded` for a hold that has ended another way, `BadCommand` for all else that was refused."""
    if isinstance(result, Done):
        return result
    if result.code == "hold_ended":
        raise HoldEnded("This hold has ended already. Nothing moved.")
    raise BadCommand(f"The book refused this: {result.code}. Nothing was written.", code=result.code)
