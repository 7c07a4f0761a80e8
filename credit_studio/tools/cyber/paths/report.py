"""The review as a report to read and to keep: Markdown, every name in it escaped."""

from credit_studio.tools.cyber.paths.outcome import ArchitectureOutput
from credit_studio.tools.cyber.prose import bullets, count, plain, said, steps, table


def percent(share: float) -> str:
    """A share in words, with one decimal at most: 24 %, 3.4 %, under 0.1 %."""
    if 0 < share < 0.0005:  # noqa: PLR2004 - would round to none
        return "under 0.1\u00a0%"
    return f"{share * 100:.{0 if share >= 0.0995 or share == 0 else 1}f}\u00a0%"  # noqa: PLR2004 - two digits are enough


def document(output: ArchitectureOutput) -> str:
    """The report of a finished run."""
    parts = [f"# Security architecture review: {plain(output.system)}\n", _summary(output)]
    parts += ["## Ways to the crown jewels\n", _ways(output), "## What to buy\n", _cut(output), _order(output)]
    parts += ["## Attack surface\n", _surface(output), "## Zones and depth of defence\n", _remarks(output), "## How it was found\n", _method(output)]
    return "\n".join(part for part in parts if part)


def _summary(output: ArchitectureOutput) -> str:
    jewels = [one for one in output.components if one.jewel]
    each = said(f"{plain(one.name)} in {percent(one.today)}" for one in jewels)
    return f"As things stand, {percent(output.today)} of attempts take a crown jewel ({each}). Without any control it would be {percent(output.without)}.\n"


def _ways(output: ArchitectureOutput) -> str:
    rows = ((" > ".join(one.components), said(one.over), percent(one.chance), one.controls, one.layers) for one in output.paths)
    return table(("Way", "Over", "Likelihood", "Controls in place", "Layers"), rows) or "No crown jewel can be reached from outside.\n"


def _cut(output: ArchitectureOutput) -> str:
    if output.cut_open:
        return f"The way {plain(' > '.join(output.cut_open))} has no place where the controls on offer stop {output.blocking} % of attempts: offer one there.\n"
    if output.is_cut_already:
        return f"Every way meets a place where {output.blocking} % of attempts are stopped: nothing has to be bought for that.\n"
    lines = [f"**{plain(one.name)}** on {plain(one.on)}, {one.cost:,.0f} {output.currency} a year" for one in output.controls if one.in_cut]
    return (
        f"The cheapest cut, {output.cut_cost:,.0f} {output.currency} a year, puts a block of at least {output.blocking} % on every way and brings the chance "
        f"from {percent(output.today)} to {percent(output.after_cut)}:\n\n{bullets(lines)}"
    )


def _order(output: ArchitectureOutput) -> str:
    lines = [f"{plain(one.control)}: {one.total:,.0f} {output.currency} so far, then {percent(one.chance)}" for one in output.purchases]
    return f"Bought one after the other, each time what takes away most value at risk for its cost:\n\n{steps(lines)}" if lines else ""


def _surface(output: ArchitectureOutput) -> str:
    heads = ("Entry point", "Zone", "Taken today", "Components in reach", "Crown jewels in reach")
    entries = table(heads, ((one.name, one.zone, percent(one.today), one.reach, one.jewels) for one in output.entries))
    chokes = [f"{plain(jewel)}: every way passes {plain(said(places))}" for jewel, places in output.chokes.items() if places]
    taken = table(("Component", "Without controls", "Today", "After the cut"), _components(output))
    return "\n".join(part for part in (entries, bullets(chokes), taken) if part)


def _components(output: ArchitectureOutput) -> list[tuple[str, ...]]:
    return [(one.name, percent(one.without), percent(one.today), percent(one.after_cut) if output.cut else "") for one in output.components]


def _remarks(output: ArchitectureOutput) -> str:
    lines = [f"**{one.title}** ({one.severity}), {plain(one.where)}. {plain(one.detail)} {one.fix}" for one in output.findings]
    return bullets(lines) or "Nothing to remark.\n"


def _method(output: ArchitectureOutput) -> str:
    return (
        f"{count(output.attempts, 'simulated attempt')}, seed {output.seed}. An attacker begins at every entry point and takes what he reaches with the chance "
        "of its hardening; each control in place stops its share of attempts, independently. A component that resists one way resists all. Ways are ranked by "
        "the product of the chances of what they pass; the cut is a minimum cut of the graph of places, weighted by the cost of a block at each. Chances are "
        "judgements: read them as an order, not as a forecast.\n"
    )
