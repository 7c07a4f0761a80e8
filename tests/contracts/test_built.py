"""Every built tool: its example runs, gives the same twice and everywhere, and what it gives can be drawn."""

import ast
import dataclasses
import functools
import importlib.util
import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MaxLen

from credit_studio.tools import blocks, registry, validation
from credit_studio.tools.base import Mode, Tool, Ui, camel, jsonable
from credit_studio.ui.local_run import local
from tests.contracts import drawing, shapes

BUILT = [tool for tool in registry.all_tools() if tool.is_built]
LOCAL = [tool for tool in BUILT if tool.mode is not Mode.SERVER]
of_each = pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
of_each_local = pytest.mark.parametrize("tool", LOCAL, ids=lambda tool: tool.id)


PURE = {"annotated_types", "cvss", "networkx", "packaging", "ruamel", "sqlglot"}
"""Packages without a compiled part that browser tools may import."""


@functools.cache
def output_of(tool: registry.AnyTool) -> Any:
    """What the tool gives for its example, run in this process."""
    assert tool.run is not None
    return tool.run(validation.parse(tool, validation.example_json(tool)))


def blocks_of(tool: registry.AnyTool) -> tuple[Any, ...]:
    assert tool.present is not None
    return tool.present(output_of(tool))


@of_each
def test_the_example_is_what_it_reads_as(tool: registry.AnyTool) -> None:
    given = validation.example_json(tool)
    assert shapes.unplain(given) == []
    assert validation.parse(tool, given) == tool.example
    assert validation.parse_stored(tool, validation.dump(tool.example)) == tool.example


@of_each
def test_the_same_inputs_give_the_same_output(tool: registry.AnyTool) -> None:
    assert tool.run is not None
    again = tool.run(validation.parse(tool, validation.example_json(tool)))
    assert json.dumps(jsonable(again)) == json.dumps(jsonable(output_of(tool)))


@of_each
def test_the_output_is_plain_json_within_the_tools_limit(tool: registry.AnyTool) -> None:
    given = jsonable(output_of(tool))
    assert isinstance(given, dict)
    assert shapes.unplain(given) == []
    assert len(json.dumps(given, allow_nan=False)) <= tool.limits.output_bytes


@of_each
def test_what_it_presents_has_the_shape_of_blocks(tool: registry.AnyTool) -> None:
    made = blocks_of(tool)
    assert made
    assert shapes.misfits(tuple[blocks.Block, ...], made) == []
    assert shapes.unplain(blocks.to_json(made)) == []
    assert [type(block) for block in made].count(blocks.KeyFigures) == 1
    assert isinstance(made[0], blocks.KeyFigures)


@of_each
def test_what_it_presents_can_be_drawn(tool: registry.AnyTool) -> None:
    assert [fault for block in blocks_of(tool) for fault in drawing.faults(block)] == []


# --- inputs -----------------------------------------------------------------------------------------------------------------


@of_each
def test_every_input_has_a_label_a_help_line_and_bounds(tool: registry.AnyTool) -> None:
    assert tool.inputs is not None
    assert [fault for path, field, hint in _inputs(tool.inputs) for fault in _undeclared(path, field, hint)] == []


@of_each
def test_the_schema_tells_the_label_of_every_input(tool: registry.AnyTool) -> None:
    assert tool.inputs is not None
    schema = validation.input_schema(tool)
    assert set(schema["properties"]) == {camel(field.name) for field in dataclasses.fields(tool.inputs)}
    assert all(one["title"] and one["description"] for one in schema["properties"].values())
    assert schema["additionalProperties"] is False


def _inputs(cls: Any, path: str = "") -> Iterator[tuple[str, dataclasses.Field[Any], Any]]:
    hints = get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        yield f"{path}{field.name}", field, hints[field.name]
        for inner in _inside(hints[field.name]):
            yield from _inputs(inner, f"{path}{field.name}.")


def _inside(hint: Any) -> Iterator[Any]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for arg in get_args(hint):
        yield from _inside(arg)


def _undeclared(path: str, field: dataclasses.Field[Any], hint: Any) -> Iterator[str]:
    looks = field.metadata.get("ui")
    if not isinstance(looks, Ui) or not looks.label or len(looks.help) < 10:
        yield f"{path}: no label or no help line"
    elif not looks.help.endswith("."):
        yield f"{path}: help is a sentence"
    yield from _unbounded(path, hint)


def _unbounded(path: str, hint: Any) -> Iterator[str]:
    bare, marks = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    kinds = {type(one) for mark in marks for one in _flat(mark)}
    if get_origin(bare) in (Union, types.UnionType):
        for arg in get_args(bare):
            yield from () if arg is types.NoneType else _unbounded(path, Annotated[arg, *marks] if marks else arg)
    elif bare in (int, float) and not (kinds & {Ge, Gt} and kinds & {Le, Lt}):
        yield f"{path}: a number without a least and a most"
    elif (bare is str or get_origin(bare) is tuple) and MaxLen not in kinds:
        yield f"{path}: as long as anybody likes"
    if get_origin(bare) is tuple:
        yield from _unbounded(f"{path}.*", get_args(bare)[0])


def _flat(mark: Any) -> tuple[Any, ...]:
    return tuple(mark) if isinstance(mark, GroupedMetadata) else (mark,)


def test_an_input_without_bounds_would_be_noticed() -> None:
    assert list(_unbounded("a", str))
    assert list(_unbounded("a", Annotated[int, Ge(0)]))
    assert list(_unbounded("a", Annotated[tuple[str, ...], MaxLen(3)]))
    assert not list(_unbounded("a", Annotated[tuple[Annotated[str, MaxLen(3)], ...], MaxLen(3)]))


# --- in the browser ---------------------------------------------------------------------------------------------------------


@of_each_local
def test_the_browsers_side_gives_what_the_server_gives(tool: registry.AnyTool) -> None:
    given = local.run_tool(tool, json.loads(json.dumps(validation.example_json(tool))))
    assert given == {"blocks": blocks.to_json(blocks_of(tool)), "output": jsonable(output_of(tool))}


@of_each_local
def test_what_runs_in_the_browser_imports_nothing_that_is_not_there(tool: registry.AnyTool) -> None:
    """Its file and those of the studio that it asks: the standard library, and what is pure Python."""
    ahead, seen = [_file_of(tool)], set[Path]()
    while ahead:
        file = ahead.pop()
        seen.add(file)
        for name in _imported(file):
            found = importlib.util.find_spec(name) if name.startswith("credit_studio.tools.") else None
            assert found or name.split(".")[0] in {*sys.stdlib_module_names, *PURE}, f"{file}: {name}"
            if found and found.origin and Path(found.origin) not in seen:
                ahead.append(Path(found.origin))


def _file_of(tool: Tool[Any, Any]) -> Path:
    rooms = [module for name, module in list(sys.modules.items()) if name.startswith("credit_studio.tools.")]
    found = [module for module in rooms if getattr(module, "TOOL", None) is tool]
    assert len(found) == 1
    return Path(found[0].__file__ or "")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            whole = node.module or ""
            yield from ({f"{whole}.{alias.name}" for alias in node.names} if whole == "credit_studio.tools" else {whole})
