"""Data Privacy Impact Assessor: an inventory of processing and a sample of rows, held against each other and against the law.

What words of the inventory mean is in `assessment/activity.py`, personal data in `personal/`, risks, criteria, gaps and k-anonymity each in a file of
`assessment/`; this file declares the tool and joins them. It says what the inventory and the sample show; it is no legal advice.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block
from credit_studio.tools.data.assessment import gaps as law
from credit_studio.tools.data.assessment import sample as rows_of
from credit_studio.tools.data.assessment.activity import Activity, Reading, read
from credit_studio.tools.data.assessment.criteria import Screening, screen
from credit_studio.tools.data.assessment.entries import FoundData, GapFound, RecordEntry
from credit_studio.tools.data.assessment.record import CONDITION_LETTERS
from credit_studio.tools.data.assessment.risk import Risk, level, risks_of
from credit_studio.tools.data.assessment.showing import blocks_of
from credit_studio.tools.data.assessment.uniqueness import Grouping

_BASIS_LETTERS = {"consent": "a", "contract": "b", "legal obligation": "c", "vital interests": "d", "public task": "e", "legitimate interests": "f"}
_SEVERITIES = ("critical", "high", "medium", "low")
_ACTIVITY_UNITS, _COLUMN_UNITS = 6_000, 12_000


@dataclass(frozen=True)
class PrivacyInputs:
    """The inventory, what is in place as a whole, and a sample of one system."""

    activities: Annotated[tuple[Activity, ...], Len(1, 30)] = ui("Data inventory", "One row for each system or activity, up to 30.", row="activity")
    sample: Annotated[str, Len(0, 5_000_000)] = ui(
        "Sample",
        "Rows of one system as CSV with a header. Cells are masked in all results. May stay empty.",
        default="",
        widget="file",
        accept=".csv,.tsv,.txt",
    )
    sample_of: Annotated[str, Len(0, 80)] = ui("The sample is of", "The system of the inventory that the rows are from; empty for the first one.", default="")
    quasi_identifiers: Annotated[str, Len(0, 500)] = ui(
        "Quasi-identifiers",
        "Columns of the sample that together may single a person out, with commas. Empty: those found.",
        default="",
        placeholder="dob, postcode, gender",
    )
    organisation: Annotated[str, Len(1, 120)] = ui("Organisation", "The controller's name, for the record.", default="Our organisation", group="Organisation")
    contact: Annotated[str, Len(0, 200)] = ui("Contact", "Of the controller or its data protection officer.", default="", group="Organisation")
    notice: bool = ui("Privacy notice", "A notice tells people what is done with their data.", default=False, group="In place")
    rights: bool = ui("Requests of people", "Access, correction, erasure and objection can be asked for and are answered.", default=False, group="In place")
    breach: bool = ui("Breach procedure", "A breach would be told to the authority within 72 hours.", default=False, group="In place")
    contracts: bool = ui("Processor contracts", "All recipients that work for you have signed one.", default=False, group="In place")
    officer: bool = ui("Data protection officer", "One is appointed.", default=False, group="In place")
    assessed: bool = ui("Earlier assessment", "An impact or risk assessment of these activities was made before.", default=False, group="In place")
    california: bool = ui("Californians", "Data of California residents are held and the CCPA applies to you.", default=False, group="California")
    sells_or_shares: bool = ui("Sold or shared", "Data are sold, or shared for advertising across contexts.", default=False, group="California")
    opt_out: bool = ui("Opt-out links", "People can opt out of sale and sharing and limit the use of sensitive data.", default=False, group="California")


@dataclass(frozen=True)
class Uniqueness:
    """One quasi-identifier by itself."""

    column: str
    different: int
    alone: float


@dataclass(frozen=True)
class PrivacyOutput:
    """The assessment. `score` is the highest risk now, 1 to 16; lists are worst first. Without a sample its parts are empty."""

    organisation: str
    contact: str
    score: int
    level: str
    screenings: tuple[Screening, ...]
    found: tuple[FoundData, ...]
    sample_rows: int
    sample_of: str
    not_found: tuple[str, ...]
    gaps: tuple[GapFound, ...]
    risks: tuple[Risk, ...]
    record: tuple[RecordEntry, ...]
    groupings: tuple[Grouping, ...]
    uniqueness: tuple[Uniqueness, ...]
    ccpa_categories: tuple[tuple[str, str], ...]
    is_californian: bool
    unread: tuple[str, ...]


def run(inputs: PrivacyInputs) -> PrivacyOutput:
    """The assessment; raises `InputError` on "activities.N.traits" and the like, on "sample" with the line, "sampleOf" and "quasiIdentifiers"."""
    readings = [read(one, f"activities.{number}") for number, one in enumerate(inputs.activities)]
    _named_once(readings)
    at = _sampled(inputs, readings)
    sample = rows_of.read_sample(inputs.sample, "sample") if inputs.sample.strip() else None
    report(0.3, "Looking for personal data")
    found = rows_of.find(sample, readings[at]) if sample else []
    quasi = rows_of.quasi_identifiers(sample, found, inputs.quasi_identifiers) if sample else []
    report(0.6, "Telling rows apart")
    cases = [_case(reading, found if number == at else []) for number, reading in enumerate(readings)]
    screenings = [screen(case.reading, case.families) for case in cases]
    cases = [law.Case(case.reading, case.families, one.verdict == "needed" and not inputs.assessed) for case, one in zip(cases, screenings, strict=True)]
    worst = max((one.tag.severity for one in found), default=1)
    risks = [risk for number, one in enumerate(readings) for risk in risks_of(one, max(one.severity, worst if number == at else 1))]
    top = max(risk.score_now for risk in risks)
    return PrivacyOutput(
        organisation=inputs.organisation,
        contact=inputs.contact,
        score=top,
        level=level(top),
        screenings=tuple(screenings),
        found=tuple(map(_found, found)),
        sample_rows=sample.rows if sample else 0,
        sample_of=readings[at].activity.system if sample else "",
        not_found=_not_found(readings[at], found) if sample else (),
        gaps=_gaps(inputs, cases, found, readings[at].activity.system),
        risks=tuple(sorted(risks, key=lambda one: -one.score_now)),
        record=tuple(map(_record, readings)),
        groupings=tuple(rows_of.groupings(sample, quasi, found)) if sample and quasi else (),
        uniqueness=tuple(Uniqueness(*one) for one in rows_of.alone(sample, quasi)) if sample else (),
        ccpa_categories=_categories(readings, found) if inputs.california else (),
        is_californian=inputs.california,
        unread=tuple(f"{one.activity.system}: {word[:60]}" for one in readings for word in one.unread)[:60],
    )


def _named_once(readings: list[Reading]) -> None:
    seen: set[str] = set()
    for number, one in enumerate(readings):
        name = one.activity.system.strip().lower()
        if name in seen:
            raise InputError(f"activities.{number}.system", "Is the name of an earlier row, too: give each its own.")
        seen.add(name)


def _sampled(inputs: PrivacyInputs, readings: list[Reading]) -> int:
    """The place of the activity that the sample is of."""
    asked = inputs.sample_of.strip().lower()
    names = [one.activity.system.strip().lower() for one in readings]
    if asked and asked not in names:
        raise InputError("sampleOf", f"Is no system of the inventory. Use one of: {', '.join(inputs.activities[at].system for at in range(len(names)))[:300]}.")
    return names.index(asked) if asked else 0


def _case(reading: Reading, found: list[rows_of.FoundColumn]) -> law.Case:
    return law.Case(reading, reading.families | {one.tag.family for one in found}, needs_assessment=False)


def _found(one: rows_of.FoundColumn) -> FoundData:
    tag = one.tag
    return FoundData(one.column, tag.label, tag.law, tag.severity, tag.confidence, one.declared, tag.why, tag.examples, one.ccpa, one.is_sensitive, one.filled)


def _not_found(reading: Reading, found: list[rows_of.FoundColumn]) -> tuple[str, ...]:
    """Categories that are declared and that no column of the sample shows."""
    covered = {one.declared for one in found}
    return tuple(category for category in reading.categories if category not in covered and category not in reading.unread)


def _gaps(inputs: PrivacyInputs, cases: list[law.Case], found: list[rows_of.FoundColumn], system: str) -> tuple[GapFound, ...]:
    practices = law.Practices(
        **{
            name: getattr(inputs, name)
            for name in ("notice", "rights", "breach", "contracts", "officer", "assessed", "sells_or_shares", "opt_out", "california")
        }
    )
    sensitive = any(one.is_sensitive for one in found) or any(case.reading.severity >= 4 or case.is_special for case in cases)  # noqa: PLR2004 - the worst harm
    every = [*_undeclared(found, system), *law.gdpr(cases, practices), *law.ccpa(cases, practices, sensitive=sensitive)]
    made = [one if isinstance(one, GapFound) else GapFound(one.severity, one.law, one.article, one.system, one.text, one.fix) for one in every]
    return tuple(sorted(made, key=lambda one: _SEVERITIES.index(one.severity)))


def _undeclared(found: list[rows_of.FoundColumn], system: str) -> list[GapFound]:
    made: list[GapFound] = []
    for one in found:
        if not one.declared:
            severity = "critical" if one.tag.law else "high" if one.tag.severity >= 4 else "medium"  # noqa: PLR2004 - the worst harm
            inside = " inside its texts" if one.tag.is_inside_text else ""
            text = f"Column “{one.column[:60]}” of the sample holds “{one.tag.label}”{inside}, which the inventory does not declare."
            made.append(
                GapFound(severity, "GDPR", "5(1)(c), 30(1)(c)", system, text, "Declare it with its purpose and basis, or stop collecting it and delete it.")
            )
    return made


def _record(reading: Reading) -> RecordEntry:
    one = reading.activity
    basis = f"{one.basis} ({_BASIS_LETTERS[one.basis]})" if one.basis in _BASIS_LETTERS else "not stated"
    condition = f"{one.condition} ({CONDITION_LETTERS[one.condition]})" if one.condition != "none" else "none stated" if reading.is_special else "not needed"
    kept = f"after {one.retention_months} month{'' if one.retention_months == 1 else 's'}" if one.retention_months else "not decided"
    data, measures = ", ".join(reading.categories), one.measures.strip() or ", ".join(sorted(reading.measures))
    return RecordEntry(
        one.system.strip(), one.purpose.strip(), one.subjects.strip(), data, one.volume, basis, condition, one.recipients.strip(), one.transfer, kept, measures
    )


def _categories(readings: list[Reading], found: list[rows_of.FoundColumn]) -> tuple[tuple[str, str], ...]:
    """(letter of 1798.140(v)(1), what of it is held) for every category that is declared or found."""
    from credit_studio.tools.data.personal.kinds import kinds  # noqa: PLC0415 - used for Californians only

    declared = frozenset[str]().union(*(one.kinds for one in readings))
    held: dict[str, dict[str, None]] = {}
    for kind in kinds():
        if kind.id in declared or any(one.tag.kind == kind.id for one in found):
            held.setdefault(kind.ccpa, {})[kind.label] = None
    return tuple((letter, ", ".join(held[letter])) for letter in sorted(held))


def present(output: PrivacyOutput) -> tuple[Block, ...]:
    """Key figures, verdicts, risks; gaps, the sample, the record and the report on their tabs."""
    return blocks_of(output)


def _units(inputs: PrivacyInputs) -> int:
    """Characters of the sample, and a fixed sum for each of its columns and each activity."""
    start = inputs.sample[:20_000].lstrip().split("\n", 1)[0]
    columns = 1 + max(map(start.count, ",;\t|")) if start else 0
    return _ACTIVITY_UNITS * len(inputs.activities) + len(inputs.sample) + _COLUMN_UNITS * min(columns, rows_of.MOST_COLUMNS)


def _describe(inputs: PrivacyInputs) -> str:
    many = len(inputs.activities)
    said = f"{many} {'activity' if many == 1 else 'activities'}"
    return said + (f", a sample of {len(inputs.sample):,} characters" if inputs.sample.strip() else "")


_SAMPLE = """\
member_id,full_name,email,date_of_birth,gender,postcode,joined_on,iban,emergency_phone,notes
M-1001,Ada Byron,ada.byron@example.com,1985-12-10,F,LS1 4AP,2024-01-08,GB33BUKB20201555555555,+44 113 496 0101,
M-1002,Charles Dodgson,charles@example.org,1979-01-27,M,LS6 2QT,2024-01-15,GB94BARC10201530093459,+44 113 496 0102,Asthma
M-1003,Emmy Noether,emmy@example.net,1990-03-23,F,LS6 2QT,2024-02-01,DE89370400440532013000,+44 113 496 0103,
M-1004,Sofia Kovalevskaya,sofia@example.com,1988-01-15,F,LS2 9JT,2024-02-11,SE4550000000058398257466,+44 113 496 0104,Pregnant
M-1005,Blaise Pascal,blaise@example.org,1993-06-19,M,LS1 4AP,2024-03-02,FR1420041010050500013M02606,+44 113 496 0105,Epilepsy
M-1006,Mary Somerville,mary@example.net,1981-12-26,F,LS8 1NR,2024-03-09,GB82WEST12345698765432,+44 113 496 0106,
M-1007,Carl Gauss,carl@example.com,1977-04-30,M,LS8 1NR,2024-03-21,NL91ABNA0417164300,+44 113 496 0107,Hypertension
M-1008,Olivia Patel,olivia@example.org,1995-11-02,F,LS2 9JT,2024-04-04,BE68539007547034,+44 113 496 0108,
M-1009,Noah Williams,noah@example.com,1995-02-14,M,LS6 2QT,2024-04-19,IE29AIBK93115212345678,+44 113 496 0109,Type 1 diabetes
M-1010,Amelia Jones,amelia@example.net,1985-07-07,F,LS1 4AP,2024-05-05,ES9121000418450200051332,+44 113 496 0110,
M-1011,George Khan,george@example.org,1979-09-17,M,LS8 1NR,2024-05-12,AT611904300234573201,+44 113 496 0111,
M-1012,Isla Taylor,isla@example.com,1990-10-30,F,LS6 2QT,2024-06-01,NO9386011117947,+44 113 496 0112,Asthma
"""

TOOL: Tool[PrivacyInputs, PrivacyOutput] = Tool(
    id="data-studio-privacy",
    title="Data Privacy Impact Assessor",
    studio=Studio.DATA,
    mode=Mode.SERVER,
    version="1.1.0",
    cap=25,
    summary="Hold what you declare against what your data hold: risks to people, GDPR and CCPA gaps, record of processing.",
    takes="data inventory and sample",
    gives="personal data found, risk score, GDPR and CCPA gaps, record of processing",
    limits=Limits(cpu_ms=10_000, wall_ms=15_000),
    inputs=PrivacyInputs,
    example=PrivacyInputs(
        activities=(
            Activity(
                "Membership database",
                "name, email, date of birth, gender, postcode, bank details",
                "Manage contracts and collect fees",
                "members",
                basis="contract",
                retention_months=36,
                recipients="payment provider, mailing service",
                transfer="standard clauses",
                measures="encryption, access control, backups",
            ),
            Activity(
                "Fitness app",
                "heart rate, location, device data",
                "Show members their progress",
                "members",
                basis="consent",
                recipients="hosting company",
                measures="encryption, pseudonymisation",
                traits="tracking, new technology",
            ),
            Activity(
                "Cameras at the doors",
                "photographs",
                "Prevent theft and assaults",
                "members, staff, visitors",
                volume="10,000 to 100,000",
                basis="legitimate interests",
                retention_months=1,
                measures="access control, deletion",
                traits="monitoring, public area",
            ),
        ),
        sample=_SAMPLE,
        sample_of="Membership database",
        organisation="Riverside Gym Ltd",
        contact="privacy@example.com",
        notice=True,
        breach=True,
    ),
    cost=Cost(units=_units, describe=_describe, lower="sample", cpu_us_per_unit=0.2, cpu_ms_base=10.0, mem_bytes_per_unit=14.0, mem_mb_base=10.0, spread=1.8),
    run=run,
    present=present,
    keywords=("DPIA", "GDPR", "CCPA", "CPRA", "PII", "personal data", "Article 30", "RoPA", "k-anonymity", "privacy", "risk", "CNIL", "ICO"),
)
