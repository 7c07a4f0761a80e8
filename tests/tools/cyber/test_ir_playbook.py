import json
import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.tseries.holiday import USFederalHolidayCalendar

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import jsonable
from credit_studio.tools.cyber.incidents import library, platforms
from credit_studio.tools.cyber.incidents.case import RULES, TARGETS, TOOLS, AffectedSystem, Case, Kind, Platform, PlaybookInputs
from credit_studio.tools.cyber.incidents.deadlines import Deadline, add_month, business_days, deadlines, eastern, federal_holidays
from credit_studio.tools.cyber.incidents.outcome import PlaybookOutput
from credit_studio.tools.cyber.incidents.people import ACTIVITIES, ROLES, TITLES, Person, Role, Team
from credit_studio.tools.cyber.ir_playbook import TOOL, present, run
from tests.contracts import drawing, shapes

SAMPLES = Path(__file__).with_name("samples")
KINDS = get_args(Kind)
assert TOOL.example is not None
EXAMPLE: PlaybookInputs = TOOL.example
EVERYBODY = tuple(Person(role, f"p-{role}", "1", "d") for role in get_args(Role))
SMALL = PlaybookInputs("Org", "ddos", "2026-01-01 00:00", (AffectedSystem("Box", "other"),), (Person("hr", "Bea"),))
FOUND = datetime(2026, 3, 5, 6, 40, tzinfo=UTC)


def shown(inputs: PlaybookInputs) -> PlaybookOutput:
    """The output, when all that is shown of it can be drawn, both fit the limit and no word is left to fill in."""
    output = run(inputs)
    made = present(output)
    assert [fault for block in made for fault in drawing.faults(block)] == []
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    for told in (jsonable(output), blocks.to_json(made)):
        text = json.dumps(told, allow_nan=False, ensure_ascii=False)
        assert len(text.encode()) < TOOL.limits.output_bytes
        assert not re.search(r"\{[a-z]+\}", text.replace("awk", ""))
    return output


# --- deadlines ----------------------------------------------------------------------------------------------------------------


def due(rule: str, found: datetime = FOUND, people: int = 0) -> dict[str, datetime | None]:
    return {one.what: one.due for one in deadlines([rule], found, people)}


def at(text: str, hours: float = 0) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=timezone(timedelta(hours=hours)))


def test_the_times_of_european_law() -> None:
    assert due("gdpr") == {"Notification of a personal data breach": at("2026-03-08 06:40"), "Information of the people concerned": None}
    assert list(due("nis2").values()) == [at("2026-03-06 06:40"), at("2026-03-08 06:40"), at("2026-04-08 06:40")]
    assert list(due("dora").values()) == [at("2026-03-06 06:40"), at("2026-03-09 06:40"), at("2026-04-09 06:40")]


def test_the_times_of_hipaa_follow_the_number_of_people() -> None:
    assert due("hipaa", people=499) == {"Notice to individuals": at("2026-05-04 06:40"), "Notice to HHS": at("2027-03-01 23:59")}
    many = due("hipaa", people=500)
    assert set(many.values()) == {at("2026-05-04 06:40")}
    assert set(many) == {"Notice to individuals", "Notice to HHS", "Notice to the media"}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (at("2026-03-05 10:00", -5), at("2026-03-11 17:30", -4)),  # Thursday: Friday, Monday, Tuesday, Wednesday; summer time began on the 8th
        (at("2026-11-24 22:15", -5), at("2026-12-01 17:30", -5)),  # Thanksgiving between
        (at("2026-07-02 09:00", -4), at("2026-07-09 17:30", -4)),  # 4 July is a Saturday, observed on Friday the 3rd
        (at("2026-06-13 09:00", -4), at("2026-06-18 17:30", -4)),  # Saturday: Monday is the first day
        (at("2026-06-16 02:00", 2), at("2026-06-22 17:30", -4)),  # still Monday the 15th there; Juneteenth between
        (at("2027-12-29 09:00", -5), at("2028-01-05 17:30", -5)),  # New Year 2028 is a Saturday, observed on Friday 31 December
    ],
)
def test_four_business_days_of_the_sec(found: datetime, expected: datetime) -> None:
    assert due("sec", found) == {"Form 8-K, Item 1.05": expected}


def test_business_days_of_the_card_brands_skip_weekends() -> None:
    assert due("pci", at("2026-07-03 19:30", 2)) == {"First call": at("2026-07-03 19:30", 2), "Initial report": at("2026-07-08 23:59", 2)}
    assert business_days(date(2026, 3, 6), 1) == date(2026, 3, 9)


@pytest.mark.parametrize("year", range(2022, 2060))
def test_federal_holidays_are_those_of_pandas(year: int) -> None:
    listed = {day.date() for day in USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31")}
    assert {day for day in federal_holidays(year) if day.year == year} == listed


@pytest.mark.parametrize(("day", "offset"), [(date(2026, 3, 7), -5), (date(2026, 3, 8), -4), (date(2026, 10, 31), -4), (date(2026, 11, 1), -5)])
def test_eastern_time_changes_on_the_second_sunday_of_march_and_the_first_of_november(day: date, offset: int) -> None:
    assert eastern(day, time(12)).utcoffset() == timedelta(hours=offset)


@pytest.mark.parametrize(
    ("start", "expected"), [("2026-01-31", "2026-02-28"), ("2028-01-31", "2028-02-29"), ("2026-12-15", "2027-01-15"), ("2026-03-31", "2026-04-30")]
)
def test_a_month_later_is_the_same_day_or_the_last(start: str, expected: str) -> None:
    assert add_month(at(f"{start} 10:00")) == at(f"{expected} 10:00")


@given(st.integers(0, 36_000), st.integers(-48, 56), st.integers(0, 1_000))
@settings(max_examples=100, deadline=None)
def test_no_deadline_lies_before_the_discovery_and_they_come_in_order(days: int, quarters: int, people: int) -> None:
    there = datetime(2000, 1, 1, 17, 45, tzinfo=timezone(timedelta(minutes=15 * quarters))) + timedelta(days=days)
    told: list[Deadline] = deadlines(list(RULES), there, people)
    timed = [one.due for one in told if one.due is not None]
    assert timed == sorted(timed)
    assert timed[0] >= there
    assert [one.due is None for one in told] == sorted(one.due is None for one in told)


# --- people -------------------------------------------------------------------------------------------------------------------


def test_every_activity_has_one_who_answers_for_it_and_one_who_does_it() -> None:
    for activity, letters in ACTIVITIES:
        assert list(letters.values()).count("A") == 1, activity
        assert set(letters) <= set(TITLES)
    for activity, letters in Team(EVERYBODY).raci():
        assert any("R" in letter for letter in letters.values()), activity


@given(st.sets(st.sampled_from([role for role, _ in ROLES]), min_size=1))
@settings(max_examples=80, deadline=None)
def test_stand_ins_leave_one_accountable_and_nobody_outside(roles: set[str]) -> None:
    team = Team(tuple(Person(role, f"p-{role}") for role in sorted(roles)))  # type: ignore[arg-type]
    for activity, letters in team.raci():
        assert set(letters) <= roles
        assert sum(letter.startswith("A") for letter in letters.values()) == 1, activity
        assert any("R" in letter for letter in letters.values()), activity
    assert all(team.stands_in(role) == role for role in roles)


def test_a_stand_in_is_named_as_one() -> None:
    team = Team((Person("it", "Ina"), Person("executive", "Eva")))
    assert team.said("it") == "Ina (IT operations)"
    assert team.said("privacy") == "Eva (executive, for data protection officer)"


# --- the library --------------------------------------------------------------------------------------------------------------

WORDS = Case(EXAMPLE).words


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_whole(kind: str) -> None:
    for phase in library.PHASES:
        told = library.steps(kind, phase, WORDS, TOOLS)
        assert told
        assert {role for role, _ in told} <= set(TITLES)
        assert all(text[-1] in ".?" and "{" not in text for _, text in told)
    assert {one.role for one in (*library.decisions(kind, WORDS), *library.injects(kind, WORDS))} <= set(TITLES)
    assert len(library.injects(kind, WORDS)) >= 4
    assert len(library.techniques(kind)) >= 5
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", one.id) and one.look_for for one in library.techniques(kind))
    assert dict(library.KINDS)[kind]


def test_conditions_name_tools() -> None:
    held = library._library()
    listed = [step for part in (held["common"], *held["kind"].values()) for phase in library.PHASES for step in part.get(phase, [])]
    assert {step[2].removeprefix("!") for step in listed if len(step) > 2} <= set(TOOLS)


def test_what_a_person_wrote_is_not_filled_in_again() -> None:
    assert library.filled("{org} and {first}", {"org": "{first}", "first": "x|y"}) == "{first} and x|y"
    output = run(replace(EXAMPLE, systems=(AffectedSystem("a|b {org}", "linux"),)))
    assert output.exercise[1].news.startswith("Users of a|b {org} report")


def test_platforms_are_those_of_the_form() -> None:
    assert {name for name, _ in platforms.PLATFORMS} == set(get_args(Platform)) == set(platforms._platforms())
    kinds = {kind for held in platforms._platforms().values() for kind in held.get("check", {})}
    assert kinds <= set(KINDS)


SHELLS = ("linux", "web", "network", "kubernetes", "aws", "azure", "gcp", "google")


def test_commands_for_a_shell_have_its_syntax() -> None:
    listed = [command for platform in SHELLS for kind in KINDS for _, _, command in platforms.commands(platform, kind)]
    script = "\n".join(re.sub(r"<[^<>|;&]+>", "X", command) for command in dict.fromkeys(listed))
    done = subprocess.run(["/bin/bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(set(listed)) > 30


def test_commands_for_the_database_are_sql() -> None:
    for kind in KINDS:
        for _, _, command in platforms.commands("database", kind):
            text = re.sub(r"<(\w+)>", r"\1", command)
            text = re.sub(r"^\\copy \((.*)\) TO .*$", r"\1", text)
            assert sqlglot.parse(text, dialect="postgres")


def test_the_policy_against_older_sessions_is_json() -> None:
    command = next(command for _, what, command in platforms.commands("aws", "cloud_key") if "session" in what)
    policy = json.loads(command.partition("--policy-document '")[2].removesuffix("'"))
    assert policy["Statement"][0]["Effect"] == "Deny"
    assert "aws:TokenIssueTime" in policy["Statement"][0]["Condition"]["DateLessThan"]


# --- the playbook -------------------------------------------------------------------------------------------------------------


def steps_of(inputs: PlaybookInputs, phase: str) -> str:
    return "\n".join(one.text for one in run(inputs).steps if one.phase == library.PHASES[phase][0])


def test_steps_follow_the_tools_at_hand() -> None:
    assert "in Defender for Endpoint" in steps_of(EXAMPLE, "contain")
    without = steps_of(replace(EXAMPLE, edr=" "), "contain")
    assert "Defender" not in without
    assert "off the network (switch port" in without


def test_steps_follow_systems_and_kind() -> None:
    detect, contain = steps_of(EXAMPLE, "detect"), steps_of(EXAMPLE, "contain")
    assert "On File server (Windows), look for: deleted shadow copies and backups." in detect
    assert "On Domain controllers (Active Directory)" in contain
    assert "reset krbtgt" in contain
    assert "Watch Domain controllers and Order database closely" in contain
    assert "Microsoft 365" not in contain, "it is clean"


def test_affected_systems_are_isolated_and_suspected_ones_watched() -> None:
    isolate = next(one.text for one in run(EXAMPLE).steps if one.text.startswith("Isolate"))
    assert "File server and Warehouse application in Defender" in isolate


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_makes_a_playbook(kind: Any) -> None:
    output = shown(replace(EXAMPLE, kind=kind))
    assert [one.number for one in output.steps] == list(range(1, len(output.steps) + 1))
    assert list(dict.fromkeys(one.phase for one in output.steps)) == [title for title, _ in library.PHASES.values()]
    assert output.report.startswith("# Incident response playbook: ")
    assert all(one.text in output.report.replace("\\", "") for one in output.steps)


def test_times_of_phases_follow_the_severity() -> None:
    for severity, spans in TARGETS.items():
        assert list(spans.values()) == sorted(spans.values()), severity
    assert run(EXAMPLE).contain_until == "Thu 5 Mar 2026, 07:40"
    assert run(replace(EXAMPLE, severity="low")).contain_until == "Sun 8 Mar 2026, 06:40"


def test_evidence_stands_in_the_order_of_volatility() -> None:
    told = run(EXAMPLE).evidence
    assert [one.order for one in told] == sorted(one.order for one in told)
    assert (told[0].tier, told[-1].tier) == ("Memory", "Backups")
    assert {one.system for one in told} == {"File server", "Warehouse application", "Domain controllers", "Order database"}


def test_commands_carry_the_systems_that_they_are_for() -> None:
    told = {one.filename: one.text for one in run(EXAMPLE).commands}
    assert set(told) == {"commands-windows.txt", "commands-linux.txt", "commands-directory.txt", "commands-database.txt"}
    assert told["commands-database.txt"].startswith("-- Database (PostgreSQL): Order database\n")
    assert run(SMALL).commands == ()


def test_messages_are_made_for_the_rules_and_say_what_they_ask_for() -> None:
    told = {file.path.rpartition("/")[2][3:]: file.text for file in run(EXAMPLE).messages}
    assert {"authority-gdpr.txt", "authority-nis2.txt", "status-page.txt"} <= set(told)
    assert "authority-sec.txt" not in told
    gdpr = told["authority-gdpr.txt"]
    for asked in ("Nature of the breach", "Categories of data: names, addresses", "about 4,200", "Likely consequences", "Measures", "Data protection officer"):
        assert asked in gdpr, "Art. 33(3)"
    assert "cross-border" in told["authority-nis2.txt"]
    assert "Fri 6 Mar 2026, 06:40" in told["team-call.txt"]
    assert "[categories of data]" in {file.path: file.text for file in run(replace(EXAMPLE, data_affected="")).messages}["messages/07-authority-gdpr.txt"]


def test_the_exercise_keeps_to_its_time_and_tries_the_deputy_and_the_clock() -> None:
    for minutes in (45, 90, 240):
        told = run(replace(EXAMPLE, exercise_minutes=minutes)).exercise
        assert [one.minute for one in told] == sorted(one.minute for one in told)
        assert (told[0].kind, told[-1].kind) == ("Briefing", "Review")
        assert told[-1].minute < minutes
    text = " ".join(one.expected for one in run(EXAMPLE).exercise)
    assert "Tom Reed" in text
    assert "NIS2: early warning" in text
    assert "no deputy is named" in " ".join(one.news for one in run(SMALL).exercise)


def test_gaps_are_told_and_go_when_they_are_filled() -> None:
    told = {one.title: one.severity for one in run(replace(EXAMPLE, backup="", channel="")).gaps}
    assert told["No backup out of reach"] == "critical"
    assert told["No second channel"] == "high"
    assert "Role not filled: data protection officer" in told
    assert run(replace(EXAMPLE, people=EVERYBODY, siem="Sentinel")).gaps == ()


def test_a_second_person_of_a_role_stands_in_for_the_first() -> None:
    team = Team((Person("commander", "Ann"), Person("commander", "Bob"), Person("lead", "Cem", "1", "Dan")))
    assert (team.said("commander"), team.deputy("commander"), team.deputy("lead")) == ("Ann (incident commander)", "Bob", "Dan")
    assert Team((Person("it", "Ann"),)).deputy("commander") == ""


def test_a_person_with_many_roles_is_a_gap() -> None:
    people = (Person("commander", "Max", "1", "d"), Person("lead", "Max", "1"), Person("it", "Max", "1"))
    told = next(one for one in run(replace(EXAMPLE, people=people)).gaps if one.title.startswith("One person"))
    assert told.detail == "In the first hours: incident commander, technical lead and IT operations."


def test_the_smallest_case_makes_a_whole_playbook() -> None:
    output = shown(SMALL)
    assert output.deadlines == ()
    assert output.commander == "Bea (human resources, for incident commander)"


@pytest.mark.parametrize(
    ("name", "first", "gap"),
    [
        ("cloud-key", "GDPR", "Role not filled: communications"),
        ("clinic-mail", "HIPAA", "Role not filled: incident commander"),
        ("shop-ddos", "PCI DSS", "Role not filled: technical lead"),
    ],
)
def test_other_cases_are_planned_too(name: str, first: str, gap: str) -> None:
    output = shown(validation.parse(TOOL, json.loads((SAMPLES / f"playbook-{name}.json").read_text())))
    assert output.deadlines[0].rule == first
    assert gap in {one.title for one in output.gaps}


def test_the_document_escapes_what_people_wrote() -> None:
    evil = "<b>[x](http://a)|```*_"
    people = tuple(replace(one, name=evil, contact=evil, deputy=evil) for one in EXAMPLE.people)
    output = shown(replace(EXAMPLE, organisation=evil, people=people, systems=(AffectedSystem(evil, "linux"),), edr=evil[:40], data_affected=evil))
    fenced = re.sub(r"```\n.*?\n```\n", "", output.report, flags=re.DOTALL)
    assert not re.search(r"(?<!\\)<b>", fenced)
    assert not re.search(r"(?<!\\)\]\(", fenced)
    assert output.report.count("```") % 2 == 0


def test_the_largest_case_fits_its_limits() -> None:
    wide = "\U0001f4a9" * 58
    systems = tuple(AffectedSystem(f"{number:02}{wide}", get_args(Platform)[number % 14], "affected") for number in range(20))
    people = tuple(replace(one, name=wide, contact=wide, deputy=wide) for one in EVERYBODY)
    rules = dict.fromkeys(RULES, True)
    tools = dict.fromkeys(TOOLS, wide[:40])
    shown(PlaybookInputs(wide, "ransomware", "2026-12-31 23:59", systems, people, people_affected=600, data_affected=wide * 3, **rules, **tools))


GOOD: dict[str, Any] = {
    "organisation": "O",
    "kind": "malware",
    "discovered": "2026-03-05 14:20",
    "systems": [{"name": "S"}],
    "people": [{"role": "lead", "name": "L"}],
}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"discovered": "2026-02-30 14:20"}, "discovered"),
        ({"discovered": "2026/03/05 14:20"}, "discovered"),
        ({"discovered": "1999-12-31 23:59"}, "discovered"),
        ({"discovered": "\u0662\u0660\u0662\u0666-03-05 14:20"}, "discovered"),
        ({"utcOffset": 0.1}, "utcOffset"),
        ({"utcOffset": 15.0}, "utcOffset"),
        ({"systems": [{"name": "S"}, {"name": "s"}]}, "systems.1.name"),
        ({"systems": [{"name": " "}]}, "systems.0.name"),
        ({"systems": []}, "systems"),
        ({"people": [{"role": "lead", "name": "L", "contact": "a\x00"}]}, "people.0.contact"),
        ({"kind": "fire"}, "kind"),
        ({"dataAffected": "a\nb"}, "dataAffected"),
        ({"siem": "a\u202eb"}, "siem"),
        ({"exerciseMinutes": 10}, "exerciseMinutes"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, GOOD | change)
    assert refused.value.errors[0].field == field


def test_units_grow_with_systems() -> None:
    assert TOOL.cost is not None
    assert TOOL.cost.units(SMALL) < TOOL.cost.units(EXAMPLE)
    assert TOOL.cost.describe(EXAMPLE) == "Ransomware, 5 systems, 7 roles"


def test_the_clock_is_short_and_the_data_tell_the_deadlines_in_full() -> None:
    made = present(run(EXAMPLE))
    figures = next(one for one in made if isinstance(one, blocks.KeyFigures)).figures
    assert [one.value for one in figures[:2]] == ["Fri 6 Mar 06:40", "Thu 5 Mar 07:40"]
    tables = {one.title: one for one in made if isinstance(one, blocks.Table)}
    assert tables["The clock"].rows[0] == ("Early warning", "Fri 6 Mar 2026, 06:40", "CSIRT or competent authority", "NIS2 Art. 23(4)(a)")
    assert tables["Deadlines"].rows[0][4:7] == ("Fri 6 Mar 2026, 06:40", "2026-03-06 06:40", 24.0)
    assert [row[1] for row in tables["The clock"].rows][-1] == "without undue delay"
