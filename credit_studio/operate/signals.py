"""Being asked to stop: Ctrl-C, a service manager's SIGTERM and a closed terminal end the studio in one way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ASKED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the studio to stop. Not an Exception: nothing but the launcher may catch it."""


class Stopping:
    """Raises `Stopped` in the main thread at the first request; later requests change nothing, because everything is stopping already."""

    def __init__(self) -> None:
        self._held = False
        self._asked = False

    def asked(self, _number: int, _frame: FrameType | None) -> None:
        """The handler: raise now, or when the held block has ended."""
        first, self._asked = not self._asked, True
        if first and not self._held:
            raise Stopped

    @contextmanager
    def held(self) -> Iterator[None]:
        """Not in the middle of this block: what it starts is known, and so stopped, before `Stopped` is raised."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._asked:
                raise Stopped


@contextmanager
def stopping() -> Iterator[Stopping]:
    """Listen for requests to stop for the length of the block; the former handlers are put back at its end."""
    state = Stopping()
    former = {number: signal.signal(number, state.asked) for number in _ASKED}
    try:
        yield state
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
