"""The one gate: every way to spend passes here. It holds the quoted maximum, or says which limit stopped it, how far and until when."""

from datetime import datetime, timedelta
from uuid import UUID

from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import Facts, NotFound, PaymentRequired
from credit_studio.db.session import Tx
from credit_studio.engine.views import CapState
from credit_studio.identity import service as identity
from credit_studio.ledger import flow as batched
from credit_studio.ledger import service as ledger
from credit_studio.ledger.desk import After
from credit_studio.ledger.terms import Refusal
from credit_studio.ledger.views import HoldView

NO_CAP = MAX_CREDITS
"""What a person's own cap allows once it was taken away: its window stays, so that one that is set again counts what was spent."""

_WINDOWS = ("run", "day", "month")
_SAID = {"cap_daily": "daily cap", "cap_monthly": "monthly cap"}


async def hold(*, person_id: UUID, run_id: UUID, amount: int, lasts: timedelta, zone: str, after: After) -> HoldView:
    """Hold `amount` for a run; `after` writes what belongs to it, in the same transaction. `zone`: the person's (`zone_of`).

    Raises `PaymentRequired` (insufficient_credits, cap_per_run, cap_daily, cap_monthly) with its facts, and what `after` raises.
    """
    made = await batched.hold(owner_id=person_id, run_id=run_id, amount=amount, lasts=lasts, zone=zone, after=after)
    if isinstance(made, Refusal):
        raise refusal(made)
    return made


async def cap_states(tx: Tx, *, person_id: UUID) -> tuple[CapState, ...]:
    """Every cap of the person as it stands: the plan's and those of their own that were not taken away."""
    caps = await ledger.caps(tx, owner_id=person_id, zone=await zone_of(tx, person_id))
    return tuple(
        CapState(window=cap.label, scope=cap.subject, limit=cap.limit, used=cap.used, resets_at=cap.resets_at)  # type: ignore[arg-type]
        for cap in sorted(caps, key=lambda one: (_WINDOWS.index(one.label), one.subject))
        if cap.limit < NO_CAP
    )


async def zone_of(tx: Tx, person_id: UUID) -> str:
    """The person's time zone; raises `NotFound`."""
    person = await identity.find_person(tx, person_id=person_id)
    if person is None:
        raise NotFound("There is no such person.")
    return person.time_zone


def refusal(refused: Refusal) -> PaymentRequired:
    """A refusal of the book in words, with its numbers."""
    if refused.code == "insufficient_credits":
        return _too_little(refused)
    if refused.code == "cap_per_run":
        said = f"Your own cap for one run is {refused.limit:,} credits, and this run may need {refused.required:,}. Nothing was charged."
        return _stopped(refused, said, "Lower the inputs, ask for at most that many credits, or raise the cap.", limit=refused.limit, spent=0, resets_at=None)
    cap = refused.cap
    assert cap is not None  # noqa: S101 - every other refusal of a hold names its cap
    own = cap.subject == "own"
    whose = "Your own" if own else "The plan's"
    said = f"{whose} {_SAID[refused.code]}: {cap.used:,} of {cap.limit:,} spent. This run needs {refused.required:,}. Nothing was charged."
    action = (
        "Raise your cap, or wait until it resets."
        if own
        else "Wait until it resets, move to a larger plan, or buy credits: bought credits pass the plan's cap."
    )
    return _stopped(refused, said, action, limit=cap.limit, spent=cap.used, resets_at=cap.window_end)


def _too_little(refused: Refusal) -> PaymentRequired:
    short = refused.required - refused.available
    held = f" {refused.held:,} more are held by runs in progress." if refused.held else ""
    said = f"{refused.available:,} credits available, {refused.required:,} needed.{held} Nothing was charged."
    facts = Facts(balance=refused.available, held=refused.held, required=refused.required, shortfall=short)
    return PaymentRequired(said, code="insufficient_credits", action="Buy credits, or lower the inputs.", helps=("purchase", "upgrade"), facts=facts)


def _stopped(refused: Refusal, said: str, action: str, *, limit: int | None, spent: int, resets_at: datetime | None) -> PaymentRequired:
    facts = Facts(balance=refused.available, held=refused.held, required=refused.required, limit=limit, spent=spent, resets_at=resets_at)
    helps = ("settings",) if refused.cap is None or refused.cap.subject == "own" else ("upgrade", "purchase")
    return PaymentRequired(said, code=refused.code, action=action, helps=helps, facts=facts)
