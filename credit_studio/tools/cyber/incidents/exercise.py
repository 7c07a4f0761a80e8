"""The tabletop exercise: the case's own news in time, with what happens in every incident between them."""

from credit_studio.tools.cyber.incidents.case import Case, local
from credit_studio.tools.cyber.incidents.deadlines import Deadline
from credit_studio.tools.cyber.incidents.library import Inject, injects
from credit_studio.tools.cyber.incidents.outcome import ExerciseRow

_BRIEFING, _DEBRIEFING = 0.08, 0.8  # shares of the time: rules and scenario at the start, review at the end


def exercise(case: Case, due: list[Deadline]) -> list[ExerciseRow]:
    """Briefing, news at even distances, review; minutes from the start."""
    length = case.inputs.exercise_minutes
    news = _news(case, due)
    start, end = round(length * _BRIEFING), round(length * _DEBRIEFING)
    rows = [
        ExerciseRow(0, "Briefing", _scenario(case), "Everybody", "Knows the rules: no blame, time jumps are told, decisions are said aloud and written down.")
    ]
    for place, one in enumerate(news):
        rows.append(ExerciseRow(start + (end - start) * place // len(news), "News", one.news, case.team.said(one.role), one.expected))
    ask = "Each says one thing that went well and one that must change; three improvements get an owner and a date."
    return [*rows, ExerciseRow(end, "Review", "The exercise ends.", "Everybody", ask)]


def _scenario(case: Case) -> str:
    return f"It is {local(case.discovered)}. {case.inputs.organisation} works as usual. Nobody in the room has seen the news before."


def _news(case: Case, due: list[Deadline]) -> list[Inject]:
    own = injects(case.inputs.kind, case.words)
    commander = case.team.person("commander")
    found = [*own[:2], _away(commander.name, case.team.deputy("commander")), *own[2:]]
    timed = next((one for one in due if one.due is not None and one.due > case.discovered), None)
    if timed is not None:
        until = local(timed.due or case.discovered)
        expected = f"{timed.rule}: {timed.what.lower()} to {timed.to} by {until}. {case.team.said('legal')} has the draft from Messages at hand."
        found.insert(4, Inject("Legal asks: which authority must hear of this first, until when, and who sends it?", expected, "legal"))
    return found


def _away(name: str, deputy: str) -> Inject:
    if deputy:
        return Inject(f"{name} does not answer the telephone.", f"{deputy} takes over at once, says so, and is told the state in two minutes.", "lead")
    return Inject(
        f"{name} does not answer the telephone, and no deputy is named.", "The team agrees within five minutes who leads, and writes it down.", "lead"
    )
