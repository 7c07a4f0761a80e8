"""Every ink on every ground it stands on, measured from the stylesheet itself, in both themes."""

import re

import pytest

from credit_studio.settings import PROJECT_ROOT
from credit_studio.ui import theme

_CSS = (PROJECT_ROOT / "assets" / "studio.css").read_text(encoding="utf-8")
_DARK_CHANNEL = 0.04045


def _block(selector: str) -> dict[str, str]:
    start = _CSS.index(f"{selector} {{")
    return dict(re.findall(r"--cs-([\w-]+):\s*(#[0-9a-f]{6})", _CSS[start : _CSS.index("\n}", start)]))


LIGHT = _block(":root")
THEMES = {"light": LIGHT, "dark": LIGHT | _block(".dark")}


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= _DARK_CHANNEL else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of WCAG 2.2, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize(("ink", "grounds", "least"), theme.PAIRS, ids=[f"{ink}-on-{'-'.join(grounds)}" for ink, grounds, _ in theme.PAIRS])
def test_every_ink_can_be_read_on_its_grounds(name: str, ink: str, grounds: tuple[str, ...], least: float) -> None:
    tokens = THEMES[name]
    measured = {ground: round(contrast(tokens[ink], tokens[ground]), 2) for ground in grounds}
    assert min(measured.values()) >= least, measured


@pytest.mark.parametrize("name", THEMES)
def test_the_letter_on_each_severity_chip_can_be_read(name: str) -> None:
    tokens = THEMES[name]
    assert all(contrast("#ffffff", tokens[f"sev-{level}"]) >= 4.5 for level in "chl")
    assert contrast("#1a211e", tokens["sev-m"]) >= 4.5
    assert contrast("#ffffff", tokens["bad-solid"]) >= 4.5


def test_the_dark_theme_restates_every_colour_that_needs_it() -> None:
    same = {name for name, value in THEMES["dark"].items() if value == LIGHT[name]}
    assert same <= {"bad-solid", "sev-h", "sev-m"}


def test_black_on_white_measures_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
