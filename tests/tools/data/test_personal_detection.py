from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools.data.personal.detection import tag_of, tags_of
from credit_studio.tools.data.personal.kinds import kinds
from credit_studio.tools.data.personal.masking import mask

NUMBERS = [str(number) for number in range(1, 300)]


def kind(name: str, *cells: str) -> str:
    tag = tag_of(name, cells)
    return tag.kind if tag else ""


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("contact", ["ada@example.com", "bob@example.org", "c@example.net"], "email"),
        ("x", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "NL91ABNA0417164300"], "iban"),
        ("ref", ["4111111111111111", "5555555555554444", "378282246310005"], "payment_card"),
        ("x", ["943 476 5919", "401 023 2137", "943 476 5870", "943 476 5838"], "uk_nhs_number"),
        ("ssn", ["219-09-9998", "078-05-1129"], "us_ssn"),
        ("x", ["219-09-9998", "078-05-1129", "457-55-5462", "536-22-8726"], "us_ssn_written"),
        ("ni", ["AB123456C", "CE123456D", "PC654321A"], "uk_nino"),
        ("customer", ["Ada Byron", "Charles Dodgson", "Emmy Noether", "Blaise Pascal"], "person_name"),
        ("firstName", ["Ada", "Emmy", "Kurt"], "given_name"),
        ("belief", ["Muslim", "Hindu", "Christian", "Sikh", "Jewish"], "religion"),
        ("is_pregnant", ["true", "false"], "health"),
        ("client_ip", ["203.0.113.7", "2001:db8::1"], "ip_address"),
        ("lat", ["51.50073", "48.85840"], "degrees"),
        ("geburtsdatum", ["1980-02-03", "1975-12-31"], "date_of_birth"),
        ("Gewerkschaft", ["ja", "nein"], "union"),
        ("dni", ["12345678Z", "87654321X"], "spanish_dni"),
        ("password_hash", ["$2b$12$abc", "$2b$12$def"], "password"),
        ("annualSalary", ["31000", "52000"], "income"),
    ],
)
def test_personal_data_is_told_by_name_and_contents(name: str, cells: list[str], expected: str) -> None:
    assert kind(name, *cells) == expected


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("id", NUMBERS),
        ("order_no", [str(1_000_000_000 + 7 * number) for number in range(200)]),
        ("account", [str(4_000_000_000_000_000 + 97 * number) for number in range(200)]),
        ("email_verified", ["true", "false"]),
        ("phone_type", ["mobile", "home"]),
        ("customer_count", ["12", "13", "14", "15"]),
        ("product_name", ["Blue Chair", "Oak Table", "Desk Lamp", "Steel Shelf"]),
        ("name", ["Blue Chair", "Oak Table", "Desk Lamp", "Steel Shelf"]),
        ("created_at", ["2024-01-02", "2024-02-03", "2024-03-04"]),
        ("race_time", ["12.5", "13.1"]),
        ("colour", ["white", "black", "red", "green"]),
        ("version", ["1.2.3", "1.3.0"]),
        ("species", ["setosa", "versicolor"]),
        ("amount", ["12.50", "99.10", "3.25", "7.00"]),
        ("sku", ["AB-1234", "CD-5678"]),
        ("uuid", ["550e8400-e29b-41d4-a716-446655440000"]),
    ],
)
def test_what_only_looks_like_it_is_left_alone(name: str, cells: list[str]) -> None:
    assert kind(name, *cells) == ""


def test_confidence_grows_with_the_name_the_cells_and_their_number() -> None:
    one, two, named = (
        tag_of(*given) for given in (("x", ["GB82WEST12345698765432"] * 1), ("x", ["GB82WEST12345698765432"] * 9), ("iban", ["GB82WEST12345698765432"]))
    )
    assert one is None
    assert two is not None
    assert named is not None
    assert two.confidence == pytest.approx(0.99 * 0.9, abs=0.01)  # strength x n/(n + 1)
    assert named.confidence == pytest.approx(1 - 0.25 * (1 - 0.99 / 2), abs=0.01)


def test_a_name_that_the_contents_contradict_is_not_believed() -> None:
    assert kind("mail", "first class", "second class", "parcel", "courier", "express") == ""
    assert kind("nhs_number", "1234567890", "1111111110", "9876543211", "5555555550") == "uk_nhs_number"  # the form is right, the check digits are not


def test_identifiers_inside_texts_are_found() -> None:
    texts = [
        "Please write to jo@example.org, she has moved away",
        "Card 4111 1111 1111 1111 was refused again today",
        "Nothing of interest is said here at all",
    ]
    assert [(tag.kind, tag.is_inside_text) for tag in tags_of("remarks", texts)] == [("email", True), ("payment_card", True)]


def test_a_number_that_only_looks_like_a_card_is_not_found_in_a_text() -> None:
    assert tags_of("remarks", ["Parcel 4111 1111 1111 1112 was returned to the sender"]) == ()


@pytest.mark.parametrize(
    ("cell", "kind_id", "shown"),
    [
        ("ada.byron@example.com", "email", "a***@e***.com"),
        ("4111 1111 1111 1111", "payment_card", "**** 1111"),
        ("Ada Byron", "person_name", "xxx xxxxx"),
        ("SW1A 1AA", "uk_postcode", "xx9x 9xx"),
        ("x" * 100, "", "x" * 24 + "…"),
        ("a\x00\u202eb", "", "x\ufffd\ufffdx"),
    ],
)
def test_masked_cells_show_their_form_and_nobody(cell: str, kind_id: str, shown: str) -> None:
    assert mask(cell, kind_id) == shown


@given(st.text(max_size=300), st.sampled_from([one.id for one in kinds()]))
def test_a_masked_cell_is_short_and_holds_no_digit_but_the_last_four(cell: str, kind_id: str) -> None:
    shown = mask(cell, kind_id)
    assert len(shown) <= 25
    assert kind_id in {"payment_card", "iban", "email"} or {sign for sign in shown if sign.isascii() and sign.isdigit()} <= {"9"}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=60), max_size=8))
def test_any_column_is_looked_at_without_harm(name: str, cells: list[str]) -> None:
    assert all(0.5 <= tag.confidence <= 1 for tag in tags_of(name, cells))


def test_long_hostile_cells_take_no_time() -> None:
    hostile = ["1" * 5_000, "a" * 5_000, "a." * 3_000, "+" + "1 " * 3_000, "a@" + "a." * 3_000, "AA11" + " AAAA" * 2_000, "'" * 5_000, "1.1." * 2_000] * 25
    assert all(tag.confidence <= 1 for tag in tags_of("notes", hostile))


def test_every_kind_says_what_it_is() -> None:
    for one in kinds():
        assert one.label
        assert 1 <= one.severity <= 4
        assert one.role in {"direct", "quasi", "attribute"}
        assert one.law in {"", "special", "criminal"}
        assert one.ccpa in set("ABCDEFGHIJKL")
        assert one.names or one.form, one.id
        assert bool(one.form) is bool(one.strength), one.id
    assert len({one.id for one in kinds()}) == len(kinds())


def test_the_lists_stand_beside_the_code() -> None:
    assert (Path(__file__).parents[3] / "credit_studio/tools/data/personal/kinds.toml").exists()
