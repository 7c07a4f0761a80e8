"""/account: what there is, what limits it, what moved and what ran."""

import reflex as rx

from credit_studio.ui.components.limits import limit_meters
from credit_studio.ui.components.movements import movement_table
from credit_studio.ui.components.parts import badge, card, credit_word, empty, grouped, icon, link_button, note, page_head, waiting
from credit_studio.ui.outlook import Mark
from credit_studio.ui.states.account import Account, Part, Quick, Ran, Spent
from credit_studio.ui.states.balance import Balance


def page() -> rx.Component:
    """The overview."""
    return rx.fragment(
        page_head("Overview", aside=(rx.cond(Account.ready, rx.fragment(badge(Account.plan, " plan"), _books()), rx.fragment()),)),
        rx.el.div(
            rx.el.section(rx.el.div(_available(), _heading(), class_name="grid summary"), _says(), class_name="card", aria_labelledby="available"),
            _advice(),
            rx.el.div(_limits(), _quick(), class_name=rx.cond(Account.quick.length() > 0, "grid g2", "grid")),
            _history(),
            _runs(),
            class_name="stack xl",
        ),
    )


def _books() -> rx.Component:
    broken = rx.cond(Account.books_look == "broken", badge(Account.books, tone="b", symbol="octagon-x"), badge(Account.books, symbol="clock"))
    return rx.cond(Account.books_look == "agree", badge(Account.books, tone="g", symbol="badge-check"), broken)


def _available() -> rx.Component:
    title = rx.el.h2("Available", id="available", class_name="muted figure-name")
    figure = rx.el.p(grouped(Balance.available), rx.el.span(credit_word(Balance.available), class_name="u"), class_name="fig", key=Balance.version)
    bar = rx.el.div(rx.foreach(Account.parts, _bar), class_name="meter tall", role="img", aria_label=Account.split)
    held = rx.el.li(rx.el.span(class_name="key hatch"), rx.el.span(rx.el.b(grouped(Balance.held), class_name="strong ink"), " held by running jobs"))
    legend = rx.el.ul(rx.foreach(Account.parts, _legend), held, class_name="legend tall")
    buy = link_button("Buy credits", "/account/credits/", look="pri", symbol="plus")
    acts = rx.el.div(buy, link_button("Redeem a code", "/account/redeem/"), class_name="row flow")
    return rx.el.div(rx.el.div(title, figure), rx.el.div(bar, legend, class_name="stack sm"), acts, class_name="bd stack")


def _bar(part: rx.Var[Part]) -> rx.Component:
    return rx.el.i(class_name=rx.cond(part.look == "plan", "", "two"), style={"width": part.percent.to_string() + "%"}, key=part.look)


def _legend(part: rx.Var[Part]) -> rx.Component:
    key = rx.el.span(class_name=rx.cond(part.look == "plan", "key plan", "key own"))
    return rx.el.li(key, rx.el.span(rx.el.b(part.amount, class_name="strong ink"), " ", part.said), key=part.look)


def _heading() -> rx.Component:
    """The line of what was there, and from today on that of usual use, dotted, in the band of calm and busy weeks."""
    head = rx.el.div(rx.el.h2("Balance", id="heading"), rx.el.span("now, and where it is heading", class_name="muted small"), class_name="row between flow")
    drawn = rx.fragment(_chart(), rx.el.p(Account.heading.basis, class_name="muted small"))
    return rx.el.div(head, rx.cond(Account.ready, drawn, waiting("the balance")), class_name="bd fore stack sm")


def _chart() -> rx.Component:
    band = rx.el.svg.path(d=Account.heading.band, fill="var(--cs-c1)", opacity=".14")
    past = rx.el.svg.path(d=Account.heading.past, class_name="been", custom_attrs={"vectorEffect": "non-scaling-stroke"})
    line = rx.el.svg.path(d=Account.heading.line, class_name="to-come", custom_attrs={"vectorEffect": "non-scaling-stroke"})
    drawing = rx.el.svg(band, past, line, view_box="0 0 100 100", preserve_aspect_ratio="none", aria_hidden="true")
    rules = rx.foreach(Account.heading.scale, lambda tick: rx.el.i(style={"top": tick.top.to_string() + "%"}, key=tick.label))
    figures = rx.foreach(Account.heading.scale, lambda tick: rx.el.span(tick.label, style={"top": tick.top.to_string() + "%"}, key=tick.label))
    scale = rx.el.div(rx.el.b(Account.heading.widest), figures, class_name="scale")
    plot = rx.el.div(rules, drawing, rx.foreach(Account.heading.marks, _mark), class_name="course")
    return rx.el.div(scale, plot, rx.el.div(rx.foreach(Account.heading.dates, _date), class_name="dates"), class_name="outlook", aria_hidden="true")


def _mark(mark: rx.Var[Mark]) -> rx.Component:
    """A point of the line with its words."""
    where = {"left": mark.left.to_string() + "%", "top": mark.top.to_string() + "%"}
    looks = rx.cond(mark.look == "ring", "mark ring", "mark")
    return rx.el.span(rx.el.span(mark.label, class_name=rx.cond(mark.is_under, mark.side + " under", mark.side)), class_name=looks, style=where, key=mark.look)


def _date(mark: rx.Var[Mark]) -> rx.Component:
    return rx.el.span(mark.label, class_name=mark.side, style={"left": mark.left.to_string() + "%"}, key=mark.label)


def _says() -> rx.Component:
    """What the drawing shows, in sentences."""
    says = rx.foreach(Account.heading.says, lambda said: rx.el.span(said, " ", key=said))
    return rx.cond(Account.heading.says.length() > 0, rx.el.div(says, class_name="ft"), rx.fragment())


def _advice() -> rx.Component:
    """The one suggestion: what is so, what follows, what can be done."""
    said = (rx.el.b(Account.advice.head, class_name="strong"), " ", Account.advice.tail, " ", rx.el.a(Account.advice.label, href=Account.advice.href))
    return rx.cond(Account.advice.head != "", note(*said, role="note", custom_attrs={"data-cs": "advice"}), rx.fragment())


def _limits() -> rx.Component:
    sparks = rx.el.ul(rx.foreach(Account.spent, _spent), class_name="sparks")
    change = rx.el.a("Change", href="/account/settings/credits/", aria_label="Change your limits")
    return card("Limits", rx.el.div(limit_meters(), rx.cond(Account.ready, sparks, rx.fragment()), class_name="bd stack xl"), ident="limits", aside=change)


def _spent(one: rx.Var[Spent]) -> rx.Component:
    """A line of its own, from day to day, and what it comes to."""
    line = rx.el.svg.path(d=one.line, class_name="been", custom_attrs={"vectorEffect": "non-scaling-stroke"})
    drawing = rx.el.svg(line, view_box="0 0 100 100", preserve_aspect_ratio="none", aria_hidden="true")
    return rx.el.li(drawing, rx.el.span(rx.el.b(one.amount, class_name="strong"), " spent ", one.said, class_name="small"), key=one.said)


def _quick() -> rx.Component:
    def entry(tool: rx.Var[Quick]) -> rx.Component:
        symbol = rx.match(tool.mode, ("in browser", icon("laptop")), ("server", icon("server")), icon("split"))
        price = rx.el.span(rx.el.span(tool.price, aria_hidden="true"), rx.el.span(", ", tool.said, class_name="vh"), class_name="muted")
        return rx.el.li(rx.el.a(symbol, rx.el.span(tool.title), price, href=tool.href, class_name="plain"), key=tool.href)

    listed = card(
        "Pick up where you left off",
        rx.el.ul(rx.foreach(Account.quick, entry), class_name="quick"),
        ident="quick",
        aside=rx.el.a("All tools", href="/tools/"),
    )
    return rx.cond(Account.quick.length() > 0, listed, rx.fragment())


def _history() -> rx.Component:
    table = movement_table(Account.lines, Account.zone, caption="The last movements")
    none = empty("history", "Nothing has moved yet", "Credits that come in and every server run will stand here.")
    body = rx.cond(Account.ready, rx.cond(Account.lines.length() > 0, table, none), waiting("the last movements"))
    return card("Last movements", body, ident="history", aside=rx.el.a("Full history", href="/account/credits/history/"))


def _runs() -> rx.Component:
    heads = [rx.el.th(text, scope="col") for text in ("Time, " + Account.zone, "Tool", "State")]
    numbers = [rx.el.th(text, scope="col", class_name="r") for text in ("Took", "Credits")]
    table = rx.el.table(rx.el.thead(rx.el.tr(*heads, *numbers)), rx.el.tbody(rx.foreach(Account.runs, _run)), class_name="tbl cards hi")
    none = empty(
        "receipt-text",
        "No runs yet",
        "Each server run will stand here with its price and its receipt. Browser runs are free and are not listed.",
        link_button("Choose a tool", "/tools/"),
    )
    body = rx.cond(Account.ready, rx.cond(Account.runs.length() > 0, table, none), waiting("the last runs"))
    return card("Last runs", body, ident="runs", aside=rx.el.a("All runs", href="/account/runs/"))


def _run(run: rx.Var[Ran]) -> rx.Component:
    state = rx.cond(run.is_done, badge(run.status, tone="g", symbol="circle-check"), badge(run.status, symbol="ban"))
    return rx.el.tr(
        rx.el.td(run.at, class_name="muted nowrap tm"),
        rx.el.th(rx.el.a(run.title, href=run.href, class_name="rowlink"), scope="row"),
        rx.el.td(state, class_name="nt"),
        rx.el.td(run.lasted, class_name="r muted bl", custom_attrs={"data-l": "took"}),
        rx.el.td(run.charged, class_name="r amt"),
    )
