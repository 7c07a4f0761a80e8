"""Forms of every shape in a real browser: lists that are empty, long or wide, groups that fold, names that other rows speak of, and what is undone."""

import statistics

import pytest
from playwright.async_api import Locator, Page, expect

from credit_studio.tools.registry import AnyTool, all_tools
from tests.browser import axe
from tests.browser.conftest import settled

pytestmark = pytest.mark.browser

THREATS = "/cyber-studio/threat-modeling/"
POLICY = "/cyber-studio/policy-generator/"
BUILT = [tool for tool in all_tools() if tool.is_built]

# How long a keystroke takes until React has drawn it, in ms: the middle of 15.
_TYPE = """async (input) => {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
  const times = [];
  for (let at = 0; at < 15; at += 1) {
    const from = performance.now();
    set.call(input, `Name ${at}`);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await Promise.resolve();
    times.push(performance.now() - from);
    await new Promise((done) => setTimeout(done, 20));
  }
  return times;
}"""


async def _open(page: Page, studio: str, path: str = THREATS) -> None:
    await settled(page, f"{studio}{path}")


async def _typing_ms(field: Locator) -> float:
    return statistics.median(await field.evaluate(_TYPE))


async def test_a_list_can_be_emptied_and_added_to_and_a_new_row_has_a_name_of_its_own(page: Page, studio: str) -> None:
    await _open(page, studio)
    flows = page.get_by_role("button", name="Remove", exact=False)
    assert await flows.count() > 10
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_text("None yet.")).to_be_visible()
    await page.get_by_role("button", name="Add data flow").click()
    await expect(page.get_by_label("Data flow A, flow")).to_have_value("Data flow A")
    await expect(page.get_by_label("Data flow A, flow")).to_be_focused()
    await page.get_by_role("button", name="Add data flow").click()
    await expect(page.get_by_label("Data flow B, flow")).to_have_value("Data flow B")


async def test_clear_and_load_example_can_be_undone(page: Page, studio: str) -> None:
    await _open(page, studio)
    system = page.get_by_label("System", exact=True)
    await system.fill("My own system")
    await page.get_by_role("button", name="Clear").click()
    await expect(system).to_have_value("")
    await page.get_by_role("button", name="Undo").click()
    await expect(system).to_have_value("My own system")
    await page.get_by_role("button", name="Load example").click()
    await expect(system).to_have_value("Online shop")
    await page.get_by_role("button", name="Undo").click()
    await expect(system).to_have_value("My own system")
    await expect(page.get_by_role("button", name="Undo")).to_have_count(0)


async def test_a_removed_row_comes_back_to_its_place_and_rows_move(page: Page, studio: str) -> None:
    await _open(page, studio)
    titles = page.locator(".row-title b")
    before = await titles.all_inner_texts()
    await page.get_by_role("button", name="Remove Payment provider").click()
    await expect(titles).to_have_count(len(before) - 1)
    await page.get_by_role("button", name="Undo").click()
    assert await titles.all_inner_texts() == before
    await page.get_by_role("button", name="Move Customer down").click()
    assert (await titles.all_inner_texts())[:2] == [before[1], before[0]]


async def test_rows_speak_of_others_by_names_that_are_offered(page: Page, studio: str) -> None:
    await _open(page, studio)
    field = page.get_by_label("Data flow A, from")
    offered = await field.evaluate("(one) => [...one.list.options].map((option) => option.value)")
    assert "Order database" in offered
    await page.get_by_label("Component A, component").fill("Visitor")
    assert "Visitor" in await field.evaluate("(one) => [...one.list.options].map((option) => option.value)")


async def test_later_groups_of_a_large_form_fold_and_open_at_what_is_wrong(page: Page, studio: str) -> None:
    await _open(page, studio, POLICY)
    figures = page.get_by_role("region", name="Figures")
    await expect(figures.get_by_role("textbox")).to_have_count(0)
    await expect(figures).to_contain_text("Logs are kept: 12 months")
    await figures.get_by_role("button", name="Unfold Figures").click()
    days = figures.get_by_role("textbox").last
    await days.fill("-5")
    await figures.get_by_role("button", name="Fold Figures").click()
    await expect(days).to_be_visible()  # wrong inputs are never folded away
    await page.locator("label", has_text="In this browser").click()
    await page.keyboard.press("Control+Enter")
    summary = page.get_by_role("alert").filter(has_text="1 input needs a change")
    await expect(summary).to_be_focused()
    await summary.get_by_role("link").click()
    await expect(days).to_be_focused()


async def test_a_keystroke_takes_as_long_with_fifty_rows_as_with_few(page: Page, studio: str) -> None:
    await _open(page, studio)
    name = page.get_by_label("System", exact=True)
    few = await _typing_ms(name)
    add = page.get_by_role("button", name="Add data flow")
    while await add.is_enabled():
        await add.click()
    assert await page.locator(".row-card").count() > 50
    many = await _typing_ms(name)
    inside = await _typing_ms(page.get_by_label("Data flow A, flow"))
    assert max(many, inside) < max(3 * few, 16), (few, many, inside)


# Every third in the ordinary run: the parts are the same everywhere. The long tests open them all.
@pytest.mark.parametrize("tool", [pytest.param(one, marks=[pytest.mark.soak] if at % 3 else [], id=one.id) for at, one in enumerate(BUILT)])
async def test_a_form_is_accessible_with_all_of_it_open(page: Page, studio: str, tool: AnyTool) -> None:
    await _open(page, studio, f"{tool.path}/")
    unfold = page.locator("button[aria-label^=Unfold]")
    while await unfold.count():
        await unfold.first.click()
    faults: list[str] = []
    for width in (320,):
        await page.set_viewport_size({"width": width, "height": 900})
        faults += [f"at {width}: {one}" for one in await axe.violations(page)]
        wide = await page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults += [f"at {width}: {wide} px too wide"] if wide > 0 else []
    assert faults == []
