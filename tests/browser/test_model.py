"""A run that asks a language model, as its person sees it: the answer grows before their eyes, and its tokens are what they pay for."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, expect

from credit_studio.tools.registry import get_tool
from tests.browser.conftest import PASSWORD, settled
from tests.makers.models import Service, stream
from tests.studios import a_place, running

pytestmark = pytest.mark.browser
REVIEW = get_tool("code-studio-generate-review")
REMARK = {"path": "shop/orders.py", "line": 9, "severity": "high", "category": "errors", "title": "Left open", "detail": "", "fix": "Use with."}
ANSWER = json.dumps({"summary": "Close the file. " * 30, "remarks": [REMARK | {"replacement": None}]})


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[str]:
    """A studio that asks a language model on this machine, which takes some seconds for its answer: the studio's address."""
    service = Service()
    service.replies, service.pause_s = [stream(ANSWER, {"total_tokens": 4_100})], 0.05
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    with a_place(tmp_path, RATE_LIMIT_SCALE="0", ENVIRONMENT="test", LLM_BASE_URL=url, LLM_MODEL="some-model") as place, running(place):
        yield place.url
    server.close()


async def test_an_answer_is_seen_to_grow_and_its_tokens_are_paid(page: Page, context: BrowserContext, asking: str) -> None:
    async with httpx.AsyncClient(base_url=asking) as http:
        answer = await http.post("/api/auth/register", json={"email": "ada@example.com", "password": PASSWORD, "timeZone": "Europe/London"})
    await context.add_cookies([{"name": "cs_session", "value": answer.cookies["cs_session"], "url": asking, "httpOnly": True, "sameSite": "Lax"}])
    await settled(page, f"{asking}{REVIEW.path}/")
    await page.get_by_role("button", name=re.compile(r"^Run for up to")).click()
    await expect(page.get_by_text("The language model is answering").first).to_be_visible()
    await expect(page.get_by_role("link", name="See how far it is")).to_be_visible()
    meter = page.get_by_role("meter", name=re.compile("^Run progress"))
    first = int(await meter.get_attribute("aria-valuenow") or 0)
    await expect(meter).not_to_have_attribute("aria-valuenow", str(first))
    assert int(await meter.get_attribute("aria-valuenow") or 0) > first
    await page.get_by_role("link", name="Why this charge?").wait_for()
    await expect(page.locator(".strip")).to_contain_text("3 credits")
    await expect(page.locator("header .bal .n").first).to_have_text("297")
    await page.get_by_role("link", name="Why this charge?").click()
    await page.wait_for_url("**/runs/**")
    await expect(page.locator("tr", has_text="Tokens").first).to_contain_text("4,100")
