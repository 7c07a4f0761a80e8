"""A local run in a real browser: the server's figures, and no server once Python is there. `studio` is the address of the running studio."""

import json
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool, get_tool
from credit_studio.tools.validation import example_json
from credit_studio.ui.local_run import bundle, local
from tests.browser.conftest import ZONE
from tests.studios import Place

pytestmark = pytest.mark.browser

TOOL = "cyber-studio-risk-register"
DONE = "Ran in this page. Nothing was sent."
LOADING_MS = 60_000


def _agrees(one: object, other: object) -> bool:
    """Equal, figures to 9 significant digits."""
    if isinstance(one, bool) or not isinstance(one, (int, float)):
        if isinstance(one, dict) and isinstance(other, dict):
            return one.keys() == other.keys() and all(_agrees(one[key], other[key]) for key in one)
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(_agrees, one, other))
        return one == other
    return isinstance(other, (int, float)) and math.isclose(one, other, rel_tol=1e-9)


def _expected(tool_id: str = TOOL, **changed: Any) -> list[dict[str, Any]]:
    blocks = local.run_tool(get_tool(tool_id), example_json(get_tool(tool_id)) | changed)["blocks"]
    return json.loads(json.dumps(blocks))


async def _drawn(page: Page) -> list[dict[str, Any]]:
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download result as JSON").click()
    return json.loads((await (await download.value).path()).read_text())


async def _open(page: Page, studio: str) -> None:
    await page.goto(f"{studio}{get_tool(TOOL).path}/")
    await page.locator("label", has_text="In this browser").click()


async def _run_here(page: Page) -> None:
    """Ctrl+Enter runs where the page says; the strip first leaves "Done", then comes back to it."""
    await page.evaluate(
        "() => { window.ended = 0; "
        "document.addEventListener('credit-studio:tool', (event) => { window.ended += ['done', 'failed'].includes(event.detail.local.phase); }); }"
    )
    await page.keyboard.press("Control+Enter")
    await page.wait_for_function("() => window.ended > 0", timeout=LOADING_MS)
    await expect(page.get_by_text(DONE)).to_be_visible()


async def test_a_local_run_gives_the_figures_of_the_server(page: Page, studio: str) -> None:
    await _open(page, studio)
    await _run_here(page)
    assert _agrees(await _drawn(page), _expected())


async def test_a_local_run_needs_no_network_once_python_is_there(page: Page, studio: str) -> None:
    await _open(page, studio)
    await _run_here(page)
    await page.context.set_offline(True)
    await page.get_by_label("Iterations").fill("5,000")
    await expect(page.get_by_text("You have changed one input since this result: Iterations.")).to_be_visible()
    await _run_here(page)
    await expect(page.get_by_text("You have changed")).to_have_count(0)
    assert _agrees(await _drawn(page), _expected(iterations=5_000))


async def test_inputs_that_make_no_sense_are_named_and_the_old_result_stays(page: Page, studio: str) -> None:
    await _open(page, studio)
    await _run_here(page)
    await page.get_by_label("Risk A, loss each time, high").fill("10")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("alert").filter(has_text="1 input needs a change. Nothing was charged.")).to_be_focused()
    await expect(page.get_by_label("Risk A, loss each time, high")).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text(DONE)).to_be_visible()


async def test_a_local_run_can_be_cancelled_and_run_again(page: Page, studio: str) -> None:
    await _open(page, studio)
    await page.keyboard.press("Control+Enter")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_text("Cancelled", exact=True)).to_be_visible()
    await _run_here(page)
    assert _agrees(await _drawn(page), _expected())


async def test_nothing_is_sent_for_a_price_while_the_run_stays_in_the_page(page: Page, studio: str) -> None:
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    await _open(page, studio)
    await page.get_by_label("Iterations").fill("4321")
    await page.wait_for_timeout(600)
    assert not [frame for frame in sent if "4321" in frame]


@pytest.fixture(scope="module")
async def warm(browser: Browser, place: Place) -> AsyncIterator[Page]:
    """A page whose Python is there, and stays there while it goes from tool to tool."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id=ZONE, accept_downloads=True)
    context.set_default_timeout(20_000)
    page = await context.new_page()
    await _open(page, place.url)
    await _run_here(page)
    yield page
    await context.close()


async def _go(page: Page, tool: AnyTool) -> None:
    """Within the app, as a link does: the worker stays."""
    await page.evaluate("(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }", f"{tool.path}/")
    await expect(page.get_by_role("heading", level=1, name=tool.title)).to_be_visible()
    if tool.mode is Mode.HYBRID:
        await page.locator("label", has_text="In this browser").click()


@pytest.mark.parametrize("tool", bundle.browser_tools(), ids=lambda tool: tool.id)
async def test_every_browser_tool_gives_what_the_server_gives_and_runs_without_a_network(warm: Page, tool: AnyTool) -> None:
    loaded: list[str] = []
    warm.on("request", lambda request: loaded.append(request.url))
    await _go(warm, tool)
    await _run_here(warm)
    await warm.context.set_offline(True)
    try:
        await _run_here(warm)
        drawn = await _drawn(warm)
    finally:
        await warm.context.set_offline(False)
    assert _agrees(drawn, _expected(tool.id))
    assert not [url for url in loaded if "pyodide" in url], "Python was loaded again"
