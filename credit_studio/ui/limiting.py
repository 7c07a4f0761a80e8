"""Limits in words: what a cap means before it is set, and what it would have stopped. Pure."""

from dataclasses import dataclass
from datetime import datetime

from credit_studio.core.errors import StudioError
from credit_studio.limits import service
from credit_studio.limits.views import Blocked, Bounds, Simulation, Window
from credit_studio.tools.registry import find_tool
from credit_studio.ui import words

LABELS: dict[Window, tuple[str, str]] = {"day": ("Daily cap", "today"), "month": ("Monthly cap", "this month"), "run": ("Cap for one run", "")}
FIELDS: dict[str, str] = {"day": "daily-cap", "month": "monthly-cap", "run": "run-cap"}
"""Where each cap stands on the page; the links of refusals lead there."""

PATH = "/account/settings/credits/"
_ADVERB = {"day": "daily", "month": "monthly"}


@dataclass(frozen=True)
class Taken:
    """What a window has taken in credits, and when it opens again, in words; nothing of both for single runs."""

    spent: int = 0
    resets: str = ""


@dataclass(frozen=True)
class Stopped:
    """A run that caps would have stopped, as a line."""

    href: str
    title: str
    at: str
    why: str


def link_of(window: str) -> str:
    """Where a person changes their own cap of that window."""
    return f"{PATH}#{FIELDS[window]}" if window in FIELDS else PATH


def way_out(window: str, *, is_own: bool) -> tuple[str, str]:
    """What a cap that stops a run can be answered with: a place and its words. Their own is its owner's to raise; bought credits pass the plan's."""
    names: dict[str, str] = {"day": "daily cap", "month": "monthly cap", "run": "cap for one run"}
    if window not in names:
        return "", ""
    return (link_of(window), f"Raise my {names[window]}") if is_own else ("/account/credits/", "Buy credits, they pass the plan’s cap")  # noqa: RUF001 - a typographic apostrophe


def way_out_of(error: StudioError) -> tuple[str, str]:
    """Where the page leads from a refusal: to the cap that stopped the run, to credits, or nowhere."""
    window = {"cap_daily": "day", "cap_monthly": "month", "cap_per_run": "run"}.get(error.code, "")
    if window:
        return way_out(window, is_own="settings" in error.helps)
    return ("/account/credits/", "Buy credits") if "purchase" in error.helps else ("", "")


def most(window: Window, bounds: Bounds) -> str:
    """What may be typed, and what nothing means."""
    parts = service.made_of(window, bounds).replace("'", "’")  # noqa: RUF001 - a typographic apostrophe
    return f"Up to {words.number(bounds.most(window))}: {parts}. Empty for no cap of your own."


def standing(window: Window, limit: int | None, taken: Taken) -> str:
    """How a cap stands now."""
    if window == "run":
        return "No cap of your own." if limit is None else f"Runs that may cost more than {words.credits_of(limit)} do not start."
    span = LABELS[window][1]
    if limit is None:
        return f"No cap of your own. {words.credits_of(taken.spent)} spent {span}."
    return f"{words.number(taken.spent)} of {words.number(limit)} spent {span}. Resets {taken.resets}."


def meaning(window: Window, before: int | None, after: int | None, taken: Taken, *, bounds: Bounds) -> str:
    """What changing a cap from `before` to `after` will do, said before it is done; how it stands when nothing changes."""
    if after == before:
        return standing(window, before, taken)
    if after is not None and after > bounds.most(window):
        return f"That is more than you can set: {words.number(bounds.most(window))} at most."
    if after is None:
        holds = "only the plan’s caps hold, and those limit the plan’s credits"  # noqa: RUF001 - a typographic apostrophe
        return f"Without it {holds if bounds.plan(window) else 'no cap limits your runs: your plan has none'}."
    if after == 0:
        return "Stops every paid run until you raise it. Runs in the browser stay free."
    if window == "run":
        return f"A run that may cost more than {words.credits_of(after)} does not start, and costs nothing. A smaller maximum can be asked for instead."
    return f"{_change(before, after, taken.spent, LABELS[window][1])} It resets {taken.resets}."


def _change(before: int | None, after: int, spent: int, span: str) -> str:
    left = max(0, after - spent)
    if before is not None and after > before:
        more = left - max(0, before - spent)
        return f"Raising it lets {words.number(more)} more credit{'' if more == 1 else 's'} be spent {span}."
    head = "It" if before is None else "Lowering it"
    if left == 0:
        return f"{head} stops paid runs at once: {words.number(spent)} of {words.number(after)} are spent {span}."
    return f"{head} leaves {words.credits_of(left)} for {'the rest of today' if span == 'today' else 'the rest of this month'}."


def told(name: str, before: int | None, after: int | None) -> str:
    """The confirmation of a cap that was set."""
    figures = [("none" if one is None else words.number(one)) for one in (after, before)]
    return f"Saved. {name}: {figures[0]}, before {figures[1]}."


def blocked_head(seen: Simulation, *, has_caps: bool) -> str:
    """How many runs caps would have stopped."""
    if not seen.runs:
        return "There was no paid run in the last 30 days."
    if not has_caps:
        return "Without a cap of your own no run of the last 30 days would have been blocked."
    if not seen.count:
        return "With these caps no run of the last 30 days would have been blocked."
    return f"With these caps {_runs(seen.count)} of the last 30 days would have been blocked."


def _runs(count: int) -> str:
    return f"{words.number(count)} run{'' if count == 1 else 's'}"


def stopped(one: Blocked, zone: str, *, now: datetime) -> Stopped:
    """A run that would have been blocked, with what would have stopped it."""
    tool = find_tool(one.tool_id)
    needed = f"needed {words.number(one.required)}"
    why = f"{needed}, {words.number(one.spent)} of {words.number(one.limit)} {_ADVERB[one.window]} spent" if one.window in _ADVERB else f"{needed} in one run"
    return Stopped(f"/runs/{one.run_id}/", tool.title if tool else one.tool_id, words.clock(one.at, zone, now=now), why)


def zone_meaning(name: str, resets: str, *, now: datetime) -> str:
    """What another time zone does."""
    local = now.astimezone(words.zone(name))
    return f"It is {local:%H:%M} in {words.zone_label(name, now)}. Today’s caps still reset {resets}; from then on days begin at midnight there."  # noqa: RUF001 - a typographic apostrophe
