"""Conditions on rows, as a person writes them: "region = North; amount > 100; status in open|held". All of them must hold."""

import operator
import re
from collections.abc import Callable

from credit_studio.tools.base import InputError
from credit_studio.tools.cyber.operations.moments import DAY_S, Calendar, moment
from credit_studio.tools.data.charting.frame import FIRST_YEAR, Frame, number

MOST_CONDITIONS = 6
_OPERATION = re.compile(r"\s*(<=|>=|!=|=|<|>|contains\b|in\b)\s*", re.IGNORECASE)
_COMPARED: dict[str, Callable[[float, float], bool]] = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_HOW = "Write a column, one of = != < <= > >= contains in, and a value; a semicolon between conditions. In takes values with | between them."


def kept(frame: Frame, text: str, where: str) -> list[bool] | None:
    """Which rows a filter keeps; None for an empty one. Raises `InputError` on `where` for what cannot be read."""
    conditions = [condition.strip() for condition in text.split(";") if condition.strip()]
    if len(conditions) > MOST_CONDITIONS:
        raise InputError(where, f"Has {len(conditions)} conditions; {MOST_CONDITIONS} are the most.")
    if not conditions:
        return None
    masks = [_mask(frame, condition, where) for condition in conditions]
    return [all(row) for row in zip(*masks, strict=True)]


def _mask(frame: Frame, condition: str, where: str) -> list[bool]:
    # The longest name first, so that "amount net > 5" is not taken for the column "amount".
    for name in sorted(frame.names, key=len, reverse=True):
        found = _OPERATION.match(condition, len(name)) if condition.startswith(name) else None
        if found:
            return _judged(frame, frame.names.index(name), found[1].lower(), condition[found.end() :].strip(), where)
    raise InputError(where, f"{condition[:60]!r} is no condition on a column. {_HOW}")


def _judged(frame: Frame, at: int, sign: str, value: str, where: str) -> list[bool]:
    if sign in _COMPARED:
        return _ordered(frame, at, sign, value, where)
    if sign == "contains":
        part = value.casefold()
        return _by_text(frame, at, lambda text: part in text.casefold())
    wanted = {one.strip() for one in value.split("|")} if sign == "in" else {value}
    numbers = {read for one in wanted if (read := number(one, "point")) is not None} if frame.type(at).type == "number" else set[float]()
    mark = frame.type(at).mark

    def is_wanted(text: str) -> bool:
        return text in wanted or (bool(numbers) and number(text, mark) in numbers)

    return _by_text(frame, at, (lambda text: not is_wanted(text)) if sign == "!=" else is_wanted)


def _by_text(frame: Frame, at: int, holds: Callable[[str], bool]) -> list[bool]:
    """Judge every different cell once."""
    known = {text: holds(text.strip()) for text in set(frame.cells[at])}
    return [known[text] for text in frame.cells[at]]


def _ordered(frame: Frame, at: int, sign: str, value: str, where: str) -> list[bool]:
    """Smaller and greater, of numbers or dates; an empty cell is neither."""
    compare = _COMPARED[sign]
    is_date = frame.type(at).type == "date"
    if is_date:
        when = moment(value, Calendar(0, frame.type(at).day_first, FIRST_YEAR))
        limit = None if when is None else float(when // DAY_S)
    else:
        limit = number(value, "point")
    if limit is None:
        raise InputError(
            where,
            f"{value[:40]!r} is no {'date' if is_date else 'number'}: {frame.names[at]!r} is compared with one{', such as 2026-11-20' if is_date else ''}.",
        )
    bound = limit
    cells = frame.days(at) if is_date else frame.numbers(at)
    return [cell is not None and compare(cell, bound) for cell in cells]
