"""What evidence is for, and what the controls that it shows give in other frameworks."""

from dataclasses import dataclass

from credit_studio.tools.cyber.audits.evidence import Item
from credit_studio.tools.cyber.audits.maturity import Result
from credit_studio.tools.cyber.controls.catalogue import by_id
from credit_studio.tools.cyber.controls.relations import others, related, shares

_LISTED, _SHOWN, _NEAR = 400, 200, 4


@dataclass(frozen=True)
class Matched:
    """A piece of evidence and what it was taken for. `verdict` is "counted", "proposed" or "not found"."""

    place: str
    text: str
    controls: tuple[str, ...]
    how: str
    score: float
    words: tuple[str, ...]
    verdict: str


@dataclass(frozen=True)
class Elsewhere:
    """What the controls at the target give in another framework: of how many of its controls all subjects are shown, some, or none."""

    framework: str
    all_of: tuple[str, ...]
    some: int
    none: int


def listed(given: tuple[Item, ...]) -> tuple[Matched, ...]:
    """The first pieces of evidence, those that need a look first."""
    ordered = sorted(given, key=lambda item: item.counts)[:_LISTED]
    return tuple(_matched(item) for item in ordered)


def _matched(item: Item) -> Matched:
    first = item.matches[0]
    ids = tuple(found.control.id for found in item.matches if found.control is not None)
    ids += () if item.counts else tuple(control.id for control in first.rivals)
    text = " ".join(f"{item.evidence.control} {item.evidence.description}".split())
    verdict = "counted" if item.counts else "proposed" if ids else "not found"
    return Matched(item.place, text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}\u2026", ids, first.how, first.score, first.words, verdict)


def elsewhere(framework: str, results: tuple[Result, ...], target: int) -> tuple[Elsewhere, ...]:
    """What else the subjects of the controls at the target cover."""
    shown = {topic.key for one in results if one.is_applicable and one.level >= target for topic in by_id(framework)[one.id].topics}
    found: list[Elsewhere] = []
    for key in others(framework):
        parts = shares(shown, key)
        whole = tuple(control.id for control, share in parts if share == 1)
        some = sum(0 < share < 1 for _, share in parts)
        found.append(Elsewhere(key, whole, some, len(parts) - len(whole) - some))
    return tuple(found)


def counterparts(framework: str, control_id: str) -> tuple[str, ...]:
    """For each other framework the nearest controls: "equal" and "covers" first, those that ask for more than this control shows marked with "~"."""
    control = by_id(framework)[control_id]
    told: list[str] = []
    for key in others(framework):
        near = related(control, key)
        ids = [f"~{other.id}" if how in {"within", "overlaps"} else other.id for other, how in near[:_NEAR]]
        told.append(", ".join(ids) + (f" and {len(near) - _NEAR} more" if len(near) > _NEAR else ""))
    return tuple(told)
