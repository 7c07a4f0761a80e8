"""`/api/accuracy`: how often prices were what had been said."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from credit_studio.api.bodies import Out
from credit_studio.api.openapi import refusals
from credit_studio.api.route import StudioRoute
from credit_studio.runs.past import accuracy
from credit_studio.runs.past.accuracy import Line

router = APIRouter(prefix="/api/accuracy", tags=["Tools"], route_class=StudioRoute)
ROUTERS = (router,)

_SCORE = {"runs": 240, "stopped": 1, "within": 1.0, "close": 0.9625, "medianError": 0.0}


class ScoreOut(Out):
    """How estimates did; shares from 0 to 1, null with fewer than 10 runs."""

    runs: int = Field(description="that succeeded")
    stopped: int = Field(description="that a limit of their quote stopped; not charged, and not among `runs`")
    within: float | None = Field(description="share whose price, before the quoted maximum was applied, lay in the quoted range")
    close: float | None = Field(description="share that was off its typical price by at most 1 credit or 20 %")
    median_error: float | None = Field(description="half of the runs were off their typical price by no more, in credits")


class ToolScoreOut(ScoreOut):
    """How the estimates of one tool did."""

    tool_id: str
    title: str
    path: str


class AccuracyOut(Out):
    """The board: all priced tools, those with the most runs first. It is read anew once a minute."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "since": "2026-10-21T14:02:00Z",
                    "until": "2026-11-20T14:02:00Z",
                    "total": _SCORE,
                    "items": [_SCORE | {"toolId": "cyber-studio-risk-register", "title": "Risk Register Builder", "path": "/cyber-studio/risk-register"}],
                    "nextCursor": None,
                }
            ]
        }
    )

    since: datetime
    until: datetime
    total: ScoreOut
    items: tuple[ToolScoreOut, ...]
    next_cursor: str | None = None


@router.get("", summary="How often prices were what had been said, over 30 days", responses=refusals())
async def accuracy_board() -> AccuracyOut:
    """Of everybody's runs, by tool; nothing of anybody. A run is charged at most its quoted maximum, whatever this says."""
    board = await accuracy.board()
    total = ScoreOut.model_validate(board.total)
    return AccuracyOut(since=board.since, until=board.until, total=total, items=tuple(_line(line) for line in board.lines))


def _line(line: Line) -> ToolScoreOut:
    tool, score = line.tool, ScoreOut.model_validate(line.score)
    return ToolScoreOut(**score.model_dump(), tool_id=tool.id, title=tool.title, path=tool.path)
