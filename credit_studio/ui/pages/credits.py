"""/account/credits: the balance and where it is from, packs beside the order, what is held in the order it is spent, the plans."""

import reflex as rx

from credit_studio.ui.components.limits import limit_meters
from credit_studio.ui.components.money import Follows, Pay
from credit_studio.ui.components.parts import Child, card, credit_word, empty, grouped, icon, link_button, native_link, note, page_head, skeleton, waiting
from credit_studio.ui.components.plans import plans_card
from credit_studio.ui.components.recharge import recharge
from credit_studio.ui.components.top_up import nothing_sold, play_note, sums
from credit_studio.ui.selling import Held, PackCard
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.credits import Credits
from credit_studio.ui.states.purchase import Purchase

_KINDS = ("From the plan", "Bought or received", "Next renewal")


def page() -> rx.Component:
    """The page."""
    history = native_link(icon("history"), "History", href="/account/#history", class_name="btn")
    bills = rx.el.a("Card and invoices", href="/account/billing/")
    return rx.fragment(
        page_head("Credits", aside=(history, link_button("Redeem a code", "/account/redeem/", symbol="gift"))),
        Follows.create(value=Balance.version.to_string(), on_change=Credits.load),
        Follows.create(value=Balance.told.to_string(), on_change=Purchase.refresh),
        rx.el.div(_balance(), _buy(), _held(), plans_card(aside=bills), _how(), class_name="stack xl"),
    )


def _balance() -> rx.Component:
    figure = rx.el.p(grouped(Balance.available), rx.el.span(credit_word(Balance.available), class_name="u"), class_name="fig", key=Balance.version)
    unread_figure = rx.el.p(rx.el.span("Loading your balance", class_name="vh"), skeleton("152px", "32px"), class_name="fig", aria_busy="true")
    available = rx.el.div(rx.el.h2("Available", id="available", class_name="muted figure-name"), rx.cond(Balance.ready, figure, unread_figure))
    parts = rx.fragment(
        _figure("From " + Credits.plan, Credits.plan_left, Credits.plan_ends),
        _figure("Bought or received", Credits.own_left, "stay on every plan"),
        _figure("Next renewal", Credits.next_amount, Credits.next_said),
    )
    unread = rx.fragment(*[_figure(label, skeleton("72px", "20px"), skeleton("112px", "14px")) for label in _KINDS])
    kinds = rx.cond(Credits.ready, parts, unread)
    bars = rx.el.div(limit_meters("grid g2 wide-gap"), class_name="bd ruled")
    return rx.el.section(rx.el.div(available, kinds, class_name="bd tri"), bars, class_name="card", aria_labelledby="available")


def _figure(label: Child, value: Child, said: Child) -> rx.Component:
    return rx.el.dl(rx.el.dt(label), rx.el.dd(value), rx.el.dd(said), class_name="kpi")


def _buy() -> rx.Component:
    packs = rx.el.fieldset(rx.el.legend("Pack", class_name="vh"), rx.foreach(Purchase.packs, _pack), class_name="grid g3")
    none = empty("package", "No packs are for sale", "The operator of this studio has put none into its catalogue.")
    choice = rx.cond(Purchase.packs.length() > 0, rx.el.div(packs, recharge(), play_note(), class_name="bd stack"), none)
    aside = rx.el.span("Bought credits do not expire and survive a downgrade", class_name="muted small")
    buy = card("Buy credits", rx.cond(Purchase.ready, choice, waiting("the packs")), ident="buy", aside=aside)
    return rx.el.div(buy, card("Your order", rx.cond(Purchase.ready, _order(), waiting("the order")), ident="order"), class_name="grid buy")


def _pack(pack: rx.Var[PackCard]) -> rx.Component:
    box = rx.el.input(type="radio", name="pack", value=pack.id, checked=Purchase.chosen.id == pack.id, on_change=Purchase.choose(pack.id))
    head = rx.el.span(rx.el.span(pack.name, class_name="strong"), rx.el.span(pack.price, class_name="strong"), class_name="row between")
    uses = rx.el.span(rx.foreach(pack.uses, lambda use, at: rx.el.span(rx.cond(at == 0, "about ", "or "), use, class_name="line")), class_name="small muted rr")
    return rx.el.label(
        box,
        head,
        rx.el.span(grouped(pack.credits), " credits", class_name="fig2"),
        rx.el.span(pack.each, class_name="muted"),
        uses,
        class_name="choice pk",
        key=pack.id,
    )


def _order() -> rx.Component:
    rows = rx.el.tbody(
        rx.el.tr(rx.el.th(Purchase.chosen.name, " pack", scope="row"), rx.el.td(Purchase.chosen.to_pay)),
        rx.el.tr(rx.el.th("Tax", scope="row", class_name="muted"), rx.el.td("at checkout", class_name="muted")),
        rx.el.tr(rx.el.th("To pay", scope="row"), rx.el.td(Purchase.chosen.to_pay), class_name="total"),
    )
    table = rx.el.table(rx.el.caption("Order", class_name="vh"), rows, class_name="sums")
    balances = sums(("Balance now", grouped(Balance.available)), ("After payment", grouped(Balance.available + Purchase.chosen.credits)))
    said = rx.el.p("Credits arrive when Stripe confirms the payment, usually within seconds.", class_name="small muted")
    paying = rx.fragment(table, balances, rx.el.div(_ways(), class_name="stack sm"), said)
    body = rx.cond(Purchase.chosen.id != "", paying, rx.el.p("Nothing is chosen.", class_name="muted"))
    return rx.el.div(rx.cond(Purchase.sells, body, nothing_sold()), class_name="bd stack")


def _ways() -> rx.Component:
    """One click by the saved card where that is allowed; else Stripe's checkout, after one more question when it is a lot."""
    by_card = Pay.create(
        path="/api/billing/top-up",
        body={"packId": Purchase.chosen.id},
        label="Pay " + Purchase.chosen.to_pay + " with card ending " + Purchase.last4,
        look="btn pri lg full",
    )
    quick = rx.fragment(by_card, _checkout("Pay another way, at Stripe", "btn full"))
    once = _checkout("Pay " + Purchase.chosen.to_pay + " at Stripe", "btn pri lg full")
    has_trouble = rx.fragment(
        note(rx.el.b(Purchase.card, ": ", Purchase.trouble, class_name="strong"), " ", Purchase.trouble_action, tone="w", symbol="triangle-alert"), once
    )
    small = rx.cond(Purchase.card != "", rx.cond(Purchase.trouble != "", has_trouble, quick), once)
    return rx.cond(Purchase.chosen.one_click, small, _asked_once_more())


def _checkout(label: rx.Var[str] | str, look: str) -> rx.Component:
    return Pay.create(path="/api/billing/checkout", body={"packId": Purchase.chosen.id}, label=label, look=look)


def _asked_once_more() -> rx.Component:
    card_said = rx.cond(Purchase.card != "", Purchase.card + " or another, at Stripe", "chosen at Stripe")
    facts = sums(
        ("To pay", Purchase.chosen.to_pay),
        ("Card", card_said),
        ("Credits", "+" + grouped(Purchase.chosen.credits)),
        ("Balance now", grouped(Balance.available)),
        ("After payment", grouped(Balance.available + Purchase.chosen.credits)),
    )
    return Pay.create(
        facts,
        path="/api/billing/checkout",
        body={"packId": Purchase.chosen.id},
        label="Pay " + Purchase.chosen.to_pay + " at Stripe",
        look="btn pri lg full",
        question="Buy " + grouped(Purchase.chosen.credits) + " credits for " + Purchase.chosen.to_pay + "?",
        verb="Buy for " + Purchase.chosen.to_pay,
        keep="Not now",
    )


def _held() -> rx.Component:
    texts = [rx.el.th(text, scope="col") for text in ("Order", "What", "Ends")]
    numbers = [rx.el.th(text, scope="col", class_name="r") for text in ("Given", "Left")]
    total = rx.el.tfoot(
        rx.cond(Credits.owed > 0, _sum("Owed", "\u2212" + grouped(Credits.owed)), rx.fragment()), _sum("Available", grouped(Credits.available), look="total")
    )
    table = rx.el.table(rx.el.thead(rx.el.tr(*texts, *numbers)), rx.el.tbody(rx.foreach(Credits.held, _lot)), total, class_name="tbl cards held")
    none = empty("wallet", "No credits are left", "Plan credits arrive with the next renewal; a pack arrives at once.")
    body = rx.cond(Credits.ready, rx.cond((Credits.held.length() > 0) | (Credits.owed > 0), table, none), waiting("what you hold"))
    on_hold = rx.el.span(rx.el.span(class_name="key hatch"), grouped(Credits.on_hold), " held by running jobs, not counted here", class_name="row muted small")
    return card("What you hold, in the order it is spent", body, ident="held", aside=rx.cond(Credits.on_hold > 0, on_hold, rx.fragment()))


def _lot(lot: rx.Var[Held]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(lot.order, class_name="hide-s muted"),
        rx.el.th(lot.title, " ", rx.el.span(lot.said, class_name="muted plainly"), scope="row"),
        rx.el.td(lot.ends, class_name="muted"),
        rx.el.td(lot.given, class_name="r muted hide-s"),
        rx.el.td(lot.left, class_name="r amt"),
        key=lot.order,
    )


def _sum(label: str, value: rx.Var[str], *, look: str = "") -> rx.Component:
    blank = rx.el.td(class_name="hide-s")
    return rx.el.tr(blank, rx.el.th(label, scope="row"), blank, blank, rx.el.td(value, class_name="r amt"), class_name=look)


def _how() -> rx.Component:
    said = (
        ("Known first.", "Every run tells its price before it starts, and the most that it can cost. It is never charged more."),
        ("Only for what ran.", "The most is held at the start; what was not used returns at once. A run that gives no result costs nothing."),
        (
            "Plan credits first.",
            "They end with their month, so they go first, within the caps of the plan. Your own credits are limited by your own caps only.",
        ),
        ("In the browser, free.", "Tools that run in the browser cost 0 credits, also with an empty balance."),
    )
    points = [rx.el.li(rx.el.b(head, class_name="strong"), " ", tail) for head, tail in said]
    aside = native_link("How a price is made", href="/docs/#price")
    return card("How credits work", rx.el.ul(*points, class_name="bd grid g2 how"), ident="how", aside=aside)
