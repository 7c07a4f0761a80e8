"""Evidence as people give it, in rows of the form or in a CSV, and the controls that each piece is for."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from annotated_types import Len, MaxLen

from credit_studio.tools.base import InputError, ui
from credit_studio.tools.cyber.controls.matching import Match, match
from credit_studio.tools.data.tabular.reading import chunks, shape_of, tidy

Status = Literal["implemented", "partly", "planned", "not implemented", "not applicable"]
Kind = Literal["none", "statement", "policy", "record", "configuration", "test", "audit"]

MOST_ROWS = 3_000
_MOST = {"control": 200, "description": 1_000, "owner": 120}
_STATUSES = (
    ("implemented", "Implemented"),
    ("partly", "Partly implemented"),
    ("planned", "Planned"),
    ("not implemented", "Not implemented"),
    ("not applicable", "Not applicable"),
)
_KINDS = (
    ("none", "None"),
    ("statement", "Statement or interview"),
    ("policy", "Policy or procedure"),
    ("record", "Record, log or ticket"),
    ("configuration", "Configuration or export"),
    ("test", "Test, scan or measurement"),
    ("audit", "Independent audit or certificate"),
)
_HEADS = {
    "control": ("control", "control id", "id", "reference", "ref", "requirement", "criterion", "safeguard", "article", "clause"),
    "description": ("description", "evidence", "title", "text", "name", "note", "notes", "comment", "justification"),
    "status": ("status", "state", "implementation", "implementation status", "implemented"),
    "kind": ("kind", "type", "kind of evidence", "evidence type", "evidence kind"),
    "owner": ("owner", "responsible", "control owner", "accountable"),
    "date": ("date", "evidence date", "last reviewed", "reviewed", "last checked", "checked", "collected"),
}
_SAID_STATUS: dict[str, Status] = {
    **dict.fromkeys(("implemented", "yes", "y", "done", "full", "fully implemented", "in place", "compliant", "met", "effective"), "implemented"),
    **dict.fromkeys(
        ("partly", "partial", "partially", "partially implemented", "partly implemented", "in progress", "ongoing", "partially compliant"), "partly"
    ),
    **dict.fromkeys(("planned", "to do", "todo", "open"), "planned"),
    **dict.fromkeys(("not implemented", "no", "n", "none", "missing", "absent", "non-compliant", "not compliant", "not met", "gap"), "not implemented"),
    **dict.fromkeys(("not applicable", "n/a", "na", "excluded", "out of scope"), "not applicable"),
}
_SAID_KIND: dict[str, Kind] = {
    **dict.fromkeys(("", "none", "-"), "none"),
    **dict.fromkeys(("statement", "interview", "self-assessment", "self assessment", "claim", "questionnaire"), "statement"),
    **dict.fromkeys(("policy", "procedure", "document", "standard", "contract", "plan"), "policy"),
    **dict.fromkeys(("record", "records", "log", "logs", "ticket", "tickets", "minutes", "screenshot", "register", "list"), "record"),
    **dict.fromkeys(("configuration", "config", "export", "settings", "setting", "code"), "configuration"),
    **dict.fromkeys(("test", "scan", "measurement", "metric", "metrics", "test report", "test result", "exercise"), "test"),
    **dict.fromkeys(("audit", "certificate", "attestation", "audit report", "soc report", "independent audit", "external audit"), "audit"),
}


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence, or one statement on a control."""

    control: Annotated[str, Len(1, 200)] = ui("Control", "Identifiers such as A.5.15, or what it is about in words.", placeholder="A.8.13")
    description: Annotated[str, MaxLen(1_000)] = ui("Evidence", "What shows it. For what does not apply: why.", default="")
    status: Status = ui("Status", "How far the control is.", default="implemented", choices=_STATUSES)
    kind: Kind = ui("Kind", "What sort of evidence it is.", default="none", choices=_KINDS)
    owner: Annotated[str, MaxLen(120)] = ui("Owner", "Who answers for the control.", default="")
    date: Annotated[str, MaxLen(10)] = ui("Date", "Of the evidence, such as 2026-10-01. Empty if unknown.", default="")


@dataclass(frozen=True)
class Item:
    """A piece of evidence with its place ("row 3" or "line 12"), its date, and what it was matched to."""

    place: str
    evidence: Evidence
    dated: date | None
    matches: tuple[Match, ...]

    @property
    def counts(self) -> bool:
        """True when every control that it is for is sure."""
        return all(found.is_sure for found in self.matches)


def day(text: str, field: str, where: str = "") -> date:
    """The date that a text such as 2026-10-01 is; raises `InputError` on `field`."""
    if re.fullmatch(r"[12]\d{3}-\d\d-\d\d", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise InputError(field, f"{where}There is no day {text}.") from None
    raise InputError(field, f"{where}{text[:20]!r} must be a date such as 2026-10-01.")


def items(framework: str, rows: tuple[Evidence, ...], csv: str, as_of: date) -> tuple[Item, ...]:
    """All evidence of the form and of the CSV, matched; raises `InputError` on "evidence.N.date" or on "csv" naming the line."""
    found = [_item(framework, f"row {number}", row, as_of, f"evidence.{number - 1}.date", "") for number, row in enumerate(rows, start=1)]
    if csv.strip():
        found += [_item(framework, f"line {line}", row, as_of, "csv", f"Line {line:,}: ") for line, row in _from_csv(csv)]
    return tuple(found)


def _item(framework: str, place: str, row: Evidence, as_of: date, field: str, where: str) -> Item:
    dated = day(row.date.strip(), field, where) if row.date.strip() else None
    if dated is not None and dated > as_of:
        raise InputError(field, f"{where}{dated} is after {as_of}, the day as of which the audit is made.")
    return Item(place, row, dated, match(framework, row.control, row.description))


def _from_csv(csv: str) -> list[tuple[int, Evidence]]:
    text = tidy(csv)
    shape = shape_of(text, "auto", has_header=True)
    places = _columns(shape.columns)
    found: list[tuple[int, Evidence]] = []
    for chunk in chunks(text, shape):
        for line, row in zip(chunk.lines, chunk.rows, strict=True):
            if len(found) == MOST_ROWS:
                raise InputError("csv", f"Has more than {MOST_ROWS:,} rows.")
            found.append((line, _evidence(line, {name: row[place].strip() for name, place in places.items()})))
    return found


def _columns(names: tuple[str, ...]) -> dict[str, int]:
    """Which column holds what, by its name."""
    lower = [name.strip().lower().replace("_", " ") for name in names]
    places = {what: lower.index(head) for what, heads in _HEADS.items() for head in reversed(heads) if head in lower}
    if "status" not in places or not places.keys() & {"control", "description"}:
        raise InputError("csv", "Needs a header with the columns control and status; description, kind, owner and date may stand beside them.")
    return places


def _evidence(line: int, cells: dict[str, str]) -> Evidence:
    for name, most in _MOST.items():
        if len(cells.get(name, "")) > most:
            raise InputError("csv", f"Line {line:,}: the {name} is longer than {most:,} characters.")
    control = cells.get("control", "") or cells.get("description", "")[:200]
    if not control:
        raise InputError("csv", f"Line {line:,}: names no control and has no description.")
    status = _SAID_STATUS.get(cells["status"].lower())
    kind = _SAID_KIND.get(cells.get("kind", "").lower())
    if status is None:
        raise InputError("csv", f"Line {line:,}: the status {cells['status'][:40]!r} must be one of {', '.join(value for value, _ in _STATUSES)}.")
    if kind is None:
        raise InputError("csv", f"Line {line:,}: the kind {cells['kind'][:40]!r} must be one of {', '.join(value for value, _ in _KINDS)}.")
    return Evidence(control, cells.get("description", ""), status, kind, cells.get("owner", ""), cells.get("date", ""))
