"""How controls of different frameworks relate, after the set theory relationships of NIST IR 8477: by the topics that both are about.

The mapping is our own and coarse by nature: it tells where to look, and an assessor confirms. "equal" means the same topics, "covers"
that one control has all topics of the other and more, "within" the reverse, "overlaps" that some are shared.
"""

import functools
from collections.abc import Iterable

from credit_studio.tools.cyber.controls.catalogue import FRAMEWORKS, Control, controls

NOTE = (
    "Titles, topics and mappings are our own reading of the editions named, in our own words; they follow from shared topics and tell where to look. "
    "The publisher's text is binding, and an assessor decides."
)


def relation(one: Control, other: Control) -> str:
    """What `one` is to `other`: "equal", "covers", "within", "overlaps" or "" (nothing shared)."""
    mine, theirs = _keys(one), _keys(other)
    if mine == theirs:
        return "equal"
    if mine >= theirs:
        return "covers"
    if mine <= theirs:
        return "within"
    return "overlaps" if mine & theirs else ""


@functools.cache
def related(control: Control, framework: str) -> tuple[tuple[Control, str], ...]:
    """The controls of another framework that share a topic, with what `control` is to each; the closest first."""
    ranks = ("equal", "covers", "within", "overlaps")
    found = [(other, how) for other in controls(framework) if (how := relation(control, other))]
    return tuple(sorted(found, key=lambda pair: ranks.index(pair[1])))


def about(keys: Iterable[str], framework: str) -> tuple[Control, ...]:
    """The controls of a framework that are about any of these topics, in its order."""
    wanted = set(keys)
    return tuple(control for control in controls(framework) if wanted & _keys(control))


def shares(keys: Iterable[str], framework: str) -> tuple[tuple[Control, float], ...]:
    """Each control of a framework with the share (0 to 1) of its topics that are among these."""
    known = set(keys)
    return tuple((control, len(_keys(control) & known) / len(control.topics)) for control in controls(framework))


def others(framework: str) -> tuple[str, ...]:
    """The keys of all frameworks but one."""
    return tuple(key for key in FRAMEWORKS if key != framework)


@functools.cache
def _keys(control: Control) -> frozenset[str]:
    return frozenset(topic.key for topic in control.topics)
