"""/account/usage: what was spent, when and on what, and what comes next."""

import reflex as rx

from credit_studio.ui.components.parts import card, empty, icon, link_button, native_link, note, page_head, waiting
from credit_studio.ui.components.usage import UsageBars
from credit_studio.ui.states.usage import PATH, Choice, Sum, Usage
from credit_studio.ui.using import Figure, Row, Stretch


def page() -> rx.Component:
    """The page; what it shows is said by its address."""
    files = rx.cond(
        Usage.ready & (Usage.trouble == ""),
        rx.fragment(_file("CSV", Usage.as_csv), _file("JSON", Usage.as_json)),
        rx.fragment(),
    )
    told = rx.cond(Usage.trouble != "", _trouble(), rx.fragment(_used(), rx.el.div(_coming(), _statement(), class_name="grid g2")))
    return rx.fragment(
        page_head("Usage", rx.el.span(rx.cond(Usage.ready, Usage.told.subtitle, "Credits and runs over time")), aside=(files,)),
        rx.el.div(_choices(), rx.cond(Usage.ready, told, card("Usage", waiting("your usage", rows=9), ident="used")), class_name="stack xl usage"),
    )


def _file(kind: str, href: rx.Var[str]) -> rx.Component:
    return native_link(icon("download"), kind, href=href, class_name="btn", aria_label=f"Download as {kind}", download=True)


def _choices() -> rx.Component:
    right = rx.el.div(_row_of("Bars by", Usage.buckets), _row_of("Measure", Usage.metrics), _row_of("Group by", Usage.groups), class_name="row flow")
    bar = rx.el.div(_row_of("Period", Usage.periods), right, class_name="row flow between")
    return rx.cond(Usage.ready, rx.el.div(bar, rx.cond(Usage.is_custom, _days(), rx.fragment()), class_name="stack"), rx.fragment())


def _row_of(label: str, choices: rx.Var[list[Choice]]) -> rx.Component:
    return rx.el.nav(rx.foreach(choices, _choice), class_name="seg", aria_label=label)


def _choice(one: rx.Var[Choice]) -> rx.Component:
    here = rx.el.a(one.label, href=one.href, aria_current="true")
    return rx.fragment(rx.cond(one.is_here, here, rx.el.a(one.label, href=one.href)), key=one.label)


def _days() -> rx.Component:
    """A form of its own: its answer is an address, as a button's is."""
    kept = [rx.el.input(type="hidden", name=name, value=value) for name, value in (("period", "custom"), ("metric", Usage.metric), ("group", Usage.group))]
    return rx.el.form(
        *kept,
        _day("From", "from", Usage.since),
        _day("To", "to", Usage.until),
        rx.el.button("Show", type="submit", class_name="btn"),
        action=PATH,
        method="get",
        class_name="filters low",
    )


def _day(label: str, name: str, value: rx.Var[str]) -> rx.Component:
    field = rx.el.input(type="date", id=f"use-{name}", name=name, class_name="in", default_value=value, key=value, min="2000-01-01", max="2099-12-31")
    return rx.el.div(rx.el.label(label, html_for=f"use-{name}", class_name="small"), field, class_name="by stack sm")


def _trouble() -> rx.Component:
    back = rx.el.a("Show the last 30 days", href=PATH)
    return note(rx.el.b(Usage.trouble, class_name="strong"), " ", Usage.hint, " ", back, tone="b", symbol="circle-alert", role="alert")


def _used() -> rx.Component:
    none = empty(
        "chart-column",
        "No runs in this time",
        "Server runs stand here with what they cost. Runs in the browser are free and are not sent.",
        link_button("Choose a tool", "/tools/"),
    )
    chart = rx.el.div(rx.el.h2(Usage.told.title, id="used"), UsageBars.create(chart=Usage.told.chart), class_name="bd stack")
    full = rx.fragment(
        rx.el.dl(rx.foreach(Usage.told.figures, _figure), class_name="kpis"),
        chart,
        rx.el.div(_table(), class_name="ruled-top"),
        rx.el.details(rx.el.summary("Each bar in figures, with its runs"), _stretches(), class_name="each-bar"),
    )
    nothing = rx.fragment(rx.el.h2(Usage.told.title, id="used", class_name="vh"), none)
    return rx.el.section(rx.cond(Usage.told.is_empty, nothing, full), class_name="card", aria_labelledby="used")


def _figure(one: rx.Var[Figure]) -> rx.Component:
    return rx.el.div(rx.el.dt(one.name), rx.el.dd(one.value), rx.el.dd(one.about), class_name="kpi", key=one.name)


def _heads(*names: str) -> list[rx.Component]:
    return [rx.el.th(name, scope="col", class_name="r") for name in names]


def _table() -> rx.Component:
    first = rx.el.th(rx.cond(Usage.group == "tool", "Tool", "Studio"), scope="col")
    head = rx.el.tr(first, *_heads("Runs", "Each"), rx.el.td(), *_heads("Share, %", "Credits"))
    return rx.el.table(
        rx.el.caption(Usage.told.title + ", in all", class_name="vh"),
        rx.el.thead(head),
        rx.el.tbody(rx.foreach(Usage.told.rows, _row)),
        rx.el.tfoot(_total()),
        class_name="tbl cards",
    )


def _row(one: rx.Var[Row]) -> rx.Component:
    name = rx.el.span(rx.el.span(class_name="key", style={"background": one.colour}), rx.el.a(one.title, href=one.href, class_name="rowlink"), class_name="row")
    bar = rx.el.i(style={"width": one.width.to_string() + "%", "--lane": one.colour})
    return rx.el.tr(
        rx.el.th(name, scope="row"),
        rx.el.td(one.runs, class_name="r", custom_attrs={"data-l": "runs"}),
        rx.el.td(one.each, class_name="r hide-s"),
        rx.el.td(rx.el.span(bar, class_name="meter bare", aria_hidden="true"), class_name="hide-s lane"),
        rx.el.td(one.share, class_name="r hide-s muted"),
        rx.el.td(one.credits, class_name="r amt"),
        key=one.title,
    )


def _total() -> rx.Component:
    total = Usage.told.total
    return rx.el.tr(
        rx.el.th("Total", scope="row"),
        rx.el.td(total.runs, class_name="r", custom_attrs={"data-l": "runs"}),
        rx.el.td(total.each, class_name="r hide-s"),
        rx.el.td(class_name="hide-s"),
        rx.el.td(total.share, class_name="r hide-s"),
        rx.el.td(total.credits, class_name="r amt"),
        class_name="total",
    )


def _stretches() -> rx.Component:
    head = rx.el.tr(rx.el.th("When", scope="col"), *_heads("Runs", "Not charged", "Credits"))
    caption, body = rx.el.caption("Each bar in figures", class_name="vh"), rx.el.tbody(rx.foreach(Usage.told.stretches, _stretch))
    return rx.el.table(caption, rx.el.thead(head), body, class_name="tbl cards")


def _stretch(one: rx.Var[Stretch]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.el.a(one.label, href=one.href, class_name="rowlink"), scope="row"),
        rx.el.td(one.runs, class_name="r", custom_attrs={"data-l": "runs"}),
        rx.el.td(one.not_charged, class_name="r hide-s"),
        rx.el.td(one.credits, class_name="r amt"),
        key=one.label,
    )


def _coming() -> rx.Component:
    says = rx.el.ul(rx.foreach(Usage.coming, lambda said: rx.el.li(said, key=said)), class_name="bd stack")
    return card("What comes next", says, ident="next")


def _statement() -> rx.Component:
    def line(one: rx.Var[Sum]) -> rx.Component:
        return rx.el.tr(rx.el.th(one.label, scope="row"), rx.el.td(one.amount), key=one.label)

    closing = rx.el.tr(rx.el.th("Closing, now", scope="row"), rx.el.td(Usage.closing), class_name="total")
    caption = rx.el.caption("Statement of ", Usage.month, class_name="vh")
    table = rx.el.table(caption, rx.el.tbody(rx.foreach(Usage.sums, line), closing), class_name="sums")
    return card(Usage.month + " statement so far", rx.el.div(table, class_name="bd"), ident="month")
