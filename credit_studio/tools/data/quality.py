"""Data Quality Monitor: a CSV's columns profiled, its rows held to rules, and a score whose formula is stated.

Reading is strict (`tabular/reading.py`): malformed CSV is an error that names the line. What a rule can ask is in `tabular/checks.py`, the pass
over the rows in `tabular/profile.py`; this file declares the tool, scores and shows.
"""

import gc
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le, Len

from credit_studio.tools.base import Cost, InputError, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Axis, Block, Chart, Column, Figure, KeyFigures, Note, Series, Table
from credit_studio.tools.data.tabular.checks import check_of
from credit_studio.tools.data.tabular.reading import DELIMITERS, Shape, shape_of, size_of, tidy, variety

if TYPE_CHECKING:
    from credit_studio.tools.data.tabular.profile import Failures, Survey, Tally

WEIGHTS = {"high": 3, "medium": 2, "low": 1}
FORMULA = (
    "Score = 100 × the mean of completeness (cells that are filled), consistency (filled cells that have their column's type), "  # noqa: RUF001 - a product
    "row uniqueness (rows that repeat no earlier row) and, with rules, validity (cells that pass, each rule weighted high 3, medium 2, low 1)."
)
_CHARTED = 30

CheckName = Literal["not empty", "unique", "number", "integer", "date", "email", "matches pattern", "one of", "between", "max length"]
_CHECKS = (
    ("not empty", "Not empty"),
    ("unique", "Unique"),
    ("number", "A number"),
    ("integer", "A whole number"),
    ("date", "A date"),
    ("email", "An email address"),
    ("matches pattern", "Matches pattern"),
    ("one of", "One of"),
    ("between", "Between"),
    ("max length", "Length at most"),
)


@dataclass(frozen=True)
class QualityRule:
    """What every filled cell of a column must be; only "not empty" looks at empty cells."""

    column: Annotated[str, Len(1, 120)] = ui("Column", "The column's name as in the first row; “column 3” when there is no header.")
    check: CheckName = ui("Check", "Empty cells fail “not empty” only. “Unique” fails each row whose value stood in an earlier row.", choices=_CHECKS)
    argument: Annotated[str, Len(0, 1_000)] = ui(
        "Value",
        "Pattern: what the whole cell matches. One of: values with | between them. Between: the least. Length: a number. Date: a format like %d/%m/%Y.",
        default="",
    )
    upper: Annotated[str, Len(0, 40)] = ui("Up to", "The greatest value, for “between” only.", default="")
    severity: Literal["high", "medium", "low"] = ui(
        "Severity",
        "How much a failing cell weighs in the score: high 3, medium 2, low 1.",
        default="medium",
        choices=(("high", "High"), ("medium", "Medium"), ("low", "Low")),
    )


@dataclass(frozen=True)
class QualityInputs:
    """The data, how it is written, and its rules."""

    csv: Annotated[str, Len(1, 20_000_000)] = ui(
        "CSV data",
        "Text in columns, pasted or from a file of up to 20 MB. Up to 500 columns; a cell holds up to 131,072 characters.",
        widget="file",
        accept=".csv,.tsv,.txt",
        placeholder="id,name,joined",
    )
    delimiter: Literal["auto", "comma", "semicolon", "tab", "pipe"] = ui(
        "Delimiter",
        "What stands between cells. Found out from the first 20 rows, unless you say it.",
        default="auto",
        choices=(("auto", "Find out"), ("comma", "Comma ,"), ("semicolon", "Semicolon ;"), ("tab", "Tab"), ("pipe", "Pipe |")),
    )
    has_header: bool = ui("First row holds names", "Off: the columns are called column 1, column 2 and so on.", default=True)
    rules: Annotated[tuple[QualityRule, ...], Len(0, 50)] = ui(
        "Rules", "What the cells of a column must be. Up to 50; none gives the profile alone.", default=()
    )
    list_rows: Annotated[int, Ge(0), Le(1_000)] = ui("Failing rows to list", "Shared fairly among the rules; all are counted.", default=100, unit="rows")


@dataclass(frozen=True)
class ColumnProfile:
    """One column. `type` is that of at least 95 % of its filled cells, `unlike` counts the others; extremes are numbers for numbers and text else."""

    name: str
    type: str
    unlike: int
    filled: int
    empty: int
    distinct: int
    minimum: float | str | None
    maximum: float | str | None
    mean: float | None
    most_common: str | None
    most_common_count: int
    shortest: int
    longest: int
    mean_length: float


@dataclass(frozen=True)
class RuleResult:
    """One rule over all rows."""

    rule: int
    column: str
    check: str
    severity: str
    checked: int
    failed: int


@dataclass(frozen=True)
class FailingRow:
    """`row` counts rows of data from 1, `line` lines of the file from 1."""

    rule: int
    row: int
    line: int
    value: str


@dataclass(frozen=True)
class RepeatedRow:
    """A row that equals an earlier one."""

    row: int
    line: int
    same_as_row: int


@dataclass(frozen=True)
class QualityOutput:
    """Shares are 0 to 1; `validity` is None without rules. Lists of rows are cut as asked, counts are whole."""

    rows: int
    delimiter: str
    score: float
    completeness: float
    consistency: float
    uniqueness: float
    validity: float | None
    formula: str
    columns: tuple[ColumnProfile, ...]
    rules: tuple[RuleResult, ...]
    failing_cells: int
    failing_rows: tuple[FailingRow, ...]
    repeated_rows: int
    repeats: tuple[RepeatedRow, ...]


def warm() -> None:
    """Import what a run needs and touch it once; a worker calls this before its first run."""
    run(TOOL.example or QualityInputs(csv="a\n1\n"))


def run(inputs: QualityInputs) -> QualityOutput:
    """Profile, rules and score; raises `InputError` on "csv" naming the line, or on "rules.N.column" and the like."""
    from credit_studio.tools.data.tabular.profile import Rule, survey  # noqa: PLC0415 - numpy is loaded where it runs, not where pages are made

    report(0.01, "Reading the first rows")
    text = tidy(inputs.csv)
    shape = shape_of(text, inputs.delimiter, has_header=inputs.has_header)
    rules: list[Rule] = []
    for number, rule in enumerate(inputs.rules):
        column = _column(rule.column, shape, f"rules.{number}")
        is_plain = rule.check in {"not empty", "unique"}
        if is_plain and (rule.argument or rule.upper):
            raise InputError(f"rules.{number}.argument", "This check takes no value.")
        rules.append(Rule(column, rule.check, None if is_plain else check_of(rule.check, rule.argument, rule.upper, f"rules.{number}")))
    # Rows are lists by the million and no cycle is made: the collector would only double the time.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        found = survey(text, shape, rules, inputs.list_rows)
    finally:
        if was_collecting:
            gc.enable()
    if not found.rows:
        raise InputError("csv", "Holds no rows below its header.")
    return _output(inputs, shape, found)


def _column(name: str, shape: Shape, at: str) -> int:
    if name.strip() not in shape.columns:
        known = ", ".join(shape.columns[:10])[:300]
        raise InputError(f"{at}.column", f"There is no column {name[:60]!r}. Columns: {known}.")
    return shape.columns.index(name.strip())


def _output(inputs: QualityInputs, shape: Shape, found: "Survey") -> QualityOutput:
    cells = found.rows * len(shape.columns)
    filled = sum(tally.filled for tally in found.tallies)
    completeness = filled / cells
    consistency = sum(tally.type[1] for tally in found.tallies) / filled if filled else 1.0
    uniqueness = 1 - found.repeated / found.rows
    validity = _validity(inputs, found.failures)
    parts = [completeness, consistency, uniqueness, *([] if validity is None else [validity])]
    return QualityOutput(
        rows=found.rows,
        delimiter=next(name for name, sign in DELIMITERS.items() if sign == shape.delimiter),
        score=round(100 * fsum(parts) / len(parts), 2),
        completeness=completeness,
        consistency=consistency,
        uniqueness=uniqueness,
        validity=validity,
        formula=FORMULA,
        columns=tuple(_profile(name, tally, found.rows) for name, tally in zip(shape.columns, found.tallies, strict=True)),
        rules=tuple(
            RuleResult(number, rule.column, rule.check, rule.severity, failing.checked, failing.failed)
            for number, (rule, failing) in enumerate(zip(inputs.rules, found.failures, strict=True), start=1)
        ),
        failing_cells=sum(failing.failed for failing in found.failures),
        failing_rows=_shared(found.failures, inputs.list_rows),
        repeated_rows=found.repeated,
        repeats=tuple(RepeatedRow(*one) for one in found.repeats),
    )


def _validity(inputs: QualityInputs, failures: "list[Failures]") -> float | None:
    if not failures:
        return None
    weights = [WEIGHTS[rule.severity] for rule in inputs.rules]
    passed = [1 - one.failed / one.checked if one.checked else 1.0 for one in failures]
    return fsum(weight * share for weight, share in zip(weights, passed, strict=True)) / sum(weights)


def _shared(failures: "list[Failures]", most: int) -> tuple[FailingRow, ...]:
    """The first failing rows, the same number for every rule as long as it has them."""
    left, taken = most, dict.fromkeys(range(len(failures)), 0)
    for place, index in enumerate(sorted(taken, key=lambda index: len(failures[index].rows))):
        taken[index] = min(len(failures[index].rows), left // (len(failures) - place))
        left -= taken[index]
    return tuple(FailingRow(index + 1, *row) for index, failing in enumerate(failures) for row in failing.rows[: taken[index]])


def _profile(name: str, tally: "Tally", rows: int) -> ColumnProfile:
    from credit_studio.tools.data.tabular.profile import shown  # noqa: PLC0415 - the same

    kind, alike = tally.type
    is_number = kind in {"integer", "number"}
    return ColumnProfile(
        name=name,
        type=kind,
        unlike=tally.filled - alike,
        filled=tally.filled,
        empty=rows - tally.filled,
        distinct=tally.distinct,
        minimum=tally.low if is_number else shown(tally.text_low),
        maximum=tally.high if is_number else shown(tally.text_high),
        mean=tally.mean if is_number else None,
        most_common=tally.common[0] if tally.common else None,
        most_common_count=tally.common[1] if tally.common else 0,
        shortest=tally.shortest or 0,
        longest=tally.longest,
        mean_length=tally.characters / tally.filled if tally.filled else 0.0,
    )


def present(output: QualityOutput) -> tuple[Block, ...]:
    """Key figures, completeness by column, rules, the profile, failing and repeated rows."""
    shares = (("complete", output.completeness), ("consistent", output.consistency), ("unique rows", output.uniqueness), ("valid", output.validity))
    note = ", ".join(f"{share:.1%} {name}".replace("%", "\u00a0%") for name, share in shares if share is not None)
    failing = sum(1 for one in output.rules if one.failed)
    figures = (
        Figure("Score", f"{output.score:.1f} of 100", note),
        Figure("Rows", f"{output.rows:,}", f"{len(output.columns):,} columns, {output.delimiter} between them"),
        Figure("Failing cells", f"{output.failing_cells:,}", f"{failing} of {len(output.rules)} rules fail" if output.rules else "no rules given"),
        Figure("Repeated rows", f"{output.repeated_rows:,}"),
    )
    blocks: list[Block] = [KeyFigures(figures), *_rules(output), _chart(output), Note(output.formula, title="How the score is made")]
    return (*blocks, _profiles(output), *_failing(output), *_repeated(output))


def _rules(output: QualityOutput) -> tuple[Table, ...]:
    columns = (Column("Rule", "integer"), Column("Column"), Column("Check"), Column("Severity", "severity"), Column("Checked", "integer"))
    columns = (*columns, Column("Failed", "integer", bar=True), Column("Share failed", "percent"))
    rows = tuple((one.rule, one.column, one.check, one.severity, one.checked, one.failed, one.failed / max(1, one.checked)) for one in output.rules)
    return (Table("Rules", columns, rows, sort=(5, True), download="rules.csv"),) if rows else ()


def _chart(output: QualityOutput) -> Chart:
    worst = sorted(output.columns, key=lambda one: one.filled)[:_CHARTED]
    points = tuple((one.name, one.filled / output.rows) for one in worst)
    gaps = sum(1 for one in output.columns if one.empty)
    cut = f" The {_CHARTED} emptiest are drawn." if len(output.columns) > _CHARTED else ""
    summary = (
        f"{gaps} of {len(output.columns)} columns have empty cells; {worst[0].name} has the most, {worst[0].empty:,}.{cut}"
        if gaps
        else f"Every cell is filled.{cut}"
    )
    return Chart("How complete is each column?", "bar", Axis("Column", "text"), Axis("Filled", "percent"), (Series("Filled", points),), summary)


def _profiles(output: QualityOutput) -> Table:
    names = ("Column", "Type"), ("Unlike its type", "Filled", "Empty", "Distinct")
    columns = (*map(Column, names[0]), *(Column(name, "integer") for name in names[1]), Column("Least"), Column("Greatest"), Column("Mean", "decimal"))
    columns = (
        *columns,
        Column("Most common"),
        Column("Times", "integer"),
        Column("Shortest", "integer"),
        Column("Longest", "integer"),
        Column("Mean length", "decimal"),
    )
    rows = tuple(
        (
            *(one.name, one.type, one.unlike, one.filled, one.empty, one.distinct, one.minimum, one.maximum, one.mean),
            *(one.most_common, one.most_common_count or None, one.shortest, one.longest, round(one.mean_length, 2)),
        )
        for one in output.columns
    )
    note = "A type is that of at least 95 % of the filled cells. Blank cells count as empty; words such as NA or null count as text."
    return Table("Columns", columns, rows, note=note.replace(" %", "\u00a0%"), download="profile.csv", tab="Profile")


def _failing(output: QualityOutput) -> tuple[Table, ...]:
    columns = (
        Column("Rule", "integer"),
        Column("Column"),
        Column("Check"),
        Column("Row", "integer"),
        Column("Line of the file", "integer"),
        Column("Value", "code"),
    )
    by_number = {one.rule: one for one in output.rules}
    rows = tuple((one.rule, by_number[one.rule].column, by_number[one.rule].check, one.row, one.line, one.value) for one in output.failing_rows)
    left = output.failing_cells - len(rows)
    note = f"{left:,} more failing cells are counted and not listed." if left else "These are all."
    return (Table("Failing rows", columns, rows, note=note, download="failing-rows.csv", tab="Failing rows"),) if rows else ()


def _repeated(output: QualityOutput) -> tuple[Table, ...]:
    columns = (Column("Row", "integer"), Column("Line of the file", "integer"), Column("Same as row", "integer"))
    rows = tuple((one.row, one.line, one.same_as_row) for one in output.repeats)
    left = output.repeated_rows - len(rows)
    note = f"{left:,} more are counted and not listed." if left else ""
    return (Table("Repeated rows", columns, rows, note=note, download="repeated-rows.csv", tab="Failing rows"),) if rows else ()


def _units(inputs: QualityInputs) -> int:
    """Cells, those that a rule looks at once more, and as much work again six times for each value that differs from its neighbours."""
    rows, columns = size_of(inputs.csv, inputs.delimiter, has_header=inputs.has_header)
    return int(rows * columns * (1 + 6 * variety(inputs.csv))) + rows * len(inputs.rules) + len(inputs.csv) // 40


def _describe(inputs: QualityInputs) -> str:
    rows, columns = size_of(inputs.csv, inputs.delimiter, has_header=inputs.has_header)
    rules = len(inputs.rules)
    return f"{rows:,} rows × {columns:,} columns" + (f", {rules} rule{'s' if rules > 1 else ''}" if rules else "")  # noqa: RUF001 - a product


_EXAMPLE = """\
order,customer,email,country,amount,ordered_on
1001,Ada Byron,ada@example.com,UK,120.50,2026-10-01
1002,Charles Dodgson,charles@example.com,UK,89.99,2026-10-01
1003,Emmy Noether,emmy@example.com,DE,240.00,2026-10-02
1004,Sofia Kovalevskaya,sofia@example,SE,75.25,2026-10-02
1005,Kurt Friedrich,,AT,-15.00,2026-10-03
1006,Ada Byron,ada@example.com,UK,130.00,2026-02-30
1006,Blaise Pascal,blaise@example.com,FR,60.00,2026-10-04
1003,Emmy Noether,emmy@example.com,DE,240.00,2026-10-02
1008,"Gauss, Carl",carl@example.com,Germany,310.75,2026-10-05
1009,Mary Somerville,mary@example.com,UK,n/a,2026-10-05
"""
_EXAMPLE_RULES = (
    QualityRule("order", "unique", severity="high"),
    QualityRule("email", "not empty"),
    QualityRule("email", "email"),
    QualityRule("country", "one of", "UK|DE|SE|AT|FR"),
    QualityRule("amount", "between", "0", "1000", "high"),
    QualityRule("ordered_on", "date"),
)

TOOL: Tool[QualityInputs, QualityOutput] = Tool(
    id="data-studio-quality",
    title="Data Quality Monitor",
    studio=Studio.DATA,
    mode=Mode.SERVER,
    cap=25,
    summary="Profile a CSV, find the rows that break your rules, and score it.",
    takes="CSV and rules",
    gives="profile per column, failing rows with their numbers, score",
    limits=Limits(cpu_ms=10_000, wall_ms=15_000),
    inputs=QualityInputs,
    example=QualityInputs(csv=_EXAMPLE, rules=_EXAMPLE_RULES),
    cost=Cost(units=_units, describe=_describe, lower="csv", cpu_us_per_unit=0.2, cpu_ms_base=8.0, mem_bytes_per_unit=14.0, mem_mb_base=20.0, spread=1.5),
    run=run,
    present=present,
    preload=("numpy",),
    keywords=("CSV", "profile", "validation", "duplicates", "missing values", "data quality", "outliers"),
)
