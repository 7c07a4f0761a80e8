"""Two tools side by side, from their declarations and the engine's estimates alone: nothing is run, charged or stored."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from credit_studio.core.errors import InvalidInputs
from credit_studio.engine import service as engine
from credit_studio.engine.views import Breakdown, Estimate
from credit_studio.tools.base import Mode
from credit_studio.tools.forms import form_spec
from credit_studio.tools.registry import AnyTool, find_tool
from credit_studio.ui import words
from credit_studio.ui.components.parts import STATE_WORDS, mode_words

SIZES = {"small": 0.1, "example": 1.0, "large": 10.0, "huge": 100.0}
"""How many times the work of a tool's example."""
MOST_UNITS = 1_000_000_000
_SHOWN = 0.005
_MANY = 10
_NONE = "–"  # noqa: RUF001 - an en dash stands for nothing in a table


@dataclass(frozen=True)
class Row:
    """One fact of both tools; `is_money` for the credits, `note_a` and `note_b` explain the figures."""

    label: str
    a: str
    b: str
    note_a: str = ""
    note_b: str = ""
    is_money: bool = False


@dataclass(frozen=True)
class Part:
    """Rows under one head."""

    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Priced:
    """A tool's estimate at a size of input, in words how much that is, and what was cut; None as estimate where the server is never used."""

    estimate: Estimate | None
    size: str
    note: str = ""


def counts_units(tool: AnyTool) -> bool:
    """Whether a tool is priced by the units it counts its work in: one that runs on the server and is not priced by tokens."""
    return tool.is_built and tool.cost is not None and not engine.is_by_tokens(tool)


def units_of_example(tool: AnyTool) -> int:
    """The work of the tool's example; 0 where it is not counted."""
    return max(1, tool.cost.units(tool.example)) if tool.cost is not None and counts_units(tool) else 0


def price_at(tool: AnyTool, *, size: str, units: int) -> Priced:
    """What a run of that size would cost: of `SIZES`, or for "units" of that many units of work. More than fits one run is cut to what does."""
    if not tool.is_built:
        return Priced(None, _NONE, "Cannot be run yet")
    if tool.cost is None:
        return Priced(None, "not counted: it runs in the browser")
    if engine.is_by_tokens(tool):
        by_tokens = "" if size == "example" else "priced by tokens: shown for its example"
        return Priced(engine.estimate(tool, tool.example), f"its example: {tool.cost.describe(tool.example)}", by_tokens)
    of_example = units_of_example(tool)
    wanted = max(1, units if size == "units" else round(of_example * SIZES[size]))
    fitting = _most_that_fits(tool, wanted)
    inputs = tool.cost.describe(tool.example) if fitting == of_example else ""
    times = f"{_times(fitting / of_example)} times its example"
    note = f"cut from {words.number(wanted)}: no more fits one run" if fitting < wanted else ""
    return Priced(_estimate(tool, fitting), f"{words.number(fitting)} {'unit' if fitting == 1 else 'units'}: {inputs or times}", note)


def parts(a: AnyTool, b: AnyTool, *, size: str, units: int) -> list[Part]:
    """All facts of two tools, by head."""
    one, other = price_at(a, size=size, units=units), price_at(b, size=size, units=units)
    return [Part("Price of a server run", _price(one, other, a, b)), Part("Limits of a server run", _limits(a, b)), Part("What it does", _facts(a, b))]


def verdict(a: AnyTool, b: AnyTool, *, size: str, units: int) -> str:
    """In one sentence which of the two typically costs less."""
    one, other = (price_at(tool, size=size, units=units).estimate for tool in (a, b))
    if one is None or other is None:
        free = [tool.title for tool in (a, b) if tool.is_built and tool.mode is Mode.CLIENT]
        return f"{' and '.join(free)} {'cost' if len(free) > 1 else 'costs'} 0 credits, always." if free else "One of them cannot be run yet."
    gap = other.typical - one.typical
    if not gap:
        return f"Both typically cost {words.credits_of(one.typical)}."
    less, more = (a, b) if gap > 0 else (b, a)
    low, high = sorted((one.typical, other.typical))
    return f"{less.title} typically costs {words.credits_of(abs(gap))} less: {words.number(low)} against {words.number(high)} for {more.title}."


def _price(one: Priced, other: Priced, a: AnyTool, b: AnyTool) -> list[Row]:
    figures = [("At least", "min"), ("Typically", "typical"), ("At most", "max")]
    rows = [Row("Size of input", one.size, other.size, one.note, other.note)]
    rows += [Row(label, _credits(one, a, name), _credits(other, b, name), is_money=name == "typical") for label, name in figures]
    rows.append(Row("In the browser", _in_browser(a), _in_browser(b)))
    driver_a, driver_b = _driver(one), _driver(other)
    rows.append(Row("What drives it", driver_a[0], driver_b[0], driver_a[1], driver_b[1]))
    rows.append(Row("To bring it down", _lower(a), _lower(b)))
    return rows


def _limits(a: AnyTool, b: AnyTool) -> list[Row]:
    def facts(tool: AnyTool) -> tuple[str, ...]:
        limits, cap = tool.limits, words.credits_of(tool.cap)
        if tool.mode is Mode.CLIENT:
            return cap, *[_NONE] * 4
        memory, result = (f"{figure:,g}{words.NARROW}MB" for figure in (limits.mem_mb, limits.output_bytes / 1_000_000))
        return cap, words.seconds(limits.cpu_ms), memory, words.seconds(limits.wall_ms), result

    labels = ("Never costs more than", "CPU time", "Memory", "Time", "Result")
    return [Row(label, x, y) for label, x, y in zip(labels, facts(a), facts(b), strict=True)]


def _facts(a: AnyTool, b: AnyTool) -> list[Row]:
    def facts(tool: AnyTool) -> tuple[str, ...]:
        account = "needed" if tool.mode is Mode.SERVER else "not needed in the browser"
        return mode_words(tool), _state(tool), account, _sentence(tool.takes), _sentence(tool.gives)

    labels = ("Runs", "State", "Account", "Takes", "Gives")
    return [Row(label, x, y) for label, x, y in zip(labels, facts(a), facts(b), strict=True)]


def _credits(priced: Priced, tool: AnyTool, name: str) -> str:
    if priced.estimate is None:
        return "0 credits" if tool.is_built else _NONE
    return words.credits_of(getattr(priced.estimate, name))


def _in_browser(tool: AnyTool) -> str:
    return "not possible" if tool.mode is Mode.SERVER else "0 credits"


def _driver(priced: Priced) -> tuple[str, str]:
    """The greatest part of the sum, and the whole sum."""
    if priced.estimate is None:
        return _NONE, ""
    sums: Breakdown = priced.estimate.breakdown
    named = {"Base of each run": sums.base, "CPU time": sums.cpu, "Memory": sums.memory, "Tokens": sums.tokens}
    name = max(named, key=lambda key: named[key])
    share = f"{words.share(named[name], sums.sum)}{words.NARROW}%" if sums.sum else ""
    shorts = {"base": sums.base, "CPU": sums.cpu, "memory": sums.memory, "tokens": sums.tokens}
    told = " + ".join(f"{short} {words.raw(value)}" for short, value in shorts.items() if value >= _SHOWN)
    least = priced.estimate.min
    raised = f", raised to the least, {least}" if sums.sum <= least - 1 else ""
    return f"{name}, {share}" if share else name, told + raised


def _times(share: float) -> str:
    return words.number(round(share)) if share >= _MANY else f"{share:.2g}"


def _lower(tool: AnyTool) -> str:
    if tool.cost is None or not tool.is_built:
        return _NONE
    labels = {field["name"]: field["label"] for field in form_spec(tool)["fields"]}
    return f"Less in “{labels.get(tool.cost.lower, tool.cost.lower)}”"


def _state(tool: AnyTool) -> str:
    instead = find_tool(tool.instead)
    return STATE_WORDS[tool.availability] + (f", use {instead.title} instead" if instead else "")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _estimate(tool: AnyTool, units: int) -> Estimate:
    assert tool.cost is not None  # noqa: S101 - asked only for tools that count their work
    said = f"{words.number(units)} units"
    of_size = dataclasses.replace(tool.cost, units=_always(units), describe=_always(said))
    return engine.estimate(dataclasses.replace(tool, cost=of_size), tool.example)


def _always(value: Any) -> Any:  # noqa: ANN401 - any answer
    return lambda _inputs: value


def _most_that_fits(tool: AnyTool, wanted: int) -> int:
    """The greatest work up to `wanted` that the engine takes as one run."""
    if _fits(tool, wanted):
        return wanted
    low, high = 1, wanted
    while high - low > max(1, low // 1000):
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(tool, middle) else (low, middle)
    return low


def _fits(tool: AnyTool, units: int) -> bool:
    try:
        _estimate(tool, units)
    except InvalidInputs:
        return False
    return True
