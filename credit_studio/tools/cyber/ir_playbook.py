"""Incident Response Playbook Builder: what to do, who does it, until when whom to tell, and an exercise to try it.

Phases are those of NIST SP 800-61r2, mapped to CSF 2.0 as SP 800-61r3 does. What is known of incidents and platforms stands in `incidents/library.toml`
and `incidents/platforms.toml`, the law's times in `incidents/deadlines.py`; this file declares the tool and shows the playbook.
"""

import re
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC

from credit_studio.tools.base import Cost, Mode, Studio, Tool, report
from credit_studio.tools.blocks import Block, Code, Column, Document, Figure, Files, Finding, Findings, KeyFigures, Note, Table
from credit_studio.tools.cyber.incidents import library, messages, platforms
from credit_studio.tools.cyber.incidents.case import UPDATES, AffectedSystem, Case, PlaybookInputs, local
from credit_studio.tools.cyber.incidents.deadlines import Deadline, deadlines
from credit_studio.tools.cyber.incidents.exercise import exercise
from credit_studio.tools.cyber.incidents.gaps import gaps
from credit_studio.tools.cyber.incidents.outcome import CommandText, DeadlineRow, DecisionRow, EvidenceRow, PlaybookOutput, RaciRow, StepRow
from credit_studio.tools.cyber.incidents.people import TITLES, Person
from credit_studio.tools.cyber.incidents.report import document
from credit_studio.tools.cyber.prose import count, said, slug

_HOUR_S = 3_600
_SOON = "without undue delay"
_YEAR = re.compile(r" \d{4},")
_FIRST = 1  # what stands first in the order of volatility


def run(inputs: PlaybookInputs) -> PlaybookOutput:
    """The playbook of the case; the same inputs give the same text."""
    case = Case(inputs)
    due = deadlines(case.rules, case.discovered, inputs.people_affected)
    report(0.3, "Writing the steps")
    contain = case.target("contain")
    roles = case.team.filled
    output = PlaybookOutput(
        title=case.title,
        organisation=inputs.organisation,
        severity=inputs.severity,
        commander=case.team.said("commander"),
        updates=UPDATES[inputs.severity],
        contain_until=local(contain) if contain else "",
        steps=tuple(_steps(case)),
        deadlines=tuple(_deadline(case, one) for one in due),
        decisions=tuple(DecisionRow(one.question, case.team.said(one.role), one.if_yes, one.if_no) for one in library.decisions(inputs.kind, case.words)),
        evidence=tuple(_evidence(case)),
        roles=tuple(TITLES[role] for role in roles),
        raci=tuple(RaciRow(activity, tuple(letters.get(role, "") for role in roles)) for activity, letters in case.team.raci()),
        techniques=tuple(library.techniques(inputs.kind)),
        commands=tuple(_commands(case)),
        messages=tuple(messages.files(case, due)),
        exercise=tuple(exercise(case, due)),
        gaps=tuple(gaps(case)),
        report="",
    )
    report(0.8, "Writing the document")
    return replace(output, report=document(case, output))


def _steps(case: Case) -> list[StepRow]:
    """The library's steps with those of the platforms at the end of their phase."""
    rows: list[StepRow] = []
    own = _of_platforms(case)
    for phase in case.phases:
        title, csf = library.PHASES[phase]
        until = case.target(phase)
        for role, text in [*library.steps(case.inputs.kind, phase, case.words, case.tools), *own[phase]]:
            rows.append(StepRow(len(rows) + 1, title, csf, text, TITLES[role], case.team.said(role), local(until) if until else ""))
    return rows


def _of_platforms(case: Case) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for platform, names in _by_platform(case).items():
        for phase, text in platforms.platform_steps(platform, case.inputs.kind, said(names)):
            found[phase].append(("lead" if phase == "detect" else "it", text))
    suspected = [one.name for one in case.inputs.systems if one.state == "suspected"]
    if suspected:
        found["contain"].append(
            ("lead", f"Watch {said(suspected)} closely until the suspicion is settled; isolate at the first sign, with the owner's consent sought before.")
        )
    return found


def _by_platform(case: Case) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in case.touched:
        found[one.platform].append(one.name)
    return found


def _deadline(case: Case, one: Deadline) -> DeadlineRow:
    if one.due is None:
        return DeadlineRow(one.rule, one.what, one.to, "", "", None, one.basis, one.note)
    hours = (one.due - case.discovered).total_seconds() / _HOUR_S
    return DeadlineRow(one.rule, one.what, one.to, local(one.due), f"{one.due.astimezone(UTC):%Y-%m-%d %H:%M}", round(hours, 1), one.basis, one.note)


def _evidence(case: Case) -> list[EvidenceRow]:
    """All systems by tier, not tier by system: what is lost first is taken first, everywhere."""
    order = {name: place for place, (_, name) in enumerate(platforms.VOLATILITY, start=_FIRST)}
    rows = [EvidenceRow(order[tier], tier, one.name, what) for one in case.touched for tier, what in platforms.evidence(one.platform)]
    return sorted(rows, key=lambda row: row.order)


def _commands(case: Case) -> list[CommandText]:
    made = [(platform, platforms.script(platform, case.inputs.kind, names)) for platform, names in _by_platform(case).items()]
    return [CommandText(platforms.label(platform), platforms.filename(platform), text) for platform, text in made if text]


def present(output: PlaybookOutput) -> tuple[Block, ...]:
    """Figures, the clock, gaps and decisions; then steps, people, evidence, messages, the exercise and the whole document, each on a tab."""
    name = f"{slug(output.title, 'incident')}-playbook"
    blocks: list[Block] = [_figures(output), _clock(output), _gaps(output), _decisions(output), Note(_method(output))]
    blocks += [_steps_table(output), _techniques(output), _raci(output), _evidence_table(output)]
    blocks += [
        Code(f"Commands for {one.platform}", "sql" if "PostgreSQL" in one.platform else "shell", one.text, one.filename, tab="Evidence")
        for one in output.commands
    ]
    blocks += [Files("Messages to send", output.messages, f"{name}-messages.zip", tab="Messages"), _exercise(output)]
    return (*blocks, Document("Playbook", output.report, name, tab="Document"), *_deadlines(output))


def _figures(output: PlaybookOutput) -> KeyFigures:
    timed = [one for one in output.deadlines if one.hours]
    counts = Counter(one.severity for one in output.gaps)
    first = ("none", "no rule was chosen")
    if timed:
        first = (_short(timed[0].due), f"{timed[0].rule}, {timed[0].what.lower()}")
    figures = (
        Figure("First deadline", *first),
        Figure("Contain until", _short(output.contain_until), f"updates {output.updates}"),
        Figure("Steps", f"{len(output.steps)}", f"led by {output.commander}"),
        Figure("Gaps", f"{len(output.gaps)}", f"{counts['critical']} critical, {counts['high']} high"),
    )
    return KeyFigures(figures)


def _short(when: str) -> str:
    """A time that fits one line: "Thu 5 Mar 14:20"; the tables tell the year."""
    return _YEAR.sub("", when)


def _clock(output: PlaybookOutput) -> Table:
    columns = (Column("Duty"), Column("Latest, local time"), Column("To"), Column("Required by"))
    rows = tuple((one.what, one.due or _SOON, one.to, f"{one.rule} {one.basis}") for one in output.deadlines)
    note = "From the time of discovery. No legal advice: when a clock starts and whether a duty applies is for counsel."
    return Table("The clock", columns, rows, note=note, download="clock.csv")


def _deadlines(output: PlaybookOutput) -> tuple[Table, ...]:
    names = ("Duty", "Rule", "Basis", "To", "Latest, local time", "UTC")
    columns = (*map(Column, names), Column("After discovery", "decimal", "h"), Column("Note"))
    rows = tuple((one.what, one.rule, one.basis, one.to, one.due or _SOON, one.due_utc, one.hours, one.note) for one in output.deadlines)
    return (Table("Deadlines", columns, rows, download="deadlines.csv", tab="Data"),) if rows else ()


def _gaps(output: PlaybookOutput) -> Findings:
    told = tuple(Finding(one.severity, one.title, one.where, one.detail, one.fix) for one in output.gaps)
    return Findings("What is missing", told, "Looked at: roles, deputies and contacts, tools at hand, platforms, and rules that apply.")


def _decisions(output: PlaybookOutput) -> Table:
    columns = (Column("Question"), Column("Who decides"), Column("If yes"), Column("If no"))
    return Table("Decisions", columns, tuple((one.question, one.person, one.if_yes, one.if_no) for one in output.decisions), download="decisions.csv")


def _method(output: PlaybookOutput) -> str:
    return (
        f"Phases of NIST SP 800-61r2; outcomes of CSF 2.0, by which SP 800-61r3 orders the same work; order of volatility of RFC 3227. Times of the phases are "
        f"this studio's for severity {output.severity}: change them to what the business can stand."
    )


def _steps_table(output: PlaybookOutput) -> Table:
    columns = (Column("Step", "integer"), Column("Phase"), Column("What"), Column("Who"), Column("Until"), Column("CSF 2.0", "code"))
    rows = tuple((one.number, one.phase, one.text, one.person, one.until, one.csf) for one in output.steps)
    return Table("Steps by phase", columns, rows, download="steps.csv", tab="Steps")


def _techniques(output: PlaybookOutput) -> Table:
    columns = (Column("Technique", "code"), Column("Name"), Column("Tactic"), Column("Look for"))
    rows = tuple((one.id, one.name, one.tactic, one.look_for) for one in output.techniques)
    return Table("What to look for (MITRE ATT&CK)", columns, rows, download="techniques.csv", tab="Steps")


def _raci(output: PlaybookOutput) -> Table:
    rows = tuple((one.activity, *one.letters) for one in output.raci)
    note = "R does it, A answers for it (exactly one), C is asked before, I is told. What a role that nobody has would do stands with its stand-in."
    return Table("Who does what (RACI)", (Column("Activity"), *map(Column, output.roles)), rows, note=note, download="raci.csv", tab="People")


def _evidence_table(output: PlaybookOutput) -> Table:
    columns = (Column("Order", "integer"), Column("Kind"), Column("System"), Column("What"))
    rows = tuple((one.order, one.tier, one.system, one.what) for one in output.evidence)
    note = "What is lost first is taken first, on all systems. Write hash, time, tool and name for each item, and keep two copies."
    return Table("Evidence in the order of volatility", columns, rows, note=note, download="evidence.csv", tab="Evidence")


def _exercise(output: PlaybookOutput) -> Table:
    columns = (Column("Minute", "integer"), Column("Kind"), Column("What"), Column("To"), Column("What a good team does"))
    rows = tuple((one.minute, one.kind, one.news, one.to, one.expected) for one in output.exercise)
    return Table("Tabletop exercise", columns, rows, note="The last column is for whoever leads the exercise.", download="exercise.csv", tab="Exercise")


def _units(inputs: PlaybookInputs) -> int:
    """Systems, people and rules: each adds rows and texts."""
    rules = sum((inputs.gdpr, inputs.nis2, inputs.dora, inputs.pci, inputs.hipaa, inputs.sec))
    return 3 * len(inputs.systems) + len(inputs.people) + rules


def _describe(inputs: PlaybookInputs) -> str:
    return f"{dict(library.KINDS)[inputs.kind]}, {count(len(inputs.systems), 'system')}, {count(len(inputs.people), 'role')}"


_EXAMPLE = PlaybookInputs(
    organisation="Harbour Foods Ltd",
    kind="ransomware",
    discovered="2026-03-05 06:40",
    systems=(
        AffectedSystem("File server", "windows", "affected", critical=True),
        AffectedSystem("Warehouse application", "linux", "affected", critical=True),
        AffectedSystem("Domain controllers", "directory", "suspected"),
        AffectedSystem("Order database", "database", "suspected", critical=True),
        AffectedSystem("Microsoft 365", "m365", "clean"),
    ),
    people=(
        Person("commander", "Amira Khan", "+44 20 7946 0101", "Tom Reed, +44 20 7946 0102"),
        Person("lead", "Jonas Weber", "+44 20 7946 0103", "Lena Fox"),
        Person("it", "Priya Nair", "+44 20 7946 0104"),
        Person("communications", "Sara Lind", "+44 20 7946 0105"),
        Person("legal", "David Osei", "+44 20 7946 0106"),
        Person("executive", "Helen Marsh", "+44 20 7946 0100"),
        Person("owner", "Mark Ellis", "+44 20 7946 0107"),
    ),
    people_affected=4_200,
    data_affected="names, addresses and order history of customers",
    edr="Defender for Endpoint",
    backup="the immutable Veeam copy",
    ticketing="the paper log in the red folder",
    channel="the Signal group",
    gdpr=True,
    nis2=True,
)

TOOL: Tool[PlaybookInputs, PlaybookOutput] = Tool(
    id="cyber-studio-ir-playbook",
    title="Incident Response Playbook Builder",
    studio=Studio.CYBER,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="Say what happens, on which systems, and who is there. Get the playbook, the deadlines, the messages and an exercise.",
    takes="incident type, systems, roles",
    gives="playbook by phase, RACI, messages, tabletop timeline",
    inputs=PlaybookInputs,
    example=_EXAMPLE,
    cost=Cost(units=_units, describe=_describe, lower="systems", cpu_us_per_unit=150.0, cpu_ms_base=10.0, mem_mb_base=6.0, spread=1.8),
    run=run,
    present=present,
    keywords=("incident response", "playbook", "RACI", "NIS2", "GDPR", "72 hours", "tabletop", "NIST SP 800-61", "ATT&CK", "ransomware"),
)
