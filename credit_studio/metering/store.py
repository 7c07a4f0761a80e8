"""The SQL of token counts."""

from uuid import UUID

from sqlalchemy import RowMapping, case, func, select
from sqlalchemy.dialects.postgresql import insert

from credit_studio.db.session import Tx
from credit_studio.db.tables import columns
from credit_studio.metering.models import TokenCount

_T = columns(TokenCount)


async def add(tx: Tx, person_id: UUID, month: str, tokens: int) -> None:
    """Count tokens ever and in a month. The month only goes on: one that a change of zone takes back counts into the later one."""
    new = insert(TokenCount).values(person_id=person_id, total=tokens, month=month, in_month=tokens)
    in_month = case((new.excluded.month > _T.month, tokens), else_=_T.in_month + tokens)
    changed = {"total": _T.total + tokens, "in_month": in_month, "month": func.greatest(_T.month, new.excluded.month)}
    await tx.execute(new.on_conflict_do_update(index_elements=["person_id"], set_=changed))


async def find(tx: Tx, person_id: UUID) -> RowMapping | None:
    """What the person's runs have counted; None before the first."""
    return (await tx.execute(select(_T).where(_T.person_id == person_id))).mappings().one_or_none()
