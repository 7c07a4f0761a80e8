import json
import math
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, Lt, MaxLen, MultipleOf

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import validation
from credit_studio.tools.base import InputError, Mode, Studio, Tool, jsonable, report, ui
from credit_studio.tools.blocks import Figure, KeyFigures, to_json
from credit_studio.ui.local_run import bundle, local, modules


class Colour(StrEnum):
    """A closed set."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Box:
    """A row."""

    name: Annotated[str, Len(1, 5)] = ui("Name", "What it is.")
    low: Annotated[float, Ge(0), Lt(1_000)] = ui("Low", "At least.")
    high: Annotated[float, Gt(0), Le(1_000)] = ui("High", "At most.", default=5.0)


@dataclass(frozen=True)
class Inputs:
    """One input of each kind."""

    boxes: Annotated[tuple[Box, ...], Len(1, 3)] = ui("Boxes", "Each.")
    rounds: Annotated[int, Interval(ge=1_000, le=500_000), MultipleOf(500)] = ui("Rounds", "How many.", default=1_000)
    kind: Literal["flat", "tall"] = ui("Kind", "Its shape.", default="flat")
    colour: Colour = ui("Colour", "Of all.", default=Colour.RED)
    limit: Annotated[float, Ge(0)] | None = ui("Limit", "Or none.", default=None)
    is_fast: bool = ui("Fast", "Skips.", default=False)
    tags: Annotated[tuple[Annotated[str, MaxLen(3)], ...], MaxLen(2)] = ui("Tags", "One a line.", default=())

    def __post_init__(self) -> None:
        """Hold each row to its order."""
        for place, box in enumerate(self.boxes):
            if box.high < box.low:
                raise InputError(f"boxes.{place}.high", f"Must be at least {box.low:g}, the low value.")


@dataclass(frozen=True)
class Output:
    """What the tool gives."""

    mean_low: float
    rounds: int


def _run(inputs: Inputs) -> Output:
    if inputs.rounds == 9_500:
        raise InputError("rounds", "Must not be 9,500 today.")
    report(0.5, "Half")
    return Output(mean_low=math.fsum(box.low for box in inputs.boxes) / len(inputs.boxes), rounds=inputs.rounds)


TOOL = Tool[Inputs, Output](
    id="dev-studio-boxes",
    title="Boxes",
    studio=Studio.DEV,
    mode=Mode.HYBRID,
    cap=5,
    summary="",
    takes="",
    gives="",
    inputs=Inputs,
    example=Inputs(boxes=(Box(name="A", low=0.5),)),
    run=_run,
    present=lambda output: (KeyFigures((Figure("Mean", f"{output.mean_low:g}"),)),),
)

GOOD: dict[str, Any] = {
    "boxes": [{"name": "A", "low": 1, "high": 2.5}, {"name": "Bé", "low": 0.25}],
    "rounds": 2_000,
    "kind": "tall",
    "colour": "blue",
    "limit": 3,
    "isFast": True,
    "tags": ["x"],
}


def _server(raw: object) -> dict[str, str]:
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, raw)
    errors = {error.field: error.message for error in refused.value.errors}
    # A list is also called too short there when its rows do not fit.
    return {field: message for field, message in errors.items() if not any(other.startswith(f"{field}.") for other in errors)}


def _browser(raw: object) -> dict[str, str]:
    return {error["field"]: error["message"] for error in local.run_tool(TOOL, raw)["errors"]}


def test_good_inputs_are_read_as_on_the_server() -> None:
    inputs, errors = local.read(Inputs, GOOD)
    assert errors == []
    assert inputs == validation.parse(TOOL, GOOD)
    assert isinstance(inputs.boxes[0].low, float)
    assert inputs.colour is Colour.BLUE


def test_a_run_gives_the_blocks_and_the_output_of_the_tool() -> None:
    result = local.run_tool(TOOL, GOOD)
    output = _run(validation.parse(TOOL, GOOD))
    assert result == {"blocks": to_json(TOOL.present(output)) if TOOL.present else [], "output": jsonable(output)}


@pytest.mark.parametrize(
    "changed",
    [
        {"rounds": 999},
        {"rounds": 500_500},
        {"rounds": 1_001},
        {"rounds": "2000"},
        {"rounds": True},
        {"rounds": 2_000.5},
        {"rounds": None},
        {"boxes": []},
        {"boxes": GOOD["boxes"] * 2},
        {"boxes": "none"},
        {"boxes": [3]},
        {"boxes": [{"low": 1}]},
        {"boxes": [{"name": "", "low": 1_000, "high": 0}]},
        {"boxes": [{"name": "too long", "low": -1, "high": 1_001}]},
        {"boxes": [{"name": "A", "low": 1, "wide": 2}]},
        {"boxes": [{"name": "A", "low": 1}, {"name": "B", "low": "1"}]},
        {"boxes": [{"name": "A", "low": 9, "high": 8}]},
        {"kind": "round"},
        {"kind": 1},
        {"limit": -1},
        {"limit": "none"},
        {"isFast": 1},
        {"isFast": "true"},
        {"tags": ["a", "b", "c"]},
        {"tags": ["long"]},
        {"tags": [1]},
        {"other": 1},
    ],
    ids=lambda changed: json.dumps(changed, ensure_ascii=False)[:60],
)
def test_what_the_server_refuses_the_browser_refuses_in_the_same_words(changed: dict[str, Any]) -> None:
    raw = GOOD | changed
    assert _browser(raw) == _server(raw)


def test_a_missing_input_and_a_wrong_shape_are_named() -> None:
    assert _browser({}) == _server({}) == {"boxes": "Is needed."}
    assert _browser([1]) == _server([1])


def test_numbers_that_are_not_finite_are_refused() -> None:
    for number in (math.nan, math.inf, 10**400):
        assert _browser(GOOD | {"limit": number}) == {"limit": "Must be a finite number."}


def test_a_closed_set_is_held_to() -> None:
    assert _browser(GOOD | {"colour": "green"}) == {"colour": "Must be one of 'red' or 'blue'."}


def test_what_makes_no_sense_to_the_tool_is_named_at_its_field() -> None:
    assert _browser(GOOD | {"rounds": 9_500}) == {"rounds": "Must not be 9,500 today."}


@dataclass(frozen=True)
class Packed:
    """What a build wrote."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What the worker reads first."""
        return json.loads((self.folder / "manifest.json").read_text())

    def names(self, url: str) -> set[str]:
        """The files of the archive at an address."""
        return set(zipfile.ZipFile(self.folder.parent / url.lstrip("/")).namelist())

    def urls(self, tool_id: str) -> list[str]:
        """The archives that a run of a tool loads, the shared one first."""
        made = self.manifest
        return [made["base"]["url"], *(made["packs"][name]["url"] for name in made["tools"][tool_id]["packs"])]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return Packed(bundle.build(tmp_path_factory.mktemp("assets")))


def test_each_tool_has_all_its_files_and_nothing_of_the_server(packed: Packed) -> None:
    tools = packed.manifest["tools"]
    assert list(tools) == [tool.id for tool in bundle.browser_tools()]
    for tool_id, entry in tools.items():
        names = set().union(*map(packed.names, packed.urls(tool_id)))
        needed = modules.closure({entry["module"]})
        assert {path for name in needed for path, _ in modules.files_of(name)} <= names
        assert not [name for name in names if name.startswith(("credit_studio/db", "credit_studio/ui", "pydantic", "numpy", "pandas"))]


def test_what_all_share_is_small_and_a_file_stands_in_one_archive_only(packed: Packed) -> None:
    made = packed.manifest
    names = [name for entry in (made["base"], *made["packs"].values()) for name in packed.names(entry["url"])]
    assert len(names) == len(set(names))
    assert made["base"]["size"] < 30_000
    for entry in made["packs"].values():
        assert entry["size"] == (packed.folder.parent / entry["url"].lstrip("/")).stat().st_size


def test_a_tool_loads_only_its_own(packed: Packed) -> None:
    packs = packed.manifest["tools"]["cyber-studio-risk-register"]["packs"]
    assert packs == ["cyber-risk_register"]
    assert bundle.pack_of("credit_studio.tools.data.sql.reading") == "data-sql"
    assert (bundle.pack_of("networkx.utils"), bundle.pack_of("credit_studio.tools.cyber")) == ("networkx", "base")


def test_building_again_changes_nothing(packed: Packed) -> None:
    before = {path: path.stat().st_mtime_ns for path in packed.folder.iterdir()}
    assert bundle.build(packed.folder.parent) == packed.folder
    assert {path: path.stat().st_mtime_ns for path in packed.folder.iterdir()} == before


def test_an_archive_that_is_not_current_goes(packed: Packed) -> None:
    old = packed.folder / "cyber-risk-register-0000000000000000.zip"
    old.write_bytes(b"")
    bundle.build(packed.folder.parent)
    assert not old.exists()


_ALONE = """
import json, sys
sys.path[:] = [sys.argv[1]] + [path for path in sys.path if "site-packages" not in path and path != ""]
import local
heard = []
result = json.loads(local.run(sys.argv[2], sys.stdin.read(), lambda share, doing: heard.append(share)))
print(json.dumps({"result": result, "heard": heard, "from": local.__file__}))
"""


@pytest.mark.parametrize("tool", bundle.browser_tools(), ids=lambda tool: tool.id)
def test_a_tool_runs_from_its_archives_alone_and_gives_what_it_gives_here(packed: Packed, tmp_path: Path, tool: Tool[Any, Any]) -> None:
    for url in packed.urls(tool.id):
        zipfile.ZipFile(packed.folder.parent / url.lstrip("/")).extractall(tmp_path)
    module = packed.manifest["tools"][tool.id]["module"]
    inputs = json.dumps(validation.example_json(tool))
    done = subprocess.run([sys.executable, "-I", "-c", _ALONE, str(tmp_path), module], input=inputs, capture_output=True, text=True, check=True, cwd=tmp_path)
    said = json.loads(done.stdout)
    assert said["from"].startswith(str(tmp_path))
    assert said["result"] == json.loads(json.dumps(local.run_tool(tool, json.loads(inputs))))


def test_a_module_that_is_not_pure_python_cannot_go_to_the_browser() -> None:
    with pytest.raises(ImportError, match="not pure Python"):
        modules.source("pydantic_core._pydantic_core")


@pytest.mark.parametrize("library", ["networkx", "sqlglot", "packaging.requirements", "ruamel.yaml"])
def test_of_a_library_only_itself_is_packed_and_not_what_it_would_use_if_it_were_there(library: str) -> None:
    found = modules.closure({library})
    assert library in found
    assert {name.partition(".")[0] for name in found} == {library.partition(".")[0]}


def test_what_a_library_imports_by_names_that_it_makes_is_packed() -> None:
    assert {"sqlglot.dialects.postgres", "sqlglot.dialects.mysql"} <= modules.closure({"sqlglot"})
