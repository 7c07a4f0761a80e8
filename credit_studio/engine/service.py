"""Prices before and after a run. Pure but for catalogue, settings, the speed factor and what past runs taught, all in memory: no database here."""

import dataclasses

from credit_studio import settings
from credit_studio.catalog.service import catalog
from credit_studio.core.credits import Rates
from credit_studio.core.errors import FieldError, InvalidInputs
from credit_studio.engine import calibration, rules, speed
from credit_studio.engine.rules import Bounds, Take
from credit_studio.engine.views import Breakdown, Estimate, RunLimits, Usage
from credit_studio.tools.base import Meter, Mode
from credit_studio.tools.registry import AnyTool


def estimate(tool: AnyTool, inputs: object, *, requested: RunLimits | None = None, max_credits: int | None = None) -> Estimate:
    """Least, typical and most credits of a server run with these parsed inputs, and the limits that make the most a fact.

    Raises `InvalidInputs` when the work cannot fit the tool's limits (naming the input to lower), or when `max_credits` is below the
    least a run can cost. A client-only tool is free.
    """
    if tool.mode is Mode.CLIENT or tool.cost is None:
        return _free(tool)
    if tool.tokens is not None:
        return _by_tokens(tool, inputs, max_credits=max_credits)
    rates = catalog().burn
    units = tool.cost.units(inputs)
    known = calibration.known(tool)
    take = rules.expected(known.model, units=units, speed=speed.factor())
    declared = rules.expected(calibration.declared(tool), units=units, speed=speed.factor())
    most = Bounds(cpu_ms=tool.limits.cpu_ms, mem_mb=tool.limits.mem_mb, duration_ms=tool.limits.wall_ms)
    _refuse_too_much(tool, take, declared, most)
    # Runs that were stopped are not among those that taught the model: what was declared keeps room for them.
    usual = rules.usual_limits(take, spread=known.model.spread, most=most, room=declared)
    limits = _limits(tool, usual, most, requested=requested, max_credits=max_credits)
    if rates.tokens_per_run is not None:
        return _flat(tool, inputs, take, limits, max_credits=max_credits)
    ceiling = _charge(rates, Take(limits.cpu_ms, limits.mem_mb, limits.duration_ms), min(tool.cap, max_credits or tool.cap))
    return Estimate(
        tool_id=tool.id,
        min=least(tool),
        typical=_charge(rates, take, ceiling),
        max=ceiling,
        is_free=False,
        explanation=f"{tool.cost.describe(inputs)}: about {_seconds(take.cpu_ms)} of CPU and {max(1, round(take.mem_mb)):,} MB{_from(known.runs)}.",
        basis="history" if known.runs else "declared",
        breakdown=breakdown(rates, take),
        usage=Usage(cpu_ms=round(take.cpu_ms), mem_mb=round(take.mem_mb), duration_ms=round(take.duration_ms)),
        limits=RunLimits(cpu_ms=limits.cpu_ms, mem_mb=limits.mem_mb, duration_ms=limits.duration_ms),
        units=units,
        past_runs=known.runs,
        past_within=known.within,
    )


def _flat(tool: AnyTool, inputs: object, take: Take, limits: Bounds, *, max_credits: int | None) -> Estimate:
    """The price where every run counts the same: what it takes is limited as ever, and changes nothing."""
    rates, cost, price = catalog().burn, tool.cost, min(least(tool), max_credits or tool.cap)
    tokens = rates.tokens_per_run
    assert cost is not None  # noqa: S101 - both are there when this is asked
    assert tokens is not None  # noqa: S101 - the same
    return Estimate(
        tool_id=tool.id,
        min=price,
        typical=price,
        max=price,
        is_free=False,
        explanation=f"{cost.describe(inputs)}. {_same_for_all(tokens)}",
        basis="declared",
        breakdown=_token_breakdown(rates, tokens),
        usage=Usage(cpu_ms=round(take.cpu_ms), mem_mb=round(take.mem_mb), duration_ms=round(take.duration_ms), tokens=tokens),
        limits=RunLimits(cpu_ms=limits.cpu_ms, mem_mb=limits.mem_mb, duration_ms=limits.duration_ms),
        units=cost.units(inputs),
    )


def _by_tokens(tool: AnyTool, inputs: object, *, max_credits: int | None) -> Estimate:
    """The price by tokens: CPU, memory and time are limited and not charged; a run that waits for an answer may take so much longer."""
    rates, cost, use = catalog().burn, tool.cost, tool.tokens
    assert cost is not None  # noqa: S101 - both are there when this is asked
    assert use is not None  # noqa: S101 - the same
    _refuse_too_little(least(tool), max_credits)
    asks, ceiling = asks_llm(tool), min(tool.cap, max_credits or tool.cap)
    expected = dataclasses.astuple(use.expects(inputs, asks)) if rates.tokens_per_run is None else (rates.tokens_per_run,) * 3
    low, typical, most = (rules.token_charge(rates, tokens=count, quoted_max=ceiling) for count in expected)
    _, tokens, _ = expected
    said = f": about {tokens:,} tokens." if rates.tokens_per_run is None else f". {_same_for_all(tokens)}"
    take = rules.expected(calibration.declared(tool), units=cost.units(inputs), speed=speed.factor())
    wait_ms = settings.get().llm_wait_s * 1_000 if asks else 0
    return Estimate(
        tool_id=tool.id,
        min=low,
        typical=typical,
        max=most,
        is_free=False,
        explanation=f"{cost.describe(inputs)}{said}",
        basis="declared",
        breakdown=_token_breakdown(rates, tokens),
        usage=Usage(cpu_ms=round(take.cpu_ms), mem_mb=round(take.mem_mb), duration_ms=round(take.duration_ms), tokens=tokens),
        limits=RunLimits(cpu_ms=tool.limits.cpu_ms, mem_mb=tool.limits.mem_mb, duration_ms=tool.limits.wall_ms + wait_ms),
    )


def asks_llm(tool: AnyTool) -> bool:
    """True when a run of this tool asks a language model: it can, and the operator has set one."""
    return "llm" in tool.needs and settings.get().asks_llm


def is_by_tokens(tool: AnyTool) -> bool:
    """True when a server run of this tool is priced by tokens: its own, or those that every run counts."""
    return tool.meter is Meter.TOKENS or catalog().burn.tokens_per_run is not None


def tokens_within(tool: AnyTool, credits_: int) -> int:
    """How many tokens a run of this tool may take that was quoted so many credits: those that they pay for.

    Where every run counts the same, the quote says nothing of its length: then it is what the tool's cap would pay for.
    """
    rates = catalog().burn
    return (credits_ if rates.tokens_per_run is None else tool.cap) * rates.tokens_per_credit


def tokens_of(measured: int | None) -> int | None:
    """The tokens that a run with a result counts: those that were `measured`, or those that every run counts. None for a run that counts none."""
    flat = catalog().burn.tokens_per_run
    return measured if flat is None else flat


def charge(tool: AnyTool, usage: Usage, *, quoted_max: int) -> int:
    """What a run that succeeded costs, in whole credits; never more than it was quoted."""
    rates = catalog().burn
    if is_by_tokens(tool):
        return rules.token_charge(rates, tokens=tokens_of(usage.tokens) or 0, quoted_max=quoted_max)
    return rules.charge(rates, cpu_ms=usage.cpu_ms, mem_mb=usage.mem_mb, duration_ms=usage.duration_ms, quoted_max=quoted_max)


def least(tool: AnyTool) -> int:
    """The least a server run of this tool can cost; 0 for a client-only tool."""
    if tool.mode is Mode.CLIENT:
        return 0
    rates = catalog().burn
    if rates.tokens_per_run is not None:
        return rules.token_charge(rates, tokens=rates.tokens_per_run, quoted_max=tool.cap)
    return rates.minimum_tokens if tool.meter is Meter.TOKENS else rates.minimum


def breakdown(rates: Rates, take: Take) -> Breakdown:
    """The unrounded parts of a price."""
    base, cpu, memory = rules.parts(rates, cpu_ms=take.cpu_ms, mem_mb=take.mem_mb, duration_ms=take.duration_ms)
    return Breakdown(base=base, cpu=cpu, memory=memory, tokens=0.0, sum=base + cpu + memory)


def _token_breakdown(rates: Rates, tokens: int) -> Breakdown:
    share = tokens / rates.tokens_per_credit
    return Breakdown(base=0.0, cpu=0.0, memory=0.0, tokens=share, sum=share)


def credits_so_far(tool: AnyTool, *, cpu_ms: int, mem_mb: int, elapsed_ms: int, tokens: int = 0) -> float:
    """The unrounded price of what a running run has taken."""
    if is_by_tokens(tool):
        return (tokens_of(tokens) or 0) / catalog().burn.tokens_per_credit
    return breakdown(catalog().burn, Take(cpu_ms, mem_mb, elapsed_ms)).sum


def raw_credits(usage: Usage) -> int:
    """Whole credits of a compute run's usage, rounded up once, before the least and the most are applied."""
    return rules.raw_credits(catalog().burn, cpu_ms=usage.cpu_ms, mem_mb=usage.mem_mb, duration_ms=usage.duration_ms)


def usage_breakdown(usage: Usage) -> Breakdown:
    """The unrounded parts of the price of a measured run: by its tokens where it has any count of them."""
    if usage.tokens is not None:
        return _token_breakdown(catalog().burn, usage.tokens)
    return breakdown(catalog().burn, Take(usage.cpu_ms, usage.mem_mb, usage.duration_ms))


def _same_for_all(tokens: int) -> str:
    return f"Every server run counts {tokens:,} tokens, whatever it takes."


def _from(runs: int) -> str:
    """What the figures stand on, when it is more than the declared model."""
    return f", from the last {runs:,} runs of this tool" if runs else ""


def _charge(rates: Rates, take: Take, ceiling: int) -> int:
    usage = {"cpu_ms": -int(-take.cpu_ms // 1), "mem_mb": -int(-take.mem_mb // 1), "duration_ms": -int(-take.duration_ms // 1)}
    return rules.charge(rates, **usage, quoted_max=ceiling)


def _limits(tool: AnyTool, usual: Bounds, most: Bounds, *, requested: RunLimits | None, max_credits: int | None) -> Bounds:
    if requested is not None:
        usual = Bounds(
            cpu_ms=min(requested.cpu_ms, most.cpu_ms),
            mem_mb=min(requested.mem_mb, most.mem_mb),
            duration_ms=min(requested.duration_ms, most.duration_ms),
        )
    if max_credits is None:
        return usual
    _refuse_too_little(least(tool), max_credits)
    rates = catalog().burn
    return usual if rates.tokens_per_run is not None else rules.limits_for(rates, max_credits, usual=usual, most=most)


def _refuse_too_little(least_credits: int, max_credits: int | None) -> None:
    if max_credits is not None and max_credits < least_credits:
        raise InvalidInputs((FieldError("maxCredits", f"Must be at least {least_credits}, the least a run can cost."),))


_NAMES = {"cpu": "of CPU", "memory": "of memory", "time": "of time"}


def _refuse_too_much(tool: AnyTool, take: Take, declared: Take, most: Bounds) -> None:
    """Refuse what fits neither by past runs nor as declared: when only one of the two says so, the limits decide, and a run that they stop is not charged."""
    over = rules.overrun(take, most)
    if not over or not rules.overrun(declared, most) or tool.cost is None:
        return
    name, (needed, allowed) = max(over.items(), key=lambda item: item[1][0] / item[1][1])
    show = _megabytes if name == "memory" else _seconds
    share = int(100 * allowed / needed)
    said = f"Too much for one run: about {show(needed)} {_NAMES[name]}, and a run may take {show(allowed)}. Lower it to about {share} % of this."
    raise InvalidInputs((FieldError(tool.cost.lower, said),))


def _free(tool: AnyTool) -> Estimate:
    nothing = Breakdown(base=0.0, cpu=0.0, memory=0.0, tokens=0.0, sum=0.0)
    limits = RunLimits(cpu_ms=tool.limits.cpu_ms, mem_mb=tool.limits.mem_mb, duration_ms=tool.limits.wall_ms)
    said = "Runs in this browser. Nothing leaves this page."
    return Estimate(tool.id, 0, 0, 0, is_free=True, explanation=said, basis="declared", breakdown=nothing, usage=Usage(0, 0, 0), limits=limits)


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.2f} s" if ms < 1_000 else f"{ms / 1000:.1f} s"  # noqa: PLR2004 - under a second, hundredths are told


def _megabytes(mb: float) -> str:
    return f"{mb:,.0f} MB"
