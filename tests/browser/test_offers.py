"""Prices, codes, gifts, invitations and receipts in a real browser, each page held to axe."""

from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from credit_studio.catalog.service import catalog
from credit_studio.db import embedded
from credit_studio.tools.registry import all_tools
from tests.browser import axe
from tests.browser.conftest import PASSWORD, ZONE, Registered, SignUp, settled
from tests.studios import Place

pytestmark = pytest.mark.browser
WIDTHS = (320, 1280)


async def _faults(page: Page, name: str) -> list[str]:
    """What axe and the page's own width find on the page as it stands, on a small phone and on a desk."""
    found: list[str] = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        found += [f"{name} at {width}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} at {width}: scrolls sideways by {wide} px"] if wide > 0 else []
    await page.set_viewport_size({"width": 1280, "height": 900})
    return found


async def _other(browser: Browser, sign_up: SignUp) -> tuple[Page, Registered]:
    context = await browser.new_context(timezone_id=ZONE, color_scheme="dark", user_agent=f"a browser of its own {uuid4()}")
    context.set_default_timeout(20_000)
    return await context.new_page(), await sign_up(context)


def _rich(place: Place, person: Registered, amount: int = 500) -> None:
    place.command("grant", "--email", person.email, "--credits", str(amount), "--source", "purchase")


async def _balance(studio: str, person: Registered) -> int:
    async with httpx.AsyncClient(base_url=studio, cookies={"cs_session": person.cookie}) as http:
        return (await http.get("/api/credits/balance")).json()["available"]


async def test_prices_come_from_the_catalogue_and_the_engine(page: Page, studio: str) -> None:
    await settled(page, f"{studio}/pricing/")
    for plan in catalog().plans:
        await expect(page.get_by_role("heading", name=plan.name, exact=True)).to_be_visible()
    for pack in catalog().packs:
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=pack.name, exact=True))
        await expect(row).to_contain_text(f"£{pack.price // 100}")
    example = page.get_by_role("row").filter(has_text="512 MB for six seconds")
    await expect(example).to_contain_text("0.75")
    await expect(example.get_by_role("cell").last).to_have_text("4")
    table = page.get_by_role("table", name="What a run of each tool")
    assert await table.get_by_role("row").count() == 1 + sum(tool.is_built for tool in all_tools())
    assert await _faults(page, "pricing") == []


async def test_prices_are_readable_in_the_dark(browser: Browser, studio: str) -> None:
    context = await browser.new_context(color_scheme="dark")
    page = await context.new_page()
    await settled(page, f"{studio}/pricing/")
    assert await _faults(page, "pricing, dark") == []
    await context.close()


async def test_a_code_is_redeemed_and_the_header_rises(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    code = f"FAIR{uuid4().hex[:6].upper()}"
    place.command("promo", "--code", code, "--credits", "50", "--days", "30")
    await settled(page, f"{place.url}/account/redeem/")
    await page.get_by_role("textbox", name="Code").fill("no-such-code")
    await page.get_by_role("button", name="Redeem").click()
    await expect(page.get_by_text("There is no such code. Nothing was added.")).to_be_visible()
    found = await _faults(page, "redeem, refused")
    await page.get_by_role("textbox", name="Code").fill(f"{code[:4]}-{code[4:].lower()}")
    await page.get_by_role("button", name="Redeem").click()
    await expect(page.get_by_text("50 credits added.")).to_be_visible()
    await expect(page.locator("header .bal .n").first).to_contain_text("350")
    assert found + await _faults(page, "redeem, done") == []


async def test_a_gift_goes_from_one_browser_to_the_other_and_another_is_taken_back(
    page: Page, context: BrowserContext, browser: Browser, place: Place, sign_up: SignUp
) -> None:
    ada = await sign_up(context)
    _rich(place, ada)
    await settled(page, f"{place.url}/account/gifts/")
    await page.get_by_label("Credits", exact=True).fill("200")
    await page.get_by_label("From").fill("Ada")
    await page.get_by_label("Message").fill("For the long nights")
    await page.get_by_role("button", name="Make a gift link").click()
    link = await page.get_by_label("The gift’s link").input_value()  # noqa: RUF001 - a typographic apostrophe
    await expect(page.locator("header .bal .n").first).to_contain_text("600")
    found = await _faults(page, "gifts")
    visitor = await (await browser.new_context()).new_page()
    await settled(visitor, link)
    await expect(visitor.get_by_role("link", name="Create account to claim")).to_have_attribute("href", f"/register/?next={link.removeprefix(place.url)}")
    found += await _faults(visitor, "a gift, seen by a visitor")
    theirs, bob = await _other(browser, sign_up)
    await settled(theirs, link)
    found += await _faults(theirs, "a gift to claim")
    await theirs.get_by_role("button", name="Claim 200 credits").click()
    await expect(theirs.get_by_text("These credits are yours.")).to_be_visible()
    await expect(theirs.locator("header .bal .n").first).to_contain_text("500")
    await settled(visitor, link)
    await expect(visitor.get_by_text("This gift was claimed already.")).to_be_visible()
    await page.get_by_label("Credits", exact=True).fill("30")
    await page.get_by_role("button", name="Make a gift link").click()
    await page.get_by_role("button", name="Take back the gift of 30 credits").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("Taken back")).to_be_visible()
    assert (await _balance(place.url, ada), await _balance(place.url, bob)) == (600, 500)
    assert found == []


async def test_a_gift_that_is_too_large_and_a_link_that_is_none_say_so(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    _rich(place, await sign_up(context), 10)
    await settled(page, f"{place.url}/account/gifts/")
    await page.get_by_label("Credits", exact=True).fill("11")
    await page.get_by_role("button", name="Make a gift link").click()
    await expect(page.get_by_text("A gift of 11 needs 11 credits")).to_be_visible()
    found = await _faults(page, "gifts, refused")
    await settled(page, f"{place.url}/gifts/{'A' * 43}/")
    await expect(page.get_by_role("heading", name="No gift here")).to_be_visible()
    assert found + await _faults(page, "no gift") == []


async def test_an_invitation_is_accepted_and_not_ones_own(page: Page, context: BrowserContext, browser: Browser, place: Place, sign_up: SignUp) -> None:
    await sign_up(context)
    await settled(page, f"{place.url}/account/referral/")
    link = await page.get_by_label("Your link, to send to whoever is new").input_value()
    found = await _faults(page, "invitations, nobody yet")
    theirs, _ = await _other(browser, sign_up)
    await settled(theirs, link)
    found += await _faults(theirs, "an invitation")
    await theirs.get_by_role("button", name="Accept the invitation").click()
    await expect(theirs.get_by_text("Accepted.")).to_be_visible()
    await settled(page, link)
    await page.get_by_role("button", name="Accept the invitation").click()
    await expect(page.get_by_text("This invitation is your own.")).to_be_visible()
    await settled(page, f"{place.url}/account/referral/")
    await expect(page.get_by_text("Signed up")).to_be_visible()
    found += await _faults(page, "invitations, one accepted")
    await settled(page, f"{place.url}/invite/NOBODY2345/")
    await expect(page.get_by_role("heading", name="No invitation here")).to_be_visible()
    assert found == []


async def test_an_operator_makes_and_ends_a_code_and_nobody_else(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    person = await sign_up(context)
    await settled(page, f"{place.url}/admin/promos/")
    await expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()
    found = await _faults(page, "promo codes, denied")
    place.command("make-admin", "--email", person.email)
    async with httpx.AsyncClient(base_url=place.url) as http:
        answer = await http.post("/api/auth/login", json={"email": person.email, "password": PASSWORD})
    await context.add_cookies([{"name": "cs_session", "value": answer.cookies["cs_session"], "url": place.url, "httpOnly": True, "sameSite": "Lax"}])
    code = f"OPEN{uuid4().hex[:6].upper()}"
    page = await context.new_page()
    await settled(page, f"{place.url}/admin/promos/")
    await page.get_by_label("Code", exact=True).fill(code)
    await page.get_by_label("Credits", exact=True).fill("0")
    await page.get_by_role("button", name="Make the code").click()
    await expect(page.get_by_text("Credits: Must be from 1")).to_be_visible()
    await page.get_by_label("Credits", exact=True).fill("25")
    await page.get_by_label("Uses").fill("3")
    await page.get_by_role("button", name="Make the code").click()
    row = page.get_by_role("row").filter(has_text=code)
    await expect(row).to_contain_text("0 of 3")
    found += await _faults(page, "promo codes")
    await row.get_by_role("button", name=f"End the code {code}").click()
    await page.get_by_role("dialog").get_by_role("button", name="End it").click()
    await expect(row).to_contain_text("Was ended")
    assert found == []


async def test_receipts_are_listed_made_out_and_downloaded(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    person = await sign_up(context)
    await settled(page, f"{place.url}/account/receipts/")
    await expect(page.get_by_text("No receipts yet")).to_be_visible()
    found = await _faults(page, "receipts, none")
    order = await _paid(place, person.email)
    await settled(page, f"{place.url}/account/receipts/")
    await page.get_by_label("Name of the business").fill("Łódź & Søn")
    await page.get_by_label("VAT or tax number").fill("?")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Must be the number as it is registered")).to_be_visible()
    await page.get_by_label("VAT or tax number").fill("GB123456789")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    found += await _faults(page, "receipts")
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="as PDF").click()
    paper = await waiting.value
    assert paper.suggested_filename.startswith("R-")
    assert (await paper.path()).read_bytes()[:5] == b"%PDF-"
    assert str(order) in str(paper.url)
    assert found == []


async def _paid(place: Place, email: str) -> UUID:
    """A paid order of the person's, as the studio keeps it."""
    order = uuid4()
    conn = await asyncpg.connect(embedded.running_url(place.data / "pg"))
    try:
        number = await conn.fetchval("INSERT INTO receipt_counter VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET last = receipt_counter.last + 1 RETURNING last")
        await conn.execute(
            "INSERT INTO purchase (id, person_id, kind, item, credits, amount, currency, status, "
            "failure_code, failure_text, refunded, created_at, paid_at, receipt_no) "
            "SELECT $1, id, 'pack', 'starter', 500, 1000, 'GBP', 'paid', '', '', 0, now(), now(), $2 FROM person WHERE email = $3",
            order,
            number,
            email,
        )
    finally:
        await conn.close()
    return order
