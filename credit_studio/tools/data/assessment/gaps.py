"""What the GDPR (EU and UK) and the CCPA as amended by the CPRA ask for and the inventory does not show, article by article."""

import functools
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from credit_studio.tools.data.assessment.activity import Reading, items

_LONG_MONTHS = 84  # beyond the six to seven years that tax and contract law usually ask for
_VAGUE = frozenset({"various", "general", "business", "other", "misc", "analytics", "internal", "marketing", "all", "tbd", "n/a", "operations"})


@dataclass(frozen=True)
class Practices:
    """What the organisation says is in place as a whole."""

    notice: bool
    rights: bool
    breach: bool
    contracts: bool
    officer: bool
    assessed: bool
    sells_or_shares: bool
    opt_out: bool
    california: bool


@dataclass(frozen=True)
class Gap:
    """One gap. `system` is "" for the organisation as a whole."""

    severity: str
    law: str
    article: str
    system: str
    text: str
    fix: str


@dataclass(frozen=True)
class Case:
    """An activity with all families of its data, declared and found, and whether it needs an assessment."""

    reading: Reading
    families: frozenset[str]
    needs_assessment: bool

    @property
    def is_special(self) -> bool:
        """True for data of Article 9, declared or found."""
        return bool(self.families & _ARTICLE_9)


_ARTICLE_9 = frozenset({"health", "biometric", "genetic", "religion", "ethnicity", "politics", "trade union", "sexual orientation"})
_Row = tuple[bool, str, object]
"""Whether a gap is there, its key in `gaps.toml`, and what stands for {} in its text."""
_Said = dict[str, dict[str, str]]


@functools.cache
def _said() -> _Said:
    return tomllib.loads(Path(__file__).with_name("gaps.toml").read_text(encoding="utf-8"))


def _gaps(rows: Iterable[_Row], law: str, system: str) -> Iterator[Gap]:
    for holds, key, value in rows:
        if holds:
            one = _said()[key]
            yield Gap(one["severity"], law, one["article"], system, one["text"].replace("{}", str(value)), one["fix"])


def gdpr(cases: list[Case], practices: Practices) -> list[Gap]:
    """Gaps of each activity, then of the organisation."""
    own = [gap for case in cases for rows in (_principles(case), _grounds(case), _sharing(case), _security(case)) for gap in _named(rows, case)]
    return [*own, *_gaps(_of_organisation(cases, practices), "GDPR", "")]


def _named(rows: Iterable[_Row], case: Case) -> Iterator[Gap]:
    return _gaps(rows, "GDPR", case.reading.activity.system)


def _principles(case: Case) -> tuple[_Row, ...]:
    one = case.reading.activity
    purpose = one.purpose.strip().lower()
    is_vague = purpose in _VAGUE
    is_long = one.retention_months > _LONG_MONTHS and one.basis != "legal obligation"
    return (
        (not purpose, "gdpr-5-1-b", ""),
        (is_vague, "gdpr-5-1-b-2", one.purpose.strip()[:40]),
        (not one.retention_months, "gdpr-5-1-e", ""),
        (is_long, "gdpr-5-1-e-2", one.retention_months),
        (not one.subjects.strip(), "gdpr-30-1-c", ""),
    )


def _grounds(case: Case) -> tuple[_Row, ...]:
    one, read = case.reading.activity, case.reading
    conflicting = one.basis == "consent" and bool({"employee", "employees", "staff", "worker", "workers"} & set(one.subjects.lower().replace(",", " ").split()))
    automated = "automated decisions" in read.traits and one.basis not in {"consent", "contract", "legal obligation"}
    criminal = "criminal" in case.families and one.basis not in {"legal obligation", "public task"}
    return (
        (one.basis == "not stated", "gdpr-6-1", ""),
        (one.basis == "legitimate interests", "gdpr-6-1-f", ""),
        (conflicting, "gdpr-7-4", ""),
        (read.has_children and one.basis == "consent", "gdpr-8", ""),
        (case.is_special and one.condition == "none", "gdpr-9-2", ""),
        (criminal, "gdpr-10", ""),
        (automated, "gdpr-22", ""),
    )


def _sharing(case: Case) -> tuple[_Row, ...]:
    one = case.reading.activity
    return (
        (one.transfer == "no safeguard", "gdpr-44-46", ""),
        (one.transfer == "standard clauses", "gdpr-46", ""),
        (one.transfer == "derogation", "gdpr-49", ""),
        ("invisible" in case.reading.traits, "gdpr-14", ""),
        (case.needs_assessment, "gdpr-35", ""),
    )


def _security(case: Case) -> tuple[_Row, ...]:
    read = case.reading
    high = case.is_special or read.severity >= 4  # noqa: PLR2004 - the worst harm
    missing = [name for name in ("encryption", "access control") if name not in read.measures]
    said = " and ".join(missing)
    erased = "deletion" not in read.measures and bool(read.activity.retention_months)
    hidden = high and "pseudonymisation" not in read.measures
    return (
        (bool(missing) and high, "gdpr-32-1-high", said),
        (bool(missing) and not high, "gdpr-32-1", said),
        (hidden, "gdpr-25-1-32-1-a", ""),
        ("backups" not in read.measures, "gdpr-32-1-c", ""),
        (erased, "gdpr-25-2", ""),
    )


def _of_organisation(cases: list[Case], practices: Practices) -> tuple[_Row, ...]:
    shared = [case for case in cases if items(case.reading.activity.recipients)]
    watching = any(case.reading.is_large and (case.is_special or case.reading.traits & {"monitoring", "tracking"}) for case in cases)
    return (
        (not practices.notice, "gdpr-13-14", ""),
        (not practices.rights, "gdpr-12-15-21", ""),
        (not practices.breach, "gdpr-33-34", ""),
        (bool(shared) and (not practices.contracts), "gdpr-28", len(shared)),
        (watching and (not practices.officer), "gdpr-37", ""),
    )


def ccpa(cases: list[Case], practices: Practices, *, sensitive: bool) -> list[Gap]:
    """Gaps under Cal. Civ. Code 1798.100 and following; none when Californians are not concerned. `sensitive`: data of 1798.140(ae) are there."""
    if not practices.california:
        return []
    sells, unsafe = practices.sells_or_shares, [case.reading.activity.system for case in cases if "encryption" not in case.reading.measures]
    undecided = [case.reading.activity.system for case in cases if not case.reading.activity.retention_months]
    decides = any(case.reading.traits & {"automated decisions", "scoring"} for case in cases)
    minors = any(case.reading.has_children for case in cases)
    shared = any(items(case.reading.activity.recipients) for case in cases)
    rows = (
        (not practices.notice, "ccpa-1798-100-a-130", ""),
        (bool(undecided), "ccpa-1798-100-a-3", _some(undecided)),
        (not practices.rights, "ccpa-1798-105-106-110-130", ""),
        (sells and (not practices.opt_out), "ccpa-1798-120-135", ""),
        (sells and minors, "ccpa-1798-120-c", ""),
        (sensitive and (not practices.opt_out), "ccpa-1798-121-135", ""),
        (shared and (not practices.contracts), "ccpa-1798-100-d-140-ag", ""),
        (bool(unsafe), "ccpa-1798-100-e-150", _some(unsafe)),
        ((sells or sensitive or decides) and (not practices.assessed), "ccpa-1798-185-a-14-11-ccr-7150", ""),
    )
    return list(_gaps(rows, "CCPA", ""))


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004 - three are enough to find them
