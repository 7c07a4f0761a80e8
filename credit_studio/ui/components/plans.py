"""The table of plans: each choice is shown with what it does before it is made."""

import reflex as rx

from credit_studio.ui.components.money import Follows, Opens, Pay
from credit_studio.ui.components.parts import Child, badge, card, note, skeleton, waiting
from credit_studio.ui.planning import PlanRow
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.plan import Plans


def plans_card(*, aside: Child = "") -> rx.Component:
    """The plans, how the present one stands, and what came of the last change."""
    heads = [rx.el.th(text, scope="col", class_name="r") for text in ("Credits a month", "At most a day", "Price")]
    head = rx.el.thead(rx.el.tr(rx.el.th("Plan", scope="col"), *heads, rx.el.th(rx.el.span("Choice", class_name="vh"), scope="col")))
    table = rx.el.table(rx.el.caption("Plans", class_name="vh"), head, rx.el.tbody(rx.foreach(Plans.rows, _row)), class_name="tbl cards pl")
    body = rx.fragment(
        Follows.create(value=Balance.told.to_string() + " " + Balance.version.to_string(), on_change=Plans.load),
        rx.el.div(rx.cond((Plans.said != "") & (Plans.standing.look == ""), _said(), rx.fragment()), role="status"),
        _standing(),
        table,
    )
    return card("Plan", rx.cond(Plans.ready, body, waiting("the plans", rows=3)), ident="plan", aside=aside)


def portal(label: str, look: str = "btn") -> rx.Component:
    """The way to the person's own page at Stripe: cards, invoices, the plan."""
    return Pay.create(path="/api/billing/portal", body={}, label=label, look=look)


def _said() -> rx.Component:
    return rx.el.div(note(Plans.said, tone="g", symbol="circle-check"), class_name="bd standing")


def _standing() -> rx.Component:
    said = rx.fragment(rx.el.b(Plans.standing.head, class_name="strong"), " ", Plans.standing.tail)
    due = note(said, rx.el.div(portal("Change the card, at Stripe"), class_name="under"), tone="b", symbol="octagon-x")
    shown = rx.cond(Plans.standing.look == "due", due, note(said, symbol="clock"))
    return rx.cond(Plans.standing.look != "", rx.el.div(shown, class_name="bd standing"), rx.fragment())


def _row(plan: rx.Var[PlanRow]) -> rx.Component:
    yours = rx.cond(plan.is_held, badge("yours", tone="g"), rx.fragment())
    choice = rx.cond(plan.verb != "", _choice(plan), rx.el.span(plan.said, class_name="muted"))
    return rx.el.tr(
        rx.el.th(rx.el.span(plan.name, yours, class_name="row"), scope="row"),
        rx.el.td(plan.credits, class_name="r", custom_attrs={"data-l": "credits a month"}),
        rx.el.td(plan.cap, class_name="r", custom_attrs={"data-l": "a day, at most"}),
        rx.el.td(plan.price, class_name="r"),
        rx.el.td(choice, class_name="r"),
        key=plan.id,
    )


def _choice(plan: rx.Var[PlanRow]) -> rx.Component:
    unread = rx.el.div(
        rx.el.span("Asking what it would do", class_name="vh"), skeleton("70%", "14px"), skeleton("90%", "14px"), class_name="stack", aria_busy="true"
    )
    refused = rx.el.div(note(Plans.refused, tone="w", symbol="triangle-alert"), role="alert")
    shown = rx.cond(Plans.refused != "", refused, rx.cond(Plans.asked.plan_id == plan.id, _asked(), unread))
    question = rx.cond(Plans.asked.plan_id == plan.id, Plans.asked.question, plan.name)
    return Opens.create(rx.el.span(plan.verb), shown, label=plan.verb + ": " + plan.name, look="btn", question=question, on_open=Plans.preview(plan.id))


def _asked() -> rx.Component:
    facts = rx.el.dl(rx.foreach(Plans.asked.facts, lambda one: rx.el.div(rx.el.dt(one.label), rx.el.dd(one.value), key=one.label)), class_name="kv")
    lists = (_list("What stays", Plans.asked.stays), _list("What ends", Plans.asked.ends), _list("What carries over", Plans.asked.carries))
    priced = {"planId": Plans.asked.plan_id, "pricedAt": Plans.asked.priced_at}
    body = rx.cond(Plans.asked.priced_at != "", rx.Var.create(priced), rx.Var.create({"planId": Plans.asked.plan_id}))
    pay = Pay.create(path="/api/billing/subscribe", body=body, label=Plans.asked.verb, look="btn pri lg full", done=Plans.asked.done, on_done=Plans.changed)
    return rx.el.div(*lists, facts, rx.cond(Plans.asked.verb != "", pay, rx.fragment()), class_name="stack")


def _list(head: str, lines: rx.Var[list[str]]) -> rx.Component:
    shown = rx.el.div(rx.el.h3(head), rx.el.ul(rx.foreach(lines, lambda line: rx.el.li(line, key=line)), class_name="points"), class_name="stack sm")
    return rx.cond(lines.length() > 0, shown, rx.fragment())
