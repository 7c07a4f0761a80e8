"""What an assessment gives out: plain, frozen, and without a cell of the sample that is not masked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FoundData:
    """Personal data in the sample. `declared` is the category of the inventory that covers it, "" for none; examples are masked."""

    column: str
    label: str
    law: str
    severity: int
    confidence: float
    declared: str
    why: str
    examples: tuple[str, ...]
    ccpa: str
    is_sensitive: bool
    filled: int


@dataclass(frozen=True)
class GapFound:
    """A gap by article; `system` is "" for the organisation as a whole."""

    severity: str
    law: str
    article: str
    system: str
    text: str
    fix: str


@dataclass(frozen=True)
class RecordEntry:
    """A line of the record of processing, in words."""

    system: str
    purpose: str
    subjects: str
    data: str
    volume: str
    basis: str
    condition: str
    recipients: str
    transfer: str
    retention: str
    security: str
