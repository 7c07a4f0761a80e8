"""What a review finds: the output of the tool, as plain rows."""

from dataclasses import dataclass

from credit_studio.tools.blocks import Diagram
from credit_studio.tools.cyber.paths.segmentation import Remark


@dataclass(frozen=True)
class AttackPath:
    """One way to a crown jewel, with `chance` today and `after_cut`.

    `components` begin at the entry point, `over` is what lies between them ("inside DMZ" within an open zone), `places` are both.
    """

    components: tuple[str, ...]
    over: tuple[str, ...]
    places: tuple[str, ...]
    chance: float
    after_cut: float
    controls: int
    layers: int


@dataclass(frozen=True)
class ComponentRow:
    """One component: the share of attempts that take it without any control, today, and after the cheapest cut."""

    name: str
    zone: str
    exposed: bool
    jewel: bool
    value: int
    without: float
    today: float
    after_cut: float


@dataclass(frozen=True)
class EntryPoint:
    """An exposed component, how likely it is taken, and what lies within its reach (`steps` to the nearest crown jewel, None when there is none)."""

    name: str
    zone: str
    today: float
    reach: int
    jewels: int
    steps: int | None
    controls: int


@dataclass(frozen=True)
class ControlRow:
    """One control: `chance` is that of losing any crown jewel once it is bought or, for one in place, without it; `difference` is what it takes away."""

    name: str
    on: str
    layer: str
    effectiveness: int
    cost: float
    in_place: bool
    chance: float
    difference: float
    value_less: float
    in_cut: bool


@dataclass(frozen=True)
class Purchase:
    """One step of buying the best next control: the cost so far and the chance then that any crown jewel is lost."""

    control: str
    cost: float
    total: float
    chance: float


@dataclass(frozen=True)
class ArchitectureOutput:
    """Chances are shares of attempts; `today`, `without` and `after_cut` are those of losing any crown jewel."""

    system: str
    currency: str
    attempts: int
    seed: int
    blocking: int
    without: float
    today: float
    after_cut: float
    error: float
    paths: tuple[AttackPath, ...]
    components: tuple[ComponentRow, ...]
    entries: tuple[EntryPoint, ...]
    chokes: dict[str, tuple[str, ...]]
    cut: tuple[str, ...]
    cut_cost: float
    cut_open: tuple[str, ...]
    is_cut_already: bool
    controls: tuple[ControlRow, ...]
    purchases: tuple[Purchase, ...]
    findings: tuple[Remark, ...]
    picture: Diagram
    report: str
