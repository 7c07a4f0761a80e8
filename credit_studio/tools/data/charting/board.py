"""A dashboard as blocks of the page: key figures, charts and tables, the standalone file, and how the columns were read."""

from dataclasses import dataclass

from credit_studio.tools.blocks import Axis, Block, Chart, Code, Column, Figure, KeyFigures, Note, Series, Table
from credit_studio.tools.data.charting.frame import ColumnType
from credit_studio.tools.data.charting.page import page
from credit_studio.tools.data.charting.panels import Panel
from credit_studio.tools.data.charting.spec import AGGREGATE_NAMES, ChartSpec
from credit_studio.tools.data.charting.wording import figure_text, plural

_BOARD, _FILE, _DATA = "Dashboard", "HTML file", "Data"
_TYPES = {"number": "number", "date": "date", "category": "groups", "text": "text"}


@dataclass(frozen=True)
class Dashboard:
    """A table's charts. `reasons` says for each chart why it was proposed; empty when the charts were asked for."""

    title: str
    about: str
    rows: int
    delimiter: str
    columns: tuple[ColumnType, ...]
    columns_total: int
    specs: tuple[ChartSpec, ...]
    reasons: tuple[str, ...]
    panels: tuple[Panel, ...]


def plain(text: str) -> str:
    """A text on one line; what cannot be printed is replaced."""
    return "".join(one if one.isprintable() else " " for one in text).strip()


def blocks_of(output: Dashboard) -> tuple[Block, ...]:
    """All blocks, the key figures first."""
    drawn = [_block(panel) for panel in output.panels if panel.kind != "key figure"]
    html = Code("The dashboard as one file", "html", page(output.title, output.about, output.panels, _source(output)), "dashboard.html", tab=_FILE)
    about = Note("It opens in any browser without a network, follows light and dark, prints, and holds the figures of every chart as a table.", tab=_FILE)
    return (_key_figures(output), *([Note(output.about, tab=_BOARD)] if output.about else []), *drawn, *_proposed(output), about, html, *_data(output))


def _source(output: Dashboard) -> str:
    return f"Made from {plural(output.rows, 'row')} and {plural(output.columns_total, 'column')} with the Analytics Dashboard Builder of Credit Studio."


def _key_figures(output: Dashboard) -> KeyFigures:
    """Those that were asked for, else the size of the table."""
    figures = tuple(Figure(one.title, figure_text(one.figure or 0.0, one.unit), _noted(one)) for one in output.panels if one.kind == "key figure")
    return KeyFigures(figures or (Figure("Rows", f"{output.rows:,}"), Figure("Columns", f"{output.columns_total:,}")), tab=_BOARD)


def _noted(panel: Panel) -> str:
    return ". ".join(filter(None, (panel.summary, panel.note)))


def _block(panel: Panel) -> Block:
    if panel.kind == "table":
        columns = tuple(_column(panel, at) for at in range(len(panel.columns)))
        return Table(panel.title, columns, panel.rows, note=panel.note, download="table.csv", tab=_BOARD)
    return _chart(panel)


def _column(panel: Panel, at: int) -> Column:
    title, cells = panel.columns[at], [row[at] for row in panel.rows]
    if not any(isinstance(cell, float) for cell in cells):
        return Column(title)
    if title == "Share":
        return Column(title, "percent", bar=True)
    return Column(title, "integer") if title == "Rows" else _money(panel, title)


def _money(panel: Panel, title: str) -> Column:
    axis = _axis(title, panel.unit)
    return Column(title, axis.format, axis.unit)


def _axis(label: str, unit: str) -> Axis:
    return Axis(label, "money", unit) if unit and unit[0] in "£$€¥" else Axis(label, "decimal", unit)


def _chart(panel: Panel) -> Chart:
    y = Axis("Rows", "integer") if panel.y == "Rows" else _axis(panel.y, panel.unit)
    summary = f"{panel.summary} {panel.note}".strip()
    if panel.kind in {"bar", "histogram"}:
        bars = tuple(Series(one.name, tuple((panel.labels[int(x)], y) for x, y in one.points)) for one in panel.series)
        return Chart(panel.title, "bar", Axis(panel.x, "text"), y, bars, summary, is_grouped=not panel.is_additive, tab=_BOARD)
    x = Axis(panel.x, "date", panel.bucket) if panel.days else Axis(panel.x, "decimal")
    series = tuple(Series(one.name, tuple((panel.days[int(x)] if panel.days else x, y) for x, y in one.points)) for one in panel.series)
    return Chart(panel.title, panel.kind, x, y, series, summary, tab=_BOARD)


def _proposed(output: Dashboard) -> tuple[Block, ...]:
    """What was proposed, in the words of the form, so that it can be asked for and changed."""
    if not output.reasons:
        return ()
    names = ("Kind", "Across (x)", "Value (y)", "Figure", "Split by", "Why")
    rows = tuple(
        (
            one.kind,
            one.x,
            one.y,
            "" if one.kind in {"histogram", "scatter"} or (one.kind, one.x) == ("table", "") else AGGREGATE_NAMES[one.aggregate],
            one.series,
            why,
        )
        for one, why in zip(output.specs, output.reasons, strict=True)
    )
    note = "No charts were asked for, so these were made. Ask for them in the form to change them."
    return (Table("Proposed charts", tuple(map(Column, names)), rows, note=note, tab=_DATA),)


def _data(output: Dashboard) -> tuple[Block, ...]:
    columns = (Column("Column"), Column("Read as"), Column("Filled", "integer"), Column("Different values", "integer"), Column("Details"))
    rows = tuple((one.name, _TYPES[one.type], one.filled, one.distinct, _details(one)) for one in output.columns)
    more = output.columns_total - len(rows)
    note = f"{output.delimiter.title()} between cells. A type is that of at least 95\u00a0% of the filled cells, or of all but one." + (
        f" {more:,} more columns are not listed." if more else ""
    )
    used = tuple((one.title, one.kind, one.used) for one in output.panels)
    charts = (Column("Chart"), Column("Kind"), Column("Rows in it", "integer"))
    return (Table("Columns as read", columns, rows, note=note, download="columns.csv", tab=_DATA), Table("Rows in each chart", charts, used, tab=_DATA))


def _details(column: ColumnType) -> str:
    if column.type == "number":
        return "decimal comma" if column.mark == "comma" else ""
    return "month first" if column.type == "date" and not column.day_first else ""
