"""/login and /register: the forms talk to the HTTP API; nothing that is typed here passes through State."""

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.ui import offering, words
from credit_studio.ui.components.account_menu import AuthForm


def login() -> rx.Component:
    """Sign in."""
    return _narrow("Sign in", "Then on to the page you came from.", "login")


def register() -> rx.Component:
    """Create an account."""
    plan = catalog().first_plan
    capped = "" if plan.daily_cap is None else f", at most {words.number(plan.daily_cap)} a day"
    said = f"{offering.brings(plan.monthly_credits, plan.credits_once)}{capped}, on the {plan.name} plan. No card needed."
    return _narrow("Create account", said, "register")


def _narrow(title: str, said: str, kind: str) -> rx.Component:
    head = rx.el.div(rx.el.h1(title), rx.el.p(said, class_name="muted"), class_name="stack sm")
    return rx.el.div(head, rx.el.div(rx.el.div(AuthForm.create(kind=kind), class_name="bd"), class_name="card"), class_name="stack xl narrow-page")
