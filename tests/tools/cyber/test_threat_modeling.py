import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.cyber.stride import measures, rating, threats
from credit_studio.tools.cyber.stride.system import Component, DataFlow, System, TrustZone, hostility
from credit_studio.tools.cyber.stride.technologies import FAMILIES, PRODUCTS, recognise
from credit_studio.tools.cyber.threat_modeling import TOOL, ThreatInputs, ThreatOutput, present, run
from tests.contracts import drawing, shapes

SAMPLES = Path(__file__).with_name("samples")
assert TOOL.example is not None
EXAMPLE: ThreatInputs = TOOL.example
ZONES = (TrustZone("Outside", 0), TrustZone("Front", 4), TrustZone("Inside", 8))
USER = Component("User", "Outside", "external", "Browser", "confidential")
SHOP = Component("Shop", "Front", "process", "Django", "confidential", critical=True)
BASE = Component("Base", "Inside", "store", "PostgreSQL", "restricted")
BUY = DataFlow("Buy", "User", "Shop", "http", "confidential")
ROWS = DataFlow("Rows", "Shop", "Base", "sql", "restricted")
SMALL = ThreatInputs("Small", ZONES, (USER, SHOP, BASE), (BUY, ROWS))
CONTROLS = ("authenticates", "authorises", "validates", "encrypts", "logs", "limits", "backed_up")


def model(*components: Component, flows: tuple[DataFlow, ...] = (BUY, ROWS)) -> ThreatOutput:
    return drawn(ThreatInputs("Small", ZONES, components, flows))


def drawn(inputs: ThreatInputs) -> ThreatOutput:
    """The output, when all that is shown of it can be drawn and both fit the limit."""
    output = run(inputs)
    made = present(output)
    assert [fault for block in made for fault in drawing.faults(block)] == []
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    for told in (jsonable(output), blocks.to_json(made)):
        assert len(json.dumps(told, allow_nan=False, ensure_ascii=False).encode()) < TOOL.limits.output_bytes
    return output


def letters(output: ThreatOutput, element: str) -> str:
    return "".join(letter for letter, name in threats.STRIDE.items() if any(one.element == element and one.category == name for one in output.threats))


def titles(output: ThreatOutput, element: str) -> set[str]:
    return {one.title for one in output.threats if one.element == element}


def one_of(output: ThreatOutput, element: str, title: str) -> Any:
    return next(one for one in output.threats if one.element == element and one.title == title)


@pytest.mark.parametrize(("trust", "expected"), [(0, 5), (1, 5), (2, 5), (3, 4), (4, 4), (5, 3), (6, 3), (7, 2), (8, 2), (9, 1), (10, 1)])
def test_hostility_falls_with_trust_as_the_rule_says(trust: int, expected: int) -> None:
    assert hostility(trust) == expected


def test_exposure_falls_by_one_with_each_flow_after_the_first() -> None:
    exposures = System(SMALL.zones, SMALL.components, SMALL.flows).exposures
    assert {name: (one.level, one.zone, one.hops) for name, one in exposures.items()} == {
        "User": (5, "Outside", 0),
        "Shop": (5, "Outside", 1),
        "Base": (4, "Outside", 2),
    }


def test_what_nobody_outside_reaches_has_the_exposure_of_its_own_zone() -> None:
    alone = System(ZONES, (BASE, Component("Job", "Inside")), (DataFlow("x", "Base", "Job"),))
    assert {one.level for one in alone.exposures.values()} == {2}


def test_a_circle_of_flows_ends() -> None:
    back = DataFlow("Back", "Base", "Shop", "sql")
    assert System(ZONES, SMALL.components, (BUY, ROWS, back, DataFlow("Self", "Shop", "Shop"))).exposures["Base"].level == 4


def test_each_kind_of_element_has_its_letters_of_stride() -> None:
    output = model(USER, SHOP, BASE)
    assert letters(output, "User") == "SR"
    assert letters(output, "Shop") == "STRIDE"
    assert letters(output, "Base") == "TRID"
    assert letters(output, BUY.label) == "TID"
    assert letters(output, ROWS.label) == "TI", "no outsider floods a flow between two inner zones"


def test_what_nothing_flows_to_is_threatened_by_nobody() -> None:
    assert model(replace(SHOP, name="Alone"), flows=()).threats == ()


def test_a_flow_inside_one_host_is_not_threatened() -> None:
    assert letters(model(USER, SHOP, BASE, flows=(BUY, replace(ROWS, protocol="local"))), ROWS.label) == ""


def test_public_data_on_the_way_may_be_read() -> None:
    public = replace(BUY, data="public")
    assert letters(model(USER, SHOP, BASE, flows=(public, ROWS)), public.label) == "TD"
    signed_in = replace(public, authenticated=True)
    assert letters(model(USER, SHOP, BASE, flows=(signed_in, ROWS)), signed_in.label) == "TID", "credentials flow"


@pytest.mark.parametrize(
    ("technology", "flow", "title", "reference"),
    [
        ("PostgreSQL", "sql", "Input becomes part of a database query", "CWE-89"),
        ("MongoDB", "other", "Input changes a query by operators in it", "CWE-943"),
        ("S3 bucket", "https", "An uploaded file is run or served as a page", "CWE-434"),
    ],
)
def test_tampering_follows_what_stands_behind(technology: str, flow: str, title: str, reference: str) -> None:
    behind = replace(BASE, technology=technology)
    output = model(USER, SHOP, behind, flows=(BUY, replace(ROWS, protocol=flow)))  # type: ignore[arg-type]
    assert reference in one_of(output, "Shop", title).references


def test_a_queue_reader_is_threatened_by_messages_and_not_by_callers() -> None:
    queue = Component("Queue", "Inside", "store", "RabbitMQ")
    worker = Component("Worker", "Inside", "process", "Celery")
    output = model(USER, SHOP, queue, worker, flows=(BUY, DataFlow("Jobs", "Shop", "Queue", "message"), DataFlow("Next", "Queue", "Worker", "message")))
    assert "A message in the queue carries code or objects" in titles(output, "Worker")
    assert "One caller gets another caller's objects" not in titles(output, "Worker")
    assert "A forged message is put into the queue" in titles(output, "Queue")


def test_a_bucket_and_a_log_have_their_own_threats() -> None:
    bucket, log = Component("Files", "Inside", "store", "S3"), Component("Trail", "Inside", "store", "Audit log")
    output = model(USER, SHOP, bucket, log, flows=(BUY,))
    assert "The bucket is open to everybody" in titles(output, "Files")
    assert {"Log entries are forged by what is logged", "Log entries are removed or changed"} <= titles(output, "Trail")


def model_of(shop: Component, buy: DataFlow = BUY) -> ThreatOutput:
    return model(USER, shop, BASE, flows=(buy, ROWS))


def test_a_threat_is_rated_by_the_stated_rule() -> None:
    flood = one_of(model_of(SHOP), "Shop", "Requests use up what it has")
    assert (flood.likelihood, flood.impact, flood.score, flood.severity, flood.status) == (5, 5, 25, "critical", "open")
    stopped = one_of(model_of(replace(SHOP, limits=True)), "Shop", "Requests use up what it has")
    assert (stopped.likelihood, stopped.score, stopped.severity, stopped.severity_bare, stopped.status) == (1, 5, "medium", "critical", "mitigated")


def test_half_of_the_controls_take_one_from_the_likelihood() -> None:
    posing = "A caller poses as somebody else"
    half = one_of(model_of(replace(SHOP, authenticates=True)), "Shop", posing)
    assert (half.likelihood, half.impact, half.status) == (4, 5, "partly"), "the impact is that of the base behind it"
    whole = one_of(model_of(replace(SHOP, authenticates=True), replace(BUY, authenticated=True)), "Shop", posing)
    assert (whole.likelihood, whole.status) == (1, "mitigated")


@pytest.mark.parametrize(("held", "count", "expected"), [(0, 1, 5), (1, 1, 1), (1, 2, 4), (1, 3, 5), (2, 3, 4), (3, 3, 1)])
def test_likelihood_counts_the_controls(held: int, count: int, expected: int) -> None:
    assert rating.likelihood(5, tuple(threats.Fact("peer", str(number), number < held) for number in range(count))) == expected


@pytest.mark.parametrize(
    ("score", "name"), [(1, "low"), (4, "low"), (5, "medium"), (9, "medium"), (10, "high"), (15, "high"), (16, "critical"), (25, "critical")]
)
def test_levels_are_those_of_the_risk_register(score: int, name: str) -> None:
    from credit_studio.tools.cyber import risk_register  # noqa: PLC0415 - only here

    assert rating.level(score) == name == risk_register.level(score)


def test_https_counts_as_encrypted_whatever_the_switch_says() -> None:
    secure = replace(BUY, protocol="https")
    read = one_of(model_of(SHOP, secure), secure.label, "Data is read on the way")
    assert (read.status, read.likelihood) == ("mitigated", 1)


def test_advice_names_the_technology_and_is_of_its_kind() -> None:
    output = model_of(SHOP)
    assert "pg_hba.conf" in one_of(output, "Base", "Data is changed past the application").mitigation
    assert "verify-full" in one_of(output, ROWS.label, "Data is read on the way").mitigation
    assert "ORM" in one_of(output, "Shop", "Input becomes part of a database query").mitigation
    unknown = model(USER, replace(SHOP, technology="Zorblax 9"), BASE)
    assert one_of(unknown, "Shop", "Requests use up what it has").mitigation.endswith(measures.MEASURES["limits"].do)


def test_a_mitigated_threat_says_how_to_check_it() -> None:
    output = model_of(replace(SHOP, limits=True))
    assert one_of(output, "Shop", "Requests use up what it has").mitigation.startswith("In place. To check: Send ten times the peak load")


def test_a_vault_beside_a_process_holds_its_credentials() -> None:
    leak = "Its credentials leak from image, variables or repository"
    signed = replace(ROWS, authenticated=True)
    without = model(USER, SHOP, BASE, flows=(BUY, signed))
    assert one_of(without, "Shop", leak).status == "open"
    vault = Component("Vault", "Inside", "store", "HashiCorp Vault")
    given_one = model(USER, SHOP, BASE, vault, flows=(BUY, signed, DataFlow("Password", "Shop", "Vault", authenticated=True)))
    assert one_of(given_one, "Shop", leak).status == "mitigated"


def test_the_first_step_takes_away_what_it_says() -> None:
    before = run(SMALL)
    step = before.steps[0]
    assert (step.place, step.control) == ("Shop", "limits load")
    after = run(replace(SMALL, components=(USER, replace(SHOP, limits=True), BASE)))
    assert sum(one.score for one in before.threats) - sum(one.score for one in after.threats) == step.gain


@pytest.mark.parametrize(
    ("text", "family", "product"),
    [
        ("PostgreSQL 16 on RDS", "relational", "postgresql"),
        ("Amazon S3", "object", "s3"),
        ("Microsoft SQL Server 2022", "relational", "sqlserver"),
        ("Azure Service Bus", "queue", "servicebus"),
        ("Node.js (Express)", "api", "node.js"),
        ("AWS Lambda", "function", "lambda"),
        ("Microsoft Active Directory", "identity", "ad"),
        ("EKS", "container", "kubernetes"),
        ("", "", ""),
        ("Zorblax", "", ""),
    ],
)
def test_technologies_are_recognised_by_their_words(text: str, family: str, product: str) -> None:
    assert (recognise(text).family, recognise(text).product) == (family, product)


def test_advice_is_written_for_things_that_are_recognised() -> None:
    words = {word for names in FAMILIES.values() for word in names}
    products = {PRODUCTS.get(word, word) for word in words} | {"sqlserver"}
    assert set(measures._BY_TECHNOLOGY) <= set(FAMILIES) | products | {"postgresql"}
    assert {key for known in measures._BY_TECHNOLOGY.values() for key in known} <= set(measures.MEASURES)


def test_references_have_the_form_of_mitre() -> None:
    form = re.compile(r"CWE-\d+|CAPEC-\d+|T\d{4}(\.\d{3})?|OWASP API\d+:2023")
    listed = [*threats.EXTERNAL, *threats.PROCESS, *threats.STORE]
    assert all(form.fullmatch(one) for pattern in listed for one in pattern.references)
    assert all(form.fullmatch(one) for references in threats.FLOW_REFERENCES.values() for one in references)
    assert len({(one.letter, one.title) for one in listed}) == len(listed)


DRAGON = json.loads((SAMPLES / "threat-dragon.schema.json").read_text())
"""What Threat Dragon 2 requires of a model, written down from its published schema."""


@pytest.mark.parametrize("inputs", [EXAMPLE, SMALL], ids=["example", "small"])
def test_the_export_is_a_threat_dragon_model_of_the_same_things(inputs: ThreatInputs) -> None:
    output = drawn(inputs)
    given_model = json.loads(output.dragon)
    jsonschema.validate(given_model, DRAGON)
    cells = given_model["detail"]["diagrams"][0]["cells"]
    ids = {cell["id"] for cell in cells}
    assert len(ids) == len(cells)
    ends = {cell[end]["cell"] for cell in cells for end in ("source", "target") if end in cell}
    assert ends <= ids
    told = sorted(one["number"] for cell in cells for one in cell["data"].get("threats", ()))
    assert told == list(range(1, len(output.threats) + 1))
    assert given_model["detail"]["threatTop"] == len(output.threats)
    boxes = [cell for cell in cells if cell["shape"] == "trust-boundary-box"]
    for component in (cell for cell in cells if cell["shape"] in {"actor", "process", "store"}):
        assert sum(_is_inside(component, box) for box in boxes) == 1, "each component stands in one zone's box"


def _is_inside(cell: Any, box: Any) -> bool:
    return all(box["position"][axis] <= cell["position"][axis] <= box["position"][axis] + box["size"][side] for axis, side in (("x", "width"), ("y", "height")))


@pytest.mark.parametrize(
    ("name", "counts", "first", "told"),
    [
        ("bank", (55, 45), "API gateway validates input", ("API gateway", "It is made to fetch an internal address")),
        ("telemetry", (44, 2), "Broker limits load", ("Broker", "A forged message is put into the queue")),
        ("pipeline", (36, 16), "Cluster limits load", ("Builder", "Code or build steps are changed on their way")),
    ],
)
def test_other_systems_are_modelled_too(name: str, counts: tuple[int, int], first: str, told: tuple[str, str]) -> None:
    output = drawn(validation.parse(TOOL, json.loads((SAMPLES / f"threats-{name}.json").read_text())))
    assert (len(output.threats), sum(one.status == "mitigated" for one in output.threats)) == counts
    assert f"{output.steps[0].place} {output.steps[0].control}" == first
    assert told[1] in titles(output, told[0])


def test_the_example_finds_its_open_flank() -> None:
    output = drawn(EXAMPLE)
    worst = [one for one in output.threats if one.severity == "critical"]
    assert {("Payment provider", "Somebody poses as this party"), ("Web shop", "Requests use up what it has")} <= {(one.element, one.title) for one in worst}
    assert output.crossings == 7
    assert one_of(output, "Order API", "Input becomes part of a database query").status == "mitigated"


def test_the_report_tells_each_threat_once_and_escapes_names() -> None:
    evil = "<b>[x](http://a)|`*_"
    output = drawn(ThreatInputs("# a | b", ZONES, (USER, replace(SHOP, name=evil), BASE), (replace(BUY, target=evil), replace(ROWS, source=evil))))
    assert output.report.startswith("# Threat model: \\# a \\| b\n")
    assert not re.search(r"(?<!\\)<b", output.report)
    assert not re.search(r"(?<!\\)\]\(", output.report)
    for one in output.threats:
        assert output.report.count(f"**{one.id} ") == 1


def test_a_table_row_of_the_report_has_as_many_cells_as_its_head() -> None:
    lines = [line for line in run(EXAMPLE).report.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {8}


ROW_A = {"name": "A", "zone": "Z", "kind": "process"}
GOOD = {"system": "S", "zones": [{"name": "Z", "trust": 5}], "components": [ROW_A], "flows": []}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zones": [{"name": "Z", "trust": 5}, {"name": "z", "trust": 6}]}, "zones.1.name"),
        ({"components": [ROW_A, {**ROW_A, "name": "a"}]}, "components.1.name"),
        ({"components": [{**ROW_A, "zone": "Y"}]}, "components.0.zone"),
        ({"components": [{**ROW_A, "name": " "}]}, "components.0.name"),
        ({"components": [{**ROW_A, "technology": "a\x00"}]}, "components.0.technology"),
        ({"flows": [{"name": "f", "source": "B", "target": "A"}]}, "flows.0.source"),
        ({"flows": [{"name": "f", "source": "A", "target": "B"}]}, "flows.0.target"),
        ({"flows": [{"name": "f", "source": "A", "target": "A"}] * 2}, "flows.1.name"),
        ({"components": [ROW_A, {**ROW_A, "name": "f, A to A"}], "flows": [{"name": "f", "source": "A", "target": "A"}]}, "flows.0.name"),
        ({"zones": [{"name": "Z", "trust": 11}]}, "zones.0.trust"),
        ({"system": "a\nb"}, "system"),
        ({"components": []}, "components"),
        ({"components": [{**ROW_A, "name": "x" * 25}]}, "components.0.name"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, GOOD | change)
    assert refused.value.errors[0].field == field


def test_an_unknown_zone_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(InputError, match=r"There is no zone 'Nowhere'\. Known: Outside, Front, Inside\."):
        ThreatInputs("S", ZONES, (replace(SHOP, zone="Nowhere"),))


def test_the_largest_model_fits_its_limits() -> None:
    wide = "\U0001f4a9" * 21
    zones = tuple(TrustZone(f"Z{number}{wide}", number % 11) for number in range(12))
    technology = ["Django"] * 16 + ["PostgreSQL", "S3 bucket", "RabbitMQ"] * 3
    components = tuple(
        Component(f"C{number}{wide}", zones[number % 12].name, "process" if number < 16 else "store", technology[number], "restricted", critical=True)
        for number in range(25)
    )
    flows = tuple(
        DataFlow(
            f"F{number}{wide}", components[number % 16].name, components[(number + 1) % 16 if number >= 32 else 16 + number * 5 % 9].name, "http", "restricted"
        )
        for number in range(50)
    )
    assert len(drawn(ThreatInputs("x" * 80, zones, components, flows)).threats) > 250


@st.composite
def systems(draw: st.DrawFn) -> ThreatInputs:
    zones = tuple(TrustZone(f"z{number}", draw(st.integers(0, 10))) for number in range(draw(st.integers(1, 4))))
    technology = st.sampled_from(["", "Django", "PostgreSQL", "S3", "Kafka", "Splunk", "Kubernetes", "Jenkins", "Vault", "Redis", "MongoDB", "Keycloak"])
    kinds: st.SearchStrategy[Any] = st.sampled_from(["external", "process", "store"])
    data: st.SearchStrategy[Any] = st.sampled_from(["public", "internal", "confidential", "restricted"])
    components = tuple(
        Component(f"c{number}", draw(st.sampled_from(zones)).name, draw(kinds), draw(technology), draw(data), *draw(st.tuples(*[st.booleans()] * 8)))
        for number in range(draw(st.integers(1, 6)))
    )
    ends = st.sampled_from(components)
    protocol: st.SearchStrategy[Any] = st.sampled_from(["https", "http", "sql", "message", "local", "smtp", "other"])
    flows = tuple(
        DataFlow(f"f{number}", draw(ends).name, draw(ends).name, draw(protocol), draw(data), draw(st.booleans()), draw(st.booleans()))
        for number in range(draw(st.integers(0, 8)))
    )
    return ThreatInputs("s", zones, components, flows)


@given(systems())
@settings(max_examples=60, deadline=None)
def test_any_drawing_gives_a_model_that_can_be_drawn(inputs: ThreatInputs) -> None:
    output = drawn(inputs)
    jsonschema.validate(json.loads(output.dragon), DRAGON)
    assert all(one.score == one.likelihood * one.impact and one.severity == rating.level(one.score) for one in output.threats)
    assert sorted(int(one.id[1:]) for one in output.threats) == list(range(1, len(output.threats) + 1))


@given(systems(), st.sampled_from(CONTROLS))
@settings(max_examples=60, deadline=None)
def test_a_control_makes_no_threat_worse(inputs: ThreatInputs, control: str) -> None:
    # The sign-in of a process makes guessing at it plausible: that threat is not there without one.
    guessing = "Passwords are guessed, sprayed or stuffed"
    with_it = replace(inputs, components=(replace(inputs.components[0], **{control: True}), *inputs.components[1:]))
    before = {(one.element, one.title): one.score for one in run(inputs).threats}
    after = {(one.element, one.title): one.score for one in run(with_it).threats if one.title != guessing}
    assert all(after[key] <= before[key] for key in after)


def test_units_grow_with_the_drawing() -> None:
    assert TOOL.cost is not None
    assert TOOL.cost.units(SMALL) < TOOL.cost.units(EXAMPLE)
    assert TOOL.cost.describe(SMALL) == "3 components, 2 flows"
