"""The tables of offers. Credits are whole; tokens are kept only as their SHA-256."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from credit_studio.db.tables import instant


class PromoCode(SQLModel, table=True):
    """A code that brings credits. `code` is in its compared form; `most_uses` is None without a limit, `credit_days` None when they do not end."""

    __tablename__ = "promo_code"  # pyright: ignore[reportAssignmentType] - how SQLModel names a table
    __table_args__ = (
        CheckConstraint("credits >= 1 AND (credit_days IS NULL OR credit_days >= 1)", name="amounts"),
        CheckConstraint("used >= 0 AND (most_uses IS NULL OR (most_uses >= 1 AND used <= most_uses))", name="within_its_limit"),
    )

    id: UUID = Field(primary_key=True)
    code: str = Field(unique=True)
    credits: int
    credit_days: int | None = None
    most_uses: int | None = None
    used: int = 0
    note: str = ""
    made_by: UUID | None = Field(default=None, foreign_key="person.id")
    created_at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True, default=None)
    ended_at: datetime | None = instant(nullable=True, default=None)


class Redemption(SQLModel, table=True):
    """A person has redeemed a code: once."""

    __tablename__ = "redemption"  # pyright: ignore[reportAssignmentType] - as above

    promo_id: UUID = Field(primary_key=True, foreign_key="promo_code.id")
    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    at: datetime = instant()


class Gift(SQLModel, table=True):
    """Credits that a person has set aside for whoever has the link; they rest in the ledger's account of this gift while it is open."""

    __tablename__ = "gift"  # pyright: ignore[reportAssignmentType] - as above
    __table_args__ = (
        CheckConstraint("credits >= 1", name="amount"),
        CheckConstraint("state IN ('open', 'claimed', 'revoked', 'expired')", name="known_state"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL) AND (state = 'claimed') = (claimed_by IS NOT NULL)", name="ends_once"),
        UniqueConstraint("person_id", "idem_key"),
        Index("ix_gift_person_created", "person_id", "created_at"),
        Index("ix_gift_open", "until", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    credits: int
    sender: str = ""
    message: str = ""
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    idem_key: str | None = None
    state: str = "open"
    created_at: datetime = instant()
    until: datetime = instant()
    ended_at: datetime | None = instant(nullable=True, default=None)
    claimed_by: UUID | None = Field(default=None, foreign_key="person.id")


class ReferralCode(SQLModel, table=True):
    """The code of a person's invitations. Its row is locked while one of their bonuses is decided."""

    __tablename__ = "referral_code"  # pyright: ignore[reportAssignmentType] - as above

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    code: str = Field(unique=True)
    created_at: datetime = instant()


class Referral(SQLModel, table=True):
    """An invitation that `person_id` has accepted. `order_id` is the purchase that decided it, `reason` why there is no bonus."""

    __tablename__ = "referral"  # pyright: ignore[reportAssignmentType] - as above
    __table_args__ = (
        CheckConstraint("person_id <> referrer_id", name="not_oneself"),
        CheckConstraint("state IN ('waiting', 'rewarded', 'refused', 'taken_back')", name="known_state"),
        CheckConstraint("credits >= 0 AND (credits > 0) = (state IN ('rewarded', 'taken_back'))", name="pays_when_rewarded"),
        Index("ix_referral_referrer", "referrer_id", "created_at"),
    )

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    referrer_id: UUID = Field(foreign_key="person.id")
    state: str = "waiting"
    credits: int = 0
    reason: str = ""
    order_id: UUID | None = Field(default=None, unique=True)
    created_at: datetime = instant()
    decided_at: datetime | None = instant(nullable=True, default=None)
