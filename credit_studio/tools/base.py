"""What a tool is. One file under `tools/` makes one `Tool`; its page, form, route, estimate and tests derive from it.

This module runs on the server and in the browser: standard library and `annotated_types` only.
"""

import dataclasses
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast

I = TypeVar("I")  # noqa: E741 - inputs
O = TypeVar("O")  # noqa: E741 - output


class Studio(StrEnum):
    """The four studios; the value begins every tool id and every path."""

    DEV = "dev-studio"
    CYBER = "cyber-studio"
    DATA = "data-studio"
    CODE = "code-studio"

    @property
    def label(self) -> str:
        """The studio's name for a person: "Cyber Studio"."""
        return self.value.replace("-", " ").title()


class Mode(StrEnum):
    """Where a tool runs."""

    CLIENT = "client_only"
    HYBRID = "hybrid"
    SERVER = "server_required"


class Availability(StrEnum):
    """Whether a tool can be used now. Beta and deprecated tools run; one that is coming soon does not."""

    AVAILABLE = "available"
    BETA = "beta"
    COMING_SOON = "coming_soon"
    DEPRECATED = "deprecated"


class Meter(StrEnum):
    """What a server run is priced by."""

    COMPUTE = "compute"
    TOKENS = "tokens"


@dataclass(frozen=True)
class Limits:
    """What one run may take at most: CPU and wall time in ms, memory above the idle worker in MB (2^20), output in bytes."""

    cpu_ms: int = 5_000
    mem_mb: int = 512
    wall_ms: int = 10_000
    output_bytes: int = 1_000_000


class InputError(Exception):
    """Raised by a tool for inputs that fit their bounds but make no sense: names the field by its camelCase path ("risks.2.lossHigh")."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Cost(Generic[I]):
    """How much work inputs are, measured on the reference machine (speed factor 1.0).

    CPU ms = cpu_ms_base + units x cpu_us_per_unit / 1000; memory MB above idle = mem_mb_base + units x mem_bytes_per_unit / 2^20.
    `spread` is the 95th percentile over the typical value. `describe` puts the size in words ("20,000 iterations over 6 risks"),
    `lower` names the input (camelCase) that brings the work down when it cannot fit the limits.
    """

    units: Callable[[I], int]
    describe: Callable[[I], str]
    lower: str
    cpu_us_per_unit: float
    cpu_ms_base: float = 5.0
    mem_bytes_per_unit: float = 0.0
    mem_mb_base: float = 4.0
    spread: float = 1.3


@dataclass(frozen=True)
class Tokens:
    """How many tokens a run takes: never fewer than `least`, typically, and the most that it is let have."""

    least: int
    typical: int
    most: int


@dataclass(frozen=True)
class Question:
    """What the worker asks a language model: what it shall do, the material, and the JSON Schema that its answer must have."""

    task: str
    material: str
    schema_name: str
    schema: dict[str, Any]


@dataclass(frozen=True)
class Answered(Generic[I]):
    """Inputs with the answer that the worker was given to them, as text that nobody has read yet, and the tokens that it took."""

    inputs: I
    text: str
    tokens: int
    model: str = ""


class AnswerError(Exception):
    """Raised by `TokenUse.read` for an answer that cannot be used: the run then costs nothing."""


@dataclass(frozen=True)
class TokenUse(Generic[I, O]):
    """What a tool that is priced by tokens declares.

    `expects` is quick, as it is asked at every change of the form; its second argument says whether a language model will be asked. `counted`
    gives the tokens of a finished run. `ask` makes the question of the inputs, `read` the output of the answer; they are used when the tool `needs`
    "llm" and the operator has set an endpoint. The worker asks; `read` runs confined, as `run` does.
    """

    expects: Callable[[I, bool], Tokens]
    counted: Callable[[O], int]
    ask: Callable[[I], Question] | None = None
    read: Callable[[Answered[I]], O] | None = None


@dataclass(frozen=True)
class Tool(Generic[I, O]):
    """Everything about one tool.

    `run` is pure: the same inputs (seed included) give the same output. `present` turns an output into blocks (see `blocks.py`).
    Inputs and outputs are frozen dataclasses; over HTTP and in the browser their names are camelCase. `preload` lists modules that
    the warm worker imports before the first run. `cap` is the most credits that a run can ever cost. `instead` is the id of the tool that
    follows a deprecated one, or that stands in for one that is coming soon; "" for none. `needs` names outside services that the worker asks for it
    ("llm"); `tokens` belongs to tools of the meter `TOKENS`.
    """

    id: str
    title: str
    studio: Studio
    mode: Mode
    cap: int
    summary: str
    takes: str
    gives: str
    limits: Limits = Limits()
    availability: Availability = Availability.AVAILABLE
    instead: str = ""
    meter: Meter = Meter.COMPUTE
    risk_tier: str = "low"
    version: str = "1.0.0"
    inputs: type[I] | None = None
    example: I | None = None
    cost: Cost[I] | None = None
    run: Callable[[I], O] | None = None
    present: Callable[[O], tuple[Any, ...]] | None = None
    preload: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()
    tokens: TokenUse[I, O] | None = None

    @property
    def slug(self) -> str:
        """The last part of the path: "risk-register" for "cyber-studio-risk-register"."""
        return self.id.removeprefix(f"{self.studio.value}-")

    @property
    def path(self) -> str:
        """The page's path: "/cyber-studio/risk-register"."""
        return f"/{self.studio.value}/{self.slug}"

    @property
    def is_built(self) -> bool:
        """True when the tool can be run; False while it is only announced, written or not."""
        return self.run is not None and self.availability is not Availability.COMING_SOON


# --- inputs: frozen dataclasses with annotated_types bounds, and what the form needs to know -------------------------------


@dataclass(frozen=True)
class Ui:
    """How one input stands in the form. `widget` is "" (from the type), "textarea", "file" (text, pasted or from a file) or "slider".

    `encoded`, for a "file": any file, its bytes as a data URL with its name: `data:application/zip;name=shop.zip;base64,UEsD...` (RFC 2397).
    `quiet`: while it has its default, the line of a folded row does not tell it.
    `row`, for a list of rows: what one of them is called, where the label in the singular does not say it ("person" of "People").
    """

    label: str
    help: str
    unit: str = ""
    unit_before: bool = False
    widget: str = ""
    group: str = ""
    column_group: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    accept: str = ""
    placeholder: str = ""
    server_only: bool = False
    encoded: bool = False
    quiet: bool = False
    row: str = ""


def ui(label: str, help: str, *, default: Any = dataclasses.MISSING, **looks: Any) -> Any:  # noqa: A002, ANN401 - mirrors dataclasses.field
    """A dataclass field with its label, its help line and its looks (see `Ui`); `default` may be left out for a required input."""
    return dataclasses.field(default=default, metadata={"ui": Ui(label=label, help=help, **looks)})


def camel(name: str) -> str:
    """snake_case to the camelCase of every door: "loss_high" -> "lossHigh"."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def jsonable(value: Any) -> Any:  # noqa: ANN401 - any tree of dataclasses
    """The JSON form of a tree of dataclasses, tuples, dicts and scalars: names in camelCase, tuples as lists, enums as values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {camel(f.name): jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in cast("list[Any]", value)]
    if isinstance(value, StrEnum):
        return value.value
    return value


# --- progress ---------------------------------------------------------------------------------------------------------------

Reporter = Callable[[float, str], None]
_reporter: ContextVar[Reporter | None] = ContextVar("reporter", default=None)


def set_reporter(reporter: Reporter | None) -> None:
    """Say who hears of progress: the runner's pipe on the server, the page in the browser."""
    _reporter.set(reporter)


def report(share: float, doing: str) -> None:
    """Tell how far the run is (0 to 1) and what it is doing; costs nothing when nobody listens. Call it a few dozen times at most."""
    reporter = _reporter.get()
    if reporter is not None:
        reporter(share, doing)
