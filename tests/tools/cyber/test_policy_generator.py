import json
import re
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.cyber.controls.catalogue import by_id, topics
from credit_studio.tools.cyber.policies.clauses import FACILITIES, FACTS, holds, lacking, policy, reason
from credit_studio.tools.cyber.policies.document import escaped
from credit_studio.tools.cyber.policies.organisation import Inputs, facts_of
from credit_studio.tools.cyber.policies.readiness import months_later
from credit_studio.tools.cyber.policy_generator import TOOL, Output, present, run

assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example
KINDS: tuple[str, ...] = get_args(get_type_hints(Inputs)["kind"])
SHOP = Inputs(
    kind="password", name="Pay & Go", contact="it@shop.example", effective="2027-03-01", sector="retail", people=600, cloud="only", work="remote",
    us=True, card=True, online=True, develops=True, log_months=6, patch_days=45, review_months=24,
)  # fmt: skip
LIBRARY = Inputs(kind="incident_response", name="Village Library", contact="the office", effective="2028-02-29", people=4, cloud="none", work="office")
BANK = Inputs(
    kind="incident_response", name="Kleine Bank AG", contact="soc@bank.example", effective="2026-12-31", sector="finance", people=900,
    eu=True, dora=True, iso=True
)  # fmt: skip
NURSERY = Inputs(
    kind="data_protection", name="Little Oaks", contact="+44 20 7946 0000", effective="2027-01-01", people=12, uk=True, children=True, special=True
)
FLAGS = sorted(name for name, hint in get_type_hints(Inputs).items() if hint is bool)


def with_kind(inputs: Inputs, kind: str) -> Inputs:
    return replace(inputs, kind=kind)  # type: ignore[arg-type]


def texts(output: Output) -> str:
    return "\n".join(rule.text for rule in output.rules)


def clause_with(output: Output, words: str) -> Any:
    return next(rule for rule in output.rules if words in rule.text)


# --- the clauses as data ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_clause_has_a_keyword_a_reason_known_facts_and_known_topics(kind: str) -> None:
    clauses = [clause for section in policy(kind).sections for clause in section.clauses]
    assert len(clauses) >= 20
    for clause in clauses:
        assert clause.strength in {"MUST", "SHOULD", "MAY"}
        assert not re.search(r"(MUST|SHOULD|MAY) not\b|\b(must|should)\b", clause.text), "keywords of RFC 2119 stand in capitals"
        assert clause.text.endswith(".")
        assert len(clause.why) > 10
        assert set(re.findall(r"[a-z0-9]+", clause.when)) <= set(FACTS)
        assert set(clause.topics) <= set(topics())
        assert clause.needs in {"", *FACILITIES}


def test_every_facility_is_asked_for_in_the_form_and_relied_on_somewhere() -> None:
    relied = {clause.needs for kind in KINDS for section in policy(kind).sections for clause in section.clauses} - {""}
    assert relied == set(FACILITIES) == {flag.removeprefix("has_") for flag in FLAGS if flag.startswith("has_")}


def test_conditions_are_all_of_any_of_and_not() -> None:
    assert holds("", set())
    assert holds("eu|uk personal !small", {"uk", "personal"})
    assert not holds("eu|uk personal !small", {"uk", "personal", "small"})
    assert not holds("eu|uk", {"us"})
    assert reason("eu|uk !small", {"uk"}) == "active in the UK; 50 people or more"
    assert reason("", {"uk"}) == "every organisation"
    assert lacking("eu|uk card", {"uk"}) == "payment card data"
    assert lacking("eu|uk", set()) == "active in the EU or EEA or active in the UK"


# --- different facts, different clauses -------------------------------------------------------------------------------------


def test_modern_advice_on_passwords_without_card_data() -> None:
    """NIST SP 800-63B-4: 15 characters alone, 8 with a second factor, 64 accepted, breach lists, no composition, no expiry, at most 100 tries."""
    said = texts(run(replace(SHOP, card=False)))
    for words in (
        "at least 15 characters",
        "at least 8 where",
        "at least 64",
        "lists of leaked",
        "MUST NOT ask for a mix",
        "MUST NOT expire by time; they",
        "100 in a row",
    ):
        assert words in said
    assert "90 days" not in said


def test_card_data_bring_the_stricter_rules_of_pci_dss() -> None:
    output = run(SHOP)
    said = texts(output)
    for words in ("at least 12 where", "letters and digits and at least 12", "every 90 days", "after at most 10 failed attempts", "at least 30 minutes"):
        assert words in said
    assert "100 in a row" not in said
    assert clause_with(output, "letters and digits").because == "payment card data"
    assert "pci4" in dict(output.frameworks)
    assert "8.3" in clause_with(output, "letters and digits").controls["pci4"]


def test_deadlines_of_notification_follow_the_law_that_applies() -> None:
    bank, library = texts(run(BANK)), texts(run(LIBRARY))
    assert "within 72 hours of becoming aware" in bank
    assert "first within 4 hours of classifying it as major" in bank
    assert "within 60 days" not in bank
    assert "hours of becoming aware" not in library
    assert "within 60 days" in texts(run(replace(LIBRARY, hipaa=True, us=True)))
    assert "early warning within 24 hours" in texts(run(replace(BANK, nis2=True)))
    assert "four business days" in texts(run(replace(BANK, sox=True)))


def test_size_changes_the_separation_of_duties() -> None:
    for people, there, gone in ((12, "a small team has to combine", "Roles that conflict"), (200, "Roles that conflict", "a small team has to combine")):
        said = texts(run(replace(EXAMPLE, people=people)))
        assert there.lower() in said.lower()
        assert gone.lower() not in said.lower()


def test_personal_devices_are_ruled_or_forbidden() -> None:
    allowed, forbidden = (texts(run(replace(EXAMPLE, kind="remote_work", byod=byod))) for byod in (True, False))
    assert "MAY be used when they are enrolled" in allowed
    assert "Personal devices MUST NOT be used for work." in forbidden
    assert "MAY be used when they are enrolled" not in forbidden


def test_data_protection_law_needs_a_region_and_personal_data() -> None:
    assert "gdpr" in facts_of(NURSERY)
    assert "gdpr" not in facts_of(replace(NURSERY, uk=False))
    assert "gdpr" not in facts_of(replace(NURSERY, personal=False, special=False, children=False))
    assert "within one month" in texts(run(NURSERY))
    assert "within 45 days" in texts(run(replace(NURSERY, us=True)))
    assert "gdpr" not in dict(run(replace(NURSERY, uk=False)).frameworks)


def test_figures_of_the_form_stand_in_the_clauses() -> None:
    said = texts(run(replace(EXAMPLE, kind="backup", rpo_hours=6, rto_hours=30)))
    assert "at most 6 hours of work" in said
    assert "within 30 hours (RTO)" in said
    assert "within 11 days" in texts(run(replace(EXAMPLE, kind="vulnerability", patch_days=11)))
    assert "kept for 18 months." in texts(run(replace(EXAMPLE, kind="logging", log_months=18)))


def test_a_clause_is_in_the_policy_or_left_out_with_what_it_lacks() -> None:
    for kind in KINDS:
        output = run(with_kind(SHOP, kind))
        assert len(output.rules) + len(output.left_out) == sum(len(section.clauses) for section in policy(kind).sections)
        assert all(one.needs for one in output.left_out)


# --- gaps and steps ---------------------------------------------------------------------------------------------------------


def test_gaps_are_what_clauses_rely_on_and_is_not_in_place() -> None:
    everything = {flag: True for flag in FLAGS if flag.startswith("has_")}
    assert not [gap for gap in run(replace(EXAMPLE, **everything)).gaps if gap.clauses]  # type: ignore[arg-type]
    output = run(replace(EXAMPLE, **(everything | {"has_vault": False})))  # type: ignore[arg-type]
    (gap,) = [gap for gap in output.gaps if gap.clauses]
    (number,) = gap.clauses
    assert gap.title.startswith("Vault")
    assert next(rule for rule in output.rules if rule.number == number).text in gap.detail
    assert any(step.step == gap.fix for step in output.checklist)


@pytest.mark.parametrize(
    ("inputs", "title"),
    [
        (replace(LIBRARY, owner="The Head", approver="the head"), "One role writes and approves"),
        (SHOP, "Review only every 24 months"),
        (SHOP, "Logs are kept 6 months"),
        (SHOP, "Critical patches within 45 days"),
        (LIBRARY, "No region was ticked"),
        (replace(LIBRARY, personal=False), "No personal data were ticked"),
        (replace(EXAMPLE, us=True), "HIPAA may apply"),
        (replace(BANK, dora=False), "DORA may apply"),
        (EXAMPLE, "NIS2 may apply"),
    ],
)
def test_facts_that_do_not_fit_are_told(inputs: Inputs, title: str) -> None:
    assert any(gap.title.startswith(title) for gap in run(inputs).gaps)


def test_the_way_into_force_is_dated_from_the_day_in_force() -> None:
    output = run(LIBRARY)
    due = {step.step: step.due for step in output.checklist}
    assert due["Publish it where people find it, and tell everybody what changes for them."] == "2028-02-29"
    assert output.next_review == due["Review the policy."] == "2029-02-28"
    assert [step.due for step in output.checklist] == sorted(step.due for step in output.checklist)


def test_months_end_with_the_month() -> None:
    assert months_later(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_later(date(2027, 12, 15), 1) == date(2028, 1, 15)
    assert months_later(date(2028, 2, 29), 36) == date(2031, 2, 28)


# --- the document -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inputs", [EXAMPLE, SHOP, LIBRARY, BANK, NURSERY], ids=["clinic", "shop", "library", "bank", "nursery"])
def test_every_kind_gives_a_whole_policy(inputs: Inputs, kind: str) -> None:
    output = run(with_kind(inputs, kind))
    assert "{" not in output.document + texts(output)
    assert re.search(r"  |\.\.|,,", texts(output)) is None
    for section, rules in groupby(output.rules, key=lambda rule: rule.number.partition(".")[0]):
        assert [rule.number for rule in rules] == [
            f"{section}.{number}" for number in range(1, 1 + sum(1 for rule in output.rules if rule.number.startswith(f"{section}.")))
        ]
    for rule in output.rules:
        assert any(rule.controls.values()), "a clause serves some control"
        assert all(one in by_id(key) for key, ids in rule.controls.items() for one in ids)
    headings = [int(number) for number in re.findall(r"^## (\d+) ", output.document, re.MULTILINE)]
    assert headings == list(range(1, len(headings) + 1))
    assert len(json.dumps(blocks.to_json(present(output)))) < 200_000


def test_the_document_renders_with_its_headings_tables_and_clauses() -> None:
    output = run(SHOP)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(output.document)
    assert html.startswith("<h1>Pay &amp; Go: Password and authentication policy</h1>")
    assert html.count("<table>") == 4
    assert html.count("<strong>") == len(output.rules)
    rows = html.rpartition("<tbody>")[2].count("<tr>")
    assert rows == len(output.rules)


@pytest.mark.parametrize(
    "hostile", ["<img src=x onerror=alert(1)>", "*a* _b_ `c` [d](e) ![f](g)", "a | b", "{name} {0} %s", "# x", "a\n\n# b", "=1+1|x", "\\*a\\*", "&lt;b&gt;"]
)
def test_what_people_write_is_shown_and_never_rendered(hostile: str) -> None:
    output = run(replace(LIBRARY, name=hostile, owner=hostile, approver=hostile, contact=hostile, kind="information_security"))
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(output.document)
    title = next(token for token in tokens if token.type == "inline")
    assert "".join(child.content for child in title.children or []) == f"{' '.join(hostile.split())}: Information security policy"
    kinds = {child.type for token in tokens for child in token.children or []} | {token.type for token in tokens}
    assert kinds.isdisjoint({"html_block", "html_inline", "link_open", "image", "em_open", "code_inline"})
    assert sum(token.type == "heading_open" and token.tag == "h1" for token in tokens) == 1
    assert "{name}" not in output.document.replace(escaped(hostile), "")


def test_controls_lead_back_to_their_clauses() -> None:
    output = run(EXAMPLE)
    table = next(block for block in present(output) if isinstance(block, blocks.Table) and block.title == "From control to clause")
    row = next(row for row in table.rows if row[:2] == ("ISO 27001", "A.8.2"))
    assert "7.1" in str(row[3])
    assert all("A.8.2" in rule.controls["iso27001"] for rule in output.rules if rule.number in str(row[3]).split(", "))
    assert "8.6" not in {one for rule in output.rules for one in rule.controls["cis8"]}, "logging one kind of account does not serve DNS logs"


# --- inputs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "), ("name", "---"), ("contact", "\u200b"), ("version", "."), ("effective", "2027-02-30"), ("effective", "27-02-03  "),
        ("effective", "\u0662027-01-01"),

        ("people", 0), ("people", 10**7), ("reviewMonths", 37), ("rpoHours", 0), ("patchDays", 91), ("logMonths", 121),
        ("kind", "poetry"), ("sector", "x"), ("byod", "yes"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, validation.example_json(TOOL) | {field: value})
    assert [error.field for error in refused.value.errors] == [field]


def test_a_date_that_is_none_says_so() -> None:
    with pytest.raises(InputError, match="no day 2027-02-29"):
        replace(EXAMPLE, effective="2027-02-29")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.sets(st.sampled_from(FLAGS)),
    st.integers(1, 1_000_000),
    st.sampled_from(("office", "mixed", "remote")),
    st.text(min_size=1, max_size=80),
)
def test_any_facts_give_a_valid_policy(kind: str, flags: set[str], people: int, work: Any, name: str) -> None:
    plain: dict[str, Any] = dict.fromkeys(FLAGS, False) | dict.fromkeys(flags, True)
    if not any(sign.isalnum() for sign in name):
        name = f"{name[:70]} Ltd"
    inputs = replace(with_kind(LIBRARY, kind), people=people, work=work, name=name, **plain)
    output = run(inputs)
    assert output.rules
    assert output == run(inputs)
    json.dumps(jsonable(output), allow_nan=False)
    json.dumps(blocks.to_json(present(output)), allow_nan=False)
    assert output.document.count("\n# ") == 0
