"""The guide says what is so."""

import re
import sys
import types
from pathlib import Path

import pytest

from credit_studio.settings import PROJECT_ROOT, Settings
from credit_studio.tools.base import Tool
from credit_studio.tools.validation import example_json, parse

PAGES = sorted([*PROJECT_ROOT.glob("*.md"), *(PROJECT_ROOT / "docs").rglob("*.md")])


def test_every_setting_is_in_the_guide_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|(.*?)\|", (PROJECT_ROOT / "docs/guide/configuration.md").read_text(), re.MULTILINE))
    defaults = {name.upper(): shown(field.default) for name, field in Settings.model_fields.items()}
    assert {name: told.strip("` ") for name, told in rows.items()} == defaults


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT_ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", page.read_text()) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_tool_of_the_guide_is_a_tool(monkeypatch: pytest.MonkeyPatch) -> None:
    source = re.findall(r"```python\n(.*?)```", (PROJECT_ROOT / "docs/guide/adding-a-tool.md").read_text(), re.DOTALL)[0]
    module = types.ModuleType("tool_of_the_guide")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(source, "adding-a-tool.md", "exec"), module.__dict__)  # noqa: S102 - the guide is ours
    tool = module.TOOL
    assert isinstance(tool, Tool)
    assert tool.run is not None
    assert tool.present is not None
    assert [figure.value for figure in tool.present(tool.run(parse(tool, example_json(tool))))[0].figures] == ["2", "5"]


def test_every_command_of_make_is_explained() -> None:
    makefile = (PROJECT_ROOT / "Makefile").read_text()
    targets = {name for line in re.findall(r"^\.PHONY:(.*)$", makefile, re.MULTILINE) for name in line.split()}
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert targets - explained == {"venv", "venv-run", "venv-dev"}


def shown(default: object) -> str:
    if isinstance(default, Path):
        return str(default.relative_to(PROJECT_ROOT))
    return f"{default:g}" if isinstance(default, float) else str(default)
