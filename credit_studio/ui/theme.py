"""What Python needs to know of the look. The values themselves stand once, in `assets/studio.css`; a test measures them there."""

import reflex as rx

LANG = "en-GB"
STYLESHEETS = ("/studio.css", "/tool.css", "/money.css", "/offers.css", "/alerts.css", "/limits.css", "/usage.css")
FONT = "/fonts/geist.woff2"
PAGE_LIGHT = "#f7f9f8"
PAGE_DARK = "#101211"
"""The page's ground, for the browser's own frame (`theme-color`)."""

PAIRS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("text", ("page", "panel", "sunk"), 4.5),
    ("muted", ("page", "panel", "sunk", "accent-soft", "warn-soft", "bad-soft", "info-soft"), 4.5),
    ("accent-text", ("page", "panel", "sunk", "accent-soft"), 4.5),
    ("on-accent", ("accent", "accent-hover"), 4.5),
    ("warn", ("page", "panel", "sunk", "warn-soft"), 4.5),
    ("bad", ("page", "panel", "sunk", "bad-soft"), 4.5),
    ("info", ("page", "panel", "sunk", "info-soft"), 4.5),
    ("text", ("accent-soft", "warn-soft", "bad-soft", "h1", "h2", "h3", "h4"), 4.5),
    ("field", ("page", "panel", "field-bg"), 3.0),
    ("accent", ("track",), 3.0),
    ("warn-ui", ("page", "panel", "track"), 3.0),
    ("bad-ui", ("page", "panel"), 3.0),
    ("focus", ("page", "panel", "sunk"), 3.0),
    *((f"c{n}", ("panel",), 3.0) for n in range(1, 9)),
    ("other", ("panel",), 3.0),
)
"""Ink, the grounds it stands on, and the least contrast that WCAG 2.2 asks of it."""


def head() -> list[rx.Component]:
    """What stands in every page's head: the text face early, the icon, the colour of the browser's frame."""
    return [
        rx.el.link(rel="preload", href=FONT, custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"}),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.meta(name="theme-color", content=PAGE_LIGHT, custom_attrs={"media": "(prefers-color-scheme: light)"}),
        rx.el.meta(name="theme-color", content=PAGE_DARK, custom_attrs={"media": "(prefers-color-scheme: dark)"}),
    ]
