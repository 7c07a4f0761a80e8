"""/account/referral: inviting somebody; /invite/{code}: what the link shows."""

import reflex as rx

from credit_studio.ui.components.kept import CopyLink
from credit_studio.ui.components.parts import badge, card, empty, icon, link_button, note, page_head, skeleton, waiting
from credit_studio.ui.states.referral import Guest, Invitation, Referral

_TERMS = (
    "The bonus comes to both with the newcomer\u2019s first purchase of any size, at once, and does not end.",
    "An invitation is accepted within 30 days of signing up, before the first purchase, from an older account; each account accepts one.",
    "There is no bonus for inviting oneself: when both accounts paid with the same card, or signed in with the same browser from the same address.",
    "When that purchase is paid back in full, both bonuses are taken back.",
)


def page() -> rx.Component:
    """Whoever invites."""
    return rx.fragment(
        page_head("Invitations", "A bonus for both, with the newcomer\u2019s first purchase."),
        rx.el.div(_own(), _link(), _guests(), _terms(), class_name="stack xl"),
    )


def _own() -> rx.Component:
    return rx.cond(Referral.own_says != "", note(Referral.own_says, symbol="info"), rx.fragment())


def _link() -> rx.Component:
    figures = rx.el.dl(
        _figure("Bonus for each of both", Referral.bonus, ""),
        _figure("Earned so far", Referral.earned, rx.el.span("of at most ", Referral.most, " bonuses")),
        class_name="kpis ruled",
    )
    body = rx.el.div(CopyLink.create(path=Referral.path, label="Your link, to send to whoever is new"), class_name="bd")
    return card("Invite somebody", rx.cond(Referral.ready, rx.fragment(figures, body), waiting("your link", rows=2)), ident="invite")


def _figure(name: str, value: rx.Var[str], said: rx.Component | str) -> rx.Component:
    return rx.el.div(rx.el.dt(name), rx.el.dd(value), *([rx.el.dd(said)] if said != "" else []), class_name="kpi")


def _guests() -> rx.Component:
    heads = [rx.el.th(text, scope="col") for text in ("When", "State", "Note")]
    head = rx.el.tr(*heads, rx.el.th("Credits", scope="col", class_name="r"))
    table = rx.el.table(
        rx.el.caption("Who accepted", class_name="vh"), rx.el.thead(head), rx.el.tbody(rx.foreach(Referral.guests, _guest)), class_name="tbl cards"
    )
    none = empty("user-plus", "Nobody yet", "Each accepted invitation stands here, without a word of who it is.")
    return card("Who accepted", rx.cond(Referral.ready, rx.cond(Referral.guests.length() > 0, table, none), waiting("who accepted")), ident="guests")


def _guest(one: rx.Var[Guest]) -> rx.Component:
    ended = rx.cond(one.is_good, badge(one.state, tone="g", symbol="circle-check"), badge(one.state, symbol="ban"))
    state = rx.cond(one.is_waiting, badge(one.state, tone="i", symbol="clock"), ended)
    return rx.el.tr(
        rx.el.td(one.at, class_name="muted nowrap"),
        rx.el.th(state, scope="row"),
        rx.el.td(one.note, class_name="muted"),
        rx.el.td(one.credits, class_name=rx.cond(one.is_good, "r amt good", "r amt")),
    )


def _terms() -> rx.Component:
    return card("How it works", rx.el.div(rx.el.ul(*[rx.el.li(line) for line in _TERMS], class_name="points"), class_name="bd"), ident="terms")


def invitation() -> rx.Component:
    """What an invitation's link shows."""
    bars = rx.el.div(
        rx.el.h1("Invitation", class_name="vh"),
        rx.el.span("Loading the invitation", class_name="vh"),
        skeleton("220px", "40px"),
        skeleton("100%", "120px"),
        class_name="stack",
        aria_busy="true",
    )
    return rx.el.div(rx.cond(Invitation.ready, rx.cond(Invitation.missing, _missing(), _invited()), bars), class_name="narrow-page")


def _missing() -> rx.Component:
    nothing = empty(
        "link-2-off", "No invitation under this link", "The link may be incomplete. Ask whoever sent it.", link_button("Create account", "/register/")
    )
    return rx.el.div(rx.el.h1("No invitation here"), rx.el.div(nothing, class_name="card"), class_name="stack xl")


def _invited() -> rx.Component:
    done = rx.el.div(
        note(
            rx.el.b("Accepted.", class_name="strong"), rx.el.br(), Invitation.bonus, " come to both with your first purchase.", tone="g", symbol="circle-check"
        ),
        link_button("Choose a tool", "/tools/", look="pri full"),
        class_name="stack",
    )
    fault = rx.cond(Invitation.fault != "", note(Invitation.fault, tone="b", symbol="circle-alert", role="alert"), rx.fragment())
    accept = rx.el.button(icon("user-plus"), "Accept the invitation", type="button", class_name="btn pri lg full", on_click=Invitation.accept)
    visitor = rx.el.div(
        link_button("Create account", Invitation.register, look="pri lg full"),
        rx.el.p("Then you come back here to accept. An account already? ", rx.el.a("Sign in", href=Invitation.sign_in), class_name="muted"),
        class_name="stack sm",
    )
    now = rx.cond(Invitation.accepted, done, rx.el.div(fault, rx.cond(Invitation.signed_in, accept, visitor), class_name="stack"))
    said = rx.el.p(
        rx.el.b(Invitation.bonus, class_name="strong"),
        " for you, and as many for whoever invited you, when you buy credits or a plan for the first time. You need not buy anything.",
    )
    body = rx.el.div(said, rx.el.div(now, role="status"), class_name="bd stack")
    about = rx.el.p("Know the price before you run: developer, security and data tools, metered in credits.", class_name="muted")
    return rx.el.div(rx.el.h1("You are invited to Credit Studio"), rx.el.div(body, class_name="card"), about, class_name="stack xl")
