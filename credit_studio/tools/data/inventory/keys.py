"""Keys and how data sets refer to one another: declared in definitions, seen in the data (every value of one column stands in a key), or told by names."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from credit_studio.tools.data.inventory.datasets import Dataset, Field
from credit_studio.tools.data.inventory.profiling import Profile
from credit_studio.tools.data.inventory.wording import entity
from credit_studio.tools.data.personal.names import words

COVERED = 0.5
_KEY_KINDS = frozenset({"integer", "text", "uuid", "email"})
_KEY_WORDS = frozenset({"id", "key", "code", "uuid", "guid", "no", "number", "nr", "ref", "sku", "isbn", "iban", "slug"})
_PARENTS = frozenset({"parent", "manager", "supervisor", "boss", "reports", "predecessor", "replaces"})
_COMMON = frozenset({"id", "key", "code", "uuid", "guid", "no", "number", "nr", "ref", "name", "title", "type", "status", "date", "value", "slug"})
_FIRST_LOOK, _TELLING, _PAIRS_WORK = 50, 10, 1_000_000


@dataclass(frozen=True)
class Link:
    """A column that refers to a key. `basis` is "declared", "contents" or "name"; `covered` is the share of its different values that the key holds."""

    dataset: str
    column: str
    to_dataset: str
    to_column: str
    basis: str
    covered: float | None
    orphans: int


@dataclass(frozen=True)
class Known:
    """A data set with the profiles of its columns (None where there is only a definition)."""

    data: Dataset
    profiles: tuple[Profile | None, ...]

    def columns(self) -> Iterator[tuple[Field, Profile | None]]:
        """The columns, each with its profile."""
        return zip(self.data.fields, self.profiles, strict=True)


def candidates(known: Known) -> list[str]:
    """The columns that alone could be the key, likeliest first: those called like one, then those that stand first."""
    if known.data.rows is None:
        return [one.name for one in known.data.fields if one.is_unique]
    of = words(entity(known.data.name))

    def rank(item: tuple[int, Field]) -> tuple[int, int]:
        own = words(item[1].name)
        is_its_id = own in {("id",), (*of, "id"), (*of, "key"), (*of, "code"), (*of, "no"), (*of, "number"), of}
        return (0 if is_its_id else 1 if own and own[-1] in _KEY_WORDS else 2), item[0]

    found = [(place, one) for place, (one, figures) in enumerate(known.columns()) if figures and figures.is_unique and _can_be_key(figures)]
    return [one.name for _, one in sorted(found, key=rank)]


def _can_be_key(figures: Profile) -> bool:
    return figures.kind in _KEY_KINDS and figures.longest <= 80  # noqa: PLR2004 - longer is prose


def primary(known: Known) -> tuple[str, ...]:
    """The key of a data set: declared, else the likeliest one column, else two columns that together are unique; () when there is none."""
    if known.data.primary:
        return known.data.primary
    single = candidates(known)
    if single or not known.data.rows:
        return tuple(single[:1])
    return _pair(known)


def _pair(known: Known) -> tuple[str, ...]:
    able = [
        (one, figures) for one, figures in known.columns() if figures and figures.filled == figures.rows and figures.distinct > 1 and _is_part(one, figures)
    ]
    rows = known.data.rows or 0
    for (left, one), (right, other) in combinations(able[: max(2, min(8, _PAIRS_WORK // max(1, rows * 4)))], 2):
        if one.distinct * other.distinct >= rows and len(set(zip(left.cells, right.cells, strict=True))) == rows:
            return left.name, right.name
    return ()


def _is_part(one: Field, figures: Profile) -> bool:
    own = words(one.name)
    return bool(own and own[-1] in _KEY_WORDS | {"line", "date", "day", "month", "year", "position"}) and figures.kind in _KEY_KINDS | {"date"}


def links(all_known: list[Known]) -> list[Link]:
    """Every reference between the data sets, declared ones first."""
    keys = [(known, name) for known in all_known for name in _keys(known)]
    found: list[Link] = []
    for known in all_known:
        for one, figures in known.columns():
            best = _declared(known, one, figures, all_known) or _likeliest(known, one, figures, keys)
            if best:
                found.append(best)
    order = {"declared": 0, "contents": 1, "name": 2}
    return sorted(found, key=lambda link: order[link.basis])


def _keys(known: Known) -> list[str]:
    declared = known.data.primary if len(known.data.primary) == 1 else ()
    return list(dict.fromkeys((*declared, *candidates(known)[:3])))


def _declared(known: Known, one: Field, figures: Profile | None, all_known: list[Known]) -> Link | None:
    if one.reference is None:
        return None
    target = next((other for other in all_known if other.data.name.lower() == one.reference[0].lower()), None)
    column = one.reference[1] or (target.data.primary[0] if target and target.data.primary else "")
    there = _profile_of(target, column) if target else None
    covered, orphans = _coverage(figures, there) if figures and there else (None, 0)
    return Link(known.data.name, one.name, target.data.name if target else one.reference[0], column, "declared", covered, orphans)


def _likeliest(known: Known, one: Field, figures: Profile | None, keys: list[tuple[Known, str]]) -> Link | None:
    best: tuple[float, Link] | None = None
    for other, key in keys:
        if other is known and key == one.name:
            continue
        link = _link(known, one, figures, other, key)
        if link and (best is None or link[0] > best[0]):
            best = link
    return best[1] if best else None


def _link(known: Known, one: Field, figures: Profile | None, other: Known, key: str) -> tuple[float, Link] | None:
    called = _called(one.name, known, other, key)
    there = _profile_of(other, key)
    if not figures or not there:
        is_told = called >= 0.8 and other is not known  # noqa: PLR2004 - a name alone must say it plainly
        return (called, Link(known.data.name, one.name, other.data.name, key, "name", None, 0)) if is_told else None
    if not figures.filled or figures.kind != there.kind or not _may_refer(called, figures, one):
        return None
    covered, orphans = _coverage(figures, there)
    if covered < (COVERED if called else 1.0):
        return None
    return called + covered, Link(known.data.name, one.name, other.data.name, key, "contents", covered, orphans)


def _may_refer(called: float, figures: Profile, one: Field) -> bool:
    """Numbers are in one another's ranges by chance: without a name that says so, only texts of many values refer; a unique key is rarely a reference."""
    if called:
        return not (figures.is_unique and words(one.name) == ("id",))
    return figures.kind in {"text", "uuid", "email"} and figures.distinct >= _TELLING and not figures.is_unique


def _called(name: str, known: Known, other: Known, key: str) -> float:
    """1 for "customer_id" and customers.id, 0.9 for the same telling name, 0.6 for a parent within the same data set; 0 when names say nothing."""
    own, target, of = words(name), words(key), words(entity(other.data.name))
    if known is other:
        return 0.6 if own and own[0] in _PARENTS and (len(own) == 1 or own[-1] in {*_KEY_WORDS, *target, "to"}) else 0.0
    if own == (*of, *target) or (own == of and target in {("id",), of}) or (own[-len(of) - 1 :] == (*of, "id") and target == ("id",)):
        return 1.0
    return 0.9 if own == target and not set(own) <= _COMMON else 0.0


def _coverage(figures: Profile, there: Profile) -> tuple[float, int]:
    """The share of different values that the key holds, and how many cells it does not; a first look at 50 saves the rest when none fits."""
    values = list(figures.counts)
    if not values or sum(value in there.counts for value in values[:_FIRST_LOOK]) < COVERED * min(len(values), _FIRST_LOOK) / 2:
        return 0.0, figures.filled
    missing = [value for value in values if value not in there.counts]
    return 1 - len(missing) / len(values), sum(figures.counts[value] for value in missing)


def _profile_of(known: Known | None, column: str) -> Profile | None:
    return next((figures for one, figures in known.columns() if one.name == column), None) if known else None
