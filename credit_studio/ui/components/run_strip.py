"""The strip of a server run, on top of its result: what happens to the credits, in every state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from credit_studio.ui.components.parts import badge, credit_word, grouped, icon

_LIVE = {"aria_live": "polite"}


@dataclass(frozen=True)
class _Facts:
    """The State's Vars, as `run_strip` takes them."""

    ahead: Any
    doing: Any
    share: Any
    elapsed: Any
    limit: Any
    held: Any
    so_far: Any
    charged: Any
    estimate: Any
    returned: Any
    failure: Any
    action: Any
    run_id: Any
    balance: Any
    cached: Any
    ended: Any
    on_cancel: Any


def run_strip(*, status: Any, cached: Any = False, ended: Any = "", **facts: Any) -> rx.Component:  # noqa: ANN401 - Vars of a State
    """The strip for a status of `runs.views` ("" draws nothing).

    Takes, as Vars: `ahead` (runs before this one), `doing` (words), `share` (0 to 1, negative: unknown), `elapsed`, `limit`, `so_far`
    and `estimate` (words), `held`, `charged`, `returned`, `balance` (whole credits), `failure`, `action` (words), `run_id`, `ended` (words:
    when, and how long), `cached` (a stored result was given), and `on_cancel`, an event handler.
    """
    known = _Facts(cached=cached, ended=ended, **facts)
    states: list[tuple[str, Callable[[_Facts], rx.Component]]] = [("queued", _queued), ("running", _running), ("succeeded", _done), ("cancelled", _cancelled)]
    failed = [(name, _failed) for name in ("failed", "timed_out", "limit")]
    drawn = rx.match(status, *[(name, draw(known)) for name, draw in (*states, *failed)], rx.fragment())
    return rx.el.div(drawn, class_name="strip server", **_LIVE)


def _queued(run: _Facts) -> rx.Component:
    place = rx.cond(run.ahead > 0, f"{grouped(run.ahead)} {rx.cond(run.ahead == 1, 'run', 'runs')} ahead", "Starts as soon as a worker is free")
    held = rx.el.span(rx.el.span(class_name="key hatch"), f"{grouped(run.held)} {credit_word(run.held)} held", class_name="row muted")
    return rx.fragment(_line(badge("Queued", symbol="clock"), rx.el.span(place)), _below(_between(held, _cancel(run))))


def _running(run: _Facts) -> rx.Component:
    spin = rx.el.span(class_name="spin small", aria_hidden="true")
    clock = rx.el.span(rx.cond(run.elapsed != "", f"{run.elapsed} of {run.limit}", f"at most {run.limit}"), class_name="muted small end", aria_live="off")
    percent = rx.Var(f"Math.round(100 * ({run.share!s}))", _var_data=run.share._get_all_var_data()).to(int)  # noqa: SLF001 - Reflex's own way to derive a Var
    meter = rx.el.div(
        rx.el.i(style={"width": f"{percent}%"}),
        class_name="meter",
        custom_attrs={"role": "meter"},  # Reflex does not know this role
        aria_label=f"Run progress, {percent} %",
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=percent,
    )
    used = rx.cond(run.so_far != "", f"About {run.so_far} of {grouped(run.held)} held credits used", f"{grouped(run.held)} {credit_word(run.held)} held")
    return rx.fragment(
        _line(badge(spin, "Running", tone="i"), rx.el.span(rx.cond(run.doing != "", run.doing, "On the server")), clock),
        _below(rx.cond(run.share >= 0, meter, rx.fragment()), _between(rx.el.span(used, class_name="muted", aria_live="off"), _cancel(run))),
    )


def _done(run: _Facts) -> rx.Component:
    when = rx.el.span(run.ended, class_name="muted small end")
    charged = rx.el.span(
        rx.el.b(f"{grouped(run.charged)} {credit_word(run.charged)}", class_name="strong"),
        rx.el.span(f" (estimated {run.estimate}), {grouped(run.returned)} returned", class_name="muted"),
    )
    stored = rx.el.span(rx.el.b("0 credits", class_name="strong"), rx.el.span(" Same inputs and version as a run before.", class_name="muted"))
    why = rx.el.a("Why this charge?", href=f"/runs/{run.run_id}/")
    balance = rx.el.span(f"Balance {grouped(run.balance)}", class_name="muted small")
    return rx.cond(
        run.cached,
        _line(badge("Stored", tone="g", symbol="check"), stored, why, when),
        _line(badge("Done", tone="g", symbol="circle_check"), charged, why, balance, when),
    )


def _failed(run: _Facts) -> rx.Component:
    said = rx.el.p(f"{run.failure} {run.action}", class_name="muted")
    ways = rx.el.div(_edit(), rx.el.a("What happened", href=f"/runs/{run.run_id}/"), class_name="row")
    return rx.fragment(_line(badge("Failed", tone="b", symbol="octagon_x"), _not_charged(run)), _below(said, ways))


def _cancelled(run: _Facts) -> rx.Component:
    when = rx.el.span(rx.cond(run.elapsed != "", f"Cancelled after {run.elapsed}.", "Cancelled before it began."), class_name="muted")
    again = rx.el.button("Run again", type="button", class_name="btn", custom_attrs={"data-cs-run": "server"})
    return rx.fragment(_line(badge("Cancelled", symbol="ban"), _not_charged(run)), _below(_between(when, again)))


def _not_charged(run: _Facts) -> rx.Component:
    returned = f" {grouped(run.returned)} held {credit_word(run.returned)} returned"
    return rx.el.span(rx.el.b("Not charged.", class_name="strong"), rx.cond(run.returned > 0, rx.el.span(returned, class_name="muted"), rx.fragment()))


def _edit() -> rx.Component:
    """Back to the form: its first field takes the focus."""
    return rx.el.button(icon("pencil"), "Edit inputs", type="button", class_name="btn", custom_attrs={"data-cs-edit": "inputs"})


def _cancel(run: _Facts) -> rx.Component:
    return rx.el.button("Cancel", type="button", class_name="btn", on_click=run.on_cancel)


def _line(*parts: rx.Component) -> rx.Component:
    return rx.el.div(*parts, class_name="done flat")


def _below(*parts: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.div(*parts, class_name="stack sm"), class_name="bd")


def _between(*parts: rx.Component) -> rx.Component:
    return rx.el.div(*parts, class_name="row between flow")
