"""`run` as a person starts it: the real database, the real pages, the real web server, on a port and a data directory of its own."""

import http.client
import signal
from collections.abc import Iterator

import psutil
import pytest

from credit_studio.operate import frontend
from tests.studios import Place, a_place, running

pytestmark = pytest.mark.studio


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place of its own for the studios of this file."""
    with a_place(tmp_path_factory.mktemp("studio")) as made:
        yield made


def test_ctrl_c_stops_everything_within_seconds(place: Place) -> None:
    with running(place) as studio:
        started = psutil.Process(studio.pid).children(recursive=True)
        postmaster = psutil.Process(int((place.data / "pg" / "postmaster.pid").read_text().split()[0]))
        assert answers(place)
        studio.send_signal(signal.SIGINT)
        assert studio.wait(timeout=15) == 0
        assert started
        assert not [process for process in (*started, postmaster) if is_alive(process)]
    assert not answers(place)


def test_a_second_start_makes_nothing_anew(place: Place) -> None:
    made = [frontend.STAMP, frontend.PAGES, place.data / "pg" / "PG_VERSION"]
    before = [path.stat().st_mtime_ns for path in made]
    with running(place):
        assert [path.stat().st_mtime_ns for path in made] == before


def test_a_killed_studio_leaves_only_its_database_and_the_next_start_uses_that(place: Place) -> None:
    postmaster = place.data / "pg" / "postmaster.pid"
    with running(place) as studio:
        started = psutil.Process(studio.pid).children(recursive=True)
        before = postmaster.read_text().split()[0]
        studio.kill()
        studio.wait()
        psutil.wait_procs(started, timeout=5)
        assert not [process for process in started if is_alive(process)]
    with running(place):
        assert postmaster.read_text().split()[0] == before


def test_a_web_process_that_dies_ends_the_studio_with_another_status_than_0(place: Place) -> None:
    with running(place) as studio:
        web = next(process for process in psutil.Process(studio.pid).children() if "credit_studio.operate.web" in process.cmdline())
        web.kill()
        assert studio.wait(timeout=15) == 1
        assert b"ended by itself" in (place.folder / "said").read_bytes()
    assert not (place.data / "pg" / "postmaster.pid").exists()


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def answers(place: Place) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", int(place.environment["PORT"]), timeout=5)
    try:
        asked.request("GET", "/readyz")
        return asked.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        asked.close()
