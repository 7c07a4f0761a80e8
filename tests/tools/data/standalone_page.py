"""Dashboards for tests: built, held to what every one of them promises, and their standalone page read strictly."""

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from credit_studio.tools.base import jsonable
from credit_studio.tools.blocks import Code, to_json
from credit_studio.tools.data import dashboards
from credit_studio.tools.data.charting.board import Dashboard
from credit_studio.tools.data.charting.panels import Panel
from credit_studio.tools.data.charting.spec import ChartSpec
from credit_studio.tools.data.dashboards import TOOL, DashboardInputs
from tests.contracts import drawing

assert TOOL.example is not None
EXAMPLE: DashboardInputs = TOOL.example


class Reader(HTMLParser):
    """Reads a page strictly: every element that is opened is closed, in order; keeps the text of table cells and what could run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """The innermost open element ends."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text."""
        if self.open[-1:] == ["td"]:
            self.cells[-1] += data


def page_of(output: Dashboard) -> str:
    """The standalone file."""
    return next(block.text for block in dashboards.present(output) if isinstance(block, Code))


def read_page(text: str) -> Reader:
    """The page, held to what it promises: well-formed, no script, nothing fetched, every drawing named and valid XML."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    tags = {tag for tag, _ in reader.seen}
    assert tags.isdisjoint({"script", "img", "iframe", "link", "object", "embed", "form", "base", "image", "use", "a", "foreignobject"})
    assert not [name for _, attrs in reader.seen for name in attrs if name.startswith("on") or name in {"href", "src", "style", "srcdoc"}]
    policy = next(attrs["content"] for _, attrs in reader.seen if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert re.match(r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}';", policy)
    ids = [attrs["id"] for _, attrs in reader.seen if "id" in attrs]
    assert len(ids) == len(set(ids))
    for drawn in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        root = ET.fromstring(drawn)  # noqa: S314 - our own text, and this is the check
        if "aria-hidden" not in root.attrib:
            assert {child.tag.rpartition("}")[2] for child in root} >= {"title", "desc"}
            assert set(root.attrib["aria-labelledby"].split()) <= set(ids)
            assert "nan" not in drawn
    return reader


def build(csv: str, *charts: ChartSpec, **more: Any) -> Dashboard:
    """Run, and hold what comes out to the blocks' own rules, to the tool's size and to what the page promises."""
    output = dashboards.run(replace(DashboardInputs(csv=csv, charts=charts), **more))
    blocks = dashboards.present(output)
    assert [fault for block in blocks for fault in drawing.faults(block)] == []
    assert max(len(json.dumps(jsonable(output), allow_nan=False)), len(json.dumps(to_json(blocks), allow_nan=False))) < TOOL.limits.output_bytes
    read_page(page_of(output))
    return output


def one(csv: str, **wish: Any) -> Panel:
    """A dashboard's only chart."""
    (panel,) = build(csv, ChartSpec(**wish)).panels
    return panel


def table_of(panel: Panel) -> dict[str, dict[str, float]]:
    """{series: {label: figure}}."""
    return {series.name: {panel.labels[int(x)]: y for x, y in series.points} for series in panel.series}


def frame_of(text: str) -> Any:
    """The same CSV as pandas reads it."""
    return pd.read_csv(io.StringIO(text))
