"""Finding a tool and comparing two, in a real browser: what is chosen stands in the address, and a link brings it back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import settled

pytestmark = pytest.mark.browser
RISK, QUALITY = "cyber-studio-risk-register", "data-studio-quality"


def _asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


async def test_filters_stand_in_the_address_and_a_link_brings_them_back(page: Page, studio: str) -> None:
    await settled(page, f"{studio}/tools/")
    await page.get_by_label("Search tools").fill("csv")
    await page.get_by_label("Studio", exact=True).select_option("data-studio")
    await page.get_by_role("button", name="Free in this browser").click()
    await page.get_by_label("Sort by").select_option("title")
    assert _asked(page) == {"q": ["csv"], "studio": ["data-studio"], "free": ["1"], "sort": ["title"]}
    names = await page.locator(".tl .nm").all_inner_texts()
    assert "Data Catalog Builder" in names
    assert "Data Quality Monitor" not in names, "it runs on the server only"
    assert names == sorted(names)
    await settled(page, page.url)
    assert await page.get_by_label("Search tools").input_value() == "csv"
    assert await page.locator(".tl .nm").all_inner_texts() == names


async def test_an_id_is_found_and_nothing_found_leads_back_to_all(page: Page, studio: str) -> None:
    await settled(page, f"{studio}/tools/?q={RISK}&mode=nonsense&sort=nonsense")
    assert await page.locator(".tl .nm").all_inner_texts() == ["Risk Register Builder"]
    await page.get_by_label("Search tools").fill("<b>no such tool</b>")
    await expect(page.get_by_text("No tool matches “<b>no such tool</b>”")).to_be_visible()
    assert await axe.violations(page) == []
    await page.locator(".empty").get_by_role("button", name="Show all tools").click()
    await expect(page.locator(".tl")).to_have_count(26)
    assert _asked(page) == {}


async def test_two_tools_are_chosen_with_the_keyboard_and_compared_at_a_size(page: Page, studio: str) -> None:
    await settled(page, f"{studio}/tools/")
    for title in ("Risk Register Builder", "Data Quality Monitor"):
        await page.get_by_label(f"Compare {title}").focus()
        await page.keyboard.press("Space")
    assert await axe.violations(page) == []
    await page.locator(".cmpbar").get_by_role("link", name="Compare").press("Enter")
    await expect(page.get_by_role("columnheader", name="Data Quality Monitor")).to_be_visible()
    assert _asked(page) == {"a": [RISK], "b": [QUALITY]}
    await page.get_by_label("Size of input").select_option("units")
    await expect(page.get_by_role("alert").filter(has_text="Must be a whole number")).to_be_visible()
    await page.get_by_label("Units of work").fill("1,000")
    await expect(page.get_by_role("row", name="Size of input 1,000 units")).to_be_visible()
    assert _asked(page) == {"a": [RISK], "b": [QUALITY], "size": ["units"], "units": ["1,000"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_comparison_is_accessible_and_fits_a_small_phone(page: Page, studio: str, scheme: str) -> None:
    await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        await settled(page, f"{studio}/tools/compare/?a={RISK}&b={QUALITY}&size=huge")
        await page.locator(".versus").wait_for()
        assert await axe.violations(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
