"""The catalogue that ships as "tokens", how it is chosen, and what its fields may not say."""

from pathlib import Path

import pytest

from credit_studio.catalog.service import BadCatalog, catalog, load
from credit_studio.operate import frontend
from credit_studio.settings import PROJECT_ROOT, Settings
from credit_studio.tools.code.workflow import prose
from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import parse

TEXT = Settings(catalog_file=Path("tokens")).catalog_file.read_text()
LIST = "Hotels book rooms.\n- A guest books. It is free!\n2) Staff block a room"


def test_it_is_the_products() -> None:
    book = catalog()
    told = [(plan.id, plan.monthly_credits, plan.credits_once, plan.daily_cap, plan.by_agreement) for plan in book.plans]
    assert told == [("free", 0, 5, None, False), ("pro", 100, 0, None, False), ("enterprise", 1_000, 0, None, True)]
    assert (book.burn.tokens_per_run, book.burn.tokens_per_credit, book.dunning.grace_days) == (2_000, 2_000, 0)


def test_a_shipped_catalogue_is_chosen_by_its_name_and_any_other_by_its_file(tmp_path: Path) -> None:
    assert Settings(catalog_file=Path("tokens")).catalog_file.name == "tokens.toml"
    assert Settings(catalog_file=Path("default")).catalog_file.name == "default.toml"
    assert Settings(catalog_file=tmp_path / "tokens").catalog_file == tmp_path / "tokens"
    assert Settings(catalog_file=Path("other")).catalog_file == Path("other")


def test_pages_are_built_anew_for_another_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frontend, "_hash", lambda *_: "the same files")
    monkeypatch.setattr("credit_studio.settings.get", lambda: Settings(catalog_file=Path("tokens")))
    tokens = frontend.fingerprint(PROJECT_ROOT)
    monkeypatch.setattr("credit_studio.settings.get", lambda: Settings(catalog_file=Path("default")))
    assert frontend.fingerprint(PROJECT_ROOT) != tokens


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("credits_once = 5", "credits_once = 5\nmonthly_credits = 5", "either monthly_credits or credits_once"),
        ("credits_once = 5\n", "", "either monthly_credits or credits_once"),
        ("credits_once = 5", "credits_once = 5\ndaily_cap = 1", "no daily_cap limits them"),
        ("price = 0\nby_agreement = true", "price = 1\nby_agreement = true", "has no price here"),
        ("credits_once = 5\nprice = 0", "credits_once = 5\nprice = 100", "what a new account gets"),
        ("tokens_per_run = 2000", "tokens_per_run = 0", "greater than or equal to 1"),
        ("grace_days = 0", "grace_days = -1", "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    path = tmp_path / "catalog.toml"
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(BadCatalog, match=said):
        load(path)


@pytest.mark.parametrize(
    "brief",
    [
        "Build me a shop",
        "Class",
        LIST,
        "word " * 400,
        "Cafés for Ängste\t\x00 now",
        "12345",
    ],
)
def test_a_brief_in_plain_words_is_one_that_the_tool_takes(brief: str) -> None:
    inputs = parse(get_tool("code-studio-start-workflow"), prose.inputs_of(brief))
    assert inputs.goal
    assert 1 <= len(inputs.stories) <= 30


def test_a_list_in_a_brief_is_its_stories() -> None:
    told = prose.inputs_of(LIST)
    assert told["goal"] == "Hotels book rooms."
    assert [one["what"] for one in told["stories"]] == ["A guest books.", "It is free!", "Staff block a room"]
