"""A tool whose example does not work: it is cold, and no more."""

import dataclasses
from typing import Any

from credit_studio.tools.base import Tool
from tests.runs.runner import tools


def _run(inputs: tools.Inputs) -> tools.Output:
    return tools.Output(1 // inputs.size)


TOOL: Tool[Any, Any] = dataclasses.replace(tools.TOOLS[1], id="broken", example=tools.Inputs(0), run=_run)
