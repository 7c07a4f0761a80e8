import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.data import privacy
from credit_studio.tools.data.assessment.activity import TRAITS, Activity, read
from credit_studio.tools.data.assessment.criteria import screen
from credit_studio.tools.data.assessment.risk import EVENTS, level, risks_of
from credit_studio.tools.data.assessment.uniqueness import group
from credit_studio.tools.data.privacy import PrivacyInputs, PrivacyOutput
from credit_studio.tools.validation import parse
from tests.contracts import drawing, shapes

SAMPLES = Path(__file__).with_name("samples")
EXAMPLE = privacy.TOOL.example or PrivacyInputs((Activity("a", "name"),))
SOUND = Activity(
    "Newsletter",
    "email",
    "Send the monthly letter",
    "subscribers",
    "under 1,000",
    "consent",
    retention_months=24,
    measures="encryption, RBAC, 2FA, pseudonymised, audit log, backups, disaster recovery, awareness training, automatic deletion, four eyes, penetration test",
)
IN_PLACE = {"notice": True, "rights": True, "breach": True, "contracts": True, "officer": True}


def assess(*activities: Activity, **more: Any) -> PrivacyOutput:
    return checked(replace(PrivacyInputs(activities), **more))


def checked(inputs: PrivacyInputs) -> PrivacyOutput:
    output = privacy.run(inputs)
    json.dumps(jsonable(output), allow_nan=False)
    made = privacy.present(output)
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    assert [fault for block in made for fault in drawing.faults(block)] == []
    return output


def articles(output: PrivacyOutput, law: str = "GDPR") -> set[str]:
    return {one.article for one in output.gaps if one.law == law}


def test_sound_processing_has_no_gaps_and_low_risks() -> None:
    output = assess(SOUND, **IN_PLACE)
    assert output.gaps == ()
    assert (output.score, output.level) == (2, "low")
    assert output.screenings[0].verdict == "not needed"
    assert output.unread == ()


@pytest.mark.parametrize(
    ("change", "article"),
    [
        ({"purpose": ""}, "5(1)(b)"),
        ({"purpose": "analytics"}, "5(1)(b)"),
        ({"retention_months": 0}, "5(1)(e)"),
        ({"retention_months": 120}, "5(1)(e)"),
        ({"basis": "not stated"}, "6(1)"),
        ({"basis": "legitimate interests"}, "6(1)(f)"),
        ({"subjects": "staff"}, "7(4)"),
        ({"subjects": "children"}, "8"),
        ({"data": "email, health data"}, "9(2)"),
        ({"data": "email, trade union membership"}, "9(2)"),
        ({"data": "criminal convictions"}, "10"),
        ({"traits": "invisible"}, "14"),
        ({"traits": "automated decisions", "basis": "legitimate interests"}, "22"),
        ({"measures": "backups, deletion"}, "32(1)"),
        ({"measures": "encryption, access control, deletion"}, "32(1)(c)"),
        ({"measures": "encryption, access control, backups"}, "25(2)"),
        ({"transfer": "no safeguard"}, "44, 46"),
        ({"transfer": "derogation"}, "49"),
        ({"traits": "scoring, automated decisions"}, "35"),
        ({"subjects": ""}, "30(1)(c)"),
    ],
)
def test_each_lack_is_a_gap_of_its_article(change: dict[str, Any], article: str) -> None:
    assert article not in articles(assess(SOUND, **IN_PLACE))
    assert article in articles(assess(replace(SOUND, **change), **IN_PLACE))


@pytest.mark.parametrize(("lack", "article"), [("notice", "13, 14"), ("rights", "12, 15-21"), ("breach", "33, 34"), ("contracts", "28")])
def test_what_the_organisation_lacks_is_a_gap(lack: str, article: str) -> None:
    shared = replace(SOUND, recipients="mailing service")
    assert articles(assess(shared, **IN_PLACE)) == set()
    assert articles(assess(shared, **{**IN_PLACE, lack: False})) == {article}


def test_california_counts_only_where_it_applies() -> None:
    assert articles(assess(SOUND), "CCPA") == set()
    selling = assess(SOUND, california=True, sells_or_shares=True, **IN_PLACE)
    assert "1798.120, .135" in articles(selling, "CCPA")
    assert "1798.120, .135" not in articles(assess(SOUND, california=True, sells_or_shares=True, opt_out=True, **IN_PLACE), "CCPA")
    assert [letter for letter, _ in selling.ccpa_categories] == ["A"]
    hospital = assess(replace(SOUND, data="health data, diagnosis, location"), california=True, **IN_PLACE)
    assert "1798.121, .135" in articles(hospital, "CCPA")


def test_a_condition_or_a_law_closes_the_gap() -> None:
    health = replace(SOUND, data="diagnosis", condition="health care", basis="public task")
    assert "9(2)" not in articles(assess(health, **IN_PLACE))
    assert "10" not in articles(assess(replace(SOUND, data="criminal records", basis="legal obligation"), **IN_PLACE))


# --- screening and risk -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activity", "verdict", "criteria"),
    [
        # The worked examples of WP248 rev.01, page 11, and its counter-examples.
        (Activity("hospital", "health data", "Treat", "patients", "10,000 to 100,000"), "needed", {"4", "5", "7"}),
        (Activity("cameras", "video recording", "Watch traffic", "drivers", traits="monitoring, new technology"), "needed", {"3", "8"}),
        (Activity("staff watch", "log data", "Watch work", "employees", traits="monitoring"), "needed", {"3", "7"}),
        (Activity("credit", "income, debts", "Rate credit", "applicants", traits="scoring, blocks access, matching"), "needed", {"1", "4", "6", "7", "9"}),
        (Activity("magazine", "email", "Send a digest", "subscribers", "over 100,000"), "advised", {"5"}),
        (Activity("doctor", "email", "Appointments", "clients", "under 1,000"), "not needed", set()),
    ],
)
def test_the_nine_criteria_are_those_of_wp248(activity: Activity, verdict: str, criteria: set[str]) -> None:
    found = screen(read(activity, "a"), frozenset())
    assert {one.split()[0] for one in found.criteria} == criteria
    assert found.verdict == verdict
    assert found.reason.endswith(".")


def test_article_35_3_names_its_three_cases() -> None:
    cases = {
        "(a)": Activity("a", "email", traits="scoring, automated decisions"),
        "(b)": Activity("b", "religion", volume="over 100,000"),
        "(c)": Activity("c", "photographs", volume="over 100,000", traits="monitoring, public area"),
    }
    for letter, activity in cases.items():
        assert [one.split()[0] for one in screen(read(activity, "a"), frozenset()).article_35_3] == [letter]


def test_risks_follow_the_stated_steps() -> None:
    bare = risks_of(read(Activity("a", "health data", volume="over 100,000", recipients="x"), "a"), 4)
    assert [(one.event, one.severity, one.likelihood, one.score_now) for one in bare] == [(event, 4, 4, 16) for event in EVENTS]
    guarded = risks_of(read(replace(SOUND, data="health data"), "a"), 4)[0]
    assert (guarded.likelihood, guarded.likelihood_now, guarded.severity_now, guarded.level_now) == (2, 1, 3, "low")
    halves = risks_of(read(Activity("a", "email", measures="MFA"), "a"), 2)[0]
    assert halves.likelihood_now == 2  # half a step is none
    assert [level(score) for score in (1, 3, 4, 6, 8, 9, 12, 16)] == ["low", "low", "medium", "medium", "high", "high", "critical", "critical"]


@given(
    severity=st.integers(1, 4),
    measures=st.sets(st.sampled_from(["encryption", "access control", "MFA", "backups", "recovery plan", "logging", "pseudonymisation", "testing"])),
    volume=st.sampled_from(["under 1,000", "over 100,000"]),
)
def test_measures_never_make_a_risk_larger(severity: int, measures: set[str], volume: Any) -> None:
    for one in risks_of(read(Activity("a", "email", volume=volume, measures=", ".join(sorted(measures))), "a"), severity):
        assert one.severity_then * one.likelihood_then <= one.score_now <= one.severity * one.likelihood
        assert not set(one.in_place) & set(one.advised)


# --- re-identification --------------------------------------------------------------------------------------------------------

ZIPS = ["47677", "47602", "47678", "47905", "47909", "47906", "47605", "47673", "47607"]
AGES = ["29", "22", "27", "43", "52", "47", "30", "36", "32"]
ILLS = ["heart", "heart", "heart", "flu", "heart", "cancer", "heart", "cancer", "cancer"]


def test_k_and_l_are_those_of_the_textbook() -> None:
    """The table of Li, Li and Venkatasubramanian, "t-closeness" (2007): 3-anonymous once coarsened, one group all with heart disease."""
    raw = group("raw", [("zip", ZIPS), ("age", AGES)], [("disease", ILLS)])
    assert (raw.k, raw.unique, raw.groups, raw.least_diverse) == (1, 9, 9, (("disease", 1),))
    bands = ["20s" if age < "30" else "over 40" if age > "39" else "30s" for age in AGES]
    prefixes = [code[:4] if code.startswith("4790") else code[:3] for code in ZIPS]
    coarse = group("coarse", [("zip", prefixes), ("age", bands)], [("disease", ILLS)])
    assert (coarse.k, coarse.unique, coarse.small, coarse.groups, coarse.least_diverse) == (3, 0, 9, 3, (("disease", 1),))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=1, max_size=40))
def test_groups_are_those_of_a_count(rows: list[tuple[str, str]]) -> None:
    found = group("g", [("a", [row[0] for row in rows]), ("b", [row[1] for row in rows])], [])
    counts = Counter(rows)
    assert found.k == min(counts.values())
    assert found.unique == sum(1 for size in counts.values() if size == 1)
    assert sum(found.sizes) == len(rows)


def test_coarser_values_make_larger_groups() -> None:
    output = checked(EXAMPLE)
    assert [one.k for one in output.groupings] == [1, 1, 2]
    assert [one.unique for one in output.groupings] == [12, 8, 0]
    assert output.groupings[2].columns == ("date_of_birth (decade of birth)", "gender", "postcode (postcode area)")


# --- the sample ---------------------------------------------------------------------------------------------------------------


def test_what_is_in_the_sample_and_not_declared_is_a_finding() -> None:
    output = checked(EXAMPLE)
    undeclared = {one.column for one in output.found if not one.declared}
    assert undeclared == {"emergency_phone", "notes"}
    assert [one.severity for one in output.gaps if "“notes”" in one.text] == ["critical"]
    assert output.not_found == ()


def test_a_hospital_that_declares_its_data_has_none_undeclared() -> None:
    text = (SAMPLES / "admissions.csv").read_text()
    ward = Activity(
        "Ward",
        "name, NHS number, date of birth, gender, ethnicity, postcode, phone, diagnosis",
        "Care",
        "patients",
        "10,000 to 100,000",
        "public task",
        "health care",
    )
    output = assess(ward, sample=text)
    assert [one.column for one in output.found if not one.declared] == []
    assert output.screenings[0].verdict == "needed"
    assert {one.severity for one in output.risks} == {4}
    assert dict(output.groupings[0].least_diverse).keys() >= {"ethnicity", "diagnosis"}
    told = json.dumps(jsonable(output)) + json.dumps(blocks.to_json(privacy.present(output)))
    for line in text.splitlines()[1:]:
        cells = line.split(",")
        assert [cell for cell in (cells[1], cells[2], cells[3], cells[7]) if cell in told] == []


def test_a_school_and_an_employer_in_one_inventory() -> None:
    school = Activity(
        "Pupil records", "name, school year, allergies, photographs", "Teach", "pupils, parents", "1,000 to 10,000", "public task", measures="backups"
    )
    staff = Activity(
        "Payroll", "name, salary, bank details, union dues, national insurance number", "Pay", "employees", basis="legal obligation", retention_months=72
    )
    output = assess(
        school, staff, sample="employee_id,full_name,ni_number,salary\n1,Ada Byron,AB123456C,41000\n2,Kurt Weber,CE123456D,39000\n", sample_of="payroll"
    )
    assert output.sample_of == "Payroll"
    assert {one.system for one in output.gaps if one.article == "9(2)"} == {"Pupil records", "Payroll"}
    assert [one.column for one in output.found if not one.declared] == []
    assert set(output.not_found) == {"bank details", "union dues"}


def test_words_that_are_not_understood_are_told() -> None:
    output = assess(Activity("a", "email, flurbs", measures="encryption, magic"))
    assert output.unread == ("a: flurbs", "a: magic")


def test_a_sample_without_personal_data_is_said_to_have_none() -> None:
    output = assess(SOUND, sample="colour,size\nred,1\nblue,2\n")
    assert output.found == output.groupings == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"activities": (SOUND, replace(SOUND, system=" newsletter "))}, "activities.1.system"),
        ({"activities": (replace(SOUND, system=" "),)}, "activities.0.system"),
        ({"activities": (replace(SOUND, data=" , "),)}, "activities.0.data"),
        ({"activities": (SOUND, replace(SOUND, system="b", traits="wizardry"))}, "activities.1.traits"),
        ({"sample_of": "nowhere"}, "sampleOf"),
        ({"sample": "a,b\n1\n"}, "sample"),
        ({"sample": "a,b\n"}, "sample"),
        ({"sample": "a\n1\n", "quasi_identifiers": "b"}, "quasiIdentifiers"),
        ({"sample": "a,b,c,d,e,f,g,h,i\n1,2,3,4,5,6,7,8,9\n", "quasi_identifiers": "a,b,c,d,e,f,g,h,i"}, "quasiIdentifiers"),
        ({"sample": ",".join(f"c{n}" for n in range(101)) + "\n" + "," * 100 + "\n"}, "sample"),
    ],
)
def test_what_makes_no_sense_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as caught:
        privacy.run(replace(PrivacyInputs((SOUND,)), **change))
    assert caught.value.field == field


def test_an_inventory_is_needed_and_its_choices_are_closed() -> None:
    for raw in ({"activities": []}, {"activities": [{"system": "a", "data": "b", "basis": "because"}]}):
        with pytest.raises(InvalidInputs):
            parse(privacy.TOOL, raw)


def test_every_trait_is_taken_and_said() -> None:
    output = assess(replace(SOUND, traits=", ".join(TRAITS)))
    assert output.screenings[0].verdict == "needed"


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=60), st.text(max_size=60), st.text(max_size=80))
def test_any_words_are_assessed_or_refused(data: str, measures: str, sample: str) -> None:
    try:
        output = assess(Activity("a", data, measures=measures), sample=sample)
    except InputError as error:
        refused = error.field
    else:
        refused = "" if output.risks else "no risks"
    assert refused in {"", "sample", "activities.0.data"}


def test_each_risk_is_told_in_a_word_with_its_score_and_in_figures_on_a_tab() -> None:
    output = checked(EXAMPLE)
    tables = {one.title: one for one in privacy.present(output) if isinstance(one, blocks.Table)}
    worst = output.risks[0]
    assert tables["Risks and measures"].rows[0][:3] == (worst.system, worst.event, "critical 12")
    assert tables["Risks in figures"].rows[0][:6] == (worst.system, worst.event, 4, 3, 12, "critical")
    assert tables["Risks in figures"].tab == "Risks"
