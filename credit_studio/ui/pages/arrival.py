"""/account/credits/success and /cancelled: what came of a purchase."""

import reflex as rx

from credit_studio.ui.components.money import Follows
from credit_studio.ui.components.parts import badge, credit_word, grouped, icon, link_button, native_link, note, page_head
from credit_studio.ui.components.top_up import sums
from credit_studio.ui.states.arrival import Arrival
from credit_studio.ui.states.balance import Balance

_AGAIN = ("Back to credits", "/account/credits/")


def success() -> rx.Component:
    """Waits for the confirmed credits and shows them arriving; says so when the payment was refused."""
    return rx.fragment(
        page_head("Your purchase"),
        Follows.create(value=Balance.told.to_string() + " " + Balance.version.to_string(), on_change=Arrival.load),
        rx.el.div(
            rx.match(
                Arrival.look,
                ("arrived", _arrived()),
                ("processing", _processing()),
                ("waiting", _waiting()),
                ("unpaid", _unpaid()),
                ("unknown", _unknown()),
                _looking(),
            ),
            aria_live="polite",
        ),
    )


def cancelled() -> rx.Component:
    """The buyer came back from Stripe without paying."""
    ways = (link_button("Back to the packs", "/account/credits/", look="pri"), link_button("See the plans", "/account/billing/"))
    return rx.fragment(
        page_head("Nothing was bought"),
        _panel(
            badge("Not charged", symbol="ban"),
            rx.el.p("You left the checkout before paying. No money moved and no credits were added.", class_name="prose"),
            rx.el.div(*ways, class_name="row flow"),
        ),
    )


def _panel(*parts: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.div(*parts, class_name="bd stack"), class_name="card arrival")


def _arrived() -> rx.Component:
    came = rx.el.p("+", grouped(Arrival.credits), rx.el.span(credit_word(Arrival.credits), class_name="u"), class_name="fig good", key=Balance.version)
    plan = rx.el.p("Your plan has begun. Its credits are there, and its caps hold from now on.")
    pack = rx.el.p("Paid, and the credits are there. They do not expire.")
    paper = rx.cond(Arrival.paper != "", native_link(icon("receipt-text"), "Receipt as PDF", href=Arrival.paper, class_name="btn"), rx.fragment())
    return _panel(
        badge("Paid", tone="g", symbol="circle-check"),
        rx.cond(Arrival.credits > 0, came, rx.fragment()),
        rx.cond(Arrival.is_plan, plan, pack),
        sums(("What", Arrival.name), ("Paid", Arrival.amount), ("Balance", grouped(Balance.available) + " " + credit_word(Balance.available))),
        rx.el.div(link_button("Choose a tool", "/tools/", look="pri"), paper, link_button(*_AGAIN), class_name="row flow"),
    )


def _looking() -> rx.Component:
    return _panel(rx.el.p(_spin(), "Asking Stripe how the payment stands", class_name="row"))


def _waiting() -> rx.Component:
    return _panel(
        rx.el.p(_spin(), "Waiting for the confirmation by Stripe", class_name="row"),
        rx.el.p("The credits arrive here by themselves, once; this page may be closed.", class_name="muted"),
        sums(("What", Arrival.name), ("To pay", Arrival.amount)),
        rx.el.div(link_button(*_AGAIN), class_name="row flow"),
    )


def _processing() -> rx.Component:
    return _panel(
        rx.el.p(_spin(), "Your bank is working on the payment", class_name="row"),
        rx.el.p("Some ways to pay take days. The credits arrive by themselves when it is done.", class_name="muted"),
        sums(("What", Arrival.name), ("To pay", Arrival.amount)),
        rx.el.div(link_button(*_AGAIN), class_name="row flow"),
    )


def _unpaid() -> rx.Component:
    return _panel(
        badge("Not charged", symbol="ban"),
        note(rx.el.b(Arrival.failure, class_name="strong"), " Nothing was charged. ", Arrival.action, tone="b", symbol="octagon-x"),
        sums(("What", Arrival.name), ("Not paid", Arrival.amount)),
        rx.el.div(link_button("Try again", "/account/credits/", look="pri"), link_button("Cards and purchases", "/account/billing/"), class_name="row flow"),
    )


def _unknown() -> rx.Component:
    return _panel(
        note(rx.el.b(Arrival.failure, class_name="strong"), " ", Arrival.action, symbol="search-x"),
        rx.el.div(link_button("Your purchases", "/account/billing/", look="pri"), link_button(*_AGAIN), class_name="row flow"),
    )


def _spin() -> rx.Component:
    return rx.el.span(class_name="spin", aria_hidden="true")
