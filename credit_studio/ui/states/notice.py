"""The one notice of a tab: what could not be shown anywhere nearer. It stays until it is closed."""

import reflex as rx

from credit_studio.ui.states.privacy import private


@private
class Notice(rx.State):
    """A line of fact and a line of detail."""

    head: str = ""
    tail: str = ""

    @rx.event
    def close(self) -> None:
        """Take the notice away."""
        self.head = self.tail = ""

    @rx.event
    def fault(self) -> None:
        """Something broke on the server."""
        self._say("That did not work. Nothing was charged.", "The fault has been written down. Try again.")

    def _say(self, head: str, tail: str = "") -> None:
        self.head, self.tail = head, tail
