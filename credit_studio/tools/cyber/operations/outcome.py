"""What a run gives: figures by severity and month, indicators, what is open, and what is wrong in the data. Dates are ISO 8601 at the stated offset."""

from dataclasses import dataclass

from credit_studio.tools.cyber.operations.indicators import Reading
from credit_studio.tools.cyber.operations.measures import BacklogRow, SlaRow, Spread, TimeRow
from credit_studio.tools.cyber.operations.records import Problem

SEVERE = ("critical", "high")
SO_FAR = " so far"


@dataclass(frozen=True)
class ReadColumn:
    """Which column a field was read from; `column` is "" when the file has none."""

    file: str
    field: str
    column: str
    chosen: bool


@dataclass(frozen=True)
class FileCount:
    """One file: rows, those that count, those left out as false positives and the like, and how its dates were read."""

    file: str
    rows: int
    counted: int
    excluded: int
    day_first: bool


@dataclass(frozen=True)
class IncidentMonth:
    """A month's incidents: new ones by severity (in the order of `columns.SEVERITIES`) and the times that ended in it (in the order of `measures.TIMES`)."""

    month: str
    new: tuple[int, ...]
    times: tuple[Spread | None, ...]
    open: int


@dataclass(frozen=True)
class VulnerabilityMonth:
    """A month's vulnerabilities: found, fixed, the share in per cent fixed on time of those decided, and what stood open and overdue at its end."""

    month: str
    found: int
    fixed: int
    compliance: float | None
    open: int
    overdue: int


@dataclass(frozen=True)
class OpenItem:
    """Something open: since when, its age in days, and how many days it is past its deadline (negative: still so many to go)."""

    file: str
    line: int
    id: str
    asset: str
    severity: str
    since: str
    age_days: int
    due: str
    days_over: int | None


@dataclass(frozen=True)
class ProblemGroup:
    """One kind of problem in a file, with the first lines that have it."""

    severity: str
    file: str
    what: str
    done: str
    count: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """All of it. `not_measured` says which indicators could not be measured, and why."""

    as_of: str
    as_of_given: bool
    offset: str
    months: tuple[str, ...]
    is_last_whole: bool
    sla_days: tuple[int, int, int, int]
    files: tuple[FileCount, ...]
    columns: tuple[ReadColumn, ...]
    times: tuple[TimeRow, ...]
    incident_months: tuple[IncidentMonth, ...]
    incident_backlog: tuple[BacklogRow, ...]
    sla: tuple[SlaRow, ...]
    vulnerability_months: tuple[VulnerabilityMonth, ...]
    vulnerability_backlog: tuple[BacklogRow, ...]
    indicators: tuple[Reading, ...]
    not_measured: tuple[str, ...]
    open_incidents: tuple[OpenItem, ...]
    open_vulnerabilities: tuple[OpenItem, ...]
    problem_groups: tuple[ProblemGroup, ...]
    problems: tuple[Problem, ...]
    problems_total: int

    def rows_of(self, file: str) -> FileCount | None:
        """The counts of a file that was given."""
        return next((one for one in self.files if one.file == file), None)

    def time(self, measure: str) -> Spread | None:
        """The spread of a time over all severities."""
        return next((one.spread for one in self.times if one.measure == measure and one.severity == "all"), None)

    @property
    def sla_all(self) -> SlaRow | None:
        """Compliance over all severities."""
        return next((one for one in self.sla if one.severity == "all"), None)

    def backlog(self, file: str) -> BacklogRow | None:
        """All that is open in a file."""
        rows = self.incident_backlog if file == "incidents" else self.vulnerability_backlog
        return next((one for one in rows if one.severity == "all"), None)
