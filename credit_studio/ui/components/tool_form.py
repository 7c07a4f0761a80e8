"""The form of a tool: it holds the values in the page and says them to the State as they change."""

from typing import Any

import reflex as rx

from credit_studio.tools.base import Tool
from credit_studio.tools.forms import form_spec
from credit_studio.ui.components.browser import ICONS, PYTHON, library

Values = rx.event.passthrough_event_spec(dict)


class ToolForm(rx.Component):
    """See `browser/tool_form.jsx`. Runs start from elements with `data-cs-run="server"` or `"local"`, or by Ctrl+Enter."""

    library = library("tool_form.jsx")
    tag = "ToolForm"
    lib_dependencies: list[str] = [ICONS, PYTHON]  # noqa: RUF012 - Reflex's own way to say it

    spec: rx.Var[dict[str, Any]]
    errors: rx.Var[list[dict[str, str]]]
    signed_in: rx.Var[bool]
    sign_in_url: rx.Var[str]
    shown: rx.Var[str]

    on_change: rx.EventHandler[Values]
    on_run: rx.EventHandler[Values]


def tool_form(
    tool: Tool[Any, Any],
    *,
    on_change: Any,  # noqa: ANN401 - an event handler
    on_run: Any,  # noqa: ANN401 - an event handler
    errors: Any,  # noqa: ANN401 - a Var or a list of {field, message}
    signed_in: Any = False,  # noqa: ANN401 - a Var or a bool
    sign_in_url: Any = "/login",  # noqa: ANN401 - a Var or a str
    shown: Any = "",  # noqa: ANN401 - a Var or a str
) -> rx.Component:
    """The form. `on_change(values)` asks for a price, `on_run(values)` for a server run; both take the inputs as the API does.

    `errors` are the server's, as {field, message} with dotted camelCase paths. `shown` is the id of the server run whose result is
    shown: when it changes, the inputs of that run become what later changes are compared with. For a tool that only runs in the
    browser neither handler is ever called, and while a hybrid tool's "local" choice is on, `on_change` is not: nothing is sent then.
    """
    return ToolForm.create(spec=form_spec(tool), errors=errors, signed_in=signed_in, sign_in_url=sign_in_url, shown=shown, on_change=on_change, on_run=on_run)
