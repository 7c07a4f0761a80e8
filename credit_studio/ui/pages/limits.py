"""/account/settings/credits: hard stops, alerts, auto-recharge, time zone; and what the caps would have stopped."""

import reflex as rx

from credit_studio.identity import rules as zones
from credit_studio.ui.components.aimed import Aimed
from credit_studio.ui.components.money import Follows
from credit_studio.ui.components.parts import card, icon, page_head, waiting
from credit_studio.ui.components.recharge import recharge
from credit_studio.ui.limiting import Stopped
from credit_studio.ui.states.balance import Balance
from credit_studio.ui.states.limits import CapLine, Limits, Step
from credit_studio.ui.states.session import Session


def page() -> rx.Component:
    """The page."""
    intro = "A cap stops a run before it starts, and that run costs nothing. An alert only tells."
    stops = rx.el.div(_caps(), _simulator(), class_name="grid buy limits-top")
    body = rx.el.div(stops, _alerts(), _buying(), _zone(), class_name="stack xl")
    return rx.fragment(
        page_head("Limits", intro),
        Follows.create(value=Balance.version.to_string(), on_change=Limits.follow),
        rx.cond(Limits.ready, rx.fragment(Aimed.create(), body), rx.el.div(waiting("your limits", rows=6), class_name="card")),
    )


def _caps() -> rx.Component:
    fields = rx.el.div(rx.foreach(Limits.caps, _cap), class_name="bd stack xl")
    foot = rx.el.div("Your own caps count everything that is spent, bought credits too. The plan’s caps limit the plan’s credits only.", class_name="ft")  # noqa: RUF001 - a typographic apostrophe
    return card("Hard stops", fields, foot, ident="stops", aside=rx.el.span("your own, in credits", class_name="muted small"))


def _cap(line: rx.Var[CapLine]) -> rx.Component:
    about = line.ident + "-about"
    field = rx.el.input(
        id=line.ident,
        name="value",
        class_name="in short",
        input_mode="numeric",
        auto_complete="off",
        max_length=11,
        placeholder="none",
        default_value=line.value,
        key=line.name + line.turn.to_string(),
        on_change=lambda text: Limits.typed(line.name, text),
        aria_invalid=Limits.wrong[line.name] != "",
        aria_describedby=about,
    )
    row = rx.el.div(field, rx.el.span("credits", class_name="muted"), _save(line.label), class_name="row flow")
    says = rx.el.p(line.says, class_name="small", aria_live="polite")
    told = rx.el.div(says, rx.el.p(line.most, class_name="help"), id=about, class_name="stack sm")
    inner = rx.el.div(rx.el.label(line.label, html_for=line.ident), row, told, _outcome(line.name, line.label), class_name="field")
    return rx.el.form(rx.el.input(type="hidden", name="name", value=line.name, read_only=True), inner, on_submit=Limits.save, key=line.name)


def _save(label: rx.Var[str] | str) -> rx.Component:
    return rx.el.button("Save", type="submit", class_name="btn", aria_label="Save: " + label)


def _outcome(name: rx.Var[str] | str, label: rx.Var[str] | str) -> rx.Component:
    """What became of the last change of a field, and the way back."""
    undo = rx.el.button("Undo", type="button", class_name="linklike", aria_label="Undo: " + label, on_click=Limits.undo(name))
    done = rx.el.p(icon("circle-check"), rx.el.span(Limits.done[name]), rx.cond(Limits.undoes[name], undo, rx.fragment()), class_name="row good small")
    wrong = rx.el.p(icon("circle-alert", size="s"), rx.el.span(Limits.wrong[name]), class_name="err")
    return rx.fragment(
        rx.el.div(rx.cond(Limits.done[name] != "", done, rx.fragment()), role="status"),
        rx.el.div(rx.cond(Limits.wrong[name] != "", wrong, rx.fragment()), role="alert"),
    )


def _simulator() -> rx.Component:
    rows = rx.el.ul(rx.foreach(Limits.blocked, _stopped), class_name="stack sm plainly")
    said = rx.el.p(Limits.blocked_head, aria_live="polite", custom_attrs={"data-cs": "simulated"})
    note = rx.el.p("Counted in the same windows as the caps, with what each run held and was charged. It changes as you type.", class_name="small muted")
    return card("The last 30 days", rx.el.div(said, rx.cond(Limits.blocked.length() > 0, rows, rx.fragment()), note, class_name="bd stack"), ident="simulated")


def _stopped(one: rx.Var[Stopped]) -> rx.Component:
    head = rx.el.span(rx.el.a(one.title, href=one.href, class_name="tap"), rx.el.span(one.at, class_name="muted small nowrap"), class_name="row between flow")
    return rx.el.li(head, rx.el.span(one.why, class_name="small muted"), key=one.href, class_name="stopped")


def _alerts() -> rx.Component:
    steps = rx.el.fieldset(
        rx.el.legend("Tell me when this much of a cap is spent", class_name="strong"),
        rx.el.div(rx.foreach(Limits.steps, _step), class_name="row ticks"),
        _outcome("alert_thresholds", "alerts"),
        class_name="stack sm",
    )
    channels = rx.el.fieldset(
        rx.el.legend("Where alerts come", class_name="strong"),
        rx.el.div(_channel("in_app", "In the app", Limits.in_app), _channel("email", "By mail", Limits.email), class_name="row ticks"),
        _outcome("channels", "where alerts come"),
        class_name="stack sm",
    )
    more = rx.el.div(
        _text("sms", "Text message to", "A number with its country code, like +447700900123. Empty for none.", input_mode="tel"),
        _text("webhook_url", "Webhook", "An https address that gets signed messages. Empty for none.", input_mode="url"),
        class_name="form-grid",
    )
    foot = rx.el.div("An alert tells and stops nothing. One comes for each crossing, not one a run.", class_name="ft")
    return card("Alerts", rx.el.div(steps, channels, more, class_name="bd stack xl"), foot, ident="alerts")


def _step(one: rx.Var[Step]) -> rx.Component:
    box = rx.el.input(type="checkbox", class_name="check", checked=one.is_on, on_change=lambda on: Limits.step(one.percent, on))
    return rx.el.label(box, rx.el.span(one.percent, "\u00a0%"), class_name="row tight tap", key=one.percent)


def _channel(name: str, label: str, is_on: rx.Var[bool]) -> rx.Component:
    box = rx.el.input(type="checkbox", class_name="check", checked=is_on, on_change=lambda on: Limits.channel(name, on))
    return rx.el.label(box, rx.el.span(label), class_name="row tight tap")


def _text(name: str, label: str, about: str, *, input_mode: str = "text", says: rx.Component | None = None, **more: object) -> rx.Component:
    """A field of text that is saved by itself; `more` goes to its input."""
    ident = name.replace("_", "-")
    field = rx.el.input(
        id=ident,
        name="value",
        class_name="in",
        input_mode=input_mode,
        auto_complete="off",
        max_length=500,
        default_value=Limits.texts[name],
        key=name + Limits.turn.to_string(),
        aria_invalid=Limits.wrong[name] != "",
        aria_describedby=f"{ident}-about",
        **more,
    )
    told = rx.el.div(rx.el.p(about, class_name="help"), says or rx.fragment(), id=f"{ident}-about", class_name="stack sm")
    inner = rx.el.div(rx.el.label(label, html_for=ident), rx.el.div(field, _save(label), class_name="row"), told, _outcome(name, label), class_name="field")
    return rx.el.form(rx.el.input(type="hidden", name="name", value=name, read_only=True), inner, on_submit=Limits.save)


def _buying() -> rx.Component:
    none = rx.el.p("When credits run low, the saved card can buy more, up to a ceiling a month. Off until you agree to it.", class_name="muted small")
    return card("Auto-recharge", rx.el.div(recharge(), none, class_name="bd stack"), ident="buying")


def _zone() -> rx.Component:
    listed = rx.el.datalist(*[rx.el.option(value=name) for name in zones.listed_zones()], id="zones")
    says = rx.el.p(Limits.zone_says, class_name="small", aria_live="polite")
    now = "Days and months of caps begin at midnight here: now " + Session.zone + ". Type a city to search."
    field = _text("time_zone", "Time zone", now, says=says, list="zones", on_change=Limits.zone_typed, spell_check=False)
    return card("Time zone", rx.el.div(field, listed, class_name="bd narrow-zone"), ident="zone")
