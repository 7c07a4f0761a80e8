"""The history in a real browser: from the overview by the keyboard, found, taken along, and added up."""

import asyncio
import csv
import io
import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import BrowserContext, Download, Locator, Page, expect
from pypdf import PdfReader

from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests.browser import axe
from tests.browser.conftest import SignUp, settled
from tests.studios import Place

pytestmark = pytest.mark.browser
TOOL = get_tool("cyber-studio-risk-register")
LOOKS = ((1280, "light"), (1280, "dark"), (320, "light"), (320, "dark"))


async def _faults(page: Page, name: str) -> list[str]:
    """What axe and the page's own width find on a desk and on a small phone, by day and by night."""
    found: list[str] = []
    for width, scheme in LOOKS:
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await page.set_viewport_size({"width": width, "height": 900})
        await page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        found += [f"{name} at {width}, {scheme}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{name} at {width}: scrolls sideways by {wide} px"] if wide > 0 else []
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size({"width": 1280, "height": 900})
    return found


async def _saved(page: Page, link: Locator) -> bytes:
    async with page.expect_download() as waiting:
        await link.press("Enter")
    download: Download = await waiting.value
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


async def test_the_history_is_found_filtered_and_taken_along_by_the_keyboard(page: Page, context: BrowserContext, place: Place, sign_up: SignUp) -> None:
    someone = await sign_up(context)
    place.command("grant", "--email", someone.email, "--credits", "500", "--source", "purchase")
    async with httpx.AsyncClient(base_url=place.url, cookies={"cs_session": someone.cookie}, timeout=60) as http:
        ran = await http.post(f"/api{TOOL.path}/run", json={"inputs": example_json(TOOL) | {"iterations": 1_000}})
        left = (await http.get("/api/credits/balance")).json()["total"]
    assert ran.status_code == 200, ran.text
    await settled(page, f"{place.url}/account/")
    await expect(page.locator(".outlook .mark").first).to_have_text(f"{left:,}")
    await expect(page.get_by_role("link", name="Change your limits")).to_have_attribute("href", "/account/settings/credits/")
    await expect(page.get_by_role("link", name=re.compile(rf"^{TOOL.title}.* credits, or 0 in browser$"))).to_be_visible()
    found = await _faults(page, "overview")
    await page.get_by_role("link", name="Full history").press("Enter")
    rows = page.get_by_role("table", name="Your movements").locator("tbody tr")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text(TOOL.title)
    await expect(rows.first.get_by_role("cell").last).to_have_text(f"{left:,}")
    found += await _faults(page, "history")
    await page.get_by_label("Type").select_option("purchase")
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("+500")
    assert page.url.endswith("?type=purchase")
    await page.get_by_role("searchbox", name="Words").fill("nowhere")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("No movement fits")).to_be_visible()
    found += await _faults(page, "history, nothing found")
    await page.go_back()
    await expect(rows).to_have_count(1)
    await page.get_by_role("button", name="Clear").press("Enter")
    await expect(rows).to_have_count(3)
    lines = list(csv.reader(io.StringIO((await _saved(page, page.get_by_role("link", name="Whole history as CSV"))).decode())))
    assert lines[0][0] == "Time (Europe/London)"
    assert [line[-1] for line in lines[1:]] == ["300", "800", str(left)]
    paper = PdfReader(io.BytesIO(await _saved(page, page.get_by_role("link", name="Statement as PDF")))).pages[0].extract_text()
    assert f"Closing balance {left}" in " ".join(paper.split())
    assert found == []
