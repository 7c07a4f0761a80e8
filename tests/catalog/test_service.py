"""The catalogue is used as it stands or not at all: a mistake names its line and what is wrong."""

from pathlib import Path

import pytest

from credit_studio.catalog import service
from credit_studio.catalog.service import BadCatalog, load
from credit_studio.core.credits import Rates
from credit_studio.core.money import Money
from credit_studio.settings import Settings

DEFAULT = Settings().catalog_file
TEXT = DEFAULT.read_text()


def _line_of(text: str, needle: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if needle in line)


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "catalog.toml"
    path.write_text(text)
    return path


def test_the_default_catalogue_is_the_products() -> None:
    catalog = load(DEFAULT)
    assert [(plan.id, plan.monthly_credits, plan.daily_cap, plan.price) for plan in catalog.plans] == [
        ("free", 300, 30, 0),
        ("supporter", 3_000, 300, 1_000),
        ("pro", 12_000, 2_000, 3_500),
    ]
    assert [(pack.name, pack.credits, pack.price) for pack in catalog.packs] == [
        ("Starter", 500, 1_000),
        ("Standard", 1_400, 2_500),
        ("Professional", 3_000, 5_000),
    ]
    assert catalog.burn == Rates(base=2, cpu_ms_per_credit=2_000, gb_ms_per_credit=4_000, minimum=3, tokens_per_credit=2_000, minimum_tokens=1)
    assert catalog.first_plan.id == "free"
    assert catalog.money(1_000) == Money(1_000, "GBP")
    assert (catalog.find_plan("pro"), catalog.find_plan("none")) == (catalog.plans[2], None)
    assert (catalog.find_pack("starter"), catalog.find_pack("none")) == (catalog.packs[0], None)


@pytest.mark.parametrize(
    ("old", "new", "line_with", "said"),
    [
        ("daily_cap = 300\n", 'daily_cap = "many"\n', 'daily_cap = "many"', "daily_cap: Input should be a valid integer"),
        ("daily_cap = 2000", "daily_cap = 0", "daily_cap = 0", "daily_cap: Input should be greater than or equal to 1"),
        ("base = 2", "base = -1", "base = -1", "base: Input should be greater than or equal to 0"),
        ("base = 2", "base = 2.5", "base = 2.5", "base: Input should be a valid integer"),
        ("base = 2", "base = true", "base = true", "base: Input should be a valid integer"),
        ("base = 2", "base = nan", "base = nan", "base: Input should be a valid integer"),
        ('currency = "GBP"', 'currency = "pounds"', 'currency = "pounds"', "currency: String should match"),
        ("credits = 1400", "credits = 9000000000", "credits = 9000000000", "credits: Input should be less than or equal to"),
        ("price = 5000", "price = 0", None, "price: Input should be greater than or equal to 1"),
        ('name = "Standard"', 'name = ""', 'name = ""', "name: String should have at least 1 character"),
        ('id = "pro"', 'id = "Pro Plan"', 'id = "Pro Plan"', "id: String should match"),
        ("minimum = 3", "minimum = 3\nsurcharge = 1", "surcharge", "surcharge: Unexpected keyword argument"),
        ("price = 3500\n", "", 'id = "pro"', "price: Field required"),
        ('currency = "GBP"', 'currency = "GBP"\ndiscount = 1', "discount", "discount: Unexpected keyword argument"),
    ],
)
def test_a_mistake_names_its_line_and_what_is_wrong(tmp_path: Path, old: str, new: str, line_with: str | None, said: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new)
    path = _written(tmp_path, text)
    with pytest.raises(BadCatalog) as refused:
        load(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)
    if line_with is not None:
        line = _line_of(text, line_with)
        near = {line, line - 1} if said.endswith("required") else {line}  # what is missing has no line: its table's head has
        assert any(f"line {number}:" in str(refused.value) for number in near), str(refused.value)


def test_ids_that_stand_twice_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadCatalog, match="the plan id 'free' stands twice"):
        load(_written(tmp_path, TEXT.replace('id = "pro"', 'id = "free"')))
    with pytest.raises(BadCatalog, match="the pack id 'starter' stands twice"):
        load(_written(tmp_path, TEXT.replace('id = "standard"', 'id = "starter"')))


@pytest.mark.parametrize("text", ["currency = ", "[[plans]\n", "currency = 'GBP'\ncurrency = 'EUR'", "\x00", "", 'currency = "GBP"\nplans = []\npacks = []'])
def test_what_is_no_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadCatalog, match=r"catalog\.toml"):
        load(_written(tmp_path, text))


def test_a_broken_line_is_told_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(BadCatalog, match="line 4"):
        load(_written(tmp_path, TEXT.replace('currency = "GBP"', "currency = GBP")))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCatalog, match="No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadCatalog, match="codec"):
        load(tmp_path / "bytes.toml")


def test_it_is_read_once_a_process() -> None:
    assert service.catalog() is service.catalog()
