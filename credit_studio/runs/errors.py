"""Refusals of runs."""

from uuid import UUID

from credit_studio.core.errors import Conflict, FieldError, InvalidInputs, NotFound, Unavailable
from credit_studio.tools.registry import AnyTool, find_tool


class Twin(Exception):
    """The same request has ended meanwhile, as the run `run_id`."""

    def __init__(self, run_id: UUID) -> None:
        super().__init__(run_id)
        self.run_id = run_id


class EndedBefore(Exception):
    """Somebody else has ended the run."""


def runs_in_browser(tool: AnyTool) -> Conflict:
    """A client-only tool was asked to run on the server."""
    said = f"{tool.title} runs in your own browser, for 0 credits. Nothing was charged."
    return Conflict(said, code="tool_runs_in_browser", action="Open its page and run it there.", helps=("tool",))


def not_built(tool: AnyTool) -> Unavailable:
    """A tool that is announced was asked to run."""
    instead = find_tool(tool.instead)
    action = f"Use {instead.title} instead, at {instead.path}." if instead else "See /tools for what runs now."
    return Unavailable(f"{tool.title} is coming and cannot be run yet. Nothing was charged.", action=action)


def run_in_progress(tool: AnyTool) -> Conflict:
    """One run at a time for a person and a tool."""
    said = f"A run of {tool.title} is in progress. Nothing more was charged."
    return Conflict(said, code="run_in_progress", action="Wait until it has ended, or cancel it.")


def key_in_progress() -> Conflict:
    """The first request under an idempotency key has not been answered yet."""
    said = "The first request under this Idempotency-Key is still running. Nothing more was charged."
    return Conflict(said, code="idempotency_in_progress", action="Ask again when it has ended.")


def key_mismatch() -> InvalidInputs:
    """An idempotency key came with another body."""
    error = FieldError("Idempotency-Key", "Was used with another request within the last 24 hours.")
    return InvalidInputs((error,), message="This Idempotency-Key belongs to another request. Nothing was charged.", code="idempotency_mismatch")


def not_ended() -> Conflict:
    """A run that has not ended was to be deleted."""
    return Conflict("This run has not ended.", code="run_in_progress", action="Wait until it has ended, or cancel it.")


def result_gone() -> NotFound:
    """A result that was there when its price was shown has been deleted since."""
    return NotFound("The stored result is gone. Nothing ran, nothing was charged.", action="See the price of a new run, then run it.")


def no_result() -> NotFound:
    """A run without a result, or whose result is not kept any more, was to be shared."""
    return NotFound("This run has no result that is kept.", action="Run it again, then share the new result.")


def no_such_link() -> NotFound:
    """Unknown, ended, or its result is gone: the same answer."""
    return NotFound("No result is shared under this link.", action="Ask whoever gave it to you for a new one.")


def no_such_run() -> NotFound:
    """No such run, or somebody else's."""
    return NotFound("There is no such run.", action="See your runs at /account/runs.")
