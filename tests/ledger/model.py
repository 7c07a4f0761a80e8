"""The book as a heap of coins: every credit is an object that lies somewhere. Nothing is added up; what is asked is counted.

Written from what the ledger promises and not from how it keeps it: no balance, no counter, no window is stored. The one number is the debt,
which is of credits that are not there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from credit_studio.ledger.terms import AnyCommand, Capture, ClawBack, Deduct, Expire, GrantCredits, HoldCredits, Refund, Reinstate, Release

COURTESY = timedelta(hours=24)
MOST = 1_000_000_000
FREE, HELD, SPENT, GONE = "free", "held", "spent", "gone"
DONE, AGAIN, REUSED = "done", "again", "another request under a known key"


@dataclass(eq=False)
class Coin:
    """One credit of a grant: where it lies and, held or spent, for which hold."""

    grant: "Pile"
    place: str = FREE
    hold: "Held | None" = None

    def put(self, place: str, hold: "Held | None" = None) -> None:
        """Lay it somewhere else."""
        self.place, self.hold = place, hold


@dataclass(eq=False)
class Pile:
    """A grant: `clawed` of it was taken back or is owed for it. Its id tells older from newer."""

    account_id: UUID
    id: UUID
    source: str
    priority: int
    ends: datetime
    coins: list[Coin] = field(default_factory=list)
    clawed: int = 0

    @property
    def free(self) -> list[Coin]:
        """What lies free in it."""
        return [coin for coin in self.coins if coin.place == FREE]


@dataclass(eq=False)
class Held:
    """A hold: the coins that it took, in burn order."""

    account_id: UUID
    run_id: UUID
    at: datetime
    coins: list[Coin]
    state: str = "open"
    captured: int = 0

    def now(self, place: str) -> list[Coin]:
        """Its coins that still lie there for it."""
        return [coin for coin in self.coins if coin.place == place and coin.hold is self]


@dataclass
class Cap:
    """What a subject may use: in a calendar's day or month, in a period, or in a single run."""

    limit: int
    period: tuple[datetime, datetime] | None = None


@dataclass
class Model:
    """Accounts, told apart by their ids; `hours` is how far an account's wall clock is ahead of UTC."""

    hours: dict[UUID, float]
    piles: list[Pile] = field(default_factory=list)
    holds: dict[UUID, Held] = field(default_factory=dict)
    caps: dict[tuple[UUID, str, str], Cap] = field(default_factory=dict)
    debts: dict[UUID, int] = field(default_factory=dict)
    known: dict[tuple[str, str], list[object]] = field(default_factory=dict)
    entries: dict[UUID, int] = field(default_factory=dict)

    def carry_out(self, command: AnyCommand, asked: list[object]) -> set[str]:
        """Do a command: DONE, AGAIN, REUSED, or the codes of which the refusal may have any."""
        name = (command.scope, command.key)
        if name in self.known and not isinstance(command, Capture | Release):
            return {AGAIN if self.known[name] == asked else REUSED}
        said = self._do(command)
        if said == {DONE}:
            self.known[name] = asked
            self._count(command.account_id)
        return said

    def _do(self, command: AnyCommand) -> set[str]:
        does: dict[type, Callable[[Any], set[str]]] = {
            GrantCredits: self._grant,
            HoldCredits: self._hold,
            Capture: self._end,
            Release: self._end,
            Refund: self._refund,
            ClawBack: self._claw_back,
            Reinstate: self._reinstate,
            Deduct: self._deduct,
        }
        amount = 1 if isinstance(command, Release | Capture | Expire) else command.amount
        return does[type(command)](command) if 0 < amount <= MOST else {"invalid_amount"}

    def _grant(self, command: GrantCredits) -> set[str]:
        made = self._pile(command.account_id, command.grant_id, command.source, command.priority, command.expires_at, command.amount)
        if command.source == "purchase":
            for coin in made.coins[: self.debt(command.account_id)]:
                coin.put(GONE)
                self.debts[command.account_id] -= 1
        return {DONE}

    def _hold(self, command: HoldCredits) -> set[str]:
        account, at, amount = command.account_id, command.at, command.amount
        payable = self._payable(account, at)
        single = self.caps.get((account, "own", "run"))
        if single is not None and amount > single.limit:
            return {"cap_per_run"}
        if amount > len(payable) - self.debt(account):
            return {"insufficient_credits"}
        if codes := self._stopped("own", account, at, amount):
            return codes
        room = min((room for room, _ in self._rooms("plan", account, at)), default=amount)
        of_plan = [coin for coin in payable if coin.grant.source == "plan"]
        barred = set(of_plan[max(0, room) :])
        taken = [coin for coin in payable if coin not in barred][:amount]
        if len(taken) < amount:
            return {code for left, code in self._rooms("plan", account, at) if left == room}
        made = self.holds[command.run_id] = Held(account, command.run_id, at, taken)
        for coin in taken:
            coin.put(HELD, made)
        return {DONE}

    def _end(self, command: Capture | Release) -> set[str]:
        hold = self.holds.get(command.run_id)
        amount, state = (command.amount, "captured") if isinstance(command, Capture) else (0, command.state)
        if hold is None or hold.account_id != command.account_id:
            return {"unknown_hold"}
        if hold.state != "open":
            return {AGAIN if (hold.state, hold.captured) == (state, amount) else "hold_ended"}
        if isinstance(command, Capture) and not 0 < amount <= len(hold.coins):
            return {"invalid_amount"}
        hold.state, hold.captured = state, amount
        for coin in hold.coins[:amount]:
            coin.put(SPENT, hold)
        self._give_back(hold.coins[amount:], command.at)
        return {DONE}

    def _refund(self, command: Refund) -> set[str]:
        hold = self.holds.get(command.run_id)
        if hold is None or hold.account_id != command.account_id:
            return {"unknown_hold"}
        spent = hold.now(SPENT)
        if command.amount > len(spent):
            return {"invalid_amount"}
        self._give_back(spent[len(spent) - command.amount :], command.at)
        return {DONE}

    def _claw_back(self, command: ClawBack) -> set[str]:
        pile = self._find(command.account_id, command.grant_id)
        if pile is None:
            return {"unknown_grant"}
        take = min(command.amount, len(pile.coins) - pile.clawed)
        if not take:
            return {"taken_back_already"}
        pile.clawed += take
        there = pile.free[:take]
        for coin in there:
            coin.put(GONE)
        self.debts[pile.account_id] = self.debt(pile.account_id) + take - len(there)
        return {DONE}

    def _reinstate(self, command: Reinstate) -> set[str]:
        pile = self._find(command.account_id, command.grant_id)
        if pile is None:
            return {"unknown_grant"}
        give = min(command.amount, pile.clawed)
        if not give:
            return {"nothing_taken_back"}
        pile.clawed -= give
        forgiven = min(give, self.debt(pile.account_id))
        self.debts[pile.account_id] = self.debt(pile.account_id) - forgiven
        if give > forgiven:
            self._pile(pile.account_id, command.new_grant_id, "reinstated", pile.priority, pile.ends, give - forgiven)
        return {DONE}

    def _deduct(self, command: Deduct) -> set[str]:
        return self._pay_out(command.account_id, command.amount, command.at, with_plan=True)

    def _pay_out(self, account_id: UUID, amount: int, at: datetime, *, with_plan: bool) -> set[str]:
        payable = [coin for coin in self._payable(account_id, at) if with_plan or coin.grant.source in {"purchase", "gift"}]
        if amount > len(payable) - self.debt(account_id):
            return {"insufficient_credits"}
        for coin in payable[:amount]:
            coin.put(GONE)
        return {DONE}

    def transfer(self, giver: UUID, taker: UUID, amount: int, key: str, at: datetime, *, arrives_as: UUID) -> set[str]:
        """Send credits: what arrives is a gift that does not end; `arrives_as` is as old as it."""
        name, asked = ("send", key), [giver, taker, amount]
        if giver == taker:
            return {"same_account"}
        if name in self.known:
            return {AGAIN if self.known[name] == asked else REUSED}
        if not 0 < amount <= MOST:
            return {"invalid_amount"}
        said = self._pay_out(giver, amount, at, with_plan=False)
        if said == {DONE}:
            self.known[name] = asked
            self._pile(taker, arrives_as, "gift", 20, datetime.max.replace(tzinfo=at.tzinfo), amount)
            self._count(giver)
            self._count(taker)
        return said

    def expire(self, at: datetime) -> int:
        """End what has lapsed; how many grants that were."""
        ended = [pile for pile in self.piles if pile.ends <= at and pile.free]
        for pile in ended:
            self._lapse(pile)
        return len(ended)

    def set_cap(self, account_id: UUID, subject: str, label: str, limit: int, period: tuple[datetime, datetime] | None) -> None:
        """Let a cap allow so much from now on."""
        self.caps[account_id, subject, label] = Cap(limit, period)

    def debt(self, account_id: UUID) -> int:
        """What the account owes."""
        return self.debts.get(account_id, 0)

    def lying(self, account_id: UUID, place: str, at: datetime | None = None) -> list[Coin]:
        """The account's coins in a place; with an instant, only those whose grant has not ended then."""
        mine = (coin for pile in self.piles if pile.account_id == account_id for coin in pile.coins)
        return [coin for coin in mine if coin.place == place and (at is None or coin.grant.ends > at)]

    def used(self, account_id: UUID, subject: str, label: str, at: datetime) -> int | None:
        """What open holds and what stays spent of the others have used of a cap now; None when there is no such window now."""
        cap = self.caps.get((account_id, subject, label)) or Cap(0)
        if cap.period is not None and not cap.period[0] <= at < cap.period[1]:
            return None
        within = [hold for hold in self.holds.values() if hold.account_id == account_id and self._same_window(cap, label, hold, at)]
        coins = [coin for hold in within for coin in (*hold.now(HELD), *hold.now(SPENT))]
        return sum(subject == "own" or coin.grant.source == "plan" for coin in coins)

    def _same_window(self, cap: Cap, label: str, hold: Held, at: datetime) -> bool:
        if cap.period is not None:
            return cap.period[0] <= hold.at < cap.period[1]
        ahead = timedelta(hours=self.hours[hold.account_id])
        then, now = (hold.at + ahead).date(), (at + ahead).date()
        return then == now if label == "day" else (then.year, then.month) == (now.year, now.month)

    def _rooms(self, subject: str, account_id: UUID, at: datetime) -> list[tuple[int, str]]:
        codes = {"day": "cap_daily", "month": "cap_monthly"}
        mine = [(label, cap) for (one, of, label), cap in self.caps.items() if (one, of) == (account_id, subject) and label in codes]
        used = [(cap.limit, self.used(account_id, subject, label, at), codes[label]) for label, cap in mine]
        return [(max(0, limit - count), code) for limit, count, code in used if count is not None]

    def _stopped(self, subject: str, account_id: UUID, at: datetime, amount: int) -> set[str]:
        rooms = self._rooms(subject, account_id, at)
        tightest = min((room for room, _ in rooms), default=amount)
        return {code for room, code in rooms if room == tightest < amount}

    def _payable(self, account_id: UUID, at: datetime) -> list[Coin]:
        """What may pay now, first to burn first."""
        return sorted(self.lying(account_id, FREE, at), key=lambda coin: (coin.grant.priority, coin.grant.ends, coin.grant.id))

    def _pile(self, account_id: UUID, grant_id: UUID, source: str, priority: int, ends: datetime, amount: int) -> Pile:
        made = Pile(account_id, grant_id, source, priority, ends)
        made.coins = [Coin(made) for _ in range(amount)]
        self.piles.append(made)
        return made

    def _find(self, account_id: UUID, grant_id: UUID) -> Pile | None:
        return next((pile for pile in self.piles if (pile.account_id, pile.id) == (account_id, grant_id)), None)

    def _give_back(self, coins: Iterable[Coin], at: datetime) -> None:
        """Free again; in a grant that has ended what lay free is lost first, and what comes back can be used for a day."""
        for coin in coins:
            if coin.grant.ends <= at:
                self._lapse(coin.grant)
                coin.grant.ends = at + COURTESY
            coin.put(FREE)

    def _lapse(self, pile: Pile) -> None:
        if pile.free:
            self._count(pile.account_id)
        for coin in pile.free:
            coin.put(GONE)

    def _count(self, account_id: UUID) -> None:
        self.entries[account_id] = self.entries.get(account_id, 0) + 1
