"""Buying again when credits are low: one sentence with a switch, off until the sentence was agreed to."""

import reflex as rx

from credit_studio.ui.components.money import Follows, Switched
from credit_studio.ui.components.parts import icon
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.recharging import Choice, Recharging


def recharge() -> rx.Component:
    """The strip under the packs."""
    switch = Switched.create(
        rx.cond(Recharging.has_card, _draft(), _no_card()),
        path="/api/billing/auto-recharge",
        on=Recharging.enabled,
        body_on=Recharging.on,
        body_off=Recharging.off,
        label="Buy again when low",
        said=Recharging.sentence,
        question="Buy again when credits are low?",
        verb=rx.cond(Recharging.enabled, "Change it", "Turn it on"),
        may=Recharging.has_card & (Recharging.consent != ""),
        on_open=Recharging.load,
        on_done=Recharging.load,
    )
    stopped = rx.el.p(
        icon("triangle-alert", tone="warn"),
        rx.el.span(rx.el.b("It was turned off. ", class_name="strong"), Recharging.stopped, " ", Recharging.stopped_action),
        class_name="row top small",
    )
    tried = rx.el.p(Recharging.tried, class_name="small muted")
    return rx.fragment(
        Follows.create(value=Balance.told.to_string(), on_change=Recharging.load),
        rx.cond(
            Recharging.ready & (Recharging.packs.length() > 0),
            rx.el.div(
                switch,
                rx.cond(Recharging.stopped != "", stopped, rx.fragment()),
                rx.cond(Recharging.tried != "", tried, rx.fragment()),
                class_name="auto stack sm",
            ),
            rx.fragment(),
        ),
    )


def _no_card() -> rx.Component:
    return rx.el.p("It buys with the saved card, and no card is saved yet. The first purchase at the checkout saves one.")


def _draft() -> rx.Component:
    below = rx.el.input(
        id="recharge-below",
        class_name="in",
        input_mode="numeric",
        default_value=Recharging.below,
        on_change=Recharging.set_below,
        aria_invalid=Recharging.wrong != "",
        aria_describedby="recharge-wrong",
    )
    wrong = rx.el.p(Recharging.wrong, id="recharge-wrong", class_name="err", role="alert")
    pack = rx.el.select(rx.foreach(Recharging.packs, _option), id="recharge-pack", class_name="in", value=Recharging.pack_id, on_change=Recharging.choose_pack)
    most = rx.el.select(
        rx.foreach(Recharging.ceilings, _option), id="recharge-most", class_name="in", value=Recharging.ceiling, on_change=Recharging.choose_ceiling
    )
    return rx.el.div(
        _field("When fewer credits are left than", "recharge-below", below, wrong),
        _field("Buy this pack", "recharge-pack", pack),
        _field("At most in a calendar month", "recharge-most", most),
        rx.el.p(Recharging.consent, class_name="small", custom_attrs={"data-consent": ""}),
        class_name="stack",
    )


def _field(label: str, ident: str, *parts: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=ident), *parts, class_name="field")


def _option(one: rx.Var[Choice]) -> rx.Component:
    return rx.el.option(one.label, value=one.value, key=one.value)
