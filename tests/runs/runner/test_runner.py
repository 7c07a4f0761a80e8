import asyncio
import json
import time
from typing import Any

import pytest

from credit_studio.runs.runner import Job, Runner, RunnerDown, forks
from tests.runs.runner.conftest import MODULE, Go, found
from tests.runs.runner.tools import Inputs


async def test_a_run_gives_result_and_blocks(go: Go) -> None:
    outcome = await go("add_up", 1_000)
    assert found(outcome) == 499_500
    assert json.loads(outcome.blocks_json or "")[0]["block"] == "keyFigures"
    assert (outcome.failure_code, outcome.failure_message, outcome.failure_field) == ("", "", "")


async def test_the_same_inputs_give_the_same_text(go: Go) -> None:
    first, second = await go("add_up", 77), await go("add_up", 77)
    assert (first.result_json, first.blocks_json) == (second.result_json, second.blocks_json)


async def test_a_process_serves_one_run_only(go: Go) -> None:
    assert found(await go("which_process")) != found(await go("which_process"))


async def test_twenty_megabytes_of_input_arrive_whole_and_count_once(go: Go) -> None:
    outcome = await go("length", text="é" * 10_000_000, mem_mb=64)
    assert found(outcome) == 10_000_000
    assert outcome.measured.mem_mb < 40


async def test_text_that_is_no_text_is_still_an_answer(go: Go) -> None:
    assert found(await go("odd_text")) == "half a pair: ?, a zero: \0, a word: café"


async def test_cpu_and_wall_time_are_measured(go: Go) -> None:
    outcome = await go("burn", 200)
    assert 200 <= outcome.measured.cpu_ms < 400
    assert outcome.measured.duration_ms >= outcome.inside_ms >= 200


async def test_a_sleeping_tool_takes_wall_time_and_hardly_any_cpu(go: Go) -> None:
    outcome = await go("sleep", 300)
    assert outcome.measured.duration_ms >= 300
    assert outcome.measured.cpu_ms < 150


async def test_memory_is_measured_above_the_idle_level(go: Go) -> None:
    assert 90 <= (await go("allocate", 100)).measured.mem_mb <= 110
    assert (await go("add_up", 1)).measured.mem_mb < 10


async def test_figures_are_whole_and_rounded_up(go: Go) -> None:
    measured = (await go("add_up", 1)).measured
    assert measured.cpu_ms >= 1
    assert all(type(figure) is int for figure in (measured.cpu_ms, measured.mem_mb, measured.duration_ms))


async def test_the_memory_limit_stops_a_run_and_says_so(go: Go) -> None:
    assert found(await go("allocate", 50, mem_mb=64)) == 50 << 20
    outcome = await go("allocate", 90, mem_mb=64)
    assert (outcome.status, outcome.failure_code) == ("limit", "memory_limit")
    assert "64 MB" in outcome.failure_message


async def test_a_library_that_runs_out_of_memory_in_its_own_words_is_a_limit_too(go: Go) -> None:
    assert (await go("run_out_elsewhere")).failure_code == "memory_limit"


async def test_the_cpu_limit_stops_a_run_and_says_so(go: Go) -> None:
    outcome = await go("burn", 10_000, cpu_ms=300)
    assert (outcome.status, outcome.failure_code) == ("limit", "cpu_limit")
    assert 300 <= outcome.measured.cpu_ms < 1_000
    assert "0.3 s" in outcome.failure_message


async def test_a_run_that_holds_signals_back_is_stopped_by_the_kernel(go: Go) -> None:
    outcome = await go("burn_with_signals_held", 30_000, cpu_ms=200)
    assert (outcome.status, outcome.failure_code) == ("limit", "cpu_limit")


async def test_the_wall_limit_kills_a_run_that_ignores_signals(go: Go) -> None:
    begun = time.monotonic()
    outcome = await go("sleep", 60_000, wall_ms=300)
    assert (outcome.status, outcome.failure_code) == ("timed_out", "wall_limit")
    assert time.monotonic() - begun < 5


async def test_more_output_than_allowed_is_a_limit(go: Go) -> None:
    assert len(found(await go("write_much", 9_000, output_bytes=10_000))) == 9_000
    outcome = await go("write_much", 20_000, output_bytes=10_000)
    assert (outcome.status, outcome.failure_code, outcome.result_json) == ("limit", "output_limit", None)


@pytest.mark.parametrize("tool_id", ["segfault", "read_nowhere", "leave", "close_the_channel"])
async def test_a_process_that_vanishes_is_a_crash(go: Go, tool_id: str) -> None:
    outcome = await go(tool_id)
    assert (outcome.status, outcome.failure_code) == ("failed", "crashed")


@pytest.mark.parametrize("tool_id", ["fail", "recurse", "leave_politely", "not_a_number", "no_such_tool"])
async def test_an_exception_fails_the_run_and_tells_nothing_of_itself(go: Go, tool_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = await go(tool_id)
    assert (outcome.status, outcome.failure_code) == ("failed", "tool_error")
    assert "Error" not in outcome.failure_message
    logged = capsys.readouterr().out
    assert "tool_error" in logged
    assert "secret" not in logged


async def test_an_input_error_names_its_field(go: Go) -> None:
    outcome = await go("refuse")
    assert (outcome.status, outcome.failure_code, outcome.failure_field) == ("failed", "invalid_inputs", "risks.2.lossHigh")
    assert outcome.failure_message == "must not be below the low end"


async def test_what_a_tool_prints_goes_nowhere(go: Go, capfd: pytest.CaptureFixture[str]) -> None:
    assert found(await go("chatter")) == 1
    said = capfd.readouterr()
    assert "noise" not in said.out + said.err


@pytest.mark.parametrize(
    "sent",
    [
        "o\xff\xff\xff\xff",
        "z\0\0\0\1x",
        "e\0\0\0\2[]",
        "e\0\0\0\3{{{",
        'p\0\0\0\x0f{"share": "no"}',
        'e\0\0\0\x0f{"code": "what"',
        'e\0\0\0\x10{"code": "what"}',
        "o\0\0\0\1\xffe\0\0\0\2{}",
    ],
)
async def test_bytes_that_are_no_answer_are_a_crash(go: Go, sent: str) -> None:
    outcome = await go("write_to_the_channel", 60_000, sent)
    assert (outcome.status, outcome.failure_code) == ("failed", "crashed")


async def test_figures_that_cannot_be_are_none(go: Go) -> None:
    outcome = await go("write_to_the_channel", 60_000, 'e\0\0\0\x30{"cpu_us": -1, "mem_kb": 1e99, "inside_us": "x"}')
    assert (outcome.measured.cpu_ms, outcome.measured.mem_mb, outcome.inside_ms) == (0, 0, 0)


async def test_cancelling_stops_a_run(go: Go) -> None:
    cancel = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, cancel.set)
    begun = time.monotonic()
    outcome = await go("sleep", 60_000, cancel=cancel)
    assert (outcome.status, outcome.failure_code) == ("cancelled", "cancelled")
    assert time.monotonic() - begun < 5


async def test_a_run_that_waits_for_its_slot_can_be_cancelled(go: Go) -> None:
    stop, cancel = asyncio.Event(), asyncio.Event()
    busy = [asyncio.create_task(go("sleep", 60_000, cancel=stop)) for _ in range(2)]
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(go("add_up", 1, cancel=cancel))
    given_up = asyncio.create_task(go("add_up", 1))
    await asyncio.sleep(0.1)
    cancel.set()
    given_up.cancel()
    assert (await waiting).status == "cancelled"
    stop.set()
    assert {outcome.status for outcome in await asyncio.gather(*busy)} == {"cancelled"}
    assert found(await go("add_up", 2)) == 1


async def test_progress_arrives_in_order(go: Go) -> None:
    said: list[tuple[Any, ...]] = []
    await go("steps", 6, on_progress=lambda *what: said.append(what))
    told = [(share, doing) for share, doing, _, _ in said if doing]
    assert told[0] == (pytest.approx(1 / 6), "step 1")
    assert told == sorted(told)
    assert [elapsed for _, _, elapsed, _ in said] == sorted(elapsed for _, _, elapsed, _ in said)


async def test_progress_is_rate_limited_and_short(go: Go) -> None:
    said: list[tuple[Any, ...]] = []
    await go("report_often", 20_000, on_progress=lambda *what: said.append(what))
    assert len(said) < 100
    assert all(len(doing) <= 200 for _, doing, _, _ in said)


async def test_a_silent_run_is_still_reported_on(go: Go) -> None:
    said: list[tuple[Any, ...]] = []
    await go("burn", 900, on_progress=lambda *what: said.append(what))
    assert said[-1][0] is None
    assert said[-1][3] > 0


@pytest.mark.parametrize("tool_id", ["steps", "sleep"])
async def test_an_error_of_the_listener_is_the_callers(go: Go, tool_id: str) -> None:
    def listener(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await go(tool_id, 5_000, on_progress=listener)


async def test_inputs_that_cannot_be_sent_are_the_callers_error(runner: Runner) -> None:
    job = Job("add_up", lambda: None, 1_000, 64, 1_000, 1_000)
    with pytest.raises((AttributeError, TypeError, ValueError, Exception), match="pickle"):
        await runner.run(job, lambda *_: None, asyncio.Event())


async def test_twenty_runs_at_once_over_two_slots_all_finish_right(go: Go) -> None:
    outcomes = await asyncio.gather(*(go("add_up", size) for size in range(20)))
    assert [found(outcome) for outcome in outcomes] == [sum(range(size)) for size in range(20)]


async def test_a_killed_fork_server_costs_its_runs_and_is_replaced() -> None:
    one = Runner(slots=1, modules=(MODULE,))
    await one.start()
    try:
        running = asyncio.create_task(Go(one)("sleep", 60_000))
        await asyncio.sleep(0.2)
        assert one._server is not None
        one._server.process.kill()
        assert (await running).failure_code == "crashed"
        assert found(await Go(one)("add_up", 3)) == 3
    finally:
        await one.stop()


async def test_stopping_ends_what_runs_and_takes_nothing_more() -> None:
    one = Runner(slots=1, modules=(MODULE,))
    await one.start()
    running = asyncio.create_task(Go(one)("sleep", 60_000))
    await asyncio.sleep(0.2)
    await one.stop()
    outcome = await running
    assert (outcome.status, outcome.failure_code) == ("cancelled", "stopped")
    with pytest.raises(RunnerDown, match="stopped"):
        await Go(one)("add_up", 1)
    await one.stop()


async def test_a_runner_that_was_stopped_can_be_started_again() -> None:
    one = Runner(slots=1, modules=(MODULE,))
    await one.start()
    await one.stop()
    await one.start()
    assert found(await Go(one)("add_up", 3)) == 3
    await one.stop()


async def test_a_module_that_cannot_be_loaded_refuses_the_start() -> None:
    with pytest.raises(RunnerDown, match="no_such_module"):
        await Runner(slots=1, modules=("no_such_module",)).start()


async def test_a_fork_server_that_does_not_answer_refuses_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "_BOOT", "import time; time.sleep(60)")
    monkeypatch.setattr("credit_studio.runs.runner.runner.START_S", 0.2)
    monkeypatch.setattr(forks, "GONE_S", 0.2)
    with pytest.raises(RunnerDown, match="in time"):
        await Runner(slots=1, modules=(MODULE,)).start()


async def test_a_fork_server_that_dies_at_once_refuses_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "_BOOT", "raise SystemExit(1)")
    with pytest.raises(RunnerDown, match="while it was starting"):
        await Runner(slots=1, modules=(MODULE,)).start()


async def test_a_run_before_the_start_starts_the_server() -> None:
    one = Runner(slots=1, modules=(MODULE,))
    assert found(await Go(one)("add_up", 3)) == 3
    await one.stop()


async def test_the_speed_factor_is_a_sensible_number(runner: Runner) -> None:
    assert 0.05 < runner.speed < 50


async def test_the_registrys_own_tools_can_be_loaded() -> None:
    one = Runner(slots=1)
    await one.start()
    outcome = await one.run(Job("no-such-tool", Inputs(), 1_000, 64, 5_000, 1_000), lambda *_: None, asyncio.Event())
    assert outcome.failure_code == "tool_error"
    await one.stop()
