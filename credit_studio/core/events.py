"""What happened, told in the past tense, and who hears of it.

A concept emits an event in its transaction; `wiring.py` says on one screen what follows. The registry is filled once, at start.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from credit_studio.core import clock
from credit_studio.core.actor import SYSTEM, Actor


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, and who caused it. Subclasses are named in the past tense (`RunSettled`)."""

    actor: Actor = SYSTEM
    at: datetime = field(default_factory=clock.now)


Reaction = Callable[[Any, Any], Awaitable[None]]
_reactions: dict[type[Event], tuple[Reaction, ...]] = {}


def install(reactions: dict[type[Event], tuple[Reaction, ...]]) -> None:
    """Say what follows each event; replaces what was said before."""
    _reactions.clear()
    _reactions.update(reactions)


def reactions_to(event: Event) -> tuple[Reaction, ...]:
    """What follows `event`, in order; raises KeyError for an event that nobody has wired."""
    return _reactions[type(event)]
