import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from credit_studio.operate import preflight
from credit_studio.operate.errors import CannotStart


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert preflight.port_is_free("127.0.0.1", port) is None


def test_a_port_in_use_gets_one_line_that_names_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"^Port {port} is in use\. .*PORT={port + 1} make run$"):
            preflight.port_is_free("127.0.0.1", port)


def test_an_address_that_is_not_ours_gets_one_line() -> None:
    with pytest.raises(CannotStart, match=r"^Cannot listen on 192\.0\.2\.1:3000: "):
        preflight.port_is_free("192.0.2.1", 3000)


def test_the_data_directory_is_made(tmp_path: Path) -> None:
    preflight.data_dir_is_writable(tmp_path / "deep" / "data")
    assert list((tmp_path / "deep" / "data").iterdir()) == []


def test_a_file_where_the_data_directory_should_be_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(CannotStart, match=r"^Cannot write to .*data: .*DATA_DIR="):
        preflight.data_dir_is_writable(tmp_path / "data")


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT"])
def test_a_full_disk_is_called_a_full_disk(tmp_path: Path, name: str) -> None:
    number = getattr(__import__("errno"), name)
    assert preflight.disk_line(tmp_path, OSError(number, os.strerror(number))).startswith("The disk is full: ")


def test_too_little_room_gets_one_line_with_both_figures(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"^The disk is full: .* has \d+ MB free and needs 1000000000 MB\."):
        preflight.disk_has_room(tmp_path, 1_000_000_000)


def test_a_second_studio_on_the_same_data_is_told_who_holds_it(tmp_path: Path) -> None:
    second = f"from pathlib import Path\nfrom credit_studio.operate.preflight import only_one\nwith only_one(Path({str(tmp_path)!r})): print('in')"
    with preflight.only_one(tmp_path):
        refused = subprocess.run([sys.executable, "-c", second], capture_output=True, text=True, check=False)
    assert f"A studio already runs on {tmp_path} (process {os.getpid()})" in refused.stderr
    assert subprocess.run([sys.executable, "-c", second], capture_output=True, text=True, check=True).stdout == "in\n"
