"""From counted rows to what is told of use: with pandas, no I/O."""

from datetime import datetime
from typing import Any

import pandas as pd

from credit_studio.analytics import rules
from credit_studio.analytics.spans import Span
from credit_studio.analytics.views import Bar, Counted, GroupUse, Projection, Share, Totals, Trend, Usage
from credit_studio.tools.registry import find_tool

FIRST = 3
"""The slot of the first bar: the stretch before is slot 1, and what lies between the two is slot 2."""
_COLUMNS = ["slot", "tool_id", "runs", "failed", "credits"]
_AMOUNTS = ["credits", "paid", "failed"]
_ACCOUNT = ("account", "This account")
_ELSEWHERE = "other"


def usage(rows: list[Counted], span: Span, earlier: tuple[datetime, datetime], group_by: str, ahead: Projection) -> Usage:
    """Put it together; `rows` by the slots that `FIRST` tells of.

    Trend: the credits of the span against those of the stretch right before it, as long as what has gone by of it, so that a day that has just
    begun is compared with as little of the day it stands against. For the projection see `service.projection`.
    """
    told: Any = pd.DataFrame.from_records(rows, columns=_COLUMNS)
    groups = {tool_id: _group(tool_id, group_by) for tool_id in told["tool_id"].unique()}
    told["key"] = [groups[row.tool_id] for row in rows]
    told["paid"] = told["runs"] - told["failed"]
    past, now = told[told["slot"] == 1], told[told["slot"] >= FIRST]
    breakdown = _breakdown(now, group_by)
    totals = Totals(*_total(now))
    return Usage(
        period=span.period,
        since=span.since,
        until=span.until,
        group_by=group_by,
        bucket=span.bucket,
        time_zone=span.zone,
        totals=totals,
        series=_series(now, span, [one.key for one in breakdown]),
        breakdown=breakdown,
        trend=_trend(past, earlier, totals.credits),
        projection=ahead,
    )


def _group(tool_id: str, group_by: str) -> str:
    tool = find_tool(tool_id)
    if group_by == "tool":
        return tool_id
    return (tool.studio.value if tool is not None else _ELSEWHERE) if group_by == "studio" else _ACCOUNT[0]


def _title(key: str, group_by: str) -> str:
    tool = find_tool(key) if group_by == "tool" else None
    if tool is not None:
        return tool.title
    return key.replace("-", " ").title() if group_by in ("tool", "studio") else _ACCOUNT[1]


def _breakdown(now: pd.DataFrame, group_by: str) -> tuple[Share, ...]:
    """The groups, those that cost most first."""
    sums = sorted(_sums(now, ["key"]), key=lambda one: (-one["credits"], -one["paid"]))
    shares = rules.per_cent([one["credits"] for one in sums])
    return tuple(
        Share(one["key"], _title(one["key"], group_by), one["credits"], one["paid"], one["failed"], share) for one, share in zip(sums, shares, strict=True)
    )


def _sums(rows: pd.DataFrame, by: list[str]) -> list[dict[str, Any]]:
    """The amounts of the rows by some columns, as plain values."""
    summed: Any = rows.groupby(by)[_AMOUNTS].sum()
    plain = summed.reset_index()
    names = list(plain.columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*(plain[name].tolist() for name in names), strict=True)]


def _series(now: pd.DataFrame, span: Span, keys: list[str]) -> tuple[Bar, ...]:
    """Every bar of the span, those without use too."""
    used: dict[int, dict[str, dict[str, Any]]] = {}
    for one in _sums(now, ["slot", "key"]):
        used.setdefault(one["slot"], {})[one["key"]] = one
    return tuple(_bar(start, end, used.get(slot, {}), keys) for slot, (start, end) in enumerate(span.bars(), FIRST))


def _bar(start: datetime, end: datetime, used: dict[str, dict[str, Any]], keys: list[str]) -> Bar:
    spent, paid, failed = (sum(one[name] for one in used.values()) for name in _AMOUNTS)
    groups = tuple(GroupUse(key, used[key]["credits"], used[key]["paid"]) for key in keys if key in used and used[key]["paid"])
    return Bar(start, end, spent, paid, failed, groups)


def _trend(past: pd.DataFrame, earlier: tuple[datetime, datetime], spent_now: int) -> Trend:
    spent, paid, _ = _total(past)
    change = round((spent_now - spent) * 100 / spent, 1) if spent else None
    return Trend(*earlier, credits=spent, runs=paid, change=change)


def _total(rows: pd.DataFrame) -> tuple[int, int, int]:
    credits_spent, paid, failed = (int(sum(rows[name].tolist())) for name in _AMOUNTS)
    return credits_spent, paid, failed
