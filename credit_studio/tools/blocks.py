"""The one result language: what `present` gives and one component draws, for server and browser runs alike.

Frozen dataclasses; `to_json` gives the list of plain dicts that the page takes, each with its `block` name. Text is text: nothing
here is ever rendered as markup. Figures arrive raw where the page formats them (`format` of a column or an axis) and as words where
the tool decides (key figures, notes). All blocks carry `tab`: blocks of one tab stand together in the order given.
"""

from dataclasses import dataclass
from typing import Any

from credit_studio.tools.base import jsonable

Cell = str | int | float | bool | None

FORMATS = ("text", "integer", "decimal", "money", "percent", "bytes", "ms", "severity", "code", "date")
"""How a column or an axis shows its values. money: `unit` before it (GBP sign by default); percent: 0.24 is 24 %;
severity: "critical|high|medium|low|unknown|info", a chip."""


@dataclass(frozen=True)
class Figure:
    """One key figure: a label, its value in words ("338,000 GBP" already formatted), a short note under it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class KeyFigures:
    """Four figures at most; they stand first."""

    figures: tuple[Figure, ...]
    tab: str = "Summary"


@dataclass(frozen=True)
class Column:
    """One column: numbers stand right; `bar` draws a small bar of the value's share of the largest beside it."""

    title: str
    format: str = "text"
    unit: str = ""
    bar: bool = False


@dataclass(frozen=True)
class Table:
    """Rows that sort by any column. `sort` is (column index, descending) as given; `total` is a last row under a double rule."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    sort: tuple[int, bool] | None = None
    note: str = ""
    download: str = ""
    tab: str = "Summary"


@dataclass(frozen=True)
class Axis:
    """An axis: its label, the format of its ticks, its unit. "date", along the bottom: values are days since 1 January 1970, with their fractions."""

    label: str
    format: str = "decimal"
    unit: str = ""


@dataclass(frozen=True)
class Series:
    """A named series of points; x is a number, or a category name for bars. `is_line` draws it as a line among the points of a scatter."""

    name: str
    points: tuple[tuple[float | str, float], ...]
    is_line: bool = False


@dataclass(frozen=True)
class Mark:
    """A reference line across the chart at `value` of axis "x" or "y", labelled in place."""

    axis: str
    value: float
    label: str


@dataclass(frozen=True)
class Dot:
    """One point worth marking on the curve, and its name; a point that a `Mark` names already may go without."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Chart:
    """kind: "line", "area", "scatter" (points, no line) or "bar".

    Several series of bars are parts of a whole and stand on each other; `is_grouped` puts them side by side, for figures that do not add up.

    The title is the question; `summary` says the answer in a sentence (read to those who cannot see it).
    """

    title: str
    kind: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    summary: str
    marks: tuple[Mark, ...] = ()
    dots: tuple[Dot, ...] = ()
    is_grouped: bool = False
    tab: str = "Summary"


@dataclass(frozen=True)
class HeatItem:
    """A label that stands in a cell."""

    row: int
    column: int
    label: str


@dataclass(frozen=True)
class HeatMap:
    """A grid of levels 0 (low) to 3 (critical); rows from top to bottom.

    `level_names` are the words of the legend where a level is no risk; a level without a name does not occur.
    `is_filled` says that the labels are figures of their cells, at most one in each, and no things that stand there.
    """

    title: str
    row_labels: tuple[str, ...]
    column_labels: tuple[str, ...]
    levels: tuple[tuple[int, ...], ...]
    items: tuple[HeatItem, ...]
    summary: str
    note: str = ""
    level_names: tuple[str, ...] = ("Low", "Medium", "High", "Critical")
    is_filled: bool = False
    tab: str = "Summary"


@dataclass(frozen=True)
class Node:
    """A box of a diagram: its column and row in the layout (0-based), lines of detail inside it.

    kind: "table", "process", "store", "actor" or "output".
    """

    id: str
    label: str
    kind: str
    column: int
    row: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """An arrow between two nodes."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True)
class Zone:
    """A dashed frame around some nodes, with its name (a trust boundary)."""

    label: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class Diagram:
    """Boxes and arrows, flowing left to right by `column`. `note` says what an arrow means, where that is not plain."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    summary: str
    zones: tuple[Zone, ...] = ()
    note: str = ""
    tab: str = "Summary"


@dataclass(frozen=True)
class Code:
    """Text in a monospaced well with a copy button and, given a `filename`, a download.

    language: "json", "yaml", "toml", "hcl", "python", "sql", "shell", "typescript", "dockerfile", "diff", "markdown", "html", "text".
    """

    title: str
    language: str
    text: str
    filename: str = ""
    tab: str = "Summary"


@dataclass(frozen=True)
class Document:
    """A report to read: CommonMark of headings, paragraphs, lists, tables, emphasis, quotes and code, no raw HTML, no images.

    The page draws it as text with its structure and offers it as Markdown, HTML and PDF under `filename` (without an ending).
    """

    title: str
    markdown: str
    filename: str
    tab: str = "Summary"


@dataclass(frozen=True)
class File:
    """One text file by its path."""

    path: str
    text: str


@dataclass(frozen=True)
class Files:
    """A tree of files with a preview and one .zip to download."""

    title: str
    files: tuple[File, ...]
    archive: str
    tab: str = "Summary"


@dataclass(frozen=True)
class Finding:
    """severity: "critical", "high", "medium", "low", "unknown" (not rated) or "info". `where` is "path:line" or a package; `fix` says what to do."""

    severity: str
    title: str
    where: str = ""
    detail: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Findings:
    """Worst first, with counts above. `checked` says what was looked at and against which data of which date; it stands alone when nothing was found."""

    title: str
    findings: tuple[Finding, ...]
    checked: str
    tab: str = "Summary"


@dataclass(frozen=True)
class Note:
    """A sentence on its own. tone: "info", "good", "warn" or "bad"."""

    text: str
    tone: str = "info"
    title: str = ""
    tab: str = "Summary"


Block = KeyFigures | Table | Chart | HeatMap | Diagram | Code | Document | Files | Findings | Note


def to_json(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    """The blocks as plain dicts, each with `block`: its class name in camelCase ("keyFigures", "table", "heatMap" ...)."""
    return [{"block": _name(block), **jsonable(block)} for block in blocks]


def _name(block: Block) -> str:
    title = type(block).__name__
    return title[0].lower() + title[1:]
