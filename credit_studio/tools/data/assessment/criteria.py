"""Whether an activity needs a data protection impact assessment: GDPR Article 35(3), the nine criteria of WP248 rev.01, and the ICO's list of 2018."""

from dataclasses import dataclass

from credit_studio.tools.data.assessment.activity import Reading

NEEDED_FROM = 2
"""WP248: in most cases two criteria call for an assessment."""


@dataclass(frozen=True)
class Screening:
    """What calls for an assessment. verdict: "needed", "advised" or "not needed"."""

    system: str
    verdict: str
    article_35_3: tuple[str, ...]
    criteria: tuple[str, ...]
    ico: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The verdict's ground in a sentence."""
        if self.article_35_3:
            return f"Article 35(3) asks for it: {'; '.join(self.article_35_3)}."
        if len(self.criteria) >= NEEDED_FROM:
            return f"{len(self.criteria)} of the nine criteria of WP248 are met; two are enough."
        if self.ico:
            return f"It is on the ICO's list: {'; '.join(self.ico)}."
        return "One criterion of WP248 is met: record why no assessment is made." if self.criteria else "No criterion is met."


def screen(reading: Reading, families: frozenset[str]) -> Screening:
    """Screen one activity; `families` are those of its data, declared and found."""
    special = reading.is_special or reading.is_criminal or bool(families & _SENSITIVE)
    article, criteria = _article(reading, special=special), _criteria(reading, families, special=special)
    ico = _ico(reading, families, criteria)
    needed = bool(article) or len(criteria) >= NEEDED_FROM or bool(ico)
    return Screening(reading.activity.system, "needed" if needed else "advised" if criteria else "not needed", article, criteria, ico)


_SENSITIVE = frozenset(
    {"health", "biometric", "genetic", "religion", "ethnicity", "politics", "trade union", "sexual orientation", "criminal"},
)
_PERSONAL_IN_NATURE = frozenset({"financial", "location", "communication", "government id"})


def _article(reading: Reading, *, special: bool) -> tuple[str, ...]:
    traits = reading.traits
    cases = (
        ("(a) evaluation with automated decisions that matter to people", {"scoring", "automated decisions"} <= traits),
        ("(b) special or criminal data on a large scale", special and reading.is_large),
        ("(c) monitoring of a public area on a large scale", {"monitoring", "public area"} <= traits and reading.is_large),
    )
    return tuple(said for said, holds in cases if holds)


def _criteria(reading: Reading, families: frozenset[str], *, special: bool) -> tuple[str, ...]:
    traits = reading.traits
    cases = (
        ("1 evaluation or scoring", "scoring" in traits or "targeting" in traits),
        ("2 automated decisions with legal or similar effect", "automated decisions" in traits),
        ("3 systematic monitoring", bool(traits & {"monitoring", "tracking", "public area"})),
        ("4 sensitive or highly personal data", special or bool((families | reading.families) & _PERSONAL_IN_NATURE)),
        ("5 large scale", reading.is_large),
        ("6 matching or combining of data sets", "matching" in traits),
        ("7 vulnerable people", reading.is_vulnerable),
        ("8 innovative use of technology", "new technology" in traits),
        ("9 keeps people from a right, a service or a contract", "blocks access" in traits),
    )
    return tuple(said for said, holds in cases if holds)


def _ico(reading: Reading, families: frozenset[str], criteria: tuple[str, ...]) -> tuple[str, ...]:
    traits, every = reading.traits, families | reading.families
    another = len(criteria) >= NEEDED_FROM
    cases = (
        ("innovative technology with another criterion", "new technology" in traits and another),
        (
            "denial of a service by automated decisions or special data",
            "blocks access" in traits and bool({"automated decisions"} & traits or every & _SENSITIVE),
        ),
        ("profiling on a large scale", bool(traits & {"scoring", "targeting"}) and reading.is_large),
        ("biometric data with another criterion", "biometric" in every and another),
        ("genetic data with another criterion", "genetic" in every and another),
        ("matching of data from several sources", "matching" in traits),
        ("invisible processing with another criterion", "invisible" in traits and bool(criteria)),
        ("tracking with another criterion", "tracking" in traits and another),
        ("targeting of children or other vulnerable people", reading.has_children and bool(traits & {"targeting", "scoring"})),
    )
    return tuple(said for said, holds in cases if holds)
