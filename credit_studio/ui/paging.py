"""Where one is in a list that pages by cursors. Pure."""

from dataclasses import dataclass

_MOST_PAGES = 1_000
"""As many pages lead back one by one; from further on, the way back jumps to the first."""


@dataclass(frozen=True)
class Place:
    """`passed` are the cursors of the pages on the way here, the last one that of this page; `ahead` is the next one's. Both empty at the beginning."""

    passed: tuple[str, ...] = ()
    ahead: str = ""

    @property
    def cursor(self) -> str | None:
        """What to read this page with; None for the first one."""
        return self.passed[-1] if self.passed else None

    @property
    def has_older(self) -> bool:
        """True when there is a next page."""
        return bool(self.ahead)

    @property
    def has_newer(self) -> bool:
        """True when there is a page before."""
        return bool(self.passed)

    def older(self) -> "Place":
        """The next page, or this one when it is the last."""
        return Place((*self.passed, self.ahead)[-_MOST_PAGES:]) if self.ahead else self

    def newer(self) -> "Place":
        """The page before, or this one when it is the first."""
        return Place(self.passed[:-1]) if self.passed else self

    def leading_to(self, cursor: str | None) -> "Place":
        """The same page, once it is known what comes after it."""
        return Place(self.passed, cursor or "")
