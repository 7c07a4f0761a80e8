"""The page of use in a real browser: what is shown stands in the address, also by the keyboard and on a phone, and every page is held to axe."""

import pytest
from playwright.async_api import BrowserContext, Page, expect

from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests.browser import axe
from tests.browser.conftest import SignUp, settled
from tests.studios import Place

pytestmark = pytest.mark.browser
TOOL = get_tool("cyber-studio-risk-register")


async def _faults(page: Page, name: str) -> list[str]:
    wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{name}: {one}" for one in await axe.violations(page)] + ([f"{name}: scrolls sideways by {wide} px"] if wide > 0 else [])


async def test_use_is_told_by_an_address_that_buttons_keys_and_the_way_back_change(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    await settled(page, f"{place.url}/account/usage/")
    await expect(page.get_by_text("No runs in this time")).to_be_visible()
    found = await _faults(page, "usage, empty")
    ran = await context.request.post(f"{place.url}/api{TOOL.path}/run", data={"inputs": example_json(TOOL) | {"iterations": 1_000}})
    charged = (await ran.json())["credits"]["charged"]
    await settled(page, f"{place.url}/account/usage/?period=24h")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=TOOL.title))
    await expect(row.get_by_role("cell").last).to_have_text(str(charged))
    await expect(page.locator("tfoot .amt")).to_have_text(str(charged))
    await expect(page.get_by_role("heading", name="Credits an hour, by tool")).to_be_visible()
    await expect(page.locator(".recharts-bar-rectangle path")).to_have_count(1)
    found += await _faults(page, "usage")
    await page.get_by_role("navigation", name="Group by").get_by_role("link", name="Studio").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Credits an hour, by studio")).to_be_visible()
    assert page.url == f"{place.url}/account/usage/?period=24h&group=studio"
    await page.get_by_role("navigation", name="Period").get_by_role("link", name="7 d").click()
    await expect(page.get_by_role("heading", name="Credits a day, by studio")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Credits an hour, by studio")).to_be_visible()
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Download as CSV").click()
    assert (await (await saved.value).path()).read_text().splitlines()[1].endswith(f",cyber-studio,Cyber Studio,1,0,{charged}")
    await page.set_viewport_size({"width": 320, "height": 700})
    await expect(page.get_by_text("Last 14 hours of 24. A wider screen shows all.")).to_be_visible()
    found += await _faults(page, "usage on a phone")
    await page.locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Your runs")).to_be_visible()
    await expect(page.get_by_role("rowheader", name=TOOL.title)).to_be_visible()
    assert "/account/runs/?from=20" in page.url
    assert found == []
