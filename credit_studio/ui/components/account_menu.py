"""The account menu, the phone's menu, and signing out."""

import reflex as rx

from credit_studio.ui.components.account_frame import LINKS, OPERATING
from credit_studio.ui.components.parts import icon
from credit_studio.ui.states.session import Session

_asset = rx.asset("./account.jsx", shared=True)


class Menu(rx.Component):
    """A button that opens a list of links: closes on Escape, on a click elsewhere and on leaving it."""

    library = f"$/public{_asset}"
    tag = "Menu"

    label: rx.Var[str]
    look: rx.Var[str]


class SignOut(rx.Component):
    """Ends the session over HTTP, then loads the landing page anew: a websocket keeps its headers for life."""

    library = f"$/public{_asset}"
    tag = "SignOut"


def account_menu() -> rx.Component:
    """The round button with the person's initial."""
    entries = (
        rx.el.p(rx.el.b(Session.name, class_name="strong"), rx.el.span(Session.email, class_name="muted small"), class_name="menu-who"),
        *[rx.el.a(icon(symbol), label, href=href) for href, label, symbol in LINKS],
        _operators(has_icons=True),
        SignOut.create(),
    )
    return rx.cond(
        Session.signed_in,
        Menu.create(rx.el.span(Session.initial), *entries, label=Session.initial + ", account menu, " + Session.email, look="avatar hide-s"),
        rx.fragment(),
    )


def phone_menu(nav: tuple[tuple[str, str], ...], current: str) -> rx.Component:
    """Everything of the header that a phone has no room for."""
    links = [rx.el.a(label, href=href, **({"aria_current": "page"} if href == current else {})) for label, href in nav]
    person = rx.cond(
        Session.signed_in,
        rx.fragment(*[rx.el.a(label, href=href) for href, label, _ in LINKS], _operators(), SignOut.create()),
        rx.fragment(rx.el.a("Sign in", href="/login/"), rx.el.a("Create account", href="/register/")),
    )
    theme = rx.el.button(icon("contrast"), "Light or dark theme", type="button", on_click=rx.toggle_color_mode)
    return Menu.create(icon("menu"), *links, person, theme, label="Menu", look="btn icon ghost menu-btn")


def _operators(*, has_icons: bool = False) -> rx.Component:
    """The pages that only operators are shown."""
    links = [rx.el.a(*([icon(symbol)] if has_icons else []), label, href=href) for href, label, symbol in OPERATING]
    return rx.cond(Session.is_operator, rx.fragment(rx.el.p("Operators", class_name="menu-group"), *links), rx.fragment())


class AuthForm(rx.Component):
    """The form of /login ("login") or /register ("register")."""

    library = f"$/public{_asset}"
    tag = "AuthForm"

    kind: rx.Var[str]
