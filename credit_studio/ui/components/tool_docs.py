"""The tools as the docs list them: what each takes and gives, and its inputs, from the registry."""

from typing import Any

import reflex as rx

from credit_studio.tools.base import Studio
from credit_studio.tools.forms import form_spec
from credit_studio.tools.registry import AnyTool, all_tools
from credit_studio.ui.components.parts import STATE_WORDS, mode_words

_KINDS = {
    "text": "text",
    "textarea": "text",
    "file": "file or text",
    "integer": "whole number",
    "number": "number",
    "switch": "yes or no",
    "choice": "choice",
    "rows": "rows",
    "lines": "lines",
}


def tool_docs() -> rx.Component:
    """All tools by studio, each folded to its name."""
    return rx.el.div(*[_studio(studio) for studio in Studio], class_name="stack xl")


def _studio(studio: Studio) -> rx.Component:
    tools = [_tool(tool) for tool in all_tools() if tool.studio is studio]
    return rx.el.section(rx.el.h3(studio.label), rx.el.div(*tools, class_name="card folds"))


def _tool(tool: AnyTool) -> rx.Component:
    where = mode_words(tool) if tool.is_built else STATE_WORDS[tool.availability]
    head = rx.el.summary(rx.el.span(tool.title, class_name="strong"), " ", rx.el.span(where, class_name="muted small"))
    takes = rx.el.p(tool.summary, " Takes ", tool.takes, "; gives ", tool.gives, ".")
    links = rx.el.p(rx.el.a("Open the tool", href=f"{tool.path}/"), ", in the API ", rx.el.code(tool.id), ".")
    return rx.el.details(head, rx.el.div(takes, *_inputs(tool), links, class_name="stack sm bd"))


def _inputs(tool: AnyTool) -> tuple[rx.Component, ...]:
    if not tool.is_built:
        return ()
    return (rx.el.dl(*[_input(field) for field in form_spec(tool)["fields"]], class_name="kv inputs"),)


def _input(field: dict[str, Any]) -> rx.Component:
    columns = "; ".join(_column(column) for column in field.get("columns", ()))
    told = [rx.el.span(field["help"])] if field["help"] else []
    told += [rx.el.span(f" Each with: {columns}.")] if columns else []
    kind = f"{_KINDS[field['kind']]}{_range(field)}" + (", needed" if field["required"] else "")
    return rx.el.div(rx.el.dt(field["label"], rx.el.br(), rx.el.code(field["name"])), rx.el.dd(rx.el.span(kind, class_name="muted small"), rx.el.br(), *told))


def _column(column: dict[str, Any]) -> str:
    """The head of a column, with that of its group: "Times a year, low"."""
    group, label = column["columnGroup"], column["label"]
    return f"{group}, {label[0].lower()}{label[1:]}" if group else label


def _range(field: dict[str, Any]) -> str:
    """The bounds of a number, the choices of a choice, the most characters of a text: ", 1 to 50"."""
    if field["choices"]:
        return ": " + "; ".join(str(choice["label"]) for choice in field["choices"])
    least, most = (field[name] if field[name] is not None else field[other] for name, other in (("min", "above"), ("max", "below")))
    if least is not None and most is not None:
        return f", {least:,} to {most:,}"
    longest = field["maxLength"]
    unit = "" if "maxRows" in field else " characters"
    return f", at most {longest:,}{unit}" if longest else ""
