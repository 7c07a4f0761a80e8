"""From rows to views: the run, its line in a list, and the waterfall of its charge."""

import dataclasses
import json
from datetime import datetime
from uuid import UUID

from credit_studio.catalog.service import catalog
from credit_studio.core.errors import InvalidRequest
from credit_studio.engine import service as engine
from credit_studio.engine.views import Range, RunLimits, Usage
from credit_studio.history.views import Payment
from credit_studio.runs import rules, store
from credit_studio.runs.views import TERMINAL, Charge, Failure, Moment, RunCredits, RunLine, RunPage, RunView, SharedResult, Step
from credit_studio.tools import registry
from credit_studio.tools.base import Meter


def run_view(row: store.Row, result: store.Row | None, *, available: int) -> RunView:
    """The run as its owner sees it."""
    ended = row["status"] in TERMINAL
    return RunView(
        run_id=row["id"],
        tool_id=row["tool_id"],
        title=_title(row["tool_id"]),
        status=row["status"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        limits=RunLimits(cpu_ms=row["limit_cpu_ms"], mem_mb=row["limit_mem_mb"], duration_ms=row["limit_wall_ms"]),
        usage=_usage(row),
        credits=RunCredits(
            charged=row["charged"],
            held=row["quoted_max"],
            released=row["quoted_max"] - row["charged"] if ended else 0,
            estimate=Range(row["quoted_min"], row["quoted_typical"], row["quoted_max"]),
            balance=available,
        ),
        failure=_failure(row) if ended and row["status"] != "succeeded" else None,
        result=None if result is None else json.loads(result["result"]),
        blocks=None if result is None else json.loads(result["blocks"]),
        cached=False,
        summary=row["described"],
        inside_ms=row["inside_ms"],
        kept_until=None if result is None else rules.kept_until(result["created_at"]),
        shared_at=None if result is None else result["shared_at"],
    )


def stored_view(view: RunView, *, available: int) -> RunView:
    """A run whose result is given again: nothing ran, nothing was held, nothing is charged."""
    return dataclasses.replace(view, cached=True, credits=RunCredits(charged=0, held=0, released=0, estimate=Range(0, 0, 0), balance=available))


def shared_result(row: store.Row) -> SharedResult:
    """A result as anybody with its link sees it."""
    return SharedResult(
        tool_id=row["tool_id"],
        title=_title(row["tool_id"]),
        version=row["tool_version"],
        ran_at=row["ended_at"],
        until=rules.kept_until(row["created_at"]),
        blocks=json.loads(row["blocks"]),
    )


def run_line(row: store.Row, *, since: datetime) -> RunLine:
    """The run in a list; a result from before `since` is not kept any more."""
    is_kept = row["kept_at"] is not None and row["kept_at"] > since
    return RunLine(
        run_id=row["id"],
        tool_id=row["tool_id"],
        title=_title(row["tool_id"]),
        status=row["status"],
        created_at=row["created_at"],
        duration_ms=row["duration_ms"],
        charged=row["charged"],
        held=row["quoted_max"],
        summary=row["described"],
        kept_until=rules.kept_until(row["kept_at"]) if is_kept else None,
        shared_at=row["shared_at"] if is_kept else None,
    )


def run_page(rows: list[store.Row], limit: int, *, since: datetime) -> RunPage:
    """A page of lines, and the cursor of the next."""
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = None if last is None else f"{last['created_at'].isoformat()}~{last['id']}"
    return RunPage(tuple(run_line(row, since=since) for row in rows[:limit]), cursor)


def read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Where the next page begins; raises `InvalidRequest` for a cursor that this list did not give."""
    if cursor is None:
        return None
    try:
        at, run_id = cursor.split("~")
        return datetime.fromisoformat(at), UUID(run_id)
    except ValueError:
        raise InvalidRequest("cursor: is not one that this list gave.") from None


def charge_view(run: RunView, row: store.Row, payments: tuple[Payment, ...], entry: store.Row | None) -> Charge:
    """The answer to "Why this charge?"."""
    return Charge(
        run=run,
        steps=_steps(row) if run.usage is not None and run.status == "succeeded" else (),
        payments=payments,
        balance_before=row["balance_before"],
        balance_after=run.credits.balance,
        moments=_moments(row),
        entry_number=None if entry is None else entry["number"],
        fingerprint=None if entry is None else entry["hash"].hex(),
    )


def _steps(row: store.Row) -> tuple[Step, ...]:
    """What was measured, in credits, and how the charge came of it: each step from where to where on one scale."""
    rates, usage = catalog().burn, _usage(row)
    assert usage is not None  # noqa: S101 - asked only for runs that were measured
    parts = engine.usage_breakdown(usage)
    if usage.tokens is not None or registry.get_tool(row["tool_id"]).meter is Meter.TOKENS:
        tokens = usage.tokens or 0
        share = Step("Tokens", f"{tokens:,}", f"1 per {rates.tokens_per_credit:,}", parts.tokens, 0, parts.tokens)
        return (share, *_ends(row, sum_=parts.tokens, raw=-(-tokens // rates.tokens_per_credit), least=rates.minimum_tokens))
    with_cpu = parts.base + parts.cpu
    memory = f"{usage.mem_mb / 1024:.3f} GB x {usage.duration_ms / 1000:.2f} s"
    return (
        Step("Base", "each server run", "", parts.base, 0, parts.base),
        Step("CPU", f"{usage.cpu_ms / 1000:.2f} s", f"1 per {rates.cpu_ms_per_credit / 1000:g} s", parts.cpu, parts.base, with_cpu),
        Step("Memory", memory, f"1 per {rates.gb_ms_per_credit / 1000:g} GB s", parts.memory, with_cpu, parts.sum),
        Step("Sum", "", "", parts.sum, 0, parts.sum),
        *_ends(row, sum_=parts.sum, raw=engine.raw_credits(usage), least=rates.minimum),
    )


def _ends(row: store.Row, *, sum_: float, raw: int, least: int) -> tuple[Step, ...]:
    """From the unrounded sum to the charge: rounding up, the least, the quoted most."""
    raised, charged, most = max(least, raw), row["charged"], row["quoted_max"]
    return (
        Step("Rounded up", "once, at the end", "", raw - sum_, sum_, raw),
        Step(f"At least {least}", "already more" if raw >= least else "raised", "", None if raw >= least else raised - raw, raw, raised),
        Step(
            f"At most {most}, as quoted",
            "already less" if raised < most else "reached" if raised == most else "lowered",
            "",
            None if raised <= most else charged - raised,
            charged,
            raised,
        ),
        Step("Charged", f"{most - charged} of {most} returned", "", charged, 0, charged),
    )


def _moments(row: store.Row) -> tuple[Moment, ...]:
    held, charged, ended = row["quoted_max"], row["charged"], row["ended_at"]
    told = [(f"Quoted, at most {held}", row["created_at"]), (f"Held {held}", row["created_at"]), ("Started", row["started_at"])]
    if row["status"] == "succeeded":
        told += [("Finished", ended), (f"Charged {charged}, returned {held - charged}", ended)]
    elif ended is not None:
        told += [(row["failure_message"] or "Ended", ended), (f"Not charged, returned {held}", ended)]
    return tuple(Moment(what, at) for what, at in told if at is not None)


def _usage(row: store.Row) -> Usage | None:
    if row["cpu_ms"] is None:
        return None
    return Usage(cpu_ms=row["cpu_ms"], mem_mb=row["mem_mb"], duration_ms=row["duration_ms"], tokens=row["tokens"])


def _failure(row: store.Row) -> Failure:
    return Failure(row["failure_code"], row["failure_message"], row["failure_action"], row["failure_field"] or None)


def _title(tool_id: str) -> str:
    tool = registry.find_tool(tool_id)
    return tool_id if tool is None else tool.title
