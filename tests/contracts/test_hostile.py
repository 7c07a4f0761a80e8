"""Hostile values in every input of every built tool: refused as inputs, never as a fault of ours."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from credit_studio.core import ids
from credit_studio.core.actor import Actor
from credit_studio.core.errors import InvalidInputs
from credit_studio.runs import flow
from credit_studio.tools import registry, validation
from credit_studio.tools.base import InputError, Mode

BUILT = [tool for tool in registry.all_tools() if tool.is_built]
Path = tuple[str | int, ...]

DEEP: list[Any] = []
for _ in range(100_000):
    DEEP = [DEEP]

NEVER: dict[str, Any] = {
    "null": None,
    "not a number": float("nan"),
    "infinity": float("-inf"),
    "an object": {"uploadId": 7},
    "nested lists": [[[["x"]]]],
    "too deep": DEEP,
    "a number of 5,000 digits": 10**5_000,
    "a number beyond every bound": -(10**30),
    "half a surrogate pair": "a\ud800b",
    "bytes": b"\xff\x00",
    "a set": {1},
    "no JSON at all": object(),
    "a key that is no text": {(1, 2): 3},
}
"""What fits no input of any tool."""

PERHAPS: dict[str, Any] = {
    "true": True,
    "zero": 0,
    "minus one": -1,
    "half": 0.5,
    "empty": "",
    "a number as text": "2000",
    "a formula": '=HYPERLINK("http://evil.example","x")',
    "another formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "control characters": "a\x00b\x1b[31mc\r\n\x7f\u202e",
    "markup": "<img src=x onerror=alert(1)>{{7*7}}",
    "quotes": "'; DROP TABLE account; --",
    "much text": "x" * 200_000,
    "an astral character": "\U0001f4a9" * 50,
    "an empty list": [],
    "a long list": [None] * 5_000,
}
"""What may fit a text, a number or a list: then it is taken, else refused."""


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in an example, the first item of each list."""
    if path:
        yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _paths(item, (*path, name))
    elif isinstance(value, list) and value:
        yield from _paths(value[0], (*path, 0))


def _with(example: Any, path: Path, value: Any) -> Any:
    changed = copy.deepcopy(example)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return changed


PLACES = [pytest.param(tool, path, id=f"{tool.id}:{'.'.join(map(str, path))}") for tool in BUILT for path in _paths(validation.example_json(tool))]
of_each_place = pytest.mark.parametrize(("tool", "path"), PLACES)


@of_each_place
def test_what_fits_nothing_is_refused(tool: registry.AnyTool, path: Path) -> None:
    example = validation.example_json(tool)
    for what, value in NEVER.items():
        with pytest.raises(InvalidInputs) as refused:
            validation.parse(tool, _with(example, path, value))
        assert refused.value.errors, what
        for error in refused.value.errors:
            assert error.field, what
            assert 3 < len(error.message) < 500, what
            assert error.message.isprintable(), what


@of_each_place
def test_a_wrong_type_is_refused_by_the_name_of_its_field(tool: registry.AnyTool, path: Path) -> None:
    for value in (None, {"uploadId": 7}, float("nan")):
        with pytest.raises(InvalidInputs) as refused:
            validation.parse(tool, _with(validation.example_json(tool), path, value))
        named = ".".join(map(str, path))
        assert any(error.field == named or error.field.startswith(f"{named}.") for error in refused.value.errors)


@of_each_place
def test_what_may_fit_is_taken_or_refused_and_nothing_else(tool: registry.AnyTool, path: Path) -> None:
    for what, value in PERHAPS.items():
        try:
            taken = validation.parse(tool, _with(validation.example_json(tool), path, value))
        except InvalidInputs:
            continue
        else:
            assert validation.parse_stored(tool, validation.dump(taken)) == taken, what


@pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
def test_hostile_text_that_is_taken_is_worked_on_like_any_other(tool: registry.AnyTool) -> None:
    assert tool.run is not None
    assert tool.present is not None
    example = validation.example_json(tool)
    texts = [path for path in _paths(example) if isinstance(_at(example, path), str)]
    for path in texts:
        for what in ("a formula", "control characters", "markup", "quotes", "much text"):
            try:
                output = tool.run(validation.parse(tool, _with(example, path, PERHAPS[what])))
            except (InvalidInputs, InputError):
                continue
            else:
                assert tool.present(output), what


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
@pytest.mark.parametrize("raw", [None, [], "text", 7, True, float("nan"), b"{}", {}, {"": 1}, {"__class__": {}}], ids=repr)
def test_inputs_that_are_none_are_refused(tool: registry.AnyTool, raw: object) -> None:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(tool, raw)
    assert refused.value.errors


@pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
def test_an_unknown_input_is_refused_at_every_depth(tool: registry.AnyTool) -> None:
    example = validation.example_json(tool)
    objects: list[Path] = [()] + [path for path in _paths(example) if isinstance(_at(example, path), dict)]
    for path in objects:
        with pytest.raises(InvalidInputs) as refused:
            validation.parse(tool, _with(example, (*path, "noSuchInput"), 1))
        assert [error.field for error in refused.value.errors] == [".".join(map(str, (*path, "noSuchInput")))]


@pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
def test_thousands_of_mistakes_are_told_briefly(tool: registry.AnyTool) -> None:
    raw = validation.example_json(tool) | {f"unknown{number}": number for number in range(5_000)}
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(tool, raw)
    assert len(refused.value.errors) <= 50


@pytest.mark.parametrize("tool", BUILT, ids=lambda tool: tool.id)
def test_an_example_is_not_changed_by_who_reads_it(tool: registry.AnyTool) -> None:
    before = json.dumps(validation.example_json(tool))
    validation.example_json(tool).clear()
    assert json.dumps(validation.example_json(tool)) == before


@pytest.mark.parametrize("tool", [tool for tool in BUILT if tool.mode is not Mode.CLIENT], ids=lambda tool: tool.id)
async def test_what_no_fingerprint_can_be_made_of_is_refused_before_anything_is_read(tool: registry.AnyTool) -> None:
    for what in ("too deep", "a number of 5,000 digits", "a key that is no text"):
        with pytest.raises(InvalidInputs):
            await flow.start(Actor(user_id=ids.new_id()), tool_id=tool.id, inputs={"x": NEVER[what]})
