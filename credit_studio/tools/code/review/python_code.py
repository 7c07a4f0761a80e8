"""What a reviewer sees in Python beyond what pyflakes and bandit see: each rule looks at one node of the syntax tree."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from credit_studio.tools.code.review.remark import Chunk, Remark

MOST_COMPLEX = 10
"""McCabe (1976) proposes ten paths as the most that a function should have."""
MOST_LINES, MOST_NESTED, MOST_ARGUMENTS = 60, 4, 6

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension, ast.match_case, ast.Assert)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_MUTABLE_CALLS = {"list", "dict", "set", "defaultdict", "OrderedDict", "Counter", "deque", "bytearray"}
_CHANGES = {"append", "insert", "remove", "pop", "clear", "extend", "add", "discard", "update", "popitem", "setdefault"}
_BLOCKING = {
    "time.sleep": "await asyncio.sleep(...)",
    "requests": "an asynchronous client such as httpx.AsyncClient",
    "subprocess.run": "asyncio.create_subprocess_exec",
    "subprocess.check_output": "asyncio.create_subprocess_exec",
    "urllib.request.urlopen": "an asynchronous client such as httpx.AsyncClient",
}
_SNAKE = re.compile(r"_{0,2}[a-z0-9][a-z0-9_]*|_+|visit_\w+|do_[A-Z]+|setUp\w*|tearDown\w*|[a-z]+[A-Z]\w*Event|__\w+__")
_CAMEL = re.compile(r"_*[A-Z][A-Za-z0-9]*")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Say = Callable[..., Remark]


@dataclass(frozen=True)
class Measured:
    """A function's figures: lines from `def` to its end, McCabe's number, the deepest block, parameters but self and cls."""

    path: str
    name: str
    line: int
    lines: int
    complexity: int
    depth: int
    arguments: int


@dataclass
class Code:
    """A parsed chunk and where each node stands in it; `indent` is what was taken off the front of each line to read it."""

    chunk: Chunk
    tree: ast.Module
    indent: int = 0

    def __post_init__(self) -> None:
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What the node stands in, from the inside out."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def say(self, node: ast.AST, rule: str, severity: str, category: str, title: str, fix: str, *, replacement: str | None = None) -> Remark:
        """A remark on the line where a node begins."""
        line = getattr(node, "lineno", 1) + self.chunk.first - 1
        return Remark(rule, severity, category, title, "", fix, self.chunk.path, line, replacement=replacement)

    def replaced(self, node: ast.expr, text: str) -> str | None:
        """The node's line with the node written anew; None when it goes over several lines."""
        if node.lineno != node.end_lineno:
            return None
        line = self.chunk.lines[node.lineno - 1].encode()
        return (line[: node.col_offset + self.indent] + text.encode() + line[(node.end_col_offset or 0) + self.indent :]).decode()


def look(code: Code) -> Iterator[Remark]:
    """Every rule on every node."""
    for node in ast.walk(code.tree):
        for kinds, rule in _RULES:
            if isinstance(node, kinds):
                yield from rule(code, node)


def measure(code: Code) -> Iterator[Measured]:
    """The figures of every function."""
    for node in ast.walk(code.tree):
        if isinstance(node, Function):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            counted = len([one for one in arguments if one.arg not in {"self", "cls"}])
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            yield Measured(code.chunk.path, node.name[:80], node.lineno + code.chunk.first - 1, lines, _complexity(node), _depth(node), counted)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a node without the functions and classes that are defined in it."""
    waiting = list(ast.iter_child_nodes(node))
    while waiting:
        inner = waiting.pop()
        yield inner
        if not isinstance(inner, _SCOPES):
            waiting += ast.iter_child_nodes(inner)


def _complexity(node: Function) -> int:
    paths = 1
    for inner in _inside(node):
        paths += isinstance(inner, _BRANCHES)
        paths += len(inner.values) - 1 if isinstance(inner, ast.BoolOp) else 0
    return paths


def _depth(node: ast.AST) -> int:
    """The deepest block; `elif` is no deeper than its `if`."""
    deepest, waiting = 0, [(child, 0) for child in ast.iter_child_nodes(node)]
    while waiting:
        inner, depth = waiting.pop()
        if isinstance(inner, _SCOPES):
            continue
        here = depth + isinstance(inner, _BLOCKS)
        deepest = max(deepest, here)
        chained = inner.orelse if isinstance(inner, ast.If) and len(inner.orelse) == 1 and isinstance(inner.orelse[0], ast.If) else []
        waiting += [(child, depth if child in chained else here) for child in ast.iter_child_nodes(inner)]
    return deepest


# --- functions and classes ---------------------------------------------------------------------------------------------------


def _size(code: Code, node: Function) -> Iterator[Remark]:
    lines, paths, depth = (node.end_lineno or node.lineno) - node.lineno + 1, _complexity(node), _depth(node)
    name = node.name[:60]
    if paths > MOST_COMPLEX:
        said, severity = (
            f"{name} has {paths} paths through it (McCabe); {MOST_COMPLEX} are the most that stay testable.",
            "medium" if paths > 2 * MOST_COMPLEX else "low",
        )
        yield code.say(
            node, "complexity", severity, "design", said, "Take decisions that belong together out into functions with names, or turn branches into a table."
        )
    if lines > MOST_LINES:
        yield code.say(node, "long-function", "low", "design", f"{name} is {lines} lines long.", "Split it where it changes its subject.")
    if depth > MOST_NESTED:
        yield code.say(node, "nesting", "low", "readability", f"{name} nests {depth} blocks deep.", "Return or continue early, and take the inner loop out.")


def _signature(code: Code, node: Function) -> Iterator[Remark]:
    arguments = [one for one in [*node.args.posonlyargs, *node.args.args] if one.arg not in {"self", "cls"}]
    if len(arguments) > MOST_ARGUMENTS:
        said = f"{node.name[:60]} takes {len(arguments)} arguments by position."
        yield code.say(
            node, "many-arguments", "low", "design", said, "Make them keyword-only (a * before them), or gather those that go together in a dataclass."
        )
    for default in [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]:
        made = isinstance(default, ast.Call) and _name(default.func) in _MUTABLE_CALLS
        if made or isinstance(default, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp):
            said = f"The default {ast.unparse(default)[:40]} is made once: all calls of {node.name[:60]} share it."
            yield code.say(default, "mutable-default", "high", "correctness", said, "Default to None and make a new one inside the function.")
    if not _SNAKE.fullmatch(node.name) and not node.decorator_list:
        yield code.say(node, "function-name", "low", "readability", f"{node.name[:60]} is not named in snake_case (PEP 8).", "Rename it, callers included.")


def _returns(code: Code, node: Function) -> Iterator[Remark]:
    found = [inner for inner in _inside(node) if isinstance(inner, ast.Return)]
    bare = [one for one in found if one.value is None]
    if bare and any(one.value is not None and not (isinstance(one.value, ast.Constant) and one.value.value is None) for one in found):
        said = f"{node.name[:60]} returns a value on some paths and nothing on this one."
        yield code.say(
            min(bare, key=lambda one: one.lineno), "mixed-returns", "low", "correctness", said, "Say return None where None is meant, or return the value."
        )


def _class(code: Code, node: ast.ClassDef) -> Iterator[Remark]:
    if not _CAMEL.fullmatch(node.name):
        yield code.say(node, "class-name", "low", "readability", f"The class {node.name[:60]} is not named in CapWords (PEP 8).", "Rename it, users included.")


# --- errors ------------------------------------------------------------------------------------------------------------------


def _handler(code: Code, node: ast.ExceptHandler) -> Iterator[Remark]:
    line = code.chunk.lines[node.lineno - 1]
    silent = all(isinstance(inner, ast.Pass | ast.Continue) or (isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant)) for inner in node.body)
    broad = node.type is None or _name(node.type) in {"Exception", "BaseException"}
    if node.type is None:
        said = "A bare except also catches KeyboardInterrupt and SystemExit."
        better = re.sub(r"except\s*:", "except Exception:", line, count=1)
        yield code.say(node, "bare-except", "medium", "errors", said, "Name the errors that are expected here; at the least, Exception.", replacement=better)
    if silent and broad:
        fix = "Catch the one error that is expected, log it, or let it rise."
        yield code.say(node, "swallowed-error", "high", "errors", "Every error is swallowed here: a fault will look like success.", fix)


def _raise(code: Code, node: ast.Raise) -> Iterator[Remark]:
    inside = next((one for one in code.above(node) if isinstance(one, (ast.ExceptHandler, *_SCOPES))), None)
    if isinstance(inside, ast.ExceptHandler) and isinstance(node.exc, ast.Call) and node.cause is None:
        fix = f"Write raise ... from {inside.name or 'error'}, or from None when the cause tells nothing."
        yield code.say(node, "raise-without-from", "low", "errors", "The new error hides where the first one came from.", fix)


def _try(code: Code, node: ast.Try) -> Iterator[Remark]:
    for inner in node.finalbody:
        for one in (inner, *_inside(inner)):
            if isinstance(one, ast.Return):
                yield code.say(
                    one, "return-in-finally", "high", "errors", "A return in finally drops the error that is on its way.", "Return after the try statement."
                )


# --- expressions -------------------------------------------------------------------------------------------------------------


def _compare(code: Code, node: ast.Compare) -> Iterator[Remark]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
        return
    negated, right = isinstance(node.ops[0], ast.NotEq), node.comparators[0]
    value = right.value if isinstance(right, ast.Constant) else ...
    left = ast.unparse(node.left) if node.lineno == node.end_lineno else ""
    if value is None:
        better = code.replaced(node, f"{left} is{' not' if negated else ''} None") if left else None
        yield code.say(
            node,
            "none-comparison",
            "low",
            "correctness",
            "None is compared with ==, which a class may redefine.",
            "Use is None or is not None.",
            replacement=better,
        )
    elif isinstance(value, float) and value:
        fix = "Compare with math.isclose, or use decimal.Decimal for money."
        yield code.say(node, "float-equality", "medium", "correctness", f"A float is compared for equality with {value!r}.", fix)


def _call(code: Code, node: ast.Call) -> Iterator[Remark]:
    name = _dotted(node.func)
    scope = next((one for one in code.above(node) if isinstance(one, _SCOPES)), None)
    better = next((said for blocked, said in _BLOCKING.items() if name == blocked or name.startswith(f"{blocked}.")), "")
    if better and isinstance(scope, ast.AsyncFunctionDef):
        yield code.say(node, "blocking-call", "high", "performance", f"{name} stops every other task of the event loop while it waits.", f"Use {better}.")
    if name == "open" and isinstance(code.parents.get(node), ast.Assign | ast.Attribute | ast.Call):
        yield code.say(
            node, "open-without-with", "medium", "errors", "The file stays open when an error is raised before it is closed.", "Open it in a with statement."
        )
    if name in {"datetime.utcnow", "datetime.datetime.utcnow", "datetime.utcfromtimestamp", "datetime.datetime.utcfromtimestamp"}:
        said = f"{name} gives a time without a zone, and is deprecated since Python 3.12."
        yield code.say(node, "naive-utc", "medium", "correctness", said, "Use datetime.now(timezone.utc) or datetime.fromtimestamp(..., timezone.utc).")


# --- statements --------------------------------------------------------------------------------------------------------------


def _loop(code: Code, node: ast.For | ast.AsyncFor) -> Iterator[Remark]:
    over = ast.unparse(node.iter) if isinstance(node.iter, ast.Name | ast.Attribute) else ""
    targets = {one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)}
    for inner in (one for statement in node.body for one in (statement, *_inside(statement))):
        if (
            over
            and isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Attribute)
            and inner.func.attr in _CHANGES
            and ast.unparse(inner.func.value) == over
        ):
            said = f"{over[:60]} is changed while the loop goes over it: items are skipped or the loop fails."
            yield code.say(inner, "changed-while-iterating", "high", "correctness", said, f"Go over a copy, list({over[:60]}), or build a new one.")
        if isinstance(inner, ast.Lambda) and (late := targets & _used(inner)):
            said = f"The function made here sees the last {min(late)[:40]} of the loop, not this one."
            yield code.say(inner, "late-binding", "medium", "correctness", said, "Bind it as a default argument, or use functools.partial.")


def _used(node: ast.Lambda) -> set[str]:
    own = {one.arg for one in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]}
    return {one.id for one in ast.walk(node.body) if isinstance(one, ast.Name)} - own


def _grown(code: Code, node: ast.AugAssign) -> Iterator[Remark]:
    is_text = isinstance(node.value, ast.JoinedStr) or (isinstance(node.value, ast.Constant) and isinstance(node.value.value, str))
    if is_text and isinstance(node.op, ast.Add) and any(isinstance(one, _LOOPS) for one in code.above(node)):
        yield code.say(
            node, "text-in-loop", "low", "performance", "Text is put together piece by piece in a loop.", "Collect the pieces in a list and join them once."
        )


def _after(code: Code, node: ast.AST) -> Iterator[Remark]:
    for name in ("body", "orelse", "finalbody"):
        found = getattr(node, name, [])
        block = cast("list[ast.AST]", found) if isinstance(found, list) else []
        for first, second in pairwise(block):
            if isinstance(first, _ENDS):
                yield code.say(
                    second, "unreachable", "medium", "correctness", "This line is never reached.", "Remove it, or move the statement that leaves above it."
                )
                break


def _name(node: ast.expr) -> str:
    return _dotted(node).rpartition(".")[2]


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ".".join(reversed(parts))


_RULES: tuple[tuple[tuple[type[ast.AST], ...], Callable[[Code, "ast.AST | object"], Iterator[Remark]]], ...] = tuple(  # type: ignore[assignment]
    (kinds, rule)
    for kinds, rule in (
        ((ast.FunctionDef, ast.AsyncFunctionDef), _size),
        ((ast.FunctionDef, ast.AsyncFunctionDef), _signature),
        ((ast.FunctionDef, ast.AsyncFunctionDef), _returns),
        ((ast.ClassDef,), _class),
        ((ast.ExceptHandler,), _handler),
        ((ast.Raise,), _raise),
        ((ast.Try,), _try),
        ((ast.Compare,), _compare),
        ((ast.Call,), _call),
        ((ast.For, ast.AsyncFor), _loop),
        ((ast.AugAssign,), _grown),
        ((ast.AST,), _after),
    )
)
