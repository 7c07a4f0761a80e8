"""The whole studio is killed in the middle of ten runs: after a restart nothing is held, nothing is charged twice, the book agrees."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest

from credit_studio.tools.registry import get_tool
from credit_studio.tools.validation import example_json
from tests.studios import Place, a_place, running

pytestmark = pytest.mark.studio
RISKS = get_tool("cyber-studio-risk-register")
BIG = example_json(RISKS) | {"iterations": 500_000}
ENDED = {"succeeded", "failed", "timed_out", "limit", "cancelled"}
RECOVERS_WITHIN_S = 60


def _person(place: Place) -> httpx.Client:
    http = httpx.Client(base_url=place.url, timeout=70)
    answer = http.post("/api/auth/register", json={"email": f"{uuid4().hex[:12]}@example.com", "password": "correct horse battery staple"})
    assert answer.status_code == 201, answer.text
    http.headers["Cookie"] = f"cs_session={answer.cookies['cs_session']}"
    return http


def _started(http: httpx.Client) -> str:
    answer = http.post(f"/api{RISKS.path}/run", json={"inputs": BIG}, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


def _kill_all(studio: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to the owner, the web process, its workers and their runs; the database server stays."""
    everything = [psutil.Process(studio.pid), *psutil.Process(studio.pid).children(recursive=True)]
    for process in everything:
        if process.name() != "postgres":
            os.kill(process.pid, signal.SIGKILL)
    studio.wait()


def _all_ended(people: list[tuple[httpx.Client, str]]) -> list[dict[str, Any]]:
    until = time.monotonic() + RECOVERS_WITHIN_S
    while True:
        views = [http.get(run).json() for http, run in people]
        if all(view["status"] in ENDED for view in views):
            return views
        assert time.monotonic() < until, [view["status"] for view in views]
        time.sleep(0.5)


def test_a_killed_studio_gives_back_or_settles_every_run_after_its_restart(tmp_path: Path) -> None:
    with a_place(tmp_path, RATE_LIMIT_SCALE="0", ENVIRONMENT="test") as place:
        with running(place) as studio:
            people = [(http, _started(http)) for http in (_person(place) for _ in range(10))]
            assert any(http.get(run).json()["status"] == "running" for http, run in people)
            postmaster = (place.data / "pg" / "postmaster.pid").read_text().split()[0]
            _kill_all(studio)
        with running(place):
            assert (place.data / "pg" / "postmaster.pid").read_text().split()[0] == postmaster
            views = _all_ended(people)
            balances = [http.get("/api/credits/balance").json() for http, _ in people]
            checks = json.loads(place.command("doctor", "--json"))
            for http, _ in people:
                http.close()
    assert any(view["status"] == "failed" and view["failure"]["code"] == "interrupted" for view in views)
    for view, balance in zip(views, balances, strict=True):
        assert view["status"] == "succeeded" or view["credits"]["charged"] == 0
        assert (balance["held"], balance["available"]) == (0, 300 - view["credits"]["charged"])
    assert checks["checks"]
    assert checks["holds"]
