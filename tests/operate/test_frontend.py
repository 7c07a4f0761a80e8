import os
from collections.abc import Callable
from pathlib import Path

import pytest

from credit_studio.operate import frontend


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (
        "credit_studio/ui/pages/tool.py",
        "assets/studio.css",
        "assets/local/python.tar",
        "reflex.lock/package.json",
        "rxconfig.py",
        "requirements.txt",
        "README.md",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def changed(name: str) -> Callable[[Path], object]:
    return lambda project: (project / name).write_text("something else")


def added(project: Path) -> None:
    (project / "credit_studio" / "new.py").write_text("")


def renamed(project: Path) -> None:
    (project / "assets" / "studio.css").rename(project / "assets" / "other.css")


@pytest.mark.parametrize(
    "change",
    [
        changed("credit_studio/ui/pages/tool.py"),
        changed("assets/studio.css"),
        changed("reflex.lock/package.json"),
        changed("rxconfig.py"),
        changed("requirements.txt"),
        added,
        renamed,
    ],
)
def test_what_the_pages_are_made_of_calls_for_a_build(project: Path, change: Callable[[Path], object]) -> None:
    before = frontend.fingerprint(project)
    change(project)
    assert frontend.fingerprint(project) != before


@pytest.mark.parametrize("name", ["README.md", "assets/local/python.tar"])
def test_what_the_pages_are_not_made_of_calls_for_none(project: Path, name: str) -> None:
    before = frontend.fingerprint(project)
    changed(name)(project)
    assert frontend.fingerprint(project) == before


def test_the_node_of_the_virtual_environment_is_found_first() -> None:
    env = frontend.environment()
    assert (Path(env["PATH"].split(os.pathsep)[0]) / "node").exists()
    assert env["REFLEX_USE_NPM"] == "1"
