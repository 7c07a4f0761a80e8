"""Data Governance Framework: who decides on data, what is missing, how mature the eleven areas are, and the papers and steps that follow.

Findings follow from the facts alone (see `stewardship/ownership.py`), maturity from the formula in `stewardship/areas.py`, the roadmap from
both: the weakest side of each area is raised until the target is reached, in an order that respects what areas need from each other.
"""

from dataclasses import dataclass

from credit_studio.tools.base import Cost, Mode, Studio, Tool
from credit_studio.tools.blocks import (
    Axis,
    Block,
    Chart,
    Column,
    Diagram,
    Document,
    Edge,
    Figure,
    File,
    Files,
    Finding,
    Findings,
    KeyFigures,
    Mark,
    Node,
    Note,
    Series,
    Table,
)
from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS
from credit_studio.tools.cyber.controls.relations import NOTE, about
from credit_studio.tools.data.stewardship import papers
from credit_studio.tools.data.stewardship.areas import FORMULA, SIDES, Score, areas, level, mean
from credit_studio.tools.data.stewardship.example import EXAMPLE
from credit_studio.tools.data.stewardship.inventory import Answer, Domain, Inputs, class_of, day, person, plain, systems_of
from credit_studio.tools.data.stewardship.matrices import ROLES, Activity, Decision, Measure, decisions, handling, kept_for, measures, raci
from credit_studio.tools.data.stewardship.ownership import Hole, Load, holes, loads
from credit_studio.tools.data.stewardship.roadmap import Step, path, roadmap

_DRAWN = 14
_SUBJECTS = (
    ("Classification and handling", ("classify", "media", "transfer")),
    ("Retention schedule", ("retention", "disposal", "records")),
    ("Owners, roles and RACI", ("roles", "datainventory")),
    ("Access to domains", ("accessreview", "access")),
    ("Metadata and catalogue", ("datainventory", "dataflow")),
    ("Policy and oversight", ("policy", "metrics")),
    ("Rules for personal data", ("privacy", "minimise", "ropa", "rights")),
)
"""Which subjects of the control catalogue each paper is about."""


@dataclass(frozen=True)
class Place:
    """One domain as it stands: its people ("" for nobody), class, period and systems."""

    name: str
    owner: str
    steward: str
    custodians: tuple[str, ...]
    data_class: str
    kept_for: str
    systems: tuple[str, ...]
    is_personal: bool
    is_critical: bool


@dataclass(frozen=True)
class Output:
    """The framework in parts. `path` has the whole's level at the start and after each quarter."""

    organisation: str
    sponsor: str
    lead: str
    target: int
    maturity: float | None
    scores: tuple[Score, ...]
    domains: tuple[Place, ...]
    classes: tuple[str, ...]
    handling: tuple[tuple[str, ...], ...]
    holes: tuple[Hole, ...]
    loads: tuple[Load, ...]
    raci: tuple[Activity, ...]
    decisions: tuple[Decision, ...]
    measures: tuple[Measure, ...]
    roadmap: tuple[Step, ...]
    path: tuple[tuple[float, float], ...]
    policy: str
    files: tuple[tuple[str, str], ...]


def run(inputs: Inputs) -> Output:
    """Score, find, plan and write."""
    scores = _scores(inputs.answers)
    found, activities, rights = holes(inputs, scores), raci(inputs), decisions(inputs)
    figures, steps = measures(inputs, scores, inputs.target), roadmap(inputs, scores, day(inputs.start))
    policy = papers.policy(inputs, scores, found)
    return Output(
        organisation=plain(inputs.organisation),
        sponsor=person(inputs.sponsor),
        lead=person(inputs.lead),
        target=inputs.target,
        maturity=mean(scores),
        scores=scores,
        domains=tuple(_place(inputs, domain) for domain in inputs.domains),
        classes=tuple(plain(one.name) for one in inputs.classes),
        handling=handling(inputs.classes),
        holes=found,
        loads=loads(inputs),
        raci=activities,
        decisions=rights,
        measures=figures,
        roadmap=steps,
        path=path(scores, steps),
        policy=policy,
        files=(
            ("01-data-governance-policy.md", policy),
            ("02-classification-and-handling.md", papers.classification(inputs)),
            ("03-retention-schedule.md", papers.retention(inputs)),
            ("04-data-quality-standard.md", papers.quality(inputs)),
            ("05-metadata-standard.md", papers.metadata(inputs)),
            ("06-roles-and-raci.md", papers.chart(activities)),
            ("07-decision-rights.md", papers.rights(rights)),
            ("08-key-figures.md", papers.figures(figures)),
            ("09-roadmap.md", papers.steps(steps)),
        ),
    )


def _scores(answers: tuple[Answer, ...]) -> tuple[Score, ...]:
    """All areas in the order of the book, those without an answer without a level."""
    by_area = {one.area: one for one in answers}
    return tuple(_score(key, known.name, by_area.get(key)) for key, known in areas().items())


def _score(key: str, name: str, answer: Answer | None) -> Score:
    if answer is None:
        return Score(key, name, 0, (), None)
    ratings = (answer.defined, answer.followed, answer.supported, answer.measured)
    return Score(key, name, int(answer.importance), ratings, level(ratings))


def _place(inputs: Inputs, domain: Domain) -> Place:
    one, names = class_of(inputs, domain), systems_of(domain)
    runs = {plain(system.name).lower(): person(system.custodian) for system in inputs.systems}
    custodians = tuple(dict.fromkeys(runs[name.lower()] for name in names if runs.get(name.lower())))
    return Place(
        plain(domain.name),
        person(domain.owner),
        person(domain.steward),
        custodians,
        plain(one.name),
        kept_for(one.retention_months),
        names,
        domain.is_personal,
        domain.is_critical,
    )


def present(output: Output) -> tuple[Block, ...]:
    """Figures, findings and the organisation first; then maturity and roadmap, roles, classes, key figures and the papers."""
    summary = (_figures(output), _findings(output), _diagram(output), _domains(output))
    roles = (_raci(output), _decisions(output), _loads(output))
    papers_ = (Document("Data governance policy", output.policy, "data-governance-policy", tab="Policy set"), _files(output), _controls())
    return (*summary, *_maturity(output), *_roadmap(output), *roles, _classes(output), _measures(output), *papers_)


def _figures(output: Output) -> KeyFigures:
    staffed = sum(bool(one.owner and one.steward) for one in output.domains)
    rated = [score for score in output.scores if score.level is not None]
    behind = sum((score.level or 0.0) < output.target for score in rated)
    grave = sum(hole.severity in {"critical", "high"} for hole in output.holes)
    quarters = output.roadmap[-1].quarter if output.roadmap else 0
    level_ = "not rated" if output.maturity is None else f"{output.maturity:.1f} of 5"
    last = f"until {output.roadmap[-1].due}" if output.roadmap else "the target is reached"
    return KeyFigures(
        (
            Figure("Maturity", level_, f"target {output.target}; {behind} of {len(rated)} areas below it"),
            Figure("Domains with owner and steward", f"{staffed} of {len(output.domains)}"),
            Figure("Findings", str(len(output.holes)), f"{grave} critical or high"),
            Figure("Roadmap", f"{len(output.roadmap)} steps", f"{quarters} quarter{'' if quarters == 1 else 's'}, {last}"),
        )
    )


def _findings(output: Output) -> Findings:
    found = tuple(Finding(hole.severity, hole.title, hole.where, hole.detail, hole.fix) for hole in output.holes)
    checked = f"{len(output.domains)} domains with their people, classes, periods and systems, and the answers on maturity against these facts."
    return Findings("What is missing", found, checked)


def _diagram(output: Output) -> Diagram:
    """Council, owners, domains and stewards; the first domains when there are many."""
    shown = output.domains[:_DRAWN]
    owners = list(dict.fromkeys(one.owner for one in shown))
    stewards = list(dict.fromkeys(one.steward for one in shown))
    middle = (len(shown) - 1) / 2
    nodes = [
        Node("council", "Data council", "process", 0, middle, (f"Chair: {output.sponsor or 'to be named'}", f"Lead: {output.lead or 'to be named'}")),
        *(
            Node(f"o{place}", name or "No owner", "actor", 1, _spread(place, owners, shown), ("Data owner" if name else "to be named",))
            for place, name in enumerate(owners)
        ),
        *(Node(f"d{place}", one.name, "table", 2, float(place), (one.data_class, f"Kept for: {one.kept_for}")) for place, one in enumerate(shown)),
        *(
            Node(f"s{place}", name or "No steward", "actor", 3, _spread(place, stewards, shown), ("Data steward" if name else "to be named",))
            for place, name in enumerate(stewards)
        ),
    ]
    edges = [
        *(Edge("council", f"o{place}") for place in range(len(owners))),
        *(Edge(f"o{owners.index(one.owner)}", f"d{place}") for place, one in enumerate(shown)),
        *(Edge(f"d{place}", f"s{stewards.index(one.steward)}") for place, one in enumerate(shown)),
    ]
    left = f" The first {_DRAWN} are drawn." if len(output.domains) > _DRAWN else ""
    named = sum(bool(name) for name in owners)
    said = f"{len(output.domains)} domains, {named} owner{'' if named == 1 else 's'} and {sum(map(bool, stewards))} stewards among those drawn.{left}"
    return Diagram("Who answers for which data", tuple(nodes), tuple(edges), said)


def _spread(place: int, names: list[str], shown: tuple[Place, ...]) -> float:
    """People spread evenly over the height of the domains."""
    return (place + 0.5) * len(shown) / len(names) - 0.5


def _domains(output: Output) -> Table:
    texts = ("Domain", "Owner (accountable)", "Steward (responsible)", "Custodians", "Class", "Kept for", "Systems", "Marks")
    rows = tuple(
        (
            *(one.name, one.owner or "to be named", one.steward or "to be named", ", ".join(one.custodians) or "not known"),
            *(one.data_class, one.kept_for, ", ".join(one.systems) or "not known"),
            ", ".join(mark for mark, is_so in (("personal", one.is_personal), ("critical", one.is_critical)) if is_so),
        )
        for one in output.domains
    )
    return Table("Domains and their people", tuple(map(Column, texts)), rows, download="domains.csv")


def _maturity(output: Output) -> tuple[Block, ...]:
    rated = [score for score in output.scores if score.level is not None]
    note = Note(FORMULA, title="How maturity is made", tab="Maturity")
    if not rated:
        return (Note("No area was rated. Rate them, and gaps and a roadmap follow.", "warn", tab="Maturity"), note)
    now = Series("Level", tuple((score.name, score.level or 0.0) for score in rated))
    missing = Series("Missing to the target", tuple((score.name, round(max(0.0, output.target - (score.level or 0.0)), 1)) for score in rated))
    worst = min(rated, key=lambda score: score.level or 0.0)
    said = f"{worst.name} is lowest at {worst.level:.1f}; the whole is {output.maturity or 0.0:.1f} of 5, the target {output.target}."
    marks = (Mark("y", float(output.target), f"Target {output.target}"),)
    chart = Chart("How mature is each area?", "bar", Axis("Area", "text"), Axis("Level, 0 to 5"), (now, missing), said, marks, tab="Maturity")
    columns = (
        Column("Area"),
        Column("About"),
        Column("Importance", "integer"),
        *(Column(side.title()) for side in SIDES),
        Column("Level", "decimal", bar=True),
        Column("Gap", "decimal"),
    )
    rows = tuple(_area_row(score, output.target) for score in output.scores)
    unrated = [score.name for score in output.scores if score.level is None]
    said = f"Not rated, and not in the mean: {', '.join(unrated)}." if unrated else ""
    return (chart, Table("Areas", columns, rows, note=said, download="maturity.csv", tab="Maturity"), note)


def _area_row(score: Score, target: int) -> tuple[str | int | float | None, ...]:
    what = areas()[score.key].about
    if score.level is None:
        return (score.name, what, None, None, None, None, None, None, None)
    return (score.name, what, score.importance, *score.ratings, score.level, round(max(0.0, target - score.level), 1))


def _roadmap(output: Output) -> tuple[Block, ...]:
    if not output.roadmap:
        return (Note("People, periods and areas are all at the target.", "good", tab="Roadmap"),)
    texts = ("By", "Area", "Step", "Who", "Side", "Rating")
    columns = (Column("Quarter", "integer"), *map(Column, texts), Column("Level before", "decimal"), Column("after", "decimal"))
    rows = tuple((one.quarter, one.due, one.area, one.what, one.who, one.side, one.change, one.before, one.after) for one in output.roadmap)
    note = (
        "The weakest side of an area is raised first. An area waits for the definitions of those that it builds on. "
        "Importance times missing levels decides the rest."
    )
    table = Table("Steps", columns, rows, note=note, download="roadmap.csv", tab="Roadmap")
    if output.maturity is None or len(output.path) < 2:  # noqa: PLR2004 - a line has two ends
        return (table,)
    start, end = output.path[0][1], output.path[-1][1]
    said = f"From {start:.1f} to {end:.1f} in {len(output.path) - 1} quarters, if each step is taken in time."
    mark = (Mark("y", float(output.target), f"Target {output.target}"),)
    curve = (Series("Maturity", output.path),)
    line = Chart("Where does the roadmap lead?", "line", Axis("Quarter", "integer"), Axis("Maturity, 0 to 5"), curve, said, mark, tab="Roadmap")
    return (line, table)


def _raci(output: Output) -> Table:
    rows = tuple((one.name, *one.letters) for one in output.raci)
    note = "R carries out, A answers for it (one only), C is heard, I is told. Owners and stewards by name are in the table of domains."
    return Table("RACI", (Column("Activity"), *map(Column, ROLES)), rows, note=note, download="raci.csv", tab="Roles")


def _decisions(output: Output) -> Table:
    columns = tuple(map(Column, ("Decision", "Decides", "Is heard", "Within", "Else")))
    rows = tuple((one.what, one.who, one.heard, one.within, one.then) for one in output.decisions)
    return Table("Decision rights", columns, rows, note="When the time has passed, the decision goes to the last column.", tab="Roles")


def _loads(output: Output) -> Table:
    columns = (Column("Person"), Column("Roles", "integer", bar=True), Column("Owns"), Column("Looks after"), Column("Runs"))
    rows = tuple(
        (one.name, len(one.owns) + len(one.stewards) + len(one.runs), ", ".join(one.owns), ", ".join(one.stewards), ", ".join(one.runs)) for one in output.loads
    )
    return Table("What each person carries", columns, rows, tab="Roles")


def _classes(output: Output) -> Table:
    note = "A set of several classes is handled like the strictest of them."
    return Table(
        "Classification and handling", (Column("What"), *map(Column, output.classes)), output.handling, note=note, download="handling.csv", tab="Classes"
    )


def _measures(output: Output) -> Table:
    columns = (Column("Figure"), Column("Formula"), Column("Target"), Column("Today", "percent"), Column("Who"), Column("How often"), Column("Why"))
    rows = tuple((one.name, one.formula, one.target, one.now, one.who, one.often, one.why) for one in output.measures)
    return Table(
        "Key figures",
        columns,
        rows,
        note="Values of today follow from what you entered; the others are for you to measure.",
        download="kpis.csv",
        tab="Key figures",
    )


def _files(output: Output) -> Files:
    return Files("All papers", tuple(File(path_, text) for path_, text in output.files), "data-governance.zip", tab="Policy set")


def _controls() -> Table:
    """Which controls the papers serve, for those who are audited."""
    keys = ("iso27001", "csf2", "soc2", "gdpr")
    rows = tuple((paper, *(", ".join(control.id for control in about(subjects, key)) for key in keys)) for paper, subjects in _SUBJECTS)
    columns = (Column("Paper"), *(Column(FRAMEWORKS[key].name) for key in keys))
    return Table("Controls that the papers serve", columns, rows, note=NOTE, tab="Policy set")


def _units(inputs: Inputs) -> int:
    """Rows of all lists: each domain stands in several papers, each area has its steps."""
    return len(inputs.domains) + len(inputs.systems) + len(inputs.classes) + len(inputs.answers)


def _describe(inputs: Inputs) -> str:
    return f"{len(inputs.domains)} domain{'' if len(inputs.domains) == 1 else 's'}, {len(inputs.systems)} systems, {len(inputs.answers)} areas rated"


TOOL = Tool(
    id="data-studio-governance",
    title="Data Governance Framework",
    studio=Studio.DATA,
    mode=Mode.HYBRID,
    cap=5,
    summary="Name domains, people and classes. Get the policy set, who decides what, what is missing, a maturity score and a roadmap.",
    takes="domains, owners, classes",
    gives="policy set, RACI, maturity score",
    inputs=Inputs,
    example=EXAMPLE,
    cost=Cost(units=_units, describe=_describe, lower="domains", cpu_us_per_unit=400.0, cpu_ms_base=25.0, mem_mb_base=8.0, spread=1.5),
    run=run,
    present=present,
    keywords=("DAMA-DMBOK", "RACI", "stewardship", "data owner", "classification", "retention", "maturity", "policy", "GDPR"),
)
