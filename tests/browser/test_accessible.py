"""Every page, at three widths, in the light and in the dark: axe finds nothing, and nothing scrolls sideways."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from credit_studio.tools.registry import all_tools
from tests.browser import axe
from tests.browser.conftest import ZONE, SignUp, settled

pytestmark = pytest.mark.browser
BUILT = [tool.path for tool in all_tools() if tool.is_built]
COMING = [tool.path for tool in all_tools() if not tool.is_built][:1]
PUBLIC = ["/", "/tools/", "/tools/compare/", "/accuracy/", "/docs/", "/login/", "/register/", "/no-such-page/", f"/shared/{'A' * 43}/", *COMING]
SHOWN = BUILT[::5]
"""Every tool is held to axe in the light with all of its form open (test_forms.py); in the dark, where colours alone differ, some are."""
LOOKS = (("light", 320), ("light", 1280), ("dark", 375))


async def _faults(page: Page, url: str) -> list[str]:
    await settled(page, url)
    found: list[str] = []
    for scheme, width in LOOKS:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        found += [f"{url} at {width}, {scheme}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{url} at {width}: scrolls sideways by {wide} px"] if wide > 0 else []
    return found


@pytest.mark.parametrize("path", [*PUBLIC, *SHOWN])
async def test_a_public_page_is_accessible(browser: Browser, studio: str, path: str) -> None:
    context = await browser.new_context(timezone_id=ZONE)
    page = await context.new_page()
    faults = await _faults(page, f"{studio}{path}")
    await context.close()
    assert faults == []


async def test_a_persons_pages_are_accessible_with_a_result_on_them(browser: Browser, studio: str, sign_up: SignUp) -> None:
    context = await browser.new_context(timezone_id=ZONE)
    await sign_up(context)
    page = await context.new_page()
    await settled(page, f"{studio}/cyber-studio/risk-register/")
    await page.keyboard.press("Control+Enter")
    why = page.get_by_role("link", name="Why this charge?")
    await why.wait_for()
    receipt = await why.get_attribute("href")
    faults = [f"the result: {one}" for one in await axe.violations(page)]
    faults += [fault for path in ("/account/", "/account/runs/", "/account/alerts/", str(receipt)) for fault in await _faults(page, f"{studio}{path}")]
    await page.get_by_role("button", name="Share the result by a link").click()
    link = await page.get_by_label("The link, told this once").input_value()
    await context.clear_cookies()
    faults += await _faults(page, f"{studio}{link.removeprefix(studio)}")
    assert await page.get_by_role("link", name="Try this tool").count() == 1
    await context.close()
    assert faults == []


async def test_the_keyboard_alone_reaches_the_content_and_the_run(context: BrowserContext, studio: str, sign_up: SignUp) -> None:
    await sign_up(context)
    page = await context.new_page()
    await settled(page, f"{studio}/cyber-studio/vulnerability-scanner/")
    await page.keyboard.press("Tab")
    assert "Skip" in await page.evaluate("() => document.activeElement.textContent")
    await page.keyboard.press("Enter")
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.matches('[data-cs-run=server]')"):
            break
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Why this charge?").wait_for()
    assert await page.get_by_text("Not charged").count() == 0
