import csv
import io
import json
import statistics
import time
import urllib.parse
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.data import catalog
from credit_studio.tools.data.catalog import CatalogInputs, CatalogOutput
from credit_studio.tools.data.inventory import definitions, exports
from credit_studio.tools.data.inventory.entries import CatalogColumn
from credit_studio.tools.data.inventory.wording import describe, entity
from tests.contracts import drawing, shapes

SAMPLES = Path(__file__).with_name("samples")
EXAMPLE = catalog.TOOL.example or CatalogInputs("a\n1\n")
PROFILE = json.loads((SAMPLES / "tabular-data-package.schema.json").read_text())


def sample(name: str) -> str:
    return (SAMPLES / name).read_text()


def build(text: str, name: str = "data", **more: object) -> CatalogOutput:
    """The catalogue of one text, its blocks and exports checked on the way."""
    return checked(replace(CatalogInputs(text, name), **more))  # type: ignore[arg-type]


def checked(inputs: CatalogInputs) -> CatalogOutput:
    output = catalog.run(inputs)
    json.dumps(jsonable(output), allow_nan=False)
    made = catalog.present(output)
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    assert [fault for block in made for fault in drawing.faults(block)] == []
    jsonschema.validate(json.loads(exports.frictionless(output)), PROFILE)
    return output


def field_or_columns(text: str) -> bool:
    """True for a catalogue with columns, and for a refusal that names the field."""
    try:
        return bool(build(text).columns)
    except InputError as error:
        return error.field == "data1"


def column(output: CatalogOutput, name: str, dataset: str = "") -> CatalogColumn:
    return next(one for one in output.columns if one.name == name and dataset in ("", one.dataset))


def tags(output: CatalogOutput) -> dict[str, str]:
    return {one.name: one.personal[0].kind for one in output.columns if one.personal}


def test_statistics_are_those_of_the_standard_library() -> None:
    output = build(sample("iris.csv"), "iris")
    rows = list(csv.DictReader(io.StringIO(sample("iris.csv"))))
    for name in ("sepal_length", "petal_width"):
        numbers, one = [float(row[name]) for row in rows], column(output, name)
        assert (one.type, one.rows, one.filled, one.distinct) == ("number", len(rows), len(rows), len(set(numbers)))
        assert (one.minimum, one.maximum) == (min(numbers), max(numbers))
        assert one.mean == pytest.approx(statistics.fmean(numbers))
        assert one.deviation == pytest.approx(statistics.pstdev(numbers))
        assert one.median == statistics.median_low(numbers)
    assert column(output, "species").common[0].count == sum(1 for row in rows if row["species"] == column(output, "species").common[0].value)
    assert tags(output) == {}


def test_hospital_admissions_show_health_and_identity_and_no_cell_of_them() -> None:
    output = build(sample("admissions.csv"), "admissions")
    found = tags(output)
    expected = {
        "patient_id": "customer_reference",
        "nhs_number": "uk_nhs_number",
        "patient_name": "person_name",
        "dob": "date_of_birth",
        "sex": "gender",
        "ethnicity": "ethnicity",
        "postcode": "uk_postcode",
        "diagnosis": "health",
    }
    assert {name: found.get(name) for name in expected} == expected
    assert not {"ward", "los_days", "admitted_on"} & set(found)
    assert column(output, "diagnosis").personal[0].law == "special"
    told = json.dumps(jsonable(output)) + json.dumps(blocks.to_json(catalog.present(output)))
    for row in csv.DictReader(io.StringIO(sample("admissions.csv"))):
        for name in expected:
            assert len(row[name]) < 3 or f'"{row[name]}"' not in told
        assert row["nhs_number"] not in told
        assert row["patient_name"] not in told
    assert output.datasets[0].key == ("patient_id",)


def test_nested_events_become_data_sets_of_their_own() -> None:
    output = build(sample("web-events.jsonl"), "events")
    events = [json.loads(line) for line in sample("web-events.jsonl").splitlines()]
    items = [item for event in events for item in event["items"]]
    assert {one.name: one.rows for one in output.datasets} == {"events": 30, "events.items": len(items), "events.tags": 15}
    assert next(one for one in output.datasets if one.name == "events.items").part_of == "events"
    assert column(output, "event_id").type == "uuid"
    assert column(output, "occurred_at").type == "date and time"
    assert (column(output, "position.lat").filled, column(output, "user.id").type) == (10, "integer")
    assert tags(output)["user.ip"] == "ip_address"
    assert {"position.lat", "position.lon"} <= set(tags(output))


def test_definitions_give_keys_references_and_comments() -> None:
    output = build(sample("library.mysql.sql"), "x", dialect="mysql")
    assert [(one.name, one.rows, one.key) for one in output.datasets] == [
        ("authors", None, ("author_id",)),
        ("books", None, ("isbn",)),
        ("loans", None, ("loan_id",)),
        ("members", None, ("id",)),
    ]
    links = {(one.dataset, one.column, one.to_dataset, one.to_column): one.basis for one in output.links}
    assert links == {
        ("books", "author_id", "authors", "author_id"): "declared",
        ("loans", "isbn", "books", "isbn"): "declared",
        ("loans", "member_id", "members", "id"): "name",
    }
    assert column(output, "last_name").description == "As on the title page"
    assert output.datasets[0].description == "Who wrote"
    assert column(output, "price_gbp").description == "Price of the book, in pounds sterling."
    assert column(output, "is_returned").description == "Whether the loan is returned."
    assert tags(output)["trade_union"] == "union"
    package = json.loads(exports.frictionless(output))
    books = next(one for one in package["resources"] if one["name"] == "books")
    assert {one["name"]: one["type"] for one in books["schema"]["fields"]}["published_on"] == "date"
    assert books["schema"]["foreignKeys"] == [{"fields": "author_id", "reference": {"resource": "authors", "fields": "author_id"}}]


def test_a_whole_dump_is_read_for_its_definitions() -> None:
    output = build(sample("dump.postgres.sql"), "x")
    assert [(one.name, one.key, one.columns) for one in output.datasets] == [("clinic", ("id",), 3), ("patient", ("id",), 5)]
    assert output.datasets[0].description == "Where patients are seen; one row a site"
    assert [(one.dataset, one.column, one.to_dataset, one.to_column, one.basis) for one in output.links] == [
        ("patient", "clinic_id", "clinic", "id", "declared")
    ]
    assert column(output, "nhs_number").unique
    assert tags(output) == {"nhs_number": "uk_nhs_number", "blood_group": "health"}


def test_the_example_joins_three_sources() -> None:
    output = checked(EXAMPLE)
    assert [one.name for one in output.datasets] == ["customers", "orders", "orders.lines", "products", "suppliers"]
    found = {(one.dataset, one.column): (f"{one.to_dataset}.{one.to_column}", one.basis, one.orphans) for one in output.links}
    assert found["orders", "customer_id"] == ("customers.id", "contents", 1)
    assert found["orders.lines", "sku"] == ("products.sku", "name", 0)
    assert tags(output)["card"] == "payment_card"
    assert [tag.kind for tag in column(output, "notes").personal] == ["email"]


def test_a_semicolon_file_with_decimal_commas_and_local_dates_is_told_as_such() -> None:
    output = build(sample("bank.csv"), "bank")
    assert column(output, "Buchungstag").type == "date, not ISO 8601"
    odd = [hint.text for hint in output.hints if hint.column == "Betrag"]
    assert "1 cell unlike the others, which are of the type “number as text”." in odd  # -1.5 among decimal commas
    assert any("ISO 8601" in hint.text for hint in output.hints if hint.column == "Buchungstag")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["2026-01-01", "2026-01-02", "03/04/2026", "2026-01-05"], "two ways"),
        (["1", "2", "n/a", "3"], "a word for nothing"),
        (["UK", "uk", "UK", "DE", "DE", "UK"], "capitals or blanks"),
        (["x ", "y", "x", "y"], "blanks at"),
        (["a", "a", "a"], "the same value"),
        (["MÃ¼ller", "caf\u00c3\u00a9", "x"], "encoding"),
        (["£1,200.50", "£3.20"], "read them as text"),
        (["1", "-999", "-999", "4"], "stand-in"),
        (["", "", "", "1"], "are empty"),
        (["", "", ""], "Every cell is empty"),
    ],
)
def test_what_is_odd_is_said(cells: list[str], words: str) -> None:
    text = "n,v\n" + "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells))
    assert any(words in hint.text for hint in build(text).hints if hint.column == "v")


def test_clean_data_has_no_hints() -> None:
    assert build("id,amount,placed_on\n1,2.5,2026-01-01\n2,3.5,2026-01-02\n").hints == ()


def test_a_reference_is_found_by_inclusion_and_not_by_chance() -> None:
    countries = "code,name\nGB,Britain\nFR,France\nDE,Germany\n"
    shops = "id,country_code,floor\n1,GB,1\n2,FR,2\n3,GB,3\n"
    output = checked(CatalogInputs(countries, "countries", shops, "shops"))
    assert [(one.dataset, one.column, one.to_dataset, one.covered) for one in output.links] == [("shops", "country_code", "countries", 1.0)]
    numbers = checked(CatalogInputs("id\n1\n2\n3\n", "a", "id,quantity\n7,1\n8,2\n9,1\n", "b"))
    assert numbers.links == ()


def test_two_columns_make_a_key_when_none_alone_does() -> None:
    output = build("order_id,line,sku\n1,1,x\n1,2,x\n2,1,y\n2,2,x\n", "lines")
    assert output.datasets[0].key == ("order_id", "line")


@pytest.mark.parametrize(
    ("name", "of", "kind", "reference", "said"),
    [
        ("created_at", "order", "date and time", "", "When the order was created."),
        ("cust_id", "order", "integer", "customers.id", "Which customer the order belongs to (customers.id)."),
        ("orderID", "order", "integer", "", "Identifier of the order."),
        ("has_parking", "shop", "true or false", "", "Whether the shop has parking."),
        ("weight_kg", "parcel", "number", "", "Weight of the parcel, in kilograms."),
        ("item_cnt", "order", "integer", "", "Number of item of the order."),
        ("discount_pct", "order", "number", "", "Discount of the order, in per cent."),
    ],
)
def test_names_are_put_in_words(name: str, of: str, kind: str, reference: str, said: str) -> None:
    assert describe(name, of, kind, reference) == said


def test_rows_are_named_after_their_data_set() -> None:
    assert [entity(one) for one in ("customers", "sales.order_lines", "categories", "dim_addresses", "status")] == [
        "customer",
        "order line",
        "category",
        "address",
        "status",
    ]


@pytest.mark.parametrize(
    ("inputs", "field", "words"),
    [
        (CatalogInputs("  \n "), "data1", "Holds no data"),
        (CatalogInputs("a,b\n1\n"), "data1", "Read as CSV. Line 2"),
        (CatalogInputs("a\n1\n", data_2='[{"a": 1}, {"a": ]'), "data2", "Read as JSON. Line 1"),
        (CatalogInputs('{"a": NaN}'), "data1", "NaN"),
        (CatalogInputs('{"a": 1}\n{"a": oops}'), "data1", "Line 2"),
        (CatalogInputs('[{"a": 1' + "0" * 5_000 + "}]"), "data1", "Read as JSON"),
        (CatalogInputs("[" * 100_000), "data1", "nested too deeply"),
        (CatalogInputs('{"a":' * 40 + "1" + "}" * 40), "data1", "inside one another"),
        (CatalogInputs('{"a":[' * 40 + "1" + "]}" * 40), "data1", "inside one another"),
        (CatalogInputs("[]"), "data1", "Holds no records"),
        (CatalogInputs("CREATE TABLE a (b int"), "data1", "Read as SQL. Line 1"),
        (CatalogInputs("SET x = 1;\n\nCREATE TABLE a (b int;"), "data1", "Read as SQL. Line 3"),
        (CatalogInputs("CREATE TABLE a AS SELECT 1"), "data1", "no CREATE TABLE with columns"),
        (CatalogInputs("a\n1\n", "x", "b\n1\n", "X"), "name2", "Two data sets"),
        (CatalogInputs(json.dumps([{f"k{n}": 1} for n in range(401)])), "data1", "400 different keys"),
        (CatalogInputs(",".join(f"c{n}" for n in range(450)) + "\n"), "data1", "400 columns"),
        (CatalogInputs(json.dumps({f"t{n}": [{"a": 1}] for n in range(70)})), "data1", "60 data sets"),
        (CatalogInputs("x" * 1_900_000, "x", "y" * 1_900_000, "y", "z" * 1_900_000, "z"), "data3", "in all sources"),
    ],
)
def test_what_cannot_be_read_names_its_field(inputs: CatalogInputs, field: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        catalog.run(inputs)
    assert caught.value.field == field
    assert words in caught.value.message


@pytest.mark.parametrize("piece", ["'\\", "'", '"', "`", "/*", "''", "\\'", "(", "CREATE TABLE\n"])
def test_quotes_left_open_take_no_time(piece: str) -> None:
    hostile = f"CREATE TABLE a (b int\n{piece * 20_000}"
    for dialect in ("postgres", "mysql"):
        begun = time.process_time()
        definitions._definitions_only(hostile, dialect)
        assert time.process_time() - begun < 1


def test_the_smallest_inputs_give_a_catalogue() -> None:
    assert build("a").datasets[0].rows == 0
    assert build("[null]").columns[0].rows == 1
    assert build('[{"a": null}]').columns[0].type == "empty"
    assert build("CREATE TABLE t (a int)").columns[0].type == "INT"


def test_no_export_holds_markup_or_a_formula() -> None:
    output = build('"=cmd()|x","<b>|y","# z"\n1,2,3\n', "-evil", title="* <script> [a](b)")
    text = exports.dictionary(output)
    assert text.startswith("# \\* \\<script\\> \\[a\\](b)\n")
    assert "<b>" not in text.replace("\\<b\\>", "")
    rows = list(csv.reader(io.StringIO(exports.columns_csv(output))))
    assert [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@"}] == []


def test_dcat_names_every_data_set_and_each_id_is_an_iri() -> None:
    told = json.loads(exports.dcat(checked(EXAMPLE)))
    assert told["@type"] == "dcat:Catalog"
    ids = [one["@id"] for one in told["dcat:dataset"]]
    assert len(set(ids)) == 5
    assert all(urllib.parse.urlparse(one).scheme == "urn" for one in ids)
    assert [one["dct:title"] for one in told["dcat:dataset"]] == ["customers", "orders", "orders.lines", "products", "suppliers"]


def test_the_largest_catalogue_fits_its_output() -> None:
    wide = ",".join(f"customer_email_number_{n:03}_{'x' * 60}" for n in range(400)) + "\n"
    output = build(wide + ",".join(f"person{n}@example-{n}.org" for n in range(400)) + "\n")
    assert len(json.dumps(jsonable(output), ensure_ascii=False).encode()) < 1_000_000
    assert len(json.dumps(blocks.to_json(catalog.present(output)), ensure_ascii=False).encode()) < 1_000_000


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(max_size=8), _VALUES, max_size=4), min_size=1, max_size=4))
def test_any_json_is_a_catalogue_or_refused(records: list[dict[str, object]]) -> None:
    assert field_or_columns(json.dumps(records))


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_catalogue_or_refused(text: str) -> None:
    assert field_or_columns(text or " ")
