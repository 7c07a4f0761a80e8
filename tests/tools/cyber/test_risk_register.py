import json
import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_studio.core.errors import InvalidInputs
from credit_studio.tools import base, validation
from credit_studio.tools.blocks import Chart, HeatMap, KeyFigures, Note, Table, to_json
from credit_studio.tools.cyber import risk_register as register
from credit_studio.tools.cyber.risk_register import TOOL, Inputs, Output, Risk, present, run

assert TOOL.example is not None
EXAMPLE: Inputs = TOOL.example
ONE = Risk("one", 0.2, 0.5, 1.4, 1_000.0, 2_000.0, 9_000.0)
OFTEN = Risk("often", 20.0, 30.0, 60.0, 10.0, 20.0, 50.0)


def certain(frequency: float, loss: float) -> Risk:
    """A risk without a range: each loss is the same, so that a year's loss counts its events."""
    return Risk("certain", frequency, frequency, frequency, loss, loss, loss)


def block_of(kind: type, output: Output, title: str = "") -> Any:
    return next(block for block in present(output) if isinstance(block, kind) and (not title or getattr(block, "title", "") == title))


@pytest.mark.parametrize("risks", [EXAMPLE.risks, (ONE,), (OFTEN,), (certain(0.01, 5e6), certain(12.0, 3.0))])
def test_the_simulated_mean_is_the_mean_of_the_formula_within_four_standard_errors(risks: tuple[Risk, ...]) -> None:
    output = run(Inputs(risks, iterations=100_000, seed=11))
    formula = sum(register.pert_mean(*triple) * register.pert_mean(*loss) for triple, loss in map(ranges, risks))
    assert output.expected_by_formula == pytest.approx(formula)
    assert abs(output.expected_loss - formula) < 4 * output.standard_error


def ranges(risk: Risk) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    return (risk.frequency_low, risk.frequency_likely, risk.frequency_high), (risk.loss_low, risk.loss_likely, risk.loss_high)


def test_the_standard_error_is_that_of_a_compound_poisson_year() -> None:
    output = run(Inputs((certain(4.0, 10.0),), iterations=50_000))
    assert output.standard_error == pytest.approx(math.sqrt(4.0 * 10.0**2 / 50_000), rel=0.02)


@pytest.mark.parametrize(("low", "likely", "high"), [(0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (1.0, 3.0, 11.0), (0.0, 0.5, 1.0), (80e3, 350e3, 1.5e6)])
def test_pert_slices_have_the_mean_and_the_variance_of_the_beta_distribution(low: float, likely: float, high: float) -> None:
    slices = register.pert_slices(low, likely, high, 1024)
    mean = register.pert_mean(low, likely, high)
    variance = (mean - low) * (high - mean) / 7
    assert math.fsum(slices) / 1024 == pytest.approx(mean, rel=1e-6)
    assert math.fsum((value - mean) ** 2 for value in slices) / 1024 == pytest.approx(variance, rel=2e-3)
    assert all(before <= after for before, after in pairwise(slices))
    assert low <= slices[0] <= slices[-1] <= high


def test_pert_slices_stand_where_the_cumulative_beta_says() -> None:
    slices = register.pert_slices(0.0, 0.0, 1.0, 1000)  # beta(1, 5): F(x) = 1 - (1 - x)^5
    for place in (10, 500, 990):
        assert 1 - (1 - slices[place]) ** 5 == pytest.approx((place + 0.5) / 1000, abs=5e-4)


@pytest.mark.parametrize("frequency", [0.001, 0.3, 2.5, 40.0, 100.0])
def test_chances_of_counts_are_poisson_for_a_certain_frequency(frequency: float) -> None:
    chances = register.count_chances([frequency])
    assert math.fsum(chances) == pytest.approx(1.0, abs=1e-12)
    for count in range(min(len(chances), 60)):
        assert chances[count] == pytest.approx(math.exp(count * math.log(frequency) - frequency - math.lgamma(count + 1)), rel=1e-9, abs=1e-300)


def test_chances_of_counts_are_the_mean_over_an_uncertain_frequency() -> None:
    mixed = register.count_chances([1.0, 3.0])
    assert mixed[2] == pytest.approx((math.exp(-1) / 2 + math.exp(-3) * 9 / 2) / 2)


@pytest.mark.parametrize("frequency", [0.05, 0.7, 3.0])
def test_simulated_counts_of_events_are_poisson(frequency: float) -> None:
    years = 60_000
    risk = certain(frequency, 1.0)
    totals = register.array("d", bytes(8 * years))
    register._strike(Inputs((risk,), iterations=years), 0, totals)
    counted = Counter(round(total) for total in totals)
    for count in range(6):
        chance = math.exp(-frequency) * frequency**count / math.factorial(count)
        assert abs(counted[count] - years * chance) < 4.5 * math.sqrt(years * chance * (1 - chance)) + 1


def test_the_same_seed_gives_the_same_output_and_another_seed_another() -> None:
    assert run(EXAMPLE) == run(EXAMPLE)
    assert run(replace(EXAMPLE, seed=8)).expected_loss != run(EXAMPLE).expected_loss


def test_a_changed_risk_leaves_the_losses_of_the_others_as_they_were() -> None:
    first, *others = EXAMPLE.risks
    changed = run(replace(EXAMPLE, risks=(replace(first, loss_high=2_000_000.0), *others)))
    before = {one.letter: one.expected_loss for one in run(EXAMPLE).risks}
    after = {one.letter: one.expected_loss for one in changed.risks}
    assert after["A"] > before["A"]
    assert [after[letter] for letter in "BCDEF"] == [before[letter] for letter in "BCDEF"]


def test_a_higher_loss_makes_no_figure_of_the_year_smaller() -> None:
    small = run(replace(EXAMPLE, tolerance=500_000.0))
    large = run(
        replace(
            EXAMPLE,
            risks=tuple(replace(risk, loss_low=risk.loss_low * 2, loss_likely=risk.loss_likely * 2, loss_high=risk.loss_high * 2) for risk in EXAMPLE.risks),
        )
    )
    assert large.expected_loss == pytest.approx(2 * small.expected_loss)
    assert large.bad_year == pytest.approx(2 * small.bad_year)
    assert large.above_tolerance > small.above_tolerance


def test_the_example_gives_these_figures_in_every_python() -> None:
    output = run(EXAMPLE)
    assert f"{output.expected_loss:.8e} {output.bad_year:.8e} {output.very_bad_year:.8e} {output.above_tolerance}" == FROZEN


FROZEN = "3.48489871e+05 1.03521031e+06 1.53707475e+06 0.2387"


@pytest.mark.parametrize(("percent", "expected"), [(50, 10.0), (95, 19.0), (99, 20.0), (5, 1.0), (100, 20.0)])
def test_percentiles_are_nearest_rank(percent: int, expected: float) -> None:
    assert register.nearest_rank([float(value) for value in range(1, 21)], 20, percent) == expected


def test_percentiles_count_the_years_without_a_loss() -> None:
    assert register.nearest_rank([7.0], 20, 95) == 0.0
    assert register.nearest_rank([7.0, 9.0], 20, 95) == 7.0
    assert register.nearest_rank([], 20, 95) == 0.0


def test_the_curve_falls_from_the_share_of_years_with_a_loss() -> None:
    output = run(EXAMPLE)
    losses, shares = zip(*output.curve, strict=True)
    quiet = math.prod(1 - one.share_struck for one in output.risks)
    assert len(output.curve) == 61
    assert losses[0] == 0.0
    assert shares[0] == pytest.approx(1 - quiet, abs=0.01)
    assert all(before >= after for before, after in pairwise(shares))
    assert losses[-1] >= max(output.very_bad_year, output.tolerance)


def test_letters_go_on_after_z() -> None:
    assert [register.letter(place) for place in (0, 25, 26, 49)] == ["A", "Z", "AA", "AX"]


@pytest.mark.parametrize(
    ("score", "level"), [(1, "low"), (4, "low"), (5, "medium"), (9, "medium"), (10, "high"), (15, "high"), (16, "critical"), (25, "critical")]
)
def test_levels_follow_the_score(score: int, level: str) -> None:
    assert register.level(score) == level


@pytest.mark.parametrize(
    ("frequency", "loss", "cell"),
    [(0.099, 9_999.0, (1, 1)), (0.1, 10_000.0, (2, 2)), (0.3, 50_000.0, (3, 3)), (1.0, 150_000.0, (4, 4)), (3.0, 500_000.0, (5, 5)), (2.99, 499_999.0, (4, 4))],
)
def test_a_value_on_an_edge_belongs_to_the_upper_band(frequency: float, loss: float, cell: tuple[int, int]) -> None:
    (one,) = run(Inputs((certain(frequency, loss),), iterations=1_000)).risks
    assert (one.likelihood, one.impact) == cell
    assert one.score == cell[0] * cell[1]


def test_the_heat_map_of_the_example_is_that_of_the_design() -> None:
    heat = block_of(HeatMap, run(EXAMPLE))
    assert heat.levels == ((1, 2, 2, 3, 3), (0, 1, 2, 3, 3), (0, 1, 1, 2, 2), (0, 0, 1, 1, 2), (0, 0, 0, 0, 1))
    placed = {item.label: (heat.row_labels[item.row], heat.column_labels[item.column]) for item in heat.items}
    assert placed["A"] == ("0.1 to 0.3", "150–500")  # noqa: RUF001 - the label has an en dash
    assert placed["D"] == ("1 to 3", "10–50")  # noqa: RUF001 - the label has an en dash
    assert placed["B"] == placed["F"] == ("0.3 to 1", "50–150")  # noqa: RUF001 - the label has an en dash
    assert heat.summary == "High: C. Medium: A, B, D, E, F."


def test_the_register_is_sorted_and_its_total_is_the_sum_of_its_rows() -> None:
    table = block_of(Table, run(EXAMPLE), "Register")
    losses = [row[1] for row in table.rows]
    assert losses == sorted(losses, reverse=True)
    assert table.total is not None
    assert table.total[1] == sum(losses)
    assert [row[0][0] for row in table.rows] == ["A", "C", "B", "D", "F", "E"]


def test_key_figures_are_rounded_to_the_leading_digit_of_the_standard_error() -> None:
    output = run(EXAMPLE)
    expected, median, bad, above = block_of(KeyFigures, output).figures
    assert (expected.value, expected.note) == ("£348,000", "plus or minus £2,400")
    assert (median.value, bad.value, bad.note) == ("£243,000", "£1,035,000", "1 in 100: £1,537,000")
    assert (above.value, above.note) == ("24\u00a0%", "of simulated years")


def test_the_chart_names_the_tolerance_and_the_bad_year() -> None:
    chart = block_of(Chart, run(EXAMPLE))
    assert [mark.label for mark in chart.marks] == ["Tolerance £500k"]
    assert [dot.label for dot in chart.dots] == ["24\u00a0% of years lose more", "1 year in 20: £1.04m"]


def test_a_tolerance_far_beyond_the_curve_is_not_drawn() -> None:
    chart = block_of(Chart, run(replace(EXAMPLE, tolerance=1e9)))
    assert chart.marks == ()
    assert "£1bn" in chart.summary


def test_another_currency_stands_with_its_code() -> None:
    text = json.dumps(to_json(present(run(replace(EXAMPLE, currency="USD")))), ensure_ascii=False)
    assert "USD\u00a0348,000" in text
    assert "£" not in text


def test_the_footnote_says_seed_years_method_and_version() -> None:
    note = block_of(Note, run(EXAMPLE)).text
    assert all(words in note for words in ("20,000 simulated years", "seed 7", f"version {TOOL.version}", "PERT", "nearest rank"))


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "£0"), (950.4, "£950"), (9_500.0, "£9.5k"), (953_980.0, "£954k"), (999_700.0, "£1m"), (1_381_000.0, "£1.38m"), (3e13, "£30tn")]
)
def test_short_sums_have_three_digits(value: float, words: str) -> None:
    assert register._short(value, "£") == words


@pytest.mark.parametrize(("share", "words"), [(0.0, "0"), (0.0001, "under 0.1"), (0.034, "3.4"), (0.2387, "24"), (1.0, "100")])
def test_shares_have_one_decimal_at_most(share: float, words: str) -> None:
    assert register._percent(share) == f"{words}\u00a0%"


def test_risks_that_never_strike_cost_nothing() -> None:
    output = run(Inputs((certain(0.0, 1e6),), iterations=1_000))
    assert (output.expected_loss, output.bad_year, output.above_tolerance) == (0.0, 0.0, 0.0)
    assert to_json(present(output))


@pytest.mark.parametrize(
    ("field", "value", "path", "words"),
    [
        ("lossHigh", 1_000.0, "risks.2.lossHigh", "Must be at least 150,000, the likely value."),
        ("lossLikely", 1.0, "risks.2.lossLikely", "Must be at least 40,000, the low value."),
        ("frequencyLikely", 0.05, "risks.2.frequencyLikely", "Must be at least 0.1, the low value."),
        ("frequencyHigh", 0.2, "risks.2.frequencyHigh", "Must be at least 0.3, the likely value."),
        ("frequencyHigh", 101.0, "risks.2.frequencyHigh", "Must be at most 100"),
        ("lossLow", -1.0, "risks.2.lossLow", "Must be at least 0"),
        ("name", "", "risks.2.name", "Needs at least 1 characters."),
    ],
)
def test_a_wrong_input_is_refused_by_its_name(field: str, value: Any, path: str, words: str) -> None:
    raw = validation.example_json(TOOL)
    raw["risks"][2][field] = value
    with pytest.raises(InvalidInputs) as refused:
        validation.parse(TOOL, raw)
    (error,) = refused.value.errors
    assert error.field == path
    assert error.message.startswith(words)


def test_the_example_is_read_back_from_its_json() -> None:
    assert validation.parse(TOOL, validation.example_json(TOOL)) == EXAMPLE


@pytest.mark.parametrize("count", [1, 6, 24, 25, 50])
def test_progress_is_told_between_20_and_55_times_and_rises(count: int) -> None:
    told: list[float] = []
    base.set_reporter(lambda share, _doing: told.append(share))
    try:
        run(Inputs((ONE,) * count, iterations=1_000))
    finally:
        base.set_reporter(None)
    assert 20 <= len(told) <= 55
    assert told == sorted(told)
    assert told[-1] < 1


def test_work_grows_with_iterations_risks_and_frequency() -> None:
    assert TOOL.cost is not None
    units = TOOL.cost.units
    few = Inputs((ONE,) * 5, iterations=1_000)
    assert units(few) < units(replace(few, iterations=500_000))
    assert units(few) < units(replace(few, risks=(ONE,) * 6))
    assert units(few) < units(replace(few, risks=(*few.risks[:4], OFTEN)))
    assert TOOL.cost.describe(EXAMPLE) == "20,000 iterations over 6 risks"
    assert TOOL.cost.describe(replace(EXAMPLE, risks=(ONE,))) == "20,000 iterations over 1 risk"


def test_the_largest_usual_register_fits_its_limits_and_the_busiest_does_not() -> None:
    assert TOOL.cost is not None
    usual = replace(EXAMPLE, risks=(EXAMPLE.risks * 9)[:50], iterations=500_000)
    busy = replace(usual, risks=(certain(100.0, 1.0),) * 50)
    seconds = [TOOL.cost.units(inputs) * TOOL.cost.cpu_us_per_unit / 1e6 for inputs in (usual, busy)]
    assert seconds[0] < 13
    assert seconds[1] > TOOL.limits.cpu_ms / 1000


@st.composite
def rising(draw: st.DrawFn, most: float) -> tuple[float, float, float]:
    low, likely, high = sorted(draw(st.lists(st.floats(0, most, allow_subnormal=True), min_size=3, max_size=3)))
    return low, likely, high


any_risk = st.builds(lambda name, times, loss: Risk(name, *times, *loss), st.text(min_size=1, max_size=80), rising(100.0), rising(1e12))
any_inputs = st.builds(
    Inputs,
    st.lists(any_risk, min_size=1, max_size=3).map(tuple),
    st.just(1_000),
    st.floats(0, 1e12),
    st.integers(0, 2_147_483_647),
    st.sampled_from(["GBP", "EUR", "USD"]),
)


def floats_in(tree: Any) -> list[float]:
    if isinstance(tree, dict):
        return [one for value in tree.values() for one in floats_in(value)]
    if isinstance(tree, list):
        return [one for value in tree for one in floats_in(value)]
    return [float(tree)] if isinstance(tree, (int, float)) else []


@settings(max_examples=40, deadline=None)
@given(any_inputs)
def test_any_valid_register_gives_finite_figures_and_plain_json(inputs: Inputs) -> None:
    output = run(inputs)
    blocks = to_json(present(output))
    assert json.loads(json.dumps(blocks, allow_nan=False)) == blocks
    assert all(math.isfinite(figure) and figure >= 0 for figure in floats_in(base.jsonable(output)))
    assert output.median_year <= output.bad_year <= output.very_bad_year
    for one in output.risks:
        assert one.bad_year <= max(1, 1_000) * one.risk.loss_high


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[st.floats(0, 100)] * 3), st.tuples(*[st.floats(0, 1e12)] * 3))
def test_figures_in_any_order_are_taken_or_refused_by_name(times: tuple[float, float, float], loss: tuple[float, float, float]) -> None:
    field = ""
    try:
        Inputs((Risk("any", *times, *loss),), iterations=1_000)
    except base.InputError as refused:
        field = refused.field
    wrong = [what for what, three in (("frequency", times), ("loss", loss)) if list(three) != sorted(three)]
    assert bool(field) == bool(wrong)
    assert not field or field in {f"risks.0.{wrong[0]}Likely", f"risks.0.{wrong[0]}High"}


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
    command = [sys.executable, "-c", ALONE, register.__name__, str(pytestconfig.rootpath)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.splitlines()[0].startswith('[{"block": "keyFig')
    assert ran.stdout.splitlines()[1] == str(
        ["credit_studio.tools", "credit_studio.tools.base", "credit_studio.tools.blocks", "credit_studio.tools.cyber", register.__name__]
    )
