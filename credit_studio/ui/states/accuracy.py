"""The board of accuracy in words. Nothing in it is anybody's."""

from dataclasses import dataclass

import reflex as rx

from credit_studio.runs.past import accuracy
from credit_studio.runs.past.accuracy import LEAST_RUNS, Line, Score
from credit_studio.ui import words

_NONE = "\u2013"
"""What stands where too few runs tell nothing."""


@dataclass(frozen=True)
class ToolLine:
    """How the estimates of one tool did; `stopped` is empty when no run was."""

    title: str
    href: str
    runs: str
    within: str
    close: str
    error: str
    stopped: str


@dataclass(frozen=True)
class Figure:
    """One figure of all runs, with what it counts."""

    value: str
    name: str
    said: str


class Accuracy(rx.State):
    """What /accuracy shows."""

    ready: bool = False
    runs: int = 0
    span: str = ""
    figures: list[Figure] = []  # noqa: RUF012 - Reflex copies defaults
    lines: list[ToolLine] = []  # noqa: RUF012 - as above

    @rx.event
    async def load(self) -> None:
        """The page opens: show the board as it was within the last minute."""
        board = await accuracy.board()
        self.runs = board.total.runs
        self.span = f"{words.day(board.since, 'UTC')} to {words.moment(board.until, 'UTC')}"
        self.figures = _figures(board.total)
        self.lines = [_line(line) for line in board.lines if line.score.runs or line.score.stopped]
        self.ready = True


def _figures(total: Score) -> list[Figure]:
    few = f"told from {LEAST_RUNS} runs on" if total.within is None else ""
    error = (
        _NONE if total.median_error is None else words.credits_of(round(total.median_error)) if total.median_error % 1 == 0 else f"{total.median_error} credits"
    )
    stopped = f"{words.number(total.stopped)} more ran into a limit and were not charged" if total.stopped else "none ran into a limit"
    return [
        Figure(_share(total.within), "In the quoted range", few or "no more than the maximum is ever charged"),
        Figure(_share(total.close), "Near the typical price", few or "off by at most 1 credit, or 20 %"),
        Figure(error, "Median error", few or "half of the runs were off by no more"),
        Figure(words.number(total.runs), "Runs", stopped),
    ]


def _line(line: Line) -> ToolLine:
    tool, score = line.tool, line.score
    return ToolLine(
        title=tool.title,
        href=f"{tool.path}/",
        runs=words.number(score.runs),
        within=_share(score.within),
        close=_share(score.close),
        error=_NONE if score.median_error is None else f"{score.median_error:g}",
        stopped=words.number(score.stopped),
    )


def _share(share: float | None) -> str:
    """A share in per cent, rounded down to a tenth: 100 only when it was reached."""
    return _NONE if share is None else f"{int(share * 1_000) / 10:g}{words.NARROW}%"
