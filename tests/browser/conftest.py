"""The whole studio, started as `make run` does, and a real browser in front of it."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests import chromium
from tests.studios import Place, a_place, running

ZONE = "Europe/London"
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A running studio of its own; without rate limits, which have tests of their own."""
    with a_place(tmp_path_factory.mktemp("studio"), RATE_LIMIT_SCALE="0", ENVIRONMENT="test") as made, running(made) as studio:
        yield made
        studio.send_signal(signal.SIGINT)
        studio.wait(timeout=30)


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
