"""The SQL of offers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.offers.models import Gift, PromoCode, Redemption, Referral, ReferralCode

_P, _G, _C, _R = columns(PromoCode), columns(Gift), columns(ReferralCode), columns(Referral)


async def add_promo(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write a code; False when there is one of that name."""
    statement = upsert(PromoCode).values(**row).on_conflict_do_nothing(index_elements=["code"]).returning(_P.id)
    return (await tx.execute(statement)).first() is not None


async def promos(tx: Tx, *, limit: int) -> Sequence[RowMapping]:
    """The newest codes."""
    return (await tx.execute(select(_P).order_by(_P.created_at.desc(), _P.id.desc()).limit(limit))).mappings().all()


async def lock_promo(tx: Tx, code: str) -> RowMapping | None:
    """The code's row, locked: its uses are counted one after the other."""
    return (await tx.execute(select(_P).where(_P.code == code).with_for_update())).mappings().one_or_none()


async def end_promo(tx: Tx, promo_id: UUID, *, at: datetime) -> RowMapping | None:
    """End a code, once; its row, or None for an unknown one."""
    await tx.execute(update(PromoCode).where(_P.id == promo_id, _P.ended_at.is_(None)).values(ended_at=at))
    return (await tx.execute(select(_P).where(_P.id == promo_id))).mappings().one_or_none()


async def redeem(tx: Tx, *, promo_id: UUID, person_id: UUID, at: datetime) -> bool:
    """Note that the person redeems the code and count it; False when they have before."""
    row = {"promo_id": promo_id, "person_id": person_id, "at": at}
    made = await tx.execute(upsert(Redemption).values(row).on_conflict_do_nothing().returning(columns(Redemption).at))
    if made.first() is None:
        return False
    await tx.execute(update(PromoCode).where(_P.id == promo_id).values(used=_P.used + 1))
    return True


async def add_gift(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write a gift; False when the giver's key has one."""
    statement = upsert(Gift).values(**row).on_conflict_do_nothing(index_elements=["person_id", "idem_key"]).returning(_G.id)
    return (await tx.execute(statement)).first() is not None


async def gift_of_key(tx: Tx, *, person_id: UUID, key: str) -> RowMapping | None:
    """The giver's gift of that key, locked."""
    return (await tx.execute(select(_G).where(_G.person_id == person_id, _G.idem_key == key).with_for_update())).mappings().one_or_none()


async def gifts(tx: Tx, *, person_id: UUID, limit: int) -> Sequence[RowMapping]:
    """The person's newest gifts."""
    return (await tx.execute(select(_G).where(_G.person_id == person_id).order_by(_G.created_at.desc(), _G.id.desc()).limit(limit))).mappings().all()


async def open_gifts(tx: Tx, *, person_id: UUID) -> int:
    """How many gifts of the person's are open."""
    return (await tx.execute(select(func.count()).select_from(Gift).where(_G.person_id == person_id, _G.state == "open"))).scalar_one()


async def gift_of_token(tx: Tx, token_hash: bytes, *, locked: bool = False) -> RowMapping | None:
    """The gift of a link."""
    found = select(_G).where(_G.token_hash == token_hash)
    return (await tx.execute(found.with_for_update() if locked else found)).mappings().one_or_none()


async def lock_gift(tx: Tx, *, gift_id: UUID, person_id: UUID) -> RowMapping | None:
    """A gift of the person's, locked."""
    return (await tx.execute(select(_G).where(_G.id == gift_id, _G.person_id == person_id).with_for_update())).mappings().one_or_none()


async def lock_lapsed_gifts(tx: Tx, *, now: datetime, limit: int) -> Sequence[RowMapping]:
    """Open gifts past their time, locked; those that somebody else has locked are left to them."""
    due = select(_G).where(_G.state == "open", _G.until <= now).order_by(_G.until).limit(limit)
    return (await tx.execute(due.with_for_update(skip_locked=True))).mappings().all()


async def end_gift(tx: Tx, gift_id: UUID, *, state: str, at: datetime, claimed_by: UUID | None = None) -> RowMapping:
    """End an open gift; its row after that."""
    values = {"state": state, "ended_at": at, "claimed_by": claimed_by}
    return (await tx.execute(update(Gift).where(_G.id == gift_id, _G.state == "open").values(**values).returning(_G))).mappings().one()


async def set_token(tx: Tx, gift_id: UUID, token_hash: bytes) -> None:
    """Let another link lead to the gift."""
    await tx.execute(update(Gift).where(_G.id == gift_id).values(token_hash=token_hash))


async def code_of(tx: Tx, person_id: UUID) -> str | None:
    """The code of the person's invitations."""
    return (await tx.execute(select(_C.code).where(_C.person_id == person_id))).scalar_one_or_none()


async def add_code(tx: Tx, row: Mapping[str, Any]) -> None:
    """Give a person a code, unless they have one or somebody else has this one."""
    await tx.execute(upsert(ReferralCode).values(**row).on_conflict_do_nothing())


async def owner_of_code(tx: Tx, code: str) -> UUID | None:
    """Whose invitations have that code."""
    return (await tx.execute(select(_C.person_id).where(_C.code == code))).scalar_one_or_none()


async def lock_code(tx: Tx, person_id: UUID) -> None:
    """Decide this person's bonuses one after the other."""
    await tx.execute(select(_C.code).where(_C.person_id == person_id).with_for_update())


async def add_referral(tx: Tx, row: Mapping[str, Any]) -> bool:
    """Write an accepted invitation; False when the person has accepted one."""
    statement = upsert(Referral).values(**row).on_conflict_do_nothing(index_elements=["person_id"]).returning(_R.person_id)
    return (await tx.execute(statement)).first() is not None


async def referral_of(tx: Tx, person_id: UUID, *, locked: bool = False) -> RowMapping | None:
    """The invitation that the person has accepted."""
    found = select(_R).where(_R.person_id == person_id)
    return (await tx.execute(found.with_for_update() if locked else found)).mappings().one_or_none()


async def lock_referral_of_order(tx: Tx, order_id: UUID) -> RowMapping | None:
    """The invitation whose bonus this order has earned, locked."""
    return (await tx.execute(select(_R).where(_R.order_id == order_id, _R.state == "rewarded").with_for_update())).mappings().one_or_none()


async def referrals(tx: Tx, *, referrer_id: UUID, limit: int) -> Sequence[RowMapping]:
    """The newest invitations of the person's that were accepted."""
    return (await tx.execute(select(_R).where(_R.referrer_id == referrer_id).order_by(_R.created_at.desc()).limit(limit))).mappings().all()


async def rewarded(tx: Tx, *, referrer_id: UUID) -> tuple[int, int]:
    """How many bonuses the person has earned and kept, and how many credits these are."""
    figures = func.count().label("bonuses"), func.coalesce(func.sum(_R.credits), 0).label("credits")
    row = (await tx.execute(select(*figures).where(_R.referrer_id == referrer_id, _R.state == "rewarded"))).mappings().one()
    return int(row["bonuses"]), int(row["credits"])


async def decide(tx: Tx, person_id: UUID, values: Mapping[str, Any]) -> None:
    """Write how an invitation ended."""
    await tx.execute(update(Referral).where(_R.person_id == person_id).values(**values))
