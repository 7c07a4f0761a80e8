"""Security Scanner: source files looked through for weaknesses and secrets, each with its place, its CWE and what to do.

Python is read by bandit, every text by detect-secrets, other languages by the rules in `scanning/patterns.toml`. Files are read, never run; an archive
is read in memory (`scanning/sources.py`). Secrets are masked in everything that is given back.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Axis, Block, Chart, Code, Column, Figure, Finding, Findings, KeyFigures, Note, Series, Table
from credit_studio.tools.dev.scanning import counts, sources
from credit_studio.tools.dev.scanning.counts import FileCount, LanguageCount, RuleCount
from credit_studio.tools.dev.scanning.issue import SEVERITIES, Issue, rank
from credit_studio.tools.dev.scanning.sarif import report as sarif_report
from credit_studio.tools.dev.scanning.sources import Reading, Skipped

if TYPE_CHECKING:
    from credit_studio.tools.dev.scanning.scan import Scanned

VERSION = "1.0.0"
_MOST_ROWS = 200
_CHARTED = 12
_DEFAULT_EXCLUDES = (".git/", "node_modules/", "vendor/", ".venv/", "dist/", "build/", "*.min.js", "*.map")

Severity = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True)
class SourceFile:
    """A pasted file."""

    path: Annotated[str, Len(1, 200)] = ui("Path", "Its name says the language: app.py, web/server.ts, Dockerfile, main.tf.", placeholder="app.py")
    content: Annotated[str, Len(1, 200_000)] = ui("Content", "The file's text, up to 200,000 characters.", widget="textarea")


@dataclass(frozen=True)
class SecurityInputs:
    """The files, and what is wanted of them."""

    archive: Annotated[str, Len(0, 20_000_000)] = ui(
        "A .zip or one file",
        "A .zip of source files, up to 2 MB of text when unpacked, or a single file. It is read, never run. Over the API: a data URL in base64.",
        default="",
        widget="file",
        accept=".zip,.py,.js,.ts,.jsx,.tsx,.sh,.tf,.yml,.yaml,.java,.php,.go,.rb,.cs,.env,.txt",
        encoded=True,
    )
    files: Annotated[tuple[SourceFile, ...], Len(0, 40)] = ui("Pasted files", "Up to 40 files, beside or instead of the upload.", default=())
    exclude: Annotated[tuple[Annotated[str, Len(1, 100)], ...], Len(0, 40)] = ui(
        "Leave out", "One a line: folders with a slash at the end (dist/), names with * (*.min.js).", default=_DEFAULT_EXCLUDES
    )
    least: Severity = ui(
        "List from",
        "Findings below this are counted and not listed.",
        default="low",
        choices=(("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")),
    )
    heed: bool = ui("Heed comments that silence", "# nosec and pragma: allowlist secret. Off: what they silence is found, too.", default=True)

    def __post_init__(self) -> None:
        """Raise `InputError` when there is no file at all."""
        if not self.archive and not self.files:
            raise InputError("files", "Give at least one file: upload it, or paste its text.")


@dataclass(frozen=True)
class SecurityOutput:
    """`issues` are cut (see `listed_to`), as are files, rules and skipped ones (200); the counts are whole."""

    files_read: int
    lines_read: int
    by_severity: dict[str, int]
    secrets: int
    below: int
    unlisted: int
    silenced: int
    least: str
    engines: str
    languages: tuple[LanguageCount, ...]
    files: tuple[FileCount, ...]
    files_found: int
    rules: tuple[RuleCount, ...]
    skipped_total: int
    skipped: tuple[Skipped, ...]
    issues: tuple[Issue, ...]


def run(inputs: SecurityInputs) -> SecurityOutput:
    """Read, look through, and count; raises `InputError` on "archive" or "files" when there is nothing to read or too much of it."""
    reading = _read(inputs)
    if not reading.sources:
        raise InputError("archive" if inputs.archive else "files", _nothing(reading))
    from credit_studio.tools.dev.scanning.python_code import MOST_NODES  # noqa: PLC0415 - the same
    from credit_studio.tools.dev.scanning.scan import scan  # noqa: PLC0415 - bandit and detect-secrets are loaded where they run, not where pages are made

    scanned: list[Scanned] = []
    left = MOST_NODES
    for number, source in enumerate(reading.sources):
        if number % max(1, len(reading.sources) // 30) == 0:
            report(0.05 + 0.9 * number / len(reading.sources), f"Looking through file {number + 1:,} of {len(reading.sources):,}")
        scanned.append(scan(source, heed=inputs.heed, most_nodes=left))
        left -= scanned[-1].nodes
    return _output(inputs, scanned, reading.skipped)


def _read(inputs: SecurityInputs) -> Reading:
    reading = Reading(tuple(pattern.strip() for pattern in inputs.exclude if pattern.strip()))
    for number, file in enumerate(inputs.files):
        reading.take(file.path.strip() or f"file {number + 1}", file.content.encode(errors="replace"), f"files.{number}.content")
    if inputs.archive:
        given = sources.attached(inputs.archive, "archive")
        if sources.is_archive(given.name, given.content):
            sources.unpack(given.content, reading, "archive")
        else:
            reading.take(given.name, given.content, "archive")
    return reading


def _nothing(reading: Reading) -> str:
    if not reading.skipped:
        return "The .zip holds no files."
    first = reading.skipped[0]
    return f"Holds nothing that can be read: {len(reading.skipped):,} left out, such as {first.path} ({first.why})."


def _output(inputs: SecurityInputs, scanned: "list[Scanned]", skipped: list[Skipped]) -> SecurityOutput:
    from credit_studio.tools.dev.scanning.scan import engines  # noqa: PLC0415 - the same

    found = sorted((issue for one in scanned for issue in one.issues), key=rank)
    wanted = [issue for issue in found if SEVERITIES.index(issue.severity) <= SEVERITIES.index(inputs.least)]
    listed = counts.listed(wanted)
    rated = Counter(issue.severity for issue in found)
    unread = [Skipped(one.path, f"{one.unread}: looked through for secrets only") for one in scanned if one.unread]
    files = counts.by_file(scanned)
    return SecurityOutput(
        files_read=len(scanned),
        lines_read=sum(one.lines for one in scanned),
        by_severity={severity: rated[severity] for severity in SEVERITIES},
        secrets=sum(issue.engine == "detect-secrets" or issue.cwe in {259, 798} for issue in found),
        below=len(found) - len(wanted),
        unlisted=len(wanted) - len(listed),
        silenced=sum(one.silenced for one in scanned),
        least=inputs.least,
        engines=engines(),
        languages=counts.by_language(scanned),
        files=files[:_MOST_ROWS],
        files_found=len(files),
        rules=counts.by_rule(found)[:_MOST_ROWS],
        skipped_total=len(unread) + len(skipped),
        skipped=tuple([*unread, *skipped][:_MOST_ROWS]),
        issues=listed,
    )


def present(output: SecurityOutput) -> tuple[Block, ...]:
    """Key figures, where the findings are, the findings; rules, files and SARIF on tabs of their own."""
    total = sum(output.by_severity.values())
    rated = ", ".join(f"{count:,} {severity}" for severity, count in output.by_severity.items() if count)
    figures = (
        Figure("Findings", f"{total:,}", rated),
        Figure("Secrets", f"{output.secrets:,}", "masked everywhere here" if output.secrets else ""),
        Figure("Files with findings", f"{output.files_found:,}", f"of {output.files_read:,} read, {output.lines_read:,} lines"),
        Figure("Not read", f"{output.skipped_total:,}", "see Files" if output.skipped_total else ""),
    )
    blocks: list[Block] = [KeyFigures(figures), *_chart(output), _findings(output), *_silenced(output), _method()]
    return (*blocks, *_rules_tab(output), *_files_tab(output), _sarif(output))


def _chart(output: SecurityOutput) -> tuple[Chart, ...]:
    if not output.files:
        return ()
    names = _short_names([one.path for one in output.files[:_CHARTED]])
    series = tuple(
        Series(severity.title(), tuple((name, getattr(one, severity)) for name, one in zip(names, output.files, strict=False)))
        for severity in SEVERITIES
        if output.by_severity[severity]
    )
    worst = output.files[0]
    count = worst.critical + worst.high + worst.medium + worst.low
    cut = f" The {_CHARTED} worst files are drawn." if output.files_found > _CHARTED else ""
    summary = f"{worst.path} comes first: {count:,} finding{'' if count == 1 else 's'}, {worst.critical + worst.high:,} of them critical or high.{cut}"
    return (Chart("Which files have the worst findings?", "bar", Axis("File", "text"), Axis("Findings", "integer"), series, summary),)


def _short_names(paths: list[str]) -> list[str]:
    """The last parts of the paths where these tell them apart, else the whole paths."""
    for parts in (1, 2, 3):
        names = ["/".join(path.split("/")[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return paths


def _findings(output: SecurityOutput) -> Findings:
    findings = tuple(Finding(one.severity, one.title, f"{one.path}:{one.line}", _detail(one), one.fix) for one in output.issues)
    read = ", ".join(f"{one.language} ({one.files:,})" for one in output.languages)
    below = f" {output.below:,} below {output.least} are counted and not listed." if output.below else ""
    cut = f" {output.unlisted:,} more are counted and not listed." if output.unlisted else ""
    files = "1 file" if output.files_read == 1 else f"{output.files_read:,} files"
    lines = "1 line" if output.lines_read == 1 else f"{output.lines_read:,} lines"
    return Findings("Findings", findings, f"{files}, {lines}: {read}. {output.engines}, rules {VERSION}.{below}{cut}")


def _detail(issue: Issue) -> str:
    cwe = f"CWE-{issue.cwe}, " if issue.cwe else ""
    said = f"{issue.detail.rstrip('.')}. " if issue.detail else ""
    return f"{said}Line {issue.line}: {issue.code} ({cwe}confidence {issue.confidence}, {issue.engine} {issue.rule})"


def _silenced(output: SecurityOutput) -> tuple[Note, ...]:
    text = (
        f"Comments in the files silence {output.silenced:,} finding{'' if output.silenced == 1 else 's'}. Switch “Heed comments that silence” off to see them."
    )
    return (Note(text, tone="warn"),) if output.silenced else ()


def _method() -> Note:
    return Note(
        "Python is read by bandit, every file by detect-secrets, other languages by rules over their lines with comments left out. No scanner sees how data "
        "flows through a whole program: nothing found does not mean that nothing is there, and a finding may be harmless where it stands.",
        title="What this does not say",
    )


def _rules_tab(output: SecurityOutput) -> tuple[Table, ...]:
    columns = (Column("Severity", "severity"), Column("What"), Column("Findings", "integer", bar=True), Column("Files", "integer"), Column("CWE", "code"))
    columns = (*columns, Column("Rule", "code"), Column("Found by"))
    rows = tuple((one.severity, one.title, one.findings, one.files, f"CWE-{one.cwe}" if one.cwe else None, one.rule, one.engine) for one in output.rules)
    return (Table("Findings by rule", columns, rows, download="findings-by-rule.csv", tab="Rules"),) if rows else ()


def _files_tab(output: SecurityOutput) -> tuple[Table, ...]:
    columns = (Column("File"), *(Column(severity.title(), "integer") for severity in SEVERITIES), Column("Lines", "integer"))
    rows = tuple((one.path, one.critical, one.high, one.medium, one.low, one.lines) for one in output.files)
    languages = tuple((one.language, one.files, one.lines) for one in output.languages)
    skipped = tuple((one.path, one.why) for one in output.skipped)
    tables = (
        Table("Findings by file", columns, rows, download="findings-by-file.csv", note=_cut(output.files_found), tab="Files"),
        Table("Languages", (Column("Language"), Column("Files", "integer"), Column("Lines", "integer", bar=True)), languages, tab="Files"),
        Table("Not read", (Column("File"), Column("Why")), skipped, note=_cut(output.skipped_total), download="not-read.csv", tab="Files"),
    )
    return tuple(table for table in tables if table.rows)


def _cut(total: int) -> str:
    return f"{total - _MOST_ROWS:,} more are not listed." if total > _MOST_ROWS else ""


def _sarif(output: SecurityOutput) -> Code:
    return Code("SARIF 2.1.0, for code hosts and editors", "json", sarif_report(output.issues, output.skipped, VERSION), "security-scan.sarif", tab="SARIF")


def _units(inputs: SecurityInputs) -> int:
    """Work in characters of Python: pasted files, and for a .zip what its own list says."""
    pasted = sum(sources.weigh(file.path, len(file.content)) for file in inputs.files)
    return pasted + (sources.weight_within(inputs.archive) if inputs.archive else 0)


def _describe(inputs: SecurityInputs) -> str:
    count, size = len(inputs.files), sum(len(file.content) for file in inputs.files)
    pasted = f"{count} pasted file{'' if count == 1 else 's'}, {size:,} characters" if count else ""
    upload = f"an upload of {max(1, len(inputs.archive) * 3 // 4_000):,} kB" if inputs.archive else ""
    return " and ".join(filter(None, (pasted, upload))) or "no file"


def _example() -> SecurityInputs:
    given = json.loads(Path(__file__).with_name("security_example.json").read_text(encoding="utf-8"))
    return SecurityInputs(files=tuple(SourceFile(path, "\n".join(lines)) for path, lines in given.items()))


TOOL: Tool[SecurityInputs, SecurityOutput] = Tool(
    id="dev-studio-security",
    title="Security Scanner",
    studio=Studio.DEV,
    mode=Mode.SERVER,
    cap=50,
    summary="Find weaknesses and secrets in source files, each with its line, its CWE and what to do.",
    takes="source files or a .zip",
    gives="findings by severity, secrets, SARIF export",
    limits=Limits(cpu_ms=20_000, wall_ms=30_000),
    version=VERSION,
    inputs=SecurityInputs,
    example=_example(),
    cost=Cost(units=_units, describe=_describe, lower="archive", cpu_us_per_unit=4.0, cpu_ms_base=30.0, mem_bytes_per_unit=14.0, mem_mb_base=12.0, spread=1.6),
    run=run,
    present=present,
    preload=("credit_studio.tools.dev.scanning.scan",),
    keywords=("SAST", "bandit", "secrets", "SARIF", "OWASP", "CWE", "JavaScript", "Dockerfile", "Kubernetes", "Terraform"),
)
