"""What the shape of a block alone does not say: sizes that agree, names that are known, words where a reader needs them."""

from collections.abc import Callable, Iterator
from typing import Any

from credit_studio.tools import blocks

SEVERITIES = ("critical", "high", "medium", "low", "unknown", "info")
LANGUAGES = {"json", "yaml", "toml", "hcl", "python", "sql", "shell", "typescript", "dockerfile", "diff", "markdown", "html", "text"}
NODES = {"table", "process", "store", "actor", "output"}
MOST_FIGURES = 4


def faults(block: Any) -> list[str]:
    """Why the page could not draw this block, or not for everybody; empty when it can."""
    name = type(block).__name__
    untitled = [] if (block.tab and getattr(block, "title", name)) or isinstance(block, blocks.Note) else [f"{name} has no title or no tab"]
    return untitled + [f"{name} {getattr(block, 'title', '')}: {fault}" for fault in _LOOKS[type(block)](block)]


def _figures(block: blocks.KeyFigures) -> Iterator[str]:
    if not 1 <= len(block.figures) <= MOST_FIGURES:
        yield f"{len(block.figures)} figures"
    if not all(figure.label and figure.value for figure in block.figures):
        yield "a figure without words"


def _table(table: blocks.Table) -> Iterator[str]:
    width = len(table.columns)
    rows = [*table.rows, *([table.total] if table.total else [])]
    if not width or any(len(row) != width for row in rows):
        yield f"rows that are not {width} wide"
    if any(column.format not in blocks.FORMATS for column in table.columns):
        yield "a format that is not known"
    if table.sort and not 0 <= table.sort[0] < width:
        yield "sorted by a column that is not there"


def _chart(chart: blocks.Chart) -> Iterator[str]:
    if chart.kind not in {"line", "area", "scatter", "bar"} or not chart.summary or not chart.series:
        yield f"{chart.kind} without series or summary"
    if {chart.x.format, chart.y.format} - set(blocks.FORMATS) or {mark.axis for mark in chart.marks} - {"x", "y"}:
        yield "an axis that is not known"
    if any(not series.points for series in chart.series):
        yield "a series without points"
    if chart.kind != "bar" and any(isinstance(x, str) for series in chart.series for x, _ in series.points):
        yield "a line over names"


def _heat(heat: blocks.HeatMap) -> Iterator[str]:
    rows, columns = len(heat.row_labels), len(heat.column_labels)
    if len(heat.levels) != rows or any(len(row) != columns or not set(row) <= {0, 1, 2, 3} for row in heat.levels):
        yield f"levels that do not fill {rows} x {columns}"
    if any(not (0 <= item.row < rows and 0 <= item.column < columns) for item in heat.items) or not heat.summary:
        yield "an item outside of the grid, or no summary"


def _diagram(diagram: blocks.Diagram) -> Iterator[str]:
    names = [node.id for node in diagram.nodes]
    ends = {end for edge in diagram.edges for end in (edge.source, edge.target)} | {name for zone in diagram.zones for name in zone.nodes}
    if len(set(names)) != len(names) or ends - set(names) or not diagram.summary:
        yield "nodes that stand twice or are not there"
    if {node.kind for node in diagram.nodes} - NODES:
        yield "a kind of node that is not known"


def _code(code: blocks.Code) -> Iterator[str]:
    if code.language not in LANGUAGES or not code.text:
        yield f"text in {code.language!r}"


def _document(document: blocks.Document) -> Iterator[str]:
    if not document.markdown.startswith("# ") or not document.filename or "/" in document.filename or "." in document.filename:
        yield "no heading first, or no plain file name"


def _findings(block: blocks.Findings) -> Iterator[str]:
    ranks = [SEVERITIES.index(finding.severity) for finding in block.findings]
    if ranks != sorted(ranks) or not block.checked:
        yield "not worst first, or not said what was looked at"


def _files(block: blocks.Files) -> Iterator[str]:
    if not block.files or not block.archive or any(file.path.startswith("/") or ".." in file.path.split("/") for file in block.files):
        yield "files without a safe path each"


def _note(note: blocks.Note) -> Iterator[str]:
    if not note.text or note.tone not in {"info", "good", "warn", "bad"}:
        yield f"nothing said, or tone {note.tone!r}"


_LOOKS: dict[type, Callable[[Any], Iterator[str]]] = {
    blocks.KeyFigures: _figures,
    blocks.Table: _table,
    blocks.Chart: _chart,
    blocks.HeatMap: _heat,
    blocks.Diagram: _diagram,
    blocks.Code: _code,
    blocks.Document: _document,
    blocks.Findings: _findings,
    blocks.Files: _files,
    blocks.Note: _note,
}
