"""The header's one click: a dialog with the amount, the card, the credits and the balance after, or the way to a saved card."""

import reflex as rx

from credit_studio.ui.components.money import Opens, Pay
from credit_studio.ui.components.parts import grouped, icon, link_button, note, skeleton
from credit_studio.ui.selling import PackCard
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.purchase import Purchase


def top_up() -> rx.Component:
    """The button at the right end of the strip, and its dialog."""
    face = rx.el.span(icon("plus", size="s"), rx.el.span("Top up"), class_name="row tight")
    can_pay = rx.cond(Purchase.trouble != "", _trouble(), _order())
    content = rx.cond(Purchase.sells, rx.cond(Purchase.card != "", can_pay, _no_card()), nothing_sold())
    pack = grouped(Purchase.quick.credits) + " credits for " + Purchase.quick.to_pay
    has_order = (Purchase.card != "") & (Purchase.trouble == "") & Purchase.sells & (Purchase.quick.id != "")
    return Opens.create(
        face,
        rx.cond(Purchase.ready, content, _waiting()),
        label="Top up",
        look="add",
        question=rx.cond(has_order, "Buy " + pack + "?", "Top up"),
        on_open=Purchase.load_quick,
    )


def sums(*rows: tuple[str, rx.Var[str] | rx.Var[int] | str]) -> rx.Component:
    """Facts of a purchase, one under the other."""
    return rx.el.dl(*[rx.el.div(rx.el.dt(label), rx.el.dd(value)) for label, value in rows], class_name="kv")


def play_note() -> rx.Component:
    """Where no money moves, it is said."""
    said = "No money moves here: a built-in sandbox stands in for Stripe. Card 4242 4242 4242 4242 pays."
    return rx.cond(Purchase.is_play, rx.el.p(said, class_name="small muted auto"), rx.fragment())


def nothing_sold() -> rx.Component:
    """No payment service is set up."""
    return note(rx.el.b("This studio sells no credits.", class_name="strong"), " No payment service is set up. Ask the operator.", symbol="ban")


def _order() -> rx.Component:
    facts = sums(
        ("To pay", Purchase.quick.to_pay),
        ("Card", Purchase.card),
        ("Credits", "+" + grouped(Purchase.quick.credits)),
        ("Balance now", grouped(Balance.available)),
        ("After payment", grouped(Balance.available + Purchase.quick.credits)),
    )
    pay = Pay.create(
        path="/api/billing/top-up",
        body={"packId": Purchase.quick.id},
        label="Pay " + Purchase.quick.to_pay,
        look="btn pri lg full",
    )
    other = rx.el.a("Other packs and ways to pay", href="/account/credits/")
    quick = rx.el.div(_choices(), facts, pay, play_note(), rx.el.p(other), class_name="stack")
    return rx.cond(Purchase.quick.id != "", quick, link_button("See what is for sale", "/account/credits/", look="pri lg full"))


def _choices() -> rx.Component:
    some = rx.el.fieldset(rx.el.legend("Pack", class_name="vh"), rx.foreach(Purchase.quick_packs, _choice), class_name="grid tight g2")
    return rx.cond(Purchase.quick_packs.length() > 1, some, rx.fragment())


def _choice(pack: rx.Var[PackCard]) -> rx.Component:
    box = rx.el.input(type="radio", name="quick-pack", value=pack.id, checked=Purchase.quick.id == pack.id, on_change=Purchase.choose_quick(pack.id))
    said = rx.el.span(rx.el.span(grouped(pack.credits), class_name="strong"), rx.el.span(pack.price, class_name="muted"), class_name="row between")
    return rx.el.label(box, said, class_name="choice", key=pack.id)


def _no_card() -> rx.Component:
    return rx.el.div(
        rx.el.p("No card is saved yet. The first purchase goes through the checkout at Stripe, which saves the card; after that one click is enough."),
        link_button("Choose a pack and add a card", "/account/credits/", look="pri lg full"),
        class_name="stack",
    )


def _trouble() -> rx.Component:
    return rx.el.div(
        note(rx.el.b(Purchase.card, ": ", Purchase.trouble, class_name="strong"), " ", Purchase.trouble_action, tone="w", symbol="triangle-alert"),
        link_button("Fix card", "/account/billing/", look="pri lg full"),
        link_button("Pay with another card", "/account/credits/", look="full"),
        class_name="stack",
    )


def _waiting() -> rx.Component:
    rows = [rx.el.div(skeleton("30%", "14px"), skeleton("64px", "14px"), class_name="row between") for _ in range(4)]
    return rx.el.div(rx.el.span("Loading what is for sale", class_name="vh"), *rows, class_name="stack", aria_busy="true")
