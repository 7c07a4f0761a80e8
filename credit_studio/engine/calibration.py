"""What estimates know of past runs: in memory, for each tool and version, put here by whoever owns the runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from credit_studio.engine import learning
from credit_studio.engine.learning import Sample
from credit_studio.engine.rules import CostModel
from credit_studio.tools.registry import AnyTool

MOST_RUNS = learning.MOST_RUNS


@dataclass(frozen=True)
class Known:
    """The model that estimates go by, how many past runs it stands on (0: the declared one), and how many of those cost what lay within their range."""

    model: CostModel
    runs: int
    within: int = 0


_known: dict[tuple[str, str], Known] = {}


def declared(tool: AnyTool) -> CostModel:
    """The tool's declared cost; only of tools that have one."""
    cost = tool.cost
    assert cost is not None  # noqa: S101 - asked only for tools that have one
    return CostModel(
        cpu_us_per_unit=cost.cpu_us_per_unit,
        cpu_ms_base=cost.cpu_ms_base,
        mem_bytes_per_unit=cost.mem_bytes_per_unit,
        mem_mb_base=cost.mem_mb_base,
        spread=cost.spread,
    )


def known(tool: AnyTool) -> Known:
    """What is known of this version of the tool now."""
    return _known.get((tool.id, tool.version)) or Known(declared(tool), 0)


def learn(tool: AnyTool, samples: Sequence[Sample], *, within: int = 0) -> None:
    """Go by these runs of this version of the tool from now on, the newest `MOST_RUNS`; fewer than the least that count change nothing.

    `within` of them cost what lay in the range of their quotes.
    """
    runs = len(samples) if len(samples) >= learning.LEAST_RUNS else 0
    _known[tool.id, tool.version] = Known(learning.learned(declared(tool), samples), runs, within if runs else 0)


def forget() -> None:
    """Know nothing but what is declared."""
    _known.clear()
