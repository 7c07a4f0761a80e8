"""The two CSV files as records, and what is wrong in them: every doubtful row is named, with what was made of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from credit_studio.tools.base import InputError
from credit_studio.tools.cyber.operations.columns import (
    INCIDENT_MOMENTS,
    SEVERITIES,
    VULNERABILITY_MOMENTS,
    Mapping,
    band_of,
    columns_of,
    rating_of,
    severity_of,
    state_of,
)
from credit_studio.tools.cyber.operations.moments import DAY_S, Calendar, day_first, day_of, moment, needs_order
from credit_studio.tools.data.tabular.reading import chunks, shape_of, tidy

MOST_ROWS = 20_000
MOST_PROBLEMS = 500
_SHOWN = 60
_ORDER = (("occurred", "detected"), ("detected", "acknowledged"), ("detected", "contained"), ("detected", "resolved"), ("contained", "resolved"))
MOMENTS = {"incidents": INCIDENT_MOMENTS, "vulnerabilities": VULNERABILITY_MOMENTS}


@dataclass(frozen=True)
class Problem:
    """Something in a row that cannot be right: where, what, and what was made of it. `line` is that of the file, from 1; 0 is the whole file."""

    severity: str
    file: str
    line: int
    id: str
    what: str
    done: str


@dataclass
class Problems:
    """All are counted by what they are, the first 500 are kept."""

    kept: list[Problem] = field(default_factory=list[Problem])
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])

    def add(self, row: "Row", severity: str, what: str, done: str) -> None:
        """One problem of a row."""
        self.counts[row.file, severity, what] += 1
        if len(self.kept) < MOST_PROBLEMS:
            self.kept.append(Problem(severity, row.file, row.line, row.id, what, done))


@dataclass(slots=True)
class Row:
    """One row as it was read: moments in seconds since 1970 by the file's order of fields, None where there is none."""

    file: str
    line: int
    id: str
    asset: str
    severity: str
    state: str
    moments: dict[str, int | None]


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident that counts. Moments that contradict each other are taken out; `resolved` None and not open: closed at an unknown time."""

    line: int
    id: str
    severity: str
    occurred: int | None
    detected: int
    acknowledged: int | None
    contained: int | None
    resolved: int | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One vulnerability that counts. `deadline` is the last second in which a fix is on time; None where no limit is set."""

    line: int
    id: str
    asset: str
    severity: str
    found: int
    fixed: int | None
    deadline: int | None
    is_open: bool


@dataclass(frozen=True)
class Sheet:
    """A file with its columns mapped: rows as (line, cells)."""

    file: str
    mapping: dict[str, Mapping]
    rows: list[tuple[int, list[str]]]


def sheet_of(file: str, text: str, chosen: dict[str, str]) -> Sheet:
    """Read a CSV strictly; raises `InputError` on the file naming the line. `chosen` are columns that a person named, by field."""
    try:
        whole = tidy(text)
        shape = shape_of(whole, "auto", has_header=True)
        mapping = columns_of(file, shape.columns, {key: shape.columns.index(name) for key, name in chosen.items() if name in shape.columns})
        rows: list[tuple[int, list[str]]] = []
        for chunk in chunks(whole, shape):
            rows += zip(chunk.lines, chunk.rows, strict=True)
            if len(rows) > MOST_ROWS:
                break
    except InputError as error:
        raise InputError(file, error.message) from None
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InputError(file, f"Has more than {MOST_ROWS:,} rows; export a shorter period." if rows else "Holds no rows below its header.")
    return Sheet(file, mapping, rows)


def order_of(sheet: Sheet, order: str, problems: Problems) -> bool:
    """Whether the day comes first in this file; raises `InputError` when its dates contradict each other, and tells when nothing decides."""
    if order != "auto":
        return order == "dmy"
    places = [one.index for name, one in sheet.mapping.items() if name in MOMENTS[sheet.file]]
    texts = [cells[at].strip() for _, cells in sheet.rows for at in places]
    is_day_first, contradicts = day_first(texts)
    if contradicts:
        raise InputError(
            sheet.file, "Some dates are written day first and some month first (31/12/2026 and 12/31/2026). Write them as 2026-12-31, or say the order."
        )
    if is_day_first is None and any(map(needs_order, texts)):
        whole = Row(sheet.file, 0, "", "", "", "", {})
        problems.add(whole, "medium", "No date tells whether the day or the month comes first", "Read day first. Set “Order of dates” to be sure.")
    return is_day_first is not False


def rows_of(sheet: Sheet, calendar: Calendar, problems: Problems) -> list[Row]:
    """Every row with its moments; what cannot be read as a date is told and taken as empty."""
    return [_row(sheet, line, cells, calendar, problems) for line, cells in sheet.rows]


def _row(sheet: Sheet, line: int, cells: list[str], calendar: Calendar, problems: Problems) -> Row:
    def cell(name: str) -> str:
        return cells[sheet.mapping[name].index].strip() if name in sheet.mapping else ""

    row = Row(sheet.file, line, shown(cell("id")), shown(cell("asset")), _severity(sheet, cell), state_of(cell("status")), {})
    for name in MOMENTS[sheet.file]:
        text = cell(name)
        row.moments[name] = moment(text, calendar) if text else None
        if text and row.moments[name] is None and text not in {"-", "N/A", "n/a", "null", "NULL", "None"}:
            problems.add(row, "medium", f"The {name} date cannot be read", f"“{shown(text)}” was taken as empty.")
    word = cell("status")
    if word and not row.state:
        problems.add(row, "low", "The status is not known", f"“{shown(word)}” was ignored: dates decide whether it is open.")
    if row.severity == "unknown":
        problems.add(row, "low", "The severity is missing or not known", "Counted as unknown.")
    return row


def _severity(sheet: Sheet, cell: Callable[[str], str]) -> str:
    if sheet.file == "incidents":
        return severity_of(cell("severity"))
    said = rating_of(cell("severity"))
    return band_of(cell("cvss")) if said == "unknown" else said


def shown(text: str) -> str:
    """At most 60 characters of a cell on one line; what cannot be printed is replaced."""
    plain = "".join(one if one.isprintable() else "\ufffd" for one in text[: _SHOWN + 1])
    return plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"


def unrepeated(rows: Iterable[Row], problems: Problems) -> Iterator[Row]:
    """Each record once: rows that repeat an earlier one are told and left out. The same weakness found anew on an asset is another record."""
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        key = (row.id,) if row.file == "incidents" else (row.id, row.asset, row.moments["found"], row.moments["fixed"] if not row.asset else None)
        first = seen.setdefault(key, row.line) if row.id else row.line
        if first == row.line:
            yield row
        else:
            problems.add(row, "medium", "Repeats an earlier row", f"Left out; line {first:,} counts.")


def incidents_of(rows: Iterable[Row], as_of: int, problems: Problems) -> tuple[list[Incident], int]:
    """The incidents that count as of a moment, and how many rows were left out as false positives, duplicates and the like."""
    found: list[Incident] = []
    excluded = 0
    for row in rows:
        if row.state == "excluded":
            excluded += 1
        elif (detected := _begun(row, "detected", as_of, problems)) is not None:
            found.append(_incident(row, detected, as_of, problems))
    return found, excluded


def _begun(row: Row, name: str, as_of: int, problems: Problems) -> int | None:
    """When a record begins; None, and told, when that is unknown or in the future."""
    begun = row.moments[name]
    if begun is None:
        problems.add(row, "high", f"There is no {name} date", "Left out of every figure.")
    elif begun > as_of:
        problems.add(row, "medium", f"{name.title()} after the as-of date", "Left out of every figure.")
        return None
    return begun


def _incident(row: Row, detected: int, as_of: int, problems: Problems) -> Incident:
    known = {name: at if at is None or at <= as_of else None for name, at in row.moments.items()}
    ends = row.moments["resolved"]
    for before, after in _ORDER:
        start, end = known[before], known[after]
        if start is not None and end is not None and end < start:
            dropped = (before,) if before == "occurred" else (after,) if before == "detected" else (before, after)
            problems.add(row, "high", f"{after.title()} before {before}", f"Left out of every time: {' and '.join(dropped)}.")
            known |= dict.fromkeys(dropped)
    is_open = _is_open(row, ends, as_of, problems)
    resolved = None if is_open else known["resolved"]
    return Incident(row.line, row.id, row.severity, known["occurred"], detected, known["acknowledged"], known["contained"], resolved, is_open)


def _is_open(row: Row, ends: int | None, as_of: int, problems: Problems) -> bool:
    """Open as of the moment: by its end date, unless the status says otherwise, which is told."""
    if ends is None and row.state == "closed":
        problems.add(row, "medium", "Closed without a date", "Counted as closed; it is in no time and in no backlog.")
        return False
    if ends is not None and ends <= as_of and row.state == "open":
        problems.add(row, "medium", "Open, with an end date", "Counted as open; its end date was not used.")
        return True
    return ends is None or ends > as_of


def vulnerabilities_of(rows: Iterable[Row], as_of: int, days: dict[str, int], offset_s: int, problems: Problems) -> tuple[list[Vulnerability], int]:
    """The vulnerabilities that count as of a moment, and how many rows were left out: accepted, false positives and the like, and notices without a risk.

    The deadline is the end of the due day, else of the day that lies the severity's number of days after the day it was found.
    """
    found: list[Vulnerability] = []
    excluded = 0
    for row in rows:
        if row.state == "excluded" or row.severity == "info":
            excluded += 1
        elif (start := _begun(row, "found", as_of, problems)) is not None:
            found.append(_vulnerability(row, start, as_of, _deadline(row, start, days, offset_s), problems))
    return found, excluded


def _vulnerability(row: Row, start: int, as_of: int, deadline: int | None, problems: Problems) -> Vulnerability:
    fixed = row.moments["fixed"]
    is_open = _is_open(row, fixed, as_of, problems)
    if fixed is not None and fixed < start:
        problems.add(row, "high", "Fixed before found", "Counted as closed; it is in no time, in no backlog and not in the SLA.")
        return Vulnerability(row.line, row.id, row.asset, row.severity, start, None, None, is_open=False)
    return Vulnerability(row.line, row.id, row.asset, row.severity, start, None if is_open else fixed, deadline, is_open)


def _deadline(row: Row, start: int, days: dict[str, int], offset_s: int) -> int | None:
    due = row.moments["due"]
    last = day_of(due, offset_s) if due is not None else day_of(start, offset_s) + days[row.severity] if row.severity in days else None
    return None if last is None else (last + 1) * DAY_S - offset_s - 1


def latest(rows: Iterable[Row]) -> int | None:
    """The latest moment at which anything happened; deadlines are no events."""
    return max((at for row in rows for name, at in row.moments.items() if at is not None and name != "due"), default=None)


def worst_first(severity: str) -> int:
    """The rank of a severity for sorting, critical first."""
    return SEVERITIES.index(severity)
