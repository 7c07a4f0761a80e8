"""Processes that these tests start are measured with the session that starts them."""

from collections.abc import Iterator

import pytest
from coverage import Coverage

from credit_studio.settings import PROJECT_ROOT


@pytest.fixture(autouse=True, scope="session")
def _measure_what_is_started() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if Coverage.current() is not None:
            patch.setenv("COVERAGE_PROCESS_START", str(PROJECT_ROOT / "pyproject.toml"))
        yield
