import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Interval, Le, Len, MaxLen, MinLen, MultipleOf

from credit_studio.tools.base import Mode, Studio, Tool, ui
from credit_studio.tools.forms import form_spec


class Colour(StrEnum):
    """A closed set."""

    DEEP_RED = "deep_red"
    BLUE = "blue"


@dataclass(frozen=True)
class BoxSize:
    """A row."""

    name: Annotated[str, MinLen(1), MaxLen(60)] = ui("Name", "What it is.")
    width: Annotated[float, Gt(0), Le(10)] = ui("Width", "Of one.", unit="m", column_group="Size")
    kind: Literal["flat", "tall"] = ui("Kind", "Its shape.", default="flat")


@dataclass(frozen=True)
class Inputs:
    """One field of each kind."""

    boxes: Annotated[tuple[BoxSize, ...], Len(1, 3)] = ui("Boxes", "Each box.", group="Boxes")
    count: Annotated[int, Interval(ge=1, le=500), MultipleOf(5)] = ui("Count", "How many.", default=10, widget="slider")
    colour: Colour = ui("Colour", "Of all.", default=Colour.BLUE)
    text: Annotated[str, MaxLen(1000)] = ui("Table", "A CSV.", default="", widget="file", accept=".csv")
    dialect: str = ui("Dialect", "Of the SQL.", default="pg", choices=(("pg", "PostgreSQL"), ("my", "MySQL")))
    limit: Annotated[float, Ge(0)] | None = ui("Limit", "Empty for none.", default=None, unit="£", unit_before=True)
    is_fast: bool = ui("Fast", "Skips checks.", default=True, server_only=True, quiet=True)
    tags: Annotated[tuple[Annotated[str, MaxLen(20)], ...], MaxLen(9)] = ui("Tags", "One a line.", default=())


def _spec(inputs: type[Any] = Inputs, example: object | None = None) -> dict[str, Any]:
    given = example or Inputs(boxes=(BoxSize(name="A", width=1.5),))
    tool = Tool[Any, Any](
        id="dev-studio-boxes",
        title="Boxes",
        studio=Studio.DEV,
        mode=Mode.HYBRID,
        cap=5,
        summary="",
        takes="",
        gives="",
        inputs=inputs,
        example=given,
    )
    return form_spec(tool)


def _named(name: str) -> dict[str, Any]:
    return next(field for field in _spec()["fields"] if field["name"] == name)


def test_the_form_says_which_tool_it_is_for_and_carries_its_example() -> None:
    spec = _spec()
    assert (spec["toolId"], spec["title"], spec["mode"]) == ("dev-studio-boxes", "Boxes", "hybrid")
    assert spec["example"]["boxes"] == [{"name": "A", "width": 1.5, "kind": "flat"}]
    assert spec["example"]["isFast"] is True


def test_every_kind_of_input_has_a_kind_of_field() -> None:
    kinds = {field["name"]: field["kind"] for field in _spec()["fields"]}
    assert kinds == {
        "boxes": "rows",
        "count": "integer",
        "colour": "choice",
        "text": "file",
        "dialect": "choice",
        "limit": "number",
        "isFast": "switch",
        "tags": "lines",
    }


def test_bounds_are_read_from_the_type_also_when_grouped() -> None:
    count = _named("count")
    assert (count["min"], count["max"], count["step"], count["slider"], count["default"]) == (1, 500, 5, True, 10)
    assert _named("text")["maxLength"] == 1000
    assert _named("tags")["item"]["maxLength"] == 20
    assert (_named("tags")["minRows"], _named("tags")["maxRows"]) == (0, 9)


def test_an_optional_number_keeps_its_bound_and_may_be_empty() -> None:
    limit = _named("limit")
    assert (limit["min"], limit["nullable"], limit["required"], limit["default"]) == (0, True, False, None)
    assert (limit["unit"], limit["unitBefore"]) == ("£", True)


def test_rows_carry_their_columns_and_how_many_there_may_be() -> None:
    boxes = _named("boxes")
    assert (boxes["minRows"], boxes["maxRows"], boxes["rowName"], boxes["group"], boxes["required"]) == (1, 3, "box", "Boxes", True)
    name, width, kind = boxes["columns"]
    assert (name["minLength"], name["maxLength"], name["required"]) == (1, 60, True)
    assert (width["above"], width["max"], width["unit"], width["columnGroup"]) == (0, 10, "m", "Size")
    assert [choice["value"] for choice in kind["choices"]] == ["flat", "tall"]


@pytest.mark.parametrize(
    ("label", "row", "name"),
    [
        ("Trust zones", "", "trust zone"),
        ("Stories", "", "story"),
        ("Data classes", "", "data class"),
        ("VPNs", "", "VPN"),
        ("People", "person", "person"),
    ],
)
def test_a_row_is_called_by_what_its_list_is_called(label: str, row: str, name: str) -> None:
    made = dataclasses.make_dataclass("Made", [("rows", tuple[BoxSize, ...], ui(label, "Each.", row=row))], frozen=True)
    assert _spec(made, made(rows=()))["fields"][0]["rowName"] == name


def test_a_list_whose_label_has_no_singular_must_say_what_a_row_is() -> None:
    made = dataclasses.make_dataclass("Made", [("rows", tuple[BoxSize, ...], ui("Evidence", "Each."))], frozen=True)
    with pytest.raises(TypeError, match=r"Made\.rows: say what one row is called"):
        _spec(made, made(rows=()))


def test_choices_are_named_for_people() -> None:
    assert _named("colour")["choices"] == [{"value": "deep_red", "label": "Deep red"}, {"value": "blue", "label": "Blue"}]
    assert _named("colour")["default"] == "blue"
    assert _named("dialect")["choices"][0] == {"value": "pg", "label": "PostgreSQL"}


def test_an_input_without_a_label_is_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Bare:
        size: int = 1

    with pytest.raises(TypeError, match=r"Bare\.size says no label"):
        _spec(Bare, Bare())


def test_an_input_that_no_field_can_take_is_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Odd:
        table: dict[str, int] = ui("Table", "No field for this.")

    with pytest.raises(TypeError, match=r"Odd\.table: no form field"):
        _spec(Odd, Odd({}))


def test_a_tool_that_is_only_announced_has_no_form() -> None:
    coming = Tool[None, None](id="dev-studio-x", title="X", studio=Studio.DEV, mode=Mode.CLIENT, cap=0, summary="", takes="", gives="")
    with pytest.raises(TypeError, match="announced"):
        form_spec(coming)


def test_a_quiet_field_says_so() -> None:
    assert [field["name"] for field in _spec()["fields"] if field["quiet"]] == ["isFast"]
