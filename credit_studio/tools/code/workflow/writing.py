"""The plan as Markdown and as a table for a tracker. What people or a language model wrote is escaped."""

import csv
import io

from credit_studio.tools.code.answers import escaped
from credit_studio.tools.code.workflow.advice import Advice, Risk
from credit_studio.tools.code.workflow.brief import BriefInputs
from credit_studio.tools.code.workflow.planning import Planned, Schedule
from credit_studio.tools.code.workflow.stated import percent


def plan(inputs: BriefInputs, planned: Schedule, risks: tuple[Risk, ...], done: tuple[str, ...], in_time: float | None, advice: Advice) -> str:
    """The plan as Markdown."""
    met = "" if in_time is None else f" The date in {inputs.weeks} weeks is met with a chance of {percent(in_time)}."
    parts = [f"# Plan of {escaped(inputs.name)}", "", escaped(inputs.goal), ""]
    parts += [escaped(advice.summary), ""] if advice.summary else []
    parts += [f"Expected after {planned.days:g} working days, with nine chances in ten after {planned.days_90:g}, by {inputs.people} at work.{met}", ""]
    for milestone in dict.fromkeys(task.milestone for task in planned.tasks):
        tasks = [task for task in planned.tasks if task.milestone == milestone]
        parts += [f"## {milestone}: by day {max(task.end for task in tasks):g}", ""]
        parts += [_task(task, advice) for task in tasks] + [""]
    parts += ["## Definition of done", "", *(f"- {escaped(text)}" for text in done), ""]
    parts += ["## Risks", "", *(f"- **{one.severity}:** {escaped(f'{one.title} {one.action}')}" for one in risks), ""] if risks else []
    return "\n".join(parts)


def _task(task: Planned, advice: Advice) -> str:
    judged = advice.stories.get(int(task.key.removeprefix("story-"))) if task.key.startswith("story-") else None
    steps = "".join(f" ({place}) {escaped(step)}" for place, step in enumerate(judged.steps, 1)) if judged else ""
    return f"- **{escaped(task.title)}** ({task.key}, {task.mean:g} days): {escaped(task.done_when)}{' Steps:' if steps else ''}{steps}"


def table(planned: Schedule) -> str:
    """The tasks for import into a tracker; a cell that a spreadsheet would compute is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("key", "title", "milestone", "after", "best_days", "likely_days", "worst_days", "start_day", "end_day", "done_when"))
    for task in planned.tasks:
        days = (task.best, task.likely, task.worst, task.start, task.end)
        writer.writerow((task.key, _cell(task.title), task.milestone, " ".join(task.after), *days, _cell(task.done_when)))
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
