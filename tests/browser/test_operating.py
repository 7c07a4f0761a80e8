"""Operators and money in a real browser: an order found and refunded, what it takes back said first; nobody else sees that these pages are there."""

import re

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PASSWORD, ZONE, SignUp, settled
from tests.browser.test_buying import SUCCESS, _buy, _faults, _open, _shows
from tests.studios import Place

pytestmark = pytest.mark.browser
PAGES = ("/admin/orders/", "/admin/promos/", "/admin/reconciliation/")


async def _operator(browser: Browser, place: Place, sign_up: SignUp) -> Page:
    """A tab of somebody with the role."""
    context = await browser.new_context(timezone_id=ZONE, color_scheme="dark", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(20_000)
    person = await sign_up(context)
    place.command("make-admin", "--email", person.email)
    async with httpx.AsyncClient(base_url=place.url) as http:
        answer = await http.post("/api/auth/login", json={"email": person.email, "password": PASSWORD})
    await context.add_cookies([{"name": "cs_session", "value": answer.cookies["cs_session"], "url": place.url, "httpOnly": True, "sameSite": "Lax"}])
    return await context.new_page()


async def test_an_operator_finds_an_order_and_sends_a_part_back_and_nobody_else_sees_it(
    page: Page, context: BrowserContext, browser: Browser, place: Place, sign_up: SignUp
) -> None:
    buyer = await sign_up(context)
    await _buy(page, place.url)
    await page.wait_for_url(SUCCESS)
    await _shows(page, "1,700")
    await expect(page.locator("nav.side").get_by_role("link", name="Reconciliation")).to_have_count(0)

    desk = await _operator(browser, place, sign_up)
    await settled(desk, f"{place.url}/admin/orders/")
    await desk.get_by_label("Find an order").fill(buyer.email)
    await desk.get_by_role("button", name="Search").click()
    case = desk.locator("section", has=desk.get_by_role("heading", name=re.compile("^Receipt R-")))
    await expect(case).to_contain_text("Standard pack, 1,400 credits")
    faults = await _faults(desk, "an order")
    await desk.get_by_role("button", name="Refund this order").click()
    await _open(desk).get_by_label("Amount").fill("99")
    await _open(desk).get_by_label("Reason").fill("Bought twice")
    await _open(desk).get_by_role("button", name="See what it takes back").click()
    await expect(_open(desk).get_by_text("The amount must be from 0.01 to £25.00")).to_be_visible()
    await _open(desk).get_by_label("Amount").fill("10.00")
    await _open(desk).get_by_role("button", name="See what it takes back").click()
    await expect(_open(desk).get_by_role("heading", name="Send £10.00 back?")).to_be_visible()
    await expect(_open(desk)).to_contain_text("Credits taken back560")
    faults += await _faults(desk, "a refund, asked")
    await _shows(page, "1,700")
    await _open(desk).get_by_role("button", name="Send £10.00 back").click()
    await expect(_open(desk).get_by_text("The refund is made.")).to_be_visible()
    await _shows(page, "1,140")
    await _open(desk).get_by_role("button", name="Close").click()
    await expect(case.get_by_role("row").filter(has_text="Refund: Succeeded")).to_contain_text("Bought twice")
    for path in PAGES:
        await settled(desk, f"{place.url}{path}")
        await expect(desk.locator("nav.side").get_by_role("link", name="Reconciliation")).to_be_visible()
        faults += await _faults(desk, path)
        await settled(page, f"{place.url}{path}")
        await expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()
    await desk.context.close()
    assert faults == []
