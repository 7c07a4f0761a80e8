import json
import re
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from ruamel.yaml import YAML

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.dev.api_designer import TOOL, Inputs, present, run
from credit_studio.tools.dev.openapi.design import TYPES, Field, Resource, entities, in_words, plural
from credit_studio.tools.dev.openapi.yaml_text import to_yaml

SAMPLES = Path(__file__).with_name("samples")
assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example

CLINIC = Inputs(
    title="Clinic",
    resources=(
        Resource("Patient", can_delete=False),
        Resource("Practice", path="surgeries", can_create=False, can_update=False, can_delete=False),
        Resource("Visit", "Patient", description="An appointment that was kept.", can_replace=True),
        Resource("Test result", "Visit", can_update=False),
    ),
    fields=(
        Field("Patient", "fullName", required=True, range="2..80"),
        Field("Patient", "date_of_birth", "date", required=True),
        Field("patient", "nhs-number", required=True, range="10..10", access="read"),
        Field("Practice", "name", required=True, can_filter=True),
        Field("Practice", "website", "uri"),
        Field("Visit", "at", "date-time", required=True),
        Field("Visit", "practice", "reference", required=True, values="Practice", can_filter=True),
        Field("Visit", "patientId", "string", access="read"),
        Field("Test result", "value", "number", required=True, range="-2.5..1.25"),
        Field("Test result", "details", "object"),
        Field("Test result", "flags", "enum", is_list=True, values="high, low"),
        Field("Test result", "deviceId", "uuid"),
    ),
    ids="integer",
    paging="cursor",
    auth="basic",
    seed=1,
)
SENSORS = Inputs(
    title="Sensors: rev. \"B\" & 'C'",
    description="Line one\nline two: # not a comment",
    resources=(
        Resource("Device", can_create=False, can_update=False, can_delete=False, can_get=False),
        Resource("Reading", can_list=False, can_get=False, can_update=False, can_delete=False),
        Resource("Group"),
    ),
    fields=(
        Field("Device", "serial", required=True, range="500..500"),
        Field("Device", "kind", "enum", required=True, values="yes, no, null, 1.0, on"),
        Field("Reading", "celsius", "number", range="1000.."),
        Field("Reading", "ok", "boolean", required=True),
        Field("Group", "parentGroup", "reference", values="Group"),
        Field("Group", "members", "reference", values="Device", is_list=True, required=True),
        Field("Group", "level", "integer", range="..-5"),
    ),
    auth="none",
    paging="none",
    ids="string",
    mock_count=25,
)
KEYS = replace(EXAMPLE, auth="api_key", paging="offset", public_reads=True, contact="", description="", mock_count=1)
ALL = pytest.mark.parametrize("inputs", [EXAMPLE, CLINIC, SENSORS, KEYS], ids=["example", "clinic", "sensors", "keys"])


def document(inputs: Inputs) -> dict[str, Any]:
    return json.loads(run(inputs).openapi_json)


@ALL
def test_the_document_is_valid_and_free_of_findings_by_our_own_rules(inputs: Inputs) -> None:
    output = run(inputs)
    made = json.loads(output.openapi_json)
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []
    for name, schema in made["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", name
    found = run(Inputs(title="x", spec=output.openapi_yaml)).check
    assert found is not None
    of_the_design = {"info-contact", "oas3-server-not-example.com", "info-description", "write-without-security" if inputs.auth == "none" else ""}
    assert {one.rule for one in found.found} <= of_the_design


@ALL
def test_yaml_and_json_are_the_same_document(inputs: Inputs) -> None:
    output = run(inputs)
    assert yaml.safe_load(output.openapi_yaml) == json.loads(output.openapi_json)
    assert YAML(typ="safe", pure=True).load(output.openapi_yaml) == json.loads(output.openapi_json)


@ALL
def test_mock_records_fit_their_schemas(inputs: Inputs) -> None:
    made, data = document(inputs), json.loads(run(inputs).mock_json)
    for one in entities(inputs.resources, inputs.fields):
        records = data[one.key]
        assert len(records) == inputs.mock_count
        assert len({record["id"] for record in records}) == len(records)
        if one.name in made["components"]["schemas"]:
            validator = _validator(made, one.name)
            assert [error.message for record in records for error in validator.iter_errors(record)] == []


def _validator(made: dict[str, Any], name: str) -> Any:
    checker = jsonschema.FormatChecker(["date", "email", "uuid", "ipv4"])
    return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": made["components"]}, format_checker=checker)


@ALL
def test_references_of_mock_records_lead_to_records(inputs: Inputs) -> None:
    data = json.loads(run(inputs).mock_json)
    made = entities(inputs.resources, inputs.fields)
    ids = {one.name: {record["id"] for record in data[one.key]} for one in made}
    for one in made:
        for record in data[one.key]:
            for name, target in one.refers.items():
                values = record.get(name, [])
                assert set(values if isinstance(values, list) else [values]) <= ids[target]


@ALL
def test_every_curl_command_is_one_that_its_operation_takes(inputs: Inputs) -> None:
    made, output = document(inputs), run(inputs)
    commands = [block.partition("\n")[2] for block in output.curl.split("\n# ")[1:] if "curl" in block]
    assert len(commands) == len(output.operations)
    for command, row in zip(commands, output.operations, strict=True):
        parts = shlex.split(command.replace("\\\n", " "))
        assert parts[:3] == ["curl", "--request", row.method]
        path, _, query = parts[3].removeprefix("$BASE_URL").partition("?")
        assert re.fullmatch(re.sub(r"\{\w+\}", "[A-Za-z0-9-]+", row.path), path)
        operation = made["paths"][row.path][row.method.lower()]
        assert ("--user" in parts or any("$TOKEN" in part or "$API_KEY" in part for part in parts)) == (row.auth != "None")
        _check_query(made, operation, query)
        _check_body(made, operation, parts)


def _check_query(made: dict[str, Any], operation: dict[str, Any], query: str) -> None:
    known = {
        made["components"]["parameters"][one["$ref"].rpartition("/")[2]]["name"] if "$ref" in one else one["name"] for one in operation.get("parameters", [])
    }
    assert {part.partition("=")[0] for part in query.split("&") if part} <= known


def _check_body(made: dict[str, Any], operation: dict[str, Any], parts: list[str]) -> None:
    assert ("requestBody" in operation) == ("--data" in parts)
    if "requestBody" in operation:
        ((kind, media),) = operation["requestBody"]["content"].items()
        assert f"Content-Type: {kind}" in parts
        body = json.loads(parts[parts.index("--data") + 1])
        assert list(_validator(made, media["schema"]["$ref"].rpartition("/")[2]).iter_errors(body)) == []


def test_the_script_of_commands_is_read_by_the_shell() -> None:
    script = run(EXAMPLE).curl
    assert subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=False, capture_output=True).stderr == ""


def test_the_paths_of_a_nested_resource_stand_under_its_parents() -> None:
    made = document(CLINIC)
    assert "/patients/{patientId}/visits/{visitId}/test-results/{testResultId}" in made["paths"]
    names = [one["name"] for one in made["paths"]["/patients/{patientId}/visits/{visitId}"]["parameters"]]
    assert names == ["patientId", "visitId"]
    assert "/surgeries/{practiceId}" in made["paths"]
    assert made["components"]["schemas"]["TestResult"]["properties"]["visitId"]["readOnly"] is True


def test_what_the_server_sets_is_sent_back_and_not_taken_and_a_password_the_other_way_round() -> None:
    schemas = document(EXAMPLE)["components"]["schemas"]
    assert "joinedAt" in schemas["Customer"]["properties"]
    assert "joinedAt" not in schemas["CustomerInput"]["properties"]
    assert "password" not in schemas["Customer"]["properties"]
    assert schemas["CustomerInput"]["properties"]["password"]["writeOnly"] is True
    assert "password" in schemas["CustomerInput"]["required"]
    assert "password" not in run(EXAMPLE).mock_json


def test_a_patch_needs_no_field_and_takes_null_for_what_is_optional() -> None:
    patch = document(EXAMPLE)["components"]["schemas"]["BookPatch"]
    assert "required" not in patch
    assert patch["properties"]["published"]["type"] == ["string", "null"]
    assert patch["properties"]["title"]["type"] == "string"


def test_security_holds_for_all_but_public_reads() -> None:
    made = document(KEYS)
    assert made["security"] == [{"apiKeyAuth": []}]
    assert made["paths"]["/books"]["get"]["security"] == []
    assert "security" not in made["paths"]["/books"]["post"]
    assert "401" not in made["paths"]["/books"]["get"]["responses"]


def test_the_same_seed_gives_the_same_records_and_another_one_others() -> None:
    assert run(EXAMPLE).mock_json == run(EXAMPLE).mock_json
    assert run(EXAMPLE).mock_json != run(replace(EXAMPLE, seed=8)).mock_json


def test_an_isbn_has_its_check_digit_and_a_customer_the_address_of_its_name() -> None:
    data = json.loads(run(EXAMPLE).mock_json)
    for book in data["books"]:
        assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(book["isbn"])) % 10 == 0
    for customer in data["customers"]:
        assert customer["email"] == f"{customer['name'].replace(' ', '.').lower()}@example.com"


def test_the_output_is_what_it_was() -> None:
    output = run(EXAMPLE)
    assert (output.resources, len(output.operations), output.schemas, output.mock_records) == (5, 23, 20, 25)
    assert [(edge.source, edge.target, edge.label) for edge in output.picture.edges] == [
        ("OrderLine", "Order", "part of"),
        ("Book", "Author", "authors"),
        ("Order", "Customer", "customer"),
        ("OrderLine", "Book", "book"),
    ]
    assert [node.column for node in output.picture.nodes] == [2, 1, 2, 1, 0]


def test_resources_that_refer_to_each_other_in_a_circle_are_drawn() -> None:
    fields = (Field("A", "b", "reference", values="B"), Field("B", "a", "reference", values="A"))
    picture = run(Inputs(title="x", resources=(Resource("A"), Resource("B")), fields=fields)).picture
    assert len(picture.edges) == 2
    assert sorted(node.column for node in picture.nodes) == [0, 1]


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("book", "books"),
        ("category", "categories"),
        ("day", "days"),
        ("box", "boxes"),
        ("person", "people"),
        ("order line", "order lines"),
        ("series", "series"),
    ],
)
def test_nouns_have_their_plural(one: str, many: str) -> None:
    assert plural(one) == many


def test_names_are_read_in_words() -> None:
    assert {in_words(name) for name in ("OrderLine", "order_line", "order line", "Order-Line")} == {"order line"}
    assert in_words("HTTPServer") == "http server"


# --- inputs -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"resources": (), "fields": ()}, "resources"),
        ({"server": "https://api.example.com/"}, "server"),
        ({"server": "ftp://api.example.com"}, "server"),
        ({"server": 'https://x";rm -rf /'}, "server"),
        ({"contact": "nobody"}, "contact"),
        ({"title": "a\x00b"}, "title"),
        ({"resources": (Resource("1x"),), "fields": ()}, "resources.0.name"),
        ({"resources": (Resource("Book"), Resource("book")), "fields": ()}, "resources.1.name"),
        ({"resources": (Resource("Book"), Resource("BookPage")), "fields": ()}, "resources.1.name"),
        ({"resources": (Resource("Problem"),), "fields": ()}, "resources.0.name"),
        ({"resources": (Resource("A", path="x"), Resource("B", path="x")), "fields": ()}, "resources.1.path"),
        ({"resources": (Resource("A", path="a/b"),), "fields": ()}, "resources.0.path"),
        ({"resources": (Resource("A", "C"),), "fields": ()}, "resources.0.parent"),
        ({"resources": (Resource("A", "B"), Resource("B", "A")), "fields": ()}, "resources.0.parent"),
        (
            {"resources": (Resource("A", can_list=False, can_create=False, can_get=False, can_update=False, can_delete=False),), "fields": ()},
            "resources.0.canList",
        ),
        ({"fields": (Field("Nothing", "x"),)}, "fields.0.resource"),
        ({"fields": (Field("Book", "a b"),)}, "fields.0.name"),
        ({"fields": (Field("Book", "id"),)}, "fields.0.name"),
        ({"fields": (Field("Book", "x"), Field("Book", "x"))}, "fields.1.name"),
        ({"fields": (Field("Book", "x", "reference"),)}, "fields.0.values"),
        ({"fields": (Field("Book", "x", "enum", values="a, a"),)}, "fields.0.values"),
        ({"fields": (Field("Book", "x", values="a"),)}, "fields.0.values"),
        ({"fields": (Field("Book", "x", "object", can_filter=True),)}, "fields.0.canFilter"),
        ({"fields": (Field("Book", "x", "date", range="1.."),)}, "fields.0.range"),
        ({"fields": (Field("Book", "x", range="many"),)}, "fields.0.range"),
        ({"fields": (Field("Book", "x", range=".."),)}, "fields.0.range"),
        ({"fields": (Field("Book", "x", "integer", range="..1.5"),)}, "fields.0.range"),
        ({"fields": (Field("Book", "x", range="-1.."),)}, "fields.0.range"),
        ({"fields": (Field("Book", "x", range="501.."),)}, "fields.0.range"),
        ({"fields": (Field("Book", "x", range="5..4"),)}, "fields.0.range"),
    ],
)
def test_what_does_not_fit_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        replace(EXAMPLE, **change)
    assert refused.value.field == field
    assert refused.value.message.endswith(".")


def test_a_design_that_fills_more_than_a_result_is_refused() -> None:
    fields = tuple(Field("Thing", f"field{number}", range="500..", is_list=True, description="x" * 150, required=True) for number in range(150))
    with pytest.raises(InputError) as refused:
        run(
            Inputs(
                title="x",
                resources=(Resource("Thing"), *(Resource(f"T{number}", description="y" * 200, can_replace=True) for number in range(14))),
                fields=tuple(
                    replace(field, values=",".join(f"{k}" for k in range(120)), type="enum", range="", can_filter=True, is_list=False) for field in fields
                ),
            )
        )
    assert refused.value.field == "fields"


def test_the_largest_sensible_design_fits_the_output() -> None:
    resources = tuple(Resource(f"Thing{number}", description="What it is.", can_replace=True) for number in range(15))
    fields = tuple(Field(f"Thing{number % 15}", f"someName{number}", required=True, description="What this field means to us.") for number in range(150))
    output = run(Inputs(title="x", resources=resources, fields=fields, mock_count=25))
    assert _size(jsonable(output)) < TOOL.limits.output_bytes
    assert _size(blocks.to_json(present(output))) < TOOL.limits.output_bytes


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode())


KINDS = st.sampled_from([kind for kind, _ in TYPES if kind not in {"enum", "reference"}])


@given(
    st.lists(st.tuples(KINDS, st.booleans(), st.booleans(), st.integers(0, 300), st.integers(0, 300)), min_size=1, max_size=6),
    st.integers(0, 99),
    st.sampled_from(["uuid", "integer", "string"]),
)
@settings(max_examples=60, deadline=None)
def test_mock_records_of_any_bounds_fit(kinds: list[tuple[Any, bool, bool, int, int]], seed: int, ids: Any) -> None:
    fields = tuple(
        Field(
            "Thing",
            f"{name}{at}",
            kind,
            is_list=many,
            required=needed,
            range=f"{min(a, b)}..{max(a, b) or ''}" if kind in {"string", "integer", "number"} else "",
        )
        for at, ((kind, many, needed, a, b), name) in enumerate(zip(kinds, ["price_", "name_", "email_", "code_", "x_", "note_"], strict=False))
    )
    inputs = Inputs(title="x", resources=(Resource("Thing"),), fields=fields, seed=seed, ids=ids)
    validator, records = _validator(document(inputs), "Thing"), json.loads(run(inputs).mock_json)["things"]
    assert [error.message for record in records for error in validator.iter_errors(record)] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_yaml_text_is_read_back_as_it_was(value: Any) -> None:
    text = to_yaml(value)
    assert _same(yaml.safe_load(text), value)


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)
