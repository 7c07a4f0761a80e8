"""Every tool of the product is registered as the product describes it."""

import pytest

from credit_studio.tools import registry
from credit_studio.tools.base import Availability, Limits
from tests.contracts.table import MEMORY_MB, OUTPUT_BYTES, ROWS, SERVER, Row

ALL = registry.all_tools()


def test_the_registry_holds_the_tools_of_the_table_in_its_order() -> None:
    assert [tool.id for tool in ALL] == [row.id for row in ROWS]
    assert len(ALL) == 26


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_tool_is_what_the_table_says(row: Row) -> None:
    tool = registry.get_tool(row.id)
    assert (tool.title, tool.mode.value, tool.cap, tool.meter.value) == (row.title, row.mode, row.cap, row.meter)
    assert tool.limits == Limits(cpu_ms=row.cpu_s * 1_000, mem_mb=MEMORY_MB, wall_ms=row.wall_s * 1_000, output_bytes=OUTPUT_BYTES)
    assert tool.path == f"/{tool.studio.value}/{tool.slug}"
    assert tool.id == f"{tool.studio.value}-{tool.slug}"


@pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.id)
def test_a_tool_says_what_it_is(tool: registry.AnyTool) -> None:
    for said in (tool.summary, tool.takes, tool.gives):
        assert said
        assert said == said.strip()
    assert tool.summary.endswith(".")


@pytest.mark.parametrize("tool", ALL, ids=lambda tool: tool.id)
def test_a_tool_is_whole_or_only_announced(tool: registry.AnyTool) -> None:
    parts = (tool.run, tool.present, tool.inputs, tool.example)
    assert all(part is not None for part in parts) or all(part is None for part in parts)
    assert tool.is_built is (tool.availability is not Availability.COMING_SOON)
    if tool.is_built:
        assert (tool.cost is None) is (tool.mode.value == "client_only"), "what runs on the server has a cost model, what does not has none"


def test_all_of_them_can_be_run() -> None:
    assert [tool.id for tool in ALL if not tool.is_built] == []


def test_what_stands_in_for_a_tool_is_a_tool_that_runs() -> None:
    named = [tool for tool in ALL if tool.instead]
    assert all(registry.get_tool(tool.instead).is_built and tool.instead != tool.id for tool in named)
    assert all(tool.availability in (Availability.DEPRECATED, Availability.COMING_SOON) for tool in named)


def test_what_needs_the_server_has_no_browser_run() -> None:
    assert {row.id for row in ROWS if row.mode == SERVER} == {tool.id for tool in ALL if tool.mode.value == SERVER}
