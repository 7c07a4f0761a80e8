"""The child's work, done in this process: the tool runs here, the frames come out of a socket."""

import json
import socket
import struct
from typing import Any

import pytest

from credit_studio.runs.runner import Job, child, speed, syscalls, wire, zygote
from tests.runs.runner import tools

_TOOLS = {tool.id: tool for tool in tools.TOOLS}


def _frames(tool_id: str, inputs: object, output_bytes: int = 10_000) -> list[tuple[bytes, bytes]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child.perform(theirs, _TOOLS, wire.Order(tool_id, 1, 1, output_bytes, 0), inputs, child.Meter.start())
        theirs.shutdown(socket.SHUT_WR)
        with ours.makefile("rb") as stream:
            data = stream.read()
    frames: list[tuple[bytes, bytes]] = []
    while data:
        kind, size = struct.unpack(">cI", data[:5])
        frames.append((kind, data[5 : 5 + size]))
        data = data[5 + size :]
    return frames


def _end(tool_id: str, inputs: object = None, **more: Any) -> dict[str, Any]:
    kind, text = _frames(tool_id, inputs or tools.Inputs(), **more)[-1]
    assert kind == wire.END
    return json.loads(text)


def test_a_result_comes_before_its_blocks_and_the_end() -> None:
    frames = _frames("add_up", tools.Inputs(4))
    assert [kind for kind, _ in frames] == [wire.RESULT, wire.BLOCKS, wire.END]
    assert json.loads(frames[0][1]) == {"foundIt": 6}
    assert json.loads(frames[2][1])["code"] == ""


def test_progress_is_told_at_most_every_fiftieth_of_a_second() -> None:
    frames = _frames("report_often", tools.Inputs(50))
    assert 1 <= [kind for kind, _ in frames].count(wire.PROGRESS) < 20


@pytest.mark.parametrize(
    ("tool_id", "code"),
    [("fail", "tool_error"), ("leave_politely", "tool_error"), ("refuse", "invalid_inputs"), ("not_a_number", "tool_error"), ("missing", "tool_error")],
)
def test_a_failure_is_told_by_its_code(tool_id: str, code: str) -> None:
    assert _end(tool_id)["code"] == code


def test_where_a_tool_failed_is_told_without_its_words() -> None:
    where = _end("fail")["where"]
    assert where.startswith("KeyError at ")
    assert "tools.py:" in where
    assert "secret" not in where


def test_an_announced_tool_cannot_be_run() -> None:
    assert _end("announced")["where"].startswith("LookupError")


def test_output_over_its_bound_is_not_sent() -> None:
    frames = _frames("write_much", tools.Inputs(20_000))
    assert [kind for kind, _ in frames] == [wire.END]
    assert json.loads(frames[0][1])["code"] == "output_limit"


@pytest.mark.parametrize("tool_id", ["run_out", "run_out_elsewhere", "run_out_below"])
def test_a_run_out_of_memory_says_nothing_and_leaves(tool_id: str) -> None:
    with pytest.raises(MemoryError):
        _frames(tool_id, tools.Inputs())


def test_an_order_arrives_as_it_was_given() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        with ours:
            ours.sendall(b"".join(wire.pack_job(Job("add_up", tools.Inputs(7, "é"), 10, 20, 30, 40))))
        order = wire.receive_order(theirs)
        assert order is not None
        assert (order.tool_id, order.cpu_ms, order.mem_mb, order.output_bytes) == ("add_up", 10, 20, 40)
        assert wire.receive_inputs(theirs, order) == tools.Inputs(7, "é")
        assert wire.receive_order(theirs) is None


def test_tools_are_loaded_and_warmed() -> None:
    tools.warmed.clear()
    loaded, notes = zygote.load(("tests.runs.runner.tools",))
    assert "add_up" in loaded
    assert "announced" not in loaded
    assert tools.warmed
    assert notes == []


def test_tools_without_a_warm_are_warmed_by_their_example() -> None:
    loaded, notes = zygote.load(("tests.runs.runner.broken",))
    assert list(loaded) == ["broken"]
    assert notes == ["broken could not be warmed: ZeroDivisionError"]


def test_the_filter_knows_two_processors() -> None:
    for machine in ("x86_64", "aarch64"):
        steps = syscalls.program(machine, 1234)
        assert len(steps) % 8 == 0
        assert steps.endswith(struct.pack("HBBI", 0x06, 0, 0, 0x7FFF_0000))
    assert syscalls.program("z80", 1) == b""


def test_the_speed_factor_is_the_best_of_its_tries() -> None:
    assert 0.05 < speed.factor(2) < 50
