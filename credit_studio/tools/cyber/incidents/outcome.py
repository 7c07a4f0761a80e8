"""The playbook: the output of the tool, as plain rows."""

from dataclasses import dataclass

from credit_studio.tools.blocks import File
from credit_studio.tools.cyber.incidents.gaps import Gap
from credit_studio.tools.cyber.incidents.library import Technique


@dataclass(frozen=True)
class StepRow:
    """One step: its phase, who does it, and until when the phase should be done ("" for no time)."""

    number: int
    phase: str
    csf: str
    text: str
    role: str
    person: str
    until: str


@dataclass(frozen=True)
class DeadlineRow:
    """One duty; `due` in local words, `due_utc` in ISO, both "" where the law names no time; hours from discovery."""

    rule: str
    what: str
    to: str
    due: str
    due_utc: str
    hours: float | None
    basis: str
    note: str


@dataclass(frozen=True)
class DecisionRow:
    """A question, who answers it, and what follows."""

    question: str
    person: str
    if_yes: str
    if_no: str


@dataclass(frozen=True)
class EvidenceRow:
    """What to take from one system, in the order of volatility from 1."""

    order: int
    tier: str
    system: str
    what: str


@dataclass(frozen=True)
class RaciRow:
    """An activity with a letter for each of `PlaybookOutput.roles`."""

    activity: str
    letters: tuple[str, ...]


@dataclass(frozen=True)
class CommandText:
    """The commands of one platform and the file that they go into."""

    platform: str
    filename: str
    text: str


@dataclass(frozen=True)
class ExerciseRow:
    """What happens at a minute of the exercise, whom it reaches and what a good team does."""

    minute: int
    kind: str
    news: str
    to: str
    expected: str


@dataclass(frozen=True)
class PlaybookOutput:
    """The playbook of one case."""

    title: str
    organisation: str
    severity: str
    commander: str
    updates: str
    contain_until: str
    steps: tuple[StepRow, ...]
    deadlines: tuple[DeadlineRow, ...]
    decisions: tuple[DecisionRow, ...]
    evidence: tuple[EvidenceRow, ...]
    roles: tuple[str, ...]
    raci: tuple[RaciRow, ...]
    techniques: tuple[Technique, ...]
    commands: tuple[CommandText, ...]
    messages: tuple[File, ...]
    exercise: tuple[ExerciseRow, ...]
    gaps: tuple[Gap, ...]
    report: str
