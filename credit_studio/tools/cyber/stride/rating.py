"""How bad a threat is: likelihood 1 to 5 from exposure and controls, impact 1 to 5 from data and need, and the level of their product.

Likelihood without controls is the exposure (see `System.exposures`), one less when an attacker must be inside already. With controls it is 1
when all that would stop the threat are in place, one less when at least half of them are. Levels are those of the risk register: low under 5,
medium under 10, high under 16, then critical.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace

from credit_studio.tools.cyber.stride.system import DATA_RANK, Component, DataFlow, Exposure, System, hostility
from credit_studio.tools.cyber.stride.threats import FLOW_CONTROLS, FLOW_REFERENCES, FLOW_TITLES, PATTERNS, Fact, Pattern, facts_of, flow_facts, flow_reason

LEVELS = ("low", "medium", "high", "critical")
_LEVEL_FROM = (5, 10, 16)


@dataclass(frozen=True)
class Rated:
    """One threat to one element. `bare` is its likelihood without controls, `basis` says what likelihood and impact rest on."""

    number: int
    element: str
    kind: str
    letter: str
    title: str
    reason: str
    basis: str
    bare: int
    likelihood: int
    impact: int
    facts: tuple[Fact, ...]
    references: tuple[str, ...]

    @property
    def score(self) -> int:
        """Likelihood times impact, 1 to 25."""
        return self.likelihood * self.impact

    @property
    def severity(self) -> str:
        """The level of the score, controls counted."""
        return level(self.score)

    @property
    def status(self) -> str:
        """Is "mitigated" when every control is in place, "partly" when some are, else "open"."""
        held = sum(fact.holds for fact in self.facts)
        return "mitigated" if held == len(self.facts) else "partly" if held else "open"


def level(score: int) -> str:
    """low, medium, high or critical."""
    return LEVELS[bisect_right(_LEVEL_FROM, score)]


def likelihood(bare: int, facts: tuple[Fact, ...]) -> int:
    """The likelihood with the controls as they are."""
    held = sum(fact.holds for fact in facts)
    if held == len(facts):
        return 1
    return max(1, bare - 1) if 2 * held >= len(facts) else bare


def rate(system: System) -> list[Rated]:
    """Every plausible threat, in the order of components and flows; numbers are their places from 1."""
    found: list[Rated] = []
    for one in system.components.values():
        for pattern in PATTERNS[one.kind]:
            reason = pattern.when(system, one)
            if reason:
                found.append(_of_component(system, one, pattern, reason))
    for flow in system.flows:
        for letter in FLOW_TITLES:
            reason = flow_reason(letter, system, flow)
            if reason:
                found.append(_of_flow(system, flow, letter, reason))
    return [replace(threat, number=number) for number, threat in enumerate((one for one in found if one.facts), start=1)]


def _of_component(system: System, one: Component, pattern: Pattern, reason: str) -> Rated:
    exposure = system.exposures[one.name]
    bare = max(1, exposure.level - pattern.foothold)
    facts = tuple(dict.fromkeys(fact for control in pattern.controls for fact in facts_of(control, system, one)))
    impact, because = _impact(system, one, pattern.letter)
    inside = ", less 1 as the attacker must be inside already" if pattern.foothold and exposure.level > 1 else ""
    basis = f"Exposure {exposure.level} ({exposed(exposure)}){inside}. {_controls(facts)} Impact {impact}: {because}."
    return Rated(0, one.name, one.kind, pattern.letter, pattern.title, reason, basis, bare, likelihood(bare, facts), impact, facts, pattern.references)


def _of_flow(system: System, flow: DataFlow, letter: str, reason: str) -> Rated:
    zone = min((system.components[end].zone for end in (flow.source, flow.target)), key=lambda name: system.zones[name].trust)
    inside = 0 if system.crosses(flow) else 1
    bare = max(1, hostility(system.zones[zone].trust) - inside)
    facts = tuple(fact for control in FLOW_CONTROLS[letter] for fact in flow_facts(control, system, flow))
    target = system.components[flow.target]
    impact = (5 if target.critical else 2) if letter == "D" else max(2, DATA_RANK[flow.data])
    because = _needed(target) if letter == "D" else f"{flow.data} data flows"
    basis = f"Exposure {bare} (it touches {zone}{', less 1 as it stays inside' if inside else ''}). {_controls(facts)} Impact {impact}: {because}."
    references = FLOW_REFERENCES[letter]
    return Rated(0, flow.label, "flow", letter, FLOW_TITLES[letter], reason, basis, bare, likelihood(bare, facts), impact, facts, references)


def exposed(exposure: Exposure) -> str:
    """Where an exposure comes from: "from Internet in 2 flows", "stands in Internet"."""
    if not exposure.hops:
        return f"stands in {exposure.zone}"
    return f"from {exposure.zone} in {exposure.hops} flow{'s' if exposure.hops > 1 else ''}"


def _needed(one: Component) -> str:
    return f"the business stops without {one.name}" if one.critical else f"{one.name} may be down for a while"


def _impact(system: System, one: Component, letter: str) -> tuple[int, str]:
    """Impact and its reason: data for S, T, I and E (with what is reached for S and E), need for D, one less than data for R."""
    own = DATA_RANK[one.data]
    if letter == "D":
        return (5 if one.critical else 2), _needed(one)
    if letter == "R":
        return max(1, own - 1), f"what is done with {one.data} data cannot be proven"
    if letter in "SE":
        rank, where = system.reach(one.name)
        reached = f"it reaches {system.components[where].data} data{'' if where == one.name else f' in {where}'}"
        return (3, "whoever takes it over decides what it does") if letter == "E" and rank < 3 else (max(2, rank), reached)  # noqa: PLR2004 - moderate
    if letter == "T" and one.critical and own < 4:  # noqa: PLR2004 - the rank of confidential data
        return 4, "the business depends on it"
    return max(2 if letter == "T" else 1, own), f"{one.data} data"


def _controls(facts: tuple[Fact, ...]) -> str:
    held = sum(fact.holds for fact in facts)
    if held == len(facts):
        return "All controls are in place: likelihood 1."
    if not held:
        return "None of the controls is in place."
    less = ", likelihood less 1" if 2 * held >= len(facts) else ""
    return f"{held} of {len(facts)} controls in place{less}."


@dataclass(frozen=True)
class Step:
    """One missing control at one place: how many threats it touches, how many it ends, and the sum of scores that it takes away."""

    key: str
    place: str
    threats: tuple[int, ...]
    ends: int
    gain: int
    worst: str


def steps(threats: list[Rated]) -> list[Step]:
    """What to do, the most useful first: by the worst threat that it touches, then by the scores that it takes away."""
    by_fact: dict[tuple[str, str], list[tuple[Rated, int]]] = {}
    for threat in threats:
        for fact in threat.facts:
            if not fact.holds:
                mended = tuple(replace(one, holds=True) if one == fact else one for one in threat.facts)
                after = likelihood(threat.bare, mended) * threat.impact
                by_fact.setdefault((fact.key, fact.place), []).append((threat, after))
    found = [_step(key, place, touched) for (key, place), touched in by_fact.items()]
    return sorted(found, key=lambda one: (-one.gain, -LEVELS.index(one.worst), -one.ends, one.place, one.key))


def _step(key: str, place: str, touched: list[tuple[Rated, int]]) -> Step:
    ends = sum(1 for threat, _ in touched if sum(not fact.holds for fact in threat.facts) == 1)
    gain = sum(threat.score - after for threat, after in touched)
    worst = max((threat.severity for threat, _ in touched), key=LEVELS.index)
    return Step(key, place, tuple(threat.number for threat, _ in touched), ends, gain, worst)
