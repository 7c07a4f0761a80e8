"""The plans side by side, from the catalogue."""

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.catalog.views import Plan
from credit_studio.ui import offering, words
from credit_studio.ui.components.parts import link_button
from credit_studio.ui.states.session import Session

_TAKE = "/account/billing/"


def plan_cards() -> rx.Component:
    """One card a plan: its price, what it brings, and the way to it."""
    return rx.el.ul(*[_card(plan, is_first=plan is catalog().first_plan) for plan in catalog().plans], class_name="grid plans")


def _card(plan: Plan, *, is_first: bool) -> rx.Component:
    capped = () if plan.daily_cap is None else (("At most a day", words.number(plan.daily_cap)),)
    rows = (offering.line(plan.monthly_credits, plan.credits_once), *capped, ("Runs in the browser", "unlimited, 0 credits"))
    facts = rx.el.dl(*[rx.el.div(rx.el.dt(name), rx.el.dd(value)) for name, value in rows], class_name="kv")
    price = (offering.AGREED.capitalize(),) if plan.by_agreement else (words.offered(catalog().money(plan.price)), rx.el.span("a month", class_name="u"))
    figure = rx.el.p(*price, class_name="fig")
    return rx.el.li(rx.el.div(rx.el.h3(plan.name), figure, facts, _way(plan, is_first=is_first), class_name="bd stack"), class_name="card")


def _way(plan: Plan, *, is_first: bool) -> rx.Component:
    if is_first:
        return rx.cond(Session.signed_in, link_button("Go to your plan", _TAKE, look="full"), link_button("Start free", "/register/", look="full"))
    if plan.by_agreement:
        return rx.el.p(offering.ASK, class_name="muted")
    take = link_button(f"Take {plan.name}", _TAKE, look="full")
    return rx.cond(Session.signed_in, take, link_button(f"Create account, then take {plan.name}", f"/register/?next={_TAKE}", look="full"))
