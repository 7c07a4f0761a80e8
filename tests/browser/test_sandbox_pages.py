"""The sandbox's own pages in a browser: axe finds nothing at three widths, light and dark; a purchase needs neither a mouse nor scripts."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser import axe
from tests.sandbox.shop import POOR, customer, pack, pay, place, plan
from tests.sandbox_fixture import Sandbox

pytestmark = pytest.mark.browser
WIDTHS = (320, 390, 1280)


def _addresses(sandbox: Sandbox) -> dict[str, str]:
    """A page of each kind, with something on it."""
    api = sandbox.client().v1
    here: Any = {"success_url": f"{sandbox.url}/sandbox/", "cancel_url": f"{sandbox.url}/sandbox/"}
    who, price = customer(api), plan(api, "Supporter", 1000)
    subscription = api.subscriptions.create({"customer": who.id, "items": [{"price": price.id}]})
    saved: Any = {"payment_method_save": "enabled", "allow_redisplay_filters": ["unspecified"]}
    first = api.checkout.sessions.create(pack(customer=who.id, saved_payment_method_options=saved) | here)
    second: Any = {"mode": "subscription", "line_items": [{"price": price.id, "quantity": 1}], **here}
    portal = f"{sandbox.url}{place(api.billing_portal.sessions.create({'customer': who.id, 'return_url': here['cancel_url']}))}"
    asks: Any = {"amount": 1000, "currency": "gbp", "confirm": True, "payment_method": "pm_card_authenticationRequired", "return_url": here["success_url"]}
    intent = api.payment_intents.create(asks)
    return {
        "a pack": f"{sandbox.url}{place(first)}",
        "a plan": f"{sandbox.url}{place(api.checkout.sessions.create(second))}",
        "the portal": portal,
        "a new card": f"{portal}/card",
        "the end of a plan": f"{portal}/cancel/{subscription.id}",
        "an invoice": f"{sandbox.url}/sandbox/invoices/{subscription.latest_invoice}",
        "the bank": f"{sandbox.url}/sandbox/authenticate/{intent.id}",
        "the index": f"{sandbox.url}/sandbox/",
        "nothing": f"{sandbox.url}/sandbox/checkout/cs_test_nobody",
    }


async def _faults(page: Page, name: str) -> list[str]:
    found: list[str] = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        found += [f"{name} at {width}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} at {width}: scrolls sideways by {wide} px"] if wide > 0 else []
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_of_the_sandbox_is_accessible_and_says_that_no_money_moves(browser: Browser, sandbox: Sandbox, scheme: Any) -> None:
    page = await browser.new_page(color_scheme=scheme)
    faults: list[str] = []
    for name, address in _addresses(sandbox).items():
        await page.goto(address)
        assert "No money moves" in await page.inner_text("body")
        faults += await _faults(page, name)
    await page.close()
    assert faults == []


async def test_a_purchase_needs_only_the_keyboard_and_no_scripts(browser: Browser, sandbox: Sandbox) -> None:
    api = sandbox.client().v1
    session = api.checkout.sessions.create(pack(customer_email="ada@example.com", success_url=f"{sandbox.url}/sandbox/?paid={{CHECKOUT_SESSION_ID}}"))
    page = await browser.new_page(java_script_enabled=False)
    await page.goto(str(session.url))
    for typed in ("4000000000000002", "1234", "123", "Ada"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(typed)
    await page.keyboard.press("Enter")
    await page.get_by_text("Type month and year, like 12/34.").wait_for()
    await page.get_by_label("Expires").fill("12/34")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").filter(has_text="Your card was declined.").wait_for()
    await page.get_by_role("button", name="4000 0025 0000 3155").click()
    assert await page.get_by_label("Card number").input_value() == "4000002500003155"
    await page.get_by_role("button", name="Pay £25.00").press("Enter")
    await page.get_by_role("button", name="Complete authentication").press("Enter")
    await page.wait_for_url(f"{sandbox.url}/sandbox/?paid={session.id}")
    assert api.checkout.sessions.retrieve(session.id).payment_status == "paid"
    await page.close()


async def test_the_text_of_a_decline_is_seen_and_the_form_kept(browser: Browser, sandbox: Sandbox) -> None:
    session = sandbox.client().v1.checkout.sessions.create(pack(customer_email="ada@example.com"))
    _, shown = pay(sandbox, session, POOR)
    page = await browser.new_page()
    await page.set_content(shown)
    assert await page.get_by_role("alert").inner_text() == "Your card has insufficient funds."
    assert await page.get_by_label("Card number").input_value() == POOR
    await page.close()
