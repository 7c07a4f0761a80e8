"""Which columns hold personal data, how surely, and why.

Confidence = 1 - (1 - name)(1 - contents). `name` is 0.75 for a column called like a kind, 0.6 for one whose name holds it, 0.45 for a name that may mean
something else; two fifths of that when the contents look different. `contents` = strength x share of cells that pass, less the share that would by
chance, over the share that a list of words can know; x n/(n + 1) for n cells, because one cell proves little. A column is tagged from 0.5.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from credit_studio.tools.data.personal.kinds import Kind, kind_by_id, kinds
from credit_studio.tools.data.personal.masking import mask
from credit_studio.tools.data.personal.names import EXACT, fit

TAGGED_FROM = 0.5
MOST_LOOKED_AT = 200
_FIRST_LOOK, _LONGEST = 20, 200
_CONTRADICTED, _ENOUGH, _LOOKS_DIFFERENT = 0.4, 4, 0.1
_ALONE_FROM = 0.3  # contents that pass less often than this convince nobody by themselves
_SEARCHED_TEXTS, _SEARCHED_CHARACTERS = 100, 1_000
_FREE_TEXT = 25  # characters on average, from which a column is searched for what stands inside its texts
_INSIDE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"\b[A-Za-z0-9_.%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}\b")),
    ("payment_card", re.compile(r"\b[0-9](?:[ -]?[0-9]){11,18}\b")),
    ("iban", re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("uk_nino", re.compile(r"\b[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]\b")),
    ("us_ssn_written", re.compile(r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b")),
    ("uk_nhs_number", re.compile(r"\b[0-9]{3} [0-9]{3} [0-9]{4}\b")),
    ("phone_international", re.compile(r"(?:\+[0-9]|\b0)[0-9 ()-]{8,16}[0-9]\b")),
    ("ip_address", re.compile(r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b")),
)


@dataclass(frozen=True)
class Tag:
    """What a column holds: the kind's id and label, the family, the law's name for it, 0 to 1 how surely, why, and masked cells."""

    kind: str
    label: str
    family: str
    law: str
    severity: int
    role: str
    confidence: float
    why: str
    examples: tuple[str, ...] = ()
    is_inside_text: bool = False


def tag_of(name: str, cells: Sequence[str]) -> Tag | None:
    """The likeliest kind of a column, from its name and its filled, different cells; None for no personal data. Looks at 200 cells at most."""
    found = tags_of(name, cells)
    return found[0] if found else None


def tags_of(name: str, cells: Sequence[str]) -> tuple[Tag, ...]:
    """The likeliest kind, then what else stands inside the texts of the column."""
    looked = _spread([cell.strip() for cell in cells], MOST_LOOKED_AT)
    best: Tag | None = None
    for kind in kinds():
        tag = _weigh(kind, name, looked)
        if tag and (best is None or tag.confidence > best.confidence + 1e-9):
            best = tag
    return (*((best,) if best else ()), *_inside(looked, best))


def _spread(cells: Sequence[str], most: int) -> list[str]:
    """At most so many cells, evenly from the beginning to the end."""
    step = max(1.0, len(cells) / most)
    return [cells[int(at * step)] for at in range(min(most, len(cells)))]


def _weigh(kind: Kind, name: str, cells: list[str]) -> Tag | None:
    called = fit(name, kind)
    if not called and not kind.strength:
        return None
    alike, passed = _counted(kind, cells, called)
    contents = _contents(kind, passed, len(cells))
    if not called and (contents < TAGGED_FROM or (_is_listed(kind) and len(cells) < _ENOUGH)):
        return None
    is_other = bool(kind.form) and len(cells) >= _ENOUGH and alike < _LOOKS_DIFFERENT * len(cells)
    confidence = 1 - (1 - called * (_CONTRADICTED if is_other and not _is_listed(kind) else 1)) * (1 - contents)
    if confidence < TAGGED_FROM:
        return None
    examples = tuple(dict.fromkeys(mask(cell, kind.id) for cell in cells[:20]))[:3]
    why = _why(kind, called, passed, len(cells))
    return Tag(kind.id, kind.label, kind.family, kind.law, kind.severity, kind.role, round(confidence, 2), why, examples)


def _is_listed(kind: Kind) -> bool:
    """Contents that are open-ended prove a kind, and disprove none."""
    return kind.expected < 1


def _counted(kind: Kind, cells: list[str], called: float) -> tuple[int, int]:
    """How many cells have the form, and how many of these pass; a first look at 20 saves the rest when none does."""
    if kind.form is None or not kind.strength:
        return 0, 0
    alike = [cell for cell in cells[:_FIRST_LOOK] if len(cell) <= _LONGEST and kind.form.fullmatch(cell)]
    if not alike and not called:
        return 0, 0
    alike += [cell for cell in cells[_FIRST_LOOK:] if len(cell) <= _LONGEST and kind.form.fullmatch(cell)]
    return len(alike), len(alike) if kind.check is None else sum(map(kind.check, alike))


def _contents(kind: Kind, passed: int, cells: int) -> float:
    if not cells or not passed:
        return 0.0
    beyond_chance = max(0.0, (passed / cells - kind.chance) / (1 - kind.chance))
    share = min(1.0, beyond_chance / kind.expected)
    return kind.strength * share * cells / (cells + 1) if share >= _ALONE_FROM else 0.0


def _why(kind: Kind, called: float, passed: int, cells: int) -> str:
    said = [] if not called else ["called so" if called == EXACT else "its name says so"]
    if kind.proof and cells:
        said.append(f"{passed or 'none'} of {cells} different cells {kind.proof}")
    return "; ".join(said)


def _inside(cells: list[str], best: Tag | None) -> tuple[Tag, ...]:
    """Identifiers within free text, or in some cells of a column of another kind."""
    texts = [cell[:_SEARCHED_CHARACTERS] for cell in _spread(cells, _SEARCHED_TEXTS)]
    if not texts or sum(map(len, texts)) < _FREE_TEXT * len(texts) or (best and best.kind in dict(_INSIDE)):
        return ()
    return tuple(tag for kind_id, pattern in _INSIDE if (tag := _found_inside(kind_id, pattern, texts)))


def _found_inside(kind_id: str, pattern: re.Pattern[str], texts: list[str]) -> Tag | None:
    kind = kind_by_id()[kind_id]
    hits = [hit for text in texts if (hit := next((one for one in pattern.findall(text) if kind.check is None or kind.check(one)), ""))]
    if not hits:
        return None
    why = f"stands inside {len(hits):,} of {len(texts):,} texts"
    examples = tuple(dict.fromkeys(mask(hit, kind_id) for hit in hits))[:3]
    sure = round(kind.strength * 0.95, 2)
    return Tag(kind.id, kind.label, kind.family, kind.law, kind.severity, kind.role, sure, why, examples, is_inside_text=True)
