"""The entries of a catalogue, as they are given out: plain, frozen, and without a cell of what is personal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonalTag:
    """What a column holds. `law` is "special" (GDPR Article 9), "criminal" (Article 10) or ""; severity 1 to 4, confidence 0 to 1."""

    kind: str
    label: str
    family: str
    law: str
    severity: int
    confidence: float
    why: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CommonValue:
    """A cell that stands more than once."""

    value: str
    count: int


@dataclass(frozen=True)
class CatalogColumn:
    """One column. Figures are None where there is only a definition, and where they would tell a cell that is masked. `key`: "primary", "candidate" or ""."""

    dataset: str
    name: str
    type: str
    nullable: bool
    unique: bool
    refers_to: str
    key: str = ""
    description: str = ""
    personal: tuple[PersonalTag, ...] = ()
    is_masked: bool = False
    rows: int | None = None
    filled: int | None = None
    distinct: int | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    mean: float | None = None
    median: float | None = None
    deviation: float | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: str = ""
    common: tuple[CommonValue, ...] = ()
    example: str = ""


@dataclass(frozen=True)
class CatalogDataset:
    """One data set; `filled` is the share of its cells that hold something, `part_of` the data set inside whose records it stood."""

    name: str
    format: str
    rows: int | None
    columns: int
    key: tuple[str, ...]
    description: str
    filled: float | None
    personal: int
    part_of: str


@dataclass(frozen=True)
class CatalogLink:
    """A reference. `basis`: "declared", "contents" or "name"; `covered`: the share of its different values that the key holds."""

    dataset: str
    column: str
    to_dataset: str
    to_column: str
    basis: str
    covered: float | None
    orphans: int


@dataclass(frozen=True)
class CatalogTerm:
    """A word of the business, what it means, where it is used, and whether its uses disagree."""

    term: str
    kind: str
    meaning: str
    used_in: tuple[str, ...]
    conflict: str


@dataclass(frozen=True)
class CatalogHint:
    """What is odd about a column, or about a data set (`column` is ""). severity: "high", "medium" or "low"."""

    severity: str
    dataset: str
    column: str
    text: str
