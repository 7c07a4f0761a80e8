"""Inputs that somebody has spoilt, run by every tool for real: never a 500, no hold is left, and the book is whole.

An example is changed at some of its places: to what is hostile, to what stands elsewhere in it, or, where it is text, in some of its letters.
"""

import copy
import json
import os
import random
import string
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from credit_studio.tools import registry, validation
from credit_studio.tools.base import Mode
from credit_studio.tools.registry import AnyTool
from tests.api.fuzzing import FUZZ_S, Client, nothing_held, unbroken

pytestmark = pytest.mark.usefixtures("worker")

TOOLS = [tool for tool in registry.all_tools() if tool.is_built and tool.mode is not Mode.CLIENT]
EXAMPLES = {tool.id: validation.example_json(tool) for tool in TOOLS}
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 0.5, 1e308, 10**18, "", " ", "\0", "\ud7ff", "=1+1", "<script>", "../../etc/passwd", "{{7*7}}", "%s%n", "'; --", [], {}),
    *("x" * 5_000, "\u202e", "a,b\n1,2\n", "[" * 900, '{"a":', "\ufeff", "1" * 400, "(a+)+$", "\r\n\r\n", "\U0001f4a9" * 40),
)
SPOILING = string.printable + "\0\u2028é漢"
Place = tuple[str | int, ...]


class Spoiler:
    """Changes examples as its seed says."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - what is found is to be found again

    def inputs(self, tool: AnyTool) -> Any:
        """The tool's example, changed at one to three places."""
        changed = copy.deepcopy(EXAMPLES[tool.id])
        for _ in range(self.chance.randint(1, 3)):
            *way, last = self.chance.choice(list(_places(changed)))
            at: Any = changed
            for step in way:
                at = at[step]
            at[last] = self._other(at[last], changed)
        return changed

    def _other(self, value: Any, whole: Any) -> Any:
        """Something else in the place of a value."""
        how = self.chance.random()
        if isinstance(value, str) and value and how < 0.6:
            return self._spoilt(value)
        if isinstance(value, list) and how < 0.4:
            return self.chance.choice([value[1:], [*value, *value], value[::-1], value[:1] * 60])
        if isinstance(value, (int, float)) and how < 0.4:
            return self.chance.choice([value * -1, value * 1_000, value + 1, value / 3])
        if how < 0.8:
            return self.chance.choice(ODD)
        *way, last = self.chance.choice(list(_places(whole)))
        for step in way:
            whole = whole[step]
        return copy.deepcopy(whole[last])

    def _spoilt(self, text: str) -> str:
        """A text with a piece cut out, said twice, or typed anew."""
        begin = self.chance.randrange(len(text))
        end = min(len(text), begin + self.chance.choice([1, 1, 2, 8, 60]))
        typed = "".join(self.chance.choices(SPOILING, k=end - begin))
        return text[:begin] + self.chance.choice(["", text[begin:end] * 2, typed]) + text[end:]


def _places(value: Any, way: Place = ()) -> Iterator[Place]:
    if way:
        yield way
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in children:
        yield from _places(item, (*way, name))


async def _break(one: Client, spoiler: Spoiler, tool: AnyTool) -> str:
    """Run it once with spoilt inputs: what the answer was."""
    body = {"inputs": spoiler.inputs(tool)} | ({"maxCredits": spoiler.chance.randint(3, 6)} if spoiler.chance.random() < 0.3 else {})
    sent = json.dumps(body).encode()
    reply = await one.post(f"/api{tool.path}/run", content=sent, headers={"Content-Type": "application/json"})
    return unbroken(reply, (tool.id, sent[:2_000]))


async def test_spoilt_inputs_break_no_tool_and_leave_no_hold(rich: Client) -> None:
    spoiler, said = Spoiler(20_261_121), Counter[str]()
    for tool in TOOLS:
        said.update([await _break(rich, spoiler, tool) for _ in range(2)])
    await nothing_held(rich)
    assert said["invalid_inputs"] > 10, said
    assert said["succeeded"] > 5, said


@pytest.mark.soak
async def test_spoilt_inputs_break_no_tool_for_long(rich: Client) -> None:
    seed = int(os.environ.get("SEED", "0")) or random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - to be told again with SEED
    spoiler, said, until = Spoiler(seed), Counter[str](), time.monotonic() + FUZZ_S
    while time.monotonic() < until:
        said.update([await _break(rich, spoiler, tool) for tool in spoiler.chance.sample(TOOLS, 4)])
    await nothing_held(rich)
    print(dict(said))  # noqa: T201 - how many of each
    assert sum(said.values()) > FUZZ_S / 10
