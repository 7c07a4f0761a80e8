"""/account/runs: every run of the account, with what it cost and what is kept of it."""

from typing import Any

import reflex as rx

from credit_studio.ui.components.kept import delete_run
from credit_studio.ui.components.parts import badge, card, empty, icon, link_button, note, page_head, pager, waiting
from credit_studio.ui.states.runs import Listed, Runs

_STATUS_CHOICES = (("", "All states"), ("done", "Done"), ("stopped", "Failed or stopped"), ("cancelled", "Cancelled"), ("active", "Under way"))


def page() -> rx.Component:
    """The list."""
    return rx.fragment(
        page_head("Runs", "Each server run with its price. A result is kept for 30 days: the same inputs give it again for 0 credits."),
        _filters(),
        rx.el.div(_undo(), role="status"),
        _list(),
    )


def _filters() -> rx.Component:
    tools = rx.el.select(
        rx.el.option("All tools", value=""),
        rx.foreach(Runs.tools, lambda tool: rx.el.option(tool.label, value=tool.value, key=tool.value)),
        value=Runs.tool,
        on_change=Runs.by_tool,
        id="by-tool",
        class_name="in",
    )
    states = [rx.el.option(label, value=value) for value, label in _STATUS_CHOICES]
    status = rx.el.select(*states, value=Runs.status, on_change=Runs.by_status, id="by-status", class_name="in")
    clear = rx.el.button(icon("x"), "Clear", type="button", class_name="btn ghost", on_click=Runs.clear)
    is_narrowed = (Runs.tool != "") | (Runs.status != "") | (Runs.since != "") | (Runs.until != "")
    return rx.el.div(
        _by("Tool", tools, "by-tool"),
        _by("State", status, "by-status"),
        _by("From", _day(Runs.since, Runs.by_first_day, "by-first-day"), "by-first-day"),
        _by("To", _day(Runs.until, Runs.by_last_day, "by-last-day"), "by-last-day"),
        rx.cond(is_narrowed, clear, rx.fragment()),
        class_name="filters low",
        role="search",
        aria_label="Find runs",
    )


def _by(label: str, field: rx.Component, ident: str) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=ident, class_name="small"), field, class_name="by stack sm")


def _day(value: rx.Var[str], on_change: Any, ident: str) -> rx.Component:  # noqa: ANN401 - an event handler
    return rx.el.input(type="date", id=ident, class_name="in", value=value, on_change=on_change, min="2000-01-01", max="2099-12-31")


def _undo() -> rx.Component:
    said = note(
        rx.el.div(
            rx.el.span(rx.el.b("Run deleted.", class_name="strong"), " What it cost stays in your history."),
            rx.el.span(
                rx.el.button("Undo", type="button", class_name="btn", on_click=Runs.undo),
                rx.el.button(icon("x"), type="button", class_name="btn icon ghost", aria_label="Close", title="Close", on_click=Runs.dismiss),
                class_name="row",
            ),
            class_name="row between flow",
        ),
        symbol="trash-2",
    )
    return rx.cond(Runs.undo_id != "", rx.el.div(said, class_name="gap"), rx.fragment())


def _list() -> rx.Component:
    heads = [rx.el.th(text, scope="col") for text in ("Time, " + Runs.zone, "Tool", "State", "Result")]
    numbers = [rx.el.th(text, scope="col", class_name="r") for text in ("Took", "Credits")]
    head = rx.el.tr(*heads, *numbers, rx.el.th(rx.el.span("Delete", class_name="vh"), scope="col"))
    table = rx.el.table(
        rx.el.caption("Your runs", class_name="vh"), rx.el.thead(head), rx.el.tbody(rx.foreach(Runs.rows, _run)), class_name="tbl cards hi runs"
    )
    pages = pager(newer=(Runs.has_newer, Runs.newer), older=(Runs.has_older, Runs.older))
    body = rx.cond(Runs.ready, rx.cond(Runs.rows.length() > 0, rx.fragment(table, pages), _none()), waiting("the runs", rows=8))
    return card("Your runs", body, ident="runs")


def _run(run: rx.Var[Listed]) -> rx.Component:
    ended = rx.cond(run.is_done, badge(run.status, tone="g", symbol="circle-check"), badge(run.status, symbol="ban"))
    state = rx.cond(run.is_ended, ended, badge(run.status, tone="i", symbol="clock"))
    gone = rx.cond(run.is_done, rx.el.span("no longer kept", class_name="muted"), rx.fragment())
    kept = rx.el.span(
        rx.el.span("kept until ", run.kept, class_name="muted nowrap"),
        rx.cond(run.is_shared, badge("Shared", symbol="link-2"), rx.fragment()),
        class_name="row flow",
    )
    name = rx.el.span(rx.el.a(run.title, href=run.href, class_name="rowlink"), rx.el.span(run.summary, class_name="muted small"), class_name="stack xs")
    remove = delete_run(icon("trash-2"), name="Delete the run of " + run.title + ", " + run.at, look="btn icon ghost", on_confirm=Runs.delete(run.run_id))
    return rx.el.tr(
        rx.el.td(run.at, class_name="muted nowrap tm"),
        rx.el.th(name, scope="row"),
        rx.el.td(state, class_name="nt"),
        rx.el.td(rx.cond(run.kept != "", kept, gone), class_name="kp"),
        rx.el.td(run.lasted, class_name="r muted bl", custom_attrs={"data-l": "took"}),
        rx.el.td(run.charged, class_name="r amt"),
        rx.el.td(rx.cond(run.is_ended, remove, rx.fragment()), class_name="r rm"),
        key=run.run_id,
    )


def _none() -> rx.Component:
    is_narrowed = (Runs.tool != "") | (Runs.status != "") | (Runs.since != "") | (Runs.until != "")
    clear = rx.el.button("Show all runs", type="button", class_name="btn", on_click=Runs.clear)
    nothing = empty("search-x", "No run fits", "None of your runs is of this tool, state and time.", clear)
    first = empty(
        "receipt-text",
        "No runs yet",
        "Each server run will stand here with its price. Browser runs are free and are not listed.",
        link_button("Choose a tool", "/tools/"),
    )
    return rx.cond(is_narrowed, nothing, first)
