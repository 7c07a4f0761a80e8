"""The record of processing (GDPR Article 30(1)) and the assessment's report, in Markdown."""

from collections.abc import Sequence
from typing import Protocol

from credit_studio.tools.data.assessment.criteria import Screening
from credit_studio.tools.data.assessment.entries import GapFound, RecordEntry
from credit_studio.tools.data.assessment.risk import Risk
from credit_studio.tools.data.inventory.exports import escaped

CONDITION_LETTERS = {
    "explicit consent": "a",
    "employment law": "b",
    "vital interests": "c",
    "not-for-profit": "d",
    "made public": "e",
    "legal claims": "f",
    "substantial public interest": "g",
    "health care": "h",
    "public health": "i",
    "research": "j",
}


class Assessed(Protocol):
    """What the documents need of an assessment."""

    @property
    def organisation(self) -> str: ...  # noqa: D102 - as in the output
    @property
    def contact(self) -> str: ...  # noqa: D102 - the same
    @property
    def record(self) -> tuple[RecordEntry, ...]: ...  # noqa: D102 - the same
    @property
    def risks(self) -> tuple[Risk, ...]: ...  # noqa: D102 - the same
    @property
    def gaps(self) -> tuple[GapFound, ...]: ...  # noqa: D102 - the same
    @property
    def screenings(self) -> tuple[Screening, ...]: ...  # noqa: D102 - the same


def record_of_processing(assessed: Assessed) -> str:
    """The record, a chapter for each activity, with the letters of Article 30(1)."""
    lines = [f"# Record of processing activities: {escaped(assessed.organisation)}", ""]
    lines += ["Kept under Article 30(1) of the GDPR. Letters are those of its paragraph.", ""]
    lines += _table(("(a) Controller", "Contact"), [(assessed.organisation, assessed.contact or "not given")])
    for number, one in enumerate(assessed.record, start=1):
        rows = [
            ("(b) Purposes", one.purpose or "not stated"),
            ("Lawful basis, Article 6(1)", one.basis),
            ("Condition, Article 9(2)", one.condition),
            ("(c) Categories of people", one.subjects or "not stated"),
            ("(c) Categories of data", one.data),
            ("About how many people", one.volume),
            ("(d) Recipients", one.recipients or "none"),
            ("(e) Transfers", one.transfer),
            ("(f) Erasure", one.retention),
            ("(g) Security", one.security or "not stated"),
        ]
        lines += ["", f"## {number}. {escaped(one.system)}", "", *_table(("Item", "Entry"), rows)]
    return "\n".join(lines) + "\n"


def assessment_report(assessed: Assessed) -> str:
    """The report in the order of Article 35(7): description, necessity, risks, measures."""
    lines = [f"# Data protection impact assessment: {escaped(assessed.organisation)}", ""]
    lines += ["In the order of Article 35(7) of the GDPR. Made from what was declared and from a sample; a person must check and sign it.", ""]
    lines += [
        "## 1. The processing",
        "",
        *_table(("Activity", "Purpose", "Data", "People"), [(r.system, r.purpose or "not stated", r.data, r.subjects) for r in assessed.record]),
    ]
    lines += [
        "",
        "## 2. Is an assessment needed?",
        "",
        *_table(("Activity", "Verdict", "Why"), [(one.system, one.verdict, one.reason) for one in assessed.screenings]),
    ]
    lines += ["", "## 3. Necessity and proportion: gaps", "", *_gaps(assessed.gaps)]
    lines += ["", "## 4. Risks to people", "", "Severity and likelihood are 1 to 4; the risk is their product.", ""]
    head = ("Activity", "Feared event", "Before", "Now", "Advised measures", "Then")
    lines += _table(
        head,
        [
            (
                r.system,
                r.event,
                _risk(r.severity, r.likelihood),
                f"{_risk(r.severity_now, r.likelihood_now)} {r.level_now}",
                ", ".join(r.advised) or "none",
                f"{_risk(r.severity_then, r.likelihood_then)} {r.level_then}",
            )
            for r in assessed.risks
        ],
    )
    lines += ["", "## 5. Decision", "", *_decision(assessed.risks)]
    lines += ["", "| | Name | Date |", "|---|---|---|", "| Accepted by | | |", "| Advice of the data protection officer | | |"]
    return "\n".join(lines) + "\n"


def _risk(severity: int, likelihood: int) -> str:
    return f"{severity} x {likelihood}"


def _gaps(gaps: Sequence[GapFound]) -> list[str]:
    if not gaps:
        return ["No gaps were found."]
    rows = [(one.severity, f"{one.law} {one.article}", one.system or "the organisation", one.text, one.fix) for one in gaps]
    return _table(("Severity", "Article", "Where", "Gap", "What to do"), rows)


def _decision(risks: Sequence[Risk]) -> list[str]:
    if any(one.level_then in {"high", "critical"} for one in risks):
        return ["With all advised measures a high risk remains: consult the supervisory authority before the processing begins (Article 36)."]
    if any(one.level_now in {"high", "critical"} for one in risks):
        return ["A high risk is there now. With the advised measures none remains: put them in place before the processing begins."]
    return ["No high risk is there with the measures in place."]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return [*lines, *(f"| {' | '.join(escaped(cell) for cell in row)} |" for row in rows)]
