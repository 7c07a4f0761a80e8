import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import jsonable
from credit_studio.tools.data.governance import TOOL, Output, present, run
from credit_studio.tools.data.stewardship.areas import POINTS, SIDES, areas, level
from credit_studio.tools.data.stewardship.inventory import Answer, DataClass, Domain, Inputs, System, person, systems_of
from credit_studio.tools.data.stewardship.matrices import ROLES, kept_for, raci
from credit_studio.tools.data.stewardship.ownership import RANKS
from tests.contracts import drawing

assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example
CLASSES = (DataClass("Open", "1", 12), DataClass("Inside", "2", 24), DataClass("Secret", "3", 36))
TIDY = Inputs(
    organisation="Tidy & Co",
    start="2027-01-31",
    sponsor="Chair",
    lead="Lead",
    domains=(Domain("Sales", "Inside", "Ann", "Bob", "ERP"), Domain("People", "Secret", "Cid", "Dee", "HR", is_personal=True)),
    classes=CLASSES,
    systems=(System("ERP", "Ops", "own"), System("HR", "Ops", "eu")),
    gdpr=True,
)
CLINIC = Inputs(
    organisation="Clinic",
    start="2028-02-29",
    domains=(
        Domain("Patients", "Health", "Dr Grey", "tbd", "PACS; EHR", is_personal=True, is_critical=True),
        Domain("Billing", "health", "N/A", "Eve", "EHR", is_personal=True),
    ),
    classes=(DataClass("Health", "4", 0), DataClass("Other", "2", 60)),
    systems=(System("EHR", "", "us"),),
    hipaa=True,
    gdpr=True,
    target=4,
    answers=(Answer("governance", "fully", "partly", "none", "none", "3"), Answer("security", "mostly", "mostly", "mostly", "mostly", "3")),
)
BANK = Inputs(
    organisation="Bank",
    start="2027-07-01",
    sponsor="CDO",
    lead="CDO office",
    domains=tuple(Domain(f"Domain {number}", "Inside", "One Person", f"Steward {number}", "Core") for number in range(20)),
    classes=CLASSES,
    systems=(System("Core", "Ops", "own"),),
    bcbs239=True,
    sox=True,
    pci=True,
    target=5,
    a_quarter=12,
    answers=tuple(Answer(key, "none", "none", "none", "none", "3") for key in areas()),  # type: ignore[arg-type]
)


def govern(inputs: Inputs) -> Output:
    output = run(inputs)
    json.dumps(jsonable(output), allow_nan=False)
    assert [fault for block in present(output) for fault in drawing.faults(block)] == []
    return output


def titles(output: Output) -> dict[str, str]:
    return {hole.title: hole.severity for hole in output.holes}


def rows_of(output: Output, title: str) -> tuple[Any, ...]:
    return next(block for block in present(output) if isinstance(block, blocks.Table) and block.title == title).rows


# --- maturity, worked by hand -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [
        (("none", "none", "none", "none"), 0.0),
        (("fully", "fully", "fully", "fully"), 5.0),
        (("partly", "partly", "partly", "partly"), 1.7),  # 5 / 3
        (("mostly", "mostly", "mostly", "mostly"), 3.3),  # 10 / 3
        (("fully", "none", "fully", "fully"), 1.0),  # 3.25, at most 1: not followed
        (("none", "fully", "fully", "fully"), 2.0),  # 3.75, at most 2: not defined
        (("fully", "fully", "fully", "none"), 3.0),  # 4.0, at most 3: not measured
        (("fully", "fully", "none", "fully"), 4.0),
        (("mostly", "partly", "partly", "none"), 1.8),  # 5 x (0.5 + 0.35 + 0.2) / 3 = 1.75
    ],
)
def test_the_level_of_an_area_follows_the_stated_formula(ratings: tuple[str, ...], expected: float) -> None:
    assert level(ratings) == expected


def test_the_whole_is_the_mean_of_rated_areas_weighted_by_importance() -> None:
    output = govern(
        replace(TIDY, answers=(Answer("quality", "fully", "fully", "fully", "fully", "3"), Answer("metadata", "none", "none", "none", "none", "1")))
    )
    assert output.maturity == pytest.approx(3 * 5 / 4)
    assert sum(score.level is None for score in output.scores) == 9
    assert govern(TIDY).maturity is None


@given(st.tuples(*[st.sampled_from(sorted(POINTS))] * 4), st.integers(0, 3))
def test_a_better_rating_never_lowers_a_level(ratings: tuple[str, ...], side: int) -> None:
    for better in POINTS:
        if POINTS[better] > POINTS[ratings[side]]:
            raised = (*ratings[:side], better, *ratings[side + 1 :])
            assert level(raised) >= level(ratings)
    assert 0 <= level(ratings) <= 5


def test_the_areas_are_those_of_the_book_and_build_on_each_other_without_a_circle() -> None:
    assert len(areas()) == 11
    done: set[str] = set()
    while len(done) < 11:
        ready = {key for key, one in areas().items() if set(one.needs) <= done} - done
        assert ready
        done |= ready
    assert all(set(one.steps) == set(SIDES) for one in areas().values())


# --- findings ---------------------------------------------------------------------------------------------------------------


def test_a_tidy_organisation_has_no_finding_worth_a_name() -> None:
    assert titles(govern(TIDY)) == {"Class Open is not used": "info"}


def test_missing_people_are_found_and_weigh_by_what_is_at_stake() -> None:
    found = titles(govern(CLINIC))
    assert found["Billing has no owner"] == "critical"
    assert found["Patients has no steward"] == "high"
    assert found["The data council has no sponsor"] == found["There is no governance lead"] == "high"
    plain_domain = replace(TIDY, domains=(Domain("Sales", "Inside", "", "", "ERP"),))
    found = titles(govern(plain_domain))
    assert (found["Sales has no owner"], found["Sales has no steward"]) == ("high", "medium")


@pytest.mark.parametrize("name", ["", " ", "tbd", "TBD.", "n/a", "(vacant)", "-", "?", "To be named"])
def test_nobody_has_many_names(name: str) -> None:
    assert person(name) == ""
    assert person(f"{name} Smith")


def test_one_person_with_too_much_is_found_by_name_whatever_the_case() -> None:
    domains = tuple(Domain(f"D{number}", "Inside", owner, "Bob", "ERP") for number, owner in enumerate(("Ann", "ANN", "ann ", "Cid")))
    output = govern(replace(TIDY, domains=domains, most_domains=2))
    assert titles(output)["Ann has too much"] == "medium"
    assert titles(output)["Bob has too much"] == "medium"
    assert "Ann has too much" not in titles(govern(replace(TIDY, domains=domains, most_domains=3)))
    assert next(load for load in output.loads if load.name == "Ann").owns == ("D0", "D1", "D2")


def test_governance_that_hangs_on_one_person_is_found() -> None:
    assert "Governance hangs on one person" not in titles(govern(BANK)), "half of the roles is not more than half"
    domains = (*BANK.domains[1:], Domain("Domain 0", "Inside", "One Person", "One Person", "Core"))
    assert titles(govern(replace(BANK, domains=domains)))["Governance hangs on one person"] == "high"


def test_classes_without_a_period_or_too_weak_for_people_are_found() -> None:
    output = titles(govern(EXAMPLE))
    assert output["Class Confidential has no retention period"] == "high"
    assert output["Personal data in class Internal"] == "high"
    without_law = titles(govern(replace(EXAMPLE, gdpr=False)))
    assert without_law["Class Confidential has no retention period"] == "medium"
    assert titles(govern(BANK))["There is no class of level 4"] == "medium"
    many = (*CLASSES, DataClass("A", "4", 1), DataClass("B", "4", 1))
    assert titles(govern(replace(TIDY, classes=many)))["5 classes"] == "low"


def test_systems_without_custodian_list_or_lawful_place_are_found() -> None:
    found = titles(govern(CLINIC))
    assert found["EHR has no custodian"] == "medium"
    assert found["EHR: check the ground for a transfer"] == "medium"
    assert found["PACS is not in the list of systems"] == "low"
    assert titles(govern(EXAMPLE))["ERP serves several owners"] == "info"
    assert "Sales names no system" in titles(govern(replace(TIDY, domains=(Domain("Sales", "Inside", "Ann", "Bob"),))))
    assert systems_of(Domain("x", "y", systems=" ERP ,ERP;; CRM,")) == ("ERP", "CRM")


def test_answers_that_the_facts_speak_against_are_found() -> None:
    assert titles(govern(CLINIC))["Data governance: rated higher than the facts"] == "medium"
    tidy = replace(TIDY, answers=(Answer("governance", "fully", "fully", "fully", "fully"),))
    assert not any("rated higher" in title for title in titles(govern(tidy)))


@pytest.mark.parametrize("inputs", [EXAMPLE, TIDY, CLINIC, BANK], ids=["trader", "tidy", "clinic", "bank"])
def test_findings_are_worst_first_and_say_what_to_do(inputs: Inputs) -> None:
    output = govern(inputs)
    ranks = [RANKS.index(hole.severity) for hole in output.holes]
    assert ranks == sorted(ranks)
    assert all(hole.title and hole.fix.endswith(".") and hole.detail.endswith(".") for hole in output.holes)


# --- roles and matrices -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs", [EXAMPLE, TIDY, CLINIC, BANK], ids=["trader", "tidy", "clinic", "bank"])
def test_every_activity_has_one_accountable_and_somebody_who_does_it(inputs: Inputs) -> None:
    for activity in raci(inputs):
        letters = [letter for cell in activity.letters for letter in cell.split(", ")]
        assert len(activity.letters) == len(ROLES)
        assert letters.count("A") == 1, activity.name
        assert letters.count("R") >= 1, activity.name
        assert set(letters) <= {"R", "A", "C", "I", ""}


def test_duties_bring_their_activities_and_figures() -> None:
    bank, tidy, clinic = govern(BANK), govern(TIDY), govern(CLINIC)
    assert any("Certify risk data" in one.name for one in bank.raci)
    assert not any("Certify" in one.name for one in tidy.raci)
    assert any("health data" in one.name for one in clinic.raci)
    assert {"Risk data reconciled", "Figures certified before reporting", "Card data outside of the scope"} <= {one.name for one in bank.measures}
    assert "Requests answered in a month" in {one.name for one in tidy.measures}
    assert "SOX" in bank.policy
    assert "SOX" not in tidy.policy


def test_figures_of_today_are_counted_from_the_facts() -> None:
    now = {one.name: one.now for one in govern(CLINIC).measures}
    assert (now["Domains with an owner"], now["Domains with a steward"], now["Domains with a retention period"]) == (0.5, 0.5, 0.0)
    assert (now["Systems with a custodian"], now["Systems in the list"]) == (0.0, 0.5)


def test_handling_follows_the_level_and_the_period_of_each_class() -> None:
    rows = {row[0]: row[1:] for row in govern(TIDY).handling}
    assert rows["Access"] == ("everybody", "staff and contractors", "by role and need, approved by the owner")
    assert rows["Kept for"] == ("1 year", "2 years", "3 years")
    assert [kept_for(months) for months in (0, 1, 12, 13, 30)] == ["not decided", "1 month", "1 year", "1 year and 1 month", "2 years and 6 months"]


# --- the roadmap ------------------------------------------------------------------------------------------------------------


def test_the_roadmap_names_people_first_and_ends_at_the_target() -> None:
    output = govern(EXAMPLE)
    assert [step.what for step in output.roadmap[:3]] == [
        "Name owners for Employees.",
        "Name stewards for Orders.",
        "Set retention periods for Confidential.",
    ]
    reached = {step.key: step.after for step in output.roadmap if step.key}
    below = {score.key for score in output.scores if score.level is not None and score.level < 3}
    assert set(reached) == below
    assert all(after is not None and after >= 3 for after in reached.values())
    assert output.path[0][1] == pytest.approx(output.maturity, abs=0.01)
    assert [value for _, value in output.path] == sorted(value for _, value in output.path)


@pytest.mark.parametrize("inputs", [EXAMPLE, CLINIC, BANK, replace(BANK, a_quarter=1), replace(EXAMPLE, a_quarter=2, target=5)])
def test_no_quarter_holds_too_much_and_needs_come_first(inputs: Inputs) -> None:
    steps = govern(inputs).roadmap
    quarters = [step.quarter for step in steps]
    assert quarters == sorted(quarters)
    assert all(quarters.count(quarter) <= inputs.a_quarter for quarter in quarters)
    defined = {step.key: step.quarter for step in steps if step.side == "defined"}
    for step in steps:
        mine = [other.quarter for other in steps if step.key and other.key == step.key]
        assert len(set(mine)) == len(mine), "one step of an area at a time"
        for need in areas()[step.key].needs if step.key else ():
            assert defined.get(need, 0) < step.quarter


def test_quarters_end_before_the_next_begins() -> None:
    output = govern(CLINIC)
    assert output.roadmap[0].due == date(2028, 5, 28).isoformat()
    steps = {step.quarter: step.due for step in output.roadmap}
    assert steps[2] == "2028-08-28"


def test_nothing_is_left_to_do_at_the_target() -> None:
    answers = tuple(Answer(key, "fully", "fully", "fully", "fully") for key in areas())  # type: ignore[arg-type]
    output = govern(replace(TIDY, answers=answers, target=5))
    assert (output.roadmap, output.maturity) == ((), 5.0)


# --- papers -----------------------------------------------------------------------------------------------------------------


def test_the_papers_render_with_their_tables() -> None:
    output = govern(EXAMPLE)
    for path, text in output.files:
        html = MarkdownIt("commonmark").enable("table").render(text)
        assert html.count("<h1>") == 1, path
        assert "<table>" in html, path
        assert "None" not in html, path
    files = dict(output.files)
    assert "Employees | Restricted | 7 years | to be named" in files["03-retention-schedule.md"]
    assert "Critical domains (Customers, Products, Orders, Finance)" in output.policy
    assert "chaired by Priya Raman, COO" in output.policy


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "*a* [d](e) ![f](g) `h`", "a | b", "# x", "a\n\n# b", "=1+1", "&lt;b&gt;"])
def test_what_people_write_is_shown_and_never_rendered(hostile: str) -> None:
    inputs = Inputs(
        organisation=f"x{hostile}",
        start="2027-01-01",
        sponsor=hostile,
        lead=hostile,
        domains=(Domain(hostile, hostile, hostile, hostile, hostile, is_critical=True),),
        classes=(DataClass(hostile, "2", 0),),
        systems=(System(hostile, hostile),),
    )
    for _, text in govern(inputs).files:
        tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
        kinds = {child.type for token in tokens for child in token.children or []} | {token.type for token in tokens}
        assert kinds.isdisjoint({"html_block", "html_inline", "link_open", "image", "em_open", "code_inline"})
        assert sum(token.type == "heading_open" and token.tag == "h1" for token in tokens) == 1


# --- inputs -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "2027-02-30"}, "start"),
        ({"start": "next week!"}, "start"),
        ({"organisation": " - "}, "organisation"),
        ({"domains": []}, "domains"),
        ({"domains": [{"name": "A", "dataClass": "None such"}]}, "domains.0.dataClass"),
        ({"domains": [{"name": "A", "dataClass": "Internal"}, {"name": " a ", "dataClass": "Internal"}]}, "domains.1.name"),
        ({"classes": [{"name": "Internal"}, {"name": "internal"}]}, "classes.1.name"),
        ({"systems": [{"name": " "}]}, "systems.0.name"),
        ({"answers": [{"area": "quality"}, {"area": "quality"}]}, "answers.1.area"),
        ({"answers": [{"area": "astrology"}]}, "answers.0.area"),
        ({"target": 6}, "target"),
        ({"aQuarter": 0}, "aQuarter"),
    ],
)
def test_bad_input_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, validation.example_json(TOOL) | change)
    assert [error.field for error in refused.value.errors] == [field]


def test_the_largest_input_fits_the_limits() -> None:
    domains = tuple(
        Domain(f"Domain {number} {'x' * 40}", "Secret", f"Owner {number % 7}", f"Steward {number}", ", ".join(f"S{k}" for k in range(60)))
        for number in range(40)
    )
    systems = tuple(System(f"S{number}", f"Custodian {number % 5}", "us") for number in range(60))
    output = govern(replace(BANK, domains=domains, systems=systems, gdpr=True))
    assert len(json.dumps(blocks.to_json(present(output)))) < TOOL.limits.output_bytes / 3
    assert len(output.domains) == 40


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20), st.text(max_size=30), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from(sorted(areas())), *[st.sampled_from(sorted(POINTS))] * 4), max_size=11, unique_by=lambda one: one[0]),
    st.integers(1, 5),
    st.integers(1, 12),
)
def test_any_organisation_gets_a_valid_framework(rows: list[Any], answers: list[Any], target: int, a_quarter: int) -> None:
    domains = tuple(
        Domain(f"D{number}", "Inside", owner, steward, systems, is_personal=personal) for number, (owner, steward, systems, personal) in enumerate(rows)
    )
    inputs = replace(TIDY, domains=domains, answers=tuple(Answer(*one) for one in answers), target=target, a_quarter=a_quarter)
    output = govern(inputs)
    assert output == run(inputs)
    reached = {step.key: step.after or 0.0 for step in output.roadmap}
    assert all(score.level is None or reached.get(score.key, score.level) >= target for score in output.scores)
