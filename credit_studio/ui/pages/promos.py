"""/admin/promos: operators make promo codes and end them."""

import reflex as rx

from credit_studio.ui.components.fields import submit, text_field
from credit_studio.ui.components.kept import Confirm
from credit_studio.ui.components.parts import badge, card, empty, note, page_head, waiting
from credit_studio.ui.pages import lost
from credit_studio.ui.states.promos import Listed, Promos


def page() -> rx.Component:
    """The codes."""
    shown = rx.fragment(
        page_head("Promo codes", "A code brings its credits once a person. Making and ending one is audited."),
        rx.el.div(_form(), _list(), class_name="stack xl"),
    )
    return rx.cond(Promos.denied, lost.not_found(), shown)


def _form() -> rx.Component:
    fields = rx.el.div(
        text_field(
            "Code", "code", ident="promo-code", most=40, about="4 to 24 letters and digits. Empty: one is made.", auto_complete="off", spell_check=False
        ),
        text_field("Credits", "credits", ident="promo-credits", most=12, look="in num", input_mode="numeric", auto_complete="off", required=True),
        text_field(
            "Uses", "uses", ident="promo-uses", most=9, about="By how many people. Empty: no limit.", look="in num", input_mode="numeric", auto_complete="off"
        ),
        text_field(
            "Credits last, days", "days", ident="promo-days", most=5, about="Empty: they do not end.", look="in num", input_mode="numeric", auto_complete="off"
        ),
        text_field("Redeem until", "until", ident="promo-until", most=10, about="End of that day, UTC. Empty: no end.", kind="date"),
        text_field("Note", "note", ident="promo-note", most=200, about="What it is for. Operators see it.", auto_complete="off"),
        class_name="form-grid",
    )
    fault = rx.cond(Promos.fault != "", note(Promos.fault, tone="b", symbol="circle-alert"), rx.fragment())
    made = rx.cond(
        Promos.made != "", note("The code ", rx.el.b(Promos.made, class_name="strong mono"), " is made.", tone="g", symbol="circle-check"), rx.fragment()
    )
    form = rx.el.form(
        rx.el.div(fault, role="alert"),
        rx.el.div(made, role="status"),
        fields,
        rx.el.div(submit("Make the code", "ticket"), class_name="row"),
        on_submit=Promos.make,
        class_name="stack",
    )
    return card("New code", rx.el.div(form, class_name="bd"), ident="new-code")


def _list() -> rx.Component:
    heads = [rx.el.th(text, scope="col") for text in ("Code", "State", "Redeem until", "Credits last")]
    numbers = [rx.el.th(text, scope="col", class_name="r") for text in ("Credits", "Used")]
    head = rx.el.tr(*heads, *numbers, rx.el.th(rx.el.span("End", class_name="vh"), scope="col"))
    table = rx.el.table(rx.el.caption("All codes", class_name="vh"), rx.el.thead(head), rx.el.tbody(rx.foreach(Promos.rows, _row)), class_name="tbl cards")
    none = empty("ticket", "No codes yet", "Each code stands here with how often it was redeemed.")
    return card(
        "All codes", rx.cond(Promos.ready, rx.cond(Promos.rows.length() > 0, rx.el.div(table, class_name="scroll"), none), waiting("the codes")), ident="codes"
    )


def _row(one: rx.Var[Listed]) -> rx.Component:
    state = rx.cond(one.over != "", badge(one.over, symbol="ban"), badge("Can be redeemed", tone="g", symbol="circle-check"))
    name = rx.el.span(rx.el.span(one.code, class_name="mono"), rx.el.span(one.note, class_name="muted small"), class_name="stack xs")
    end = Confirm.create(
        "End",
        label="End the code " + one.code,
        look="btn",
        question="End the code " + one.code + "?",
        detail="Nobody can redeem it any more. What it has brought stays.",
        verb="End it",
        keep="Keep it",
        on_confirm=Promos.end(one.promo_id),
    )
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(state),
        rx.el.td(one.until, class_name="muted", custom_attrs={"data-l": "redeem until"}),
        rx.el.td(one.lasts, class_name="muted", custom_attrs={"data-l": "credits last"}),
        rx.el.td(one.credits, class_name="r amt"),
        rx.el.td(one.used, class_name="r", custom_attrs={"data-l": "used"}),
        rx.el.td(rx.cond(one.over == "", end, rx.fragment()), class_name="r do"),
        key=one.promo_id,
    )
