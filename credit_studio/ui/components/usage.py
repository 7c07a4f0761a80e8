"""The chart of use."""

from typing import Any

import reflex as rx

from credit_studio.ui.components.browser import DRAWING, library


class UsageBars(rx.Component):
    """Stacked bars that lead to their runs; see `browser/usage_bars.jsx`. `chart` is `using.Told.chart`."""

    library = library("usage_bars.jsx")
    tag = "UsageBars"
    lib_dependencies: list[str] = DRAWING

    chart: rx.Var[dict[str, Any]]
