"""What doors see of offers. Credits are whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

GiftState = Literal["open", "claimed", "revoked", "expired"]
ReferralState = Literal["waiting", "rewarded", "refused", "taken_back"]


@dataclass(frozen=True)
class Promo:
    """A code as operators see it."""

    id: UUID
    code: str
    credits: int
    credit_days: int | None
    most_uses: int | None
    used: int
    note: str
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Redeemed:
    """What a code brought; `expires_at` is when those credits end, None when they do not."""

    code: str
    credits: int
    expires_at: datetime | None


@dataclass(frozen=True)
class GiftView:
    """A gift as its giver sees it: never who claimed it."""

    id: UUID
    credits: int
    sender: str
    message: str
    state: GiftState
    created_at: datetime
    until: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class GiftLink:
    """A gift and the token of its link: the only time that it is known."""

    gift: GiftView
    token: str
    replayed: bool = False


@dataclass(frozen=True)
class GiftOffer:
    """A gift as whoever has its link sees it; `is_own` when it is the caller's, `is_claimed_by_you` when they have it already."""

    credits: int
    sender: str
    message: str
    state: GiftState
    until: datetime
    is_own: bool
    is_claimed_by_you: bool


@dataclass(frozen=True)
class Invited:
    """Somebody who accepted an invitation, without a word of who it is."""

    at: datetime
    state: ReferralState
    credits: int
    reason: str


@dataclass(frozen=True)
class ReferralView:
    """A person's invitations. `bonus` is what each of both gets, `most` how many bonuses one person can earn; `own` is the one they accepted."""

    code: str
    bonus: int
    most: int
    earned: int
    invited: tuple[Invited, ...]
    own: Invited | None
