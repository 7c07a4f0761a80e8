"""/account/gifts: giving credits by a link, and taking them back; /gifts/{token}: what the link shows."""

import reflex as rx

from credit_studio.catalog.service import catalog
from credit_studio.ui.components.fields import submit, text_field
from credit_studio.ui.components.kept import Confirm, CopyLink
from credit_studio.ui.components.parts import badge, card, credit_word, empty, icon, link_button, note, page_head, skeleton, waiting
from credit_studio.ui.states.gifts import GiftClaim, Gifts, Given


def page() -> rx.Component:
    """A giver's page."""
    intro = "Credits that you bought, or got as a gift, for somebody else. They are set aside until the link is used, and yours again when you take them back."
    return rx.fragment(
        page_head("Gifts", intro),
        rx.el.div(_form(), _list(), class_name="stack xl"),
    )


def _form() -> rx.Component:
    fields = rx.el.div(
        text_field(
            "Credits", "credits", ident="gift-credits", most=12, fault=Gifts.fault, input_mode="numeric", look="in num", auto_complete="off", required=True
        ),
        text_field("From", "from", ident="gift-from", most=40, about="Shown to whoever has the link. May stay empty.", auto_complete="off"),
        text_field("Message", "message", ident="gift-message", most=200, about="Likewise.", auto_complete="off"),
        class_name="form-grid",
    )
    form = rx.el.form(fields, rx.el.div(submit("Make a gift link", "gift"), class_name="row"), on_submit=Gifts.give, class_name="stack")
    days = catalog().offers.gift_days
    foot = rx.el.div(
        f"Whoever has the link can claim the gift, once. After {days} days it comes back. Credits of plans and codes cannot be given.",
        class_name="ft",
    )
    nothing = empty(
        "gift", "Nothing to give yet", "Credits that you buy, or get as a gift, can be given by a link.", link_button("Buy credits", "/account/credits/")
    )
    body = rx.cond(
        Gifts.ready,
        rx.fragment(rx.el.div(_link(), role="status"), rx.cond(Gifts.has_any, rx.el.div(form, class_name="bd"), nothing)),
        waiting("what you can give", rows=2),
    )
    return card(
        "Give credits", body, foot, ident="give", aside=rx.cond(Gifts.ready, rx.el.span(Gifts.giveable, " to give", class_name="muted small"), rx.fragment())
    )


def _link() -> rx.Component:
    said = note(
        rx.el.div(rx.el.b(Gifts.link_says, class_name="strong"), CopyLink.create(path=Gifts.link, label="The gift\u2019s link"), class_name="stack sm"),
        tone="g",
        symbol="link-2",
    )
    return rx.cond(Gifts.link != "", rx.el.div(said, class_name="bd"), rx.fragment())


def _list() -> rx.Component:
    heads = [rx.el.th(text, scope="col") for text in ("Made", "Gift", "State", "When")]
    head = rx.el.tr(*heads, rx.el.th("Credits", scope="col", class_name="r"), rx.el.th(rx.el.span("Actions", class_name="vh"), scope="col"))
    table = rx.el.table(rx.el.caption("Your gifts", class_name="vh"), rx.el.thead(head), rx.el.tbody(rx.foreach(Gifts.rows, _row)), class_name="tbl cards")
    none = empty("gift", "No gifts yet", "Each gift stands here with its state, to be taken back until it is claimed.")
    return card("Your gifts", rx.cond(Gifts.ready, rx.cond(Gifts.rows.length() > 0, table, none), waiting("your gifts")), ident="gifts")


def _row(one: rx.Var[Given]) -> rx.Component:
    state = rx.match(
        one.state,
        ("Not claimed", badge(one.state, tone="i", symbol="link-2")),
        ("Claimed", badge(one.state, tone="g", symbol="circle-check")),
        badge(one.state, symbol="ban"),
    )
    back = Confirm.create(
        "Take back",
        label="Take back the gift of " + one.worth + ", made " + one.made,
        look="btn",
        question="Take back " + one.worth + "?",
        detail="The credits are yours again, and the link ends. Whoever has it sees that the gift was taken back.",
        verb="Take back",
        keep="Leave it",
        on_confirm=Gifts.revoke(one.gift_id),
    )
    anew = rx.el.button("New link", type="button", class_name="btn", aria_label="New link to the gift of " + one.worth, on_click=Gifts.relink(one.gift_id))
    return rx.el.tr(
        rx.el.td(one.made, class_name="muted nowrap", custom_attrs={"data-l": "made"}),
        rx.el.th(rx.cond(one.about != "", one.about, "Gift"), scope="row"),
        rx.el.td(state),
        rx.el.td(one.when, class_name="muted"),
        rx.el.td(one.credits, class_name="r amt"),
        rx.el.td(rx.cond(one.is_open, rx.el.div(anew, back, class_name="acts"), rx.fragment()), class_name="do"),
        key=one.gift_id,
    )


def claim() -> rx.Component:
    """What a gift's link shows."""
    bars = rx.el.div(
        rx.el.h1("Gift", class_name="vh"),
        rx.el.span("Loading the gift", class_name="vh"),
        skeleton("220px", "40px"),
        skeleton("100%", "120px"),
        class_name="stack",
        aria_busy="true",
    )
    shown = rx.cond(GiftClaim.missing, _missing(), _gift())
    return rx.el.div(rx.cond(GiftClaim.ready, shown, bars), class_name="narrow-page")


def _missing() -> rx.Component:
    nothing = empty(
        "link-2-off",
        "No gift under this link",
        "The link may be incomplete, or a newer one has replaced it. Ask whoever gave it to you.",
        link_button("See the tools", "/tools/"),
    )
    return rx.el.div(rx.el.h1("No gift here"), rx.el.div(nothing, class_name="card"), class_name="stack xl")


def _gift() -> rx.Component:
    by = rx.cond(GiftClaim.sender != "", rx.el.p("From ", rx.el.b(GiftClaim.sender, class_name="strong")), rx.fragment())
    words_ = rx.cond(GiftClaim.message != "", rx.el.p(GiftClaim.message, class_name="said"), rx.fragment())
    figure = rx.el.p(GiftClaim.figure, rx.el.span(credit_word(GiftClaim.amount), class_name="u"), class_name="fig")
    body = rx.el.div(figure, by, words_, rx.el.div(_what_now(), role="status"), class_name="bd stack")
    return rx.el.div(rx.el.h1("A gift of credits"), rx.el.div(body, class_name="card"), _about(), class_name="stack xl")


def _what_now() -> rx.Component:
    yours = rx.el.div(
        note(rx.el.b("These credits are yours.", class_name="strong"), rx.el.br(), "They do not end.", tone="g", symbol="circle-check"),
        link_button("Go to your account", "/account/"),
        class_name="stack",
    )
    over = note(rx.el.b(GiftClaim.over_head, class_name="strong"), rx.el.br(), GiftClaim.over_tail, symbol="ban")
    own = note(
        rx.el.b("This gift is your own.", class_name="strong"),
        rx.el.br(),
        "Send the link, or take the gift back on ",
        rx.el.a("your page of gifts", href="/account/gifts/"),
        ".",
    )
    return rx.cond(GiftClaim.is_yours, yours, rx.cond(GiftClaim.state != "open", over, rx.cond(GiftClaim.is_own, own, _claim())))


def _claim() -> rx.Component:
    button = rx.el.button(
        icon("gift"), "Claim ", GiftClaim.figure, " ", credit_word(GiftClaim.amount), type="button", class_name="btn pri lg full", on_click=GiftClaim.claim
    )
    fault = rx.cond(GiftClaim.fault != "", note(GiftClaim.fault, tone="b", symbol="circle-alert", role="alert"), rx.fragment())
    visitor = rx.el.div(
        link_button("Create account to claim", GiftClaim.register, look="pri lg full"),
        rx.el.p("An account already? ", rx.el.a("Sign in", href=GiftClaim.sign_in), class_name="muted"),
        class_name="stack sm",
    )
    until = rx.el.p("To be claimed until ", GiftClaim.until, ", once.", class_name="muted small")
    return rx.el.div(fault, rx.cond(GiftClaim.signed_in, button, visitor), until, class_name="stack")


def _about() -> rx.Component:
    return rx.el.p(
        "Credits pay for runs on the server; runs in the browser cost nothing. ", rx.el.a("How a price is made", href="/docs/#price"), class_name="muted"
    )
