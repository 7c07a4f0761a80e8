"""What leaves the audit: the report to read, the statement of applicability, and CSV that no spreadsheet takes for formulas."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

from credit_studio.tools.cyber.audits.maturity import RULE, Domain, Result
from credit_studio.tools.cyber.audits.remediation import RULE as PLAN_RULE
from credit_studio.tools.cyber.audits.remediation import Task
from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS
from credit_studio.tools.cyber.controls.relations import NOTE

_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@\t\r]")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_FIRST = 25
Cell = str | int | float | None


@dataclass(frozen=True)
class Cover:
    """What the report says first. `maturity` is None when nothing applies."""

    organisation: str
    framework: str
    as_of: str
    target: int
    maturity: float | None
    applicable: int
    at_target: int
    uncertain: int
    pieces: int


def safe_csv(heads: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> str:
    """CSV in which a text that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV injection")."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows([[_defused(cell) for cell in row] for row in rows])
    return out.getvalue()


def _defused(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def applicability(results: tuple[Result, ...]) -> list[tuple[Cell, ...]]:
    """The rows of the statement of applicability: control, title, whether it applies, why not, status, level, owner, evidence and its date."""
    return [
        (
            *(one.id, one.title, "yes" if one.is_applicable else "no", "" if one.is_applicable else one.text),
            *(one.status, one.level if one.is_applicable else None, one.owner, one.text if one.is_applicable else "", one.dated),
        )
        for one in results
    ]


APPLICABILITY_HEADS = ("Control", "About", "Applies", "Reason if not", "Status", "Level", "Owner", "Evidence", "Date")


def markdown(cover: Cover, domains: tuple[Domain, ...], results: tuple[Result, ...], tasks: tuple[Task, ...]) -> str:
    """The report: result, domains, gaps, plan, method, and the statement of applicability as an annex."""
    framework = FRAMEWORKS[cover.framework]
    title = f"# {framework.name}: gap assessment{' of ' + _text(cover.organisation) if cover.organisation.strip() else ''}"
    parts = [title, _summary(cover, tasks), "## Domains", _domains(domains), "## Gaps", _gaps(tasks), "## Plan", _plan(tasks)]
    parts += ["## Method", f"{RULE}\n\n{PLAN_RULE}\n\nEdition: {framework.edition}. {NOTE}", "## Annex: statement of applicability", _annex(results)]
    return "\n\n".join(parts) + "\n"


def _summary(cover: Cover, tasks: tuple[Task, ...]) -> str:
    level = "no control applies" if cover.maturity is None else f"maturity is **{cover.maturity:.1f} of 5**, against a target of {cover.target}"
    heavy = sum(task.severity in {"critical", "high"} for task in tasks)
    last = f" At the stated pace the plan ends on {tasks[-1].due}." if tasks else ""
    unsure = f" {cover.uncertain} pieces of evidence could not be matched with certainty and are not counted." if cover.uncertain else ""
    return (
        f"As of {cover.as_of} {level}. {cover.at_target} of {cover.applicable} controls that apply are at the target or above. "
        f"{len(tasks)} gaps remain, {heavy} of them critical or high.{last} {cover.pieces} pieces of evidence were given.{unsure}"
    )


def _domains(domains: tuple[Domain, ...]) -> str:
    rows = [(one.key, one.name, _level(one.maturity), f"{one.at_target} of {one.applicable}") for one in domains]
    return _table(("Domain", "About", "Maturity", "At target"), rows)


def _gaps(tasks: tuple[Task, ...]) -> str:
    heavy = [task for task in tasks if task.severity in {"critical", "high"}]
    if not heavy:
        return "No gap is critical or high."
    left = len(heavy) - _FIRST
    more = f"\n\n{left} more are in the plan." if left > 0 else ""
    return _table(("Control", "About", "Severity", "Why"), [(task.id, task.title, task.severity, task.cause) for task in heavy[:_FIRST]]) + more


def _plan(tasks: tuple[Task, ...]) -> str:
    if not tasks:
        return "Nothing is left to do for this target."
    left = len(tasks) - _FIRST
    more = f"\n\n{left} more steps follow, until {tasks[-1].due}." if left > 0 else ""
    rows = [(str(task.order), task.id, task.action, _text(task.owner) or "-", f"{task.days:g}", task.due) for task in tasks[:_FIRST]]
    return _table(("No.", "Control", "What to do", "Owner", "Days", "Due"), rows) + more


def _annex(results: tuple[Result, ...]) -> str:
    rows = [tuple(_text(_short("" if cell is None else str(cell))) for cell in row) for row in applicability(results)]
    return _table(APPLICABILITY_HEADS, rows)


def _level(maturity: float | None) -> str:
    return "-" if maturity is None else f"{maturity:.1f}"


def _short(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:159]}\u2026"  # noqa: PLR2004 - what a cell of a page holds


def _text(text: str) -> str:
    """A text from outside that Markdown shows as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", _BLANK.sub(" ", text).strip())


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
