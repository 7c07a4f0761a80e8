"""The one path of a run, for pages and API alike: ask, hold, queue, wait; and what a worker does with it. Each step its own transaction."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard, cast
from uuid import UUID

import structlog

from credit_studio.core import clock, ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import FieldError, InvalidInputs, NotFound, PaymentRequired
from credit_studio.db import listen
from credit_studio.db.session import Tx, transaction
from credit_studio.engine import gate
from credit_studio.engine import service as engine
from credit_studio.history import service as history
from credit_studio.runs import errors, presenting, rules, service, settling, store
from credit_studio.runs.events import RunBlocked
from credit_studio.runs.views import TERMINAL, Charge, Progress, RunPage, RunView, Wanted
from credit_studio.tools import registry, validation
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool
from credit_studio.uploads import flow as upload_files
from credit_studio.uploads import service as uploads

WAIT_S = 60.0
_RECHECK_S = 5.0
_BIG_TEXT = 50_000
_ALL = Wanted()
_log = structlog.get_logger()


@dataclass(frozen=True)
class Ran:
    """A run as it stands, and whether an idempotency key replayed it."""

    view: RunView
    replayed: bool


async def run_tool(
    actor: Actor, *, tool_id: str, inputs: object, max_credits: int | None = None, fresh: bool = False, key: str | None = None, wait_s: float = WAIT_S
) -> Ran:
    """Run a tool on the server and wait for its end, at most `wait_s` seconds: the view then says "queued" or "running".

    Raises what `start` raises. A run that gives no result is no error: its view says so, and that it was not charged.
    """
    ran = await start(actor, tool_id=tool_id, inputs=inputs, max_credits=max_credits, fresh=fresh, key=key)
    if ran.replayed or ran.view.status in TERMINAL:
        return ran
    return Ran(await wait(actor, ran.view.run_id, wait_s=wait_s), replayed=False)


async def start(
    actor: Actor, *, tool_id: str, inputs: object, max_credits: int | None = None, fresh: bool = False, only_stored: bool = False, key: str | None = None
) -> Ran:
    """Quote, hold and queue a run; or give the stored result of the same inputs and version, for 0 credits, unless `fresh` asks for a new run.

    `only_stored` is for whoever was promised a stored result: when it is gone meanwhile, raises `NotFound` and starts nothing.

    In this order raises `NotFound` (unknown_tool), `Unavailable`, `Conflict` (tool_runs_in_browser), `NotSignedIn`, `InvalidInputs`,
    `PaymentRequired` and `Conflict` (run_in_progress, idempotency_in_progress). A refusal holds nothing and frees the key.
    """
    tool = runnable(tool_id)
    person_id = actor.require_user()
    fingerprint = service.body_hash(tool_id, inputs, max_credits, fresh=fresh)
    if key is not None:
        ended = await _replay(person_id, key, fingerprint)
        if ended is not None:
            return Ran(ended, replayed=True)
    files = _uploads_in(inputs)
    try:
        asked = await _quote(actor, tool, inputs, max_credits=max_credits, key=key, fingerprint=fingerprint)
        if not fresh and (kept := await _stored(actor, person_id, asked, files, must=only_stored)) is not None:
            return Ran(kept, replayed=False)
        return Ran(await get(actor, await _admit(actor, person_id, asked, files)), replayed=False)
    except errors.Twin as twin:
        return Ran(await get(actor, twin.run_id), replayed=True)
    except PaymentRequired as refused:
        await _tell_blocked(actor, person_id, tool, refused)
        raise


async def _stored(actor: Actor, person_id: UUID, asked: service.Asked, files: Sequence[UUID], *, must: bool) -> RunView | None:
    """The stored result of just these inputs, given again: no hold, no process. The files have served: they go."""
    async with transaction() as tx:
        found = await service.stored(tx, person_id=person_id, tool=asked.tool, inputs_json=asked.inputs_json)
        if found is None and must:
            raise errors.result_gone()
        if found is None:
            return None
        taken = await uploads.take(tx, owner_id=person_id, upload_ids=files)
        given = await service.give_again(tx, run_id=found.run_id, person_id=person_id, actor=actor)
    await upload_files.remove(taken)
    return given


async def _admit(actor: Actor, person_id: UUID, asked: service.Asked, files: Sequence[UUID]) -> UUID:
    """Hold the quoted maximum and write the run and its job, in one transaction; the run's id. The run has its inputs now: the files go."""
    async with transaction() as tx:
        if (ended := await service.check_free(tx, person_id=person_id, asked=asked)) is not None:
            raise errors.Twin(ended)
        zone = await gate.zone_of(tx, person_id)
    run_id, quote = ids.new_id(), asked.quote
    taken: tuple[str, ...] = ()

    async def enter(tx: Tx, _done: object) -> None:
        nonlocal taken
        await service.enter(tx, run_id=run_id, person_id=person_id, asked=asked, actor=actor)
        taken = await uploads.take(tx, owner_id=person_id, upload_ids=files)

    lasts = rules.hold_lasts(quote.limits.duration_ms)
    await gate.hold(person_id=person_id, run_id=run_id, amount=quote.max, lasts=lasts, zone=zone, after=enter)
    await upload_files.remove(taken)
    return run_id


def runnable(tool_id: str) -> AnyTool:
    """The tool, when it runs on the server; raises `NotFound`, `Unavailable` or `Conflict` (tool_runs_in_browser)."""
    tool = registry.get_tool(tool_id)
    if not tool.is_built:
        raise errors.not_built(tool)
    if tool.mode is Mode.CLIENT:
        raise errors.runs_in_browser(tool)
    return tool


async def parse_for_estimate(actor: Actor, tool_id: str, raw: object) -> tuple[AnyTool, Any]:
    """The tool and its parsed inputs, uploads of the caller read in; raises `NotFound`, `Unavailable`, `InvalidInputs`."""
    tool = registry.get_tool(tool_id)
    if not tool.is_built:
        raise errors.not_built(tool)
    return tool, await _parse(actor, tool, raw)


async def wait(actor: Actor, run_id: UUID, *, wait_s: float) -> RunView:
    """The run when it has ended, or as it stands after `wait_s` seconds. Raises `NotFound`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + wait_s
    async with listen.hub().subscribed(service.CHANNEL, key=str(run_id)) as bell:
        view = await get(actor, run_id)
        while view.status not in TERMINAL and loop.time() < until:
            with contextlib.suppress(TimeoutError):
                message = await asyncio.wait_for(bell.get(), min(_RECHECK_S, max(0.0, until - loop.time())))
                if message.get("status") == "running":
                    continue
            view = await get(actor, run_id)
        return view


async def watch(actor: Actor, run_id: UUID) -> AsyncIterator[Progress]:
    """How the run goes on, until it has ended. Raises `NotFound`."""
    async with listen.hub().subscribed(service.CHANNEL, key=str(run_id)) as bell:
        while True:
            view = await get(actor, run_id)
            yield await _standing(view)
            if view.status in TERMINAL:
                return
            with contextlib.suppress(TimeoutError):
                async for progress in _progress(bell, run_id):
                    yield progress


async def _progress(bell: "asyncio.Queue[listen.Message]", run_id: UUID) -> AsyncIterator[Progress]:
    """What the worker tells until something else than progress rings, or nothing rings for a while."""
    while True:
        message = await asyncio.wait_for(bell.get(), _RECHECK_S)
        if message.get("status") != "running" or "elapsed" not in message:
            return
        share = message["share"]
        yield Progress(run_id, "running", share, message["doing"], message["elapsed"], message["credits"])


async def _standing(view: RunView) -> Progress:
    ahead = 0
    if view.status == "queued":
        async with transaction() as tx:
            ahead = await store.ahead_of(tx, view.run_id)
    return Progress(view.run_id, view.status, None, "", 0, 0.0, ahead)


async def get(actor: Actor, run_id: UUID) -> RunView:
    """One run of the caller's own; raises `NotFound`."""
    async with transaction() as tx:
        return await service.view(tx, run_id=run_id, person_id=actor.require_user())


async def charge(actor: Actor, run_id: UUID) -> Charge:
    """Why a run cost what it cost; raises `NotFound`."""
    async with transaction() as tx:
        run = await service.view(tx, run_id=run_id, person_id=actor.require_user())
        row = await store.get(tx, run_id)
        assert row is not None  # noqa: S101 - it was there a statement ago, and rows of runs stay
        payments, entry = await history.payments(tx, run_id=run_id)
    return presenting.charge_view(run, row, payments, entry)


async def listing(actor: Actor, *, wanted: Wanted = _ALL, cursor: str | None = None, limit: int = 50) -> RunPage:
    """The caller's runs that are wanted, newest first; deleted ones are not among them."""
    before = presenting.read_cursor(cursor)
    async with transaction() as tx:
        rows = await store.listing(tx, person_id=actor.require_user(), wanted=wanted, before=before, limit=limit + 1)
    return presenting.run_page(list(rows), limit, since=rules.kept_since(clock.now()))


async def cancel(actor: Actor, run_id: UUID) -> RunView:
    """Cancel a run that has not ended: a queued one at once, a running one by its worker. Nothing is charged. Raises `NotFound`."""
    async with transaction() as tx:
        view = await service.view(tx, run_id=run_id, person_id=actor.require_user())
        if view.status == "running":
            await store.ask_cancel(tx, run_id)
            await tx.notify(service.CHANNEL, {"key": str(run_id), "cancel": True})
    if view.status == "queued":
        await settling.give_back(run_id, status="cancelled", code="cancelled", message="The run was cancelled.", actor=actor)
    return await wait(actor, run_id, wait_s=_RECHECK_S)


async def _replay(person_id: UUID, key: str, fingerprint: bytes) -> RunView | None:
    run_id = await _replay_id(person_id, key, fingerprint)
    if run_id is None:
        return None
    async with transaction() as tx:
        return await service.view(tx, run_id=run_id, person_id=person_id)


async def _replay_id(person_id: UUID, key: str, fingerprint: bytes) -> UUID | None:
    async with transaction() as tx:
        return await service.replay_of(tx, person_id=person_id, key=key, fingerprint=fingerprint)


async def _quote(actor: Actor, tool: AnyTool, raw: object, *, max_credits: int | None, key: str | None, fingerprint: bytes) -> service.Asked:
    try:
        inputs = await _parse(actor, tool, raw)
    except NotFound:
        # Another request with this key may have taken the upload a moment ago: then that one is the answer.
        if key is not None and (ended := await _replay_id(actor.require_user(), key, fingerprint)) is not None:
            raise errors.Twin(ended) from None
        raise
    quote = engine.estimate(tool, inputs, max_credits=max_credits)
    described = tool.cost.describe(inputs) if tool.cost is not None else ""
    return service.Asked(tool, validation.dump(inputs), described, quote, key, fingerprint)


async def _parse(actor: Actor, tool: AnyTool, raw: object) -> Any:  # noqa: ANN401 - the tool's inputs
    """Read uploads in, then validate; large texts off the event loop."""
    given = _mapping(raw)
    if given is None:
        return validation.parse(tool, raw)
    filled = {name: await _text_of(actor, name, value) for name, value in given.items()}
    is_big = any(isinstance(value, str) and len(value) > _BIG_TEXT for value in filled.values())
    return await asyncio.to_thread(validation.parse, tool, filled) if is_big else validation.parse(tool, filled)


async def _text_of(actor: Actor, name: str, value: object) -> object:
    """The text of an upload of the actor's own where `value` names one; else the value as it is."""
    if not _names_upload(value):
        return value
    owner_id, upload_id = actor.require_user(), ids.parse_id(str(value["uploadId"]))
    if upload_id is None:
        raise InvalidInputs((FieldError(name, "Names no upload."),))
    async with transaction() as tx:
        return await uploads.read_text(tx, owner_id=owner_id, upload_id=upload_id)


def _names_upload(value: object) -> TypeGuard[Mapping[str, object]]:
    named = _mapping(value)
    return named is not None and set(named) == {"uploadId"}


def _uploads_in(raw: object) -> list[UUID]:
    """The uploads that inputs name."""
    named = [ids.parse_id(str(value["uploadId"])) for value in (_mapping(raw) or {}).values() if _names_upload(value)]
    return [upload_id for upload_id in named if upload_id is not None]


def _mapping(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else None


async def _tell_blocked(actor: Actor, person_id: UUID, tool: AnyTool, refused: PaymentRequired) -> None:
    async with transaction() as tx:
        await tx.emit(RunBlocked(actor=actor, person_id=person_id, tool_id=tool.id, code=refused.code, required=refused.facts.required))
