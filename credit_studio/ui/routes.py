"""The site map: one row a page, with its guard. Tool pages come from the registry."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import reflex as rx
from reflex.event import EventType

from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, all_tools
from credit_studio.ui.components.account_frame import entry_of
from credit_studio.ui.components.shell import framed
from credit_studio.ui.pages import (
    account,
    accuracy,
    alerts,
    arrival,
    billing,
    compare,
    docs,
    gifts,
    history,
    landing,
    limits,
    lost,
    orders,
    pricing,
    promos,
    receipt,
    receipts,
    reconciliation,
    redeem,
    referral,
    runs,
    shared,
    sign_in,
    tool,
    tools,
    usage,
)
from credit_studio.ui.pages import credits as credits_page
from credit_studio.ui.states.account import Account
from credit_studio.ui.states.accuracy import Accuracy
from credit_studio.ui.states.alerts import Alerts
from credit_studio.ui.states.arrival import Arrival
from credit_studio.ui.states.billing import Billing
from credit_studio.ui.states.catalogue import Catalogue
from credit_studio.ui.states.credits import Credits
from credit_studio.ui.states.demo import Demo
from credit_studio.ui.states.gifts import GiftClaim, Gifts
from credit_studio.ui.states.history import History
from credit_studio.ui.states.kept import Kept, Shared
from credit_studio.ui.states.limits import Limits
from credit_studio.ui.states.orders import Orders
from credit_studio.ui.states.plan import Plans
from credit_studio.ui.states.price import Price
from credit_studio.ui.states.promos import Promos
from credit_studio.ui.states.purchase import Purchase
from credit_studio.ui.states.receipt import Receipt
from credit_studio.ui.states.receipts import Receipts
from credit_studio.ui.states.recharging import Recharging
from credit_studio.ui.states.reconciliation import Reconciliation
from credit_studio.ui.states.redeeming import Redeeming
from credit_studio.ui.states.referral import Invitation, Referral
from credit_studio.ui.states.run import Run
from credit_studio.ui.states.runs import Runs
from credit_studio.ui.states.session import Session
from credit_studio.ui.states.usage import Usage


class Guard(StrEnum):
    """Who may open a page."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    VISITOR = "visitor"
    """Only those who are not signed in; others go on to where they wanted to go."""


GUARDS = {Guard.ANYONE: Session.load, Guard.SIGNED_IN: Session.require, Guard.VISITOR: Session.welcome}


@dataclass(frozen=True)
class Route:
    """A page: its path, its title, its body, who may open it and what it loads. `found` puts it into the sitemap.

    `is_unlisted` asks search engines to pass it over.
    """

    path: str
    title: str
    description: str
    body: Callable[[], rx.Component]
    guard: Guard = Guard.ANYONE
    loads: tuple[EventType[()], ...] = ()
    nav: str = ""
    found: bool = True
    is_unlisted: bool = False


PAGES: tuple[Route, ...] = (
    Route(
        "/",
        "Know the price before you run",
        "Developer, security and data tools, metered in credits: the price is known first.",
        landing.page,
        loads=(Demo.load,),
    ),
    Route("/tools", "Tools", "All tools, where they run and what they usually cost.", tools.page, loads=(Catalogue.load,), nav="/tools/"),
    Route(
        "/tools/compare",
        "Compare two tools",
        "Two tools side by side: what they cost for the same size of input, and what limits them.",
        compare.page,
        nav="/tools/",
    ),
    Route(
        "/pricing", "Pricing", "Plans, credit packs, how a price is made, and what every tool costs.", pricing.page, loads=(Catalogue.load,), nav="/pricing/"
    ),
    Route("/accuracy", "Accuracy board", "How often prices were what had been said, by tool, over 30 days.", accuracy.page, loads=(Accuracy.load,)),
    Route("/docs", "Docs", "How a price is made, held and charged.", docs.page, nav="/docs/"),
    Route("/login", "Sign in", "Sign in to run tools on the server.", sign_in.login, guard=Guard.VISITOR, found=False),
    Route("/register", "Create account", "A free account: the price is known before every run.", sign_in.register, guard=Guard.VISITOR, found=False),
    Route("/account", "Overview", "Balance, limits, history and runs.", account.page, guard=Guard.SIGNED_IN, loads=(Account.load,), found=False),
    Route("/account/usage", "Usage", "Credits and runs over time, and what comes next.", usage.page, guard=Guard.SIGNED_IN, loads=(Usage.load,), found=False),
    Route("/account/runs", "Runs", "Every run, what it cost and what is kept of it.", runs.page, guard=Guard.SIGNED_IN, loads=(Runs.load,), found=False),
    Route(
        "/account/credits",
        "Credits",
        "What you hold, and packs to buy.",
        credits_page.page,
        guard=Guard.SIGNED_IN,
        loads=(Credits.load, Purchase.load, Recharging.load, Plans.load),
        found=False,
    ),
    Route(
        "/account/credits/history",
        "History",
        "Every movement of your credits.",
        history.page,
        guard=Guard.SIGNED_IN,
        loads=(History.load,),
        found=False,
    ),
    Route("/account/credits/success", "Your purchase", "How a purchase stands.", arrival.success, guard=Guard.SIGNED_IN, loads=(Arrival.load,), found=False),
    Route("/account/credits/cancelled", "Nothing was bought", "A checkout that was left.", arrival.cancelled, guard=Guard.SIGNED_IN, found=False),
    Route(
        "/account/billing", "Billing", "Card, plan, purchases and receipts.", billing.page, guard=Guard.SIGNED_IN, loads=(Billing.load, Plans.load), found=False
    ),
    Route(
        "/account/settings/credits",
        "Limits",
        "Caps, alerts, auto-recharge and time zone.",
        limits.page,
        guard=Guard.SIGNED_IN,
        loads=(Limits.load, Recharging.load),
        found=False,
    ),
    Route("/account/alerts", "Alerts", "What you were told.", alerts.page, guard=Guard.SIGNED_IN, loads=(Alerts.load,), found=False),
    Route("/account/redeem", "Redeem a code", "A code for credits.", redeem.page, guard=Guard.SIGNED_IN, loads=(Redeeming.clear,), found=False),
    Route("/account/gifts", "Gifts", "Credits for somebody else, by a link.", gifts.page, guard=Guard.SIGNED_IN, loads=(Gifts.load,), found=False),
    Route("/account/referral", "Invitations", "A bonus for both.", referral.page, guard=Guard.SIGNED_IN, loads=(Referral.load,), found=False),
    Route("/account/receipts", "Receipts", "What was paid, as PDF.", receipts.page, guard=Guard.SIGNED_IN, loads=(Receipts.load,), found=False),
    Route(
        "/admin/orders",
        "Orders",
        "Any order, its credits, refunds and disputes.",
        orders.page,
        guard=Guard.SIGNED_IN,
        loads=(Orders.load, Reconciliation.load),
        found=False,
    ),
    Route("/admin/promos", "Promo codes", "Codes that bring credits.", promos.page, guard=Guard.SIGNED_IN, loads=(Promos.load,), found=False),
    Route(
        "/admin/reconciliation",
        "Reconciliation",
        "Does what was paid agree with what was granted?",
        reconciliation.page,
        guard=Guard.SIGNED_IN,
        loads=(Reconciliation.load,),
        found=False,
    ),
    Route("/gifts/[token]", "A gift of credits", "Credits that somebody gives.", gifts.claim, loads=(GiftClaim.load,), found=False, is_unlisted=True),
    Route("/invite/[code]", "Invitation", "A bonus for both.", referral.invitation, loads=(Invitation.load,), found=False, is_unlisted=True),
    Route("/runs/[run_id]", "Why this charge?", "One run, explained.", receipt.page, guard=Guard.SIGNED_IN, loads=(Receipt.load, Kept.load), found=False),
    Route("/shared/[token]", "Shared result", "A result, to read only.", shared.page, loads=(Shared.load,), found=False, is_unlisted=True),
    Route("404", "No such page", "There is no page at this address.", lost.not_found, found=False),
)


def tool_route(one: AnyTool) -> Route:
    """The page of a tool."""
    is_priced = one.is_built and one.mode is not Mode.CLIENT
    loads = (Price.load(one.id), Run.clear(one.id)) if is_priced else ()
    return Route(one.path, one.title, one.summary, tool.make_page(one), loads=loads, nav="/tools/")


def all_routes() -> tuple[Route, ...]:
    """Every page of the site."""
    return PAGES + tuple(tool_route(one) for one in all_tools())


def add_pages(app: rx.App) -> None:
    """Make every page known to Reflex."""
    for route in all_routes():
        app.add_page(
            framed(route.body, current=route.nav, side=entry_of(route.path)),
            route=route.path,
            title=f"{route.title} · Credit Studio",
            description=route.description,
            image="/favicon.svg",
            on_load=[GUARDS[route.guard], *route.loads],
            meta=[{"name": "robots", "content": "noindex, nofollow"}] if route.is_unlisted else [],
            context={"sitemap": {"priority": 0.7, "changefreq": "weekly"} if route.found else None},
        )
