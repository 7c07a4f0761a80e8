"""Analytics Dashboard Builder: a CSV and a list of charts become a dashboard, here and as one HTML file that needs nothing else.

Reading, grouping and drawing is in `charting/`; this file declares the tool, proposes charts when none are asked for, and shows.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Len

from credit_studio.tools.base import Cost, InputError, Mode, Studio, Tool, jsonable, report, ui
from credit_studio.tools.blocks import Block
from credit_studio.tools.data.charting import board
from credit_studio.tools.data.charting.board import Dashboard
from credit_studio.tools.data.charting.frame import Frame, read
from credit_studio.tools.data.charting.kinds import panel
from credit_studio.tools.data.charting.panels import Panel
from credit_studio.tools.data.charting.proposals import Proposal, propose
from credit_studio.tools.data.charting.spec import ChartSpec
from credit_studio.tools.data.tabular.reading import DELIMITERS, size_of

_MOST_KEY_FIGURES = 4
_MOST_DRAWN = 3_000
_MOST_TEXT = 150_000  # characters of JSON: the drawings take three to five times as much, and all of it has 1 MB
_COLUMNS_TOLD = 100


@dataclass(frozen=True)
class DashboardInputs:
    """The data, how it is written, and the charts."""

    csv: Annotated[str, Len(1, 5_000_000)] = ui(
        "CSV data",
        "Text in columns, pasted or from a file of up to 5 MB, 100,000 rows and 2,000,000 cells.",
        widget="file",
        accept=".csv,.tsv,.txt",
        placeholder="ordered_on,region,product,amount",
    )
    charts: Annotated[tuple[ChartSpec, ...], Len(0, 12)] = ui(
        "Charts", "Up to 12, four of them key figures. Without any, charts are proposed from the types of the columns.", default=()
    )
    title: Annotated[str, Len(1, 120)] = ui("Title", "Stands above the dashboard.", default="Dashboard")
    about: Annotated[str, Len(0, 300)] = ui("Under the title", "What the data are, where they come from. May stay empty.", default="")
    delimiter: Literal["auto", "comma", "semicolon", "tab", "pipe"] = ui(
        "Delimiter",
        "What stands between cells. Found out from the first 20 rows, unless you say it.",
        default="auto",
        choices=(("auto", "Find out"), ("comma", "Comma ,"), ("semicolon", "Semicolon ;"), ("tab", "Tab"), ("pipe", "Pipe |")),
    )
    has_header: bool = ui("First row holds names", "Off: the columns are called column 1, column 2 and so on.", default=True)

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise InputError("title", "Needs a title.")
        figures = [place for place, one in enumerate(self.charts) if one.kind == "key figure"]
        if len(figures) > _MOST_KEY_FIGURES:
            raise InputError(f"charts.{figures[_MOST_KEY_FIGURES]}.kind", f"Is one key figure too many; {_MOST_KEY_FIGURES} stand side by side.")


def run(inputs: DashboardInputs) -> Dashboard:
    """Read the table, make every chart; raises `InputError` on "csv" naming the line, or on "charts.N.x" and the like."""
    report(0.05, "Reading the table")
    frame = read(inputs.csv, inputs.delimiter, has_header=inputs.has_header)
    drawn = list(_drawn(frame, [(spec, "") for spec in inputs.charts] or propose(frame), is_asked=bool(inputs.charts)))
    panels = [one for _, _, one in drawn]
    _check_size(panels)
    return Dashboard(
        title=board.plain(inputs.title),
        about=board.plain(inputs.about),
        rows=frame.rows,
        delimiter=next(name for name, sign in DELIMITERS.items() if sign == frame.delimiter),
        columns=tuple(frame.type(at) for at in range(min(len(frame.names), _COLUMNS_TOLD))),
        columns_total=len(frame.names),
        specs=tuple(spec for spec, _, _ in drawn),
        reasons=tuple(why for _, why, _ in drawn if why),
        panels=tuple(panels),
    )


def _drawn(frame: Frame, wanted: list[Proposal], *, is_asked: bool) -> Iterator[tuple[ChartSpec, str, Panel]]:
    """Every chart with its reason; one that was proposed and turns out to show nothing is left out."""
    for number, (spec, why) in enumerate(wanted):
        report(0.3 + 0.6 * number / len(wanted), f"Chart {number + 1} of {len(wanted)}")
        try:
            yield spec, why, panel(frame, spec, number)
        except InputError:
            if is_asked:
                raise


def _check_size(panels: list[Panel]) -> None:
    drawn = sum(len(series.points) for one in panels for series in one.series)
    if drawn > _MOST_DRAWN:
        raise InputError("charts", f"Draw {drawn:,} points together, and {_MOST_DRAWN:,} are the most. Take fewer charts, wider buckets or fewer series.")
    if len(json.dumps(jsonable(tuple(panels)))) > _MOST_TEXT:
        raise InputError("charts", "Hold more text than one dashboard takes. Show fewer rows of tables, or charts with fewer names.")


def present(output: Dashboard) -> tuple[Block, ...]:
    """The dashboard as blocks, the standalone file, the figures behind, and the columns as they were read."""
    return board.blocks_of(output)


def _units(inputs: DashboardInputs) -> int:
    """Cells, once for reading and for each chart three columns of them and one for each condition, and a fifth of the characters."""
    rows, columns = size_of(inputs.csv, inputs.delimiter, has_header=inputs.has_header)
    conditions = sum(one.where.count(";") + bool(one.where) for one in inputs.charts)
    return rows * (columns + 3 * (len(inputs.charts) or 9) + conditions) + len(inputs.csv) // 5


def _describe(inputs: DashboardInputs) -> str:
    rows, columns = size_of(inputs.csv, inputs.delimiter, has_header=inputs.has_header)
    charts = f"{len(inputs.charts)} chart{'' if len(inputs.charts) == 1 else 's'}" if inputs.charts else "charts to be proposed"
    return f"{rows:,} rows × {columns:,} columns, {charts}"  # noqa: RUF001 - a product


_EXAMPLE_CHARTS = (
    ChartSpec(kind="key figure", y="revenue", unit="£", title="Revenue"),
    ChartSpec(kind="key figure", aggregate="count", title="Orders"),
    ChartSpec(kind="key figure", y="revenue", aggregate="mean", unit="£", title="Mean order"),
    ChartSpec(kind="key figure", y="customer", aggregate="distinct", title="Customers"),
    ChartSpec(kind="line", x="ordered_on", y="revenue", bucket="month", unit="£", title="How does revenue go?"),
    ChartSpec(kind="bar", x="ordered_on", y="revenue", series="channel", bucket="quarter", unit="£", title="Which channel brings it?"),
    ChartSpec(kind="bar", x="product", y="revenue", top=6, unit="£", title="What sells best?"),
    ChartSpec(kind="bar", x="region", y="revenue", aggregate="mean", series="channel", unit="£", title="Where are orders large?"),
    ChartSpec(kind="histogram", y="revenue", unit="£", where="channel != Partner", title="How large are direct orders?"),
    ChartSpec(kind="scatter", x="discount", y="revenue", series="channel", unit="£", title="Does discount go with larger orders?"),
    ChartSpec(kind="table", x="region", y="revenue", unit="£", title="Revenue by region"),
)

TOOL: Tool[DashboardInputs, Dashboard] = Tool(
    id="data-studio-dashboards",
    title="Analytics Dashboard Builder",
    studio=Studio.DATA,
    mode=Mode.HYBRID,
    version="1.1.0",
    cap=5,
    summary="Charts, key figures and tables from a CSV, here and as one HTML file that opens anywhere.",
    takes="CSV and chart list",
    gives="live dashboard and a standalone HTML file",
    inputs=DashboardInputs,
    example=DashboardInputs(
        csv=Path(__file__).with_name("dashboards_example.csv").read_text(encoding="utf-8"),
        charts=_EXAMPLE_CHARTS,
        title="Orders 2025 to 2026",
        about="A made-up wholesaler of garden goods: one row for each order.",
    ),
    cost=Cost(units=_units, describe=_describe, lower="csv", cpu_us_per_unit=0.5, cpu_ms_base=20.0, mem_bytes_per_unit=45.0, mem_mb_base=10.0, spread=1.6),
    run=run,
    present=present,
    keywords=("CSV", "chart", "KPI", "dashboard", "HTML", "SVG", "histogram", "report"),
)
