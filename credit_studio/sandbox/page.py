"""The frame of every page that the sandbox shows to people: its look, and the sentence that no money moves."""

from datetime import UTC, datetime
from pathlib import Path

from credit_studio.sandbox.markup import Child, Html, tag

STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
SYMBOLS = {"gbp": "£", "eur": "€", "usd": "$"}
WITHOUT_MINOR_UNITS = {"jpy", "krw", "vnd", "clp"}


def page(title: str, *body: Child, wide: bool = False) -> Html:
    """A whole document. It needs no script; the style sheet is served beside it."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{title} · Stripe sandbox"),
        tag("link", rel="stylesheet", href="/sandbox/page.css"),
    )
    banner = tag("header", tag("strong", "Sandbox"), " No money moves. This page stands in for Stripe's; do not type a real card.", class_="banner")
    main = tag("main", tag("h1", title), *body, class_="wide" if wide else None)
    return Html("<!doctype html>\n" + tag("html", head, tag("body", banner, main), lang="en"))


def trouble(words: str) -> Html:
    """What a person sees when a page cannot be shown."""
    return page("This does not work", notice("bad", words))


def money(amount: int, currency: str) -> str:
    """Minor units as people write them: `£10.00`, `-£2.50`, `¥500` as `500 JPY`."""
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    figure = f"{amount:,}" if currency in WITHOUT_MINOR_UNITS else f"{amount // 100:,}.{amount % 100:02d}"
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{figure}" if symbol else f"{sign}{figure} {currency.upper()}"


def day(moment: int) -> str:
    """A moment as its day in UTC: `31 January 2027`."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.day} {at:%B %Y}"


def notice(kind: str, *text: Child) -> Html:
    """A sentence in a coloured box; `bad` is read out at once by screen readers."""
    return tag("p", *text, class_=f"notice {kind}", role="alert" if kind == "bad" else "status")


def field(label: str, name: str, value: str = "", *, hint: str = "", wrong: str = "", **attributes: str | bool | None) -> Html:
    """A text field with its label above, its hint and what is wrong with it below, all three tied together for screen readers."""
    told = [(f"{name}-hint", hint, "hint"), (f"{name}-wrong", wrong, "wrong")]
    described = " ".join(key for key, text, _ in told if text) or None
    return tag(
        "div",
        tag("label", label, for_=name),
        tag("input", id=name, name=name, value=value, aria_describedby=described, aria_invalid="true" if wrong else None, autocomplete="off", **attributes),
        [tag("p", text, id=key, class_=look) for key, text, look in told if text],
        class_="field",
    )


def table(caption: str, headings: list[str], rows: list[list[Child]]) -> Html:
    """A table that scrolls by itself on a narrow screen; its caption is for screen readers."""
    head = tag("thead", tag("tr", [tag("th", text, scope="col") for text in headings]))
    body = tag("tbody", [tag("tr", [tag("td", cell) for cell in row]) for row in rows])
    return tag("div", tag("table", tag("caption", caption), head, body), class_="scroll", tabindex="0", role="region", aria_label=caption)
