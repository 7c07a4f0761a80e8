from pathlib import Path

from credit_studio.db import embedded
from credit_studio.operate import preflight


def test_the_lock_of_the_embedded_server_is_in_its_own_data_directory(tmp_path: Path) -> None:
    preflight.data_dir_is_writable(tmp_path / "data")
    with embedded.owned(tmp_path / "data" / "pg") as url:
        assert "host=" in url
        assert (tmp_path / "data" / "pg.lock").exists()
    assert not (tmp_path / "data" / "pg" / "postmaster.pid").exists()
