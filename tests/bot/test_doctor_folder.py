"""magpie doctor looks at where things lie: secrets, the data folder, the disk, and who has it open."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.doctor import Health
from memory.lock import held
from tests.bot.patients import findings, found, magpie, remember


def test_secrets_that_others_can_read_are_told(data: Path) -> None:
    Path(".env").write_text("MAGPIE_OWNER_TOKEN=hush\n")
    Path(".env").chmod(0o644)
    said = found(magpie(data), "secrets", "settings")
    assert "others can read" in said.found
    assert said.advice == "run 'chmod 600 .env'"
    Path(".env").chmod(0o600)
    assert [finding.name for finding in findings(magpie(data), "settings")] == ["file"]


def test_a_file_where_the_folder_should_be_is_told(data: Path) -> None:
    data.write_text("a shopping list")
    said = found(magpie(data), "folder")
    assert said.health is Health.FAULT
    assert "is not a folder" in said.found
    assert "name another one as data" in said.advice
    assert data.read_text() == "a shopping list"


def test_a_folder_in_which_nothing_can_be_written_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data.mkdir()

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    said = found(magpie(data), "folder")
    assert (said.health, "Read-only file system" in said.found) == (Health.FAULT, True)


def test_what_others_can_look_into_is_told(data: Path) -> None:
    remember(data, "a").close()
    assert found(magpie(data), "permissions").health is Health.WELL
    (data / "magpie.db").chmod(0o644)
    said = found(magpie(data), "permissions")
    assert "magpie.db" in said.found
    assert said.advice == f"run 'chmod -R go-rwx {data}'"


@pytest.mark.parametrize(("free", "health"), [(5_000_000, Health.FAULT), (5 * 10**8, Health.WARNING)])
def test_a_disk_that_fills_up_is_told(data: Path, monkeypatch: pytest.MonkeyPatch, free: int, health: Health) -> None:
    usage = shutil.disk_usage(data.parent)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage._replace(free=free))
    said = found(magpie(data), "disk")
    assert said.health is health
    assert "MB free" in said.found
    assert "make room" in said.advice


def test_a_magpie_that_runs_is_left_alone(data: Path) -> None:
    remember(data, "a").close()
    with held(data):
        before = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix not in (".db-wal", ".db-shm")}
        said = findings(magpie(data))
        after = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix not in (".db-wal", ".db-shm")}
    assert [finding.found for finding in said if finding.name == "running"] == [
        "Magpie is running; what it holds open is not touched here"
    ]
    assert "1 post" in next(finding.found for finding in said if finding.name == "database")
    assert set(after) - set(before) <= {"magpie.db-wal", "magpie.db-shm"}
    assert all(after[name] == before[name] for name in before)


def test_one_that_was_killed_is_told_and_stays_suspect(data: Path) -> None:
    data.mkdir(mode=0o700)
    (data / "magpie.pid").write_text("1")
    assert "was killed, or the power went" in found(magpie(data), "running").found
    with held(data) as clean:
        assert not clean, "the next start still knows"
