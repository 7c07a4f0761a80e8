"""The whole studio, started as `make run` does, and a real browser in front of it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from credit_studio.db import embedded
from credit_studio.operate import frontend
from credit_studio.settings import PROJECT_ROOT
from tests import chromium

ZONE = "Europe/London"
PASSWORD = "correct horse battery staple"
START_S = 90


@dataclass(frozen=True)
class Place:
    """Where a studio of these tests runs: its address and what its commands need to find it."""

    url: str
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """What `python -m credit_studio ...` says about this studio; raises when its status is not 0."""
        done = subprocess.run(
            [sys.executable, "-m", "credit_studio", *words], cwd=PROJECT_ROOT, env=os.environ | self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A running studio with a data directory of its own; without rate limits, which have tests of their own."""
    folder = tmp_path_factory.mktemp("studio")
    frontend.ensure(PROJECT_ROOT / "data" / "build.log")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {"PORT": str(port), "HOST": "127.0.0.1", "DATA_DIR": str(folder / "data"), "RATE_LIMIT_SCALE": "0", "ENVIRONMENT": "test"}
    with (folder / "said").open("wb") as out:
        studio = subprocess.Popen([sys.executable, "-m", "credit_studio", "run"], cwd=PROJECT_ROOT, env=os.environ | settings, stdout=out, stderr=out)
    try:
        _wait_until_ready(studio, f"http://127.0.0.1:{port}", folder / "said")
        yield Place(f"http://127.0.0.1:{port}", settings)
    finally:
        studio.send_signal(signal.SIGINT)
        studio.wait(timeout=30)
        if (folder / "data" / "pg" / "postmaster.pid").exists():
            embedded.start(folder / "data" / "pg").stop()


def _wait_until_ready(studio: "subprocess.Popen[bytes]", url: str, said: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert studio.poll() is None, said.read_text()
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(said.read_text())


@pytest.fixture
def studio(place: Place) -> str:
    """The running studio's address."""
    return place.url


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium.get(), args=["--no-sandbox", "--disable-background-networking"])
        yield launched
        await launched.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """A browser profile of its own for each test."""
    made = await browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id=ZONE, accept_downloads=True)
    made.set_default_timeout(20_000)
    yield made
    await made.close()


@pytest.fixture
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """An empty tab; a fault in any page's script fails the test."""
    faults: list[str] = []
    opened = await context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    assert faults == []


@dataclass(frozen=True)
class Registered:
    """Somebody who has signed up over HTTP."""

    email: str
    cookie: str


SignUp = Callable[[BrowserContext], Awaitable[Registered]]


@pytest.fixture
def sign_up(studio: str) -> SignUp:
    """Create an account over HTTP and sign a browser profile in as it."""

    async def do(context: BrowserContext) -> Registered:
        email = f"{uuid4().hex[:12]}@example.com"
        async with httpx.AsyncClient(base_url=studio) as http:
            answer = await http.post("/api/auth/register", json={"email": email, "password": PASSWORD, "timeZone": ZONE})
        assert answer.status_code == 201, answer.text
        cookie = answer.cookies["cs_session"]
        await context.add_cookies([{"name": "cs_session", "value": cookie, "url": studio, "httpOnly": True, "sameSite": "Lax"}])
        return Registered(email, cookie)

    return do


async def settled(page: Page, url: str) -> None:
    """Open a page and wait until it knows who is looking: its State has answered."""
    await page.goto(url)
    await page.wait_for_selector("header:not(:has([aria-busy=true]))")
    await page.wait_for_load_state("networkidle")
