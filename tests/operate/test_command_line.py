import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from credit_studio import __main__ as command_line
from credit_studio.settings import PROJECT_ROOT

COMMANDS = ("run", "worker", "migrate", "grant", "set-plan", "make-admin", "doctor", "verify", "bench")


def studio(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "credit_studio", *words], cwd=PROJECT_ROOT, env=os.environ | env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command_line.main([command, "--help"])
    assert left.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m credit_studio {command} ")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fly",),
        ("grant",),
        ("grant", "--email", "a@b.example", "--source", "promo", "--credits", "0"),
        ("grant", "--email", "a@b.example", "--source", "promo", "--credits", "1.5"),
    ],
)
def test_wrong_words_are_explained_with_status_2(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        command_line.main(list(words))
    assert left.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_a_bad_setting_is_one_line_that_names_it() -> None:
    answer = studio("migrate", PORT="99999")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("PORT: ")
    assert answer.stderr.count("\n") == 1


def test_without_a_database_one_line_says_how_to_get_one(tmp_path: Path) -> None:
    answer = studio("migrate", DATA_DIR=str(tmp_path))
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == f"No database runs on {tmp_path / 'pg'}. Start the studio with `make run`, or set DATABASE_URL.\n"


def test_run_refuses_a_bad_catalogue_before_it_starts_anything(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text("currency = 5\n")
    answer = studio("run", CATALOG_FILE=str(tmp_path / "catalog.toml"), DATA_DIR=str(tmp_path / "data"), PORT="3391")
    assert answer.returncode == 1
    assert answer.stderr.startswith("The catalogue cannot be used: ")
    assert not (tmp_path / "data").exists()


def test_migrate_finds_the_running_database(postgres: str) -> None:
    answer = studio("migrate")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("The database is at revision ")


def test_an_account_that_is_not_there_is_one_line(database: None) -> None:
    for words in (("grant", "--credits", "5", "--source", "promo"), ("set-plan", "--plan", "pro"), ("make-admin",)):
        answer = studio(*words, "--email", "nobody@nowhere.example")
        assert (answer.returncode, answer.stdout) == (1, ""), words
        assert answer.stderr.count("\n") == 1, answer.stderr


def test_doctor_finds_an_empty_book_sound_and_says_so_to_a_machine(database: None) -> None:
    answer = studio("doctor", "--json")
    assert answer.returncode == 0, answer.stderr
    said = json.loads(answer.stdout)
    assert said["holds"]
    assert all(check["holds"] for check in said["checks"])
    assert len(said["checks"]) >= 8
