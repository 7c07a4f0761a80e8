"""The catalogue as everybody reads it: typed, frozen, validated when the file is read."""

from dataclasses import field
from typing import Annotated

from annotated_types import Ge, Le, Len
from pydantic import ConfigDict, StringConstraints
from pydantic.dataclasses import dataclass

from credit_studio.core.credits import MAX_CREDITS, Rates
from credit_studio.core.money import Money

_STRICT = ConfigDict(extra="forbid", strict=True)
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Amount = Annotated[int, Ge(1), Le(MAX_CREDITS)]
Price = Annotated[int, Ge(0), Le(100_000_000)]


@dataclass(frozen=True, config=_STRICT, kw_only=True)
class Plan:
    """What a plan brings: credits a month, or once; the most of them that a day may use, if any; its price a month in minor units.

    Credits that came once are the person's own from then on, so no daily cap limits them. A plan `by_agreement` is not sold on line: an operator
    gives it.
    """

    id: Slug
    name: Name
    monthly_credits: Annotated[int, Ge(0), Le(MAX_CREDITS)] = 0
    credits_once: Annotated[int, Ge(0), Le(MAX_CREDITS)] = 0
    daily_cap: Amount | None = None
    price: Price
    by_agreement: bool = False

    def __post_init__(self) -> None:
        """Refuse what would bring nothing, or two things at once."""
        if bool(self.monthly_credits) == bool(self.credits_once):
            msg = "a plan needs either monthly_credits or credits_once"
            raise ValueError(msg)
        if self.credits_once and self.daily_cap is not None:
            msg = "credits_once are the person's own: no daily_cap limits them"
            raise ValueError(msg)
        if self.by_agreement and self.price:
            msg = "a plan by_agreement has no price here"
            raise ValueError(msg)


@dataclass(frozen=True, config=_STRICT)
class Pack:
    """Credits for sale, in whole credits; its price in minor units."""

    id: Slug
    name: Name
    credits: Amount
    price: Annotated[int, Ge(1), Le(100_000_000)]


@dataclass(frozen=True, config=_STRICT)
class RateTable:
    """The rates as the file spells them."""

    base: Annotated[int, Ge(0), Le(1_000)]
    cpu_ms_per_credit: Annotated[int, Ge(1), Le(10_000_000)]
    gb_ms_per_credit: Annotated[int, Ge(1), Le(10_000_000)]
    minimum: Annotated[int, Ge(1), Le(1_000)]
    tokens_per_credit: Annotated[int, Ge(1), Le(10_000_000)]
    minimum_tokens: Annotated[int, Ge(1), Le(1_000)]
    tokens_per_run: Annotated[int, Ge(1), Le(10_000_000)] | None = None


@dataclass(frozen=True, config=_STRICT)
class Offers:
    """What gifts and invitations are worth: a gift's days until it comes back, each bonus in credits, and how many of them one person can earn."""

    gift_days: Annotated[int, Ge(1), Le(365)] = 30
    referral_credits: Amount = 100
    referral_most: Annotated[int, Ge(0), Le(10_000)] = 20


@dataclass(frozen=True, config=_STRICT)
class Dunning:
    """How long a paid plan goes on after its period when the renewal is not paid: so many days, or as long as Stripe tries to collect."""

    grace_days: Annotated[int, Ge(0), Le(365)] | None = None


@dataclass(frozen=True, config=_STRICT)
class Catalog:
    """Plans, packs and rates. The first plan is what a new account gets."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    rates: RateTable
    plans: Annotated[tuple[Plan, ...], Len(1, 20)]
    packs: Annotated[tuple[Pack, ...], Len(0, 20)]
    offers: Offers = field(default_factory=Offers)
    dunning: Dunning = field(default_factory=Dunning)

    def __post_init__(self) -> None:
        """Refuse ids that stand twice, and a first plan that nobody could begin with."""
        for kind, items in (("plan", self.plans), ("pack", self.packs)):
            ids = [item.id for item in items]
            twice = next((one for one in ids if ids.count(one) > 1), None)
            if twice:
                msg = f"the {kind} id {twice!r} stands twice"
                raise ValueError(msg)
        if self.first_plan.price or self.first_plan.by_agreement:
            msg = "the first plan is what a new account gets: it has no price and needs no agreement"
            raise ValueError(msg)

    @property
    def burn(self) -> Rates:
        """The rates as the engine takes them."""
        table = self.rates
        return Rates(
            base=table.base,
            cpu_ms_per_credit=table.cpu_ms_per_credit,
            gb_ms_per_credit=table.gb_ms_per_credit,
            minimum=table.minimum,
            tokens_per_credit=table.tokens_per_credit,
            minimum_tokens=table.minimum_tokens,
            tokens_per_run=table.tokens_per_run,
        )

    @property
    def first_plan(self) -> Plan:
        """What a new account gets."""
        return self.plans[0]

    def find_plan(self, plan_id: str) -> Plan | None:
        """The plan of that id, or None."""
        return next((plan for plan in self.plans if plan.id == plan_id), None)

    def find_pack(self, pack_id: str) -> Pack | None:
        """The pack of that id, or None."""
        return next((pack for pack in self.packs if pack.id == pack_id), None)

    def money(self, amount: int) -> Money:
        """An amount of the catalogue's currency, in minor units."""
        return Money(amount, self.currency)
