"""How mature each control is, 0 to 5, by a rule that anybody can follow by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import fsum

from credit_studio.tools.cyber.audits.evidence import Item
from credit_studio.tools.cyber.controls.catalogue import Control, controls

NAMES = ("absent", "begun", "designed", "operating", "measured", "assured")
RULE = (
    "Level 0: no evidence, not implemented or only planned. 1: implemented by word alone. 2: a policy or procedure shows it. 3: records or configuration "
    "show that it is kept (for controls that are documents by nature the document does). 4: a test or measurement shows it. 5: an independent audit does. "
    "The strongest piece decides. A control that is partly implemented stands one level lower, at 2 at most. Evidence that is older than allowed or undated "
    "costs one level, down to 1; without an owner 3 is the most. Several statuses for one control: the weakest counts. Domains and the whole are means, "
    "weighted 1 to 3 by how much risk hangs on the control. Not applicable counts only with a reason."
)
_STRENGTH = {"none": 1, "statement": 1, "policy": 2, "record": 3, "configuration": 3, "test": 4, "audit": 5}
_ORDER = ("not implemented", "planned", "partly", "implemented")
_ON_PAPER = frozenset(
    ("policy", "roles", "context", "riskstrategy", "procedures", "acceptable", "terms", "notices", "contracts", "scope", "legal", "retention")
)
_MOST_PARTLY, _MOST_OWNERLESS = 2, 3


@dataclass(frozen=True)
class Result:
    """One control, judged. `status` is a status of the evidence or "no evidence"; `causes` say what keeps the level down, the main one first."""

    id: str
    title: str
    domain: str
    weight: int
    effort: int
    status: str
    level: int
    pieces: int
    kind: str
    dated: str
    owner: str
    text: str
    causes: tuple[str, ...]
    is_applicable: bool
    is_conflicting: bool


@dataclass(frozen=True)
class Domain:
    """The controls of a domain together. `maturity` is the weighted mean level of those that apply, None when none does."""

    key: str
    name: str
    applicable: int
    at_target: int
    counts: tuple[tuple[str, int], ...]
    maturity: float | None


def judge(control: Control, pieces: list[Item], as_of: date, fresh_months: int) -> Result:
    """The result of one control from all evidence that counts for it."""
    statuses = [piece.evidence.status for piece in pieces]
    real = [piece for piece in pieces if piece.evidence.status != "not applicable"]
    is_excluded = bool(pieces) and not real and any(piece.evidence.description.strip() for piece in pieces)
    status = _status(pieces, real)
    best = max(real, key=lambda piece: _level_of(control, piece, as_of, fresh_months), default=None)
    owner = next((piece.evidence.owner.strip() for piece in pieces if piece.evidence.owner.strip()), "")
    level, causes = _level(control, status, best, owner, as_of, fresh_months)
    shown = best or (pieces[0] if pieces else None)
    return Result(
        id=control.id,
        title=control.title,
        domain=control.domain,
        weight=control.weight,
        effort=control.effort,
        status=status,
        level=level,
        pieces=len(pieces),
        kind=shown.evidence.kind if shown else "none",
        dated=shown.dated.isoformat() if shown and shown.dated else "",
        owner=owner,
        text=(shown.evidence.description.strip() or shown.evidence.control) if shown else "",
        causes=causes,
        is_applicable=not is_excluded,
        is_conflicting=len(set(statuses)) > 1,
    )


def _status(pieces: list[Item], real: list[Item]) -> str:
    if real:
        return min((piece.evidence.status for piece in real), key=_ORDER.index)
    return "not applicable" if pieces else "no evidence"


def _strength(control: Control, kind: str) -> int:
    """What a kind of evidence can show of a control."""
    is_on_paper = all(topic.key in _ON_PAPER for topic in control.topics)
    return 3 if kind == "policy" and is_on_paper else _STRENGTH[kind]


def _is_stale(piece: Item, as_of: date, fresh_months: int) -> bool:
    return piece.dated is None or months_between(piece.dated, as_of) >= fresh_months


def months_between(start: date, end: date) -> float:
    """Months from one day to a later one, parts by the day of the month."""
    return (end.year - start.year) * 12 + end.month - start.month + (end.day - start.day) / 31


def _level_of(control: Control, piece: Item, as_of: date, fresh_months: int) -> int:
    level = _strength(control, piece.evidence.kind)
    return max(1, level - 1) if _is_stale(piece, as_of, fresh_months) else level


def _level(control: Control, status: str, best: Item | None, owner: str, as_of: date, fresh_months: int) -> tuple[int, tuple[str, ...]]:
    """The level and what keeps it down."""
    if best is None or status not in {"partly", "implemented"}:
        return 0, (status if status != "not applicable" else "no reason",)
    level = _level_of(control, best, as_of, fresh_months)
    kind = best.evidence.kind
    causes = ["partly"] if status == "partly" else []
    causes += {"none": ["no proof"], "statement": ["no proof"], "policy": ["design only"] if _strength(control, kind) == _STRENGTH["policy"] else []}.get(
        kind, []
    )
    if kind not in {"none", "statement"} and _is_stale(best, as_of, fresh_months):
        causes.append("stale" if best.dated else "undated")
    if status == "partly":
        level = max(1, min(_MOST_PARTLY, level - 1))
    if not owner:
        level, causes = min(level, _MOST_OWNERLESS), [*causes, "no owner"]
    return level, tuple(causes)


def judge_all(framework: str, group: int, evidence: Iterable[Item], as_of: date, fresh_months: int) -> tuple[Result, ...]:
    """The results of all controls of a framework (of CIS: up to an implementation group), in its order."""
    pieces: dict[str, list[Item]] = {}
    for item in evidence:
        if item.counts:
            for found in item.matches:
                if found.control is not None:
                    pieces.setdefault(found.control.id, []).append(item)
    chosen = [control for control in controls(framework) if control.group <= group]
    return tuple(judge(control, pieces.get(control.id, []), as_of, fresh_months) for control in chosen)


def mean(results: Iterable[Result]) -> float | None:
    """The weighted mean level of the controls that apply; None when none does."""
    kept = [result for result in results if result.is_applicable]
    weights = sum(result.weight for result in kept)
    return fsum(result.weight * result.level for result in kept) / weights if weights else None


def domain(key: str, name: str, results: tuple[Result, ...], target: int) -> Domain:
    """One domain's figures."""
    mine = [result for result in results if result.domain == key]
    kept = [result for result in mine if result.is_applicable]
    told = ("implemented", "partly", "planned", "not implemented", "no evidence", "not applicable")
    counts = tuple((status, sum(result.status == status for result in mine)) for status in told)
    return Domain(key, name, len(kept), sum(result.level >= target for result in kept), counts, mean(mine))
