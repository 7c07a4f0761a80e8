import os
import signal
from collections.abc import Callable

import pytest

from credit_studio.operate import signals


def stopped_while(work: Callable[[signals.Stopping], object]) -> bool:
    try:
        with signals.stopping() as stop:
            work(stop)
    except signals.Stopped:
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_request_to_stop_ends_the_block(number: int) -> None:
    assert stopped_while(lambda _stop: os.kill(os.getpid(), number))


def test_a_second_request_does_not_disturb_the_stopping() -> None:
    steps: list[str] = []

    def work(_stop: signals.Stopping) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("everything stopped")

    assert stopped_while(work)
    assert steps == ["everything stopped"]


def test_a_held_block_is_finished_first() -> None:
    steps: list[str] = []

    def work(stop: signals.Stopping) -> None:
        with stop.held():
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("started, and known")

    assert stopped_while(work)
    assert steps == ["started, and known"]


def test_the_former_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with signals.stopping():
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
