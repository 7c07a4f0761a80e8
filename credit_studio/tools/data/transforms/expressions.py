"""The expression language of filters and new columns: parsed from Python's own syntax, checked for types, never run as Python.

Values are numbers (64-bit floats), text, dates (ISO 8601) and true or false; each may be empty. Emptiness follows SQL: what is computed from an empty
value is empty, `and` and `or` are three-valued, a filter keeps what is true. A division by zero is empty.
"""

import ast
import difflib
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from credit_studio.tools.base import InputError
from credit_studio.tools.data.tabular.checks import kind_of

NUMBER, TEXT, BOOLEAN, DATE, NOTHING = "number", "text", "true or false", "date", "empty"
MOST_CHARACTERS = 600
_DEEPEST = 40
_MOST_DECIMALS = 6
_LARGEST = 1e300

HELP = (
    "Names of columns as they are, or col(\"Unit price\"). Numbers, 'text', '2026-11-20' for a date, True, False, None. + - * /, == != < <= > >=, "
    "and, or, not, in ('a', 'b'), is None, x if condition else y. upper lower trim length left(x, n) substr(x, from, length) replace(x, 'a', 'b') "
    "contains(x, 'a') starts(x, 'a') abs floor ceil round(x, decimals) year month day days(later, earlier) coalesce(x, y)."
)


@dataclass(frozen=True)
class Expr:
    """A checked expression: what it does ("add", "column" ...), the type of its value, its parts, and a literal or a name."""

    op: str
    type: str
    parts: tuple["Expr", ...] = ()
    value: str | float | bool | tuple[str | float | bool, ...] | None = None


Columns = Mapping[str, str]
"""The columns that an expression may name, each with its type."""


class _Wrong(Exception):
    """What is wrong with an expression, in a sentence."""


def parse(text: str, columns: Columns, where: str) -> Expr:
    """The checked expression; raises `InputError` on `where`."""
    try:
        return _checked(_tree(text), columns, 0)
    except _Wrong as wrong:
        raise InputError(where, str(wrong)) from None


def parse_named(text: str, where: str) -> list[tuple[str, ast.expr]]:
    """Read "total = sum(amount), rows = count()" as names and what stands behind them; raises `InputError` on `where`."""
    try:
        call = _tree(f"_({text})")
    except _Wrong as wrong:
        raise InputError(where, str(wrong)) from None
    if not isinstance(call, ast.Call) or call.args or any(one.arg is None for one in call.keywords):
        raise InputError(where, "Must be names and what they are, with commas between them: total = sum(amount), rows = count().")
    return [(one.arg or "", one.value) for one in call.keywords]


def column_of(node: ast.expr, columns: Columns, where: str) -> Expr:
    """The column that a node names; raises `InputError` on `where` for anything else."""
    try:
        found = _checked(node, columns, 0)
    except _Wrong as wrong:
        raise InputError(where, str(wrong)) from None
    if found.op != "column":
        raise InputError(where, "Takes a column. Compute it in a step before this one.")
    return found


def unknown(name: str, columns: Columns) -> str:
    """That there is no such column, and which is meant."""
    near = difflib.get_close_matches(name, list(columns), 1)
    known = ", ".join(list(columns)[:12])[:300]
    return f"There is no column {name[:60]!r} here. " + (f"Is {near[0][:60]!r} meant?" if near else f"Columns: {known}.")


def _tree(text: str) -> ast.expr:
    if not text.strip():
        raise _Wrong("Needs an expression, such as amount > 100.")
    if len(text) > MOST_CHARACTERS:
        raise _Wrong(f"Takes at most {MOST_CHARACTERS} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of text that it takes and that may be meant otherwise
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        at = f" near character {error.offset}" if error.offset else ""
        hint = " Two equal signs compare: country == 'UK'." if re.search(r"[^=!<>]=[^=]", text) else ""
        raise _Wrong(f"Cannot be read{at}.{hint}") from None
    except (ValueError, RecursionError, MemoryError):
        raise _Wrong("Cannot be read.") from None


def _checked(node: ast.expr, columns: Columns, depth: int) -> Expr:
    if depth > _DEEPEST:
        raise _Wrong(f"Is nested more than {_DEEPEST} times.")
    reader = _READERS.get(type(node))
    if reader is None:
        raise _Wrong(f"{_shown(node)} has no meaning here.")
    return reader(node, columns, depth + 1)


def _shown(node: ast.AST) -> str:
    return f"“{ast.unparse(node)[:60]}”"


# --- leaves -------------------------------------------------------------------------------------------------------------------


def _name(node: ast.Name, columns: Columns, _depth: int) -> Expr:
    if node.id not in columns:
        raise _Wrong(unknown(node.id, columns))
    return Expr("column", columns[node.id], value=node.id)


def _constant(node: ast.Constant, _columns: Columns, _depth: int) -> Expr:
    value = node.value
    if value is None:
        return Expr("none", NOTHING)
    if isinstance(value, bool):
        return Expr("literal", BOOLEAN, value=value)
    if isinstance(value, int | float):
        if not abs(value) <= _LARGEST:
            raise _Wrong("Holds a number that is too large.")
        return Expr("literal", NUMBER, value=float(value))
    if isinstance(value, str) and not re.search("[\x00\ud800-\udfff]", value):
        return Expr("literal", TEXT, value=value)
    raise _Wrong(f"{_shown(node)} is no value of a table.")


# --- operators ----------------------------------------------------------------------------------------------------------------

_BINARY: dict[type[ast.operator], str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div"}
_COMPARE: dict[type[ast.cmpop], str] = {ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge"}


def _binary(node: ast.BinOp, columns: Columns, depth: int) -> Expr:
    op = _BINARY.get(type(node.op))
    if op is None:
        raise _Wrong(f"{_shown(node)}: only + - * / are there.")
    left, right = _checked(node.left, columns, depth), _checked(node.right, columns, depth)
    if op == "add" and left.type == right.type == TEXT:
        return Expr("concat", TEXT, (left, right))
    for part, source in ((left, node.left), (right, node.right)):
        _need(part, NUMBER, source)
    return Expr(op, NUMBER, (left, right))


def _unary(node: ast.UnaryOp, columns: Columns, depth: int) -> Expr:
    inner = _checked(node.operand, columns, depth)
    if isinstance(node.op, ast.Not):
        return Expr("not", BOOLEAN, (_need(inner, BOOLEAN, node.operand),))
    if not isinstance(node.op, ast.USub):
        raise _Wrong(f"{_shown(node)} has no meaning here.")
    _need(inner, NUMBER, node.operand)
    if inner.op == "literal":
        return Expr("literal", NUMBER, value=-float(str(inner.value)))
    return Expr("neg", NUMBER, (inner,))


def _boolean(node: ast.BoolOp, columns: Columns, depth: int) -> Expr:
    parts = [_need(_checked(one, columns, depth), BOOLEAN, one) for one in node.values]
    made = parts[0]
    for part in parts[1:]:
        made = Expr("and" if isinstance(node.op, ast.And) else "or", BOOLEAN, (made, part))
    return made


def _compare(node: ast.Compare, columns: Columns, depth: int) -> Expr:
    sides = [node.left, *node.comparators]
    made: Expr | None = None
    for sign, left, right in zip(node.ops, sides, sides[1:], strict=False):
        one = _one_compare(sign, left, right, columns, depth)
        made = one if made is None else Expr("and", BOOLEAN, (made, one))
    if made is None:
        raise _Wrong("Compares nothing.")
    return made


def _one_compare(sign: ast.cmpop, left: ast.expr, right: ast.expr, columns: Columns, depth: int) -> Expr:
    first = _checked(left, columns, depth)
    if isinstance(sign, ast.Is | ast.IsNot):
        if not (isinstance(right, ast.Constant) and right.value is None):
            raise _Wrong("After “is” stands None, for an empty value.")
        return Expr("is empty" if isinstance(sign, ast.Is) else "is filled", BOOLEAN, (first,))
    if isinstance(sign, ast.In | ast.NotIn):
        found = _in(first, right, columns, depth)
        return found if isinstance(sign, ast.In) else Expr("not", BOOLEAN, (found,))
    second = _checked(right, columns, depth)
    if "none" in {first.op, second.op}:
        raise _Wrong("Nothing equals or exceeds None. Write “is None” for an empty value.")
    first, second = _alike(first, second, left, right)
    op = _COMPARE[type(sign)]
    if first.type == BOOLEAN and op not in {"eq", "ne"}:
        raise _Wrong(f"{_shown(left)} is true or false: it has no order.")
    return Expr(op, BOOLEAN, (first, second))


def _in(first: Expr, right: ast.expr, columns: Columns, depth: int) -> Expr:
    if not isinstance(right, ast.Tuple | ast.List | ast.Set | ast.Constant):
        raise _Wrong("After “in” stand values in brackets: country in ('UK', 'DE').")
    nodes = [right] if isinstance(right, ast.Constant) else right.elts
    values: list[str | float | bool] = []
    for node in nodes:
        one = _alike(first, _checked(node, columns, depth), right, node)[1]
        if one.op != "literal" or isinstance(one.value, tuple) or one.value is None:
            raise _Wrong("After “in” stand plain values in brackets: country in ('UK', 'DE').")
        values.append(one.value)
    if not values or first.type == NOTHING:
        raise _Wrong("After “in” stands at least one value.")
    return Expr("in", BOOLEAN, (first,), tuple(values))


def _choice(node: ast.IfExp, columns: Columns, depth: int) -> Expr:
    condition = _need(_checked(node.test, columns, depth), BOOLEAN, node.test)
    left, right = _alike(_checked(node.body, columns, depth), _checked(node.orelse, columns, depth), node.body, node.orelse)
    return Expr("if", left.type, (condition, left, right))


def _alike(left: Expr, right: Expr, first: ast.expr, second: ast.expr) -> tuple[Expr, Expr]:
    """Both of one type: text beside a date is read as a date, None takes any type."""
    left, right = _as_date(left, right), _as_date(right, left)
    if NOTHING in {left.type, right.type}:
        kind = right.type if left.type == NOTHING else left.type
        return tuple(Expr("none", kind) if one.op == "none" else one for one in (left, right))  # type: ignore[return-value]
    if left.type != right.type:
        raise _Wrong(f"{_shown(first)} is {_a(left.type)} and {_shown(second)} is {_a(right.type)}: they do not go together.")
    return left, right


def _as_date(one: Expr, other: Expr) -> Expr:
    if other.type == DATE and one.type == TEXT and one.op == "literal":
        return _date_literal(str(one.value))
    return one


def _date_literal(text: str) -> Expr:
    if kind_of(text or " ") != "date":
        raise _Wrong(f"{text[:40]!r} is no date such as 2026-11-20.")
    return Expr("literal", DATE, value=text)


def _need(one: Expr, kind: str, node: ast.expr) -> Expr:
    if one.type != kind:
        raise _Wrong(f"{_shown(node)} is {_a(one.type)}; {_a(kind)} is needed.")
    return one


def _a(kind: str) -> str:
    return kind if kind in {BOOLEAN, TEXT, NOTHING} else f"a {kind}"


# --- functions ----------------------------------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "upper": ((TEXT,), TEXT),
    "lower": ((TEXT,), TEXT),
    "trim": ((TEXT,), TEXT),
    "length": ((TEXT,), NUMBER),
    "left": ((TEXT, "count"), TEXT),
    "substr": ((TEXT, "place", "count"), TEXT),
    "replace": ((TEXT, "words", "any words"), TEXT),
    "contains": ((TEXT, "words"), BOOLEAN),
    "starts": ((TEXT, "words"), BOOLEAN),
    "abs": ((NUMBER,), NUMBER),
    "floor": ((NUMBER,), NUMBER),
    "ceil": ((NUMBER,), NUMBER),
    "round": ((NUMBER, "decimals"), NUMBER),
    "year": ((DATE,), NUMBER),
    "month": ((DATE,), NUMBER),
    "day": ((DATE,), NUMBER),
    "days": ((DATE, DATE), NUMBER),
}
"""The arguments and the result of each function. A count, a place or a number of decimals is a whole literal, words are a literal text."""

_WHOLE = {"count": (0, 1_000), "place": (1, 1_000), "decimals": (0, _MOST_DECIMALS)}


def _call(node: ast.Call, columns: Columns, depth: int) -> Expr:
    if not isinstance(node.func, ast.Name) or node.keywords:
        raise _Wrong(f"{_shown(node)} has no meaning here.")
    name = node.func.id
    if name == "col":
        return _quoted(node, columns)
    if name == "coalesce":
        return _coalesce(node, columns, depth)
    if name not in _FUNCTIONS:
        near = difflib.get_close_matches(name, [*_FUNCTIONS, "coalesce", "col"], 1)
        raise _Wrong(f"There is no function {name[:40]!r}." + (f" Is {near[0]!r} meant?" if near else f" Functions: {', '.join(_FUNCTIONS)}, coalesce, col."))
    kinds, result = _FUNCTIONS[name]
    arguments = list(node.args)
    if name == "round" and len(arguments) == 1:
        arguments.append(ast.Constant(0))
    if len(arguments) != len(kinds):
        raise _Wrong(f"{name}() takes {len(kinds)} argument{'' if len(kinds) == 1 else 's'}.")
    return Expr(name, result, tuple(_argument(name, kind, one, columns, depth) for kind, one in zip(kinds, arguments, strict=True)))


def _argument(name: str, kind: str, node: ast.expr, columns: Columns, depth: int) -> Expr:
    one = _checked(node, columns, depth)
    if kind in _WHOLE:
        low, high = _WHOLE[kind]
        if one.op != "literal" or not isinstance(one.value, float) or not one.value.is_integer() or not low <= one.value <= high:
            raise _Wrong(f"{name}() takes a whole number from {low} to {high} there, not {_shown(node)}.")
        return one
    if kind in {"words", "any words"}:
        if one.op != "literal" or one.type != TEXT or (kind == "words" and not one.value):
            raise _Wrong(f"{name}() takes a text in quotes there, not {_shown(node)}.")
        return one
    if kind == DATE and one.op == "literal" and one.type == TEXT:
        return _date_literal(str(one.value))
    return _need(one, kind, node)


def _quoted(node: ast.Call, columns: Columns) -> Expr:
    if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        raise _Wrong('col() takes the name of a column in quotes: col("Unit price").')
    name = node.args[0].value
    if name not in columns:
        raise _Wrong(unknown(name, columns))
    return Expr("column", columns[name], value=name)


def _coalesce(node: ast.Call, columns: Columns, depth: int) -> Expr:
    if len(node.args) < 2:  # noqa: PLR2004 - one would be itself
        raise _Wrong("coalesce() takes two values or more; the first filled one counts.")
    made = _checked(node.args[0], columns, depth)
    for one in node.args[1:]:
        left, right = _alike(made, _checked(one, columns, depth), node.args[0], one)
        made = Expr("coalesce", left.type, (left, right))
    if made.type == NOTHING:
        raise _Wrong("coalesce() needs a value that is not None.")
    return made


_READERS: dict[type[ast.expr], Callable[..., Expr]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _choice,
    ast.Call: _call,
}
