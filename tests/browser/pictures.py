"""`make pictures`: the pages as they are, into docs/pictures, with real runs behind them; the main ones also dark and on a phone."""

import asyncio
import tempfile
from pathlib import Path
from uuid import uuid4

import httpx
from playwright.async_api import Browser, Page, async_playwright

from credit_studio.settings import PROJECT_ROOT
from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests import chromium
from tests.studios import Place, a_place, running

_OUT = PROJECT_ROOT / "docs" / "pictures"
_ZONE = "Europe/London"
_LOOKS = {"light": ("light", 1280, 900), "dark": ("dark", 1280, 900), "phone": ("light", 375, 812)}
_RUNS = ("cyber-studio-risk-register", "data-studio-quality", "data-studio-lineage", "cyber-studio-vulnerability-scanner")
_PUBLIC = {"landing": "/", "tools": "/tools/"}
_LIGHT_ONLY = {"register": "/register/", "cost": "/dev-studio/cost/"}


def main() -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with a_place(Path(folder), RATE_LIMIT_SCALE="0", ENVIRONMENT="test") as place, running(place):
            asyncio.run(_take_all(place))


async def _take_all(place: Place) -> None:
    _OUT.mkdir(parents=True, exist_ok=True)
    email = f"{uuid4().hex[:8]}@example.com"
    async with httpx.AsyncClient(base_url=place.url, timeout=70) as http:
        answer = await http.post("/api/auth/register", json={"email": email, "password": uuid4().hex, "timeZone": _ZONE})
        place.command("set-plan", "--email", email, "--plan", "supporter")
        cookie = answer.cookies["cs_session"]
        runs = [await _run(http, tool_id) for tool_id in _RUNS]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.get(), args=["--no-sandbox", "--disable-background-networking"])
        for look in _LOOKS:
            await _take(browser, place, look, cookie, runs[0])
        await browser.close()


async def _run(http: httpx.AsyncClient, tool_id: str) -> str:
    tool = get_tool(tool_id)
    answer = await http.post(f"/api{tool.path}/run", json={"inputs": example_json(tool)})
    return answer.json()["runId"]


async def _take(browser: Browser, place: Place, look: str, cookie: str, run_id: str) -> None:
    scheme, width, height = _LOOKS[look]
    context = await browser.new_context(color_scheme=scheme, viewport={"width": width, "height": height}, timezone_id=_ZONE)  # type: ignore[arg-type]
    page = await context.new_page()
    is_light = look == "light"
    for name, path in (_PUBLIC | (_LIGHT_ONLY if is_light else {})).items():
        await _shoot(page, f"{place.url}{path}", f"{name}-{look}")
    await context.add_cookies([{"name": "cs_session", "value": cookie, "url": place.url}])
    for name, path in {"account": "/account/", "receipt": f"/runs/{run_id}/"}.items():
        await _shoot(page, f"{place.url}{path}", f"{name}-{look}")
    for tool_id in _RUNS if is_light else _RUNS[:1]:
        tool = get_tool(tool_id)
        await _open(page, f"{place.url}{tool.path}/")
        await page.keyboard.press("Control+Enter")
        await page.get_by_role("link", name="Why this charge?").wait_for()
        await page.wait_for_timeout(1_500)
        await page.screenshot(path=_OUT / f"{'tool' if tool_id == _RUNS[0] else tool.slug}-{look}.png", full_page=True)
    await context.close()


async def _open(page: Page, url: str) -> None:
    await page.goto(url)
    await page.wait_for_selector("header:not(:has([aria-busy=true]))")
    await page.wait_for_load_state("networkidle")


async def _shoot(page: Page, url: str, name: str) -> None:
    await _open(page, url)
    await page.screenshot(path=_OUT / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
