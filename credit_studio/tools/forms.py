"""What the page's form needs to know of a tool's inputs, read from the dataclass: one plain dict, made once while the pages are built.

Names are camelCase, as over HTTP. The bounds are those that `tools/validation.py` holds people to: the form only says them earlier.
"""

import dataclasses
import re
import types
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from annotated_types import Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen, MultipleOf

from credit_studio.tools.base import Tool, Ui, camel, jsonable

Plain = dict[str, Any]
_KINDS: dict[type, str] = {bool: "switch", int: "integer", float: "number", str: "text"}
_MARKS: dict[str, tuple[type, str]] = {
    "min": (Ge, "ge"),
    "max": (Le, "le"),
    "above": (Gt, "gt"),
    "below": (Lt, "lt"),
    "step": (MultipleOf, "multiple_of"),
    "minLength": (MinLen, "min_length"),
    "maxLength": (MaxLen, "max_length"),
}
_WIDGETS = ("textarea", "file", "slider")


def form_spec(tool: Tool[Any, Any]) -> Plain:
    """The form of a built tool: `toolId`, `title`, `mode`, `version`, `fields` and the `example` as JSON.

    Raises TypeError for an input that has no `Ui` or whose type has no place in a form.
    """
    if tool.inputs is None:
        raise TypeError(f"{tool.id} is announced and has no inputs yet")
    return {
        "toolId": tool.id,
        "title": tool.title,
        "mode": tool.mode.value,
        "version": tool.version,
        "fields": _fields(tool.inputs),
        "example": jsonable(tool.example),
    }


def _fields(inputs: type[Any]) -> list[Plain]:
    hints = get_type_hints(inputs, include_extras=True)
    return [_field(inputs, field, hints[field.name]) for field in dataclasses.fields(inputs)]


def _field(owner: type[Any], field: dataclasses.Field[Any], hint: Any) -> Plain:  # noqa: ANN401 - a type
    looks = field.metadata.get("ui")
    if not isinstance(looks, Ui):
        raise TypeError(f"{owner.__name__}.{field.name} says no label: declare it with ui(...)")
    bare, bounds, is_optional = _unwrap(hint)
    default = _default(field)
    return {
        "name": camel(field.name),
        "label": looks.label,
        "help": looks.help,
        "kind": _kind(bare, looks, f"{owner.__name__}.{field.name}"),
        "slider": looks.widget == "slider",
        "unit": looks.unit,
        "unitBefore": looks.unit_before,
        "group": looks.group,
        "columnGroup": looks.column_group,
        "accept": looks.accept,
        "encoded": looks.encoded,
        "placeholder": looks.placeholder,
        "serverOnly": looks.server_only,
        "quiet": looks.quiet,
        "required": default is dataclasses.MISSING and not is_optional,
        "nullable": is_optional,
        "default": None if default is dataclasses.MISSING else jsonable(default),
        "choices": _choices(bare, looks),
        **_bounds(bounds),
        **_rows(bare, bounds, looks, f"{owner.__name__}.{field.name}"),
    }


def _unwrap(hint: Any) -> tuple[Any, list[Any], bool]:  # noqa: ANN401 - types and their marks
    """The bare type, its bounds, and whether None is taken."""
    bounds: list[Any] = []
    is_optional = False
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint, *marks = get_args(hint)
            bounds += [one for mark in marks for one in (mark if isinstance(mark, GroupedMetadata) else (mark,))]
        elif origin in (Union, types.UnionType):
            members = [member for member in get_args(hint) if member is not types.NoneType]
            if len(members) != 1:
                return hint, bounds, is_optional
            hint, is_optional = members[0], True
        else:
            return hint, bounds, is_optional


def _kind(bare: Any, looks: Ui, where: str) -> str:  # noqa: ANN401 - a type
    if _is_closed(bare) or looks.choices:
        return "choice"
    if get_origin(bare) is tuple:
        return "rows" if dataclasses.is_dataclass(_item(bare)) else "lines"
    if bare is str and looks.widget in ("textarea", "file"):
        return looks.widget
    if looks.widget and looks.widget not in _WIDGETS:
        raise TypeError(f"{where}: there is no widget {looks.widget!r}")
    kind = _KINDS.get(bare)
    if kind is None:
        raise TypeError(f"{where}: no form field for {bare!r}")
    return kind


def _is_closed(bare: Any) -> bool:  # noqa: ANN401 - a type
    return get_origin(bare) is Literal or (isinstance(bare, type) and issubclass(bare, StrEnum))


def _choices(bare: Any, looks: Ui) -> list[Plain]:  # noqa: ANN401 - a type
    """Value and label of each choice; a closed type without labels shows its values in words."""
    if looks.choices:
        return [{"value": value, "label": label} for value, label in looks.choices]
    if get_origin(bare) is Literal:
        return [{"value": value, "label": _words(str(value))} for value in get_args(bare)]
    if _is_closed(bare):
        return [{"value": one.value, "label": _words(one.value)} for one in cast("type[StrEnum]", bare)]
    return []


def _bounds(marks: list[Any]) -> Plain:
    return {name: next((getattr(mark, kept) for mark in marks if isinstance(mark, kind)), None) for name, (kind, kept) in _MARKS.items()}


def _rows(bare: Any, marks: list[Any], looks: Ui, where: str) -> Plain:  # noqa: ANN401 - a type
    if get_origin(bare) is not tuple:
        return {}
    lengths = _bounds(marks)
    counts: Plain = {"minRows": lengths["minLength"] or 0, "maxRows": lengths["maxLength"]}
    item = _item(bare)
    if dataclasses.is_dataclass(item):
        return counts | {"columns": _fields(cast("type[Any]", item)), "rowName": _row_name(looks, where)}
    kept, of_item, _ = _unwrap(item)
    if kept is not str:
        raise TypeError(f"a list of {kept!r} has no form field; use rows")
    return counts | {"item": _bounds(of_item)}


def _row_name(looks: Ui, where: str) -> str:
    """What one row is called in a sentence: as its field says, or the label in the singular: "trust zone", "story", "class"."""
    if looks.row:
        return looks.row
    for many, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if looks.label.endswith(many):
            name = looks.label.removesuffix(many) + one
            return name if name[1:2].isupper() else name[:1].lower() + name[1:]
    raise TypeError(f"{where}: say what one row is called: row=... in ui(...)")


def _item(bare: Any) -> Any:  # noqa: ANN401 - a type
    """What a tuple holds: `tuple[Risk, ...]` holds Risk."""
    args = get_args(bare)
    if len(args) != 2 or args[1] is not Ellipsis:  # noqa: PLR2004 - the item and the dots
        raise TypeError(f"{bare!r}: a list in a form is tuple[Item, ...]")
    return args[0]


def _default(field: dataclasses.Field[Any]) -> Any:  # noqa: ANN401 - any default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _words(name: str) -> str:
    """Names in words: "CostResource" and "cost_resource" are both "Cost resource"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").lower()
    return spaced[:1].upper() + spaced[1:]
