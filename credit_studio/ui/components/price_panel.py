"""The CreditEstimate panel: what this run will cost, in the same frame in every state.

Hybrid tools have a body for each place; CSS shows the one whose choice is checked, so that the free one needs no server.
"""

from typing import Any

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.engine import service as engine
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool
from credit_studio.ui import offering
from credit_studio.ui.components.kept import afresh_switch, is_stored, stored_badge, stored_figures
from credit_studio.ui.components.parts import Child, Settled, badge, credit_word, grouped, icon, note, share_of, skeleton
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.run import Run
from credit_studio.ui.states.session import Session

_asset = rx.asset("./run_bar.jsx", shared=True)


class RunBar(rx.Component):
    """The bar at the bottom of a phone; hidden while the panel's own button can be seen."""

    library = f"$/public{_asset}"
    tag = "RunBar"


class BarStop(rx.Component):
    """What stops the run, in that bar, and where it can be changed."""

    library = f"$/public{_asset}"
    tag = "BarStop"
    head: rx.Var[str]
    why: rx.Var[str]
    href: rx.Var[str]
    label: rx.Var[str]


_TIGHT = 0.4
"""Below this share of the bar, the words "least" and "at most" would meet."""


def shown_most() -> rx.Var[int]:
    """The most this run can cost: the person's own ceiling when there is one."""
    return rx.cond(Price.cap > 0, Price.cap, Price.most)


def is_short() -> rx.Var[bool]:
    """True when the balance does not hold the maximum."""
    return Balance.ready & (Balance.available < shown_most())


def is_blocked() -> rx.Var[bool]:
    """True when a cap does not leave room for the maximum, though the balance would."""
    return Balance.ready & ~is_short() & (Balance.room < shown_most())


def asked_most() -> rx.Var[int]:
    """What the button asks for: what balance and caps leave, when that is less than the maximum and enough for a run at all."""
    is_less = Balance.ready & (Balance.room < shown_most()) & (Balance.room >= Price.least)
    return rx.cond(is_less, Balance.room, shown_most())


def price_panel(tool: AnyTool) -> rx.Component:
    """The panel of a built tool."""
    bodies = {
        Mode.CLIENT: lambda: (_local_badge(), [_local()]),
        Mode.SERVER: lambda: (_server_badge(tool), [_server(tool)]),
        Mode.HYBRID: lambda: (
            rx.fragment(rx.el.span(_local_badge(), class_name="on-local"), rx.el.span(_server_badge(tool), class_name="on-server")),
            [_where(tool), rx.el.div(_local(), class_name="on-local stack"), rx.el.div(_server(tool), class_name="on-server stack")],
        ),
    }
    mark, body = bodies[tool.mode]()
    head = rx.el.div(rx.el.h2("Price of this run", id="price"), mark, class_name="hd")
    return rx.el.section(head, rx.el.div(*body, class_name="bd"), class_name="card price", aria_labelledby="price")


def run_bar(tool: AnyTool) -> rx.Component:
    """On phones: range, typical and Run at the bottom, while the panel's own button is off screen."""
    local = (rx.el.b("0 credits", class_name="strong"), rx.el.br(), rx.el.span("runs in this browser", class_name="small muted"))
    here = rx.fragment(rx.el.span(*local), rx.el.button(icon("play"), "Run", type="button", class_name="btn pri lg", custom_attrs={"data-cs-run": "local"}))
    if tool.mode is Mode.CLIENT:
        return RunBar.create(rx.el.span(here))
    stored = rx.el.span(rx.el.b("0 credits", class_name="strong"), rx.el.br(), rx.el.span("the result is stored", class_name="small muted"))
    run = rx.cond(asked_most() < shown_most(), "Run, up to " + grouped(asked_most()), "Run")
    there = rx.fragment(
        rx.cond(is_stored(), stored, _bar_price()),
        rx.cond(Session.ready & ~Session.signed_in, _sign_in("Sign in"), _run_button(rx.cond(is_stored(), "Open", run))),
    )
    if tool.mode is Mode.SERVER:
        return RunBar.create(rx.el.span(there))
    return RunBar.create(rx.el.span(here, class_name="on-local"), rx.el.span(there, class_name="on-server"))


def _bar_price() -> rx.Component:
    """The bar's words: the price, or what stops the run and where that can be changed."""
    price = rx.el.span(
        rx.el.b(span_of() + " " + credit_word(shown_most()), class_name="strong"),
        rx.el.br(),
        rx.el.span(
            "typically " + grouped(Price.typical) + rx.cond(Balance.ready, ", then " + grouped(Balance.available - Price.typical) + " left", ""),
            class_name="small muted",
        ),
    )
    short = BarStop.create(head=_missing(), why=_needed(), href="/account/credits/", label="Buy credits")
    blocked = BarStop.create(head="Blocked", why=Balance.block_head, href=Balance.block_href, label=Balance.block_link)
    refused = BarStop.create(head=Price.refused_badge, why=Price.refused_head, href=Price.refused_href, label=Price.refused_link)
    return rx.cond(Price.refused_badge != "", refused, rx.cond(is_short(), short, rx.cond(is_blocked(), blocked, price)))


def _missing() -> rx.Var[str]:
    return "Short by " + grouped(shown_most() - Balance.available)


def _needed() -> rx.Var[str]:
    return grouped(Balance.available) + " available, " + grouped(shown_most()) + " needed."


def span_of() -> rx.Var[str]:
    """The range in figures; one figure when both ends are the same."""
    return rx.cond(Price.least == shown_most(), grouped(Price.least), grouped(Price.least) + "–" + grouped(shown_most()))  # noqa: RUF001 - an en dash is how a range is written


def said_range() -> rx.Var[str]:
    """The range as a sentence, for those who do not see the bar."""
    most = shown_most()
    return "At least " + grouped(Price.least) + ", typically " + grouped(Price.typical) + ", at most " + grouped(most) + " " + credit_word(most)


def _known(tool: AnyTool) -> Any:  # noqa: ANN401 - a Var, which `==` makes
    return Price.tool_id == tool.id


def _local_badge() -> rx.Component:
    return badge("Local mode", tone="g", symbol="laptop")


def _server_badge(tool: AnyTool) -> rx.Component:
    return rx.cond(is_stored() & ~Price.busy, stored_badge(), _price_badge(tool))


def _price_badge(tool: AnyTool) -> rx.Component:
    return rx.cond(
        Price.busy,
        badge("updating"),
        rx.cond(
            Price.refused_badge != "",
            badge(Price.refused_badge, tone="b", symbol="octagon-x"),
            rx.cond(
                is_short(),
                badge(_missing(), tone="b", symbol="circle-alert"),
                rx.cond(is_blocked(), badge("Blocked", tone="b", symbol="octagon-x"), rx.cond(Session.signed_in, _basis(tool), badge("estimate"))),
            ),
        ),
    )


def _basis(tool: AnyTool) -> rx.Component:
    """What the figures stand on. Where tokens are the meter, "model" would be taken for the language model."""
    declared = badge("from the inputs" if engine.is_by_tokens(tool) else "from the model")
    return rx.cond(Price.past_runs > 0, badge(grouped(Price.past_runs) + " past runs", symbol="history"), declared)


def _where(tool: AnyTool) -> rx.Component:
    def choice(value: str, title: str, price: Child, help_text: str) -> rx.Component:
        line = rx.el.span(rx.el.span(title, class_name="strong"), rx.el.span(price, class_name="strong"), class_name="row between")
        radio = rx.el.input(type="radio", name="where", id=f"where-{value}", value=value, default_checked=value == "server")
        return rx.el.label(radio, line, rx.el.span(help_text, class_name="small muted under"), class_name="choice")

    server = rx.cond(_known(tool), rx.cond(is_stored(), "0 credits", span_of() + " " + credit_word(shown_most())), "server price")
    return rx.el.fieldset(
        rx.el.legend("Where to run", class_name="vh"),
        choice("local", "In this browser", "0 credits", "Local mode. Nothing leaves this page."),
        choice("server", "On the server", server, "Stored with its receipt, also by API."),
        class_name="grid tight",
    )


def _local() -> rx.Component:
    said = rx.el.div(
        rx.el.p("0", rx.el.span("credits", class_name="u"), class_name="fig"),
        rx.el.p("Runs in this browser. No account, no limit, nothing is sent.", class_name="muted small under"),
    )
    button = rx.el.button(icon("play"), "Run here, 0 credits", type="button", class_name="btn pri lg full", custom_attrs={"data-cs-run": "local"})
    return rx.fragment(said, button)


def _server(tool: AnyTool) -> rx.Component:
    priced = rx.fragment(
        rx.cond(_known(tool) & ~Price.busy, rx.fragment(_figures(), _sum(tool)), _updating()),
        _ceiling(),
        rx.cond(Session.signed_in & Balance.ready & ~is_short(), _after(), rx.fragment()),
        _refusal(),
        _near(),
    )
    return rx.fragment(
        rx.cond(_known(tool) & is_stored() & ~Price.busy, stored_figures(), priced),
        rx.cond(_known(tool) & ~Price.busy, afresh_switch(), rx.fragment()),
        rx.el.div(_action(tool), class_name="stack sm"),
    )


def _figures() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            grouped(Price.typical), rx.el.span(credit_word(Price.typical), ", typically", class_name="u"), class_name="fig", custom_attrs={"data-cs": "typical"}
        ),
        _range(),
        Settled.create(text=said_range()),
        rx.el.p(Price.explanation, class_name="muted small under"),
        rx.cond(Price.past_said != "", rx.el.p(Price.past_said, " ", rx.el.a("How it is counted", href="/accuracy/"), class_name="muted small"), rx.fragment()),
        rx.cond(Price.why_not != "", rx.el.p(icon("info", size="s"), Price.why_not, class_name="muted small row under"), rx.fragment()),
    )


def _range() -> rx.Component:
    most = shown_most()
    least_at = share_of(Price.least, most)
    is_tight = (most - Price.least) < most * _TIGHT
    return rx.el.div(
        rx.el.span(class_name="tr"),
        rx.el.span(class_name="sp", style={"left": least_at, "right": "0"}),
        rx.el.span(class_name="ty", style={"left": share_of(Price.typical, most)}),
        rx.el.em("0", class_name="z", style={"left": "0"}),
        rx.cond(
            Price.least < most, rx.el.em("least " + grouped(Price.least), class_name=rx.cond(is_tight, "e off", ""), style={"left": least_at}), rx.fragment()
        ),
        rx.el.em("at most " + grouped(most), class_name="e", style={"left": "100%"}, custom_attrs={"data-cs": "most"}),
        class_name="range",
        role="img",
        aria_label=said_range(),
    )


def _sum(tool: AnyTool) -> rx.Component:
    rows = [("Base", "each server run", Price.base), ("CPU", Price.cpu_measured, Price.cpu), ("Memory", Price.memory_measured, Price.memory)]
    if engine.is_by_tokens(tool):
        rows = [("Tokens", Price.tokens_measured, Price.tokens)]
    body = [
        rx.el.tr(rx.el.th(name, scope="row"), rx.el.td(how, class_name="q"), rx.el.td(value))
        for name, how, value in [*rows, ("Rounded up", Price.rounding, Price.rounded)]
    ]
    total = rx.el.tr(rx.el.th("Typical", scope="row"), rx.el.td(), rx.el.td(grouped(Price.typical)), class_name="total")
    table = rx.el.table(rx.el.caption("Typical price", class_name="vh"), rx.el.tbody(*body, total), class_name="sums small", custom_attrs={"data-cs": "sum"})
    return rx.el.details(rx.el.summary("How it adds up"), table, open=True)


def _updating() -> rx.Component:
    return rx.el.div(
        rx.el.span("Updating the estimate", class_name="vh"),
        skeleton("160px", "36px"),
        skeleton("100%", "6px"),
        skeleton("80%", "12px"),
        class_name="stack late",
        aria_busy="true",
    )


def _ceiling() -> rx.Component:
    field = rx.el.input(
        id="never-more",
        class_name="in num short",
        input_mode="numeric",
        auto_complete="off",
        max_length=9,
        placeholder=Price.most.to_string(),
        aria_invalid=Price.cap_error != "",
        aria_describedby="never-more-error",
        on_change=Price.limit,
    )
    line = rx.el.div(
        rx.el.label("Never charge more than", html_for="never-more", class_name="muted"),
        rx.el.span(field, rx.el.span("credits", class_name="muted"), class_name="row"),
        class_name="row between",
    )
    stops = rx.el.p("At " + grouped(Price.cap) + " the run may stop before it is done. Then nothing is charged.", class_name="muted small")
    wrong = rx.el.p(icon("circle-alert", size="s"), Price.cap_error, class_name="err")
    said = rx.cond(Price.cap_error != "", wrong, rx.cond((Price.cap > 0) & (Price.cap < Price.most), stops, rx.fragment()))
    return rx.el.div(line, rx.el.div(said, id="never-more-error"), class_name="field")


def _after() -> rx.Component:
    low, high = Balance.available - shown_most(), Balance.available - Price.least
    after = rx.cond(low == high, grouped(low), grouped(low) + " to " + grouped(high))
    return rx.el.dl(
        rx.el.div(rx.el.dt("Balance now"), rx.el.dd(grouped(Balance.available))),
        rx.el.div(rx.el.dt("After this run"), rx.el.dd(after, custom_attrs={"data-cs": "after"})),
        class_name="kv small",
    )


def _refusal() -> rx.Component:
    said = rx.cond(
        Price.refused_head != "",
        note(
            rx.el.b(Price.refused_head, class_name="strong"),
            rx.el.br(),
            Price.refused_tail,
            _way_out(Price.refused_href, Price.refused_link),
            tone="b",
            symbol="octagon-x",
        ),
        rx.cond(
            Session.signed_in & is_short(),
            note(
                rx.el.b(_needed(), class_name="strong"),
                rx.cond(Balance.held > 0, rx.fragment(rx.el.br(), grouped(Balance.held) + " more are held by a run in progress."), rx.fragment()),
                rx.el.br(),
                rx.el.a("Buy credits", href="/account/credits/"),
                tone="b",
                symbol="circle-alert",
            ),
            rx.cond(
                Session.signed_in & is_blocked(),
                note(
                    rx.el.b(Balance.block_head, class_name="strong"),
                    rx.el.br(),
                    "This run may need ",
                    grouped(shown_most()),
                    ", ",
                    grouped(Balance.room),
                    rx.cond(Balance.room == 1, " is left. ", " are left. "),
                    Balance.block_tail,
                    _way_out(Balance.block_href, Balance.block_link),
                    tone="b",
                    symbol="octagon-x",
                ),
                rx.fragment(),
            ),
        ),
    )
    return rx.el.div(said, role="alert")


def _way_out(href: rx.Var[str], label: rx.Var[str]) -> rx.Component:
    return rx.cond(href != "", rx.fragment(rx.el.br(), rx.el.a(label, href=href)), rx.fragment())


def _near() -> rx.Component:
    """Slow down before stopping: a cap that is near is said beside the button, while the run still goes through."""
    said = note(
        rx.el.b(Balance.near_head, class_name="strong"),
        " ",
        Balance.near_tail,
        _way_out(Balance.near_href, Balance.near_link),
        tone="w",
        symbol="triangle-alert",
        custom_attrs={"data-cs": "near"},
    )
    is_plain = Session.signed_in & ~is_short() & ~is_blocked() & (Price.refused_head == "") & (Balance.near_head != "")
    return rx.el.div(rx.cond(is_plain, said, rx.fragment()), role="status")


def _action(tool: AnyTool) -> rx.Component:
    promise = rx.cond(
        _known(tool) & Run.busy & (Run.tool_id == tool.id),
        rx.el.p("Running. ", rx.el.a("See how far it is", href="#result-title"), class_name="small muted centre"),
        rx.el.p("No result, no charge.", class_name="small muted centre"),
    )
    plan = catalog().first_plan
    visitor = rx.fragment(
        _sign_in("Sign in to run", full=True),
        rx.el.p(
            f"A free account has {offering.brings(plan.monthly_credits, plan.credits_once)}. Your inputs stay here while you sign in.", class_name="small muted"
        ),
    )
    priced = rx.cond(_known(tool), "Run for up to " + grouped(asked_most()) + " " + credit_word(asked_most()), "Run")
    label = rx.cond(is_stored(), "Open stored result, 0 credits", priced)
    less = rx.el.p("At " + grouped(asked_most()) + " the run may stop before it is done. Then nothing is charged.", class_name="small muted")
    free = rx.el.button("Run in the browser, 0 credits", type="button", class_name="btn full", custom_attrs={"data-cs-run": "local"})
    other = (free,) if tool.mode is Mode.HYBRID else ()
    in_need = rx.fragment(*other, rx.cond(asked_most() < shown_most(), less, rx.fragment()))
    person = rx.fragment(_run_button(label, full=True), rx.cond(is_stored(), rx.fragment(), rx.cond(is_short() | is_blocked(), in_need, promise)))
    return rx.cond(Session.ready & ~Session.signed_in, visitor, person)


def _run_button(label: Child, *, full: bool = False) -> rx.Component:
    return rx.el.button(
        icon("play"),
        label,
        type="button",
        class_name="btn pri lg full" if full else "btn pri lg",
        disabled=~Session.ready | Run.busy,
        custom_attrs={"data-cs-run": "server"},
    )


def _sign_in(label: str, *, full: bool = False) -> rx.Component:
    here = rx.Var("('/login/?next=' + encodeURIComponent(typeof window === 'undefined' ? '/' : window.location.pathname))", _var_type=str)
    return rx.el.a(label, href=here, class_name="btn pri lg full" if full else "btn pri lg")
