"""Writes a policy as a Markdown document: control of the document, clauses by section, exceptions, review, and the table of controls."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")


@dataclass(frozen=True)
class Rule:
    """One clause as it stands in the policy: number ("4.2"), section, filled text, strength, and why it is there.

    `because` are the facts that brought it in; `controls` has the identifiers for each framework by its key.
    """

    number: str
    section: str
    text: str
    strength: str
    because: str
    why: str
    controls: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Frame:
    """What stands around the clauses. All texts are plain; `values` fill the placeholders."""

    title: str
    purpose: str
    scope: tuple[str, ...]
    details: tuple[tuple[str, str], ...]
    frameworks: tuple[tuple[str, str], ...]
    values: Mapping[str, str]
    effective: str
    next_review: str


def plain(text: str) -> str:
    """A text from outside in one line, without control characters."""
    return _BLANK.sub(" ", text).strip()


def escaped(text: str) -> str:
    """A text from outside that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", plain(text))


def fill(text: str, values: Mapping[str, str], *, markdown: bool = False) -> str:
    """A text with its placeholders filled; values are escaped for Markdown on demand. A value that begins a sentence gets a capital."""
    filled = text.format_map({key: escaped(value) if markdown else value for key, value in values.items()})
    return filled[:1].upper() + filled[1:]


def shown(ids: tuple[str, ...], most: int = 6) -> str:
    """Identifiers in a row, the first ones when there are many."""
    left = len(ids) - most
    return ", ".join(ids[:most]) + (f" and {left} more" if left > 0 else "")


def markdown(frame: Frame, rules: tuple[Rule, ...]) -> str:
    """The whole document. Rules hold plain text and are escaped here."""
    sections = list(dict.fromkeys(rule.section for rule in rules))
    parts = [f"# {escaped(frame.values['name'])}: {frame.title}", _details(frame), f"## 1 Purpose\n\n{fill(frame.purpose, frame.values, markdown=True)}"]
    parts += [_scope(frame), _wording()]
    for place, section in enumerate(sections, start=4):
        lines = [f"**{rule.number}** {escaped(rule.text)}" for rule in rules if rule.section == section]
        parts.append("\n\n".join([f"## {place} {section}", *lines]))
    after = 4 + len(sections)
    if "Roles" not in sections:
        parts.append(_responsibilities(after, frame))
        after += 1
    parts += [_exceptions(after, frame), _breaches(after + 1, frame), _review(after + 2, frame), _annex(frame, rules)]
    return "\n\n".join(parts) + "\n"


def _details(frame: Frame) -> str:
    return _table(("Document", ""), [(label, escaped(value)) for label, value in frame.details])


def _scope(frame: Frame) -> str:
    return "## 2 Scope\n\n" + "\n".join(f"- {escaped(line)}" for line in frame.scope)


def _wording() -> str:
    return (
        "## 3 Wording\n\nThe key words MUST, MUST NOT, SHOULD, SHOULD NOT and MAY in this document are to be read as described in BCP 14 (RFC 2119, RFC 8174) "
        "when they stand in capitals: MUST is a duty, SHOULD is a duty unless there is a good and recorded reason, MAY is a permission."
    )


def _responsibilities(number: int, frame: Frame) -> str:
    duties = (
        ("{Approver}", "approves this policy and its changes, provides the means, and decides on exceptions above the agreed level of risk"),
        ("{Owner}", "keeps this policy current, advises, checks every year that it is kept, and keeps the register of exceptions"),
        ("Owners of systems and data", "carry out the clauses for what they own and keep the evidence"),
        ("Managers", "see to it that their teams know and follow this policy"),
        ("Staff and contractors", "follow this policy and report what looks like a breach to {contact}"),
    )
    rows = [(fill(who, frame.values, markdown=True), fill(what, frame.values, markdown=True)) for who, what in duties]
    return f"## {number} Responsibilities\n\n{_table(('Who', 'What'), rows)}"


def _exceptions(number: int, frame: Frame) -> str:
    text = (
        "Exceptions MUST be asked for in writing with the reason, the risk, what protects meanwhile and an end of at most twelve months. {Owner} decides, "
        "above the agreed level of risk {approver}. All exceptions stand in a register that is reviewed every quarter."
    )
    return f"## {number} Exceptions\n\n{fill(text, frame.values, markdown=True)}"


def _breaches(number: int, frame: Frame) -> str:
    text = (
        "Breaches of this policy are handled by the disciplinary rules and contracts that apply, in proportion to fault and harm and within the law of the "
        "country. Honest mistakes that are reported at once to {contact} are no reason for sanctions."
    )
    return f"## {number} Breaches\n\n{fill(text, frame.values, markdown=True)}"


def _review(number: int, frame: Frame) -> str:
    text = (
        f"{{owner}} reviews this policy at least every {{review}} months, next by {frame.next_review}, and after serious incidents, changes of law or of the "
    )
    history = _table(("Version", "Date", "Change", "Approved by"), [(escaped(frame.values["version"]), frame.effective, "First issue", "")])
    return f"## {number} Review and history\n\n{fill(text + 'organisation. {Approver} approves changes.', frame.values, markdown=True)}\n\n{history}"


def _annex(frame: Frame, rules: tuple[Rule, ...]) -> str:
    heads = ("Clause", *(short for _, short in frame.frameworks))
    rows = [(rule.number, *(escaped(shown(rule.controls.get(key, ()))) or "-" for key, _ in frame.frameworks)) for rule in rules]
    note = "Which controls each clause serves. The mapping is a reading of our own, by subject; the texts of the publishers are binding."
    return f"## Annex: controls\n\n{note}\n\n{_table(heads, rows)}"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
