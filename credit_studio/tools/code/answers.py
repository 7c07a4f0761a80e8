"""A language model's answer as data: parsed, held to its form, and made fit to be shown. What is not of the form is refused, and the run costs nothing."""

import json
import re
from collections.abc import Mapping
from typing import Any, cast

from credit_studio.tools.base import AnswerError

Kinds = Mapping[str, tuple[type, ...]]
"""Which kinds of value each name of an object may have; no other name may be there."""

NUMBER = (int, float)
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_FENCED = re.compile(r"\s*```(?:json)?\s*\n(.*)\n\s*```\s*", re.DOTALL)


def object_in(text: str, kinds: Kinds) -> dict[str, Any]:
    """The JSON object that an answer is, fenced or not; raises `AnswerError` when it is none, or of another form."""
    fenced = _FENCED.fullmatch(text)
    try:
        return of_form(json.loads(fenced[1] if fenced else text), kinds)
    except (ValueError, RecursionError):
        raise AnswerError("no JSON") from None


def of_form(raw: object, kinds: Kinds) -> dict[str, Any]:
    """The object, with just these names and kinds; raises `AnswerError`. True is no number."""
    if not isinstance(raw, dict):
        raise AnswerError("no object")
    one = cast("dict[str, Any]", raw)
    if set(one) != set(kinds) or any(type(one[name]) not in allowed for name, allowed in kinds.items()):
        raise AnswerError("an object of another form")
    return one


def texts(raw: list[Any], most: int, longest: int) -> tuple[str, ...]:
    """The first `most` texts of a list, each a line of at most `longest` characters, blank ones left out; raises `AnswerError` for what is no text."""
    if not all(isinstance(one, str) for one in raw):
        raise AnswerError("no text")
    return tuple(filter(None, (plain(one, longest) for one in raw[:most])))


def plain(text: str, most: int) -> str:
    """One line of printable text of at most so many characters."""
    return "".join(char if char.isprintable() else " " for char in text)[:most].strip()


def escaped(text: str) -> str:
    """One line of Markdown that reads as the text stands."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
