"""Risks to people in the manner of CNIL's "Privacy impact assessment: methodology" (2018): three feared events, severity x likelihood, each 1 to 4.

Severity is the worst harm that the data can do (see `personal/kinds.py`), one step less when they are pseudonymised and others get hold of them.
Likelihood begins at 2; 1 more when the data leave the organisation, 1 more from 10,000 people. Measures take away half a step or a whole one, at most two
steps. The score is severity x likelihood: low under 4, medium under 8, high under 12, then critical.
"""

from bisect import bisect_right
from dataclasses import dataclass

from credit_studio.tools.data.assessment.activity import Reading, items

EVENTS = ("unlawful access", "unwanted change", "loss of the data")
LEVELS = ("low", "medium", "high", "critical")
_LEVEL_FROM = (4, 8, 12)
_HELPS: dict[str, dict[str, float]] = {
    "unlawful access": {
        "encryption": 1.0,
        "access control": 0.5,
        "multi-factor sign-in": 0.5,
        "logging": 0.5,
        "training": 0.5,
        "testing": 0.5,
        "deletion": 0.5,
    },
    "unwanted change": {"access control": 1.0, "integrity checks": 1.0, "logging": 0.5, "backups": 0.5, "testing": 0.5},
    "loss of the data": {"backups": 1.0, "recovery plan": 1.0, "access control": 0.5, "testing": 0.5},
}
_MOST_STEPS = 2


@dataclass(frozen=True)
class Risk:
    """A feared event of an activity. Severity and likelihood are 1 to 4: before measures, now with those in place, then with those advised."""

    system: str
    event: str
    severity: int
    likelihood: int
    severity_now: int
    likelihood_now: int
    level_now: str
    in_place: tuple[str, ...]
    advised: tuple[str, ...]
    severity_then: int
    likelihood_then: int
    level_then: str

    @property
    def score_now(self) -> int:
        """Severity x likelihood with the measures in place."""
        return self.severity_now * self.likelihood_now


def level(score: int) -> str:
    """low, medium, high or critical."""
    return LEVELS[bisect_right(_LEVEL_FROM, score)]


def risks_of(reading: Reading, severity: int) -> list[Risk]:
    """The three risks of an activity whose data (declared and found) are of that severity."""
    leaves = bool(items(reading.activity.recipients)) or reading.activity.transfer != "none"
    likelihood = min(4, 2 + leaves + reading.is_large + (reading.activity.transfer == "no safeguard"))
    return [_risk(reading, event, severity, likelihood) for event in EVENTS]


def _risk(reading: Reading, event: str, severity: int, likelihood: int) -> Risk:
    helps = _HELPS[event]
    in_place = [name for name in helps if name in reading.measures]
    missing = sorted((name for name in helps if name not in reading.measures), key=lambda name: -helps[name])
    hides = event == "unlawful access"
    harm_now = max(1, severity - (hides and "pseudonymisation" in reading.measures))
    now = _left(likelihood, sum(helps[name] for name in in_place))
    advised: list[str] = []
    harm_then, then = harm_now, now
    if harm_now * now >= _LEVEL_FROM[0]:
        for name in missing:
            if then == 1 or harm_then * then < _LEVEL_FROM[0] or likelihood - then >= _MOST_STEPS:
                break
            advised.append(name)
            then = _left(likelihood, sum(helps[one] for one in (*in_place, *advised)))
        if hides and "pseudonymisation" not in reading.measures and harm_then * then >= _LEVEL_FROM[0] and severity > 1:
            advised.append("pseudonymisation")
            harm_then = severity - 1
    kept = (*in_place, *(["pseudonymisation"] if hides and "pseudonymisation" in reading.measures else []))
    levels = level(harm_now * now), level(harm_then * then)
    return Risk(reading.activity.system, event, severity, likelihood, harm_now, now, levels[0], kept, tuple(advised), harm_then, then, levels[1])


def _left(likelihood: int, steps: float) -> int:
    return max(1, likelihood - min(_MOST_STEPS, int(steps)))
