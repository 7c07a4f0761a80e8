"""What can be done with runs inside a given transaction: admit, claim, settle, give back; and reading them."""

import hashlib
import json
import os
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psutil

from credit_studio import settings
from credit_studio.core import clock
from credit_studio.core.actor import Actor
from credit_studio.core.credits import MAX_CREDITS
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.db import queue
from credit_studio.db.session import Tx
from credit_studio.engine import service as engine
from credit_studio.engine.views import Estimate, Usage
from credit_studio.ledger import service as ledger
from credit_studio.runs import errors, presenting, rules, store
from credit_studio.runs.events import ResultReused, RunAllowed, RunSettled
from credit_studio.runs.runner.contract import Outcome
from credit_studio.runs.views import RunView, StoredResult
from credit_studio.tools import registry
from credit_studio.tools.registry import AnyTool

CHANNEL = "run"
TASK, QUEUE = "credit_studio.run", "runs"
DEAD_AFTER = timedelta(seconds=20)


@dataclass(frozen=True)
class Asked:
    """A run that is asked for: parsed, quoted, with the canonical JSON of its inputs. `body_hash` tells a retry from another request."""

    tool: AnyTool
    inputs_json: str
    described: str
    quote: Estimate
    key: str | None
    body_hash: bytes


@dataclass(frozen=True)
class Ending:
    """How a run ends: what it is charged in credits, the columns of its row, and what is kept of its result (None without one)."""

    charged: int
    values: dict[str, Any]
    kept: dict[str, Any] | None = None


def body_hash(tool_id: str, inputs: object, max_credits: int | None, *, fresh: bool = False) -> bytes:
    """The fingerprint of a request as it came; raises `InvalidInputs` for what cannot be JSON."""
    try:
        text = json.dumps([tool_id, inputs, max_credits, *(["fresh"] if fresh else [])], sort_keys=True, default=str)
    except (ValueError, TypeError, RecursionError):
        raise InvalidInputs((FieldError("inputs", "Is nested too deeply or holds what JSON cannot."),)) from None
    return hashlib.sha256(text.encode()).digest()


def inputs_hash(tool: AnyTool, inputs_json: str) -> bytes:
    """The fingerprint of canonical inputs, contents of files included, and of the model that answers where one is asked."""
    model = settings.get().llm_model if engine.asks_llm(tool) else ""
    return hashlib.sha256(f"{inputs_json}{model}".encode()).digest()


async def replay_of(tx: Tx, *, person_id: UUID, key: str, fingerprint: bytes) -> UUID | None:
    """The run that this key stands for, when it has ended; None when the key is free. Raises key_mismatch, key_in_progress."""
    row = await store.by_key(tx, person_id=person_id, key=key, since=rules.key_since(clock.now()))
    if row is None:
        return None
    if row["idem_hash"] != fingerprint:
        raise errors.key_mismatch()
    if row["status"] in ("queued", "running"):
        raise errors.key_in_progress()
    return row["id"]


async def check_free(tx: Tx, *, person_id: UUID, asked: Asked) -> UUID | None:
    """The run that this key replays, None when a new one may start. Raises key_mismatch, key_in_progress, run_in_progress."""
    if asked.key is not None:
        await store.forget_key(tx, person_id=person_id, key=asked.key, before=rules.key_since(clock.now()))
        ended = await replay_of(tx, person_id=person_id, key=asked.key, fingerprint=asked.body_hash)
        if ended is not None:
            return ended
    if await store.has_active(tx, person_id=person_id, tool_id=asked.tool.id):
        raise errors.run_in_progress(asked.tool)
    return None


async def enter(tx: Tx, *, run_id: UUID, person_id: UUID, asked: Asked, actor: Actor) -> None:
    """Write a run and its job in the transaction that has taken its hold. Raises as `check_free` does, and `Twin` when another came first."""
    if (ended := await check_free(tx, person_id=person_id, asked=asked)) is not None:
        raise errors.Twin(ended)
    before = (await ledger.balance(tx, owner_id=person_id)).available + asked.quote.max
    others = await store.active_of(tx, person_id)
    await store.add(tx, _new_row(run_id, person_id, asked, before, actor), asked.inputs_json)
    await queue.enqueue(tx, TASK, queue=QUEUE, args={"run_id": str(run_id)}, priority=rules.priority(others))
    await tx.emit(RunAllowed(actor=actor, run_id=run_id, person_id=person_id, tool_id=asked.tool.id, held=asked.quote.max))


def ending(row: store.Row, outcome: Outcome) -> Ending:
    """What the outcome of a run comes to: it is charged when it succeeded, and for no other end."""
    measured, uncapped = outcome.measured, None
    usage = Usage(cpu_ms=measured.cpu_ms, mem_mb=measured.mem_mb, duration_ms=measured.duration_ms, tokens=measured.tokens)
    if outcome.status == "succeeded":
        uncapped = engine.charge(registry.get_tool(row["tool_id"]), usage, quoted_max=MAX_CREDITS)
        usage = replace(usage, tokens=engine.tokens_of(usage.tokens))
    charged = min(uncapped or 0, row["quoted_max"])
    values: dict[str, Any] = {"uncapped": uncapped, "status": outcome.status, "cpu_ms": usage.cpu_ms, "mem_mb": usage.mem_mb, "duration_ms": usage.duration_ms}
    values |= {"inside_ms": outcome.inside_ms, "failure_code": outcome.failure_code, "failure_message": outcome.failure_message}
    values |= {"failure_field": outcome.failure_field, "tokens": usage.tokens}
    kept = {"result": outcome.result_json, "blocks": outcome.blocks_json} if outcome.status == "succeeded" else None
    return Ending(charged, values, kept)


async def end(tx: Tx, *, row: store.Row, ending: Ending, actor: Actor, at: datetime) -> None:
    """End a run in the transaction that has settled its hold, `at` the instant of that entry. Raises `EndedBefore`: then nothing of it stands.

    The book, the run and the roll-ups name one instant: what happens at midnight is in the same day for all of them.
    """
    person_id, run_id, charged = row["person_id"], row["id"], ending.charged
    code = ending.values["failure_code"]
    available = (await ledger.balance(tx, owner_id=person_id)).available
    values = ending.values | {"charged": charged, "ended_at": at, "failure_action": rules.ACTIONS.get(code, ""), "balance_after": available}
    if await store.end(tx, run_id, values) is None:
        raise errors.EndedBefore
    if ending.kept is not None:
        await store.add_result(tx, {"run_id": run_id, "created_at": at} | ending.kept)
    settled: dict[str, Any] = {"run_id": run_id, "person_id": person_id, "tool_id": row["tool_id"], "status": values["status"], "code": code}
    settled["tokens"] = values["tokens"] or 0 if values["status"] == "succeeded" else 0
    await tx.emit(RunSettled(actor=actor, at=at, charged=charged, released=row["quoted_max"] - charged, **settled))
    await tx.notify(CHANNEL, {"key": str(run_id), "status": values["status"]})


async def view(tx: Tx, *, run_id: UUID, person_id: UUID | None) -> RunView:
    """A run as its owner sees it; raises `NotFound` for anybody else."""
    row = await store.get(tx, run_id)
    if row is None or row["person_id"] != person_id or row["deleted_at"] is not None:
        raise errors.no_such_run()
    result = await store.result(tx, run_id, since=rules.kept_since(clock.now())) if row["status"] == "succeeded" else None
    available = row["balance_after"]
    if available is None:
        available = (await ledger.balance(tx, owner_id=row["person_id"])).available
    return presenting.run_view(row, result, available=available)


async def stored(tx: Tx, *, person_id: UUID, tool: AnyTool, inputs_json: str) -> StoredResult | None:
    """The result that the person has for just these inputs and this version of the tool, or None."""
    since, fingerprint = rules.kept_since(clock.now()), inputs_hash(tool, inputs_json)
    row = await store.stored(tx, person_id=person_id, tool_id=tool.id, version=tool.version, inputs_hash=fingerprint, since=since)
    return None if row is None else StoredResult(row["id"], row["ended_at"])


async def give_again(tx: Tx, *, run_id: UUID, person_id: UUID, actor: Actor) -> RunView:
    """A stored result as the answer to the same request, for 0 credits."""
    kept = await view(tx, run_id=run_id, person_id=person_id)
    await tx.emit(ResultReused(actor=actor, run_id=run_id, person_id=person_id, tool_id=kept.tool_id))
    return presenting.stored_view(kept, available=(await ledger.balance(tx, owner_id=person_id)).available)


# --- workers -----------------------------------------------------------------------------------------------------------------


async def beat(tx: Tx, *, worker_id: UUID, slots: int, speed: float) -> None:
    """Say that this process takes runs."""
    now = clock.now()
    row = {"id": worker_id, "host": socket.gethostname(), "pid": os.getpid(), "slots": slots, "speed": speed}
    await store.put_worker(tx, row | {"started_at": now, "seen_at": now})


async def forget_worker(tx: Tx, *, worker_id: UUID) -> None:
    """This worker takes no more runs."""
    await store.drop_workers(tx, ids=[worker_id])


async def living_workers(tx: Tx) -> list[store.Row]:
    """The workers that take runs now: heard of lately and, on this host, still a process."""
    here, oldest = socket.gethostname(), clock.now() - DEAD_AFTER
    return [row for row in await store.workers(tx) if row["seen_at"] >= oldest and (row["host"] != here or psutil.pid_exists(row["pid"]))]


async def workers_alive(tx: Tx) -> int:
    """How many workers take runs now."""
    return len(await living_workers(tx))


def _new_row(run_id: UUID, person_id: UUID, asked: Asked, available: int, actor: Actor) -> dict[str, Any]:
    quote = asked.quote
    row = {"id": run_id, "person_id": person_id, "tool_id": asked.tool.id, "tool_version": asked.tool.version, "status": "queued"}
    row |= {"inputs_hash": inputs_hash(asked.tool, asked.inputs_json), "described": asked.described, "units": quote.units}
    row |= {"quoted_min": quote.min, "quoted_typical": quote.typical, "quoted_max": quote.max, "balance_before": available}
    row |= {"limit_cpu_ms": quote.limits.cpu_ms, "limit_mem_mb": quote.limits.mem_mb, "limit_wall_ms": quote.limits.duration_ms}
    return row | {"created_at": clock.now(), "idem_key": asked.key, "idem_hash": asked.body_hash, "request_id": actor.request_id}
