"""The frame around every page: skip link, header, main, footer."""

import functools
from collections.abc import Callable

import reflex as rx

from credit_studio.ui.components.account_frame import account_frame
from credit_studio.ui.components.account_menu import account_menu, phone_menu
from credit_studio.ui.components.balance_widget import balance_widget
from credit_studio.ui.components.notices import notices
from credit_studio.ui.components.parts import icon, link_button, native_link, skeleton
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.session import Session

_MOST_COUNTED = 99
NAV = (("Tools", "/tools/"), ("Pricing", "/pricing/"), ("Docs", "/docs/"))
FOOTER = (("How a price is made", "/docs/#price"), ("Accuracy board", "/accuracy/"), ("API", "/api/docs"), ("Licences", "/docs/#licences"))


def logo() -> rx.Component:
    """A disc over a double rule."""
    return rx.el.svg(
        rx.el.svg.circle(cx="11", cy="7", r="6", fill="currentColor"),
        rx.el.svg.path(d="M2 16.5h18M2 20.5h18", stroke="currentColor", stroke_width="2", stroke_linecap="round"),
        width="22",
        height="22",
        view_box="0 0 22 22",
        fill="none",
        aria_hidden="true",
    )


def framed(page: Callable[[], rx.Component], *, current: str = "", side: str = "") -> Callable[[], rx.Component]:
    """`page` inside the frame; `current` is the navigation entry that it belongs to, `side` the one of the account, if it is a page of that."""

    @functools.wraps(page)
    def whole() -> rx.Component:
        return rx.fragment(
            native_link("Skip to content", href="#main", class_name="skip"),
            _header(current),
            rx.el.main(account_frame(page(), current=side) if side else page(), id="main", class_name="wrap", tab_index=-1),
            _footer(),
            notices(),
        )

    return whole


def _header(current: str) -> rx.Component:
    brand = rx.el.a(logo(), rx.el.span("Credit Studio"), href="/", class_name="brand", aria_label="Credit Studio, home")
    links = [rx.el.li(rx.el.a(label, href=href, **({"aria_current": "page"} if href == current else {}))) for label, href in NAV]
    nav = rx.el.nav(rx.el.ul(*links), class_name="main-nav", aria_label="Main")
    end = rx.el.div(_who(), _bell(), _theme(), account_menu(), phone_menu(NAV, current), class_name="end")
    return rx.el.header(rx.el.div(brand, nav, end, class_name="wrap"), class_name="top-bar")


def _who() -> rx.Component:
    return rx.cond(Session.ready, rx.cond(Session.signed_in, balance_widget(), _visitor()), _unknown())


def _bell() -> rx.Component:
    """The way to the alerts, with how many are new."""
    many = rx.cond(Balance.unread > _MOST_COUNTED, f"{_MOST_COUNTED}+", Balance.unread.to_string())
    count = rx.cond(Balance.unread > 0, rx.el.span(many, class_name="count", aria_hidden="true"), rx.fragment())
    name = rx.cond(Balance.unread > 0, "Alerts, " + Balance.unread.to_string() + " unread", "Alerts")
    return rx.cond(Session.signed_in, rx.el.a(icon("bell"), count, href="/account/alerts/", class_name="btn icon ghost bell", aria_label=name), rx.fragment())


def _visitor() -> rx.Component:
    return rx.fragment(
        link_button("Sign in", "/login/", look="ghost hide-s"),
        link_button("Create account", "/register/", look="pri"),
    )


def _unknown() -> rx.Component:
    """Until the server has said who this is: the widget's own size, so that nothing jumps."""
    bars = rx.el.span(skeleton("124px", "6px"), skeleton("124px", "6px"), class_name="two-bars")
    inner = rx.el.span(rx.el.span("Loading balance", class_name="vh"), skeleton("92px", "16px"), bars, class_name="sum")
    return rx.el.div(inner, class_name="bal", aria_busy="true")


def _theme() -> rx.Component:
    return rx.el.button(
        icon("contrast"),
        type="button",
        class_name="btn icon ghost hide-s",
        aria_label="Light or dark theme",
        title="Light or dark theme",
        on_click=rx.toggle_color_mode,
    )


def _far(label: str, href: str) -> rx.Component:
    """A link of the footer; the API's pages are not part of the app."""
    return native_link(label, href=href) if href.startswith("/api/") else rx.el.a(label, href=href)


def _footer() -> rx.Component:
    zone = rx.cond(Session.zone != "", "Times are in " + Session.zone + ".", "Times are in UTC until you sign in.")
    said = rx.el.p(zone, " A credit is a whole number. No result, no charge.")
    links = rx.el.ul(*[rx.el.li(_far(label, href)) for label, href in FOOTER])
    return rx.el.footer(rx.el.div(said, links, class_name="wrap"), class_name="site")
