"""404, and what stands where a page broke."""

import reflex as rx

from credit_studio.ui.components.parts import link_button, native_link


def not_found() -> rx.Component:
    """No such page."""
    ways = (link_button("See all tools", "/tools/", look="pri"), link_button("Go to the start", "/"))
    return _plain("There is no page here", "The address is wrong, or the page has moved.", *ways)


def broken() -> rx.Component:
    """The page itself failed in the browser. An empty address is this page, loaded anew."""
    ways = (native_link("Load this page again", href="", class_name="btn pri"), native_link("Go to the start", href="/", class_name="btn"))
    return rx.el.main(
        _plain("This page broke", "Nothing was charged by it. A server run that had started goes on and stands in your account.", *ways), class_name="wrap"
    )


def _plain(title: str, said: str, *actions: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.h1(title), rx.el.p(said, class_name="muted"), rx.el.div(*actions, class_name="row flow"), class_name="stack lost")
