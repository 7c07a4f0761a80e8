"""What limits tell."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from credit_studio.core.events import Event


@dataclass(frozen=True, kw_only=True)
class LimitsChanged(Event):
    """A person changed their settings. `changes`: what was set, by name, as [before, after]; nothing personal is in it."""

    person_id: UUID
    changes: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
