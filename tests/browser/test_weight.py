"""What a visitor of a tool's page loads, measured over the built files: its own code is small, and what is large comes when it is needed."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from credit_studio.operate import frontend
from credit_studio.settings import PROJECT_ROOT
from credit_studio.tools.registry import AnyTool, all_tools

pytestmark = pytest.mark.studio

BUILT = [tool for tool in all_tools() if tool.is_built]
MOST_OWN = 15_000
"""Bytes, compressed: the code of one tool's page, its form and the example that the form begins with (of one tool, a log of 4 kB)."""
MOST_SHARED = 40_000
"""And of what all tools' pages have beside the shell: form, result, price."""
LATER = ("chart-", "document-", "document_pdf-", "worker-", "pyodide")


@pytest.fixture(scope="module")
def client() -> Path:
    frontend.ensure(PROJECT_ROOT / "data" / "build.log")
    return frontend.WEB / "build" / "client"


@pytest.fixture(scope="module")
def routes(client: Path) -> dict[str, Any]:
    """The pages by their path, each with its module and all that this imports at once."""
    [manifest] = (client / "assets").glob("manifest-*.js")
    made = json.loads(manifest.read_text().partition("=")[2].rstrip().rstrip(";"))
    return {route.get("path") or "/": route for route in made["routes"].values()}


def _weight(client: Path, names: set[str]) -> int:
    return sum(len(gzip.compress((client / name.lstrip("/")).read_bytes(), 6)) for name in names)


def _loads(route: dict[str, Any]) -> set[str]:
    return {route["module"], *route["imports"]}


@pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
def test_a_tools_page_brings_little_of_its_own(client: Path, routes: dict[str, Any], tool: AnyTool) -> None:
    route = routes[tool.path.strip("/")]
    others = set().union(*(_loads(other) for other in routes.values() if other is not route))
    assert 0 < _weight(client, _loads(route) - others) < MOST_OWN


def test_what_tools_share_beside_the_shell_is_small(client: Path, routes: dict[str, Any]) -> None:
    shared = set.intersection(*(_loads(routes[tool.path.strip("/")]) for tool in BUILT)) - _loads(routes["/"])
    assert 0 < _weight(client, shared) < MOST_SHARED


def test_charts_reports_and_python_come_when_they_are_needed(client: Path, routes: dict[str, Any]) -> None:
    at_once = {name.rpartition("/")[2] for route in routes.values() for name in _loads(route)}
    assert not [name for name in at_once if name.startswith(LATER)]
    made = {path.name for path in (client / "assets").iterdir()}
    assert all(any(name.startswith(later) for name in made) for later in LATER)
