"""A file over 1 MB: uploaded for a run, gone with it, and sent anew by the page that still holds it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Request, expect

from credit_studio.tools.registry import get_tool
from tests.browser.conftest import SignUp, settled

pytestmark = pytest.mark.browser
TOOL = get_tool("dev-studio-performance")


async def test_a_large_file_is_sent_for_each_run(context: BrowserContext, studio: str, sign_up: SignUp, tmp_path: Path) -> None:
    await sign_up(context)
    page = await context.new_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/api/uploads") else None)
    log = tmp_path / "access.log"
    log.write_text(str(TOOL.example.log) * 30)  # type: ignore[union-attr]
    await settled(page, f"{studio}{TOOL.path}/")
    await page.locator("input[type=file]").first.set_input_files(log)
    await page.get_by_text("deleted there once the run has it").wait_for()
    for times in (1, 2):
        await page.keyboard.press("Control+Enter")
        await page.get_by_role("button", name="Open stored result").first.wait_for()
        assert len(sent) == times
        await page.get_by_label("Run afresh").click()
        await page.get_by_role("button", name="Run for up to").first.wait_for()


async def test_a_file_larger_than_the_browser_keeps_has_to_be_given_again_and_all_else_stays(context: BrowserContext, studio: str, tmp_path: Path) -> None:
    page = await context.new_page()
    log = tmp_path / "access.log"
    log.write_text(str(TOOL.example.log) * 160)  # type: ignore[union-attr]
    await settled(page, f"{studio}{TOOL.path}/")
    await page.locator("input[type=file]").first.set_input_files(log)
    await page.get_by_text("Too long to edit here").wait_for()
    await page.get_by_label("Goal for p95").fill("4321")
    await page.reload()
    await expect(page.get_by_label("Goal for p95")).to_have_value(re.compile("^4,?321$"))
    await expect(page.get_by_role("textbox", name="Log or test result")).to_have_value("")
