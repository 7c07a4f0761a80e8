"""HTML out of nested calls. Text is escaped where it enters; only what `tag` made goes through as it is."""

from collections.abc import Iterable
from html import escape

EMPTY = {"input", "br", "hr", "link", "meta"}


class Html(str):
    """Markup that is safe to put into a page."""

    __slots__ = ()


Child = str | Html | None | Iterable["Child"]


def tag(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """One element: `tag("a", "Pay", href="/x", aria_label="Pay now", class_="button")`. False and None leave an attribute out."""
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opened if name in EMPTY else f"{opened}{join(children)}</{name}>")


def join(children: Child) -> Html:
    """The children one after the other, each escaped unless it is markup already."""
    if children is None:
        return Html()
    if isinstance(children, Html):
        return children
    if isinstance(children, str):
        return Html(escape(children))
    return Html("".join(join(child) for child in children))


def _attribute(key: str, value: str | float | bool | None) -> str:  # noqa: FBT001 - HTML has attributes that are on or off
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
