"""The frame of an account's pages: their links at the side, above the page where there is no room."""

import reflex as rx

from credit_studio.ui.components.money import Side
from credit_studio.ui.components.parts import icon

LINKS = (
    ("/account/", "Overview", "layout-dashboard"),
    ("/account/runs/", "Runs", "history"),
    ("/account/credits/", "Credits", "wallet"),
    ("/account/billing/", "Billing", "credit-card"),
    ("/account/receipts/", "Receipts", "receipt-text"),
    ("/account/redeem/", "Redeem a code", "ticket"),
    ("/account/gifts/", "Gifts", "gift"),
    ("/account/referral/", "Invitations", "user-plus"),
)


def entry_of(path: str) -> str:
    """The entry that a page belongs to: the longest one that its path begins with; empty for pages outside of the account."""
    return max((href for href, _, _ in LINKS if f"{path}/".startswith(href)), key=len, default="")


def account_frame(page: rx.Component, *, current: str) -> rx.Component:
    """A page of the account; `current` is the path of the entry that it belongs to."""
    side = Side.create(*[_entry(href, label, symbol, is_here=href == current) for href, label, symbol in LINKS])
    return rx.el.div(side, rx.el.div(page, class_name="account"), class_name="with-side")


def _entry(href: str, label: str, symbol: str, *, is_here: bool) -> rx.Component:
    return rx.el.li(rx.el.a(icon(symbol), label, href=href, **({"aria_current": "page"} if is_here else {})))
