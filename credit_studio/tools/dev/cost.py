"""Cost Calculator: what a list of resources costs a month on three clouds, and when hardware of one's own would have paid off.

Sums are made in decimals and rounded half up to the penny once for each resource and provider; every total is the sum of such pennies.
The prices are inputs that anyone may change. Their defaults are assumptions written down here: nothing is asked of a provider.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import InputError, Mode, Studio, Tool, ui
from credit_studio.tools.blocks import Axis, Block, Chart, Column, Dot, Figure, KeyFigures, Mark, Note, Series, Table

VERSION = "1.0.0"
PRICES_NOTED = "early 2025"
"""When the default prices were written down."""
PROVIDERS = ("AWS", "Google Cloud", "Azure")
OWN = "Own hardware"

Kind = Literal["vm", "database", "kubernetes", "load_balancer", "public_ip", "block_storage", "object_storage", "egress"]
Item = Literal[
    "vm_vcpu", "vm_memory", "database_vcpu", "database_memory", "database_storage", "kubernetes", "load_balancer", "public_ip",
    "block_storage", "object_storage", "egress",
]  # fmt: skip

KINDS: dict[str, str] = {
    "vm": "Virtual machine",
    "database": "Managed database",
    "kubernetes": "Kubernetes control plane",
    "load_balancer": "Load balancer",
    "public_ip": "Public IPv4 address",
    "block_storage": "Block storage",
    "object_storage": "Object storage",
    "egress": "Egress traffic",
}
ITEMS: dict[str, str] = {
    "vm_vcpu": "Virtual machine: vCPU, an hour",
    "vm_memory": "Virtual machine: GB of memory, an hour",
    "database_vcpu": "Managed database: vCPU, an hour",
    "database_memory": "Managed database: GB of memory, an hour",
    "database_storage": "Managed database: GB stored, a month",
    "kubernetes": "Kubernetes control plane, an hour",
    "load_balancer": "Load balancer, an hour",
    "public_ip": "Public IPv4 address, an hour",
    "block_storage": "Block storage: GB, a month",
    "object_storage": "Object storage: GB, a month",
    "egress": "Egress traffic: GB sent",
}
_CURRENCIES = (("USD", "US dollars (USD)"), ("GBP", "Pounds (GBP)"), ("EUR", "Euros (EUR)"))
# What one piece of each kind uses: the item priced, and the figures that multiply it.
_USES: dict[str, tuple[tuple[Item, tuple[str, ...]], ...]] = {
    "vm": (("vm_vcpu", ("vcpus", "hours")), ("vm_memory", ("memory_gb", "hours")), ("block_storage", ("size_gb",))),
    "database": (("database_vcpu", ("vcpus", "hours")), ("database_memory", ("memory_gb", "hours")), ("database_storage", ("size_gb",))),
    "kubernetes": (("kubernetes", ("hours",)),),
    "load_balancer": (("load_balancer", ("hours",)),),
    "public_ip": (("public_ip", ("hours",)),),
    "block_storage": (("block_storage", ("size_gb",)),),
    "object_storage": (("object_storage", ("size_gb",)),),
    "egress": (("egress", ("size_gb",)),),
}
_NEEDED: dict[str, tuple[str, ...]] = {"vm": ("vcpus", "memory_gb"), "database": ("vcpus", "memory_gb")}  # the others: their one figure
_FIGURES: dict[str, str] = {"vcpus": "vCPUs", "memory_gb": "memory", "size_gb": "GB"}

Rate = Annotated[float, Interval(ge=0, le=100_000)]
Sum = Annotated[float, Interval(ge=0, le=1_000_000_000)]


@dataclass(frozen=True)
class Resource:
    """One line of what is run: so many pieces of one kind and size."""

    name: Annotated[str, Len(1, 80)] = ui("Resource", "What it is for, in a few words.", placeholder="Web servers")
    kind: Kind = ui("Kind", "What is rented.", default="vm", choices=tuple(KINDS.items()))
    quantity: Annotated[int, Interval(ge=1, le=10_000)] = ui("Pieces", "How many of them, 1 to 10,000.", default=1)
    vcpus: Annotated[float, Interval(ge=0, le=1_024)] = ui("vCPUs", "Of each machine or database; 0 for other kinds.", default=0.0, column_group="Size of each")
    memory_gb: Annotated[float, Interval(ge=0, le=32_768)] = ui("Memory, GB", "Of each machine or database; 0 else.", default=0.0, column_group="Size of each")
    size_gb: Annotated[float, Interval(ge=0, le=1_000_000_000)] = ui(
        "GB", "Disk of each machine or database, GB stored, or GB sent a month.", default=0.0, column_group="Size of each"
    )
    hours: Annotated[float, Interval(ge=0, le=744)] = ui("Hours a month", "730 is all the time. Storage is paid for the whole month.", default=730.0)


@dataclass(frozen=True)
class Price:
    """What one unit costs at each provider."""

    item: Item = ui("Item", "What is priced, and by what.", choices=tuple(ITEMS.items()))
    aws: Rate = ui("AWS", "AWS's price for one unit.", column_group="Price of one unit")
    google: Rate = ui("Google Cloud", "Google Cloud's price for one unit.", column_group="Price of one unit")
    azure: Rate = ui("Azure", "Azure's price for one unit.", column_group="Price of one unit")


# On demand, Linux, in us-east-1, us-central1 and East US, US dollars, before tiers, discounts, free allowances and taxes. Machines are sold
# whole: their vCPU and memory are solved from two sizes (AWS c6i.large and r6i.large, RDS m5.large and r5.large for PostgreSQL, Azure F2s v2
# and E2s v5), but for Google (N2, Cloud SQL Enterprise), which prices them apart. Disks: gp3, balanced,
# Standard SSD; buckets: standard, hot. Azure's database is taken to cost what AWS's does.
DEFAULT_PRICES: tuple[Price, ...] = (
    Price("vm_vcpu", 0.0357, 0.031611, 0.0354),
    Price("vm_memory", 0.0034, 0.004237, 0.0035),
    Price("database_vcpu", 0.053, 0.0413, 0.053),
    Price("database_memory", 0.009, 0.007, 0.009),
    Price("database_storage", 0.115, 0.17, 0.115),
    Price("kubernetes", 0.1, 0.1, 0.1),
    Price("load_balancer", 0.0225, 0.025, 0.025),
    Price("public_ip", 0.005, 0.005, 0.005),
    Price("block_storage", 0.08, 0.1, 0.075),
    Price("object_storage", 0.023, 0.02, 0.0208),
    Price("egress", 0.09, 0.12, 0.087),
)


@dataclass(frozen=True)
class Inputs:
    """Resources, prices and the alternative; raises `InputError` for a size that is missing and a price that is missing or stands twice."""

    resources: Annotated[tuple[Resource, ...], Len(1, 30)] = ui("Resources", "Up to 30 lines of what you run.")
    prices: Annotated[tuple[Price, ...], Len(1, len(ITEMS))] = ui(
        "Prices", f"List-price assumptions of {PRICES_NOTED} in US dollars, on demand. Change them to what you pay.", default=DEFAULT_PRICES
    )
    own_purchase: Sum = ui("Purchase price", "Of hardware that could do the same. 0 in both fields leaves the comparison out.", default=0.0, group=OWN)
    own_monthly: Sum = ui("Running cost a month", "Power, space, connection, spare parts and work.", default=0.0, group=OWN)
    months: Annotated[int, Interval(ge=1, le=120)] = ui("Months", "How far the comparison looks ahead, 1 to 120.", default=36, group=OWN)
    currency: Literal["USD", "GBP", "EUR"] = ui("Currency", "Of every price here. Nothing is converted.", default="USD", choices=_CURRENCIES)

    def __post_init__(self) -> None:
        items: list[str] = [price.item for price in self.prices]
        for place, item in enumerate(items):
            if item in items[:place]:
                raise InputError(f"prices.{place}.item", f"Stands twice: {ITEMS[item]}.")
        for place, resource in enumerate(self.resources):
            _check(resource, place, items)


def _check(resource: Resource, place: int, items: list[str]) -> None:
    uses = _USES[resource.kind]
    for figure in _NEEDED.get(resource.kind, uses[0][1]):
        if not getattr(resource, figure) > 0:
            name = "".join(part.title() if index else part for index, part in enumerate(figure.split("_")))
            raise InputError(f"resources.{place}.{name}", f"Must be more than 0 for this kind: {KINDS[resource.kind]}.")
    missing = next((item for item, figures in uses if item not in items and all(getattr(resource, figure) for figure in figures)), None)
    if missing is not None:
        raise InputError("prices", f"Needs a price for {ITEMS[missing]}, which {resource.name} uses.")


@dataclass(frozen=True)
class ResourceCost:
    """One resource a month at each provider (in the order of `PROVIDERS`), in pennies, and who is cheapest."""

    name: str
    kind: str
    monthly_pennies: tuple[int, ...]
    cheapest: tuple[str, ...]


@dataclass(frozen=True)
class ProviderCost:
    """All resources at one provider, in pennies. `break_even_month` is the first month by whose end own hardware has cost no more, if ever."""

    provider: str
    monthly_pennies: int
    yearly_pennies: int
    all_months_pennies: int
    break_even_month: int | None


@dataclass(frozen=True)
class Output:
    """All costs in pennies of the currency; `unused` says which figures were given and have no price in their kind."""

    currency: str
    months: int
    resources: tuple[ResourceCost, ...]
    providers: tuple[ProviderCost, ...]
    cheapest: str
    has_own: bool
    own_purchase_pennies: int
    own_monthly_pennies: int
    prices: tuple[Price, ...]
    unused: tuple[str, ...]


def pennies(amount: Decimal) -> int:
    """An amount in pennies, half a penny up."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def exact(value: float) -> Decimal:
    """The decimal that was typed: 0.1 is a tenth."""
    return Decimal(repr(value))


def break_even(purchase: int, own_monthly: int, cloud_monthly: int) -> int | None:
    """The first whole month by whose end purchase + months x own_monthly <= months x cloud_monthly, in pennies; None when there is none."""
    saved = cloud_monthly - own_monthly
    return -(-purchase // saved) if saved > 0 else None


def run(inputs: Inputs) -> Output:
    """Price every resource at every provider, add up, compare."""
    rates: dict[str, tuple[Decimal, ...]] = {price.item: tuple(exact(rate) for rate in (price.aws, price.google, price.azure)) for price in inputs.prices}
    resources = tuple(_resource_cost(resource, rates) for resource in inputs.resources)
    purchase, running = pennies(exact(inputs.own_purchase)), pennies(exact(inputs.own_monthly))
    has_own = bool(purchase or running)
    monthly = [sum(resource.monthly_pennies[place] for resource in resources) for place in range(len(PROVIDERS))]
    return Output(
        currency=inputs.currency,
        months=inputs.months,
        resources=resources,
        providers=tuple(
            ProviderCost(provider, cost, 12 * cost, inputs.months * cost, break_even(purchase, running, cost) if has_own else None)
            for provider, cost in zip(PROVIDERS, monthly, strict=True)
        ),
        cheapest=PROVIDERS[monthly.index(min(monthly))],
        has_own=has_own,
        own_purchase_pennies=purchase,
        own_monthly_pennies=running,
        prices=inputs.prices,
        unused=tuple(words for resource in inputs.resources if (words := _unused(resource))),
    )


def _resource_cost(resource: Resource, rates: dict[str, tuple[Decimal, ...]]) -> ResourceCost:
    used = [(rates[item], _amount(resource, figures)) for item, figures in _USES[resource.kind] if item in rates]
    monthly = tuple(pennies(sum((rate[place] * amount for rate, amount in used), Decimal(0))) for place in range(len(PROVIDERS)))
    cheapest = tuple(provider for provider, cost in zip(PROVIDERS, monthly, strict=True) if cost == min(monthly))
    return ResourceCost(resource.name, resource.kind, monthly, cheapest)


def _amount(resource: Resource, figures: tuple[str, ...]) -> Decimal:
    amount = Decimal(resource.quantity)
    for figure in figures:
        amount *= exact(getattr(resource, figure))
    return amount


def _unused(resource: Resource) -> str:
    """The figures of a resource that its kind has no price for, in words; empty when there are none."""
    priced = {figure for _item, figures in _USES[resource.kind] for figure in figures}
    idle = [words for figure, words in _FIGURES.items() if figure not in priced and getattr(resource, figure)]
    return f"{resource.name}: {', '.join(idle)} ({KINDS[resource.kind].lower()})" if idle else ""


def present(output: Output) -> tuple[Block, ...]:
    """Key figures, the cumulative chart and the costs on the first tab; months and prices under Data."""
    sign = "£" if output.currency == "GBP" else f"{output.currency}\u00a0"
    notes = [Note(_assumptions(output))]
    if output.unused:
        notes.insert(0, Note(f"Not counted: {'; '.join(output.unused)}.", "warn", "Figures that have no price"))
    if output.currency != "USD" and output.prices == DEFAULT_PRICES:
        notes.insert(0, Note(f"The default prices are US dollars. They are taken as {output.currency} unchanged.", "warn", "Prices not converted"))
    return (
        _key_figures(output, sign),
        _chart(output, sign),
        _resource_table(output, sign),
        _provider_table(output, sign),
        *notes,
        _month_table(output, sign),
        _price_table(output, sign),
    )


def _assumptions(output: Output) -> str:
    changed = sum(price not in DEFAULT_PRICES for price in output.prices)
    return (
        f"Prices are assumptions, not live: on-demand list prices of {PRICES_NOTED} (us-east-1, us-central1, East US) in US dollars unless changed; "
        f"{changed} of {len(output.prices)} were changed here. Without volume tiers, discounts, free allowances, requests, support and taxes. "
        f"Each resource is rounded to the penny, half up; totals add up what is shown. A year is 12 months. Tool version {VERSION}."
    )


def _cheapest(output: Output) -> ProviderCost:
    return next(provider for provider in output.providers if provider.provider == output.cheapest)


def _key_figures(output: Output, sign: str) -> KeyFigures:
    best, dearest = _cheapest(output), max(output.providers, key=lambda provider: provider.monthly_pennies)
    gap = dearest.yearly_pennies - best.yearly_pennies
    figures = (
        Figure("Cheapest a month", _money(best.monthly_pennies, sign), best.provider),
        Figure("The same a year", _money(best.yearly_pennies, sign), "12 months"),
        Figure(
            "Dearest a month", _money(dearest.monthly_pennies, sign), f"{dearest.provider}, {_money(gap, sign)} more a year" if gap else "all cost the same"
        ),
    )
    if not output.has_own:
        return KeyFigures(figures)
    month = best.break_even_month
    note = f"against {best.provider}" if month is None or month <= output.months else f"after the {output.months} months compared"
    return KeyFigures((*figures, Figure("Own hardware pays off", "never" if month is None else f"in month {month:,}" if month else "at once", note)))


def _money(amount: int, sign: str) -> str:
    return f"{sign}{amount // 100:,}.{amount % 100:02d}"


def _lines(output: Output) -> list[tuple[str, int, int]]:
    """Each line of the chart: its name, what it costs at the start and what each month, in pennies."""
    clouds = [(provider.provider, 0, provider.monthly_pennies) for provider in output.providers]
    return [*clouds, (OWN, output.own_purchase_pennies, output.own_monthly_pennies)] if output.has_own else clouds


def _chart(output: Output, sign: str) -> Chart:
    best = _cheapest(output)
    month = best.break_even_month
    series = tuple(Series(name, tuple((at, (start + at * monthly) / 100) for at in range(output.months + 1))) for name, start, monthly in _lines(output))
    x, y = Axis("Month", "integer"), Axis("Spent so far", "money", sign)
    if not output.has_own:
        summary = f"After {output.months} months {best.provider}, the cheapest, has cost {_money(best.all_months_pennies, sign)}."
        return Chart("What has been spent by each month?", "line", x, y, series, summary)
    title = "When does own hardware pay off?"
    if month is None or month > output.months:
        said = "never pays off" if month is None else f"pays off only in month {month:,}"
        return Chart(title, "line", x, y, series, f"Own hardware {said} against {best.provider}, the cheapest, at these prices.")
    spent = (output.own_purchase_pennies + month * output.own_monthly_pennies) / 100
    when = f"by the end of month {month}" if month else "from the start"
    summary = f"Own hardware has cost no more than {best.provider}, the cheapest, {when}."
    return Chart(title, "line", x, y, series, summary, (Mark("x", month, f"Break-even, month {month}"),), (Dot(month, spent, ""),))


def _resource_table(output: Output, sign: str) -> Table:
    columns = (Column("Resource"), Column("Kind"), *(Column(provider, "money", sign) for provider in PROVIDERS), Column("Cheapest"))
    costs = [[cost / 100 for cost in resource.monthly_pennies] for resource in output.resources]
    named = ["all the same" if len(resource.cheapest) == len(PROVIDERS) else ", ".join(resource.cheapest) for resource in output.resources]
    rows = tuple((one.name, KINDS[one.kind], *cost, cheapest) for one, cost, cheapest in zip(output.resources, costs, named, strict=True))
    total = ("All resources", None, *(provider.monthly_pennies / 100 for provider in output.providers), output.cheapest)
    return Table("Cost a month by resource", columns, rows, total, download="cost-by-resource.csv")


def _provider_table(output: Output, sign: str) -> Table:
    sums = [Column(title, "money", sign) for title in ("A month", "A year", f"In {output.months} months")]
    rows: list[tuple[str | int | float | None, ...]] = [
        (one.provider, one.monthly_pennies / 100, one.yearly_pennies / 100, one.all_months_pennies / 100, one.break_even_month) for one in output.providers
    ]
    if output.has_own:
        running = output.own_monthly_pennies
        rows.append((OWN, running / 100, 12 * running / 100, (output.own_purchase_pennies + output.months * running) / 100, None))
    return Table(
        title="Cost by provider",
        columns=(Column("Provider"), *sums, Column("Own hardware pays off in month", "integer")),
        rows=tuple(rows),
        note=f"The purchase of own hardware counts in the {output.months} months, not in a month or a year. No month: it never pays off."
        if output.has_own
        else "",
        download="cost-by-provider.csv",
    )


def _month_table(output: Output, sign: str) -> Table:
    lines = _lines(output)
    columns = (Column("Month", "integer"), *(Column(name, "money", sign) for name, _start, _monthly in lines))
    rows = tuple((at, *((start + at * monthly) / 100 for _name, start, monthly in lines)) for at in range(output.months + 1))
    return Table("Spent so far by month", columns, rows, download="cumulative-cost.csv", tab="Data")


def _price_table(output: Output, sign: str) -> Table:
    columns = (Column("Item"), *(Column(provider, "decimal", sign.strip()) for provider in PROVIDERS))
    rows = tuple((ITEMS[price.item], price.aws, price.google, price.azure) for price in output.prices)
    return Table("Prices used, for one unit", columns, rows, download="prices.csv", tab="Data")


TOOL = Tool(
    id="dev-studio-cost",
    title="Cost Calculator",
    studio=Studio.DEV,
    mode=Mode.CLIENT,
    cap=0,
    summary="List what you run. Get its monthly cost on three clouds and the month in which your own hardware would pay off.",
    takes="resources, prices that you can change, and hardware of your own",
    gives="monthly cost by provider and resource, break-even chart",
    version=VERSION,
    inputs=Inputs,
    example=Inputs(
        resources=(
            Resource("Web servers", "vm", 3, 2.0, 8.0, 50.0),
            Resource("Background workers", "vm", 2, 4.0, 16.0, 100.0, 300.0),
            Resource("Orders database", "database", 1, 4.0, 32.0, 500.0),
            Resource("Front door", "load_balancer"),
            Resource("Public addresses", "public_ip", 2),
            Resource("Customer files", "object_storage", 1, size_gb=4_000.0),
            Resource("Downloads", "egress", 1, size_gb=1_500.0),
        ),
        own_purchase=18_000.0,
        own_monthly=450.0,
        months=36,
    ),
    run=run,
    present=present,
    keywords=("AWS", "Google Cloud", "Azure", "TCO", "break-even", "FinOps"),
)
