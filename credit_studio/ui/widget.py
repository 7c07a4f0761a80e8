"""What the header says of a balance: one look, decided by the worst that is true. Pure.

Worst first: negative, empty, capped, card failed, plan cap reached, near a cap, holding, ok.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from credit_studio.engine.views import CapState
from credit_studio.ledger.views import Balance, GrantView
from credit_studio.ui import words

Look = Literal["negative", "empty", "capped", "card_failed", "plan_capped", "near", "holding", "ok"]
Action = Literal["top_up", "limits", "fix_card"]
"""What the strip's one button does."""

NEAR_PERCENT = 75
PLAN_SOURCE = "plan"
_WINDOWS = {"day": ("Today", "daily"), "month": ("Month", "monthly")}


@dataclass(frozen=True)
class Limit:
    """The tightest cap of one window, in words and whole credits; `room` is what may still be spent under it."""

    title: str = ""
    whose: str = ""
    is_own: bool = False
    used: int = 0
    limit: int = 0
    percent: int = 0
    resets: str = ""
    room: int = 0


@dataclass(frozen=True)
class Shown:
    """The widget's words and figures. `say_head` and `say_tail` are empty when the two meters stand there; `room` is the most that a run may take now.

    `block_...` is the cap that leaves so little, `near_...` the one that is near; all empty when there is none. `near_window` is empty also where
    nothing has to be done, since own credits pay what goes beyond.
    """

    look: Look
    say_head: str
    say_tail: str
    sentence: str
    action: Action
    limits: tuple[Limit, ...]
    room: int
    block_head: str
    block_tail: str
    block_window: str
    block_is_own: bool
    near_head: str
    near_tail: str
    near_window: str
    near_is_own: bool


def bought(grants: tuple[GrantView, ...]) -> int:
    """Whole credits that are the person's own: everything but the plan's allotment, held ones left out."""
    return sum(grant.remaining for grant in grants if grant.source != PLAN_SOURCE)


def shape(balance: Balance, caps: tuple[CapState, ...], zone_name: str, *, now: datetime, has_card_trouble: bool = False) -> Shown:
    """Decide what the widget shows of a balance, its caps, and a saved card that cannot be charged."""
    own_credits = bought(balance.grants)
    rooms = [(cap, _room(cap, own_credits)) for cap in caps if cap.window in _WINDOWS]
    tightest = min(rooms, key=lambda pair: pair[1], default=None)
    limits = tuple(_limit(pair, zone_name, now=now) for window in _WINDOWS if (pair := _tightest([one for one in rooms if one[0].window == window])))
    look = _look(balance, rooms, limits, has_card_trouble=has_card_trouble)
    head, tail = _say(look, balance, tightest, zone_name, now=now)
    bound = _bound(caps, tightest)
    near_head, near_tail, near_window, near_is_own = _near(limits, look)
    return Shown(
        look=look,
        say_head=head,
        say_tail=tail,
        sentence=_sentence(balance, limits, head, tail),
        action=_action(look, tightest),
        limits=limits,
        room=max(0, min(balance.available, bound[1] if bound else balance.available)),
        block_head=_block_head(bound[0]) if bound else "",
        block_tail=f"Resets {words.reset_at(bound[0].resets_at, zone_name, now=now)}." if bound and bound[0].resets_at else "",
        block_window=bound[0].window if bound else "",
        block_is_own=bound is not None and bound[0].scope == "own",
        near_head=near_head,
        near_tail=near_tail,
        near_window=near_window,
        near_is_own=near_is_own,
    )


def _bound(caps: tuple[CapState, ...], tightest: tuple[CapState, int] | None) -> tuple[CapState, int] | None:
    """What bounds the next run: the cap for one run, or the window that leaves least."""
    single = next(((cap, cap.limit) for cap in caps if cap.window == "run"), None)
    return min((one for one in (single, tightest) if one is not None), key=lambda one: one[1], default=None)


def _near(limits: tuple[Limit, ...], look: Look) -> tuple[str, str, str, bool]:
    """The cap that is nearest, said before a run is started; nothing while none is near, or one stops runs already."""
    fullest = max(limits, key=lambda one: one.percent, default=None)
    if fullest is None or fullest.percent < NEAR_PERCENT or look in {"capped", "negative", "empty"}:
        return "", "", "", False
    is_today, passes = fullest.title == "Today", fullest.room > fullest.limit - fullest.used
    head = f"Near {fullest.whose}: {words.number(fullest.used)} of {words.number(fullest.limit)} spent {'today' if is_today else 'this month'}."
    tail = f"Resets {fullest.resets}.{' Bought credits pay what goes beyond.' if passes else ''}"
    return head, tail, "" if passes else "day" if is_today else "month", fullest.is_own


def _room(cap: CapState, own_credits: int) -> int:
    """What a cap still allows: the plan's cap limits the plan's credits only, so own credits pass it."""
    left = max(0, cap.limit - cap.used)
    return left + own_credits if cap.scope == "plan" else left


def _tightest(rooms: list[tuple[CapState, int]]) -> tuple[CapState, int] | None:
    return min(rooms, key=lambda pair: (pair[0].limit - pair[0].used, pair[0].limit), default=None)


def _limit(pair: tuple[CapState, int], zone_name: str, *, now: datetime) -> Limit:
    cap, room = pair
    return Limit(
        title=_WINDOWS[cap.window][0],
        whose="your own cap" if cap.scope == "own" else "the plan’s cap",  # noqa: RUF001 - a typographic apostrophe
        is_own=cap.scope == "own",
        used=cap.used,
        limit=cap.limit,
        percent=words.share(cap.used, cap.limit),
        resets=words.reset_at(cap.resets_at, zone_name, now=now),
        room=room,
    )


def _look(balance: Balance, rooms: list[tuple[CapState, int]], limits: tuple[Limit, ...], *, has_card_trouble: bool) -> Look:
    states: tuple[tuple[bool, Look], ...] = (
        (balance.available < 0 or balance.debt > 0, "negative"),
        (balance.available == 0 and balance.held == 0, "empty"),
        (any(room == 0 for _, room in rooms), "capped"),
        (has_card_trouble, "card_failed"),
        (any(cap.used >= cap.limit for cap, _ in rooms), "plan_capped"),
        (any(limit.percent >= NEAR_PERCENT for limit in limits), "near"),
        (balance.held > 0, "holding"),
    )
    for holds, look in states:
        if holds:
            return look
    return "ok"


def _action(look: Look, tightest: tuple[CapState, int] | None) -> Action:
    """An own cap is lifted by its owner; everything else by more credits, or by a card that can be charged."""
    if look == "card_failed":
        return "fix_card"
    return "limits" if look == "capped" and tightest is not None and tightest[0].scope == "own" else "top_up"


def _say(look: Look, balance: Balance, tightest: tuple[CapState, int] | None, zone_name: str, *, now: datetime) -> tuple[str, str]:
    cap = tightest[0] if tightest else None
    said: dict[Look, tuple[str, str]] = {
        "negative": (f"{words.number(max(balance.debt, -balance.available))} owed.", "A purchase repays it"),
        "empty": ("No credits left.", "Browser runs still work"),
        "card_failed": ("Card declined.", "Top-up is paused"),
        "holding": (f"{words.number(balance.held)} held", "until the run ends"),
    }
    if cap is not None:
        whose = "Your" if cap.scope == "own" else "Plan’s"  # noqa: RUF001 - a typographic apostrophe
        said["capped"] = (f"{whose} {_WINDOWS[cap.window][1]} cap is reached.", f"Resets {_short_reset(cap, zone_name, now=now)}")
        said["plan_capped"] = (f"Plan: {words.number(cap.used)} of {words.number(cap.limit)}.", "Bought credits pay now")
    return said.get(look, ("", ""))


def _short_reset(cap: CapState, zone_name: str, *, now: datetime) -> str:
    return words.reset_at(cap.resets_at, zone_name, now=now).split(", in")[0]


def _block_head(cap: CapState) -> str:
    whose = "Your own" if cap.scope == "own" else "The plan’s"  # noqa: RUF001 - a typographic apostrophe
    if cap.window == "run":
        return f"{whose} cap for one run: {words.credits_of(cap.limit)}."
    return f"{whose} {_WINDOWS[cap.window][1]} cap: {words.number(cap.used)} of {words.number(cap.limit)} spent."


def _sentence(balance: Balance, limits: tuple[Limit, ...], head: str, tail: str) -> str:
    parts = [f"{words.credits_of(balance.available)} available."]
    if head:
        parts.append(f"{head.rstrip('.')}. {tail}.")
    elif limits:
        spent = ", ".join(
            f"{'this month' if limit.title == 'Month' else 'today'} {words.number(limit.used)} of {words.number(limit.limit)}" for limit in limits
        )
        parts.append(f"{spent[0].upper()}{spent[1:]}.")
    return " ".join(parts)
