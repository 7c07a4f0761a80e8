"""axe-core, from npm at a pinned version: what it finds on a page, in words."""

import functools
import subprocess
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from credit_studio.operate import frontend
from credit_studio.settings import PROJECT_ROOT

VERSION = "4.14.1"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_FOLDER = PROJECT_ROOT / "data" / "axe"


@functools.cache
def script() -> str:
    """Axe's own script; fetched once."""
    found = _FOLDER / "node_modules" / "axe-core" / "axe.min.js"
    if not found.exists():
        _FOLDER.mkdir(parents=True, exist_ok=True)
        words = ["npm", "install", "--no-save", "--ignore-scripts", "--prefix", str(_FOLDER), f"axe-core@{VERSION}"]
        subprocess.run(words, env=frontend.environment(), check=True, capture_output=True)
    return Path(found).read_text()


_AT_REST = """
() => {
  for (const moving of document.getAnimations()) if (moving.effect.getTiming().iterations !== Infinity) moving.finish();
  [...document.querySelectorAll("*")].forEach((one) => {
    const { position, top, bottom } = getComputedStyle(one);
    if (position === "sticky" && (top !== "auto" || bottom !== "auto")) one.style.position = "static";
  });
}
"""
_RUN = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
"""Only of violations are the places told: to describe all that is well takes longer than to check it."""


async def violations(page: Page) -> list[str]:
    """Every violation of WCAG 2.2 A and AA on the page as it stands: the rule, and where.

    What moves is let come to its end, as colours do after a change of theme. What sticks to an edge of the window is put in its place:
    what lies under it is small only until the page is scrolled.
    """
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(script())
    await page.evaluate(_AT_REST)
    found: dict[str, Any] = await page.evaluate(_RUN, TAGS)
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found["violations"] for node in one["nodes"]]
