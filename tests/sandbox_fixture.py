"""A running Stripe sandbox for tests: its own process, spoken to by the real SDK; its webhooks come to a receiver in this process.

async def test_something(sandbox):
    stripe = sandbox.client()
    customer = stripe.v1.customers.create({"name": "Ada"})
    for webhook in sandbox.flush():       # sent now and in order, whatever chaos had in mind; `webhook.raw`, `webhook.signature`
        await flow.receive(webhook.raw, webhook.signature)
"""

import http.client
import http.server
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from credit_studio.settings import PROJECT_ROOT

KEY = "sk_test_the_sandbox_takes_any"
SECRET = "whsec_for_tests_only"
_START_S = 30


@dataclass(frozen=True)
class Webhook:
    """One that arrived: the bytes of the body, and the header that signs them."""

    raw: bytes
    signature: str

    @property
    def event(self) -> Any:
        """What it says."""
        return json.loads(self.raw)


@dataclass
class Receiver:
    """Takes webhooks. `answers` are the statuses of the next ones, then 200."""

    url: str = ""
    arrived: list[Webhook] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def take(self) -> list[Webhook]:
        """What arrived since the last time."""
        taken, self.arrived = self.arrived, []
        return taken


@dataclass(frozen=True)
class Sandbox:
    """A sandbox at `url`, telling `receiver`."""

    url: str
    receiver: Receiver
    secret: str = SECRET
    key: str = KEY
    wires: list[stripe.HTTPXClient] = field(default_factory=list)

    def client(self, **more: Any) -> stripe.StripeClient:
        """The real SDK, pointed at the sandbox."""
        self.wires.append(stripe.HTTPXClient(timeout=20))
        wire = stripe.RequestsClient(timeout=20, async_fallback_client=self.wires[-1])
        return stripe.StripeClient(self.key, base_addresses=self.bases(), **({"max_network_retries": 0, "http_client": wire} | more))

    def bases(self) -> Any:
        """All four of the SDK's addresses: one that is not given would be Stripe's own."""
        return dict.fromkeys(("api", "files", "connect", "meter_events"), self.url)

    def api(self) -> Any:
        """The calls of a client, without their types: a test says itself what comes back."""
        return self.client().v1

    async def hang_up(self) -> None:
        """Close the connections of its clients."""
        while self.wires:
            await self.wires.pop().close_async()

    def control(self, what: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        """Ask `/sandbox/control/<what>`: its answer; an `AssertionError` when it refuses."""
        status, said = self.fetch(method, f"/sandbox/control/{what}", json.dumps(body or {}) if method == "POST" else None, "application/json")
        assert status == http.HTTPStatus.OK, said
        return json.loads(said)

    def fetch(self, method: str, path: str, body: str | None = None, kind: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
        """A request as it stands: the status and the text of the answer; a redirect gives its address."""
        return self._ask(method, path, body, {"Content-Type": kind} if body is not None else {})

    def raw(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, str]:
        """Bytes sent with the sandbox's key: the status and the text of the answer."""
        return self._ask("POST", path, body, {"Authorization": f"Bearer {self.key}"} | (headers or {}))

    def _ask(self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]) -> tuple[int, str]:
        asked = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            asked.request(method, path, body, headers)
            answer = asked.getresponse()
            text = answer.read().decode()
            return answer.status, answer.getheader("location") or text
        finally:
            asked.close()

    def submit(self, path: str, **fields: str) -> tuple[int, str]:
        """Send a page's form."""
        return self.fetch("POST", path, urlencode(fields))

    def clock(self, *, by_s: int) -> int:
        """Move all clocks on; the default one's time then."""
        return self.control("clock", {"bySeconds": by_s})["now"]

    def chaos(self, **chances: float) -> None:
        """Set the chances of trouble; none for what is not named."""
        self.control("chaos", chances)

    def flush(self) -> list[Webhook]:
        """Send all that waits, and give all that arrived since the last time."""
        self.control("flush")
        return self.receiver.take()

    def events(self, kind: str = "") -> list[Any]:
        """The events so far, oldest first, of that type or of all."""
        return self.control(f"events?{urlencode({'type': kind})}" if kind else "events", method="GET")["events"]

    def types(self) -> list[str]:
        """The types of the events so far, oldest first."""
        return [event["type"] for event in self.events()]


@contextmanager
def a_receiver() -> Generator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.arrived.append(Webhook(raw, self.headers["Stripe-Signature"]))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/api/billing/webhook"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()


@contextmanager
def running(folder: Path, webhook: str, port: int = 0) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """A sandbox's process on that data directory: its address and itself; killed at the end."""
    port = port or _free_port()
    words = ["--port", str(port), "--data", str(folder), "--webhook", webhook, "--secret", SECRET]
    with (folder / "said").open("ab") as out:
        process = subprocess.Popen([sys.executable, "-m", "credit_studio.sandbox", *words], cwd=PROJECT_ROOT, stdout=out, stderr=out)
    try:
        _wait(port, process, folder)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, (folder / "said").read_text()
            assert time.monotonic() < until, (folder / "said").read_text()
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """One sandbox for the whole test session."""
    with tempfile.TemporaryDirectory() as folder, a_receiver() as receiver, running(Path(folder), receiver.url) as (url, _):
        yield Sandbox(url, receiver)


@pytest.fixture
async def sandbox(sandbox_process: Sandbox) -> AsyncIterator[Sandbox]:
    """An empty sandbox: it knows nothing, makes no trouble, and its webhooks go to `sandbox.receiver`."""
    sandbox_process.control("reset")
    sandbox_process.receiver.arrived.clear()
    sandbox_process.receiver.answers.clear()
    yield sandbox_process
    await sandbox_process.hang_up()
