import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import blocks, validation
from credit_studio.tools.base import InputError, jsonable
from credit_studio.tools.cyber.audits.evidence import Evidence
from credit_studio.tools.cyber.audits.maturity import Result, months_between
from credit_studio.tools.cyber.audits.remediation import SEVERITIES, Task, severity
from credit_studio.tools.cyber.audits.report import safe_csv
from credit_studio.tools.cyber.compliance import TOOL, Inputs, Output, present, run
from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS, by_id, controls
from tests.contracts import drawing

SAMPLES = Path(__file__).with_name("samples")
assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example
EMPTY = Inputs(as_of="2026-11-01")
FRESH, OLD = "2026-10-01", "2024-10-01"


def audit(*evidence: Evidence, **more: Any) -> Output:
    output = run(replace(EMPTY, evidence=evidence, **more))
    json.dumps(jsonable(output), allow_nan=False)
    assert [fault for block in present(output) for fault in drawing.faults(block)] == []
    return output


def sample(name: str, framework: Any, **more: Any) -> Output:
    return audit(framework=framework, csv=(SAMPLES / f"compliance-{name}.csv").read_text(), **more)


def result(output: Output, control: str) -> Result:
    return next(one for one in output.results if one.id == control)


def task(output: Output, control: str) -> Task:
    return next(one for one in output.tasks if one.id == control)


# --- the rule of maturity, worked by hand -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "dated", "owner", "level", "causes"),
    [
        ("implemented", "audit", FRESH, "IT", 5, ()),
        ("implemented", "audit", OLD, "IT", 4, ("stale",)),
        ("implemented", "audit", FRESH, "", 3, ("no owner",)),
        ("implemented", "test", FRESH, "IT", 4, ()),
        ("implemented", "test", "", "IT", 3, ("undated",)),
        ("implemented", "record", FRESH, "IT", 3, ()),
        ("implemented", "configuration", FRESH, "", 3, ("no owner",)),
        ("implemented", "record", OLD, "IT", 2, ("stale",)),
        ("implemented", "policy", FRESH, "IT", 2, ("design only",)),
        ("implemented", "policy", OLD, "IT", 1, ("design only", "stale")),
        ("implemented", "statement", FRESH, "IT", 1, ("no proof",)),
        ("implemented", "none", "", "", 1, ("no proof", "no owner")),
        ("partly", "audit", FRESH, "IT", 2, ("partly",)),
        ("partly", "record", FRESH, "IT", 2, ("partly",)),
        ("partly", "policy", FRESH, "IT", 1, ("partly", "design only")),
        ("partly", "none", "", "IT", 1, ("partly", "no proof")),
        ("planned", "record", FRESH, "IT", 0, ("planned",)),
        ("not implemented", "audit", FRESH, "IT", 0, ("not implemented",)),
    ],
)
def test_the_level_of_one_piece_of_evidence(status: Any, kind: Any, dated: str, owner: str, level: int, causes: tuple[str, ...]) -> None:
    found = result(audit(Evidence("A.8.13", "shown", status, kind, owner, dated)), "A.8.13")
    assert (found.level, found.causes, found.status) == (level, causes, status)


def test_a_document_shows_a_control_that_is_a_document() -> None:
    output = audit(Evidence("A.5.1, A.8.13", "", "implemented", "policy", "CISO", FRESH))
    assert (result(output, "A.5.1").level, result(output, "A.8.13").level) == (3, 2)


def test_the_strongest_piece_decides_the_level_and_the_weakest_status_the_status() -> None:
    output = audit(
        Evidence("A.8.5", "policy", "implemented", "policy", "IT", FRESH),
        Evidence("A.8.5", "test of VPN", "implemented", "test", "", FRESH),
        Evidence("A.8.5", "mail not yet", "partly", "statement", "", FRESH),
    )
    found = result(output, "A.8.5")
    assert (found.status, found.level, found.pieces, found.is_conflicting, found.owner) == ("partly", 2, 3, True, "IT")
    assert any(finding.title.startswith("A.8.5: statuses differ") for finding in findings(output))


def findings(output: Output) -> tuple[blocks.Finding, ...]:
    return next(block for block in present(output) if isinstance(block, blocks.Findings)).findings


def test_evidence_is_fresh_for_so_many_months_and_no_day_more() -> None:
    for dated, level in (("2025-11-02", 3), ("2025-11-01", 2)):
        assert result(audit(Evidence("A.8.13", "", "implemented", "record", "IT", dated)), "A.8.13").level == level
    assert months_between(date(2026, 1, 31), date(2026, 3, 1)) == pytest.approx(2 - 30 / 31)


def test_not_applicable_needs_a_reason() -> None:
    output = audit(Evidence("A.8.30", "Nothing is outsourced", "not applicable"), Evidence("A.8.31", "", "not applicable"))
    excluded, open_ = result(output, "A.8.30"), result(output, "A.8.31")
    assert (excluded.is_applicable, open_.is_applicable, open_.level, open_.causes) == (False, True, 0, ("no reason",))
    assert "A.8.30" not in {one.id for one in output.tasks}
    assert task(output, "A.8.31").days == 0.5
    row = next(row for row in rows_of(output, "Statement of applicability") if row[0] == "A.8.30")
    assert row[2:4] == ("no", "Nothing is outsourced")


def rows_of(output: Output, title: str) -> tuple[Any, ...]:
    return next(block for block in present(output) if isinstance(block, blocks.Table) and block.title == title).rows


def test_the_whole_is_the_mean_weighted_by_risk() -> None:
    output = audit(Evidence("CC8.1", "", "implemented", "test", "CTO", FRESH), Evidence("CC3.3", "", "implemented", "record", "CFO", FRESH), framework="soc2")
    weights = sum(control.weight for control in controls("soc2"))
    assert by_id("soc2")["CC8.1"].weight == 3
    assert by_id("soc2")["CC3.3"].weight == 2
    assert output.maturity == pytest.approx((3 * 4 + 2 * 3) / weights)
    domains = {one.key: one for one in output.domains}
    assert domains["CC8"].maturity == 4
    assert domains["CC1"].maturity == 0
    assert dict(domains["CC3"].counts) == {"implemented": 1, "partly": 0, "planned": 0, "not implemented": 0, "no evidence": 3, "not applicable": 0}


# --- the plan ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "status", "gain", "expected"),
    [
        (3, "not implemented", 3, "critical"),
        (3, "planned", 1, "critical"),
        (3, "no evidence", 3, "high"),
        (3, "partly", 2, "high"),
        (2, "not implemented", 2, "high"),
        (2, "implemented", 1, "medium"),
        (1, "no evidence", 3, "medium"),
        (1, "partly", 1, "low"),
    ],
)
def test_severity_follows_status_weight_and_missing_levels(weight: int, status: str, gain: int, expected: str) -> None:
    assert severity(weight, status, gain) == expected


def test_the_plan_is_dated_by_days_of_work_a_month() -> None:
    """All but three controls of SOC 2 at the target: 25, 2 and 2 days of work, ten of them a month."""
    done = [Evidence(control.id, "", "implemented", "record", "X", FRESH) for control in controls("soc2") if control.id not in {"CC7.2", "CC3.3", "CC1.1"}]
    output = audit(*done, framework="soc2", days_a_month=10)
    assert [(one.id, one.severity, one.days, one.due) for one in output.tasks] == [
        ("CC1.1", "high", 2.0, "2026-11-08"),  # 2 / 10 x 30.44 = 6.1, 7 days
        ("CC3.3", "high", 2.0, "2026-11-14"),  # 4 / 10 x 30.44 = 12.2, 13 days
        ("CC7.2", "high", 25.0, "2027-01-29"),  # 29 / 10 x 30.44 = 88.3, 89 days
    ]


def test_what_an_earlier_step_builds_costs_a_quarter() -> None:
    output = audit()
    first, second = sorted((task(output, "A.8.26"), task(output, "A.8.27")), key=lambda one: one.order)
    assert (first.days, second.days) == (8.0, 2.0)
    assert second.action == f"Comes with step {first.order} ({first.id}): check what this control asks beyond it."


def test_the_plan_is_in_order_and_has_every_gap_once() -> None:
    output = run(EXAMPLE)
    ranks = [SEVERITIES.index(one.severity) for one in output.tasks]
    assert ranks == sorted(ranks)
    assert [one.due for one in output.tasks] == sorted(one.due for one in output.tasks)
    assert sorted(one.id for one in output.tasks) == sorted(one.id for one in output.results if one.is_applicable and one.level < 3)
    assert [one.order for one in output.tasks] == list(range(1, len(output.tasks) + 1))


def test_a_higher_target_asks_for_tests_and_then_for_an_audit() -> None:
    evidence = Evidence("A.8.13", "", "implemented", "record", "IT", FRESH)
    assert "A.8.13" not in {one.id for one in audit(evidence).tasks}
    assert task(audit(evidence, target=4), "A.8.13").action.startswith("Test or measure")
    assert task(audit(evidence, target=5), "A.8.13").action.startswith("Have it audited")


# --- matching and other frameworks ------------------------------------------------------------------------------------------


def test_uncertain_evidence_is_proposed_and_not_counted() -> None:
    output = audit(Evidence("Antivirus", "", "implemented", "test", "IT", FRESH), Evidence("A.5.99", "", "implemented", "test", "IT", FRESH))
    assert output.uncertain == 2
    assert all(one.level == 0 for one in output.results)
    assert {one.verdict for one in output.matched} <= {"proposed", "not found"}
    assert any("2 pieces of evidence are not counted" in finding.title for finding in findings(output))


def test_evidence_in_words_is_counted_when_it_is_sure() -> None:
    output = sample("soc2", "soc2")
    levels = {one.id: one.level for one in output.results if one.pieces}
    assert levels == {"CC1.1": 3, "CC9.2": 3, "CC8.1": 3, "CC7.4": 4, "CC1.2": 2}
    assert [one.text for one in output.matched if one.verdict != "counted"] == ["Our mascot is a heron Our mascot is a heron"]


def test_evidence_gives_something_in_other_frameworks() -> None:
    output = audit(Evidence("A.8.13", "", "implemented", "test", "IT", FRESH), Evidence("A.5.7", "", "planned"))
    found = {one.framework: one for one in output.elsewhere}
    assert found["csf2"].all_of == ("PR.DS-11", "RC.RP-03")
    assert found["cis8"].all_of == ("11.2", "11.4", "11.5")
    assert found["cis8"].some == 2
    assert found["csf2"].none == 106 - 2 - found["csf2"].some
    assert dict(output.related)["A.8.13"][0] == "PR.DS-11, RC.RP-03"
    assert set(found) == set(FRAMEWORKS) - {"iso27001"}


# --- CSV --------------------------------------------------------------------------------------------------------------------


def test_a_csv_with_other_words_and_semicolons_is_understood() -> None:
    output = sample("cis", "cis8", group="1")
    assert len(output.results) == 56
    levels = {one.id: one.level for one in output.results if one.pieces}
    assert levels == {"1.1": 3, "1.2": 2, "2.1": 3, "2.2": 3, "4.1": 0, "5.2": 3, "6.3": 4, "6.4": 3, "11.2": 3, "14.1": 1, "17.1": 0}
    assert len(sample("cis", "cis8", group="2").results) == 130
    assert not result(sample("cis", "cis8", group="2"), "18.1").is_applicable


def test_a_csv_with_tabs_and_sub_requirements_is_understood() -> None:
    output = sample("pci", "pci4")
    levels = {one.id: one.level for one in output.results if one.pieces}
    assert levels == {"1.2": 5, "3.3": 4, "8.3": 3, "8.4": 0, "9.5": 0, "11.3": 4, "12.10": 4}
    assert not result(output, "9.5").is_applicable
    assert task(output, "8.4").severity == "critical"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "Needs a header"),
        ("status\nyes\n", "Needs a header"),
        ("control,status\nA.5.1,maybe\n", "Line 2: the status 'maybe'"),
        ("control,status\nA.5.1,\n", "Line 2: the status ''"),
        ("control,status,kind\nA.5.1,yes,rumour\n", "Line 2: the kind 'rumour'"),
        ("control,status,date\n\nA.5.1,yes,yesterday\n", "Line 3: 'yesterday' must be a date"),
        ("control,status,date\nA.5.1,yes,2026-02-30\n", "Line 2: There is no day 2026-02-30"),
        ("control,status,date\nA.5.1,yes,2026-11-02\n", "is after 2026-11-01"),
        ("control,status\n,yes\n", "Line 2: names no control"),
        ("control,status\nA.5.1,yes,no\n", "Line 2: has 3 cells"),
        (f"control,status\n{'x' * 201},yes\n", "Line 2: the control is longer"),
        ('control,status\n"A.5.1,yes\n', "quote is not closed"),
        ("control,status\n" + "A.5.1,yes\n" * 3_001, "more than 3,000 rows"),
    ],
)
def test_a_bad_csv_is_refused_by_its_line(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        audit(csv=text)
    assert refused.value.field == "csv"
    assert said in refused.value.message


def test_a_bad_date_is_refused_by_its_row() -> None:
    for dated in ("2026-13-01", "1.10.2026", "2026-11-02", "\u0662026-1-01"):
        with pytest.raises(InputError) as refused:
            audit(Evidence("A.5.1"), Evidence("A.5.2", date=dated))
        assert refused.value.field == "evidence.1.date"


@pytest.mark.parametrize(
    ("field", "value"),
    [("asOf", "2026-02-30"), ("asOf", "yesterday!"), ("target", 6), ("target", 0), ("freshMonths", 61), ("framework", "hipaa"),
     ("group", "4"), ("daysAMonth", 0), ("csv", 7)],
)  # fmt: skip
def test_bad_input_is_refused_by_its_field(field: str, value: object) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, validation.example_json(TOOL) | {field: value})
    assert [error.field for error in refused.value.errors] == [field]


# --- what leaves the tool ---------------------------------------------------------------------------------------------------


def test_exports_are_no_formulas() -> None:
    output = sample("pci", "pci4")
    texts = [block for block in present(output) if isinstance(block, blocks.Code)]
    assert [code.filename for code in texts] == ["statement-of-applicability.csv", "remediation-plan.csv"]
    rows = list(csv.reader(io.StringIO(texts[0].text)))
    row = next(row for row in rows if row[0] == "12.10")
    assert (row[6], row[7]) == ("'+Security", '\'=HYPERLINK("http://evil.example")')
    assert all(not cell.startswith(("=", "+", "-", "@", "\t")) for row in rows for cell in row)


@given(st.text(max_size=30))
def test_no_text_begins_a_formula_in_an_export(text: str) -> None:
    (cell,) = list(csv.reader(io.StringIO(safe_csv(("a",), [(text,)]), newline="")))[1:][0] or [""]
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert cell in {text, f"'{text}"} or "\r" in text or "\n" in text or "\x00" in text


def test_the_report_shows_what_people_write_and_renders_none_of_it() -> None:
    hostile = "<script>alert(1)</script> | *x* [a](b)\n# y"
    output = audit(Evidence("A.5.1", hostile, "implemented", "policy", hostile[:100], FRESH), organisation=hostile)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(output.document)
    kinds = {child.type for token in tokens for child in token.children or []} | {token.type for token in tokens}
    assert kinds.isdisjoint({"html_block", "html_inline", "link_open", "em_open"})
    html = MarkdownIt("commonmark").enable("table").render(output.document)
    assert html.count("<h1>") == 1
    assert html.count("<table>") == 4
    assert html.rpartition("<tbody>")[2].count("<tr>") == 93


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_evidence_at_all_is_a_list_of_all_gaps(framework: Any) -> None:
    output = audit(framework=framework)
    assert output.maturity == 0
    assert len(output.tasks) == len(controls(framework))
    assert "Every control" not in output.document


def test_perfect_evidence_leaves_nothing_to_do() -> None:
    rows = tuple(Evidence(control.id, "", "implemented", "audit", "X", FRESH) for control in controls("gdpr"))
    output = audit(*rows, framework="gdpr", target=5)
    assert (output.maturity, output.tasks) == (5.0, ())
    assert "Nothing is left to do" in output.document


def test_a_framework_of_which_nothing_applies_has_no_maturity() -> None:
    output = audit(*(Evidence(control.id, "not here", "not applicable") for control in controls("gdpr")), framework="gdpr")
    assert (output.maturity, output.tasks) == (None, ())


def test_the_largest_input_fits_the_limits() -> None:
    line = "Quarterly user access review,Sample of joiners and leavers with approval tickets and removal logs,yes,record,Head of IT,2026-10-12\n"
    output = audit(csv="control,description,status,kind,owner,date\n" + line * 3_000, framework="cis8")
    assert output.pieces == 3_000
    assert len(json.dumps(blocks.to_json(present(output)))) < TOOL.limits.output_bytes / 2
    assert len(json.dumps(jsonable(output))) < TOOL.limits.output_bytes / 2


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=60), st.text(max_size=60), st.sampled_from(("implemented", "partly", "not applicable"))), max_size=6),
    st.sampled_from(sorted(FRAMEWORKS)),
)
def test_any_text_is_evidence_or_not_and_never_a_fault(rows: list[tuple[str, str, Any]], framework: Any) -> None:
    output = audit(*(Evidence(control, text, status) for control, text, status in rows), framework=framework)
    assert output.pieces == len(rows)
    assert all(0 <= one.level <= 5 for one in output.results)
