"""How far the rows of a sample can be told apart: k-anonymity, uniqueness and l-diversity, as the data are and with coarser values.

k is the size of the smallest group of rows that agree in all quasi-identifiers (Sweeney, 2002); l is the smallest number of different sensitive values
within a group (Machanavajjhala and others, 2007). Both are of the sample: a whole population has larger groups, so they err on the careful side.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SMALL = 5
"""Groups below this size are small: the usual least k of published data (EMA policy 0070 asks for 11, health bodies for 5 to 10)."""
_DATE = re.compile(r"([0-9]{4})[-/.][0-9]{1,2}[-/.][0-9]{1,2}.*|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}).*", re.DOTALL)
_POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) ?[0-9][A-Z]{2}", re.IGNORECASE)


@dataclass(frozen=True)
class Grouping:
    """One way to look at the rows. `classes` counts groups by their size: 1, 2, 3-4, 5-9, 10 and more."""

    name: str
    columns: tuple[str, ...]
    k: int
    unique: int
    small: int
    groups: int
    rows: int
    sizes: tuple[int, int, int, int, int]
    least_diverse: tuple[tuple[str, int], ...]


def group(name: str, columns: Sequence[tuple[str, Sequence[str]]], sensitive: Sequence[tuple[str, Sequence[str]]]) -> Grouping:
    """The groups of rows that agree in `columns` (name, cells); `sensitive` columns are looked at for their variety within groups."""
    keys = list(zip(*(cells for _, cells in columns), strict=True))
    counts = Counter(keys)
    sizes = list(counts.values())
    diversity = tuple((title, _least_variety(keys, cells)) for title, cells in sensitive)
    return Grouping(
        name=name,
        columns=tuple(title for title, _ in columns),
        k=min(sizes, default=0),
        unique=sum(1 for size in sizes if size == 1),
        small=sum(size for size in sizes if size < SMALL),
        groups=len(sizes),
        rows=len(keys),
        sizes=_by_size(sizes),
        least_diverse=diversity,
    )


def _least_variety(keys: list[tuple[str, ...]], cells: Sequence[str]) -> int:
    held: dict[tuple[str, ...], set[str]] = {}
    for key, cell in zip(keys, cells, strict=True):
        held.setdefault(key, set()).add(cell)
    return min(map(len, held.values()), default=0)


def _by_size(sizes: list[int]) -> tuple[int, int, int, int, int]:
    """Rows (not groups) by the size of their group."""
    rows = [0] * 5
    for size in sizes:
        rows[0 if size == 1 else 1 if size == 2 else 2 if size < 5 else 3 if size < 10 else 4] += size  # noqa: PLR2004 - the classes of the docstring
    return rows[0], rows[1], rows[2], rows[3], rows[4]


def _year(cell: str) -> str:
    found = _DATE.fullmatch(cell)
    return (found[1] or found[2]) if found else cell


def _decade(cell: str) -> str:
    year = _year(cell)
    if len(year) == 4 and year.isascii() and year.isdecimal():  # noqa: PLR2004 - a year
        return f"{year[:3]}0s"
    return f"{int(cell) // 10 * 10}s" if cell.isascii() and cell.isdecimal() and len(cell) <= 3 else cell  # noqa: PLR2004 - an age


def _district(cell: str) -> str:
    found = _POSTCODE.fullmatch(cell)
    return found[1].upper() if found else cell[:3]


def _area(cell: str) -> str:
    found = re.match(r"[A-Z]+", _district(cell).upper())
    return found[0] if found else cell[:2]


def _rounded(digits: int) -> Callable[[str], str]:
    def coarse(cell: str) -> str:
        try:
            return f"{float(cell):.{digits}f}"
        except ValueError:
            return cell

    return coarse


def _gone(_cell: str) -> str:
    return "*"


STEPS: tuple[tuple[str, dict[str, tuple[str, Callable[[str], str]]]], ...] = (
    (
        "Coarser",
        {
            "date_of_birth": ("year of birth", _year),
            "age": ("ten-year band", _decade),
            "uk_postcode": ("postcode district", _district),
            "postal_code": ("first three characters", lambda cell: cell[:3]),
            "coordinates": ("left out", _gone),
            "degrees": ("one decimal", _rounded(1)),
            "given_name": ("left out", _gone),
            "surname": ("left out", _gone),
            "postal_address": ("left out", _gone),
        },
    ),
    (
        "Coarser still",
        {
            "date_of_birth": ("decade of birth", _decade),
            "age": ("ten-year band", _decade),
            "uk_postcode": ("postcode area", _area),
            "postal_code": ("first two characters", lambda cell: cell[:2]),
            "coordinates": ("left out", _gone),
            "degrees": ("whole degrees", _rounded(0)),
            "given_name": ("left out", _gone),
            "surname": ("left out", _gone),
            "postal_address": ("left out", _gone),
            "city": ("left out", _gone),
            "nationality": ("left out", _gone),
        },
    ),
)
"""Ways to make quasi-identifiers coarser, by kind: what is done in words, and to a cell."""
