"""Finds the control that a text means: by an identifier in it, else by its words.

The score is the share of the text's words, by weight, that a control has in its title, its topics' names or their terms: 0 to 1. A word
weighs idf = ln(1 + N / n) when n of the N controls of the framework have it, and a word that none has weighs 1. A word of the title counts
fully, one of a topic's name nine tenths, one of its terms eight tenths. A match counts as sure with two words or more, from a score of 0.5
that leads the next control by a tenth of itself; anything less is a proposal.
"""

import functools
import math
import re
from collections import Counter
from dataclasses import dataclass

from credit_studio.tools.cyber.controls.catalogue import Control, by_id, controls

SURE, LEAD, STRANGE = 0.5, 0.1, 1.0
RULE = (
    "Text is matched by its words: the score is the share of them, by weight, that the control's title and terms have, 0 to 1; rare words weigh more. "
    f"With two words, from {SURE} and a tenth ahead of the next control a match counts; below that it is proposed and not counted."
)
_WORD = re.compile(r"[a-z0-9]{2,40}")
_COMMON = (
    "a about after all an and any are as at be been before by each every for from had has have in into is it its of on one or our that the their them then "
    "there they this to two under use used using was we were when which who will with year yearly annual annually month monthly quarterly week weekly "
    "daily done new per not no yes evidence control"
)
_STOP = frozenset(_COMMON.split())
_ANYWHERE = {
    "iso27001": re.compile(r"(?<![\w.])A\.?\s?([5-8]\.\d{1,2})(?![\w]|\.\d)", re.IGNORECASE),
    "csf2": re.compile(r"(?<![A-Z])((?:GV|ID|PR|DE|RS|RC)\.[A-Z]{2}-\d{1,2})(?!\d)", re.IGNORECASE),
    "soc2": re.compile(r"(?<![A-Z])(CC\d\.\d)(?!\d)", re.IGNORECASE),
    "gdpr": re.compile(r"\bart(?:icle)?s?\.?\s?(\d{1,2})(?!\d)", re.IGNORECASE),
}
# Bare numbers are identifiers only where a text begins with them: "TLS 1.2" names no requirement.
_PREFIX = re.compile(r"(?:CIS|PCI(?: DSS)?|req(?:uirement)?|control|safeguard|ISO(?:/IEC)?(?: 2700[12])?|annex)[ .:]{0,3}", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,2}\.\d{1,2})(?:\.\d{1,2}){0,3}(?![\w]|\.\d)[ ,/&+]{0,3}")
_NUMBERED = ("iso27001", "cis8", "pci4")
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ers", "ed", "er", "es", "s", "ment", "ly", "y", "e")
_STEM = 4
_RIVALS = 4  # the best and three more at most


@dataclass(frozen=True)
class Match:
    """What a text means: the control or None, how it was found ("id" or "words"), a score 0 to 1, and whether it counts.

    `words` were shared; `rivals` are controls whose score is within a tenth of the best.
    """

    control: Control | None
    how: str
    score: float
    is_sure: bool
    words: tuple[str, ...] = ()
    rivals: tuple[Control, ...] = ()


def match(framework: str, reference: str, text: str = "") -> tuple[Match, ...]:
    """The controls that `reference` names, or the one that `reference` and `text` together are about; one `Match` at least."""
    named = named_in(framework, reference)
    if named:
        return tuple(Match(control, "id", 1.0, is_sure=True) for control in named)
    return (by_words(framework, f"{reference} {text}"),)


def named_in(framework: str, text: str) -> tuple[Control, ...]:
    """The controls whose identifiers stand in a text; "5.15" and "a5.15" are A.5.15, "PR.AA-1" is PR.AA-01, "8.3.6" is 8.3 of PCI DSS."""
    pattern = _ANYWHERE.get(framework)
    found = [one[1] for one in pattern.finditer(text)] if pattern else []
    if framework in _NUMBERED and not found:
        found = _leading_numbers(text)
    known = by_id(framework)
    named = [known.get(_written(framework, one.upper())) for one in found]
    return tuple(dict.fromkeys(control for control in named if control is not None))


def _leading_numbers(text: str) -> list[str]:
    prefix = _PREFIX.match(text.lstrip())
    rest = text.lstrip()[prefix.end() if prefix else 0 :]
    found: list[str] = []
    while number := _NUMBER.match(rest):
        found.append(number[1])
        rest = rest[number.end() :]
    return found


def by_words(framework: str, text: str) -> Match:
    """The control that shares the most weighty words with a text; of two alike, the one with fewer words of its own."""
    index = _index(framework)
    given = {_stem(word): word for word in reversed(_words_in(text))}
    whole = math.fsum(index.idf.get(stem, STRANGE) for stem in given)
    found: dict[int, float] = {}
    for stem in given:
        for place, value in index.places.get(stem, ()):
            found[place] = found.get(place, 0.0) + value
    if not found:
        return Match(None, "words", 0.0, is_sure=False)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], index.sizes[pair[0]], pair[0]))
    place, score = ranked[0][0], ranked[0][1] / whole
    rivals = tuple(controls(framework)[at] for at, value in ranked[1:_RIVALS] if value / whole > score * (1 - LEAD))
    shared = tuple(word for stem, word in reversed(given.items()) if any(at == place for at, _ in index.places.get(stem, ())))
    return Match(controls(framework)[place], "words", round(score, 3), len(shared) > 1 and score >= SURE and not rivals, shared, rivals)


def words_of(text: str) -> list[str]:
    """The words of a text, lower case, without endings and common words."""
    return [_stem(word) for word in _words_in(text)]


def _words_in(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if word not in _STOP]


@dataclass(frozen=True)
class _Index:
    """The weight of each word, the controls (by place) that have it with what it counts there, and how many words each control has."""

    idf: dict[str, float]
    places: dict[str, list[tuple[int, float]]]
    sizes: list[int]


@functools.cache
def _index(framework: str) -> _Index:
    sets = [_terms(control) for control in controls(framework)]
    counts = Counter(word for terms in sets for word in terms)
    idf = {word: math.log(1 + len(sets) / count) for word, count in counts.items()}
    places: dict[str, list[tuple[int, float]]] = {word: [] for word in idf}
    for place, terms in enumerate(sets):
        for word, share in terms.items():
            places[word].append((place, idf[word] * share))
    return _Index(idf, places, [len(terms) for terms in sets])


def _terms(control: Control) -> dict[str, float]:
    """Words of a control and what each counts; the place where a word counts most decides."""
    told = (
        (0.8, " ".join((control.words, *(topic.words for topic in control.topics)))),
        (0.9, " ".join(topic.name for topic in control.topics)),
        (1.0, control.title),
    )
    return {word: share for share, text in told for word in words_of(text)}


def _written(framework: str, found: str) -> str:
    if framework == "iso27001":
        return f"A.{found}"
    if framework == "csf2":
        head, _, number = found.partition("-")
        return f"{head}-{int(number):02d}"
    return f"Art. {found}" if framework == "gdpr" else found


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word.removesuffix(ending)
    return word
