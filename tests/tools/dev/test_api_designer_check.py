import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError
from credit_studio.tools.dev import api_designer as designer
from credit_studio.tools.dev.api_designer import TOOL, Inputs, Output, present, run
from credit_studio.tools.dev.openapi import checking, reading
from credit_studio.ui.local_run import modules

SAMPLES = Path(__file__).with_name("samples")
assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example


def document() -> dict[str, Any]:
    return json.loads(run(EXAMPLE).openapi_json)


def check(spec: str) -> checking.Check:
    found = run(Inputs(title="x", spec=spec)).check
    assert found is not None
    return found


def rules(spec: str) -> Counter[str]:
    return Counter(one.rule for one in check(spec).found)


def test_a_faulty_specification_gets_each_fault_where_it_stands() -> None:
    text = (SAMPLES / "petstore.yaml").read_text()
    found = check(text)
    assert (found.version, found.operations, found.schemas, found.is_valid) == ("3.0.3", 4, 4, False)
    assert {one.rule: count for one, count in [(one, rules(text)[one.rule]) for one in found.found]} == {
        "oas3-schema": 1,  # 3.0: the path parameter that is not required
        "invalid-ref": 1,
        "operation-operationId-unique": 1,
        "operation-parameters-unique": 1,
        "path-params": 3,
        "path-keys-unique": 1,
        "oas3-operation-security-defined": 1,
        "path-keys-no-trailing-slash": 1,
        "operation-success-response": 1,
        "operation-4xx-response": 2,
        "operation-operationId-valid-in-url": 1,
        "operation-description": 1,
        "operation-tags": 2,
        "operation-tag-defined": 2,
        "request-body-without-meaning": 1,
        "write-without-security": 2,
        "no-$ref-siblings": 1,
        "oas3-unused-component": 2,
        "oas3-server-trailing-slash": 1,
        "server-https": 1,
        "oas3-server-not-example.com": 1,
        "info-description": 1,
        "info-contact": 1,
        "array-items": 1,
        "typed-enum": 1,
        "duplicated-entry-in-enum": 1,
        "required-property-defined": 1,
        "no-script-tags-in-markdown": 1,
        "oas3-parameter-description": 1,
        "external-ref": 1,
    }
    where = {one.rule: one.where for one in found.found}
    line = 1 + text[: text.index("toys:")].count("\n")
    assert where["array-items"] == f"line {line}: $.components.schemas.Pet.properties.toys"
    assert where["path-keys-no-trailing-slash"] == "line 9: $.paths['/pets/']"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda spec: spec["info"].pop("title"), "oas3-schema"),
        (lambda spec: spec["paths"]["/books"]["get"].update(responses={"200": {}}), "oas3-schema"),
        (lambda spec: spec["components"]["schemas"]["Book"].update(type="strnig"), "oas3-schema"),
        (lambda spec: spec["components"]["schemas"]["Book"]["properties"]["isbn"].update(minLength=-1), "oas3-schema"),
        (lambda spec: spec["paths"].update({"/x/{}": {}}), "path-declarations-must-exist"),
        (lambda spec: spec["paths"].update({"/x?y=1": {}}), "path-not-include-query"),
        (lambda spec: spec.pop("servers"), "oas3-api-servers"),
        (lambda spec: spec["servers"][0].update(url="https://{region}.shop.example"), "oas3-server-variables"),
        (lambda spec: spec["tags"].append(spec["tags"][0]), "openapi-tags-uniqueness"),
        (lambda spec: spec["tags"][0].pop("description"), "tag-description"),
        (lambda spec: spec["paths"]["/books"]["get"].pop("operationId"), "operation-operationId"),
        (lambda spec: spec["paths"]["/books/{bookId}"].pop("parameters"), "path-params"),
    ],
)
def test_a_change_for_the_worse_is_found(change: Any, rule: str) -> None:
    spec = document()
    assert rules(json.dumps(spec)) == Counter()
    change(spec)
    assert rule in rules(json.dumps(spec))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "get",
                        "$ref",
                        "schema",
                        "schemas",
                        "parameters",
                        "enum",
                        "required",
                        "properties",
                        "name",
                        "in",
                        "tags",
                        "security",
                        "url",
                        "type",
                        "items",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.sampled_from(["3.0.3", "3.1.0", "3.2.0"]),
)
@settings(max_examples=150, deadline=None)
def test_a_document_of_any_shape_is_checked_without_a_fault_of_ours(value: Any, version: str) -> None:
    parts = ("info", "servers", "tags", "security", "components")
    spec = {"openapi": version, "paths": {"/a/{b}": value}, **dict.fromkeys(parts, value), "webhooks": value}
    assert check(json.dumps(spec)).total > 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "Line 2, column 1"),
        ("a: [1, 2\nb: 3", "Line 2"),
        ("just text", "no OpenAPI document"),
        ("[1, 2]", "no OpenAPI document"),
        ("swagger: '2.0'", "Swagger 2.0"),
        ("openapi: 4.0.0", "not known"),
        ("openapi: 3.1", "no OpenAPI document"),
        ("openapi: 3.1.0\n---\nopenapi: 3.1.0", "second document"),
        ("openapi: 3.1.0\n? [a]\n: b", "key must be a text"),
        ("[" * 100_000, "levels deep"),
        ("- " * 100_000, "levels deep"),
        ('{"a":' * 5_000, "levels deep"),
        (
            "a: &a [" + ",".join("x" * 9) + "]\n" + "\n".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
            "more than",
        ),
        ("openapi: 3.1.0\nx: [" + "1," * 60_000 + "]", "more than"),
        ("a\x00b", "Character 2"),
    ],
)
def test_a_text_that_is_no_specification_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        check(text)
    assert refused.value.field == "spec"
    assert said in refused.value.message


def test_yaml_is_read_as_the_core_schema_has_it_and_a_double_key_is_found() -> None:
    text = "openapi: 3.1.0\na: no\nb: 2024-01-01\nc: 0x1f\nd: 1e3\ne: ~\nf: 'true'\ng: TRUE\nh: &h {x: 1}\ni: *h\na: 012\n"
    source = reading.read(text, "spec")
    assert source.data == {
        "openapi": "3.1.0",
        "a": 12,
        "b": "2024-01-01",
        "c": "0x1f",
        "d": 1000.0,
        "e": None,
        "f": "true",
        "g": True,
        "h": {"x": 1},
        "i": {"x": 1},
    }
    assert source.doubles == [("a",)]
    assert source.line(("h", "x")) == 9
    assert rules(text)["duplicate-key"] == 1


def test_json_with_escapes_that_yaml_lacks_is_read() -> None:
    assert reading.read('{"a": "x\\/y \\ud83d\\ude00"}', "spec").data == {"a": "x/y \U0001f600"}


def test_faults_of_one_kind_are_cut_and_counted() -> None:
    spec = document()
    spec["paths"] |= {f"/x{number}/": {} for number in range(100)}
    found = check(json.dumps(spec))
    assert found.total == 100
    assert len(found.found) == checking.MOST_OF_ONE_RULE
    assert found.found[-1].message.endswith("at 75 more places.")


def test_nothing_outside_of_the_text_is_read(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}")
    spec = document()
    spec["components"]["schemas"]["Book"]["properties"]["x"] = {"$ref": other.as_uri()}
    assert rules(json.dumps(spec)) == Counter({"external-ref": 1})


def test_the_browser_says_that_it_has_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(designer, "_checking", lambda: None)
    output = run(replace(EXAMPLE, spec="openapi: 3.1.0"))
    assert output.check is None
    assert any(isinstance(block, blocks.Note) and block.title == "Not checked" for block in present(output))
    only = present(run(Inputs(title="x", spec="openapi: 3.1.0")))
    assert isinstance(only[0], blocks.KeyFigures)


def test_the_check_is_not_packed_for_the_browser() -> None:
    packed = modules.closure({designer.__name__})
    assert checking.__name__ not in packed
    assert "credit_studio.tools.dev.openapi.document" in packed


def test_the_blocks_of_a_check_alone_begin_with_its_verdict() -> None:
    output: Output = run(Inputs(title="x", spec=(SAMPLES / "petstore.yaml").read_text()))
    figures, verdict, findings = present(output)
    assert isinstance(figures, blocks.KeyFigures)
    assert [figure.value for figure in figures.figures] == ["No", "37", "4", "4"]
    assert isinstance(verdict, blocks.Note)
    assert verdict.tone == "bad"
    assert isinstance(findings, blocks.Findings)
    assert next(finding.severity for finding in findings.findings) == "high"
