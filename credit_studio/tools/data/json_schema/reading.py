"""JSON documents out of a text: one, several one after the other, JSON Lines, or the items of a list; with the line on which each begins."""

import json
import math
import re
from typing import Any, NoReturn, cast

from credit_studio.tools.base import InputError

Json = Any
MOST_VALUES, DEEPEST, MOST_DOCUMENTS, LONGEST_KEY = 30_000, 40, 5_000, 200
_SPACE = re.compile(r"[ \t\r\n,]*")


def documents(text: str, where: str, *, split: bool) -> list[tuple[int, Json]]:
    """(line, document) each; a list at the top is its items when `split`. Raises `InputError` on the field `where` with line and column."""
    decoder = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer, parse_float=_float)
    found: list[tuple[int, Json]] = []
    text = text.removeprefix("\ufeff")
    place, line, counted = _SPACE.match(text, 0).end(), 1, 0  # type: ignore[union-attr] # it matches nothing, too
    try:
        while place < len(text):
            line, counted = line + text.count("\n", counted, place), place
            value, end = decoder.raw_decode(text, place)
            found.append((line, value))
            place = cast("re.Match[str]", _SPACE.match(text, end)).end()
    except json.JSONDecodeError as error:
        raise InputError(where, f"Line {error.lineno}, column {error.colno}: this is no JSON ({error.msg[0].lower()}{error.msg[1:]}).") from None
    except (ValueError, RecursionError) as error:
        said = "is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InputError(where, f"In the document that begins in line {line}: {said}.") from None
    return _checked(found, where, split=split)


def single(text: str, where: str) -> Json:
    """The one document of a text; raises `InputError` when there are none or several."""
    found = documents(text, where, split=False)
    if len(found) != 1:
        raise InputError(where, f"Must be one JSON document; there are {len(found):,}.")
    return found[0][1]


def _checked(found: list[tuple[int, Json]], where: str, *, split: bool) -> list[tuple[int, Json]]:
    if split and len(found) == 1 and isinstance(found[0][1], list) and found[0][1]:
        found = [(0, item) for item in cast("list[Json]", found[0][1])]
    if len(found) > MOST_DOCUMENTS:
        raise InputError(where, f"More than {MOST_DOCUMENTS:,} documents. Give some of them.")
    left = MOST_VALUES
    for _, value in found:
        left -= _weight(value, where, left)
        if left < 0:
            raise InputError(where, f"More than {MOST_VALUES:,} values. Give some of the documents.")
    return found


def _weight(value: Json, where: str, most: int) -> int:
    """How many values there are within one, itself included."""
    count, ahead = 0, [(value, 0)]
    while ahead and count <= most:
        one, depth = ahead.pop()
        count += 1
        if depth > DEEPEST:
            raise InputError(where, f"Is nested more than {DEEPEST} levels deep.")
        if isinstance(one, dict):
            inner = cast("dict[str, Json]", one)
            if any(len(key) > LONGEST_KEY for key in inner):
                raise InputError(where, f"Has a key of more than {LONGEST_KEY} characters.")
            ahead += [(item, depth + 1) for item in inner.values()]
        elif isinstance(one, list):
            ahead += [(item, depth + 1) for item in cast("list[Json]", one)]
    return count


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _integer(digits: str) -> int:
    if len(digits) > 40:  # noqa: PLR2004 - said in the message
        raise ValueError("has a whole number of more than 40 digits")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:20]} is larger than a double can be")
    return value
