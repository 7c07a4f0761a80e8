"""/pricing: plans, packs, how a price is made, what every tool costs, refunds and cards. Every figure is the catalogue's or the engine's."""

from dataclasses import replace

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.engine import service as engine
from credit_studio.engine.views import Usage
from credit_studio.payments import service as payments
from credit_studio.payments.views import PackOffer
from credit_studio.tools.base import Meter, Mode
from credit_studio.tools.registry import AnyTool, all_tools
from credit_studio.ui import words
from credit_studio.ui.components.parts import card, link_button, mode_words, native_link, page_head
from credit_studio.ui.components.plan_cards import plan_cards
from credit_studio.ui.components.tool_list import example_estimate
from credit_studio.ui.states.catalogue import Catalogue
from credit_studio.ui.states.session import Session

_RUNS = (
    ("A short one", Usage(cpu_ms=180, mem_mb=12, duration_ms=220)),
    ("Two seconds of CPU", Usage(cpu_ms=2_000, mem_mb=40, duration_ms=2_100)),
    ("512 MB for six seconds", Usage(cpu_ms=1_200, mem_mb=512, duration_ms=6_000)),
    ("Nine seconds, 1 GB", Usage(cpu_ms=9_000, mem_mb=1_024, duration_ms=9_400)),
)
_TOKENS = (900, 4_100)
_UNBOUND = 10**9
_REFUNDS = (
    "A run without a result is not charged, so there is nothing to refund: the history says why it ended.",
    "Bought credits do not expire, and they survive a smaller plan and a cancelled one.",
    "A purchase can be paid back, in whole or in part. Its credits go back in the same share: what is left of them first.",
    "What was spent of them before stays owed; the next purchase repays it. Nothing else is charged for it.",
    "A payment disputed at the bank is treated alike, and never together with a refund for more than was bought. One that you win brings the credits back.",
    "A plan ends with the period that is paid for. A month that has begun is not paid back by itself.",
)
_KNOWN = (
    ("Card number, security code", "never seen: they are typed on Stripe\u2019s page"),
    ("Brand, last four digits, month of expiry", "kept, to name the card on your pages"),
    ("A mark that tells two cards apart", "kept, to refuse a bonus for inviting oneself"),
    ("Name, address, VAT number", "only what you write on your receipts"),
)


def page() -> rx.Component:
    """The whole of it."""
    takes = "what it takes" if catalog().rates.tokens_per_run is None else "the same whatever it takes"
    intro = f"Runs in your browser cost nothing. A server run costs {takes}, never more than it was quoted, and nothing without a result."
    return rx.fragment(page_head("Pricing", intro), rx.el.div(_plans(), _packs(), _how(), _examples(), _tools(), _policies(), class_name="stack xl"))


def _plans() -> rx.Component:
    monthly = "A plan\u2019s credits come each month and end with it."
    capped = " Its caps limit these credits only: what you bought or were given passes them."
    once = " Credits that come once do not end."
    plans = catalog().plans
    said = monthly + (once if any(plan.credits_once for plan in plans) else "") + (capped if any(plan.daily_cap for plan in plans) else "")
    head = rx.el.div(rx.el.h2("Plans", id="plans"), rx.el.p(said, class_name="muted prose"), class_name="stack sm")
    return rx.el.section(head, plan_cards(), class_name="stack", aria_labelledby="plans")


def _packs() -> rx.Component:
    offers = payments.pack_offers()
    heads = [rx.el.th(name, scope="col", class_name="r") for name in ("Credits", "Price", "A credit", "Saving")]
    table = rx.el.table(
        rx.el.caption("Packs", class_name="vh"),
        rx.el.thead(rx.el.tr(rx.el.th("Pack", scope="col"), *heads)),
        rx.el.tbody(*[_pack(offer) for offer in offers]),
        class_name="tbl cards terse",
    )
    buy = rx.cond(Session.signed_in, link_button("Buy credits", "/account/credits/"), link_button("Create account to buy", "/register/?next=/account/credits/"))
    foot = rx.el.div(
        rx.el.span("Paid once, by card, at Stripe. Bought credits do not expire."),
        rx.el.a("Redeem a code", href="/account/redeem/"),
        class_name="ft row between flow",
    )
    return card("Credit packs", table, foot, ident="packs", aside=buy)


def _pack(offer: PackOffer) -> rx.Component:
    saving = f"{offer.saving}{words.NARROW}%" if offer.saving else ""
    cells = (
        ("credits", words.number(offer.credits), "r"),
        ("price", words.offered(offer.price), "r amt"),
        ("a credit", words.unit_price(offer.per_credit, offer.price.currency), "r"),
        ("saving", saving, "r"),
    )
    return rx.el.tr(
        rx.el.th(offer.name, scope="row"),
        *[rx.el.td(value, class_name=look, custom_attrs={"data-l": label}) for label, value, look in cells if value or label != "saving"],
        *([] if saving else [rx.el.td(class_name="r")]),
    )


def _how() -> rx.Component:
    rates = catalog().rates
    rows: tuple[tuple[str, str], ...] = (
        ("Each server run", words.credits_of(rates.base)),
        ("CPU time", f"1 credit per {rates.cpu_ms_per_credit / 1000:g}{words.NARROW}s"),
        ("Memory beyond an idle worker", f"1 credit per {rates.gb_ms_per_credit / 1000:g}{words.NARROW}GB{words.NARROW}s"),
        ("Rounded up", "once, at the end"),
        ("At least", words.credits_of(rates.minimum)),
        ("At most", "what the run was quoted, always"),
        ("Tools that count tokens", f"1 credit per {words.number(rates.tokens_per_credit)} tokens, at least {rates.minimum_tokens}"),
    )
    if rates.tokens_per_run is not None:
        by_tokens = f"1 credit per {words.number(rates.tokens_per_credit)}, at least {rates.minimum_tokens}"
        rows = (("Each server run", f"counts {words.number(rates.tokens_per_run)} tokens, whatever it takes"), ("Tokens", by_tokens), *rows[5:6])
    table = rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in rows], class_name="kv")
    more = rx.el.a("More in the docs", href="/docs/#price")
    return card("How a price is made", rx.el.div(table, class_name="bd"), ident="made", aside=more)


def _examples() -> rx.Component:
    heads = [rx.el.th(name, scope="col", class_name="r") for name in ("Base", "CPU", "Memory", "Tokens", "Sum", "Charged")]
    rows = [_example(name, usage) for name, usage in _RUNS]
    rows += [_example(f"{words.number(count)} tokens", Usage(0, 0, 0, count)) for count in _TOKENS if catalog().rates.tokens_per_run is None]
    table = rx.el.table(
        rx.el.caption("Worked examples, in credits", class_name="vh"),
        rx.el.thead(rx.el.tr(rx.el.th("Run", scope="col"), *heads)),
        rx.el.tbody(*rows),
        class_name="tbl cards terse",
    )
    note = rx.el.div("Computed by the engine that prices runs, with the rates above.", class_name="ft")
    return card("Worked examples", table, note, ident="examples", aside=rx.el.span("credits", class_name="muted small"))


def _example(name: str, usage: Usage) -> rx.Component:
    is_tokens = usage.tokens is not None
    tool = next(one for one in all_tools() if (one.meter is Meter.TOKENS) is is_tokens and one.mode is not Mode.CLIENT)
    counted = replace(usage, tokens=engine.tokens_of(usage.tokens))
    parts, charged = engine.usage_breakdown(counted), engine.charge(tool, counted, quoted_max=_UNBOUND)
    took = "" if is_tokens else f"{words.seconds(usage.cpu_ms)} CPU, {words.gigabyte_seconds(usage.mem_mb, usage.duration_ms)}"
    cells = (("base", parts.base), ("CPU", parts.cpu), ("memory", parts.memory), ("tokens", parts.tokens), ("sum", parts.sum))
    shown = [rx.el.td(words.raw(value) if value else "", class_name="r", custom_attrs={"data-l": label} if value else {}) for label, value in cells]
    title = rx.el.span(name, rx.el.span(took, class_name="muted small"), class_name="stack xs")
    return rx.el.tr(rx.el.th(title, scope="row"), *shown, rx.el.td(words.number(charged), class_name="r amt", custom_attrs={"data-l": "charged"}))


def _tools() -> rx.Component:
    heads = [rx.el.th(name, scope="col", class_name="r") for name in ("Typically", "From\u2013to", "Never more than")]
    table = rx.el.table(
        rx.el.caption("What a run of each tool\u2019s example costs, in credits", class_name="vh"),
        rx.el.thead(rx.el.tr(rx.el.th("Tool", scope="col"), rx.el.th("Where", scope="col"), *heads)),
        rx.el.tbody(*[_tool(tool) for tool in all_tools() if tool.is_built]),
        class_name="tbl cards terse",
    )
    note = rx.el.div("For the example of each tool\u2019s page, on this server. Your own inputs have their price beside the Run button.", class_name="ft")
    return card("What every tool costs", table, note, ident="tools", aside=rx.el.span("credits a run", class_name="muted small"))


def _tool(tool: AnyTool) -> rx.Component:
    estimate = example_estimate(tool)
    name = rx.el.th(rx.el.a(tool.title, href=f"{tool.path}/", class_name="rowlink"), scope="row")
    where = rx.el.td(mode_words(tool), class_name="muted")
    if estimate is None:
        return rx.el.tr(name, where, rx.el.td("0", class_name="r amt"), rx.el.td(class_name="r"), rx.el.td(class_name="r"))
    live, known = Catalogue.live[tool.id], Catalogue.live.contains(tool.id)
    typical = rx.cond(known, live["typical"].to(str), words.number(estimate.typical))
    span = rx.cond(known, live["price"].to(str), words.span(estimate.min, estimate.max))
    most = tool.cap if catalog().rates.tokens_per_run is None else estimate.max
    free = ("0 or ",) if tool.mode is Mode.HYBRID else ()
    return rx.el.tr(
        name,
        where,
        rx.el.td(*free, typical, class_name="r amt"),
        rx.el.td(span, class_name="r", custom_attrs={"data-l": "from\u2013to"}),
        rx.el.td(words.number(most), class_name="r muted", custom_attrs={"data-l": "never more than"}),
    )


def _policies() -> rx.Component:
    terms = catalog().offers
    refunds = card("Refunds", rx.el.div(rx.el.ul(*[rx.el.li(line) for line in _REFUNDS], class_name="points"), class_name="bd"), ident="refunds")
    rows = [rx.el.div(rx.el.dt(what), rx.el.dd(then)) for what, then in _KNOWN]
    stripe = rx.el.p("Stripe takes the payment; the studio holds no card data, so PCI rules have nothing here to protect.", class_name="muted")
    cards = card("What is known of your card", rx.el.div(rx.el.dl(*rows, class_name="kv"), stripe, class_name="bd stack"), ident="cards")
    gifts = rx.el.p(
        "Bought credits can be given by a link and taken back until they are claimed. "
        f"Who invites and who is invited get {words.credits_of(terms.referral_credits)} each with the newcomer\u2019s first purchase. ",
        rx.el.a("Give credits", href="/account/gifts/"),
        " or ",
        rx.el.a("invite somebody", href="/account/referral/"),
        ".",
    )
    tax = rx.el.p(
        "Prices are what is paid. Receipts carry your business\u2019s name, address and VAT number when you give them. ",
        native_link("For programs", href="/api/billing/packs"),
        ".",
    )
    more = card("Gifts, invitations, receipts", rx.el.div(gifts, tax, class_name="bd stack"), ident="more")
    return rx.el.div(refunds, rx.el.div(cards, more, class_name="stack xl"), class_name="grid g2 policies")
