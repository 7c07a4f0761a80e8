from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from credit_studio import wiring
from credit_studio.core import clock, events
from credit_studio.core.actor import SYSTEM
from credit_studio.core.events import Event

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class LampLit(Event):
    """Somebody has lit a lamp."""


@pytest.fixture
def wired() -> Iterator[None]:
    """The studio's own reactions stand again afterwards."""
    yield
    wiring.install()


async def test_an_event_knows_who_and_when_and_what_follows(wired: None) -> None:
    heard: list[Event] = []

    async def hear(_tx: object, event: Event) -> None:
        heard.append(event)

    with clock.frozen(NOON):
        event = LampLit()
    assert (event.actor, event.at) == (SYSTEM, NOON)
    events.install({LampLit: (hear, hear)})
    for reaction in events.reactions_to(event):
        await reaction(None, event)
    assert heard == [event, event]


def test_an_event_that_nobody_wired_is_noticed(wired: None) -> None:
    events.install({})
    with pytest.raises(KeyError):
        events.reactions_to(LampLit())


def test_every_event_of_the_studio_is_wired() -> None:
    made = [cls for cls in Event.__subclasses__() if cls.__module__.startswith("credit_studio.")]
    assert made
    assert set(wiring.REACTIONS) == set(made)
