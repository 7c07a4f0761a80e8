"""Security Policy Generator: a policy whose clauses follow from the facts of an organisation, each with its reason and its controls.

Eighteen kinds of policy hold some 440 clauses (see `policies/`). A clause is taken when the facts that it needs hold; it says which these
are, why it is there, and which controls of the usual frameworks it serves. What a clause relies on and is not in place is a gap.
Advice on passwords is that of NIST SP 800-63B-4 (2025); deadlines of law are named with their article.
"""

from dataclasses import dataclass
from datetime import date

from credit_studio.tools.base import Cost, Mode, Studio, Tool
from credit_studio.tools.blocks import Block, Column, Document, Figure, Finding, Findings, KeyFigures, Table
from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS, controls
from credit_studio.tools.cyber.controls.relations import NOTE, about
from credit_studio.tools.cyber.policies.clauses import Clause, holds, lacking, policy, reason
from credit_studio.tools.cyber.policies.document import Frame, Rule, fill, markdown, plain, shown
from credit_studio.tools.cyber.policies.organisation import Inputs, facts_of, values_of
from credit_studio.tools.cyber.policies.readiness import RANKS, Gap, Step, checklist, doubts, missing, months_later

_WIDE = frozenset(("identity", "irplan", "logging", "monitoring", "risk", "roles", "suppliers", "training", "vuln"))


@dataclass(frozen=True)
class LeftOut:
    """A clause that is not in the policy, and what would bring it in."""

    section: str
    text: str
    needs: str


@dataclass(frozen=True)
class Output:
    """The policy in parts and as a document. `frameworks` are (key, short name) of those that it is mapped to."""

    title: str
    name: str
    facts: tuple[str, ...]
    frameworks: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]
    left_out: tuple[LeftOut, ...]
    gaps: tuple[Gap, ...]
    checklist: tuple[Step, ...]
    next_review: str
    filename: str
    document: str


def run(inputs: Inputs) -> Output:
    """Choose the clauses, map them, find the gaps and write the document."""
    facts, values = facts_of(inputs), values_of(inputs)
    wanted = ("iso27001", "csf2", "soc2", "cis8", *(["pci4"] if "card" in facts else []), *(["gdpr"] if "gdpr" in facts else []))
    chosen = _chosen(inputs.kind, facts)
    rules = tuple(_rule(number, section, clause, facts, values, wanted) for number, section, clause in chosen)
    gaps = (*missing(inputs, chosen, values), *doubts(inputs, facts))
    gaps = tuple(sorted(gaps, key=lambda gap: RANKS.index(gap.severity)))
    next_review = months_later(date.fromisoformat(inputs.effective), inputs.review_months).isoformat()
    frameworks = tuple((key, FRAMEWORKS[key].name) for key in wanted)
    title = policy(inputs.kind).title
    details = _details(inputs, next_review)
    frame = Frame(title, policy(inputs.kind).purpose, _scope(inputs, facts), details, frameworks, values, inputs.effective, next_review)
    return Output(
        title=title,
        name=values["name"],
        facts=tuple(sorted(facts)),
        frameworks=frameworks,
        rules=rules,
        left_out=_left_out(inputs.kind, facts, values),
        gaps=gaps,
        checklist=checklist(inputs, chosen, gaps, values),
        next_review=next_review,
        filename=f"{inputs.kind.replace('_', '-')}-policy",
        document=markdown(frame, rules),
    )


def _chosen(kind: str, facts: frozenset[str]) -> list[tuple[str, str, Clause]]:
    """Number, section and clause of all that hold; sections begin with 4 and are numbered without holes."""
    kept = [(section.title, [clause for clause in section.clauses if holds(clause.when, facts)]) for section in policy(kind).sections]
    sections = [(title, clauses) for title, clauses in kept if clauses]
    return [(f"{place}.{number}", title, clause) for place, (title, clauses) in enumerate(sections, start=4) for number, clause in enumerate(clauses, start=1)]


def _rule(number: str, section: str, clause: Clause, facts: frozenset[str], values: dict[str, str], wanted: tuple[str, ...]) -> Rule:
    mapped = {key: _controls(clause.topics, key) for key in wanted}
    return Rule(number, section, fill(clause.text, values), clause.strength, reason(clause.when, facts), fill(clause.why, values), mapped)


def _controls(topics: tuple[str, ...], framework: str) -> tuple[str, ...]:
    """The ids of the controls that a clause serves, those that are about nothing else first.

    A clause's first topic is its subject. It serves the controls of the others, too, but not those of wide subjects that it only touches:
    a rule to log the use of one kind of account does not serve all that a framework asks of logs.
    """
    subjects = [topic for place, topic in enumerate(topics) if place == 0 or topic not in _WIDE]
    found = about(subjects, framework)
    return tuple(control.id for control in sorted(found, key=lambda control: not {topic.key for topic in control.topics} <= set(subjects)))


def _left_out(kind: str, facts: frozenset[str], values: dict[str, str]) -> tuple[LeftOut, ...]:
    return tuple(
        LeftOut(section.title, fill(clause.text, values), lacking(clause.when, facts))
        for section in policy(kind).sections
        for clause in section.clauses
        if not holds(clause.when, facts)
    )


def _details(inputs: Inputs, next_review: str) -> tuple[tuple[str, str], ...]:
    named = (("Owner", inputs.owner), ("Approved by", inputs.approver), ("Contact", inputs.contact))
    people = tuple((label, plain(value)[:1].upper() + plain(value)[1:] if label != "Contact" else plain(value)) for label, value in named)
    return (("Version", plain(inputs.version)), ("In force from", inputs.effective), ("Next review by", next_review), *people, ("Class", "Internal"))


def _scope(inputs: Inputs, facts: frozenset[str]) -> tuple[str, ...]:
    """Who and what the policy is for, in sentences made of the facts."""
    regions = [name for fact, name in (("eu", "the EU or EEA"), ("uk", "the United Kingdom"), ("us", "the United States")) if fact in facts]
    places = {"office": "on its premises", "mixed": "on its premises and remotely", "remote": "remotely; there are no premises"}
    systems = {"none": "on servers of its own", "some": "on servers of its own and in cloud services", "only": "in cloud services only"}
    kinds = (("personal", "personal data"), ("special", "special categories of data"), ("children", "data of children"), ("card", "payment card data"))
    data = [name for fact, name in (*kinds, ("secrets", "trade secrets")) if fact in facts]
    devices = "devices of the organisation and enrolled personal devices" if inputs.byod else "devices of the organisation"
    lines = [
        f"People: all staff, contractors and others who act for {plain(inputs.name)}, about {inputs.people:,} people, working {places[inputs.work]}.",
        f"Systems: all that process its information, {systems[inputs.cloud]}, and {devices}.",
        f"Information: all information of the organisation in any form{', in particular ' + ', '.join(data) if data else ''}.",
    ]
    return (*lines, f"Regions: {', '.join(regions)}.") if regions else tuple(lines)


def present(output: Output) -> tuple[Block, ...]:
    """What it is and what is missing; the document; the clauses with their reasons; the controls; the way into force."""
    return (
        _figures(output),
        _gaps(output),
        _coverage(output),
        _document(output),
        _clauses(output),
        *_left(output),
        _mapping(output),
        _reverse(output),
        _steps(output),
    )


def _figures(output: Output) -> KeyFigures:
    strengths = [rule.strength for rule in output.rules]
    by_fact = sum(1 for rule in output.rules if rule.because != "every organisation")
    counted = ", ".join(f"{strengths.count(word)} {word}" for word in ("MUST", "SHOULD", "MAY") if word in strengths)
    relied = sum(1 for gap in output.gaps if gap.clauses)
    return KeyFigures(
        (
            Figure("Clauses", str(len(output.rules)), counted),
            Figure("From your facts", str(by_fact), f"{len(output.left_out)} others left out: they do not apply"),
            Figure("Not in place yet", str(relied), "things that clauses rely on" if relied else "all that clauses rely on is in place"),
            Figure("Next review", output.next_review, f"{output.title}, {output.name}"[:120]),
        )
    )


def _gaps(output: Output) -> Findings:
    found = tuple(Finding(gap.severity, gap.title, _where(gap.clauses), gap.detail, gap.fix) for gap in output.gaps)
    checked = f"What the {len(output.rules)} clauses rely on was compared with what is in place, and the facts with each other."
    return Findings("What is missing", found, checked)


def _where(clauses: tuple[str, ...]) -> str:
    return f"clause{'s' if len(clauses) > 1 else ''} {', '.join(clauses)}" if clauses else "your facts"


def _coverage(output: Output) -> Table:
    columns = (Column("Framework"), Column("Controls served", "integer", bar=True), Column("Of", "integer"), Column("Share", "percent"), Column("Edition"))
    rows: list[tuple[str, int, int, float, str]] = []
    for key, name in output.frameworks:
        served, whole = len({one for rule in output.rules for one in rule.controls[key]}), len(controls(key))
        rows.append((name, served, whole, served / whole, FRAMEWORKS[key].edition))
    return Table("Controls that this policy serves", columns, tuple(rows), note="No single policy serves all controls of a framework: each has its part.")


def _document(output: Output) -> Document:
    return Document(output.title, output.document, output.filename, tab="Policy")


def _clauses(output: Output) -> Table:
    columns = (Column("Clause"), Column("Text"), Column("Because of"), Column("Reason"))
    rows = tuple((one.number, one.text, one.because, one.why) for one in output.rules)
    return Table("Clauses and why they are there", columns, rows, download="clauses.csv", tab="Clauses")


def _left(output: Output) -> tuple[Table, ...]:
    columns = (Column("Section"), Column("Clause"), Column("Would be in for"))
    rows = tuple((one.section, one.text, one.needs) for one in output.left_out)
    return (Table("Clauses left out", columns, rows, note="They do not fit your facts as given.", tab="Clauses"),) if rows else ()


def _mapping(output: Output) -> Table:
    columns = (Column("Clause"), Column("Section"), *(Column(name) for _, name in output.frameworks))
    rows = tuple((one.number, one.section, *(shown(one.controls[key]) for key, _ in output.frameworks)) for one in output.rules)
    return Table("From clause to control", columns, rows, note=NOTE, download="clauses-to-controls.csv", tab="Controls")


def _reverse(output: Output) -> Table:
    """From a control to the clauses that serve it, as an auditor asks."""
    rows: list[tuple[str, str, str, str]] = []
    for key, name in output.frameworks:
        for control in controls(key):
            numbers = [rule.number for rule in output.rules if control.id in rule.controls[key]]
            if numbers:
                rows.append((name, control.id, control.title, ", ".join(numbers)))
    columns = (Column("Framework"), Column("Control"), Column("About"), Column("Clauses"))
    return Table("From control to clause", columns, tuple(rows), download="controls-to-clauses.csv", tab="Controls")


def _steps(output: Output) -> Table:
    columns = (Column("Due"), Column("Step"), Column("Who"))
    rows = tuple((one.due, one.step, one.who) for one in output.checklist)
    return Table(
        "Putting it into force", columns, rows, note="Dates count from the day that the policy comes into force.", download="checklist.csv", tab="Into force"
    )


def _units(inputs: Inputs) -> int:
    """The clauses that a kind of policy has."""
    return sum(len(section.clauses) for section in policy(inputs.kind).sections)


def _describe(inputs: Inputs) -> str:
    return f"{policy(inputs.kind).title}, {_units(inputs)} clauses to choose from"


TOOL = Tool(
    id="cyber-studio-policy-generator",
    title="Security Policy Generator",
    studio=Studio.CYBER,
    mode=Mode.HYBRID,
    cap=5,
    summary="Say what the organisation is like. Get a policy whose clauses follow from it, each with its reason and its controls.",
    takes="organisation facts, policy type",
    gives="policy mapped to controls (Markdown, HTML)",
    inputs=Inputs,
    example=Inputs(
        kind="access_control",
        name="Northwind Clinics Ltd",
        owner="the Head of Information Security",
        approver="the Board",
        contact="security@northwind.example",
        effective="2027-01-15",
        sector="health",
        people=180,
        work="mixed",
        cloud="some",
        byod=True,
        develops=True,
        online=True,
        eu=True,
        uk=True,
        special=True,
        iso=True,
        rpo_hours=8,
        rto_hours=12,
        has_mfa=True,
        has_sso=True,
        has_mdm=True,
        has_edr=True,
        has_training=True,
        has_inventory=True,
    ),
    cost=Cost(units=_units, describe=_describe, lower="kind", cpu_us_per_unit=400.0, cpu_ms_base=20.0, mem_mb_base=8.0, spread=1.5),
    run=run,
    present=present,
    keywords=("ISO 27001", "NIST", "SOC 2", "PCI DSS", "GDPR", "policy", "access control", "acceptable use", "compliance"),
)
