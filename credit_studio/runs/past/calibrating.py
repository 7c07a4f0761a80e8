"""Feeding estimates with past runs: every process follows what the workers tell of, a tool at a time. Each step its own transaction."""

import asyncio

import structlog

from credit_studio.db import listen
from credit_studio.db.session import transaction
from credit_studio.engine import calibration
from credit_studio.engine.learning import Sample
from credit_studio.runs.past import store
from credit_studio.tools import registry
from credit_studio.tools.base import Meter, Mode
from credit_studio.tools.registry import AnyTool

CHANNEL = "calibration"
_AGAIN_S = 5.0
_log = structlog.get_logger()
_fresh: set[str] = set()
"""Tools of which this process has settled a run and not told yet."""


def note(tool_id: str) -> None:
    """A run of this tool has succeeded here; `tell` rings for it."""
    _fresh.add(tool_id)


async def tell() -> None:
    """Ring once for each tool that was noted since the last time: apart from settlements, and seldom, since each ring is heard by every process."""
    told = sorted(_fresh)
    if told:
        async with transaction() as tx:
            for tool_id in told:
                await tx.notify(CHANNEL, {"key": tool_id})
        _fresh.difference_update(told)


async def refresh(tool: AnyTool) -> None:
    """Learn anew from the newest runs of this version of the tool; nothing for a tool that is free or priced by tokens."""
    if not tool.is_built or tool.cost is None or tool.mode is Mode.CLIENT or tool.meter is not Meter.COMPUTE:
        return
    async with transaction() as tx:
        rows = await store.newest(tx, tool_id=tool.id, version=tool.version, limit=calibration.MOST_RUNS)
    samples = [Sample(row["units"], row["cpu_ms"], row["mem_mb"], row["duration_ms"], row["speed"]) for row in rows]
    calibration.learn(tool, samples, within=sum(bool(row["within"]) for row in rows))


async def follow() -> None:
    """Learn from all runs there are, then from those that are told of, in this process. Without end."""
    async with listen.hub().subscribed(CHANNEL) as bell:
        while True:
            try:
                await _follow(bell)
            except Exception:  # noqa: BLE001 - estimates go on with what is known
                _log.exception("calibration.failed")
            await asyncio.sleep(_AGAIN_S)


async def _follow(bell: "asyncio.Queue[listen.Message]") -> None:
    await _refresh_all()
    while True:
        message = await bell.get()
        tool = registry.find_tool(str(message.get("key", "")))
        if message == listen.RESYNC:
            await _refresh_all()
        elif tool is not None:
            await refresh(tool)


async def _refresh_all() -> None:
    for tool in registry.all_tools():
        await refresh(tool)
