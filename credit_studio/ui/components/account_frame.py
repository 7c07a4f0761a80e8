"""The frame of an account's pages: their links at the side, above the page where there is no room."""

import reflex as rx

from credit_studio.ui.components.money import Side
from credit_studio.ui.components.parts import icon
from credit_studio.ui.states.session import Session

LINKS = (
    ("/account/", "Overview", "layout-dashboard"),
    ("/account/usage/", "Usage", "chart-column"),
    ("/account/runs/", "Runs", "history"),
    ("/account/credits/history/", "History", "scroll-text"),
    ("/account/credits/", "Credits", "wallet"),
    ("/account/settings/credits/", "Limits", "sliders-horizontal"),
    ("/account/alerts/", "Alerts", "bell"),
    ("/account/billing/", "Billing", "credit-card"),
    ("/account/receipts/", "Receipts", "receipt-text"),
    ("/account/redeem/", "Redeem a code", "ticket"),
    ("/account/gifts/", "Gifts", "gift"),
    ("/account/referral/", "Invitations", "user-plus"),
)
OPERATING = (
    ("/admin/orders/", "Orders", "receipt-text"),
    ("/admin/promos/", "Promo codes", "ticket-percent"),
    ("/admin/reconciliation/", "Reconciliation", "scale"),
)
"""What operators alone are shown."""


def entry_of(path: str) -> str:
    """The entry that a page belongs to: the longest one that its path begins with; empty for pages outside of the account."""
    return max((href for href, _, _ in LINKS + OPERATING if f"{path}/".startswith(href)), key=len, default="")


def account_frame(page: rx.Component, *, current: str) -> rx.Component:
    """A page of the account; `current` is the path of the entry that it belongs to."""
    entries = [_entry(href, label, symbol, is_here=href == current) for href, label, symbol in LINKS]
    operating = [_entry(href, label, symbol, is_here=href == current) for href, label, symbol in OPERATING]
    operators = rx.fragment(rx.el.li("Operators", class_name="group"), *operating)
    side = Side.create(*entries, rx.cond(Session.is_operator, operators, rx.fragment()))
    return rx.el.div(side, rx.el.div(page, class_name="account"), class_name="with-side")


def _entry(href: str, label: str, symbol: str, *, is_here: bool) -> rx.Component:
    return rx.el.li(rx.el.a(icon(symbol), label, href=href, **({"aria_current": "page"} if is_here else {})))
