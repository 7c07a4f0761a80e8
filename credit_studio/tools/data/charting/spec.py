"""What a chart of a dashboard is asked to show."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval, Len

from credit_studio.tools.base import ui

Kind = Literal["line", "area", "bar", "scatter", "histogram", "key figure", "table"]
Aggregate = Literal["sum", "mean", "median", "count", "min", "max", "distinct"]
Bucket = Literal["auto", "day", "week", "month", "quarter", "year"]
ColumnName = Annotated[str, Len(0, 120)]
AGGREGATE_NAMES = {"sum": "Sum", "mean": "Mean", "median": "Median", "count": "Count", "min": "Least", "max": "Greatest", "distinct": "Different values"}


@dataclass(frozen=True)
class ChartSpec:
    """One chart. Columns are named as in the first row; what a kind does not use stays empty."""

    kind: Kind = ui("Kind", "Lines and areas go over dates or numbers, bars over anything; a scatter shows single rows.", default="bar")
    x: ColumnName = ui("Across (x)", "The column along the bottom, or by which a table groups. Not for key figures.", default="", placeholder="ordered_on")
    y: ColumnName = ui(
        "Value (y)", "The column that is measured; for a histogram the one that is cut into bins. Empty: rows are counted.", default="", placeholder="amount"
    )
    aggregate: Aggregate = ui("Figure", "What is made of the values of a group.", default="sum", choices=tuple(AGGREGATE_NAMES.items()))
    series: ColumnName = ui("Split by", "A column whose values become series, the five greatest and the others. May stay empty.", default="")
    bucket: Bucket = ui("Dates by", "How dates are gathered. Auto: by what fits their span.", default="auto")
    top: Annotated[int, Interval(ge=1, le=50)] = ui("At most", "So many bars or rows; the rest is gathered as “Others”.", default=12)
    where: Annotated[str, Len(0, 300)] = ui(
        "Only rows where", "Conditions such as: region = North; amount > 100; status in open|held. May stay empty.", default="", placeholder="region = North"
    )
    unit: Annotated[str, Len(0, 12)] = ui("Unit", "Stands at the figures, such as £ or kg. May stay empty.", default="")
    title: Annotated[str, Len(0, 120)] = ui("Title", "Empty: made from the columns.", default="")
