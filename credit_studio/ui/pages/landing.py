"""/: what this is, and a price to try at once. Every figure here is computed by the engine or read from the catalogue."""

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.engine import service as engine
from credit_studio.engine.views import Estimate
from credit_studio.tools.base import Mode, Studio
from credit_studio.tools.registry import AnyTool, all_tools, get_tool
from credit_studio.ui import offering, words
from credit_studio.ui.components.parts import Settled, badge, card, credit_word, grouped, icon, link_button, share_of
from credit_studio.ui.components.plan_cards import plan_cards
from credit_studio.ui.components.price_panel import said_range
from credit_studio.ui.components.tool_list import price_words
from credit_studio.ui.states.demo import LEAST_ITERATIONS, MOST_ITERATIONS, MOST_RISKS, RISKS, TOOL_ID, Demo, inputs_of
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.session import Session

_STEP = 1_000


def page() -> rx.Component:
    """The landing page."""
    tool = get_tool(TOOL_ID)
    inputs = inputs_of(RISKS, MOST_ITERATIONS)
    estimate = engine.estimate(tool, inputs) if inputs is not None else None
    proof = [_how(tool, estimate), rx.el.div(_sum(tool, estimate), _free(), class_name="band grid g2")] if estimate else []
    return rx.fragment(_hero(tool), *proof[:1], _all_tools(), *proof[1:], _plans())


def _hero(tool: AnyTool) -> rx.Component:
    tools = all_tools()
    here = sum(one.is_built and one.mode is not Mode.SERVER for one in tools)
    plan = catalog().first_plan
    lead = (
        f"{len(tools)} tools for developer, security and data work. "
        "Each shows what a run will cost, never charges more, and explains every credit. No result, no charge."
    )
    start = rx.cond(
        Session.signed_in,
        link_button("Go to your account", "/account/", look="pri lg"),
        link_button(f"Create account, {offering.brings(plan.monthly_credits, plan.credits_once).removesuffix(' once')} free", "/register/", look="pri lg"),
    )
    facts = (
        ("laptop", f"{here} of them also run in your browser for 0 credits"),
        ("lock", "The maximum is enforced on the running process"),
        ("receipt-text", "A receipt for every run"),
    )
    said = rx.el.div(
        rx.el.h1("Know the price before you run."),
        rx.el.p(lead, class_name="lead"),
        rx.el.div(start, link_button("See all tools", "/tools/", look="lg"), class_name="row flow"),
        rx.el.ul(*[rx.el.li(icon(symbol), text) for symbol, text in facts], class_name="facts muted"),
        class_name="stack xl",
    )
    return rx.el.section(said, _try_it(tool), class_name="hero")


def _try_it(tool: AnyTool) -> rx.Component:
    sliders = rx.el.div(
        _slider("Risks", "risks", Demo.risks, Demo.set_risks, 1, MOST_RISKS, 1),
        _slider("Simulated years", "iterations", Demo.iterations, Demo.set_iterations, LEAST_ITERATIONS, MOST_ITERATIONS, _STEP),
        class_name="pane",
    )
    return card(
        f"Try a price: {tool.title}",
        rx.el.div(sliders, rx.el.div(_price_now(), class_name="pane"), class_name="grid two"),
        rx.el.div(rx.el.span("Priced as you move. Nothing is charged or stored."), rx.el.a("Open the tool", href=f"{tool.path}/"), class_name="ft row between"),
        ident="try",
        aside=badge("no account needed", tone="g"),
        class_name="try",
    )


def _slider(label: str, ident: str, value: rx.Var[int], on_change: rx.EventHandler, least: int, most: int, step: int) -> rx.Component:
    head = rx.el.span(rx.el.label(label, html_for=ident), rx.el.output(grouped(value), html_for=ident, class_name="strong"), class_name="row between")
    slide = rx.el.input(
        type="range", id=ident, min=str(least), max=str(most), step=str(step), default_value=value.to_string(), on_change=on_change, class_name="slide"
    )
    return rx.el.div(
        head, slide, rx.el.span(rx.el.span(words.number(least)), rx.el.span(words.number(most)), class_name="row between small muted"), class_name="field"
    )


def _price_now() -> rx.Component:
    known = Price.tool_id == TOOL_ID
    bar = rx.el.span(
        rx.el.i(class_name="likely", style={"left": share_of(Price.least, Price.most), "right": "0"}),
        rx.el.i(class_name="ty", style={"left": share_of(Price.typical, Price.most)}),
        class_name="b",
    )
    scale = rx.el.span(rx.el.span("0"), rx.el.span(grouped(Price.most)), class_name="sc")
    shown = rx.fragment(
        rx.el.p(grouped(Price.typical), rx.el.span(credit_word(Price.typical), ", typically", class_name="u"), class_name="fig"),
        rx.el.div(bar, scale, class_name="mini", aria_hidden="true"),
        rx.el.p("At least ", grouped(Price.least), ", never more than ", grouped(Price.most), ".", class_name="muted"),
        rx.el.p(rx.cond(Price.why_not != "", Price.why_not, Price.explanation), class_name="muted small"),
        rx.el.p("0 credits in your own browser.", class_name="good small"),
        Settled.create(text=said_range()),
    )
    return rx.cond(known, shown, rx.el.p("Waiting for the server.", class_name="muted"))


def _how(tool: AnyTool, estimate: Estimate) -> rx.Component:
    most, typical = estimate.max, estimate.typical
    limits = f"{words.seconds(estimate.limits.cpu_ms)} of CPU, {words.number(estimate.limits.mem_mb)} MB, {words.seconds(estimate.limits.duration_ms)}"
    full, part = {"left": "0", "right": "0"}, {"left": "0", "width": f"{typical * 100 / most:.2f}%"}
    least_at, typical_at = f"{estimate.min * 100 / most:.2f}%", f"{typical * 100 / most:.2f}%"
    returned = f"{typical}, and {most - typical} returned" if most > typical else f"{typical}"
    steps = (
        (
            "Estimate",
            f"{estimate.min} to {most} credits" if most > estimate.min else words.credits_of(most),
            [("likely", {"left": least_at, "right": "0"}), ("ty", {"left": typical_at})],
            "While you type, from a model of its work.",
        ),
        ("Quote", f"at most {most}", [("edge", full)], f"Your click fixes the limits: {limits}. The run cannot pass them."),
        ("Hold", f"{most} set aside", [("hatch edge", full)], "Nothing starts until the most it can cost is there."),
        ("Charge, typically", returned, [("spent", part)], "What ran is what you pay. No result, no charge."),
    )
    title = f"One run of the {tool.title}, from estimate to receipt"
    example = rx.el.p(f"On the reference machine: {estimate.explanation}", class_name="muted")
    return rx.el.section(
        rx.el.h2(title, id="how"), example, rx.el.ol(*[_step(*step, most=most) for step in steps], class_name="four"), class_name="band", aria_labelledby="how"
    )


def _step(name: str, figure: str, bars: list[tuple[str, dict[str, str]]], said: str, *, most: int) -> rx.Component:
    bar = rx.el.span(*[rx.el.i(class_name=look, style=place) for look, place in bars], class_name="b")
    mini = rx.el.div(bar, rx.el.span(rx.el.span("0"), rx.el.span(str(most)), class_name="sc"), class_name="mini", aria_hidden="true")
    return rx.el.li(rx.el.h3(name), rx.el.p(figure, class_name="fig2"), mini, rx.el.p(said, class_name="muted"))


def _all_tools() -> rx.Component:
    head = rx.el.div(rx.el.h2("The tools", id="all"), rx.el.a("See them all", href="/tools/"), class_name="row between flow")
    columns = [_column(studio) for studio in Studio]
    return rx.el.section(head, rx.el.div(*columns, class_name="cols"), class_name="band", aria_labelledby="all")


def _column(studio: Studio) -> rx.Component:
    head = rx.el.h3(rx.el.span(studio.label), rx.el.span("credits a run", class_name="muted small plainly"), class_name="row between")
    rows = [_tool_line(tool) for tool in all_tools() if tool.studio is studio]
    return rx.el.section(head, rx.el.ul(*rows))


def _tool_line(tool: AnyTool) -> rx.Component:
    price = rx.el.span(price_words(tool) or "coming soon", class_name="muted nowrap")
    return rx.el.li(rx.el.a(rx.el.span(tool.title), price, href=f"{tool.path}/", class_name="plain"))


def _sum(tool: AnyTool, estimate: Estimate) -> rx.Component:
    parts, usage, rates = estimate.breakdown, estimate.usage, catalog().rates
    rows = (
        ("Base", "each server run", parts.base),
        ("CPU", f"{words.seconds(usage.cpu_ms)}, 1 per {rates.cpu_ms_per_credit / 1000:g} s", parts.cpu),
        ("Memory", f"{words.gigabyte_seconds(usage.mem_mb, usage.duration_ms)}, 1 per {rates.gb_ms_per_credit / 1000:g} GB s", parts.memory),
        ("Rounded up", "once, at the end", estimate.typical - parts.sum),
    )
    if engine.is_by_tokens(tool):
        rows = (("Tokens", f"{words.number(usage.tokens or 0)}, 1 per {words.number(rates.tokens_per_credit)}", parts.tokens), rows[-1])
    body = [rx.el.tr(rx.el.th(name, scope="row"), rx.el.td(how, class_name="q"), rx.el.td(words.raw(value))) for name, how, value in rows]
    total = rx.el.tr(rx.el.th("Typical", scope="row"), rx.el.td(), rx.el.td(str(estimate.typical)), class_name="total")
    table = rx.el.table(rx.el.caption("The sum behind a price", class_name="vh"), rx.el.tbody(*body, total), class_name="sums")
    after = rx.el.p("After a run the same sum stands on its receipt, with what was measured, and which credits paid.", class_name="muted")
    return card("Every price adds up", rx.el.div(table, after, class_name="bd stack"), ident="sum", aside=rx.el.span(tool.title, class_name="muted small"))


def _free() -> rx.Component:
    facts = (
        ("Runs in your browser", "0 credits, without an account"),
        ("A run that gives no result", "not charged, and the history says why"),
        ("A time-out or a limit", "not charged"),
        ("More than the quoted maximum", "never: the run is stopped first"),
    )
    rows = [rx.el.div(rx.el.dt(what), rx.el.dd(then)) for what, then in facts]
    return card("What is not charged", rx.el.div(rx.el.dl(*rows, class_name="kv"), class_name="bd"), ident="free")


def _plans() -> rx.Component:
    head = rx.el.div(rx.el.h2("Plans", id="plans"), rx.el.a("Packs, examples and every tool\u2019s price", href="/pricing/"), class_name="row between flow")
    return rx.el.section(head, plan_cards(), class_name="band", aria_labelledby="plans")
