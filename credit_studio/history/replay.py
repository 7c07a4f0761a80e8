"""Replaying the entries of one account from empty: what they make of its balance, its grants and its holds. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from credit_studio.ledger.terms import CONSUMED

Row = Mapping[Any, Any]
_CONSUMED = str(CONSUMED)


@dataclass
class Replay:
    """An account as its entries make it, in whole credits. A hold is kept while it is open only, so that memory stays small."""

    account_id: str
    posted: int = 0
    debt: int = 0
    arrived: dict[str, int] = field(default_factory=dict[str, int])
    left: dict[str, int] = field(default_factory=dict[str, int])
    open: dict[UUID, int] = field(default_factory=dict[UUID, int])
    refunded: dict[UUID, tuple[int, int]] = field(default_factory=dict[UUID, tuple[int, int]])
    fault: str = ""

    def follow(self, entry: Row) -> None:
        """Do again what an entry did. It comes with its transfers (`moves`) and, as `hold_...`, with the hold of its run as it stands now."""
        for move in entry["moves"] or ():
            self._move(move["grantId"], move["amount"] if move["creditId"] == self.account_id else -move["amount"], spent=_CONSUMED in move.values())
        detail = entry["result"]
        self.debt += detail.get("owed", 0) - detail.get("repaid", 0) - detail.get("forgiven", 0)
        if entry["run_id"] is not None:
            self._hold(entry, entry["run_id"])

    def _move(self, grant_id: str, amount: int, *, spent: bool) -> None:
        self.posted += amount
        self.left[grant_id] = self.left.get(grant_id, 0) + amount
        if amount > 0 and not spent:
            self.arrived[grant_id] = self.arrived.get(grant_id, 0) + amount

    def _hold(self, entry: Row, run_id: UUID) -> None:
        """Follow a hold through its entries; one that has ended must stand as its last entry left it."""
        match entry["kind"]:
            case "hold":
                self.open[run_id] = entry["result"]["held"]
            case "refund":
                self.refunded[run_id] = (self.refunded.get(run_id, (0, 0))[0] + entry["amount"], entry["hold_refunded"])
            case kind:
                made = (self.open.pop(run_id, None), -entry["amount"], "captured" if kind == "capture" else "released")
                stands = (entry["hold_amount"], entry["hold_captured"], "released" if entry["hold_state"] == "expired" else entry["hold_state"])
                self._expect(f"the hold of run {run_id} (amount, captured, state)", stands, made)

    def compare(self, account: Row, grants: Iterable[Row], holds: Iterable[Row]) -> str:
        """What the rows of the account, its grants and its open holds say otherwise than the entries; nothing when they agree."""
        self._expect("the balance", account["posted"], self.posted)
        self._expect("the debt", account["debt"], self.debt)
        self._expect("what is held", account["held"], sum(self.open.values()))
        for grant in grants:
            key = str(grant["id"])
            made = (self.arrived.pop(key, 0), self.left.pop(key, 0))
            self._expect(f"grant {key} (amount, remaining and held)", (grant["amount"], grant["remaining"] + grant["held"]), made)
        self._expect("grants that are not there", {}, self.left)
        self._expect("open holds", {hold["run_id"]: hold["amount"] for hold in holds}, self.open)
        for run_id, (made, stands) in self.refunded.items():
            self._expect(f"what was refunded of run {run_id}", stands, made)
        return self.fault

    def _expect(self, what: str, stands: object, made: object) -> None:
        if stands != made and not self.fault:
            self.fault = f"{what}: the row says {stands}, the entries say {made}"
