"""/docs: what the tools take and give, how a price is made, and where the API is described."""

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.tools.base import Studio
from credit_studio.tools.registry import all_tools
from credit_studio.ui import words
from credit_studio.ui.components.parts import icon, native_link, page_head
from credit_studio.ui.components.tool_docs import tool_docs

PARTS = (
    ("price", "How a price is made"),
    ("before", "Before a run"),
    ("after", "After a run"),
    ("free", "What is free"),
    ("tools", "The tools"),
    ("api", "The API"),
    ("licences", "Licences"),
)


def page() -> rx.Component:
    """The guide."""
    bodies = (_price(), _before(), _after(), _free(), _tools(), _api(), _licences())
    parts = [
        rx.el.section(rx.el.h2(title, id=ident), *body, class_name="stack sm", aria_labelledby=ident)
        for (ident, title), body in zip(PARTS, bodies, strict=True)
    ]
    side = rx.el.nav(rx.el.ul(*[rx.el.li(native_link(title, href=f"#{ident}")) for ident, title in PARTS]), class_name="side", aria_label="On this page")
    text = rx.el.div(page_head("Docs", "What the tools take and give, and how runs are priced, held and charged."), *parts, class_name="stack docs")
    return rx.el.div(side, text, class_name="with-side")


def _p(*said: rx.Component | str) -> rx.Component:
    return rx.el.p(*said)


def _points(*lines: str) -> rx.Component:
    return rx.el.ul(*[rx.el.li(line) for line in lines], class_name="points")


def _tools() -> tuple[rx.Component, ...]:
    return _p(f"{len(all_tools())} tools in {len(Studio)} studios. Open one to see what it takes and gives."), tool_docs()


def _price() -> tuple[rx.Component, ...]:
    rates = catalog().rates
    if rates.tokens_per_run is not None:
        counted = f"Every server run counts {words.number(rates.tokens_per_run)} tokens, whatever it takes."
        return (_p(f"{counted} 1 credit pays for {words.number(rates.tokens_per_credit)} tokens, and what is begun counts whole."),)
    cpu, memory = rates.cpu_ms_per_credit / 1000, rates.gb_ms_per_credit / 1000
    rows = (
        ("Each server run", words.credits_of(rates.base)),
        ("CPU time", f"1 credit per {cpu:g} s"),
        ("Memory", f"1 credit per {memory:g} GB s: a gigabyte held for {memory:g} seconds"),
        ("Rounded up", "once, at the end, to whole credits"),
        ("At least", words.credits_of(rates.minimum)),
        ("Token tools", f"1 credit per {words.number(rates.tokens_per_credit)} tokens, at least {words.credits_of(rates.minimum_tokens)}"),
    )
    table = rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in rows], class_name="kv")
    example = _p("Memory is what the run adds to an idle worker. So 512 MB held for 5 s is 0.625 credits, not 640.")
    return _p("A server run costs what it takes:"), rx.el.div(rx.el.div(table, class_name="bd"), class_name="card"), example


def _before() -> tuple[rx.Component, ...]:
    return (
        _p("The panel beside each tool follows the inputs as they are typed. It shows three figures:"),
        _points(
            "least: no run of this tool costs less;",
            "typically: what inputs of this size usually take;",
            "at most: the limits of CPU, memory and time that the run is started with cannot cost more. They are enforced on the running process.",
        ),
        _p("“Never charge more than” lowers the maximum. The limits follow; a run that needs more is stopped, and not charged."),
        _p("Run sets the maximum aside: a hold. Where the balance or a cap does not allow it, the page says which, how far and until when."),
    )


def _after() -> tuple[rx.Component, ...]:
    return (
        _p("A run with a result is charged what it took; the rest of the hold returns in the same moment. A run without a result is not charged."),
        _p("“Why this charge?” shows the sum, which credits paid, and the balance before and after."),
        _p("Credits that end soonest are spent first. A plan’s daily cap limits the plan’s own credits; credits that were bought or given pass it."),  # noqa: RUF001 - typographic apostrophes
    )


def _free() -> tuple[rx.Component, ...]:
    return (_p("Tools marked “In browser” or “Browser or server” run in the page itself: 0 credits, no account, nothing is sent. The first one loads Python."),)


def _api() -> tuple[rx.Component, ...]:
    return (
        _p("Every server tool is a route of its own, with the same estimate, hold and charge as the page."),
        rx.el.p(native_link(icon("braces"), "API reference", href="/api/docs", class_name="btn")),
    )


def _licences() -> tuple[rx.Component, ...]:
    return (
        _p("Credit Studio is free software under the Apache License 2.0."),
        _p("Advisories: PyPI advisory database, CC-BY 4.0. Typefaces: Geist and Geist Mono, SIL Open Font License 1.1. Icons: Lucide, ISC."),
    )
