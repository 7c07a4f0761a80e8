import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import jsonable
from credit_studio.tools.cyber.paths import graphs
from credit_studio.tools.cyber.paths.chances import Attempts, drawn, frontier
from credit_studio.tools.cyber.paths.network import ATTACKER, EASE, Connection, Network, NetworkComponent, NetworkZone, SecurityControl
from credit_studio.tools.cyber.paths.outcome import ArchitectureOutput
from credit_studio.tools.cyber.security_architecture import TOOL, ArchitectureInputs, present, run
from tests.contracts import drawing, shapes

SAMPLES = Path(__file__).with_name("samples")
assert TOOL.example is not None
EXAMPLE: ArchitectureInputs = TOOL.example
FRONT, BACK = NetworkZone("Front", 3, open_inside=False), NetworkZone("Back", 8, open_inside=False)
WEB = NetworkComponent("Web", "Front", exposed=True, ease="average")
APP = NetworkComponent("App", "Back", ease="weak")
DATA = NetworkComponent("Data", "Back", jewel=True, value=10, ease="solid")
CHAIN = (Connection("web-app", "Web", "App"), Connection("app-data", "App", "Data"))


def net(*controls: SecurityControl, components: tuple[NetworkComponent, ...] = (WEB, APP, DATA), connections: tuple[Connection, ...] = CHAIN) -> Network:
    return Network((FRONT, BACK), components, connections, controls)


def control(on: str, stops: int, cost: float = 100.0, *, in_place: bool = False, layer: Any = "network", name: str = "c") -> SecurityControl:
    return SecurityControl(name, on, layer, stops, cost, in_place)


def shown(inputs: ArchitectureInputs) -> ArchitectureOutput:
    """The output, when all that is shown of it can be drawn and both fit the limit."""
    output = run(inputs)
    made = present(output)
    assert [fault for block in made for fault in drawing.faults(block)] == []
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    for told in (jsonable(output), blocks.to_json(made)):
        assert len(json.dumps(told, allow_nan=False, ensure_ascii=False).encode()) < TOOL.limits.output_bytes
    return output


# --- by hand ------------------------------------------------------------------------------------------------------------------


def test_the_chance_of_a_chain_is_the_product_of_its_steps() -> None:
    attempts = Attempts(net(), 40_000, 1)
    taken = attempts.chances([])
    for name, expected in (("Web", 0.5), ("App", 0.375), ("Data", 0.09375), (ATTACKER, 0.09375)):
        assert abs(taken[name] - expected) < 4.5 * attempts.error(expected)
    assert graphs.ways(net(), 5) == [graphs.Way(("Web", "web-app", "App", "app-data", "Data"), 0.09375)]


def test_a_control_in_place_stops_its_share() -> None:
    with_it = net(control("web-app", 80, in_place=True), control("Data", 50, in_place=True))
    assert graphs.ways(with_it, 5)[0].chance == pytest.approx(0.09375 * 0.2 * 0.5)
    attempts = Attempts(with_it, 40_000, 1)
    assert abs(attempts.chances(with_it.controls)["Data"] - 0.009375) < 4.5 * attempts.error(0.009375)


def test_a_component_that_resists_one_way_resists_all() -> None:
    twice = net(connections=(*CHAIN, Connection("web-data", "Web", "Data"), Connection("web-data 2", "Web", "Data")))
    attempts = Attempts(twice, 40_000, 1)
    assert abs(attempts.chances([])["Data"] - 0.5 * 0.25) < 4.5 * attempts.error(0.125), "not 1 - (1 - p)^3"


def test_neighbours_reach_each_other_inside_an_open_zone_only() -> None:
    alone = (WEB, replace(APP, zone="Front"), replace(DATA, zone="Front"))
    assert graphs.ways(net(components=alone, connections=()), 5) == []
    flat = Network((replace(FRONT, open_inside=True), BACK), alone, (), (control("Front", 90, in_place=True),))
    best = graphs.ways(flat, 5)[0]
    assert (best.places, best.chance) == (("Web", "Front", "Data"), pytest.approx(0.5 * 0.1 * 0.25))


def test_a_connection_that_opens_both_ways_leads_back() -> None:
    there = (Connection("app-web", "App", "Web"), CHAIN[1])
    assert graphs.ways(net(connections=there), 5) == []
    assert graphs.ways(net(connections=(replace(there[0], two_way=True), CHAIN[1])), 5)[0].chance == pytest.approx(0.09375)


def test_what_stops_everything_closes_the_way() -> None:
    closed = net(control("web-app", 100, in_place=True))
    assert graphs.ways(closed, 5) == []
    assert Attempts(closed, 1_000, 1).chances(closed.controls)["Data"] == 0
    assert graphs.cheapest_cut(closed, 0.9).is_cut_already
    assert graphs.reachable(closed, "Web") == {}


def test_the_cheapest_cut_takes_the_cheap_block_on_each_way() -> None:
    two = (*CHAIN, Connection("web-data", "Web", "Data"))
    offers = (control("web-app", 95, 50), control("web-data", 95, 70), control("Data", 95, 130), control("App", 95, 60))
    cut = graphs.cheapest_cut(net(*offers, connections=two), 0.9)
    assert ({one.on for one in cut.controls}, cut.cost) == ({"web-app", "web-data"}, 120)
    cheaper = graphs.cheapest_cut(net(*offers[:2], replace(offers[2], cost=110.0), connections=two), 0.9)
    assert ({one.on for one in cheaper.controls}, cheaper.cost) == ({"Data"}, 110)


def test_of_two_cuts_of_the_same_cost_the_one_with_fewer_controls_is_taken() -> None:
    two = (*CHAIN, Connection("web-data", "Web", "Data"))
    cut = graphs.cheapest_cut(net(control("web-app", 95, 50), control("web-data", 95, 50), control("Data", 95, 100), connections=two), 0.9)
    assert [one.on for one in cut.controls] == ["Data"]


def test_weaker_controls_of_one_place_make_a_block_together_and_with_what_is_there() -> None:
    together = graphs.cheapest_cut(net(control("Data", 70, 10, name="a"), control("Data", 70, 20, name="b")), 0.9)
    assert {one.name for one in together.controls} == {"a", "b"}
    beside = graphs.cheapest_cut(net(control("Data", 70, in_place=True, name="a"), control("Data", 70, 20, name="b")), 0.9)
    assert ([one.name for one in beside.controls], beside.cost) == (["b"], 20)


def test_a_way_that_nothing_on_offer_blocks_is_told() -> None:
    cut = graphs.cheapest_cut(net(control("Data", 80)), 0.9)
    assert (cut.controls, cut.open_way) == ((), ("Web", "web-app", "App", "app-data", "Data"))
    assert graphs.cheapest_cut(net(control("Data", 80)), 0.8).controls


def test_choke_points_are_what_every_way_passes() -> None:
    assert graphs.chokes(net()) == {"Data": ["Web", "App"]}
    assert graphs.chokes(net(connections=(*CHAIN, Connection("web-data", "Web", "Data")))) == {"Data": ["Web"]}


def test_reach_counts_moves_from_component_to_component() -> None:
    assert graphs.reachable(net(), "Web") == {"App": 1, "Data": 2}


def test_buying_begins_with_what_takes_away_most_for_its_cost() -> None:
    network = net(control("Data", 90, 1_000, name="dear"), control("App", 80, 100, name="good"), control("Front", 90, 1, name="useless"))
    order = frontier(Attempts(network, 5_000, 1), 5)
    assert [one.name for one, _, _ in order] == ["good", "dear"]
    assert [total for _, total, _ in order] == [100, 1_100]


# --- against brute force ------------------------------------------------------------------------------------------------------


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Small ones, with few enough chances to go through all of them."""
    zones = (replace(FRONT, open_inside=draw(st.booleans())), BACK)
    eases: st.SearchStrategy[Any] = st.sampled_from(list(EASE))
    size = draw(st.integers(2, 5))
    components = tuple(
        NetworkComponent(f"n{number}", draw(st.sampled_from(["Front", "Back"])), number == 0 or draw(st.booleans()), number == size - 1, 5, draw(eases))
        for number in range(size)
    )
    pairs = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] != pair[1]), max_size=5))
    connections = tuple(Connection(f"e{number}", f"n{a}", f"n{b}", two_way=draw(st.booleans())) for number, (a, b) in enumerate(pairs))
    places = [one.name for one in (*components, *connections, *zones)]
    stops = st.sampled_from([50, 80, 95, 100])
    controls = tuple(
        SecurityControl(f"c{number}", draw(st.sampled_from(places)), "host", draw(stops), float(draw(st.integers(0, 9))), draw(st.booleans()))
        for number in range(draw(st.integers(0, 4)))
    )
    return Network(zones, components, connections, controls)


def simple_ways(network: Network, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every way without a circle to a jewel, by plain search."""
    if way and way[-1] in network.components and network.components[way[-1]].jewel:
        yield way
    for ahead in network.ahead[way[-1] if way else ATTACKER]:
        if ahead not in way:
            yield from simple_ways(network, (*way, ahead))


def begins_inside(network: Network, way: tuple[str, ...]) -> bool:
    return any(network.components[place].exposed for place in way[1:] if place in network.components)


@given(networks())
@settings(max_examples=60, deadline=None)
def test_the_chance_is_that_of_going_through_all_cases(network: Network) -> None:
    held = [one for one in network.controls if one.in_place]
    things = [(name, network.bare(name)) for name in network.components] + [(one.label, one.passing) for one in held]
    found = list(simple_ways(network, ()))
    exact = 0.0
    for case in product((True, False), repeat=len(things)):
        passes = dict(zip((name for name, _ in things), case, strict=True))
        chance = math.prod(p if holds else 1 - p for (_, p), holds in zip(things, case, strict=True))
        is_open = {place: passes.get(place, True) and all(passes[one.label] for one in held if one.on == place) for way in found for place in way}
        exact += chance * any(all(is_open[place] for place in way) for way in found)
    attempts = Attempts(network, 4_000, 3)
    assert abs(attempts.chances(held)[ATTACKER] - exact) < 5 * attempts.error(min(exact, 1.0)) + 1e-9


@given(networks())
@settings(max_examples=100, deadline=None)
def test_the_ways_are_the_most_likely_of_all(network: Network) -> None:
    every = [(way, math.prod(map(network.passing, way))) for way in simple_ways(network, ()) if not begins_inside(network, way)]
    best = sorted((chance for _, chance in every if chance > 0), reverse=True)
    told = [way.chance for way in graphs.ways(network, 100)]
    assert told == pytest.approx(best)


@given(networks(), st.sampled_from([0.8, 0.9]))
@settings(max_examples=150, deadline=None)
def test_no_cheaper_set_of_controls_cuts_every_way(network: Network, blocking: float) -> None:
    found = list(simple_ways(network, ()))
    held = [one for one in network.controls if one.in_place]
    offers = [one for one in network.controls if not one.in_place]

    def cuts(bought: tuple[SecurityControl, ...]) -> bool:
        stopped = {place: 1 - math.prod(one.passing for one in (*held, *bought) if one.on == place) for way in found for place in way}
        return all(any(stopped[place] >= blocking - 1e-9 for place in way) for way in found)

    sets = [bought for size in range(len(offers) + 1) for bought in combinations(offers, size) if cuts(bought)]
    cut = graphs.cheapest_cut(network, blocking)
    if not sets:
        assert cut.open_way
    else:
        assert not cut.open_way
        assert cuts(cut.controls)
        assert cut.cost == pytest.approx(min(sum(one.cost for one in bought) for bought in sets))


@given(networks())
@settings(max_examples=60, deadline=None)
def test_choke_points_are_those_of_all_ways(network: Network) -> None:
    for jewel, places in graphs.chokes(network).items():
        found = [way for way in simple_ways(network, ()) if way[-1] == jewel and math.prod(map(network.passing, way)) > 0]
        shared = set.intersection(*(set(way) for way in found)) & set(network.components) - {jewel}
        assert set(places) == shared


@given(networks())
@settings(max_examples=40, deadline=None)
def test_a_control_never_makes_anything_more_likely(network: Network) -> None:
    attempts = Attempts(network, 300, 5)
    before = attempts.chances([])
    for one in network.controls:
        after = attempts.chances([one])
        assert all(after[name] <= before[name] for name in before)
    steps = [before[ATTACKER], *(taken[ATTACKER] for _, _, taken in frontier(attempts, 5))]
    assert steps[1:] == sorted(steps[1:], reverse=True)


def titles(inputs: ArchitectureInputs) -> dict[str, str]:
    return {one.title: one.severity for one in run(replace(inputs, attempts=1_000)).findings}


BASE = ArchitectureInputs("s", (FRONT, NetworkZone("Middle", 6), BACK), (WEB, APP, DATA), CHAIN, ())


@pytest.mark.parametrize(
    ("change", "title", "severity"),
    [
        (
            {"components": (WEB, replace(DATA, zone="Front")), "zones": (replace(FRONT, open_inside=True),), "connections": ()},
            "A crown jewel stands in one open zone",
            "critical",
        ),
        ({"components": (WEB, APP, replace(DATA, exposed=True))}, "A crown jewel is exposed to outsiders", "critical"),
        ({}, "A connection skips zones", "high"),
        ({"connections": (replace(CHAIN[0], filtered=False), CHAIN[1])}, "A connection between zones is not filtered", "high"),
        ({"connections": (replace(CHAIN[0], two_way=True), CHAIN[1])}, "A connection between zones can be opened from both ends", "medium"),
        ({}, "A crown jewel has no control of its own", "high"),
        ({}, "A way to a crown jewel has no depth of defence", "high"),
        ({"controls": (control("App", 50, in_place=True),)}, "A way to a crown jewel has no depth of defence", "medium"),
        ({"connections": (*CHAIN, Connection("out", "Data", "Web")), "zones": (replace(FRONT, trust=1), BACK)}, "A crown jewel opens connections", "medium"),
    ],
)
def test_remarks_on_zones(change: dict[str, Any], title: str, severity: str) -> None:
    given_one = {"system": "s", "zones": BASE.zones, "components": BASE.components, "connections": CHAIN} | change
    found = titles(ArchitectureInputs(**given_one))
    assert severity in [told for name, told in found.items() if name.startswith(title)]


def test_two_layers_on_the_way_and_a_control_at_the_jewel_leave_nothing_to_remark() -> None:
    near = (FRONT, replace(BACK, trust=6))
    controls = (control("Data", 50, in_place=True, layer="data"), control("Web", 50, in_place=True, layer="host"))
    assert titles(ArchitectureInputs("s", near, (WEB, APP, DATA), CHAIN, controls)) == {}


def test_the_example_is_cut_for_less_than_the_obvious_control() -> None:
    output = shown(EXAMPLE)
    assert output.cut_cost == 38_000
    assert {"Close the report query on Report query", "Immutable backups on Backup vault"} <= set(output.cut)
    assert output.without > output.today > 5 * output.after_cut
    assert output.paths[0].components == ("Web shop", "Customer database")
    assert output.paths[0].chance == pytest.approx(0.5 * 0.5 * 0.5 * 0.7)
    assert output.chokes["Backup vault"] == ("Domain controller",)


@pytest.mark.parametrize(
    ("name", "best", "cut"),
    [
        ("clinic", ("Patient portal", "Patient records"), ("Database sign-in with MFA on Patient records",)),
        ("plant", ("Remote vendor access", "Engineering station", "PLC line 1"), ("Vendor MFA and recording on Vendor line",)),
        ("cloud", ("Developer laptop", "Build runner", "Deploy role", "Customer bucket"), ()),
    ],
)
def test_other_networks_are_reviewed_too(name: str, best: tuple[str, ...], cut: tuple[str, ...]) -> None:
    output = shown(validation.parse(TOOL, json.loads((SAMPLES / f"architecture-{name}.json").read_text())))
    assert (output.paths[0].components, output.cut) == (best, cut)
    assert bool(output.cut_open) == (name == "cloud")


def test_the_same_seed_gives_the_same_and_another_one_nearly_so() -> None:
    first, again, other = run(EXAMPLE), run(EXAMPLE), run(replace(EXAMPLE, seed=8))
    assert first == again
    assert first.today != other.today
    assert abs(first.today - other.today) < 6 * first.error


def test_the_draws_of_a_place_do_not_depend_on_the_others() -> None:
    more = replace(EXAMPLE, components=(*EXAMPLE.components, NetworkComponent("Lonely", "Office")))
    before = {one.name: one.without for one in run(EXAMPLE).components}
    after = {one.name: one.without for one in run(more).components}
    assert {name: after[name] for name in ("Web shop", "VPN gateway", "Staff laptop")} == {
        name: before[name] for name in ("Web shop", "VPN gateway", "Staff laptop")
    }


def test_certain_draws_are_not_drawn() -> None:
    assert [drawn(chance, 64, "x") for chance in (0.0, 1.0)] == [0, 2**64 - 1]


def test_an_unreachable_jewel_is_said_to_be_one() -> None:
    output = shown(ArchitectureInputs("s", (FRONT, BACK), (WEB, DATA)))
    assert (output.paths, output.today, output.is_cut_already) == ((), 0.0, True)
    assert "No crown jewel can be reached" in output.report


def test_the_report_escapes_names() -> None:
    evil = "<b>[x](http://a)|`*_"
    output = shown(replace(BASE, components=(replace(WEB, name=evil), APP, DATA), connections=(replace(CHAIN[0], source=evil), CHAIN[1])))
    assert not re.search(r"(?<!\\)<b", output.report)
    assert not re.search(r"(?<!\\)\]\(", output.report)


def test_the_largest_network_fits_its_limits() -> None:
    wide = "\U0001f4a9" * 37
    zones = tuple(NetworkZone(f"{number:02}{wide}", number % 11) for number in range(12))
    components = tuple(NetworkComponent(f"C{number:02}{wide}", zones[number % 12].name, number < 10, number >= 20, ease="open") for number in range(30))
    connections = tuple(
        Connection(f"E{number:02}{wide}", components[number % 30].name, components[(number * 7 + 1) % 30].name, filtered=False) for number in range(60)
    )
    connections = tuple(one for one in connections if one.source != one.target)
    controls = tuple(SecurityControl(f"K{number:02}{wide}", components[number % 30].name, "host", 91, 10.0 * number) for number in range(40))
    output = shown(ArchitectureInputs("x" * 80, zones, components, connections, controls, attempts=1_000))
    assert len(output.paths) >= 15


GOOD: dict[str, Any] = {
    "system": "S",
    "zones": [{"name": "Z", "trust": 5}],
    "components": [{"name": "A", "zone": "Z", "exposed": True}, {"name": "B", "zone": "Z", "jewel": True}],
}
LINK, STOP = {"name": "l", "source": "A", "target": "B"}, {"name": "c", "on": "A"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"components": GOOD["components"][:1]}, "components"),
        ({"components": GOOD["components"][1:]}, "components"),
        ({"components": [{**one, "jewel": True, "name": f"j{number}"} for number, one in enumerate(GOOD["components"][:1] * 11)]}, "components"),
        ({"components": [{"name": "Z", "zone": "Z"}]}, "components.0.name"),
        ({"components": [{"name": "A", "zone": "Y"}]}, "components.0.zone"),
        ({"connections": [{**LINK, "target": "A"}]}, "connections.0.target"),
        ({"connections": [{**LINK, "source": "C"}]}, "connections.0.source"),
        ({"connections": [LINK, {**LINK, "name": "L"}]}, "connections.1.name"),
        ({"connections": [{**LINK, "name": "a"}]}, "connections.0.name"),
        ({"controls": [{**STOP, "on": "nowhere"}]}, "controls.0.on"),
        ({"controls": [STOP, STOP]}, "controls.1.name"),
        ({"controls": [{**STOP, "effectiveness": 101}]}, "controls.0.effectiveness"),
        ({"attempts": 50_001}, "attempts"),
        ({"blocking": 49}, "blocking"),
        ({"system": " "}, "system"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, GOOD | change)
    assert refused.value.errors[0].field == field


def test_every_choice_of_hardening_has_a_chance() -> None:
    assert set(get_args(get_type_hints(NetworkComponent)["ease"])) == set(EASE)


def test_units_follow_the_attempts() -> None:
    assert TOOL.cost is not None
    assert TOOL.cost.units(replace(EXAMPLE, attempts=20_000)) > 1.5 * TOOL.cost.units(EXAMPLE)
    assert TOOL.cost.describe(EXAMPLE) == "10,000 attempts on 9 components, 12 controls"
