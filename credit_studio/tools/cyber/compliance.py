"""Compliance Auditor: evidence against a framework, judged by a stated rule; the gaps, a plan to close them, and what it gives in other frameworks.

Evidence is for the controls that it names, or for the one that its words are about (see `controls/matching.py`); what is uncertain is
proposed and not counted. Maturity follows the rule in `audits/maturity.py`, the plan that in `audits/remediation.py`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Interval, Len, MaxLen

from credit_studio.tools.base import Cost, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import (
    Axis,
    Block,
    Chart,
    Code,
    Column,
    Document,
    Figure,
    Finding,
    Findings,
    HeatItem,
    HeatMap,
    KeyFigures,
    Note,
    Series,
    Table,
)
from credit_studio.tools.cyber.audits import maturity, remediation
from credit_studio.tools.cyber.audits.coverage import Elsewhere, Matched, counterparts, elsewhere, listed
from credit_studio.tools.cyber.audits.evidence import Evidence, day, items
from credit_studio.tools.cyber.audits.maturity import Domain, Result
from credit_studio.tools.cyber.audits.remediation import Task
from credit_studio.tools.cyber.audits.report import APPLICABILITY_HEADS, Cover, applicability, markdown, safe_csv
from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS, by_id
from credit_studio.tools.cyber.controls.matching import RULE as MATCHING_RULE
from credit_studio.tools.cyber.controls.relations import NOTE, others

_CHOICES = tuple((key, one.edition) for key, one in FRAMEWORKS.items())
_DISTANCES = ("At the target", "Less than 1 level below", "1 to 2 below", "2 or more below")
_GROUPS = (("1", "Group 1, essential (56)"), ("2", "Groups 1 and 2 (130)"), ("3", "All safeguards (153)"))


@dataclass(frozen=True)
class Inputs:
    """The framework, the evidence and what is aimed at; raises `InputError` for an as-of date that is none."""

    as_of: Annotated[str, Len(10, 10)] = ui("As of", "The day for which the audit is made, such as 2026-11-01.", placeholder="2026-11-01", group="Audit")
    framework: Literal["iso27001", "csf2", "soc2", "cis8", "pci4", "gdpr"] = ui(
        "Framework", "What the evidence is held against.", default="iso27001", choices=_CHOICES, group="Audit"
    )
    organisation: Annotated[str, MaxLen(120)] = ui("Organisation", "Stands in the report. May be empty.", default="", group="Audit")
    group: Literal["1", "2", "3"] = ui(
        "Implementation group", "For the CIS Controls only; other frameworks count whole.", default="3", choices=_GROUPS, group="Audit"
    )
    target: Annotated[int, Interval(ge=1, le=5)] = ui(
        "Target level", "0 absent to 5 assured; 3 means that controls are shown at work.", default=3, group="Audit"
    )
    fresh_months: Annotated[int, Interval(ge=1, le=60)] = ui(
        "Evidence is fresh for", "Older evidence counts a level less.", default=12, unit="months", group="Audit"
    )
    days_a_month: Annotated[int, Interval(ge=1, le=200)] = ui(
        "Work a month", "Days of work for closing gaps; the dates follow from it.", default=15, unit="days", group="Audit"
    )
    evidence: Annotated[tuple[Evidence, ...], MaxLen(300)] = ui(
        "Evidence", "One row for each piece: controls by id, or in words.", default=(), group="Evidence", row="evidence"
    )
    csv: Annotated[str, MaxLen(600_000)] = ui(
        "Evidence as CSV",
        "With a header: control, status, and if you have them description, kind, owner, date. Up to 3,000 rows.",
        default="",
        widget="file",
        accept=".csv,.tsv,.txt",
        group="Evidence",
    )

    def __post_init__(self) -> None:
        day(self.as_of, "asOf")


@dataclass(frozen=True)
class Output:
    """The audit. `related` has, for each control with evidence, its counterparts by framework."""

    framework: str
    as_of: str
    target: int
    fresh_months: int
    maturity: float | None
    pieces: int
    uncertain: int
    matched: tuple[Matched, ...]
    results: tuple[Result, ...]
    domains: tuple[Domain, ...]
    tasks: tuple[Task, ...]
    elsewhere: tuple[Elsewhere, ...]
    related: tuple[tuple[str, tuple[str, ...]], ...]
    document: str


def run(inputs: Inputs) -> Output:
    """Match, judge, plan and write; raises `InputError` on "evidence.N.date" or "csv"."""
    as_of = day(inputs.as_of, "asOf")
    report(0.05, "Matching evidence to controls")
    given = items(inputs.framework, inputs.evidence, inputs.csv, as_of)
    report(0.6, "Judging controls")
    results = maturity.judge_all(inputs.framework, int(inputs.group) if inputs.framework == "cis8" else 3, given, as_of, inputs.fresh_months)
    framework = FRAMEWORKS[inputs.framework]
    domains = tuple(maturity.domain(key, name, results, inputs.target) for key, name in framework.domains if any(one.domain == key for one in results))
    tasks = remediation.plan(inputs.framework, results, inputs.target, inputs.days_a_month, as_of)
    kept = [one for one in results if one.is_applicable]
    uncertain = sum(not item.counts for item in given)
    at_target = sum(one.level >= inputs.target for one in kept)
    mean = maturity.mean(results)
    cover = Cover(inputs.organisation, inputs.framework, inputs.as_of, inputs.target, mean, len(kept), at_target, uncertain, len(given))
    report(0.8, "Writing the report")
    return Output(
        framework=inputs.framework,
        as_of=inputs.as_of,
        target=inputs.target,
        fresh_months=inputs.fresh_months,
        maturity=mean,
        pieces=len(given),
        uncertain=uncertain,
        matched=listed(given),
        results=results,
        domains=domains,
        tasks=tasks,
        elsewhere=elsewhere(inputs.framework, results, inputs.target),
        related=tuple((one.id, counterparts(inputs.framework, one.id)) for one in kept if one.pieces),
        document=markdown(cover, domains, results, tasks),
    )


def present(output: Output) -> tuple[Block, ...]:
    """Figures, coverage and gaps first; then the plan, every control, what it gives elsewhere, the evidence, and the report."""
    summary = (_figures(output), _chart(output), _heat(output), _gaps(output), Note(maturity.RULE, title="How maturity is made"))
    plan = (*_plan(output), Note(remediation.RULE, title="How the plan is made", tab="Plan"))
    controls = (_domains(output), _applicability(output), *_export(output))
    return (*summary, *plan, *controls, *_cross(output), *_evidence(output), _document(output))


def _figures(output: Output) -> KeyFigures:
    kept = [one for one in output.results if one.is_applicable]
    at_target = sum(one.level >= output.target for one in kept)
    grave = sum(task.severity == "critical" for task in output.tasks)
    high = sum(task.severity == "high" for task in output.tasks)
    level = "\u2013" if output.maturity is None else f"{output.maturity:.1f} of 5"
    ends = f"plan ends {output.tasks[-1].due}" if output.tasks else "nothing is left to do"
    return KeyFigures(
        (
            Figure("Maturity", level, f"target {output.target}, {FRAMEWORKS[output.framework].name}, as of {output.as_of}"),
            Figure("At target", f"{at_target} of {len(kept)}", f"{len(output.results) - len(kept)} do not apply"),
            Figure("Gaps", str(len(output.tasks)), f"{grave} critical, {high} high; {ends}"),
            Figure("Evidence", str(output.pieces), f"{output.uncertain} uncertain, not counted" if output.uncertain else "all matched"),
        )
    )


def _chart(output: Output) -> Chart:
    """How many controls of each domain stand where; planned counts as not implemented to keep the colours few."""
    groups = {"Implemented": ("implemented",), "Partly": ("partly",), "Not implemented": ("planned", "not implemented"), "No evidence": ("no evidence",)}
    groups["Not applicable"] = ("not applicable",)
    series = tuple(
        Series(
            name, tuple((_short(output.framework, domain), float(sum(count for status, count in domain.counts if status in told))) for domain in output.domains)
        )
        for name, told in groups.items()
    )
    rated = [domain for domain in output.domains if domain.maturity is not None]
    worst = min(rated, key=lambda domain: domain.maturity or 0.0, default=None)
    done = sum(one.status == "implemented" for one in output.results)
    said = f"{done} of {len(output.results)} controls are implemented." + (f" {worst.name} is furthest behind, at {worst.maturity:.1f}." if worst else "")
    return Chart("How far is each domain?", "bar", Axis("Domain", "text"), Axis("Controls", "integer"), series, said)


def _short(framework: str, domain: Domain) -> str:
    """A domain in a label: "A.5 Organisational"; "CC6 Access"."""
    return domain.name if framework == "gdpr" else f"{domain.key} {domain.name}"


def _heat(output: Output) -> HeatMap:
    """Domains by weight: how far the mean level is below the target, with the controls at the target in each cell."""
    levels: list[tuple[int, ...]] = []
    labels: list[HeatItem] = []
    for row, domain in enumerate(output.domains):
        cells: list[int] = []
        for column, weight in enumerate((3, 2, 1)):
            kept = [one for one in output.results if one.domain == domain.key and one.is_applicable and one.weight == weight]
            missing = output.target - sum(one.level for one in kept) / len(kept) if kept else 0.0
            cells.append(0 if missing <= 0 else 1 if missing < 1 else 2 if missing < 2 else 3)  # noqa: PLR2004 - levels missing
            if kept:
                labels.append(HeatItem(row, column, f"{sum(one.level >= output.target for one in kept)}/{len(kept)}"))
        levels.append(tuple(cells))
    worst = sum(cell == 3 for row in levels for cell in row)  # noqa: PLR2004 - the darkest
    said = f"{worst} cell{'s are' if worst != 1 else ' is'} two levels or more below the target of {output.target} on average."
    names = tuple(_short(output.framework, domain) for domain in output.domains)
    note = "Controls at the target of those that apply, by how much risk hangs on them; colours say how far the mean level is below the target."
    return HeatMap(
        title="Where is the distance to the target largest?",
        row_labels=names,
        column_labels=("Much risk", "Some risk", "Little risk"),
        levels=tuple(levels),
        items=tuple(labels),
        summary=said,
        note=note,
        level_names=_DISTANCES,
        is_filled=True,
    )


def _gaps(output: Output) -> Findings:
    found = [
        Finding(task.severity, f"{task.id}: {task.title}", task.cause, f"Evidence to show: {task.proof}.", task.action)
        for task in output.tasks
        if task.severity in {"critical", "high"}
    ]
    doubts = [
        Finding("medium", f"{one.id}: statuses differ", f"{one.pieces} pieces", "The weakest status counts.", "Check which is right, or split by system.")
        for one in output.results
        if one.is_conflicting
    ]
    if output.uncertain:
        doubts.append(Finding("medium", _uncounted(output.uncertain), "Evidence", MATCHING_RULE, "Write the identifier of the control into them."))
    lesser = sum(task.severity in {"medium", "low"} for task in output.tasks)
    checked = (
        f"{len(output.results)} controls of {FRAMEWORKS[output.framework].edition}, as of {output.as_of}. {lesser} medium and low gaps are in the plan only."
    )
    return Findings("Critical and high gaps", (*found, *doubts), checked)


def _uncounted(pieces: int) -> str:
    return "1 piece of evidence is not counted" if pieces == 1 else f"{pieces} pieces of evidence are not counted"


def _plan(output: Output) -> tuple[Block, ...]:
    if not output.tasks:
        return (Note(f"Every control that applies is at level {output.target} or above.", "good", tab="Plan"),)
    columns = (
        *(Column("No.", "integer"), Column("Control"), Column("About"), Column("Severity", "severity"), Column("Why")),
        *(Column("What to do"), Column("Owner"), Column("Days", "decimal"), Column("Due")),
    )
    rows = tuple((one.order, one.id, one.title, one.severity, one.cause, one.action, one.owner, one.days, one.due) for one in output.tasks)
    quick = [one for one in output.tasks if one.days <= 2 and one.severity in {"critical", "high"}]  # noqa: PLR2004 - two days are quick
    easy = f"Quick and worth it: {', '.join(one.id for one in quick[:12])}. " if quick else ""
    unknown = sum(one.days for one in output.tasks if one.cause == remediation.UNKNOWN)
    days = f"{sum(one.days for one in output.tasks):g} days of work"
    note = f"{easy}{days}" + (f", {unknown:g} of them for controls without evidence, which may turn out to be there." if unknown else ".")
    return (Table("Remediation plan", columns, rows, note=note, tab="Plan"),)


def _domains(output: Output) -> Table:
    columns = (Column("Domain"), Column("About"), Column("Maturity", "decimal", bar=True), Column("At target", "integer"), Column("Apply", "integer"))
    rows = tuple((one.key, one.name, None if one.maturity is None else round(one.maturity, 2), one.at_target, one.applicable) for one in output.domains)
    kept = sum(one.applicable for one in output.domains)
    mean = None if output.maturity is None else round(output.maturity, 2)
    total = ("All", "", mean, sum(one.at_target for one in output.domains), kept)
    return Table("Maturity by domain", columns, rows, total, note="The whole is the weighted mean of the controls, not of the domains.", tab="Controls")


def _applicability(output: Output) -> Table:
    formats = {"Level": "integer"}
    columns = tuple(Column(head, formats.get(head, "text")) for head in APPLICABILITY_HEADS)
    note = (
        "Reasons for including a control come from your risk treatment; ISO/IEC 27001, 6.1.3 d, asks for them, too." if output.framework == "iso27001" else ""
    )
    return Table("Statement of applicability", columns, tuple(applicability(output.results)), note=note, tab="Controls")


def _export(output: Output) -> tuple[Block, ...]:
    heads = ("No.", "Control", "About", "Domain", "Severity", "Why", "What to do", "Evidence to show", "Owner", "Days", "Due")
    tasks = [(one.order, one.id, one.title, one.domain, one.severity, one.cause, one.action, one.proof, one.owner, one.days, one.due) for one in output.tasks]
    soa = safe_csv(APPLICABILITY_HEADS, applicability(output.results))
    plan = (Code("Plan as CSV", "text", safe_csv(heads, tasks), "remediation-plan.csv", tab="Exports"),) if tasks else ()
    said = "Cells that a spreadsheet would take for a formula begin with an apostrophe."
    return (Code("Statement of applicability as CSV", "text", soa, "statement-of-applicability.csv", tab="Exports"), *plan, Note(said, tab="Exports"))


def _cross(output: Output) -> tuple[Block, ...]:
    columns = (
        Column("Framework"),
        Column("All subjects shown", "integer", bar=True),
        Column("Some", "integer"),
        Column("None", "integer"),
        Column("Share", "percent"),
    )
    rows = tuple(
        (FRAMEWORKS[one.framework].name, len(one.all_of), one.some, one.none, len(one.all_of) / (len(one.all_of) + one.some + one.none))
        for one in output.elsewhere
    )
    note = f"From the controls at level {output.target} or above. {NOTE}"
    blocks: list[Block] = [Table("What this evidence gives in other frameworks", columns, rows, note=note, tab="Other frameworks")]
    whole = tuple((FRAMEWORKS[one.framework].name, control, by_id(one.framework)[control].title) for one in output.elsewhere for control in one.all_of)
    if whole:
        heads = (Column("Framework"), Column("Control"), Column("About"))
        blocks.append(Table("Controls elsewhere of which all subjects are shown", heads, whole, download="elsewhere.csv", tab="Other frameworks"))
    if output.related:
        names = tuple(Column(FRAMEWORKS[key].name) for key in others(output.framework))
        mapped = tuple((one, *told) for one, told in output.related)
        about = "~ means that the counterpart asks for more than this control."
        blocks.append(Table("Counterparts of the controls with evidence", (Column("Control"), *names), mapped, note=about, tab="Other frameworks"))
    return tuple(blocks)


def _evidence(output: Output) -> tuple[Block, ...]:
    if not output.matched:
        return (Note("No evidence was given: every control counts as a gap.", "warn", tab="Evidence"),)
    columns = (
        Column("Place"),
        Column("Evidence"),
        Column("Control"),
        Column("Found by"),
        Column("Score", "decimal"),
        Column("Shared words"),
        Column("Verdict"),
    )
    rows = tuple(
        (one.place, one.text, (", " if one.verdict == "counted" else " or ").join(one.controls), one.how, one.score, ", ".join(one.words), one.verdict)
        for one in output.matched
    )
    left = output.pieces - len(rows)
    note = MATCHING_RULE + (f" {left:,} more pieces, all of them counted or further down, are not listed." if left else "")
    return (Table("How evidence was matched", columns, rows, note=note, tab="Evidence"),)


def _document(output: Output) -> Document:
    return Document("Report", output.document, f"{output.framework}-assessment-{output.as_of}", tab="Report")


def _units(inputs: Inputs) -> int:
    """Pieces of evidence, by rows and by lines of the CSV, and one for each 200 characters."""
    return len(inputs.evidence) + inputs.csv.count("\n") + len(inputs.csv) // 200


def _describe(inputs: Inputs) -> str:
    pieces = len(inputs.evidence) + max(0, inputs.csv.count("\n") - 1)
    return f"{FRAMEWORKS[inputs.framework].name}, about {pieces:,} piece{'' if pieces == 1 else 's'} of evidence"


_EXAMPLE = Path(__file__).with_name("compliance_example.csv").read_text(encoding="utf-8")

TOOL = Tool(
    id="cyber-studio-compliance",
    title="Compliance Auditor",
    studio=Studio.CYBER,
    mode=Mode.SERVER,
    version="1.1.0",
    cap=25,
    summary="Hold your evidence against a framework. Get gaps, maturity, a dated plan, and what the same evidence gives in other frameworks.",
    takes="framework and evidence",
    gives="gaps, maturity, cross-mapped controls, remediation plan",
    limits=Limits(cpu_ms=10_000, wall_ms=15_000),
    inputs=Inputs,
    example=Inputs(
        as_of="2026-11-01",
        organisation="Northwind Clinics Ltd",
        evidence=(
            Evidence("A.5.1", "Information security policy 3.1, approved by the board", "implemented", "policy", "CISO", "2026-03-12"),
            Evidence("A.5.24, A.5.26", "Incident plan; table-top exercise with management", "implemented", "test", "CISO", "2026-09-18"),
            Evidence("Nightly backups", "Restore test of the patient system took 3 h 10 min", "implemented", "test", "Head of IT", "2026-06-30"),
            Evidence("A.8.30", "No development is outsourced; confirmed by the CTO", "not applicable"),
            Evidence("Something about the printers", "Printers are on a network of their own", "partly", "statement"),
        ),
        csv=_EXAMPLE,
    ),
    cost=Cost(units=_units, describe=_describe, lower="csv", cpu_us_per_unit=55.0, cpu_ms_base=60.0, mem_bytes_per_unit=4_000.0, mem_mb_base=16.0, spread=1.5),
    run=run,
    present=present,
    keywords=("ISO 27001", "NIST CSF", "SOC 2", "CIS Controls", "PCI DSS", "GDPR", "audit", "gap analysis", "statement of applicability", "maturity"),
)
