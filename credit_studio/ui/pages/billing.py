"""/account/billing: the card, the plan, and every purchase with its receipt."""

import reflex as rx

from credit_studio.ui.components.money import Follows
from credit_studio.ui.components.parts import badge, card, empty, icon, link_button, native_link, note, page_head, waiting
from credit_studio.ui.components.plans import plans_card, portal
from credit_studio.ui.components.top_up import nothing_sold
from credit_studio.ui.selling import Bought
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.billing import Billing


def page() -> rx.Component:
    """The page."""
    return rx.fragment(
        page_head("Billing"),
        Follows.create(value=Balance.told.to_string(), on_change=Billing.load),
        rx.el.div(plans_card(), _card(), _purchases(), class_name="stack xl"),
    )


def _card() -> rx.Component:
    saved = rx.el.p(
        icon("credit-card"), rx.el.b(Billing.card, class_name="strong"), rx.el.span("expires ", Billing.card_expires, class_name="muted"), class_name="row flow"
    )
    none = rx.el.p("No card is saved. The first purchase at the checkout saves one.", class_name="muted")
    trouble = note(rx.el.b(Billing.trouble, class_name="strong"), " Top-up by one click is paused. ", Billing.trouble_action, tone="w", symbol="triangle-alert")
    said = rx.el.p(
        "Stripe keeps the card. This studio knows its brand, its last four digits and when it expires, and nothing else of it.", class_name="small muted prose"
    )
    sold = rx.el.div(
        rx.cond(Billing.card != "", saved, none),
        rx.cond(Billing.trouble != "", trouble, rx.fragment()),
        portal("Cards and invoices, at Stripe"),
        said,
        class_name="bd stack",
    )
    off = rx.el.div(nothing_sold(), class_name="bd")
    return card("Card", rx.cond(Billing.ready, rx.cond(Billing.sells, sold, off), waiting("the card", rows=2)), ident="card")


def _purchases() -> rx.Component:
    texts = [rx.el.th(text, scope="col") for text in ("Time, " + Billing.zone, "What", "State", "Receipt")]
    head = rx.el.thead(rx.el.tr(*texts, rx.el.th("Amount", scope="col", class_name="r")))
    table = rx.el.table(rx.el.caption("Your purchases", class_name="vh"), head, rx.el.tbody(rx.foreach(Billing.rows, _row)), class_name="tbl cards hi bought")
    none = empty(
        "receipt-text",
        "Nothing was bought yet",
        "Every purchase will stand here with its receipt as PDF, and every payment that was refused with its reason.",
        link_button("See the packs", "/account/credits/"),
    )
    body = rx.cond(Billing.ready, rx.cond(Billing.rows.length() > 0, rx.fragment(table, _pager()), none), waiting("your purchases"))
    return card("Purchases", body, ident="purchases")


def _row(row: rx.Var[Bought]) -> rx.Component:
    state = rx.match(
        row.look,
        ("paid", badge(row.state, tone="g", symbol="circle-check")),
        ("back", badge(row.state, symbol="undo-2")),
        ("failed", badge(row.state, symbol="ban")),
        badge(row.state, tone="i", symbol="clock"),
    )
    papers = rx.el.span(
        native_link(row.receipt, href=row.paper, aria_label="Receipt " + row.receipt + " as PDF"),
        native_link("at Stripe", href=row.at_stripe, target="_blank", rel="noopener", aria_label="Receipt " + row.receipt + " at Stripe, in a new tab"),
        class_name="row papers",
    )
    return rx.el.tr(
        rx.el.td(row.at, class_name="muted nowrap tm"),
        rx.el.th(row.what, scope="row"),
        rx.el.td(rx.el.span(state, rx.el.span(row.said, class_name="muted"), class_name="row flow"), class_name="nt"),
        rx.el.td(rx.cond(row.paper != "", papers, rx.fragment()), class_name="pp"),
        rx.el.td(row.amount, class_name="r amt"),
        key=row.id,
    )


def _pager() -> rx.Component:
    newest = rx.el.button("Newest", type="button", class_name="btn", on_click=Billing.load, disabled=Billing.is_first)
    older = rx.el.button("Older", icon("chevron-right"), type="button", class_name="btn", on_click=Billing.more, disabled=Billing.older == "")
    return rx.cond((Billing.older != "") | ~Billing.is_first, rx.el.nav(newest, older, class_name="pager", aria_label="Pages"), rx.fragment())
