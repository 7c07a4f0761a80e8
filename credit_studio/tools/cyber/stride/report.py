"""The threat model as a report to read and to keep: Markdown, every name in it escaped."""

from collections.abc import Iterable
from itertools import groupby

from credit_studio.tools.cyber.prose import bullets, count, plain, said, steps, table
from credit_studio.tools.cyber.stride.rating import LEVELS, Rated
from credit_studio.tools.cyber.stride.system import PROTOCOLS, System
from credit_studio.tools.cyber.stride.threats import STRIDE

MOST_TOLD = 40
_MOST_IDS = 8
RULE = (
    "Score is likelihood (1 to 5) times impact (1 to 5): low under 5, medium under 10, high under 16, then critical. Likelihood starts from exposure: 5 when "
    "somebody from a zone of trust 0 to 2 reaches the element directly, 4 from trust 3 or 4, 3 from 5 or 6, 2 from 7 or 8, and one less for each further flow; "
    "one less when an attacker must be inside already. It is 1 when every control against the threat is in place, one less when at least half are. "
    "Impact follows the class of the data (public 1, internal 2, confidential 4, restricted 5), for spoofing and elevation also of the data within reach, "
    "and for denial of service whether the business stops (5) or not (2)."
)
Step = tuple[str, str, str, tuple[str, ...]]
"""Place, control, advice, ids of the threats that it touches."""


def document(title: str, system: System, threats: list[Rated], fixes: dict[int, str], ahead: list[Step]) -> str:
    """The report; `threats` worst first, `fixes` by their numbers."""
    standing = [one for one in threats if one.status != "mitigated"]
    done = [one for one in threats if one.status == "mitigated"]
    parts = [f"# Threat model: {plain(title)}\n", _summary(standing, done), "## What to do first\n", _first(ahead), "## Threats that stand\n"]
    parts += _told(standing[:MOST_TOLD], fixes) or ["None: every control that this method asks for is in place.\n"]
    if len(standing) > MOST_TOLD:
        parts.append(f"Another {len(standing) - MOST_TOLD:,} threats of lower score are in the table of all threats.\n")
    parts += ["## Threats that are mitigated\n", _done(done, fixes), "## The system\n", _system(system), "## Method\n", f"STRIDE per element. {RULE}\n"]
    parts.append(_limits())
    return "\n".join(parts)


def _summary(standing: list[Rated], done: list[Rated]) -> str:
    levels = [sum(one.severity == name for one in standing) for name in reversed(LEVELS)]
    told = said(f"{number} {name}" for number, name in zip(levels, reversed(LEVELS), strict=True) if number)
    return f"{count(len(standing), 'threat')} stand{'s' if len(standing) == 1 else ''}{f' ({told})' if told else ''}, {count(len(done), 'threat')} mitigated.\n"


def _first(ahead: list[Step]) -> str:
    lines = [
        f"**{plain(place)}** {control} (touches {plain(said(touches[:_MOST_IDS]))}{' and more' if len(touches) > _MOST_IDS else ''}): {plain(how)}"
        for place, control, how, touches in ahead
    ]
    return steps(lines) or "No control is missing.\n"


def _told(threats: list[Rated], fixes: dict[int, str]) -> list[str]:
    """By element, in the order in which the worst threat of each comes."""
    places = {name: place for place, name in enumerate(dict.fromkeys(one.element for one in threats))}
    parts: list[str] = []
    for element, group in groupby(sorted(threats, key=lambda one: places[one.element]), key=lambda one: one.element):
        parts.append(f"### {plain(element)}\n")
        parts += [_one(threat, fixes[threat.number]) for threat in group]
    return parts


def _one(threat: Rated, fix: str) -> str:
    head = f"**T{threat.number} {threat.title}** ({STRIDE[threat.letter].lower()}, {threat.severity}, {threat.likelihood} x {threat.impact} = {threat.score})"
    return f"{head}\n\n{plain(threat.reason)} {plain(threat.basis)} {', '.join(threat.references)}.\n\n> {plain(fix)}\n"


def _done(threats: list[Rated], fixes: dict[int, str]) -> str:
    lines = (f"**T{one.number} {one.title}**, {plain(one.element)}. {plain(fixes[one.number])}" for one in threats[:MOST_TOLD])
    return bullets(lines) or "None yet.\n"


def _system(system: System) -> str:
    heads = ("Component", "Kind", "Technology", "Zone", "Trust", "Data", "Exposure")
    return "\n".join([table(heads, _components(system)), table(("Flow", "From", "To", "Protocol", "Data", "Encrypted", "Authenticated"), _flows(system))])


def _components(system: System) -> Iterable[tuple[object, ...]]:
    for one in system.components.values():
        yield one.name, one.kind, one.technology, one.zone, system.trust(one.name), one.data, system.exposures[one.name].level


def _flows(system: System) -> Iterable[tuple[object, ...]]:
    for one in system.flows:
        yield one.name, one.source, one.target, dict(PROTOCOLS)[one.protocol], one.data, _yes(one.is_encrypted), _yes(one.authenticated)


def _yes(value: bool) -> str:  # noqa: FBT001 - a cell of a table
    return "yes" if value else "no"


def _limits() -> str:
    return (
        "This model is as good as the drawing: a flow that is not drawn has no threats, and a control counts as it was stated, not as it was tested. "
        "Business logic, physical access and people are to be looked at besides.\n"
    )
