"""Risk Register Builder: what each risk costs in a year, how bad a year can get, and where each risk stands on the heat map.

The method is that of FAIR (Freund and Jones, "Measuring and Managing Information Risk", 2014; The Open Group, Open FAIR Risk Analysis,
O-RA): how often a risk strikes and what it costs each time are ranges, and a Monte Carlo simulation of many years joins them.

- Low, likely and high make a PERT distribution, the usual one for an expert's three figures: a beta over low to high with
  alpha = 1 + 4(likely - low)/(high - low) and beta = 1 + 4(high - likely)/(high - low), so that its mean is (low + 4 likely + high)/6.
- A year draws a frequency from its PERT, a number of events from the Poisson distribution of it, and a loss from the other PERT for each
  event. Risks are independent. Percentiles are nearest rank: the bad year 1 in 20 is the ceil(0.95 n)-th smallest of n years.
- Work follows what happens: counts have one fixed mixed Poisson distribution, so geometric gaps jump over the years without an event.
  A PERT stands as equally likely slices, each about its own mean (the whole mean within 1e-6), so a draw is one `random()` and a look-up.

Each risk has a random stream of its own, so that changing one leaves the draws of the others as they were. Only `random()` of a seeded
generator is used, which is identical in every Python: the browser gives the server's figures.
"""

import math
from array import array
from bisect import bisect_right
from dataclasses import astuple, dataclass
from itertools import accumulate, pairwise
from random import Random
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import Cost, InputError, Limits, Mode, Studio, Tool, report, ui
from credit_studio.tools.blocks import Axis, Block, Chart, Column, Dot, Figure, HeatItem, HeatMap, KeyFigures, Mark, Note, Series, Table

VERSION = "1.0.0"
LIKELIHOOD = ("Under 0.1", "0.1 to 0.3", "0.3 to 1", "1 to 3", "Over 3")
IMPACT = ("to 10", "10–50", "50–150", "150–500", "more")  # noqa: RUF001 - an en dash joins the ends of a range
LEVELS = ("low", "medium", "high", "critical")
_LIKELIHOOD_FROM = (0.1, 0.3, 1.0, 3.0)  # times a year; a value on the edge belongs to the upper band
_IMPACT_FROM = (10_000.0, 50_000.0, 150_000.0, 500_000.0)
_LEVEL_FROM = (5, 10, 16)  # likelihood x impact, each 1 to 5
_CURRENCIES = (("GBP", "Pounds (GBP)"), ("EUR", "Euros (EUR)"), ("USD", "US dollars (USD)"))
_GRID, _LOSS_SLICES, _FREQUENCY_SLICES = 2048, 1024, 256
_NEVER = 1e-12  # a risk that strikes less than once in 10^12 years does not strike
_CURVE_STEPS, _REPORTS = 60, 25  # points of the curve; tell of progress at least so often
_TABLE_UNITS, _COUNT_UNITS = 14_000, 84  # the tables of one risk, and each count that its frequencies allow, in units of work

Times = Annotated[float, Interval(ge=0, le=100)]
Loss = Annotated[float, Interval(ge=0, le=1_000_000_000_000)]


@dataclass(frozen=True)
class Risk:
    """One line of the register: how often it strikes and what it costs each time."""

    name: Annotated[str, Len(1, 80)] = ui("Risk", "What goes wrong, in a few words.", placeholder="Ransomware on file servers")
    frequency_low: Times = ui("Low", "Times a year at least: 0.1 is once in ten years. From 0 to 100.", column_group="Times a year")
    frequency_likely: Times = ui("Likely", "Times a year most likely, between low and high.", column_group="Times a year")
    frequency_high: Times = ui("High", "Times a year at most, up to 100.", column_group="Times a year")
    loss_low: Loss = ui("Low", "What one event costs at least, in the currency of the register.", column_group="Loss each time")
    loss_likely: Loss = ui("Likely", "What one event most likely costs, between low and high.", column_group="Loss each time")
    loss_high: Loss = ui("High", "What one event costs at most.", column_group="Loss each time")


@dataclass(frozen=True)
class Inputs:
    """The register and how to simulate it; raises `InputError` unless low <= likely <= high everywhere."""

    risks: Annotated[tuple[Risk, ...], Len(1, 50)] = ui("Risks", "Up to 50 risks, each with low, likely and high figures in rising order.")
    iterations: Annotated[int, Interval(ge=1_000, le=500_000)] = ui("Iterations", "Simulated years, 1,000 to 500,000. More costs more.", default=20_000)
    tolerance: Loss = ui("Loss tolerance a year", "Drawn as a line on the curve.", default=500_000.0)
    seed: Annotated[int, Interval(ge=0, le=2_147_483_647)] = ui("Random seed", "The same seed gives the same result.", default=7)
    currency: Literal["GBP", "EUR", "USD"] = ui("Currency", "Of every loss here. Nothing is converted.", default="GBP", choices=_CURRENCIES)

    def __post_init__(self) -> None:
        for place, risk in enumerate(self.risks):
            frequency = ("frequency", risk.frequency_low, risk.frequency_likely, risk.frequency_high)
            for what, low, likely, high in (frequency, ("loss", risk.loss_low, risk.loss_likely, risk.loss_high)):
                if not low <= likely:
                    raise InputError(f"risks.{place}.{what}Likely", f"Must be at least {low:,.12g}, the low value.")
                if not likely <= high:
                    raise InputError(f"risks.{place}.{what}High", f"Must be at least {likely:,.12g}, the likely value.")


@dataclass(frozen=True)
class RiskResult:
    """One risk, simulated and scored. Losses are a year's, in the register's currency; `likelihood` and `impact` are 1 to 5."""

    letter: str
    risk: Risk
    expected_loss: float
    expected_by_formula: float
    bad_year: float
    share_struck: float
    likelihood: int
    impact: int
    score: int
    level: str


@dataclass(frozen=True)
class Output:
    """The risks, largest expected loss first, and the year of all. `curve` holds (loss, share of years that lose more)."""

    currency: str
    iterations: int
    seed: int
    tolerance: float
    risks: tuple[RiskResult, ...]
    expected_loss: float
    standard_error: float
    expected_by_formula: float
    median_year: float
    bad_year: float
    very_bad_year: float
    above_tolerance: float
    curve: tuple[tuple[float, float], ...]


def pert_mean(low: float, likely: float, high: float) -> float:
    """The mean of the PERT distribution."""
    return (low + 4 * likely + high) / 6


def pert_slices(low: float, likely: float, high: float, slices: int) -> list[float]:
    """The PERT distribution cut into equally likely slices: the mean of each, rising.

    Midpoint rule over x = s^2 (3 - 2s), where the density is flat at both ends, so that the error falls with the grid's square.
    """
    width = high - low
    if width <= 0:
        return [low] * slices
    left, right = 4 * (likely - low) / width, 4 * (high - likely) / width
    steps = [(step + 0.5) / _GRID for step in range(_GRID)]
    places = [s * s * (3 - 2 * s) for s in steps]
    masses = [x**left * ((1 - s) * (1 - s) * (1 + 2 * s)) ** right * s * (1 - s) for s, x in zip(steps, places, strict=True)]
    shares = list(accumulate(masses, initial=0.0))
    moments = list(accumulate((mass * place for mass, place in zip(masses, places, strict=True)), initial=0.0))
    wanted = [shares[-1] * cut / slices for cut in range(1, slices)]
    cells = [bisect_right(shares, share, 1, _GRID) - 1 for share in wanted]
    cuts = [0.0, *(moments[cell] + (share - shares[cell]) * places[cell] for share, cell in zip(wanted, cells, strict=True)), moments[-1]]
    return [low + width * slices * (upper - lower) / shares[-1] for lower, upper in pairwise(cuts)]


def count_chances(frequencies: list[float]) -> list[float]:
    """The chance of 0, 1, 2 ... events in a year whose frequency is any of these, equally likely (a mixed Poisson distribution)."""
    chances = [0.0] * _count_limit(frequencies[-1])
    for frequency in frequencies:
        chance = math.exp(-frequency) / len(frequencies)
        for count in range(len(chances)):
            chances[count] += chance
            chance *= frequency / (count + 1)
    return chances


def _count_limit(frequency: float) -> int:
    """So many events a year that the chance of more is under 1e-15."""
    return int(frequency + 10 * math.sqrt(frequency) + 20)


def _years_with_events(risk: Risk) -> tuple[float, list[float]]:
    """What turns a logarithm into years without an event (0 when there are only such), and the cumulative chance of 1, 2 ... events in the others."""
    frequencies = pert_slices(risk.frequency_low, risk.frequency_likely, risk.frequency_high, _FREQUENCY_SLICES)
    struck = math.fsum(-math.expm1(-frequency) for frequency in frequencies) / _FREQUENCY_SLICES
    if struck < _NEVER:
        return 0.0, [1.0]
    none, *some = count_chances(frequencies)
    counts = list(accumulate(chance / struck for chance in some))
    return 1 / (math.log1p(-struck) if struck < 0.5 else math.log(none)), [*counts[:-1], 1.0]  # noqa: PLR2004 - each where it is exact


def _loss_slices(risk: Risk) -> tuple[list[float], list[float]]:
    """The lower end and the width of each slice of the loss, evenly spread about its mean up to halfway to the nearer neighbour."""
    means = pert_slices(risk.loss_low, risk.loss_likely, risk.loss_high, _LOSS_SLICES)
    around = [2 * risk.loss_low - means[0], *means, 2 * risk.loss_high - means[-1]]
    widths = [max(0.0, min(here - before, after - here)) for before, here, after in zip(around, means, around[2:], strict=False)]
    return [mean - width / 2 for mean, width in zip(means, widths, strict=True)], widths


def run(inputs: Inputs) -> Output:
    """Simulate the years, score the risks."""
    years = inputs.iterations
    totals = array("d", bytes(8 * years))
    results = [_result(place, risk, _strike(inputs, place, totals), years) for place, risk in enumerate(inputs.risks)]
    report(0.98, "Sorting the years")
    mean = math.fsum(totals) / years
    variance = math.fsum((total - mean) ** 2 for total in totals) / (years - 1)
    ranked = sorted(totals)
    return Output(
        currency=inputs.currency,
        iterations=years,
        seed=inputs.seed,
        tolerance=inputs.tolerance,
        risks=tuple(sorted(results, key=lambda result: -result.expected_loss)),
        expected_loss=mean,
        standard_error=math.sqrt(variance / years),
        expected_by_formula=math.fsum(result.expected_by_formula for result in results),
        median_year=nearest_rank(ranked, years, 50),
        bad_year=nearest_rank(ranked, years, 95),
        very_bad_year=nearest_rank(ranked, years, 99),
        above_tolerance=_share_above(ranked, inputs.tolerance),
        curve=_curve(ranked, inputs.tolerance),
    )


def _strike(inputs: Inputs, place: int, totals: "array[float]") -> "array[float]":
    """Add one risk's losses to the years' totals; gives its losses of the years that had any. One tight loop: this is the work."""
    losses = array("d")
    skip, counts = _years_with_events(inputs.risks[place])
    bottoms, widths = _loss_slices(inputs.risks[place])
    draw = Random(inputs.seed * 64 + place).random  # noqa: S311 - a simulation, to be repeated
    log, once, slices = math.log, counts[0], len(widths)
    parts = -(-_REPORTS // len(inputs.risks))
    year = int(log(1.0 - draw()) * skip) if skip else len(totals)
    for part in range(1, parts + 1):
        stop = len(totals) * part // parts
        while year < stop:
            chance = draw()
            at = draw() * slices
            slot = int(at)
            loss = bottoms[slot] + (at - slot) * widths[slot]
            if chance >= once:
                for _ in range(bisect_right(counts, chance)):
                    at = draw() * slices
                    slot = int(at)
                    loss += bottoms[slot] + (at - slot) * widths[slot]
            totals[year] += loss
            losses.append(loss)
            year += 1 + int(log(1.0 - draw()) * skip)
        report(0.98 * (place + part / parts) / len(inputs.risks), f"Simulating risk {place + 1} of {len(inputs.risks)}")
    return losses


def _result(place: int, risk: Risk, losses: "array[float]", years: int) -> RiskResult:
    likelihood = 1 + bisect_right(_LIKELIHOOD_FROM, risk.frequency_likely)
    impact = 1 + bisect_right(_IMPACT_FROM, risk.loss_likely)
    score = likelihood * impact
    expected, bad = math.fsum(losses) / years, nearest_rank(sorted(losses), years, 95)
    frequency = pert_mean(risk.frequency_low, risk.frequency_likely, risk.frequency_high)
    formula = frequency * pert_mean(risk.loss_low, risk.loss_likely, risk.loss_high)
    return RiskResult(letter(place), risk, expected, formula, bad, len(losses) / years, likelihood, impact, score, level(score))


def nearest_rank(ranked: list[float], years: int, percent: int) -> float:
    """The nearest-rank percentile of so many years, of which `ranked` holds the last ones, rising; the others are 0."""
    rank = -(-years * percent // 100) - (years - len(ranked))
    return ranked[rank - 1] if rank > 0 else 0.0


def letter(place: int) -> str:
    """A, B ... Z, AA, AB ... for the place in the list, from 0."""
    return chr(65 + place) if place < 26 else letter(place // 26 - 1) + chr(65 + place % 26)  # noqa: PLR2004 - the alphabet


def level(score: int) -> str:
    """The level of likelihood x impact: low under 5, medium under 10, high under 16, then critical."""
    return LEVELS[bisect_right(_LEVEL_FROM, score)]


def _share_above(ranked: list[float], loss: float) -> float:
    return (len(ranked) - bisect_right(ranked, loss)) / len(ranked)


def _curve(ranked: list[float], tolerance: float) -> tuple[tuple[float, float], ...]:
    """The share of years that lose more than each of 61 sums, up to a round one beyond the year 1 in 100 and, unless far off, the tolerance."""
    reach = nearest_rank(ranked, len(ranked), 99) or ranked[-1] or 1.0
    top = max(reach * 1.08, tolerance * 1.05 if tolerance < 3 * reach else 0.0)
    unit = 10 ** max(0, len(str(int(top))) - 2)
    sums = [math.ceil(top / unit) * unit * step / _CURVE_STEPS for step in range(_CURVE_STEPS + 1)]
    return tuple((loss, _share_above(ranked, loss)) for loss in sums)


def present(output: Output) -> tuple[Block, ...]:
    """Key figures, curve, heat map and register on the first tab; everything else on the others."""
    sign = "£" if output.currency == "GBP" else f"{output.currency}\u00a0"
    curve = (Column("Loss in a year", "money", sign), Column("Share of years that lose more", "percent"))
    footnote = (
        f"Bad years of single risks do not add up to the bad year of all: they seldom fall together. {output.iterations:,} simulated years, "
        f"seed {output.seed}, tool version {VERSION}. Method: FAIR, with PERT distributions of low, likely and high for frequency and loss, "
        "Poisson counts, independent risks. Plus or minus is one standard error; percentiles are nearest rank."
    )
    summary = (_key_figures(output, sign), _chart(output, sign), _heat_map(output, sign), _register(output, sign), Note(footnote))
    data = Table("Chance of losing more than", curve, output.curve, download="exceedance-curve.csv", tab="Data")
    return (*summary, _full_register(output, sign), data)


def _key_figures(output: Output, sign: str) -> KeyFigures:
    """Sums rounded to the leading digit of the standard error: more digits than the method supports would pretend."""
    step = 10 ** max(0, int(f"{output.standard_error:e}".partition("e")[2]))
    years = (output.expected_loss, output.median_year, output.bad_year, output.very_bad_year)
    expected, median, bad, very_bad = (f"{sign}{round(value / step) * step:,}" for value in years)
    figures = (
        Figure("Expected loss a year", expected, f"plus or minus {sign}{float(f'{output.standard_error:.1e}'):,.0f}"),
        Figure("Median year", median, "half of years are below"),
        Figure("Bad year, 1 in 20", bad, f"1 in 100: {very_bad}"),
        Figure("Above tolerance", _percent(output.above_tolerance), "of simulated years"),
    )
    return KeyFigures(figures)


def _short(value: float, sign: str) -> str:
    """A sum in a label, in three digits: £954k, £1.38m."""
    sizes = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1e3, "k"))
    size, suffix = next(((size, suffix) for size, suffix in sizes if value >= 0.9995 * size), (1.0, ""))
    return f"{sign}{float(f'{value / size:.3g}'):,g}{suffix}"


def _percent(share: float) -> str:
    """A share in words, with one decimal at most: 24 %, 3.4 %, under 0.1 %."""
    if 0 < share < 0.0005:  # noqa: PLR2004 - would round to none
        return "under 0.1\u00a0%"
    return f"{share * 100:.{0 if share >= 0.1 or share == 0 else 1}f}\u00a0%"  # noqa: PLR2004 - two digits are enough


def _chart(output: Output, sign: str) -> Chart:
    above, bad, tolerance = _percent(output.above_tolerance), _short(output.bad_year, sign), _short(output.tolerance, sign)
    summary = f"{above} of simulated years lose more than the tolerance of {tolerance}; one year in 20 loses {bad} or more."
    x, y = Axis("Loss in a year", "money", sign), Axis("Share of years", "percent")
    curve = Series("Share of years that lose more", output.curve)
    dots = [Dot(output.bad_year, 0.05, f"1 year in 20: {bad}")] if output.bad_year else []
    if output.tolerance > output.curve[-1][0]:
        return Chart("Chance of losing more than", "area", x, y, (curve,), summary, dots=tuple(dots))
    mark, dot = Mark("x", output.tolerance, f"Tolerance {tolerance}"), Dot(output.tolerance, output.above_tolerance, f"{above} of years lose more")
    return Chart("Chance of losing more than", "area", x, y, (curve,), summary, (mark,), (dot, *dots))


def _heat_map(output: Output, sign: str) -> HeatMap:
    risks = sorted(output.risks, key=lambda one: (len(one.letter), one.letter))
    cells = tuple(tuple(LEVELS.index(level(likelihood * impact)) for impact in range(1, 6)) for likelihood in range(5, 0, -1))
    items = tuple(HeatItem(5 - one.likelihood, one.impact - 1, one.letter) for one in risks)
    said = [f"{name.title()}: {', '.join(letters)}." for name in reversed(LEVELS) if (letters := [one.letter for one in risks if one.level == name])]
    return HeatMap("Heat map", tuple(reversed(LIKELIHOOD)), IMPACT, cells, items, " ".join(said), f"times a year, by loss in {sign}k")


def _register(output: Output, sign: str) -> Table:
    """The register in whole sums; the total is the sum of what is shown."""
    sums = (Column("Expected a year", "money", sign, bar=True), Column("Bad year, 1 in 20", "money", sign))
    columns = (Column("Risk"), *sums, Column("Level", "severity"), Column("Score", "integer"))
    rows = tuple((f"{one.letter}\u2002{one.risk.name}", round(one.expected_loss), round(one.bad_year), one.level, one.score) for one in output.risks)
    total = (f"All risks ({len(rows)})", sum(row[1] for row in rows), round(output.bad_year), None, None)
    return Table("Register", columns, rows, total, (1, True))


def _full_register(output: Output, sign: str) -> Table:
    """What was put in, its scores, and what came out beside the formula."""
    times = [Column(f"Times a year, {name}", "decimal") for name in ("low", "likely", "high")]
    losses = [Column(f"Loss each time, {name}", "money", sign) for name in ("low", "likely", "high")]
    sums = [Column(title, "money", sign) for title in ("Expected a year", "Expected by formula", "Bad year, 1 in 20")]
    scores = [*(Column(title, "integer") for title in ("Likelihood", "Impact", "Score")), Column("Level", "severity")]
    return Table(
        title="Estimates, losses and scores",
        columns=(Column("Letter"), Column("Risk"), *times, *losses, *sums, Column("Years with an event", "percent"), *scores),
        rows=tuple((one.letter, *astuple(one.risk), *astuple(one)[2:]) for one in output.risks),
        total=("", "All", *[None] * 6, output.expected_loss, output.expected_by_formula, output.bad_year, *[None] * 5),
        note="Expected by formula is mean frequency times mean loss, without simulation: the totals should agree within about three standard errors. "
        "Scored by the likely values; a value on an edge counts in the upper band. Levels: low under 5, medium under 10, high under 16, then critical.",
        download="risk-register.csv",
        tab="Register",
    )


def _units(inputs: Inputs) -> int:
    """Work in draws of one loss: 1 for each event and each year, 4 for each year that a risk strikes, and a risk's tables.

    Measured: 0.13 us a draw, within 0.8 to 1.2 of that from 1 to 50 risks, 1,000 to 500,000 iterations, 0.0001 to 100 times a year.
    """
    events = [pert_mean(risk.frequency_low, risk.frequency_likely, risk.frequency_high) for risk in inputs.risks]
    a_year = 1 + math.fsum(count - 4 * math.expm1(-count) for count in events)
    tables = sum(_TABLE_UNITS + _COUNT_UNITS * _count_limit(risk.frequency_high) for risk in inputs.risks)
    return round(inputs.iterations * a_year) + tables


def _describe(inputs: Inputs) -> str:
    return f"{inputs.iterations:,} iterations over {len(inputs.risks)} risk{'' if len(inputs.risks) == 1 else 's'}"


TOOL = Tool(
    id="cyber-studio-risk-register",
    title="Risk Register Builder",
    studio=Studio.CYBER,
    mode=Mode.HYBRID,
    cap=25,
    summary="Say how often each risk strikes and what it costs. Get a scored register, a heat map and the loss to expect in a year.",
    takes="up to 50 risks with frequency and loss ranges",
    gives="scored register, heat map, Monte Carlo annual loss with exceedance curve",
    limits=Limits(cpu_ms=30_000, wall_ms=45_000),
    version=VERSION,
    inputs=Inputs,
    example=Inputs(
        (
            Risk("Ransomware on file servers", 0.05, 0.2, 0.6, 80_000.0, 350_000.0, 1_500_000.0),
            Risk("Cloud storage left public", 0.1, 0.4, 1.0, 15_000.0, 90_000.0, 400_000.0),
            Risk("Supplier breach, customer data", 0.1, 0.3, 0.8, 40_000.0, 150_000.0, 700_000.0),
            Risk("Payment fraud by changed invoice", 0.5, 1.5, 4.0, 3_000.0, 18_000.0, 120_000.0),
            Risk("Key person leaves during audit", 0.2, 0.5, 1.0, 5_000.0, 25_000.0, 60_000.0),
            Risk("Regional cloud outage over 8 h", 0.1, 0.3, 0.6, 20_000.0, 60_000.0, 180_000.0),
        )
    ),
    # Memory follows the iterations alone (48 bytes each while the years are sorted, 31 MB at most), not the units: the most is stated.
    cost=Cost(units=_units, describe=_describe, lower="iterations", cpu_us_per_unit=0.13, mem_mb_base=31.0),
    run=run,
    present=present,
    keywords=("FAIR", "Monte Carlo", "annual loss expectancy", "heat map", "exceedance curve"),
)
