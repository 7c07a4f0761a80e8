"""What a sample of rows shows: personal data by column, whether the inventory declares them, and how far rows can be told apart."""

from collections.abc import Callable
from dataclasses import dataclass

from credit_studio.tools.base import InputError
from credit_studio.tools.data.assessment.activity import Reading, family_of, items, kinds_of
from credit_studio.tools.data.assessment.uniqueness import STEPS, Grouping, group
from credit_studio.tools.data.personal.detection import Tag, tags_of
from credit_studio.tools.data.personal.kinds import kind_by_id
from credit_studio.tools.data.tabular.reading import chunks, shape_of, tidy

MOST_ROWS, MOST_COLUMNS = 200_000, 100
_MOST_CELLS = 1_000_000
_MOST_QUASI = 8
_SAME = {"phone_international": "phone", "us_ssn_written": "us_ssn", "degrees": "coordinates", "icd_code": "health"}


@dataclass(frozen=True)
class Sample:
    """The rows by column, as text without surrounding blanks."""

    names: tuple[str, ...]
    columns: tuple[list[str], ...]
    rows: int


@dataclass(frozen=True)
class FoundColumn:
    """One column that holds personal data. `declared` is the category of the inventory that covers it, "" for none."""

    column: str
    tag: Tag
    filled: int
    declared: str
    ccpa: str
    is_sensitive: bool


def read_sample(text: str, where: str) -> Sample:
    """The rows of a CSV; raises `InputError` on `where` naming the line."""
    try:
        plain = tidy(text)
        shape = shape_of(plain, "auto", has_header=True)
        columns: tuple[list[str], ...] = tuple([] for _ in shape.columns)
        rows = 0
        for chunk in chunks(plain, shape):
            rows += len(chunk.rows)
            _bounded(rows, len(columns), where)
            for kept, cells in zip(columns, zip(*chunk.rows, strict=True), strict=True):
                kept.extend(cell.strip() for cell in cells)
    except InputError as error:
        raise InputError(where, error.message) from None
    if not rows:
        raise InputError(where, "Holds no rows below its header.")
    return Sample(shape.columns, columns, rows)


def _bounded(rows: int, columns: int, where: str) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS or rows * columns > _MOST_CELLS:
        raise InputError(where, f"Takes at most {MOST_ROWS:,} rows, {MOST_COLUMNS} columns and {_MOST_CELLS:,} cells. A sample of the rows is enough.")


def find(sample: Sample, reading: Reading) -> list[FoundColumn]:
    """Every personal datum of the sample, and whether the activity declares it."""
    found: list[FoundColumn] = []
    for name, cells in zip(sample.names, sample.columns, strict=True):
        filled = sum(1 for cell in cells if cell)
        for tag in tags_of(name, list(dict.fromkeys(cell for cell in cells if cell))):
            kind = kind_by_id()[tag.kind]
            found.append(FoundColumn(_shown(name), tag, filled, _declared(tag, reading), kind.ccpa, kind.is_sensitive))
    return found


def _shown(name: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in name)


def _declared(tag: Tag, reading: Reading) -> str:
    """The category that covers a tag: one of the same kind, else one of the same family."""
    if tag.kind == "customer_reference":  # a number of their own belongs to whoever is named
        return next((one for one in reading.categories if any(kind.family == "identity" for kind in kinds_of(one))), "")
    for category in reading.categories:
        if {_SAME.get(kind.id, kind.id) for kind in kinds_of(category)} & {_SAME.get(tag.kind, tag.kind)}:
            return category
    return next((one for one in reading.categories if family_of(one) == tag.family or (family_of(one) == "location" and tag.kind == "postal_address")), "")


def quasi_identifiers(sample: Sample, found: list[FoundColumn], asked: str) -> list[tuple[str, str]]:
    """(column, kind) of the quasi-identifiers: those asked for, else those found; raises `InputError` on "quasiIdentifiers" for an unknown column."""
    by_name = {one.column: one.tag.kind for one in found if not one.tag.is_inside_text}
    names = items(asked)
    if names:
        known = {_shown(name): name for name in sample.names}
        for name in names:
            if name not in known:
                raise InputError("quasiIdentifiers", f"There is no column {name[:60]!r}. Columns: {', '.join(known)[:300]}.")
        if len(names) > _MOST_QUASI:
            raise InputError("quasiIdentifiers", f"Takes at most {_MOST_QUASI} columns.")
        return [(name, by_name.get(name, "")) for name in dict.fromkeys(names)]
    return [(one.column, one.tag.kind) for one in found if one.tag.role == "quasi" and not one.tag.is_inside_text][:_MOST_QUASI]


def groupings(sample: Sample, quasi: list[tuple[str, str]], found: list[FoundColumn]) -> list[Grouping]:
    """The groups of rows as they are, then with coarser values; a step that changes nothing is left out."""
    cells = {_shown(name): column for name, column in zip(sample.names, sample.columns, strict=True)}
    sensitive = [(one.column, cells[one.column]) for one in found if one.tag.law and not one.tag.is_inside_text][:4]
    own = [(name, cells[name]) for name, _ in quasi]
    made = [group("As they are", own, sensitive)]
    for step, ways in STEPS:
        chosen = [(name, ways[kind]) if kind in ways else (name, None) for name, kind in quasi]
        if any(way for _, way in chosen):
            columns = [(f"{name} ({way[0]})" if way else name, _coarse(cells[name], way[1]) if way else cells[name]) for name, way in chosen]
            made.append(group(step, columns, sensitive))
    return made


def _coarse(cells: list[str], way: Callable[[str], str]) -> list[str]:
    once = {cell: way(cell) for cell in set(cells)}
    return [once[cell] for cell in cells]


def alone(sample: Sample, quasi: list[tuple[str, str]]) -> list[tuple[str, int, float]]:
    """(column, different values, share of rows whose value nobody else has) of each quasi-identifier by itself."""
    cells = {_shown(name): column for name, column in zip(sample.names, sample.columns, strict=True)}
    made: list[tuple[str, int, float]] = []
    for name, _ in quasi:
        only = group(name, [(name, cells[name])], ())
        made.append((name, only.groups, only.unique / sample.rows))
    return made
