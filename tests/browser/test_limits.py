"""Limits in a real browser: set by the keyboard, explained before, taken back; and what they say when they stop a run."""

import re

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests.browser import axe
from tests.browser.conftest import SignUp, settled
from tests.studios import Place

pytestmark = pytest.mark.browser
TOOL = get_tool("cyber-studio-risk-register")
PATH = "/account/settings/credits/"


async def _faults(page: Page, name: str) -> list[str]:
    """What axe and the page's own width find, on a small phone and on a desk."""
    found: list[str] = []
    for width in (320, 1280):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        found += [f"{name} at {width}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} at {width}: scrolls sideways by {wide} px"] if wide > 0 else []
    return found


async def test_caps_are_explained_simulated_saved_and_taken_back_and_stop_runs_with_a_way_out(
    page: Page, context: BrowserContext, place: Place, sign_up: SignUp
) -> None:
    person = await sign_up(context)
    async with httpx.AsyncClient(base_url=place.url, cookies={"cs_session": person.cookie}, timeout=60) as http:
        ran = (await http.post(f"/api{TOOL.path}/run", json={"inputs": example_json(TOOL) | {"iterations": 1_000}})).json()
    charged, held = ran["credits"]["charged"], ran["credits"]["held"]
    await settled(page, f"{place.url}{PATH}#daily-cap")
    daily = page.get_by_label("Daily cap", exact=True)
    await expect(daily).to_be_focused()
    await expect(page.locator("[data-cs=simulated]")).to_have_text("Without a cap of your own no run of the last 30 days would have been blocked.")
    await page.keyboard.type(str(held - 1))
    await expect(page.locator("[data-cs=simulated]")).to_have_text("With these caps 1 run of the last 30 days would have been blocked.")
    await expect(page.get_by_role("link", name=TOOL.title)).to_have_attribute("href", f"/runs/{ran['runId']}/")
    found = await _faults(page, "limits, typing")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"Saved. Daily cap: {held - 1}, before none.")).to_be_visible()
    await daily.fill("9999")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Must be from 0 to 30: the plan's 30 a day. Nothing was changed.")).to_be_visible()
    await daily.fill(str(charged))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"Saved. Daily cap: {charged}, before {held - 1}.")).to_be_visible()
    header = page.locator("header .bal")
    await expect(header).to_contain_text("Your daily cap is reached.")
    found += await _faults(page, "limits, capped")
    await settled(page, f"{place.url}{TOOL.path}/")
    await expect(page.get_by_role("link", name="Raise my daily cap").first).to_have_attribute("href", f"{PATH}#daily-cap")
    await page.set_viewport_size({"width": 375, "height": 812})
    bar = page.locator(".run-bar")
    await expect(bar).to_contain_text(f"BlockedYour own daily cap: {charged} of {charged} spent.")
    await bar.get_by_role("link", name="Raise my daily cap").click()
    await expect(daily).to_be_focused()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type(str(charged + 1))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"before {charged}.")).to_be_visible()
    await page.get_by_role("button", name="Undo: Daily cap", exact=True).press("Enter")
    await expect(page.get_by_text("Set back to what it was.")).to_be_visible()
    await expect(daily).to_have_value(str(charged))
    zone = page.get_by_role("combobox", name="Time zone")
    await zone.fill("Asia/Kolkata")
    await expect(page.get_by_text("Today\u2019s caps still reset")).to_be_visible()
    await zone.press("Enter")
    await expect(page.get_by_text("Saved. Time zone changed.")).to_be_visible()
    half = page.get_by_role("checkbox", name=re.compile("^50"))
    await half.click()
    await expect(page.get_by_text("Saved. Alerts at 50")).to_be_visible()
    await expect(half).to_be_checked()
    await page.emulate_media(color_scheme="dark")
    assert found + await _faults(page, "limits, dark") == []
