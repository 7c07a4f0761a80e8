"""Buying as a person does it, with no key set: packs, one click, a declined card, the bank's question, plans, a refund, and all of it in the history."""

import re
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from credit_studio.db import embedded
from tests.browser import axe
from tests.browser.conftest import ZONE, Registered, SignUp, settled
from tests.studios import Place

pytestmark = pytest.mark.browser
FINE, DECLINED_LATER, ASKS = "4242424242424242", "4000000000000341", "4000002500003155"
LOOKS = (("light", 320), ("light", 1280), ("dark", 390))
SUCCESS = "**/account/credits/success/**"


async def _type_card(page: Page, number: str) -> None:
    await page.get_by_label("Card number").fill(number)
    await page.get_by_label("Expires").fill("12/34")
    await page.get_by_label("CVC").fill("123")
    await page.get_by_label("Name on card").fill("Ada Lovelace")


async def _pay_at_checkout(page: Page, number: str = FINE) -> None:
    await page.wait_for_url("**/sandbox/checkout/**")
    await expect(page.get_by_text("No money moves").first).to_be_visible()
    await _type_card(page, number)
    await page.get_by_role("button", name=re.compile("^(Pay|Subscribe)")).click()


async def _buy(page: Page, studio: str, *, pack: str = "Standard", price: str = "£25.00", number: str = FINE) -> None:
    await settled(page, f"{studio}/account/credits/")
    await page.get_by_role("radio", name=re.compile(f"^{pack}")).click()
    await page.get_by_role("button", name=re.compile(f"^Pay {price} at Stripe")).click()
    await _pay_at_checkout(page, number)


async def _shows(page: Page, credits: str) -> None:  # noqa: A002 - the word of the field
    await expect(page.locator("header .bal .n").first).to_have_text(credits)


def _open(page: Page) -> Locator:
    return page.locator("dialog[open]")


async def _faults(page: Page, name: str) -> list[str]:
    found: list[str] = []
    for scheme, width in LOOKS:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        found += [f"{name} at {width}, {scheme}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} at {width}: scrolls sideways by {wide} px"] if wide > 0 else []
    await page.set_viewport_size({"width": 1280, "height": 900})
    return found


async def _orders(place: Place, person: Registered) -> list[tuple[Any, ...]]:
    conn = await asyncpg.connect(embedded.running_url(place.data / "pg"))
    try:
        asked = "SELECT o.id, o.item, o.status, o.intent_id FROM purchase o JOIN person p ON p.id = o.person_id WHERE p.email = $1 ORDER BY o.created_at"
        return [tuple(row) for row in await conn.fetch(asked, person.email)]
    finally:
        await conn.close()


async def test_a_pack_is_bought_topped_up_with_one_click_and_refunded_while_the_header_follows(
    page: Page, context: BrowserContext, place: Place, sign_up: SignUp
) -> None:
    person, other = await sign_up(context), await context.new_page()
    await settled(other, f"{place.url}/tools/")
    await _shows(other, "300")

    await _buy(page, place.url)
    await page.wait_for_url(SUCCESS)
    await expect(page.locator(".arrival")).to_contain_text("+1,400")
    await expect(page.locator(".arrival")).to_contain_text("1,700 credits")
    await _shows(page, "1,700")
    await _shows(other, "1,700")

    await other.locator("header").get_by_role("button", name="Top up").click()
    await expect(_open(other).get_by_role("heading", name="Buy 500 credits for £10.00?")).to_be_visible()
    await expect(_open(other)).to_contain_text("Visa ending 4242")
    await _open(other).get_by_role("button", name="Pay £10.00").dblclick()
    await expect(_open(other).get_by_text("500 credits arrived.")).to_be_visible()
    await _shows(other, "2,200")
    await _shows(page, "2,200")
    assert [row[1:3] for row in await _orders(place, person)] == [("standard", "paid"), ("starter", "paid")]

    intent = (await _orders(place, person))[1][3]
    async with httpx.AsyncClient(base_url=place.url) as http:
        refunded = await http.post("/sandbox/control/refund", json={"paymentIntent": intent}, headers={"Origin": place.url})
    assert refunded.status_code == 200, refunded.text
    await _shows(page, "1,700")
    await settled(page, f"{place.url}/account/billing/")
    row = page.get_by_role("row").filter(has_text="Starter pack")
    await expect(row).to_contain_text("Refunded")
    async with page.expect_download() as paper:
        await row.get_by_role("link", name=re.compile("as PDF")).click()
    assert (await paper.value).suggested_filename.endswith(".pdf")
    await settled(page, f"{place.url}/account/")
    history = page.locator("section", has=page.get_by_role("heading", name="Last movements"))
    for amount in ("+1,400", "+500", "−500"):  # noqa: RUF001 - the minus sign that the page shows
        await expect(history.get_by_text(amount, exact=True)).to_be_visible()


async def test_a_card_that_declines_says_why_and_charges_nothing(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    await _buy(page, place.url, number=DECLINED_LATER)
    declined = page.get_by_text(re.compile("declined", re.IGNORECASE)).first
    await expect(declined).to_be_visible()
    await page.get_by_role("link", name=re.compile("Cancel")).click()
    await page.wait_for_url("**/account/credits/cancelled/**")
    await expect(page.get_by_text("No money moved and no credits were added.")).to_be_visible()
    await _shows(page, "300")


async def test_one_click_that_the_bank_declines_says_so_in_words_and_charges_nothing(
    page: Page, context: BrowserContext, place: Place, sign_up: SignUp
) -> None:
    await sign_up(context)
    await _buy(page, place.url)
    await page.wait_for_url(SUCCESS)
    await _shows(page, "1,700")
    await settled(page, f"{place.url}/account/billing/")
    await page.get_by_role("button", name="Cards and invoices, at Stripe").click()
    await page.get_by_role("link", name="Add a card").click()
    await _type_card(page, DECLINED_LATER)
    await page.get_by_role("button", name="Save card").click()
    if await (makes := page.get_by_role("button", name="Make Visa ending 0341 the default")).count():
        await makes.click()
    await page.get_by_role("link", name="Back to the shop").click()
    await expect(page.get_by_text("Visa ending 0341")).to_be_visible()

    await settled(page, f"{place.url}/account/credits/")
    await page.get_by_role("radio", name=re.compile("^Starter")).click()
    await page.get_by_role("button", name="Pay £10.00 with card ending 0341").click()
    await expect(page.get_by_role("alert").filter(has_text="Nothing was charged.")).to_be_visible()
    await _shows(page, "1,700")
    await settled(page, f"{place.url}/account/billing/")
    row = page.get_by_role("row").filter(has_text="Starter pack")
    await expect(row).to_contain_text("Not paid")
    await expect(row).to_contain_text("The bank declined without a reason.")


async def test_the_bank_asks_in_one_click_and_the_credits_arrive_after_the_yes(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    await _buy(page, place.url, pack="Starter", price="£10.00", number=ASKS)
    await page.get_by_role("button", name="Complete authentication").click()
    await page.wait_for_url(SUCCESS)
    await _shows(page, "800")

    await settled(page, f"{place.url}/account/credits/")
    await page.get_by_role("radio", name=re.compile("^Standard")).click()
    await page.get_by_role("button", name="Pay £25.00 with card ending 3155").click()
    await page.get_by_role("button", name="Fail authentication").click()
    await page.wait_for_url(SUCCESS)
    await expect(page.locator(".arrival")).to_contain_text("Nothing was charged.")
    await _shows(page, "800")

    await settled(page, f"{place.url}/account/credits/")
    await page.get_by_role("radio", name=re.compile("^Standard")).click()
    await page.get_by_role("button", name="Pay £25.00 with card ending 3155").click()
    await page.get_by_role("button", name="Complete authentication").click()
    await page.wait_for_url(SUCCESS)
    await expect(page.locator(".arrival")).to_contain_text("+1,400")
    await _shows(page, "2,200")


async def test_a_plan_begins_grows_shrinks_and_ends_and_each_step_is_told_before(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    await settled(page, f"{place.url}/account/billing/")
    await page.get_by_role("button", name="Choose: Supporter").click()
    await expect(_open(page)).to_contain_text("Subscribe to Supporter for £10.00 a month?")
    await _open(page).get_by_role("button", name="Subscribe for £10.00, at Stripe").click()
    await _pay_at_checkout(page)
    await page.wait_for_url(SUCCESS)
    await expect(page.locator(".arrival")).to_contain_text("Your plan has begun.")

    await settled(page, f"{place.url}/account/billing/")
    await page.get_by_role("button", name="Upgrade: Pro").click()
    await expect(_open(page)).to_contain_text("Charged now")
    await _open(page).get_by_role("button", name=re.compile("^Upgrade for £2[45]")).click()
    await expect(page.get_by_text("Pro is your plan now.")).to_be_visible()

    await page.get_by_role("button", name="Downgrade: Supporter").click()
    for head in ("What stays", "What ends", "What carries over"):
        await expect(_open(page).get_by_role("heading", name=head)).to_be_visible()
    await _open(page).get_by_role("button", name="Change to Supporter").click()
    await expect(page.get_by_text(re.compile("^Supporter follows on")).first).to_be_visible()

    await page.get_by_role("button", name="Keep it: Pro").click()
    await _open(page).get_by_role("button", name="Keep Pro").click()
    await expect(page.get_by_text("Pro goes on.")).to_be_visible()

    await page.get_by_role("button", name="Downgrade: Free").click()
    await _open(page).get_by_role("button", name="End Pro").click()
    await expect(page.get_by_text(re.compile("^Pro ends on")).first).to_be_visible()


async def test_from_fifty_pounds_a_dialog_asks_and_the_safe_answer_has_the_focus(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    person = await sign_up(context)
    await settled(page, f"{place.url}/account/credits/")
    await page.get_by_role("radio", name=re.compile("^Professional")).click()
    await page.get_by_role("button", name="Pay £50.00 at Stripe").click()
    for said in ("Buy 3,000 credits for £50.00?", "+3,000", "3,300"):
        await expect(_open(page)).to_contain_text(said)
    assert await page.evaluate("() => document.activeElement.textContent") == "Not now"
    await page.keyboard.press("Enter")
    await expect(_open(page)).to_have_count(0)
    assert await _orders(place, person) == []


async def test_buying_again_is_agreed_to_word_for_word_and_turned_off_with_one_click(
    page: Page, context: BrowserContext, place: Place, sign_up: SignUp
) -> None:
    await sign_up(context)
    await settled(page, f"{place.url}/account/credits/")
    switch = page.get_by_role("switch", name="Buy again when low")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await expect(_open(page)).to_contain_text("no card is saved yet")
    await _open(page).get_by_role("button", name="Not now").click()
    await _buy(page, place.url)
    await page.wait_for_url(SUCCESS)
    await expect(page.locator(".arrival")).to_contain_text("+1,400")

    await settled(page, f"{place.url}/account/credits/")
    await switch.click()
    await _open(page).get_by_label("When fewer credits are left than").fill("100")
    await _open(page).get_by_label("At most in a calendar month").select_option(label="£50")
    await expect(_open(page)).to_contain_text("When fewer than 100 credits are left, buy the Starter pack for £10.00")
    await _open(page).get_by_role("button", name="Turn it on").click()
    await expect(switch).to_be_checked()
    await expect(page.get_by_text("When below 100, buy Starter for £10, at most £50 a month.")).to_be_visible()
    await switch.click()
    await expect(switch).not_to_be_checked()


async def test_the_keyboard_alone_buys_a_pack(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    await settled(page, f"{place.url}/account/credits/")
    await page.get_by_role("radio", name=re.compile("^Standard")).focus()
    await page.keyboard.press("ArrowLeft")
    button = page.get_by_role("button", name="Pay £10.00 at Stripe")
    await expect(button).to_be_visible()
    for _ in range(12):
        if await button.evaluate("(one) => one === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/sandbox/checkout/**")
    for typed in (FINE, "12/34", "123", "Ada Lovelace"):
        for _ in range(8):
            await page.keyboard.press("Tab")
            if await page.evaluate("() => document.activeElement.matches('input[type=text], input:not([type])') && !document.activeElement.value"):
                break
        await page.keyboard.type(typed)
    await page.keyboard.press("Enter")
    await page.wait_for_url(SUCCESS)
    await _shows(page, "800")


async def test_the_pages_of_money_are_accessible(browser: Browser, place: Place, sign_up: SignUp) -> None:
    context = await browser.new_context(timezone_id=ZONE)
    context.set_default_timeout(20_000)
    page, _ = await context.new_page(), await sign_up(context)
    await settled(page, f"{place.url}/account/credits/")
    faults = await _faults(page, "credits, nothing bought")
    await _buy(page, place.url)
    await page.wait_for_url(SUCCESS)
    await expect(page.locator(".arrival")).to_contain_text("+1,400")
    faults += await _faults(page, "success")
    for path in ("/account/credits/", "/account/credits/cancelled/", "/account/billing/", f"/account/credits/success/?order={UUID(int=1)}"):
        await settled(page, f"{place.url}{path}")
        faults += await _faults(page, path)
    await page.locator("header").get_by_role("button", name="Top up").click()
    await expect(_open(page)).to_contain_text("Visa ending 4242")
    faults += await _faults(page, "top up")
    await context.close()
    assert faults == []


async def test_a_strangers_address_of_a_purchase_shows_nothing_of_it(
    page: Page, browser: Browser, context: BrowserContext, place: Place, sign_up: SignUp
) -> None:
    await sign_up(context)
    await _buy(page, place.url)
    await page.wait_for_url(SUCCESS)
    theirs = await browser.new_context(timezone_id=ZONE)
    await sign_up(theirs)
    other = await theirs.new_page()
    await settled(other, page.url)
    await expect(other.get_by_text("There is no such purchase.")).to_be_visible()
    assert "1,400" not in await other.locator("main").inner_text()
    await theirs.close()
