"""Threat Model Generator: STRIDE per element over a data-flow diagram, rated by a stated rule, with what helps and in which order.

The drawing is read in `stride/system.py`, threats stand in `stride/threats.py`, the rule of their rating in `stride/rating.py`, advice in
`stride/measures.py`; this file declares the tool and shows the result. Only threats that the drawing makes plausible are told, and controls that
are in place count.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len

from credit_studio.tools.base import Cost, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Block, Code, Column, Diagram, Document, Edge, Figure, Finding, Findings, HeatItem, HeatMap, KeyFigures, Note, Table
from credit_studio.tools.cyber.prose import check_name, count, said, slug
from credit_studio.tools.cyber.stride import dragon
from credit_studio.tools.cyber.stride.measures import MEASURES, advice
from credit_studio.tools.cyber.stride.rating import LEVELS, Rated, exposed, level, rate, steps
from credit_studio.tools.cyber.stride.report import RULE, document
from credit_studio.tools.cyber.stride.system import PROTOCOLS, Component, DataFlow, System, TrustZone, check
from credit_studio.tools.cyber.stride.technologies import Technology
from credit_studio.tools.cyber.stride.threats import FLOW_TITLES, STRIDE, Fact
from credit_studio.tools.cyber.zoned_diagram import Box, zoned

MOST_FINDINGS = 80  # with the other blocks this keeps the output under its 1 MB
MOST_STEPS = 40
_FIRST_STEPS = 10
_BOXES = {"external": "actor", "process": "process", "store": "store"}
_STATUS = {"mitigated": "Mitigated", "partly": "Partly mitigated", "open": "Open"}


@dataclass(frozen=True)
class ThreatInputs:
    """The data-flow diagram, as rows; raises `InputError` for names that stand twice or refer to nothing."""

    system: Annotated[str, Len(1, 80)] = ui("System", "What is looked at: the title of the model.", placeholder="Online shop")
    zones: Annotated[tuple[TrustZone, ...], Len(1, 12)] = ui("Trust zones", "Up to 12. Between any two of them runs a trust boundary.")
    components: Annotated[tuple[Component, ...], Len(1, 25)] = ui("Components", "Up to 25: people and outside systems, processes, data stores.")
    flows: Annotated[tuple[DataFlow, ...], Len(0, 50)] = ui("Data flows", "Up to 50, from component to component.", default=())

    def __post_init__(self) -> None:
        check_name("system", self.system)
        check(self.zones, self.components, self.flows)


@dataclass(frozen=True)
class Threat:
    """One threat: rated 1 to 5 by 1 to 5 with the controls as they are; `severity_bare` is its level without any control."""

    id: str
    element: str
    element_kind: str
    category: str
    title: str
    severity: str
    severity_bare: str
    likelihood: int
    impact: int
    score: int
    status: str
    why: str
    mitigation: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class NextStep:
    """One missing control at one place, and what it would do: `gain` is the sum of scores that it takes away."""

    place: str
    control: str
    advice: str
    gain: int
    touches: tuple[str, ...]
    ends: int
    worst: str


@dataclass(frozen=True)
class ElementRow:
    """One component with its exposure and the worst severity still there in each STRIDE category ("" where no threat is plausible)."""

    name: str
    zone: str
    technology: str
    read_as: str
    exposure: int
    exposed: str
    worst: dict[str, str]


@dataclass(frozen=True)
class FlowRow:
    """One flow and the worst severity still there of the three categories that a flow can have ("" where no threat is plausible)."""

    name: str
    way: str
    protocol: str
    crosses: bool
    worst: dict[str, str]


@dataclass(frozen=True)
class ThreatOutput:
    """The model: threats worst first, steps most useful first. `dragon` is the file for OWASP Threat Dragon, `report` the Markdown."""

    system: str
    threats: tuple[Threat, ...]
    steps_total: int
    steps: tuple[NextStep, ...]
    elements: tuple[ElementRow, ...]
    flows: tuple[FlowRow, ...]
    flows_total: int
    crossings: int
    picture: Diagram
    dragon: str
    report: str


def run(inputs: ThreatInputs) -> ThreatOutput:
    """Every plausible threat to every element of the drawing."""
    system = System(inputs.zones, inputs.components, inputs.flows)
    report(0.1, "Looking for threats")
    rated = rate(system)
    fixes = {threat.number: _fix(system, threat) for threat in rated}
    report(0.5, "Ordering what to do")
    ahead = steps(rated)
    picture = _picture(inputs, system)
    worst_first = sorted(rated, key=lambda one: (one.status == "mitigated", -one.score, one.number))
    next_steps = tuple(_next(system, one.key, one.place, (one.gain, one.threats, one.ends, one.worst)) for one in ahead[:MOST_STEPS])
    threats = tuple(_told(threat, fixes[threat.number]) for threat in worst_first)
    elements = tuple(_element(system, one, rated) for one in inputs.components)
    report(0.8, "Writing the report")
    return ThreatOutput(
        system=inputs.system,
        threats=threats,
        steps_total=len(ahead),
        steps=next_steps,
        elements=elements,
        flows=tuple(_flow(system, flow, rated) for flow in inputs.flows),
        flows_total=len(inputs.flows),
        crossings=sum(system.crosses(flow) for flow in inputs.flows),
        picture=picture,
        dragon=json.dumps(dragon.model(inputs.system, system, rated, fixes, picture), indent=1, ensure_ascii=False),
        report=document(inputs.system, system, worst_first, fixes, [(one.place, one.control, one.advice, one.touches) for one in next_steps[:15]]),
    )


def _told(threat: Rated, fix: str) -> Threat:
    return Threat(
        id=f"T{threat.number}",
        element=threat.element,
        element_kind=threat.kind,
        category=STRIDE[threat.letter],
        title=threat.title,
        severity=threat.severity,
        severity_bare=level(threat.bare * threat.impact),
        likelihood=threat.likelihood,
        impact=threat.impact,
        score=threat.score,
        status=threat.status,
        why=f"{threat.reason} {threat.basis}",
        mitigation=fix,
        references=threat.references,
    )


def _fix(system: System, threat: Rated) -> str:
    """Advice for each control that is missing, or how to see that those in place work."""
    missing: dict[str, list[Fact]] = {}
    for fact in threat.facts:
        if not fact.holds:
            missing.setdefault(fact.key, []).append(fact)
    if not missing:
        checks = dict.fromkeys(MEASURES[fact.key].test for fact in threat.facts)
        return f"In place. To check: {' '.join(checks)}"
    return " ".join(_advise(system, threat, key, facts) for key, facts in missing.items())


def _advise(system: System, threat: Rated, key: str, facts: list[Fact]) -> str:
    places = [fact.place for fact in facts]
    where = said([*places[:3], f"{len(places) - 3} more"] if len(places) > 3 else places)  # noqa: PLR2004 - a line
    where = "it" if places == [threat.element] else f"each of {where}" if len(places) > 1 else where
    return f"So that {where} {MEASURES[key].said}: {_advice(system, key, places[0], is_short=True)}"


def _advice(system: System, key: str, place: str, *, is_short: bool = False) -> str:
    """Advice for a component by its technology, for a flow by its protocol and by what it ends at."""
    if place in system.components:
        return advice(key, system.technologies[place], is_short=is_short)
    flow = next(one for one in system.flows if one.label == place)
    return advice(key, system.technologies[flow.target] if key == "channel" else Technology(), flow.protocol, is_short=is_short)


def _next(system: System, key: str, place: str, found: tuple[int, tuple[int, ...], int, str]) -> NextStep:
    gain, threats, ends, worst = found
    return NextStep(place, MEASURES[key].said, _advice(system, key, place), gain, tuple(f"T{number}" for number in threats), ends, worst)


def _element(system: System, one: Component, rated: list[Rated]) -> ElementRow:
    worst = {letter: _worst([threat for threat in rated if threat.element == one.name and threat.letter == letter]) for letter in STRIDE}
    exposure = system.exposures[one.name]
    return ElementRow(one.name, one.zone, one.technology, system.family(one.name), exposure.level, exposed(exposure), worst)


def _flow(system: System, flow: DataFlow, rated: list[Rated]) -> FlowRow:
    worst = {letter: _worst([threat for threat in rated if threat.element == flow.label and threat.letter == letter]) for letter in FLOW_TITLES}
    return FlowRow(flow.name, f"{flow.source} to {flow.target}", dict(PROTOCOLS)[flow.protocol], system.crosses(flow), worst)


def _worst(threats: list[Rated]) -> str:
    return max((threat.severity for threat in threats), key=LEVELS.index, default="")


def _picture(inputs: ThreatInputs, system: System) -> Diagram:
    boxes = tuple(Box(one.name, _BOXES[one.kind], one.zone, tuple(line for line in (one.technology, f"{one.data} data") if line)) for one in inputs.components)
    edges = tuple(Edge(flow.source, flow.target, flow.name) for flow in inputs.flows)
    zones = tuple(zone.name for zone in sorted(inputs.zones, key=lambda zone: zone.trust))
    crossing = sum(system.crosses(flow) for flow in inputs.flows)
    summary = f"{count(len(boxes), 'component')} in {count(len(zones), 'zone')}, {count(len(edges), 'flow')}, {crossing} of them across a trust boundary."
    return zoned("Data-flow diagram", boxes, edges, zones, summary)


def present(output: ThreatOutput) -> tuple[Block, ...]:
    """Key figures, what to do first, the heat map and the diagram; threats, report and export on tabs of their own."""
    name = slug(output.system, "system")
    blocks: list[Block] = [_figures(output), *_first_steps(output), _heat(output), output.picture, Note(RULE, title="How a threat is rated")]
    blocks += [_by_element(output), *_by_flow(output), _findings(output), Document("Threat model", output.report, f"threat-model-{name}", tab="Report")]
    blocks += [_all(output), *_all_steps(output), Code("OWASP Threat Dragon model", "json", output.dragon, f"{name}.threat-dragon.json", tab="Export")]
    return tuple(blocks)


def _figures(output: ThreatOutput) -> KeyFigures:
    standing = [one for one in output.threats if one.status != "mitigated"]
    levels = Counter(one.severity for one in standing)
    done = len(output.threats) - len(standing)
    first = output.steps[0] if output.steps else None
    figures = (
        Figure("Threats", f"{len(output.threats):,}", f"{done:,} mitigated"),
        Figure("Critical", f"{levels['critical']:,}", f"{levels['high']:,} high, {levels['medium']:,} medium, {levels['low']:,} low"),
        Figure("Boundary crossings", f"{output.crossings:,}", f"of {count(output.flows_total, 'flow')}"),
        Figure("Controls missing", f"{output.steps_total:,}", f"first: {first.place} {first.control}" if first else "none"),
    )
    return KeyFigures(figures)


def _first_steps(output: ThreatOutput) -> tuple[Table, ...]:
    columns = (Column("Where"), Column("So that it"), Column("Takes away", "integer"), Column("Worst", "severity"), Column("How"))
    rows = tuple((one.place, one.control, one.gain, one.worst, one.advice) for one in output.steps[:_FIRST_STEPS])
    cut = f" The first {_FIRST_STEPS} of {output.steps_total:,}; Data has more." if output.steps_total > _FIRST_STEPS else ""
    note = f"Each line is one control that is missing at one place, by the sum of scores that it alone would take away.{cut}"
    return (Table("What to do first", columns, rows, sort=(2, True), note=note, download="first-steps.csv"),) if rows else ()


def _all_steps(output: ThreatOutput) -> tuple[Table, ...]:
    columns = (Column("Where"), Column("So that it"), Column("Takes away", "integer", bar=True), Column("Worst", "severity"), Column("Touches"), Column("How"))
    rows = tuple((one.place, one.control, one.gain, one.worst, said(one.touches), one.advice) for one in output.steps)
    note = f"The first {MOST_STEPS} of {output.steps_total:,}." if output.steps_total > MOST_STEPS else ""
    return (Table("Missing controls", columns, rows, sort=(2, True), note=note, download="steps.csv", tab="Data"),) if rows else ()


def _heat(output: ThreatOutput) -> HeatMap:
    cells: dict[tuple[int, int], list[str]] = {}
    for one in output.threats:
        cells.setdefault((5 - one.likelihood, one.impact - 1), []).append(one.id)
    items = tuple(HeatItem(row, column, ids[0] if len(ids) == 1 else f"{len(ids)} threats") for (row, column), ids in sorted(cells.items()))
    levels = tuple(tuple(LEVELS.index(level(likelihood * impact)) for impact in range(1, 6)) for likelihood in range(5, 0, -1))
    counts = Counter(one.severity for one in output.threats)
    summary = f"Controls counted: {said(f'{counts[name]} {name}' for name in reversed(LEVELS))}."
    rows = ("5 almost certain", "4 likely", "3 possible", "2 unlikely", "1 rare")
    columns = ("1 slight", "2 minor", "3 moderate", "4 major", "5 severe")
    return HeatMap("Threats with today's controls", rows, columns, levels, items, summary, "likelihood by impact")


def _by_element(output: ThreatOutput) -> Table:
    columns = (Column("Component"), Column("Zone"), Column("Exposure", "integer"), Column("Exposed"), *(Column(name, "severity") for name in STRIDE.values()))
    rows = tuple((one.name, one.zone, one.exposure, one.exposed, *(one.worst[letter] or None for letter in STRIDE)) for one in output.elements)
    note = "The worst threat of each kind with today's controls. Empty: not plausible for this element, or not a kind that it has under STRIDE per element."
    return Table("STRIDE by component", columns, rows, sort=(2, True), note=note, download="stride-by-component.csv", tab="Threats")


def _by_flow(output: ThreatOutput) -> tuple[Table, ...]:
    columns = (Column("Flow"), Column("Way"), Column("Protocol"), Column("Boundary"), *(Column(STRIDE[letter], "severity") for letter in FLOW_TITLES))
    rows = tuple(
        (one.name, one.way, one.protocol, "crosses" if one.crosses else "", *(one.worst[letter] or None for letter in FLOW_TITLES)) for one in output.flows
    )
    return (Table("Tampering, disclosure and denial by flow", columns, rows, download="stride-by-flow.csv", tab="Threats"),) if rows else ()


def _findings(output: ThreatOutput) -> Findings:
    standing = [one for one in output.threats if one.status != "mitigated"]
    ranked = sorted(standing, key=lambda one: -LEVELS.index(one.severity))
    findings = tuple(
        Finding(
            one.severity,
            f"{one.id} {one.title}",
            one.element,
            f"{one.category}, {_STATUS[one.status].lower()}. {one.why} {', '.join(one.references)}.",
            one.mitigation,
        )
        for one in ranked[:MOST_FINDINGS]
    )
    more = f" The worst {MOST_FINDINGS} are listed; the table under Data has all {len(standing):,}." if len(standing) > MOST_FINDINGS else ""
    looked = f"{count(len(output.elements), 'component')} and {count(output.flows_total, 'flow')} by STRIDE per element."
    return Findings("Threats that stand", findings, f"{looked}{more}", tab="Threats")


def _all(output: ThreatOutput) -> Table:
    names = (Column("Id"), Column("Element"), Column("Category"), Column("Threat"), Column("Severity", "severity"), Column("Without controls", "severity"))
    figures = (Column("Likelihood", "integer"), Column("Impact", "integer"), Column("Score", "integer"), Column("Status"), Column("References"), Column("Why"))
    rows = tuple((*_named(one), one.likelihood, one.impact, one.score, _STATUS[one.status], " ".join(one.references), one.why) for one in output.threats)
    return Table("All threats", (*names, *figures), rows, sort=(8, True), download="threats.csv", tab="Data")


def _named(one: Threat) -> tuple[str, ...]:
    return one.id, one.element, one.category, one.title, one.severity, one.severity_bare


def _units(inputs: ThreatInputs) -> int:
    """Elements: components, and flows, which have a third of the threats."""
    return 3 * len(inputs.components) + len(inputs.flows)


def _describe(inputs: ThreatInputs) -> str:
    return f"{count(len(inputs.components), 'component')}, {count(len(inputs.flows), 'flow')}"


_EXAMPLE = ThreatInputs(
    system="Online shop",
    zones=(TrustZone("Internet", 0), TrustZone("Partners", 3), TrustZone("DMZ", 4), TrustZone("Application", 6), TrustZone("Data", 8)),
    components=(
        Component("Customer", "Internet", "external", "Browser", "confidential"),
        Component("Payment provider", "Partners", "external", "Partner API", "restricted", authenticates=True, logs=True),
        Component("Web shop", "DMZ", "process", "Django behind nginx", "confidential", critical=True, authenticates=True, validates=True),
        Component("Order API", "Application", "process", "FastAPI", "confidential", critical=True, authorises=True, validates=True, logs=True),
        Component("Mail worker", "Application", "process", "Celery worker", "internal"),
        Component("Job queue", "Application", "store", "RabbitMQ", "internal", authenticates=True),
        Component(
            "Order database", "Data", "store", "PostgreSQL 16", "restricted", critical=True, authenticates=True, authorises=True, encrypts=True, backed_up=True
        ),
        Component("Invoices", "Data", "store", "S3 bucket", "confidential", authenticates=True, encrypts=True),
    ),
    flows=(
        DataFlow("Browse and buy", "Customer", "Web shop", "https", "confidential", encrypted=True, authenticated=True),
        DataFlow("Orders", "Web shop", "Order API", "http", "confidential", authenticated=True),
        DataFlow("Payment result", "Payment provider", "Order API", "https", "restricted", encrypted=True),
        DataFlow("Card payment", "Order API", "Payment provider", "https", "restricted", encrypted=True, authenticated=True),
        DataFlow("Order rows", "Order API", "Order database", "sql", "restricted", encrypted=True, authenticated=True),
        DataFlow("Invoice files", "Order API", "Invoices", "https", "confidential", encrypted=True, authenticated=True),
        DataFlow("Mail jobs", "Order API", "Job queue", "message", "internal"),
        DataFlow("Next job", "Job queue", "Mail worker", "message", "internal"),
        DataFlow("Order mail", "Mail worker", "Customer", "smtp", "confidential"),
    ),
)

TOOL: Tool[ThreatInputs, ThreatOutput] = Tool(
    id="cyber-studio-threat-modeling",
    title="Threat Model Generator",
    studio=Studio.CYBER,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="Draw your system as components, zones and flows. Get its STRIDE threats, how bad each is and why, and what to do first.",
    takes="components, flows, trust boundaries",
    gives="STRIDE threats with severity and mitigation, data-flow diagram",
    inputs=ThreatInputs,
    example=_EXAMPLE,
    cost=Cost(
        units=_units, describe=_describe, lower="components", cpu_us_per_unit=350.0, cpu_ms_base=5.0, mem_bytes_per_unit=20_000.0, mem_mb_base=6.0, spread=1.6
    ),
    run=run,
    present=present,
    keywords=("STRIDE", "threat model", "data-flow diagram", "trust boundary", "CWE", "CAPEC", "ATT&CK", "Threat Dragon"),
)
