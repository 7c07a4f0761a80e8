import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from credit_studio.operate import process

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""

ORPHAN = """
import subprocess, sys, time
tied = "import time; from credit_studio.operate.process import end_with_parent; end_with_parent(); print('tied', flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", tied], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def test_what_a_process_started_is_ended_with_it(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as out, process.session([sys.executable, "-c", STUBBORN], env=os.environ, patience_s=0.3, output=out) as running:
        child = int(eventually(said.read_text))
    assert running.returncode == -9
    assert eventually(lambda: is_gone(child))


def test_a_process_of_the_web_server_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with said.open("wb") as out, process.session([sys.executable, "-c", ORPHAN], env=os.environ, patience_s=0.3, output=out) as parent:
        child = int(eventually(said.read_text))
        assert not is_gone(child)
        os.kill(parent.pid, 9)
        assert eventually(lambda: is_gone(child))


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def eventually(ask: Callable[[], Any], within_s: float = 10.0) -> Any:
    until = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return answer
