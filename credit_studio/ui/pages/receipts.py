"""/account/receipts: everything that was paid, as paper, and what it is made out to."""

import reflex as rx

from credit_studio.ui.components.fields import lines_field, submit, text_field
from credit_studio.ui.components.parts import card, empty, icon, link_button, native_link, note, page_head, pager, waiting
from credit_studio.ui.states.receipts import Line, Receipts


def page() -> rx.Component:
    """The list, and the details."""
    return rx.fragment(
        page_head("Receipts", "Everything that you have paid for, numbered without gaps, as PDF."),
        rx.el.div(_list(), _details(), class_name="stack xl"),
    )


def _list() -> rx.Component:
    heads = [rx.el.th(text, scope="col") for text in ("Receipt", "Paid", "What")]
    numbers = [rx.el.th(text, scope="col", class_name="r") for text in ("Credits", "Amount")]
    head = rx.el.tr(*heads, *numbers, rx.el.th(rx.el.span("Papers", class_name="vh"), scope="col"))
    table = rx.el.table(
        rx.el.caption("Your receipts", class_name="vh"), rx.el.thead(head), rx.el.tbody(rx.foreach(Receipts.rows, _row)), class_name="tbl cards"
    )
    none = empty("receipt-text", "No receipts yet", "Each purchase and each paid month of a plan stands here.", link_button("Buy credits", "/account/credits/"))
    pages = pager(newer=(Receipts.has_newer, Receipts.newer), older=(Receipts.has_older, Receipts.older))
    body = rx.cond(Receipts.ready, rx.cond(Receipts.rows.length() > 0, rx.fragment(table, pages), none), waiting("your receipts"))
    return card("Your receipts", body, ident="receipts")


def _row(one: rx.Var[Line]) -> rx.Component:
    back = rx.cond(one.refunded != "", rx.el.span(one.refunded, class_name="muted small"), rx.fragment())
    pdf = native_link(icon("download"), "PDF", href=one.pdf, class_name="btn", aria_label="Receipt " + one.number + " as PDF", download=True)
    stripe = native_link(
        "At Stripe", href=one.stripe, class_name="btn ghost", aria_label="Receipt " + one.number + " at Stripe", target="_blank", rel="noreferrer"
    )
    return rx.el.tr(
        rx.el.th(one.number, scope="row"),
        rx.el.td(one.at, class_name="muted nowrap"),
        rx.el.td(rx.el.span(one.what, back, class_name="stack xs")),
        rx.el.td(one.credits, class_name="r good", custom_attrs={"data-l": "credits"}),
        rx.el.td(one.amount, class_name="r amt"),
        rx.el.td(rx.el.div(stripe, pdf, class_name="acts"), class_name="do"),
        key=one.number,
    )


def _details() -> rx.Component:
    fields = rx.el.div(
        text_field("Name of the business", "name", ident="to-name", most=120, default_value=Receipts.name, auto_complete="organization"),
        lines_field(
            "Address", "address", ident="to-address", most=400, rows=3, about="At most 5 lines.", default_value=Receipts.address, auto_complete="street-address"
        ),
        text_field("Country", "country", ident="to-country", most=60, default_value=Receipts.country, auto_complete="country-name"),
        text_field(
            "VAT or tax number", "tax_id", ident="to-tax", most=40, fault=Receipts.fault, default_value=Receipts.tax_id, auto_complete="off", spell_check=False
        ),
        class_name="form-grid",
    )
    saved = rx.cond(Receipts.saved, note("Saved. Receipts to come are made out so.", tone="g", symbol="circle-check"), rx.fragment())
    form = rx.el.form(
        fields, rx.el.div(saved, role="status"), rx.el.div(submit("Save", look=""), class_name="row"), on_submit=Receipts.save, class_name="stack"
    )
    foot = rx.el.div("For receipts to come, and those that were made out to nobody. One that was made out stays as it is.", class_name="ft")
    return card("Made out to", rx.cond(Receipts.ready, rx.el.div(form, class_name="bd"), waiting("the details", rows=2)), foot, ident="to")
