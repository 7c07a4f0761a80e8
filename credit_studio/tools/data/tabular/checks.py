"""What a cell can be, and what a rule asks of it: pure functions from a cell's text to a verdict.

A pattern of a person's own is held to what Python's engine matches in bounded time: no back-reference, no look-around, nothing that
repeats and itself has a choice, few wide repetitions; whatever slips through ends at the run's CPU limit and is not charged.
"""

import math
import re
import warnings
from collections.abc import Callable
from datetime import date, datetime
from importlib import import_module
from typing import Any

from credit_studio.tools.base import InputError

Check = Callable[[str], bool]

MOST_MATCHED = 1_000
_MOST_WIDE = 3
_MOST_CHOICES = 5_000
_NARROW = 10
_MOST_EMAIL = 254
_EMAIL = r"[A-Z0-9_%+'-]+(?:\.[A-Z0-9_%+'-]+)*@(?:[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?\.)+[A-Z]{2,63}"
_FIGURES = re.compile(
    r"(?P<integer>[+-]?\d+)|(?P<number>[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d{1,3})?)|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<datetime>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)",
    re.ASCII,
)
_ADDRESS = re.compile(_EMAIL, re.ASCII | re.IGNORECASE)
_BOOLEANS = frozenset({"true", "false", "yes", "no"})
_BEGIN_FIGURES = frozenset("0123456789+-.")
NUMBERS = frozenset({"integer", "number"})
_DIRECTIVES = frozenset("dmYyHMSbBjfpI%")
_PARSER: Any = import_module("re._parser")  # the engine's own reading of a pattern; it has no public door


def kind_of(text: str) -> str:
    """What a filled cell without surrounding blanks is: "integer", "number", "date", "datetime" (ISO 8601), "boolean", "email" or "text"."""
    if text[0] in _BEGIN_FIGURES and (found := _FIGURES.fullmatch(text)):
        kind = found.lastgroup or "text"
        holds = math.isfinite(float(text)) if kind in NUMBERS else _is_moment(text)
        return kind if holds else "text"
    if "@" in text:
        return "email" if len(text) <= _MOST_EMAIL and _ADDRESS.fullmatch(text) else "text"
    return "boolean" if len(text) <= len("false") and text.lower() in _BOOLEANS else "text"


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def check_of(kind: str, argument: str, upper: str, at: str) -> Check:
    """The check that a rule names, over a filled cell; raises `InputError` on "<at>.argument" or "<at>.upper"."""
    if kind != "between" and upper:
        raise InputError(f"{at}.upper", "Only the check “between” takes a second value.")
    if kind in _PLAIN:
        if argument:
            raise InputError(f"{at}.argument", "This check takes no value.")
        return _PLAIN[kind]
    return _WITH_ARGUMENT[kind](argument, upper, at)


def _date(argument: str, _upper: str, at: str) -> Check:
    if not argument:
        return lambda text: kind_of(text) in {"date", "datetime"}
    named = re.findall(r"%(.?)", argument, re.DOTALL)
    if not named or any(directive not in _DIRECTIVES for directive in named):
        raise InputError(f"{at}.argument", "Must be a date format such as %d/%m/%Y, or empty for ISO 8601 (2026-11-20).")

    def is_date(text: str) -> bool:
        try:
            datetime.strptime(text, argument)  # noqa: DTZ007 - only whether it is one is asked
        except ValueError:
            return False
        return True

    return is_date


def _one_of(argument: str, _upper: str, at: str) -> Check:
    allowed = frozenset(one.strip() for one in argument.split("|")) - {""}
    if not allowed:
        raise InputError(f"{at}.argument", "Must be the allowed values with | between them, such as UK|FR|DE.")
    return allowed.__contains__


def _between(argument: str, upper: str, at: str) -> Check:
    ends = (argument.strip(), upper.strip())
    kinds = [kind_of(end) if end else "" for end in ends]
    for end, kind, name in zip(ends, kinds, ("argument", "upper"), strict=True):
        if kind not in {"integer", "number", "date"}:
            raise InputError(f"{at}.{name}", f"Must be a number or a date such as 2026-11-20, not {end[:40]!r}." if end else "Is needed for “between”.")
    if ("date" in kinds) and set(kinds) != {"date"}:
        raise InputError(f"{at}.upper", "Must be of the same kind as the first value: two numbers or two dates.")
    if kinds[0] == "date":
        return _between_dates(date.fromisoformat(ends[0]), date.fromisoformat(ends[1]), at)
    low, high = float(ends[0]), float(ends[1])
    if low > high:
        raise InputError(f"{at}.upper", "Must not be below the first value.")
    return lambda text: kind_of(text) in NUMBERS and low <= float(text) <= high


def _between_dates(low: date, high: date, at: str) -> Check:
    if low > high:
        raise InputError(f"{at}.upper", "Must not be before the first date.")
    return lambda text: kind_of(text) in {"date", "datetime"} and low <= date.fromisoformat(text[:10]) <= high


def _max_length(argument: str, _upper: str, at: str) -> Check:
    if not re.fullmatch(r"[0-9]{1,6}", argument.strip()):
        raise InputError(f"{at}.argument", "Must be a whole number of characters.")
    most = int(argument)
    return lambda text: len(text) <= most


def _pattern(argument: str, _upper: str, at: str) -> Check:
    if not argument:
        raise InputError(f"{at}.argument", "Must be the pattern that the whole cell matches, such as [A-Z]{2}[0-9]{4}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = _PARSER.parse(argument)
            compiled = re.compile(argument)
        wide, choices = _work(tree, at)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise InputError(f"{at}.argument", f"Is not a pattern that can be read: {str(error)[:120]}.") from None
    if wide > _MOST_WIDE or choices > _MOST_CHOICES:
        raise InputError(f"{at}.argument", f"Could take very long to match: use at most {_MOST_WIDE} open repetitions (*, +) and few optional parts.")
    return lambda text: len(text) <= MOST_MATCHED and compiled.fullmatch(text) is not None


def _work(tree: Any, at: str) -> tuple[int, int]:  # noqa: ANN401 - the engine's parse tree
    """How many wide repetitions a pattern has, and in how many ways its narrow ones can be taken; raises `InputError` for what it may not hold."""
    wide, choices = 0, 1
    for operation, value in tree:
        name = str(operation)
        if name in {"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT"}:
            continue
        more = _parts(name, value, at)
        wide, choices = wide + more[0], min(choices * more[1], _MOST_CHOICES + 1)
    return wide, choices


def _parts(name: str, value: Any, at: str) -> tuple[int, int]:  # noqa: ANN401 - the same
    if name == "SUBPATTERN":
        return _work(value[-1], at)
    if name == "BRANCH":
        inner = [_work(branch, at) for branch in value[1]]
        return max(wide for wide, _ in inner), sum(choices for _, choices in inner)
    if name not in {"MAX_REPEAT", "MIN_REPEAT"}:
        raise InputError(f"{at}.argument", "May not look ahead or behind, refer back to a group, or use atomic groups.")
    least, most, repeated = int(value[0]), int(value[1]), value[2]
    wide, choices = _work(repeated, at)
    if most > 1 and (wide or choices > 1):
        raise InputError(
            f"{at}.argument", "May not repeat a part that itself repeats or has alternatives, such as (a+)* or (a|b)+; write [ab]+ for the latter."
        )
    ways = most - least + 1
    return (wide, choices * ways) if ways <= _NARROW else (wide + 1, choices)


_PLAIN: dict[str, Check] = {
    "number": lambda text: kind_of(text) in NUMBERS,
    "integer": lambda text: kind_of(text) == "integer",
    "email": lambda text: kind_of(text) == "email",
}
_WITH_ARGUMENT: dict[str, Callable[[str, str, str], Check]] = {
    "date": _date,
    "matches pattern": _pattern,
    "one of": _one_of,
    "between": _between,
    "max length": _max_length,
}
