"""The main job, as a person does it: register, watch the price, run, be charged, see why."""

import re

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests.browser.conftest import PASSWORD, SignUp, settled
from tests.studios import Place

pytestmark = pytest.mark.browser
RISKS = get_tool("cyber-studio-risk-register")
EXAMPLE = example_json(RISKS)


def _number(text: str) -> int:
    return int(re.sub(r"[^0-9]", "", text))


async def _balance(page: Page) -> int:
    return _number(await page.locator("header .bal .n").first.inner_text())


async def _typical_and_most(page: Page) -> tuple[int, int]:
    panel = page.locator(".price").first
    typical = _number(await panel.locator(".fig:visible").first.inner_text())
    most = _number(await panel.get_by_role("button", name=re.compile(r"^Run for up to")).inner_text())
    return typical, most


async def _use(page: Page, inputs: dict[str, object]) -> None:
    """Fill the form by what the page remembers of it, as after signing in."""
    await page.get_by_label("Iterations").fill(str(inputs["iterations"]))
    rows = page.locator("table.grid-in tbody tr")
    while await rows.count() < len(inputs["risks"]):  # type: ignore[arg-type]
        await page.get_by_role("button", name="Add risk").click()
        await _fill_last_row(page)


async def _fill_last_row(page: Page) -> None:
    row = page.locator("table.grid-in tbody tr").last
    fields = row.locator("input.in")
    for index, value in enumerate(("One more risk", "0.1", "0.2", "0.4", "1000", "2000", "4000")):
        await fields.nth(index).fill(value)


async def test_register_watch_the_price_run_be_charged_and_see_why(page: Page, context: BrowserContext, studio: str) -> None:
    await settled(page, f"{studio}/register/")
    await page.get_by_label("Email").fill(f"story-{id(page)}@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.wait_for_url("**/account/")
    await expect(page.locator("header .bal .n").first).to_have_text("300")

    await settled(page, f"{studio}{RISKS.path}/")
    await page.get_by_label("Iterations").fill("1000")
    for _ in range(len(EXAMPLE["risks"]) - 5):
        await page.get_by_role("button", name=re.compile(r"^Remove ")).last.click()
    await expect(page.get_by_text("1,000 iterations over 5 risks").first).to_be_visible()
    before = await _typical_and_most(page)
    await _use(page, EXAMPLE | {"iterations": 500_000, "risks": [None] * 30})
    await expect(page.get_by_text("500,000 iterations over 30 risks").first).to_be_visible()
    typical, most = await _typical_and_most(page)
    assert typical > before[0]
    assert most > before[1]

    other = await context.new_page()
    await settled(other, f"{studio}/tools/")
    await page.get_by_role("button", name=re.compile(r"^Run for up to")).click()
    await expect(page.get_by_role("link", name="Why this charge?")).to_be_visible(timeout=60_000)
    strip = await page.get_by_role("link", name="Why this charge?").locator("xpath=ancestor::*[contains(., 'credits')][1]").inner_text()
    charged = _number(re.findall(r"(\d+) credits? ", strip)[0])
    assert 3 <= charged <= most
    await expect(other.locator("header .bal .n").first).to_have_text(str(300 - charged))
    assert await _balance(page) == 300 - charged

    await page.get_by_role("link", name="Why this charge?").click()
    await page.wait_for_url("**/runs/**")
    await expect(page.get_by_role("heading", name="Why this charge?")).to_be_visible()
    row = page.locator("tr", has_text="Charged").last
    assert _number(await row.locator("td").last.inner_text()) == charged
    await expect(page.get_by_text("Free, ").first).to_be_visible()


async def test_the_same_idempotency_key_charges_nothing_again(studio: str, context: BrowserContext, sign_up: SignUp) -> None:
    person = await sign_up(context)
    async with httpx.AsyncClient(base_url=studio, cookies={"cs_session": person.cookie}, timeout=70) as http:
        asked = {"url": f"/api{RISKS.path}/run", "json": {"inputs": EXAMPLE}, "headers": {"Idempotency-Key": "story"}}
        first, again = await http.post(**asked), await http.post(**asked)  # type: ignore[arg-type]
        balance = (await http.get("/api/credits/balance")).json()
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert balance["available"] == 300 - first.json()["credits"]["charged"]


async def test_the_header_follows_a_grant_made_at_the_command_line(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    person = await sign_up(context)
    await settled(page, f"{place.url}/account/")
    await expect(page.locator("header .bal .n").first).to_have_text("300")
    place.command("grant", "--email", person.email, "--credits", "1400", "--source", "purchase")
    await expect(page.locator("header .bal .n").first).to_have_text("1,700")


async def test_a_visitor_sees_prices_and_is_asked_to_sign_in_and_comes_back(page: Page, studio: str) -> None:
    await settled(page, f"{studio}{RISKS.path}/")
    await page.get_by_label("Random seed").fill("4242")
    await page.get_by_role("link", name=re.compile("Sign in to run")).first.click()
    await page.wait_for_url("**/login/**")
    await page.get_by_role("link", name=re.compile("Create")).last.click()
    await page.wait_for_url("**/register/**")
    await page.get_by_label("Email").fill(f"back-{id(page)}@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Create account").click()
    await page.wait_for_url(f"**{RISKS.path}/")
    await expect(page.get_by_label("Random seed")).to_have_value("4,242")


async def test_too_few_credits_are_told_in_the_panel_and_nothing_is_held(page: Page, context: BrowserContext, studio: str, sign_up: SignUp) -> None:
    person = await sign_up(context)
    await settled(page, f"{studio}{RISKS.path}/")
    async with httpx.AsyncClient(base_url=studio, cookies={"cs_session": person.cookie}, timeout=70) as http:
        for n in range(10):
            await http.post(f"/api{RISKS.path}/run", json={"inputs": EXAMPLE | {"iterations": 1000, "seed": n}})
        refused = await http.post(f"/api{RISKS.path}/run", json={"inputs": EXAMPLE})
        balance = (await http.get("/api/credits/balance")).json()
    assert (refused.status_code, refused.json()["code"]) == (402, "cap_daily")
    assert refused.json()["resetsAt"]
    assert (balance["held"], balance["available"]) == (0, 270)
    await expect(page.locator(".price").get_by_text(re.compile("daily cap")).first).to_be_visible()
    await expect(page.locator("header .bal")).to_contain_text("cap")
