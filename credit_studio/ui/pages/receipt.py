"""/runs/{id}: why this charge."""

import reflex as rx

from credit_studio.ui import words
from credit_studio.ui.components.kept import CopyLink, delete_run, shared_words
from credit_studio.ui.components.parts import badge, card, crumbs, empty, icon, link_button, native_link, note, skeleton
from credit_studio.ui.components.tool_work import stored_result
from credit_studio.ui.states.kept import Kept
from credit_studio.ui.states.receipt import Fall, Happened, Paid, Receipt


def page() -> rx.Component:
    """The receipt, once it is read."""
    missing = rx.el.div(
        rx.el.h1("No such run"),
        rx.el.div(
            empty(
                "receipt-text",
                "No run of yours has this address",
                "Runs can be opened by the person who started them, until they delete them.",
                link_button("Your runs", "/account/runs/"),
            ),
            class_name="card",
        ),
        class_name="stack xl",
    )
    return rx.cond(Receipt.ready, rx.cond(Receipt.missing, missing, _receipt()), _loading())


def _loading() -> rx.Component:
    bars = (skeleton("240px", "30px"), skeleton("320px", "20px"), skeleton("100%", "240px"))
    return rx.el.div(rx.el.h1("Run", class_name="vh"), rx.el.span("Loading the receipt", class_name="vh"), *bars, class_name="stack", aria_busy="true")


def _receipt() -> rx.Component:
    left = rx.el.div(_why(), _payers(), _result(), class_name="stack xl")
    rail = rx.el.aside(_balance(), _kept(), _story(), _proof(), class_name="stack rail", aria_label="Facts of this run")
    return rx.fragment(
        crumbs(("Account", "/account/"), ("Runs", "/account/runs/"), (rx.fragment("Run ", Receipt.short_id), None)),
        _head(),
        rx.el.div(left, rail, class_name="with-rail"),
    )


def _head() -> rx.Component:
    state = rx.cond(Receipt.is_done, badge(Receipt.status, tone="g", symbol="circle-check"), badge(Receipt.status, tone="b", symbol="octagon-x"))
    about = rx.el.p(Receipt.facts, rx.cond(Receipt.summary != "", ", " + Receipt.summary, ""), class_name="muted")
    title = rx.el.div(rx.el.div(rx.el.h1(Receipt.title), state, class_name="row flow"), about, class_name="stack sm")
    again = rx.el.div(link_button("Run again", Receipt.tool_href, symbol="rotate-ccw"), class_name="row flow")
    told = rx.cond(Receipt.took_file, rx.el.p("A file is deleted after use: give it again.", class_name="muted small"), rx.fragment())
    return rx.el.div(title, rx.el.div(again, told, class_name="stack sm"), class_name="page-hd")


def _why() -> rx.Component:
    failed = rx.el.div(
        note(
            rx.el.b("Not charged. ", Receipt.held, " held credits returned.", class_name="strong"),
            rx.el.br(),
            Receipt.failure,
            " ",
            Receipt.action,
            symbol="ban",
        ),
        class_name="bd",
    )
    end = rx.cond(Receipt.is_done, _fall_table(), failed)
    return card("Why this charge?", _kpis(), end, rx.cond(Receipt.is_done, _foot(), rx.fragment()), ident="why")


def _foot() -> rx.Component:
    compute = "Memory counts what the run added to an idle worker. The run could not have cost more than was held: it would have been stopped first."
    tokens = "Tokens as the run counted them. CPU and memory are not charged. The run could not have cost more than was held."
    return rx.el.div(rx.cond(Receipt.by_tokens, tokens, compute), class_name="ft")


def _kpis() -> rx.Component:
    def kpi(name: str, value: rx.Var[str], said: rx.Var[str] | str) -> rx.Component:
        return rx.el.div(rx.el.dt(name), rx.el.dd(value), rx.el.dd(said), class_name="kpi")

    return rx.el.dl(
        kpi("Estimated", Receipt.estimated, "typically " + Receipt.typically),
        kpi("Held before the run", Receipt.held, "the quoted maximum"),
        kpi("Charged", Receipt.charged, "of " + Receipt.held + " held"),
        kpi("Returned", Receipt.returned, "in the same moment"),
        class_name="kpis ruled",
    )


def _fall_table() -> rx.Component:
    axis = rx.el.span(rx.foreach(Receipt.scale, lambda mark: rx.el.span(mark, key=mark)), class_name="row between plainly")
    heads = (
        rx.el.th("Step", scope="col"),
        rx.el.th("Measured", scope="col"),
        rx.el.th("Rate", scope="col"),
        rx.el.th(axis, scope="col", class_name="w"),
        rx.el.th("Credits", scope="col", class_name="r"),
    )
    spent = rx.el.div(
        rx.el.i(class_name="hatch", style={"left": Receipt.back_left, "width": Receipt.back_width}),
        rx.el.i(class_name="t", style={"left": "0", "width": Receipt.charged_width}),
        class_name="bar",
        aria_hidden="true",
    )
    total = rx.el.tr(
        rx.el.th("Charged", scope="row"),
        rx.el.td(Receipt.returned, " of ", Receipt.held, " returned", class_name="muted"),
        rx.el.td(class_name="muted hide-s"),
        rx.el.td(spent, class_name="w"),
        rx.el.td(Receipt.charged, class_name="r amt"),
        class_name="total",
    )
    caption = rx.el.caption("How ", Receipt.charged, " credits came about", class_name="vh")
    return rx.el.table(caption, rx.el.thead(rx.el.tr(*heads)), rx.el.tbody(rx.foreach(Receipt.falls, _fall), total), class_name="tbl cards fall")


def _fall(fall: rx.Var[Fall]) -> rx.Component:
    bar = rx.el.div(rx.el.i(class_name=fall.look, style={"left": fall.left, "width": fall.width}), class_name="bar", aria_hidden="true")
    return rx.el.tr(
        rx.el.th(fall.name, scope="row"),
        rx.el.td(fall.measured, class_name="muted"),
        rx.el.td(fall.rate, class_name="muted hide-s nowrap"),
        rx.el.td(bar, class_name="w"),
        rx.el.td(fall.credits, class_name=rx.cond(fall.credits == "no change", "r amt muted", "r amt")),
        key=fall.name,
    )


def _payers() -> rx.Component:
    heads = (("Grant", ""), ("Ends", ""), ("Paid", "r"), ("Left in it", "r"))
    head = rx.el.tr(*[rx.el.th(text, scope="col", class_name=look) for text, look in heads])
    foot = rx.el.tr(
        rx.el.th("Paid", scope="row"),
        rx.el.td(class_name="hide-s"),
        rx.el.td(Receipt.charged, class_name="r amt"),
        rx.el.td(class_name="hide-s"),
        class_name="total",
    )
    table = rx.el.table(rx.el.thead(head), rx.el.tbody(rx.foreach(Receipt.paid, _payer)), rx.el.tfoot(foot), class_name="tbl cards")
    whole = card("Which credits paid", table, ident="paid", aside=rx.el.span("in burn order", class_name="muted small"))
    return rx.cond(Receipt.paid.length() > 0, whole, rx.fragment())


def _payer(paid: rx.Var[Paid]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(paid.name, scope="row"),
        rx.el.td(paid.ends, class_name="muted hide-s"),
        rx.el.td(paid.paid, class_name="r amt"),
        rx.el.td(paid.left, class_name="r muted", custom_attrs={"data-l": "left in it:"}),
    )


def _result() -> rx.Component:
    return rx.cond(Receipt.result_url != "", stored_result(Receipt.result_url), rx.fragment())


def _kept() -> rx.Component:
    """How long the result is there, who else may see it, and the way to delete it."""
    until = rx.el.p("Kept until ", Kept.until, ". Until then the same inputs give it again for 0 credits.", class_name="muted small")
    gone = rx.el.p("The result was kept for 30 days and is gone. The charge and this receipt stay.", class_name="muted small")
    none = rx.el.p("This run gave no result.", class_name="muted small")
    make = rx.el.button(icon("share-2"), "Share the result by a link", type="button", class_name="btn", on_click=Kept.share)
    end = rx.el.button(icon("link-2-off"), "End the link", type="button", class_name="btn", on_click=Kept.unshare)
    again = rx.el.button(icon("rotate-ccw"), "New link", type="button", class_name="btn", on_click=Kept.share)
    told = rx.cond(
        Kept.link != "",
        CopyLink.create(path=Kept.link, label="The link, told this once"),
        rx.el.p("Shared by a link since ", Kept.shared_at, ". The link itself is not kept: a new one ends it.", class_name="small"),
    )
    shared = rx.cond(Kept.shared_at != "", rx.fragment(told, rx.el.div(end, again, class_name="row flow")), rx.el.div(make))
    sharing = rx.cond(Kept.until != "", rx.fragment(until, shared, shared_words()), rx.cond(Kept.is_done, gone, none))
    remove = delete_run(icon("trash-2"), "Delete the run", name="Delete the run", on_confirm=Kept.delete)
    return card("This result", rx.el.div(sharing, rx.cond(Kept.is_ended, rx.el.div(remove), rx.fragment()), class_name="bd stack"), ident="kept")


def _balance() -> rx.Component:
    rows = (
        ("Before", Receipt.before),
        (rx.el.span(rx.el.span(class_name="key hatch"), "Held", class_name="row"), words.MINUS + Receipt.held),
        ("Returned", Receipt.back),
    )
    body = [rx.el.tr(rx.el.th(name, scope="row"), rx.el.td(value)) for name, value in rows]
    total = rx.el.tr(rx.el.th("After", scope="row"), rx.el.td(Receipt.after), class_name="total")
    table = rx.el.table(rx.el.caption("Balance before and after", class_name="vh"), rx.el.tbody(*body, total), class_name="sums")
    return card("Your balance", rx.el.div(table, class_name="bd"), ident="balance")


def _story() -> rx.Component:
    def step(moment: rx.Var[Happened]) -> rx.Component:
        return rx.el.li(rx.el.span(moment.what), rx.el.span(moment.at, class_name="muted small"), key=moment.what)

    return card("What happened", rx.el.div(rx.el.ol(rx.foreach(Receipt.moments, step), class_name="steps"), class_name="bd"), ident="story")


def _proof() -> rx.Component:
    said = rx.el.p("Each entry carries the fingerprint of the one before, so none can be changed unseen.", class_name="muted small")
    rows = (("Entry", Receipt.entry), ("Fingerprint", Receipt.fingerprint))
    facts = rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value, class_name="mono")) for name, value in rows], class_name="kv small")
    file = native_link(icon("download"), "Download my ledger", href="/api/credits/proof", download=True, class_name="btn")
    whole = card("Proof", rx.el.div(said, facts, rx.el.div(file), class_name="bd stack"), ident="proof", aside=icon("link-2"))
    return rx.cond(Receipt.entry != "", whole, rx.fragment())
