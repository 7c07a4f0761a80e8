"""What a request may say: the installed SDK's own TypedDicts, found by reading its source, with its enums closed.

The SDK declares an enum as `Literal['a', 'b'] | str`, which lets any word pass; the `str` is taken out by AST. `Literal[''] | str` stays:
it is a text that may be emptied.
"""

import ast
import re
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import stripe
from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict, is_typeddict

from credit_studio.sandbox.errors import ApiError, Body, invalid

_SDK = Path(stripe.__file__).parent
_INTEGER = {"int_parsing", "int_from_float", "int_type"}


def checked(method: str, template: str, given: Body) -> Body:
    """The parameters with their types; raises `ApiError` as Stripe words it. `template` is the route's path with names in braces."""
    adapter = _adapter(method, _plain(template))
    if adapter is None:
        if given and set(given) != {"expand"}:
            raise invalid(f"Received unknown parameter: {next(iter(given))}", param=next(iter(given)), code="parameter_unknown")
        return given
    try:
        return adapter.validate_python(given)
    except ValidationError as problem:
        raise _worded(problem, given) from problem


def known(method: str, template: str) -> bool:
    """True when the SDK has a call for that route."""
    return (method, _plain(template)) in _routes()


def _plain(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


@cache
def _routes() -> dict[tuple[str, str], tuple[str, str] | None]:
    """(method, path) -> the module and name of its TypedDict, or None when the call takes no parameters."""
    found: dict[tuple[str, str], tuple[str, str] | None] = {}
    for path in sorted(_SDK.rglob("_*_service.py")):
        if "v2" not in path.relative_to(_SDK).parts:
            found.update(_of_service(ast.parse(path.read_text())))
    return found


def _of_service(tree: ast.Module) -> Iterable[tuple[tuple[str, str], tuple[str, str] | None]]:
    modules = {alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module for alias in node.names}
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        call = next((node for node in ast.walk(function) if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_request"), None)
        if call is None:
            continue
        words = [node.value for node in ast.walk(call) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        verb = words[0].upper()
        address = next(word for word in words if word.startswith("/v"))
        yield (verb, _plain(address)), _params_of(function, modules)


def _params_of(function: ast.FunctionDef, modules: Mapping[str, str]) -> tuple[str, str] | None:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation is not None:
            name = re.findall(r"\w+Params\b", ast.unparse(argument.annotation))[0]
            return modules[name], name
    return None


@cache
def _adapter(method: str, path: str) -> TypeAdapter[Any] | None:
    found = _routes()[method, path]
    return None if found is None else TypeAdapter(getattr(_closed(found[0]), found[1]))


@cache
def _closed(name: str) -> ModuleType:
    """The SDK's module of parameters once more, with closed enums and no unknown names."""
    source = _SDK.parent.joinpath(*name.split(".")).with_suffix(".py").read_text()
    module = ModuleType(f"{__name__}.{name}")
    module.__dict__.update({"Decimal": Decimal, "Any": Any, "Mapping": Mapping, "TypedDict": TypedDict})
    sys.modules[module.__name__] = module
    tree = ast.fix_missing_locations(_Closing().visit(ast.parse(source)))
    exec(compile(tree, name, "exec"), module.__dict__)  # noqa: S102 - the source is the installed SDK's own
    for value in list(vars(module).values()):
        if is_typeddict(value):
            value.__pydantic_config__ = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    return module


class _Closing(ast.NodeTransformer):
    """Takes the `str` out of every enum, and the options of the SDK's own calls (`idempotency_key`) out of the parameters."""

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """What inherits the options of a call."""
        self.generic_visit(node)
        node.bases = [ast.Name("TypedDict", ast.Load()) if ast.unparse(base) == "RequestOptions" else base for base in node.bases]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Annotations stand in strings."""
        if isinstance(node.value, str) and "Literal[" in node.value:
            try:
                inner = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return node
            return ast.copy_location(ast.Constant(ast.unparse(self.visit(inner))), node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """`Literal['a'] | str`."""
        arms = _without_open(_arms(node))
        joined = arms[0]
        for arm in arms[1:]:
            joined = ast.BinOp(joined, ast.BitOr(), arm)
        return ast.copy_location(joined, node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """`Union[Literal['a'], str]`."""
        self.generic_visit(node)
        if ast.unparse(node.value) == "Union" and isinstance(node.slice, ast.Tuple):
            node.slice.elts = _without_open(node.slice.elts)
        return node


def _arms(node: ast.expr) -> list[ast.expr]:
    return [*_arms(node.left), *_arms(node.right)] if isinstance(node, ast.BinOp) else [node]


def _without_open(arms: list[ast.expr]) -> list[ast.expr]:
    texts = [ast.unparse(arm) for arm in arms]
    enum = any(text.startswith("Literal[") and text != "Literal['']" for text in texts)
    return [arm for arm, text in zip(arms, texts, strict=True) if not (enum and text == "str")]


def _worded(problem: ValidationError, given: Body) -> ApiError:
    """The first thing that is wrong, as Stripe says it: of several arms of a union, the one that got furthest."""
    errors = problem.errors(include_url=False, include_context=False)
    error = max(errors, key=lambda one: len(_param(one["loc"], given, last=one["type"] == "missing")))
    path = _param(error["loc"], given, last=error["type"] == "missing")
    param = path[0] + "".join(f"[{piece}]" for piece in path[1:])
    if error["type"] == "extra_forbidden":
        return invalid(f"Received unknown parameter: {param}", param=param, code="parameter_unknown")
    if error["type"] == "missing":
        return invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    if error["type"] in _INTEGER:
        return invalid(f"Invalid integer: {error['input']}", param=param, code="parameter_invalid_integer")
    if error["type"] == "literal_error":
        return invalid(f"Invalid {param}: {_words(error['msg'])}", param=param)
    return invalid(f"Invalid {param}: {error['msg'].lower()}", param=param)


def _words(message: str) -> str:
    return message.replace("Input should be", "must be one of" if "," in message or " or " in message else "must be").replace("'", "")


def _param(loc: tuple[int | str, ...], given: object, *, last: bool) -> list[str]:
    """The place in the request: pydantic's own place also names the arm of a union, which no caller wrote."""
    path: list[str] = []
    here: Any = given
    for number, piece in enumerate(loc):
        if isinstance(here, Mapping) and piece in here:
            here = cast("Mapping[object, Any]", here)[piece]
        elif isinstance(here, list) and isinstance(piece, int):
            here = cast("list[Any]", here)[piece]
        elif not (last and number == len(loc) - 1):
            continue
        path.append(str(piece))
    return path or [str(loc[0])]
