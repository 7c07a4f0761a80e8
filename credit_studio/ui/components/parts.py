"""Small parts that every page is made of. Look only: no State, no rules."""

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex_components_core.el.elements.inline import A

from credit_studio.tools.base import Availability, Meter, Mode
from credit_studio.tools.registry import AnyTool

Child = rx.Component | rx.Var | str

MODE_ICON = {Mode.CLIENT: "laptop", Mode.HYBRID: "split", Mode.SERVER: "server"}
STATE_WORDS = {
    Availability.AVAILABLE: "Ready",
    Availability.BETA: "Beta",
    Availability.COMING_SOON: "Coming soon",
    Availability.DEPRECATED: "Deprecated",
}
MODE_WORDS = {Mode.CLIENT: "In browser", Mode.HYBRID: "Browser or server", Mode.SERVER: "Server"}


def native_link(*children: Child, href: str, **props: Any) -> rx.Component:  # noqa: ANN401 - attributes of the element
    """A plain anchor: `rx.el.a` navigates inside the app, which knows neither the API's pages nor how to move the focus to a part of this page."""
    return A.create(*children, href=href, **props)


def icon(name: str, *, size: str = "", tone: str = "") -> rx.Component:
    """A lucide icon of 16 px ("s": 14, "l": 20), silent for screen readers: a word always stands beside it."""
    return rx.icon(name, class_name=" ".join(part for part in ("ic", size, tone) if part))


def mode_words(tool: AnyTool) -> str:
    """Where a tool runs, in words."""
    return "Server, by tokens" if tool.meter is Meter.TOKENS else MODE_WORDS[tool.mode]


def state_badges(tool: AnyTool) -> tuple[rx.Component, ...]:
    """A badge for a tool that is not simply there: beta, coming soon, deprecated."""
    looks = {Availability.BETA: ("i", "flask-conical"), Availability.COMING_SOON: ("", "hourglass"), Availability.DEPRECATED: ("w", "triangle-alert")}
    if tool.availability not in looks:
        return ()
    tone, symbol = looks[tool.availability]
    return (badge(STATE_WORDS[tool.availability], tone=tone, symbol=symbol),)


def badge(*children: Child, tone: str = "", symbol: str = "") -> rx.Component:
    """A fact in a word or two; tones: "g" in order, "w" look soon, "b" stopped, "i" running, "line"."""
    return rx.el.span(*([icon(symbol, size="s")] if symbol else []), *children, class_name=f"badge {tone}".strip())


def note(*children: Child, tone: str = "", symbol: str = "info", **props: object) -> rx.Component:
    """Cause, consequence and at most one action, on a soft ground."""
    return rx.el.div(icon(symbol), rx.el.div(*children), class_name=f"note {tone}".strip(), **props)


def card(title: Child, *children: Child, ident: str, aside: Child = "", class_name: str = "") -> rx.Component:
    """A panel with a head. `ident` names it for screen readers."""
    head = rx.el.div(rx.el.h2(title, id=ident), aside, class_name="hd")
    return rx.el.section(head, *children, class_name=f"card {class_name}".strip(), aria_labelledby=ident)


def link_button(label: Child, href: str | rx.Var[str], *, look: str = "", symbol: str = "", **props: object) -> rx.Component:
    """A link that looks like a button; `look`: "pri", "ghost", "lg", "full"."""
    return rx.el.a(*([icon(symbol)] if symbol else []), label, href=href, class_name=f"btn {look}".strip(), **props)


def empty(symbol: str, title: str, why: str, *action: Child) -> rx.Component:
    """Nothing here yet: why, what will stand here, and one way on."""
    return rx.el.div(icon(symbol, size="l"), rx.el.p(title, class_name="strong"), rx.el.p(why, class_name="muted narrow"), *action, class_name="empty")


def skeleton(width: str, height: str) -> rx.Component:
    """A grey bar in the final size; appears after 200 ms."""
    return rx.el.span(class_name="skel", style={"width": width, "height": height})


def waiting(what: str, *, rows: int = 4) -> rx.Component:
    """Rows of skeletons while a list is read."""
    bars = [rx.el.div(skeleton("45%", "14px"), skeleton("44px", "14px"), class_name="row between") for _ in range(rows)]
    return rx.el.div(rx.el.span(f"Loading {what}", class_name="vh"), *bars, class_name="bd stack", aria_busy="true")


def crumbs(*steps: tuple[Child, str | None]) -> rx.Component:
    """Where this page stands; a step without a path is the page itself."""
    items: list[rx.Component] = []
    for index, (label, href) in enumerate(steps):
        if index:
            items.append(icon("chevron-right", size="s"))
        items.append(rx.el.a(label, href=href) if href else rx.el.span(label))
    return rx.el.nav(*items, class_name="crumb", aria_label="Breadcrumb")


def page_head(title: Child, intro: Child = "", *, aside: Sequence[Child] = ()) -> rx.Component:
    """The page's one h1, a sentence, and facts at the right."""
    said = [rx.el.h1(title), *([rx.el.p(intro, class_name="muted prose")] if intro != "" else [])]
    return rx.el.div(rx.el.div(*said, class_name="stack sm"), *([rx.el.div(*aside, class_name="row flow")] if aside else []), class_name="page-hd")


def pager(*, newer: tuple[rx.Var[bool], Any], older: tuple[rx.Var[bool], Any]) -> rx.Component:
    """The ways through a list that has pages, each with whether there is one and what goes there; nothing for a single page."""
    (has_newer, go_newer), (has_older, go_older) = newer, older
    back = rx.el.button(icon("chevron-left"), "Newer", type="button", class_name="btn", disabled=~has_newer, on_click=go_newer)
    on = rx.el.button("Older", icon("chevron-right"), type="button", class_name="btn", disabled=~has_older, on_click=go_older)
    return rx.cond(has_older | has_newer, rx.el.nav(back, on, class_name="pager", aria_label="Pages"), rx.fragment())


def grouped(value: rx.Var[int]) -> rx.Var[str]:
    """A whole number of the State with comma groups and a real minus sign."""
    return rx.Var(f"(({value!s}) ?? 0).toLocaleString('en-GB').replace('-', '\\u2212')", _var_data=value._get_all_var_data()).to(str)  # noqa: SLF001 - Reflex's own way to derive a Var


class Settled(rx.Component):
    """A sentence for screen readers, said once it has stood still for 600 ms."""

    library = f"$/public{rx.asset('./settled.jsx', shared=True)}"
    tag = "Settled"

    text: rx.Var[str]


def credit_word(value: rx.Var[int]) -> rx.Var[str]:
    """The word "credit" for one, else "credits"."""
    return rx.cond(value == 1, "credit", "credits")


def share_of(part: rx.Var[int], whole: rx.Var[int]) -> rx.Var[str]:
    """Where `part` stands on a bar from 0 to `whole`, as a CSS length."""
    return rx.Var(
        f"(Math.min(100, ({part!s}) * 100 / Math.max(1, ({whole!s}))) + '%')",
        _var_data=rx.vars.VarData.merge(part._get_all_var_data(), whole._get_all_var_data()),  # noqa: SLF001 - as above
    ).to(str)
