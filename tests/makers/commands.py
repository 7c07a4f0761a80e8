"""Commands of the book as its verbs make them, and as asks for a batcher: so that a test may go in by any door."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.core.clock import FAR_FUTURE
from credit_studio.ledger import chain
from credit_studio.ledger.terms import AnyCommand, Capture, ClawBack, Deduct, GrantCredits, HoldCredits, Refund, Reinstate, Release

HELD_FOR = timedelta(days=3_650)
"""How long holds of tests last: longer than any test lets its clock go on."""
PRIORITY = {"plan": 10, "promo": 20, "purchase": 50}
_WHAT = ("account_id", "run_id", "source", "source_ref", "of_grant", "amount", "state", "expires_at")


def asked(command: AnyCommand) -> list[object]:
    """What tells a retry of the command from another request under its key: all but the instant, the words and the ids that are made anew."""
    told = {one.name: getattr(command, one.name) for one in fields(command)} | (
        {} if isinstance(command, GrantCredits) else {"of_grant": getattr(command, "grant_id", None)}
    )
    if isinstance(command, HoldCredits):
        told.pop("expires_at")
    return [type(command).__name__, *(told[name] for name in _WHAT if name in told)]


def ask(command: AnyCommand, zone: str = "UTC") -> AnyCommand:
    """The command as a batcher takes it: with its fingerprint, and a hold with its owner's zone."""
    command.fingerprint = chain.request_hash(asked(command))
    if isinstance(command, HoldCredits):
        command.zone = zone
    return command


def grant(account_id: UUID, at: datetime, *, grant_id: UUID, key: str, amount: int, source: str = "purchase", ends: datetime = FAR_FUTURE) -> GrantCredits:
    """Credits that arrive."""
    named: dict[str, Any] = {"account_id": account_id, "scope": f"grant:{source}", "key": key, "at": at, "grant_id": grant_id, "source": source}
    return GrantCredits(**named, source_ref=key, label="", amount=amount, priority=PRIORITY[source], expires_at=ends)


def hold(account_id: UUID, at: datetime, *, run_id: UUID, amount: int) -> HoldCredits:
    """Credits set aside for a run."""
    named: dict[str, Any] = {"account_id": account_id, "scope": "hold", "key": str(run_id), "at": at, "run_id": run_id}
    return HoldCredits(**named, amount=amount, expires_at=at + HELD_FOR)


def capture(account_id: UUID, at: datetime, *, run_id: UUID, amount: int) -> Capture:
    """The end of a hold that spends."""
    return Capture(account_id=account_id, scope="settle", key=str(run_id), at=at, run_id=run_id, amount=amount, note="")


def release(account_id: UUID, at: datetime, *, run_id: UUID, state: str = "released") -> Release:
    """The end of a hold that spends nothing."""
    return Release(account_id=account_id, scope="settle", key=str(run_id), at=at, run_id=run_id, state=state, note="")


def refund(account_id: UUID, at: datetime, *, run_id: UUID, amount: int, key: str) -> Refund:
    """What a run was charged comes back."""
    return Refund(account_id=account_id, scope="refund", key=key, at=at, run_id=run_id, amount=amount, note="")


def claw_back(account_id: UUID, at: datetime, *, grant_id: UUID, amount: int, key: str) -> ClawBack:
    """A payment was taken back."""
    return ClawBack(account_id=account_id, scope="claw_back", key=key, at=at, grant_id=grant_id, amount=amount, note="")


def reinstate(account_id: UUID, at: datetime, *, grant_id: UUID, new_grant_id: UUID, amount: int, key: str) -> Reinstate:
    """The payment was kept after all."""
    named: dict[str, Any] = {"account_id": account_id, "scope": "reinstate", "key": key, "at": at, "grant_id": grant_id, "new_grant_id": new_grant_id}
    return Reinstate(**named, amount=amount, note="")


def deduct(account_id: UUID, at: datetime, *, amount: int, key: str) -> Deduct:
    """Credits taken away by hand."""
    return Deduct(account_id=account_id, scope="adjust", key=key, at=at, amount=amount, note="")
