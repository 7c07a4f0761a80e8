"""The browser's side of the parts that draw themselves: React components of our own, bundled with the pages.

Every file beside this one is offered to the bundler under one folder, so that they may import each other.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import reflex as rx

_FOLDER = Path(__file__).parent


def _offer() -> dict[str, str]:
    return {file.name: rx.asset(file.name, shared=True) for file in sorted(_FOLDER.iterdir()) if file.suffix in (".js", ".jsx")}


# Each asset looks at every frame of its thread's stack, which is deep while modules import each other: a thread of its own saves a third of the start.
with ThreadPoolExecutor(1) as _apart:
    _OFFERED = _apart.submit(_offer).result()

ICONS = "lucide-react@1.26.0"
"""The version that Reflex's own icons use, so that there is one copy."""

CHARTS = "recharts@3.10.1"
"""The version that Reflex's own charts use; fetched by the page only when a result has a chart."""

MARKDOWN = ("mdast-util-from-markdown@2.1.0", "mdast-util-gfm-table@2.0.1", "micromark-extension-gfm-table@2.1.2")
"""CommonMark with tables into a tree, which this page draws itself: no markup is ever put into it. Fetched only when a result has a report."""

PRINTING = "pdfmake@0.3.11"
"""Sets a report as a PDF file; fetched, with its fonts, only when somebody asks for one."""

DRAWING = [ICONS, CHARTS, *MARKDOWN, PRINTING]
"""What the parts that draw results need."""

PYTHON = "pyodide@314.0.7"
"""Python for the browser, fetched by the worker only when a local run is asked for."""


def library(name: str) -> str:
    """How the bundler imports a file of this folder."""
    return f"$/public{_OFFERED[name]}"
