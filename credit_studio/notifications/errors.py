"""What goes wrong on the way out. Nobody waits for an answer there, so this is no `StudioError`: it is written down with the delivery."""


class Undelivered(Exception):
    """A try failed, in words. `is_final`: another one would fail alike. `is_closed`: the receiver wants nothing more, ever."""

    def __init__(self, said: str, *, is_final: bool = False, is_closed: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.is_final = is_final or is_closed
        self.is_closed = is_closed
