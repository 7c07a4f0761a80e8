"""Security Architecture Designer: the ways of an attacker to the crown jewels, how likely they are, and the cheapest controls that cut all of them.

What leads where is in `paths/network.py`, chances by simulation in `paths/chances.py`, ways and cuts by graph theory in `paths/graphs.py`, remarks on
zones in `paths/segmentation.py`; this file declares the tool and shows the result.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Axis, Block, Chart, Column, Diagram, Document, Dot, Edge, Figure, Finding, Findings, KeyFigures, Note, Series, Table
from credit_studio.tools.cyber.paths.chances import Attempts, frontier
from credit_studio.tools.cyber.paths.network import ATTACKER, Connection, Network, NetworkComponent, NetworkZone, SecurityControl, check
from credit_studio.tools.cyber.paths.outcome import ArchitectureOutput, AttackPath, ComponentRow, ControlRow, EntryPoint, Purchase
from credit_studio.tools.cyber.paths.report import document, percent
from credit_studio.tools.cyber.paths.segmentation import remarks
from credit_studio.tools.cyber.prose import check_name, count, said, slug
from credit_studio.tools.cyber.zoned_diagram import Box, zoned

if TYPE_CHECKING:
    from credit_studio.tools.cyber.paths.graphs import Cut, Way

MOST_WAYS = 15
MOST_BOUGHT = 10
_CURRENCIES = (("GBP", "Pounds (GBP)"), ("EUR", "Euros (EUR)"), ("USD", "US dollars (USD)"))


@dataclass(frozen=True)
class ArchitectureInputs:
    """The network and how to look at it; raises `InputError` for names that refer to nothing, and without an entry point or a crown jewel."""

    system: Annotated[str, Len(1, 80)] = ui("System", "What is looked at: the title of the report.", placeholder="Online shop")
    zones: Annotated[tuple[NetworkZone, ...], Len(1, 12)] = ui("Zones", "Up to 12 segments of the network.")
    components: Annotated[tuple[NetworkComponent, ...], Len(1, 30)] = ui("Components", "Up to 30; at least one is exposed and one a crown jewel.")
    connections: Annotated[tuple[Connection, ...], Len(0, 60)] = ui("Connections", "Up to 60: what may talk to what.", default=())
    controls: Annotated[tuple[SecurityControl, ...], Len(0, 40)] = ui("Controls", "Up to 40, in place or on offer.", default=())
    blocking: Annotated[int, Interval(ge=50, le=100)] = ui(
        "Counts as a block", "A place is cut when its controls together stop so many of 100 attempts.", unit="%", default=90
    )
    attempts: Annotated[int, Interval(ge=1_000, le=50_000)] = ui("Attempts", "Simulated attacks, 1,000 to 50,000. More costs more.", default=10_000)
    seed: Annotated[int, Interval(ge=0, le=2_147_483_647)] = ui("Random seed", "The same seed gives the same result.", default=7)
    currency: Literal["GBP", "EUR", "USD"] = ui("Currency", "Of every cost here. Nothing is converted.", default="GBP", choices=_CURRENCIES)

    def __post_init__(self) -> None:
        check_name("system", self.system)
        check(self.zones, self.components, self.connections, self.controls)
        if sum(one.jewel for one in self.components) > 10:  # noqa: PLR2004 - where all is dear nothing is
            raise InputError("components", "More than 10 crown jewels. Keep the switch for what an attacker wants most.")


def run(inputs: ArchitectureInputs) -> ArchitectureOutput:
    """Ways, chances, the cheapest cut, and what each control does."""
    from credit_studio.tools.cyber.paths import graphs  # noqa: PLC0415 - networkx is loaded where it runs, not where pages are made

    network = Network(inputs.zones, inputs.components, inputs.connections, inputs.controls)
    attempts = Attempts(network, inputs.attempts, inputs.seed, lambda share: report(0.6 * share, "Drawing attempts"))
    found = graphs.ways(network, MOST_WAYS)
    cut = graphs.cheapest_cut(network, inputs.blocking / 100)
    held = [one for one in inputs.controls if one.in_place]
    report(0.65, "Trying each control")
    without, today, after = attempts.chances([]), attempts.chances(held), attempts.chances([*held, *cut.controls])
    controls = tuple(_control(attempts, held, one, one in cut.controls) for one in inputs.controls)
    report(0.8, "Buying the best next control")
    purchases = tuple(Purchase(one.label, one.cost, total, taken[ATTACKER]) for one, total, taken in frontier(attempts, MOST_BOUGHT))
    told = tuple(remarks(network, found))
    paths = tuple(_path(network, way, cut) for way in found)
    chokes = {jewel: tuple(places) for jewel, places in graphs.chokes(network).items()}
    output = ArchitectureOutput(
        **{name: getattr(inputs, name) for name in ("system", "currency", "attempts", "seed", "blocking")},
        without=without[ATTACKER],
        today=today[ATTACKER],
        after_cut=after[ATTACKER],
        error=attempts.error(today[ATTACKER]),
        paths=paths,
        components=tuple(
            ComponentRow(one.name, one.zone, one.exposed, one.jewel, one.value, without[one.name], today[one.name], after[one.name])
            for one in inputs.components
        ),
        entries=tuple(_entry(network, one, today[one.name], graphs.reachable(network, one.name)) for one in network.entries),
        chokes=chokes,
        cut=tuple(one.label for one in cut.controls),
        cut_cost=cut.cost,
        cut_open=cut.open_way,
        is_cut_already=cut.is_cut_already,
        controls=controls,
        purchases=purchases,
        findings=told,
        picture=_picture(inputs, today),
        report="",
    )
    return _reported(output)


def _reported(output: ArchitectureOutput) -> ArchitectureOutput:
    return replace(output, report=document(output))


def _control(attempts: Attempts, held: list[SecurityControl], one: SecurityControl, in_cut: bool) -> ControlRow:  # noqa: FBT001 - a cell of its row
    less, more = ([other for other in held if other != one], held) if one.in_place else (held, [*held, one])
    worse, better = attempts.chances(less), attempts.chances(more)
    chance = worse[ATTACKER] if one.in_place else better[ATTACKER]
    value = attempts.loss(worse) - attempts.loss(better)
    return ControlRow(one.name, one.on, one.layer, one.effectiveness, one.cost, one.in_place, chance, worse[ATTACKER] - better[ATTACKER], value, in_cut)


def _path(network: Network, way: "Way", cut: "Cut") -> AttackPath:
    after = way.chance
    for control in cut.controls:
        after *= control.passing if control.on in way.places else 1.0
    controls, layers = network.depth(way.places)
    over = tuple(f"inside {place}" if place in network.zones else place for place in way.places if place not in network.components)
    return AttackPath(tuple(place for place in way.places if place in network.components), over, way.places, way.chance, after, controls, layers)


def _entry(network: Network, one: NetworkComponent, taken: float, reach: dict[str, int]) -> EntryPoint:
    jewels = [steps for name, steps in reach.items() if network.components[name].jewel] + ([0] if one.jewel else [])
    controls = len(network.controls_on(one.name, in_place=True))
    return EntryPoint(one.name, one.zone, taken, len(reach), len(jewels), min(jewels, default=None), controls)


def _picture(inputs: ArchitectureInputs, today: dict[str, float]) -> Diagram:
    boxes = tuple(Box(one.name, "output" if one.jewel else "actor" if one.exposed else "process", one.zone, _lines(one, today)) for one in inputs.components)
    edges = tuple(Edge(one.source, one.target, one.name) for one in inputs.connections)
    zones = tuple(zone.name for zone in sorted(inputs.zones, key=lambda zone: zone.trust))
    summary = (
        f"{count(len(boxes), 'component')} in {count(len(inputs.zones), 'zone')}, {count(len(edges), 'connection')}, "
        f"{count(sum(one.exposed for one in inputs.components), 'entry point')}, {count(sum(one.jewel for one in inputs.components), 'crown jewel')}."
    )
    return zoned("Zones, connections and what is likely taken", boxes, edges, zones, summary)


def _lines(one: NetworkComponent, today: dict[str, float]) -> tuple[str, ...]:
    roles = [word for word, holds in (("entry point", one.exposed), ("crown jewel", one.jewel)) if holds]
    return (*roles, f"taken in {percent(today[one.name])}")


def present(output: ArchitectureOutput) -> tuple[Block, ...]:
    """Key figures, the picture, ways, what controls bring; surface, controls and zones on tabs of their own; the report."""
    sign = "£" if output.currency == "GBP" else f"{output.currency}\u00a0"
    blocks: list[Block] = [_figures(output, sign), output.picture, _paths(output), _cut(output, sign), *_purchases(output, sign), Note(_method(output))]
    blocks += [_entries(output), _components(output), *_chokes(output), _findings(output), *_controls(output, sign)]
    blocks.append(Document("Security architecture review", output.report, f"architecture-{slug(output.system, 'system')}", tab="Report"))
    return tuple(blocks)


def _figures(output: ArchitectureOutput, sign: str) -> KeyFigures:
    jewels = [one for one in output.components if one.jewel]
    worst = max(jewels, key=lambda one: one.today)
    best = output.paths[0] if output.paths else None
    counts = Counter(one.severity for one in output.findings)
    if output.cut_open:
        cut = Figure("Cheapest cut", "none on offer", "a way has no place that could be blocked")
    elif output.is_cut_already:
        cut = Figure("Cheapest cut", "done", "every way meets a block")
    else:
        cut = Figure("Cheapest cut", f"{sign}{output.cut_cost:,.0f} a year", f"{count(len(output.cut), 'control')}; then {percent(output.after_cut)}")
    likely = Figure("Most likely way", percent(best.chance), f"{len(best.components)} steps to {best.components[-1]}" if best else "") if best else None
    figures = (
        Figure("A crown jewel is lost", percent(output.today), f"plus or minus {percent(output.error)}; most of all {worst.name}, {percent(worst.today)}"),
        likely or Figure("Most likely way", "none", "no crown jewel can be reached"),
        cut,
        Figure("Remarks on zones", f"{len(output.findings)}", f"{counts['critical']} critical, {counts['high']} high"),
    )
    return KeyFigures(figures)


def _paths(output: ArchitectureOutput) -> Table:
    columns = (Column("Way"), Column("Over"), Column("Likelihood", "percent"), Column("Controls", "integer"), Column("Layers", "integer"))
    rows = tuple(
        (" > ".join(one.components), said(one.over), one.chance, one.controls, one.layers, one.after_cut if output.cut else None) for one in output.paths
    )
    note = (
        f"The {MOST_WAYS} most likely and the best one to each crown jewel. A way's likelihood is the product over what it passes; ways share steps, so that "
        "they do not add up."
    )
    return Table(
        "Most likely ways to the crown jewels", (*columns, Column("Once cut", "percent")), rows, sort=(2, True), note=note, download="attack-paths.csv"
    )


def _cut(output: ArchitectureOutput, sign: str) -> Block:
    if output.cut_open:
        way = " > ".join(output.cut_open)
        text = f"{way}: at none of these places the controls on offer stop {output.blocking} %. Offer one there, or lower what counts as a block."
        return Note(text, tone="warn", title="This way cannot be cut")
    if output.is_cut_already:
        return Note(
            f"Every way to a crown jewel meets a place where {output.blocking} % of attempts are stopped.", tone="good", title="Nothing needs to be cut"
        )
    columns = (
        Column("Control"),
        Column("On"),
        Column("Layer"),
        Column("Stops", "percent"),
        Column("Cost a year", "money", sign),
        Column("Ways it meets", "integer"),
    )
    bought = [one for one in output.controls if one.in_cut]
    rows = tuple((one.name, one.on, one.layer, one.effectiveness / 100, one.cost, sum(one.on in path.places for path in output.paths)) for one in bought)
    total = (f"All ({len(rows)})", "", "", None, output.cut_cost, None)
    note = (
        f"The least cost after which every way meets a place where {output.blocking} % of attempts are stopped: a minimum cut. "
        f"A crown jewel is then lost in {percent(output.after_cut)} of attempts, today in {percent(output.today)}."
    )
    return Table("The cheapest cut", columns, rows, total, note=note, download="cheapest-cut.csv")


def _purchases(output: ArchitectureOutput, sign: str) -> tuple[Block, ...]:
    if not output.purchases:
        return ()
    points = ((0.0, output.today), *((one.total, one.chance) for one in output.purchases))
    last = output.purchases[-1]
    summary = (
        f"{count(len(output.purchases), 'control')} for {sign}{last.total:,.0f} a year bring the chance from {percent(output.today)} to {percent(last.chance)}."
    )
    dots = (Dot(output.cut_cost, output.after_cut, "cheapest cut"),) if output.cut and output.cut_cost <= last.total else ()
    curve = Series("Chance that a crown jewel is lost", points)
    chart = Chart("What does each further control bring?", "line", Axis("Cost a year", "money", sign), Axis("Chance", "percent"), (curve,), summary, dots=dots)
    columns = (Column("Buy next"), Column("Cost a year", "money", sign), Column("Cost so far", "money", sign), Column("A crown jewel is then lost", "percent"))
    rows = tuple((one.control, one.cost, one.total, one.chance) for one in output.purchases)
    note = "Each time the control that takes away most value at risk for its cost. What no longer helps is not bought."
    return (chart, Table("In which order to buy", columns, rows, note=note, download="order.csv"))


def _method(output: ArchitectureOutput) -> str:
    return (
        f"{output.attempts:,} simulated attempts, seed {output.seed}. An attacker begins at every entry point and takes what he reaches with the chance of its "
        "hardening; each control stops its share, independently of the others. A component that resists one way resists all. Inside an open zone neighbours "
        "reach each other."
    )


def _entries(output: ArchitectureOutput) -> Table:
    columns = (Column("Entry point"), Column("Zone"), Column("Taken today", "percent", bar=True), Column("Controls on it", "integer"))
    reach = (Column("Components in reach", "integer"), Column("Crown jewels in reach", "integer"), Column("Moves to the nearest", "integer"))
    rows = tuple((one.name, one.zone, one.today, one.controls, one.reach, one.jewels, one.steps) for one in output.entries)
    return Table("Attack surface: what outsiders can reach", (*columns, *reach), rows, sort=(2, True), download="attack-surface.csv", tab="Surface")


def _components(output: ArchitectureOutput) -> Table:
    columns = (Column("Component"), Column("Zone"), Column("Role"), Column("Value", "integer"))
    chances = (Column("Without any control", "percent"), Column("Today", "percent", bar=True), Column("After the cut", "percent"))
    rows = tuple((one.name, one.zone, _role(one), one.value, one.without, one.today, one.after_cut if output.cut else None) for one in output.components)
    return Table("How often each component is taken", (*columns, *chances), rows, sort=(5, True), download="components.csv", tab="Surface")


def _role(one: ComponentRow) -> str:
    return said(word for word, holds in (("entry point", one.exposed), ("crown jewel", one.jewel)) if holds)


def _chokes(output: ArchitectureOutput) -> tuple[Table, ...]:
    rows = tuple((jewel, said(places)) for jewel, places in output.chokes.items() if places)
    note = "Every way to the crown jewel passes these: the places where a control or an alert meets all of them."
    return (
        (Table("Choke points", (Column("Crown jewel"), Column("All ways pass")), rows, note=note, download="choke-points.csv", tab="Surface"),) if rows else ()
    )


def _findings(output: ArchitectureOutput) -> Findings:
    told = tuple(Finding(one.severity, one.title, one.where, one.detail, one.fix) for one in output.findings)
    checked = (
        "Looked at: flat zones, exposed and bare crown jewels, connections that skip zones, are not filtered or open both ways, depth of defence on each way."
    )
    return Findings("Zones and depth of defence", told, checked, tab="Zones")


def _controls(output: ArchitectureOutput, sign: str) -> tuple[Table, ...]:
    columns = (Column("Control"), Column("On"), Column("Layer"), Column("Stops", "percent"))
    offered = tuple(
        (*_named(one), one.cost, one.chance, one.difference, one.value_less, "yes" if one.in_cut else "") for one in output.controls if not one.in_place
    )
    held = tuple((*_named(one), one.chance, one.difference, one.value_less) for one in output.controls if one.in_place)
    worth = (Column("Less chance", "percent", bar=True), Column("Less value at risk", "decimal"))
    on_offer = Table(
        "Controls on offer, each by itself",
        (*columns, Column("Cost a year", "money", sign), Column("A crown jewel is then lost", "percent"), *worth, Column("In the cut")),
        offered,
        sort=(6, True),
        note="Value at risk is the sum over the crown jewels of value times chance. Where it is 0, this control alone changes nothing: other ways stay open.",
        download="controls-on-offer.csv",
        tab="Controls",
    )
    in_place = Table(
        "Controls in place: what would be without each",
        (*columns, Column("A crown jewel is lost without it", "percent"), *worth),
        held,
        sort=(5, True),
        download="controls-in-place.csv",
        tab="Controls",
    )
    return tuple(table for table in (on_offer, in_place) if table.rows)


def _named(one: ControlRow) -> tuple[str, str, str, float]:
    return one.name, one.on, one.layer, one.effectiveness / 100


def _units(inputs: ArchitectureInputs) -> int:
    """Draws (attempts of each component and control), and in the same measure the passes that move all attempts along all connections, and the graphs.

    Measured: 0.075 us a draw; a pass takes 7.5 us for each edge with 50,000 attempts and 1.5 us with 10,000; ways and cuts 70 ms for 30 x 60.
    """
    components, connections, controls = len(inputs.components), len(inputs.connections), len(inputs.controls)
    waiting = sum(not one.in_place for one in inputs.controls)
    passes = 3 + 2 * controls + waiting * min(waiting, MOST_BOUGHT)
    edges = connections + 2 * components
    return inputs.attempts * (components + controls) + passes * edges * (15 + inputs.attempts // 450) + 500 * components * connections


def _describe(inputs: ArchitectureInputs) -> str:
    return f"{inputs.attempts:,} attempts on {count(len(inputs.components), 'component')}, {count(len(inputs.controls), 'control')}"


_EXAMPLE = ArchitectureInputs(
    system="Online shop",
    zones=(NetworkZone("Internet edge", 3), NetworkZone("Office", 5), NetworkZone("Servers", 6), NetworkZone("Data", 9, open_inside=False)),
    components=(
        NetworkComponent("Web shop", "Internet edge", exposed=True, value=5, ease="average"),
        NetworkComponent("VPN gateway", "Internet edge", exposed=True, value=4, ease="solid"),
        NetworkComponent("Staff laptop", "Office", exposed=True, value=3, ease="weak"),
        NetworkComponent("Admin workstation", "Office", value=6, ease="average"),
        NetworkComponent("Order service", "Servers", value=6, ease="average"),
        NetworkComponent("File server", "Servers", value=5, ease="weak"),
        NetworkComponent("Domain controller", "Servers", value=9, ease="solid"),
        NetworkComponent("Customer database", "Data", jewel=True, value=10, ease="average"),
        NetworkComponent("Backup vault", "Data", jewel=True, value=8, ease="solid"),
    ),
    connections=(
        Connection("Orders API", "Web shop", "Order service"),
        Connection("Report query", "Web shop", "Customer database", filtered=False),
        Connection("Order rows", "Order service", "Customer database"),
        Connection("VPN to office", "VPN gateway", "Staff laptop", two_way=True),
        Connection("File shares", "Staff laptop", "File server"),
        Connection("Administration", "Admin workstation", "Domain controller"),
        Connection("Nightly copy", "Domain controller", "Backup vault"),
        Connection("Database upkeep", "Admin workstation", "Customer database", filtered=False),
    ),
    controls=(
        SecurityControl("Web application firewall", "Web shop", "application", 50, 18_000.0, in_place=True),
        SecurityControl("Endpoint protection", "Staff laptop", "host", 60, 9_000.0, in_place=True),
        SecurityControl("Database passwords per service", "Customer database", "identity", 30, 0.0, in_place=True),
        SecurityControl("Close the report query", "Report query", "network", 100, 6_000.0),
        SecurityControl("Privileged access workstation", "Admin workstation", "identity", 90, 14_000.0),
        SecurityControl("Tokenised queries with mutual TLS", "Order rows", "identity", 85, 12_000.0),
        SecurityControl("Database firewall and row rights", "Customer database", "data", 90, 45_000.0),
        SecurityControl("Immutable backups", "Backup vault", "data", 95, 11_000.0),
        SecurityControl("Phishing-resistant sign-in", "Staff laptop", "identity", 70, 8_000.0),
        SecurityControl("Micro-segmentation", "Servers", "network", 90, 30_000.0),
        SecurityControl("Host firewalls", "Office", "network", 90, 5_000.0),
        SecurityControl("Allow-list on servers", "Order service", "host", 90, 16_000.0),
    ),
)

TOOL: Tool[ArchitectureInputs, ArchitectureOutput] = Tool(
    id="cyber-studio-security-architecture",
    title="Security Architecture Designer",
    studio=Studio.CYBER,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="Describe zones, components, connections and controls. Get the likely ways to your crown jewels and the cheapest controls that cut them.",
    takes="components, zones, controls",
    gives="attack surface, attack paths to the crown jewels, the cheapest cut",
    inputs=ArchitectureInputs,
    example=_EXAMPLE,
    cost=Cost(units=_units, describe=_describe, lower="attempts", cpu_us_per_unit=0.08, cpu_ms_base=10.0, mem_mb_base=12.0, spread=1.6),
    run=run,
    present=present,
    preload=("networkx",),
    keywords=("attack path", "crown jewel", "minimum cut", "segmentation", "attack surface", "defence in depth", "zero trust"),
)
