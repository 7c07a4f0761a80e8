"""Expressions over whole columns of Python values; an empty value is None."""

import math
from collections.abc import Callable, Sequence
from datetime import date
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

from credit_studio.tools.data.transforms.expressions import Expr

Values = Sequence[Any]
UPPER = {ord(low): low.upper() for low in "abcdefghijklmnopqrstuvwxyz"}
LOWER = {ord(high): high.lower() for high in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def evaluate(expr: Expr, columns: dict[str, list[Any]], rows: int) -> Values:
    """The value of an expression for every row."""
    if expr.op == "column":
        return columns[str(expr.value)]
    if expr.op in {"literal", "none"}:
        return [expr.value] * rows
    parts = [evaluate(part, columns, rows) for part in expr.parts]
    if expr.op in _WHOLE:
        return _WHOLE[expr.op](expr, parts)
    if expr.op in _ONE:
        one = _ONE[expr.op]
        return [None if value is None else one(value) for value in parts[0]]
    if expr.op in _TWO:
        two = _TWO[expr.op]
        return [None if left is None or right is None else two(left, right) for left, right in zip(*parts, strict=True)]
    three = _THREE[expr.op]
    return [None if first is None else three(first, second, third) for first, second, third in zip(*parts, strict=True)]


def rounded(number: float, decimals: float) -> float:
    """Half up, as floor(x * 10^n + 0.5) / 10^n: the same in every engine."""
    scale = 10.0**decimals
    return floored(number * scale + 0.5) / scale


def floored(number: float) -> float:
    """The largest whole number that is not above; what is not finite stays."""
    return float(math.floor(number)) if math.isfinite(number) else number


def _and(_expr: Expr, parts: list[Values]) -> Values:
    return [False if left is False or right is False else None if left is None or right is None else True for left, right in zip(*parts, strict=True)]


def _or(_expr: Expr, parts: list[Values]) -> Values:
    return [True if left is True or right is True else None if left is None or right is None else False for left, right in zip(*parts, strict=True)]


def _in(expr: Expr, parts: list[Values]) -> Values:
    values = frozenset(expr.value if isinstance(expr.value, tuple) else ())
    return [None if value is None else value in values for value in parts[0]]


_WHOLE: dict[str, Callable[[Expr, list[Values]], Values]] = {
    "and": _and,
    "or": _or,
    "in": _in,
    "is empty": lambda _expr, parts: [value is None for value in parts[0]],
    "is filled": lambda _expr, parts: [value is not None for value in parts[0]],
    "if": lambda _expr, parts: [left if condition is True else right for condition, left, right in zip(*parts, strict=True)],
    "coalesce": lambda _expr, parts: [right if left is None else left for left, right in zip(*parts, strict=True)],
}
"""What looks at empty values itself."""

_ONE: dict[str, Callable[[Any], Any]] = {
    "neg": lambda value: -value,
    "not": lambda value: not value,
    "upper": lambda text: text.translate(UPPER),
    "lower": lambda text: text.translate(LOWER),
    "trim": lambda text: text.strip(" "),
    "length": lambda text: float(len(text)),
    "abs": abs,
    "floor": floored,
    "ceil": lambda number: -floored(-number),
    "year": lambda day: float(day[:4]),
    "month": lambda day: float(day[5:7]),
    "day": lambda day: float(day[8:]),
}
_TWO: dict[str, Callable[[Any, Any], Any]] = {
    "add": add,
    "concat": add,
    "sub": sub,
    "mul": mul,
    "div": lambda left, right: left / right if right else None,
    "eq": eq,
    "ne": ne,
    "lt": lt,
    "le": le,
    "gt": gt,
    "ge": ge,
    "left": lambda text, count: text[: int(count)],
    "contains": lambda text, words: words in text,
    "starts": lambda text, words: text.startswith(words),
    "round": rounded,
    "days": lambda later, earlier: float((date.fromisoformat(later) - date.fromisoformat(earlier)).days),
}
_THREE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "substr": lambda text, place, count: text[int(place) - 1 : int(place) - 1 + int(count)],
    "replace": lambda text, old, new: text.replace(old, new),
}
"""What is empty when a part is, by the number of its parts."""
