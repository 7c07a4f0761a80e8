"""What follows each event, on one screen: done in the same transaction, or enqueued in it as a job."""

from credit_studio.core import events

REACTIONS: dict[type[events.Event], tuple[events.Reaction, ...]] = {}


def install() -> None:
    """Make the reactions known; called once by every process at its start."""
    events.install(REACTIONS)
