import json
import math
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.tools import base, validation
from credit_studio.tools.base import InputError, Mode
from credit_studio.tools.blocks import Chart, KeyFigures, Note, Table, to_json
from credit_studio.tools.dev import cost
from credit_studio.tools.dev.cost import DEFAULT_PRICES, KINDS, TOOL, Inputs, Output, Price, Resource, break_even, present, run

assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example


def alone(resource: Resource, *prices: Price) -> tuple[int, ...]:
    """What one resource costs a month at each provider, in pennies."""
    (only,) = run(Inputs((resource,), prices or DEFAULT_PRICES)).resources
    return only.monthly_pennies


def block_of(kind: type, output: Output, title: str = "") -> Any:
    return next(block for block in present(output) if isinstance(block, kind) and (not title or getattr(block, "title", "") == title))


@pytest.mark.parametrize(
    ("resource", "aws"),
    [
        # 3 x (2 x 0.0357 x 730 + 8 x 0.0034 x 730 + 50 x 0.08) = 3 x (52.122 + 19.856 + 4) = 227.934
        (Resource("web", "vm", 3, 2.0, 8.0, 50.0), 227_93),
        # 4 x 0.053 x 730 + 32 x 0.009 x 730 + 500 x 0.115 = 154.76 + 210.24 + 57.50
        (Resource("orders", "database", 1, 4.0, 32.0, 500.0), 422_50),
        (Resource("balancer", "load_balancer"), 16_43),  # 730 x 0.0225 = 16.425, half a penny up
        (Resource("addresses", "public_ip", 2), 7_30),
        (Resource("cluster", "kubernetes", hours=100.0), 10_00),
        (Resource("disk", "block_storage", size_gb=250.0), 20_00),
        (Resource("files", "object_storage", size_gb=4_000.0), 92_00),
        (Resource("downloads", "egress", size_gb=1_500.0), 135_00),
    ],
)
def test_each_kind_costs_what_a_hand_calculation_says(resource: Resource, aws: int) -> None:
    assert alone(resource)[0] == aws


def test_three_providers_are_priced_from_their_own_column() -> None:
    assert alone(Resource("sent", "egress", 10, size_gb=1.0), Price("egress", 0.1, 0.2, 0.35)) == (1_00, 2_00, 3_50)


def test_storage_is_paid_for_the_whole_month_whatever_the_hours() -> None:
    assert alone(Resource("files", "object_storage", size_gb=100.0, hours=1.0)) == alone(Resource("files", "object_storage", size_gb=100.0))


def test_decimals_are_taken_as_they_were_typed() -> None:
    assert alone(Resource("sent", "egress", 3, size_gb=1.0), Price("egress", 0.1, 0.335, 0.015)) == (30, 1_01, 5)
    assert cost.exact(0.1) == Decimal("0.1")


def test_half_a_penny_is_rounded_up() -> None:
    assert [cost.pennies(Decimal(text)) for text in ("0.005", "0.0049999", "1.015", "2.675")] == [1, 0, 1_02, 2_68]


def test_totals_are_the_sums_of_the_rounded_resources() -> None:
    output = run(EXAMPLE)
    for place, provider in enumerate(output.providers):
        assert provider.monthly_pennies == sum(resource.monthly_pennies[place] for resource in output.resources)
        assert provider.yearly_pennies == 12 * provider.monthly_pennies
        assert provider.all_months_pennies == 36 * provider.monthly_pennies
    assert [provider.monthly_pennies for provider in output.providers] == [1_035_48, 1_018_90, 1_022_93]
    assert output.cheapest == "Google Cloud"


def test_the_cheapest_of_a_resource_may_be_several() -> None:
    (tie,) = run(Inputs((Resource("cluster", "kubernetes"),))).resources
    (one,) = run(Inputs((Resource("files", "object_storage", size_gb=100.0),))).resources
    assert tie.cheapest == ("AWS", "Google Cloud", "Azure")
    assert one.cheapest == ("Google Cloud",)


@pytest.mark.parametrize(
    ("purchase", "own", "cloud", "month"),
    [
        (12_000_00, 200_00, 1_200_00, 12),
        (12_000_01, 200_00, 1_200_00, 13),
        (11_999_99, 200_00, 1_200_00, 12),
        (1, 0, 1, 1),
        (0, 5, 6, 0),
        (1, 6, 6, None),
        (5, 7, 6, None),
    ],
)
def test_break_even_is_the_first_month_that_is_no_dearer(purchase: int, own: int, cloud: int, month: int | None) -> None:
    assert break_even(purchase, own, cloud) == month


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_break_even_is_exact_to_the_penny(purchase: int, own: int, cloud: int) -> None:
    month = break_even(purchase, own, cloud)
    if month is None:
        assert own >= cloud
    else:
        assert purchase + month * own <= month * cloud
        assert month == 0 or purchase + (month - 1) * own > (month - 1) * cloud


def test_the_chart_shows_where_the_lines_cross() -> None:
    chart = block_of(Chart, run(EXAMPLE))
    lines = {series.name: dict(series.points) for series in chart.series}
    assert list(lines) == ["AWS", "Google Cloud", "Azure", "Own hardware"]
    assert [mark.label for mark in chart.marks] == ["Break-even, month 32"]
    assert lines["Own hardware"][31] > lines["Google Cloud"][31]
    assert lines["Own hardware"][32] <= lines["Google Cloud"][32]
    assert chart.dots[0].x == 32
    assert len(lines["AWS"]) == 37


@pytest.mark.parametrize(
    ("purchase", "monthly", "figure", "words"),
    [
        (18_000.0, 5_000.0, "never", "never pays off"),
        (180_000.0, 450.0, "in month 317", "only in month 317"),
        (0.0, 450.0, "at once", "from the start"),
        (18_000.0, 450.0, "in month 32", "by the end of month 32"),
    ],
)
def test_words_say_when_own_hardware_pays_off(purchase: float, monthly: float, figure: str, words: str) -> None:
    output = run(replace(EXAMPLE, own_purchase=purchase, own_monthly=monthly))
    assert block_of(KeyFigures, output).figures[3].value == figure
    assert words in block_of(Chart, output).summary


def test_without_own_hardware_nothing_is_compared_with_it() -> None:
    output = run(replace(EXAMPLE, own_purchase=0.0, own_monthly=0.0))
    assert all(provider.break_even_month is None for provider in output.providers)
    assert len(block_of(KeyFigures, output).figures) == 3
    assert [series.name for series in block_of(Chart, output).series] == ["AWS", "Google Cloud", "Azure"]
    assert "Own hardware" not in json.dumps(to_json((block_of(Table, output, "Spent so far by month"),)))


def test_the_resource_table_adds_up() -> None:
    table = block_of(Table, run(EXAMPLE), "Cost a month by resource")
    assert table.total is not None
    for column in (2, 3, 4):
        assert sum(Decimal(str(row[column])) for row in table.rows) == Decimal(str(table.total[column]))


def test_key_figures_are_to_the_penny() -> None:
    figures = block_of(KeyFigures, run(replace(EXAMPLE, currency="GBP"))).figures
    assert [figure.value for figure in figures] == ["£1,018.90", "£12,226.80", "£1,035.48", "in month 32"]


def test_the_note_says_that_prices_are_assumptions_of_a_date() -> None:
    assert "not live" in block_of(Note, run(EXAMPLE)).text
    assert cost.PRICES_NOTED in block_of(Note, run(EXAMPLE)).text


def test_changed_prices_are_counted() -> None:
    changed = (replace(DEFAULT_PRICES[0], aws=0.03), *DEFAULT_PRICES[1:])
    assert "1 of 11 were changed" in block_of(Note, run(replace(EXAMPLE, prices=changed))).text


def test_dollars_taken_for_another_currency_are_pointed_out() -> None:
    notes = [block.title for block in present(run(replace(EXAMPLE, currency="EUR"))) if isinstance(block, Note)]
    assert notes == ["Prices not converted", ""]


def test_figures_without_a_price_are_named_and_not_counted() -> None:
    output = run(Inputs((Resource("Downloads", "egress", vcpus=4.0, memory_gb=8.0, size_gb=10.0),)))
    assert output.resources[0].monthly_pennies[0] == 90
    assert "Downloads: vCPUs, memory (egress traffic)" in block_of(Note, output).text


@pytest.mark.parametrize(
    ("kind", "sizes", "field"),
    [
        ("vm", {"memory_gb": 4.0}, "vcpus"),
        ("vm", {"vcpus": 2.0}, "memoryGb"),
        ("database", {"vcpus": 2.0}, "memoryGb"),
        ("egress", {}, "sizeGb"),
        ("object_storage", {}, "sizeGb"),
        ("load_balancer", {"hours": 0.0}, "hours"),
    ],
)
def test_a_missing_size_is_refused_by_its_name(kind: cost.Kind, sizes: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as refused:
        Inputs((EXAMPLE.resources[0], Resource("bad", kind, **sizes)))
    assert refused.value.field == f"resources.1.{field}"


def test_a_missing_price_and_one_that_stands_twice_are_refused() -> None:
    with pytest.raises(InputError, match="Needs a price for Egress traffic") as missing:
        Inputs((Resource("sent", "egress", size_gb=1.0),), DEFAULT_PRICES[:-1])
    with pytest.raises(InputError, match="Stands twice") as twice:
        Inputs((Resource("sent", "egress", size_gb=1.0),), (*DEFAULT_PRICES[5:], DEFAULT_PRICES[-1]))
    assert (missing.value.field, twice.value.field) == ("prices", "prices.6.item")


def test_a_price_that_nothing_uses_may_be_left_out() -> None:
    assert alone(Resource("web", "vm", 1, 1.0, 1.0, hours=100.0), *DEFAULT_PRICES[:2]) == (3_91, 3_58, 3_89)


def test_every_kind_and_every_item_has_a_name_and_a_default_price() -> None:
    assert set(cost._USES) == set(KINDS)
    assert {item for uses in cost._USES.values() for item, _figures in uses} == set(cost.ITEMS) == {price.item for price in DEFAULT_PRICES}


def test_the_tool_runs_in_the_browser_only_and_costs_nothing() -> None:
    assert (TOOL.mode, TOOL.cap, TOOL.cost) == (Mode.CLIENT, 0, None)
    assert validation.parse(TOOL, validation.example_json(TOOL)) == EXAMPLE


@st.composite
def any_resource(draw: st.DrawFn) -> Resource:
    size = st.floats(0, 1_024)
    kind = draw(st.sampled_from(sorted(KINDS)))
    return Resource(
        draw(st.text(min_size=1, max_size=80)),
        kind,  # type: ignore[arg-type] - a key of KINDS
        draw(st.integers(1, 10_000)),
        draw(size),
        draw(size),
        draw(st.floats(0, 1e9)),
        draw(st.floats(0, 744)),
    )


rate = st.floats(0, 100_000)
any_prices = st.lists(st.builds(Price, st.sampled_from(sorted(cost.ITEMS)), rate, rate, rate), min_size=1, max_size=11).map(tuple)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(any_resource(), min_size=1, max_size=4).map(tuple),
    st.one_of(st.just(DEFAULT_PRICES), any_prices),
    st.floats(0, 1e9),
    st.floats(0, 1e9),
    st.integers(1, 120),
    st.sampled_from(["USD", "GBP", "EUR"]),
)
def test_any_inputs_are_priced_or_refused_by_name(
    resources: tuple[Resource, ...], prices: tuple[Price, ...], purchase: float, monthly: float, months: int, currency: Any
) -> None:
    try:
        output = run(Inputs(resources, prices, purchase, monthly, months, currency))
    except InputError:
        return
    blocks = to_json(present(output))
    assert json.loads(json.dumps(blocks, allow_nan=False)) == blocks
    assert all(pennies >= 0 for resource in output.resources for pennies in resource.monthly_pennies)
    assert math.isfinite(float(output.providers[0].all_months_pennies))
    assert json.dumps(base.jsonable(output), allow_nan=False)


ALONE = """
import importlib.abc, sys
class Closed(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.split(".")[0]
        if top not in sys.stdlib_module_names and top not in {"annotated_types", "credit_studio"}:
            raise ImportError(f"{name} is not there in the browser")
sys.meta_path.insert(0, Closed())
sys.path.insert(0, sys.argv[2])
import importlib, json
module = importlib.import_module(sys.argv[1])
from credit_studio.tools.blocks import to_json
print(json.dumps(to_json(module.TOOL.present(module.TOOL.run(module.TOOL.example))))[:20])
print(sorted(name for name in sys.modules if name.startswith("credit_studio.")))
"""


def test_the_file_runs_with_the_standard_library_and_annotated_types_alone(pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-c", ALONE, cost.__name__, str(pytestconfig.rootpath)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines()[0].startswith('[{"block": "keyFig')
    assert ran.stdout.splitlines()[1] == str(
        ["credit_studio.tools", "credit_studio.tools.base", "credit_studio.tools.blocks", "credit_studio.tools.dev", cost.__name__]
    )
