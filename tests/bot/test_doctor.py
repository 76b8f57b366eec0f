"""magpie doctor: what is wrong is found and said with what to do, and nothing is changed by looking."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.doctor import Check, Finding, Health, Patient, examine
from bot.doctor import kept as kept_checks
from bot.doctor.findings import fault, well
from config.errors import ConfigError
from memory.index import ChromaIndex, bring_up_to_date
from memory.lock import held
from memory.records import Occasion, State
from memory.store import Store
from tests.bot.login_server import OWNER
from tests.bot.patients import NOW, findings, found, magpie
from tests.fakes import HOUR, HashedWords, post

DAY = 24 * HOUR


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, which is not there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("config.tokens.system_keyring", lambda: None)
    return tmp_path / "data"


def remember(data: Path, *names: str, owner: str = OWNER) -> Store:
    store = Store.open(data / "magpie.db", owner)
    with store.begin() as memory:
        for name in names:
            memory.items.keep(post(name), NOW)
    return store


# -- how checks are gone through


def test_a_new_magpie_is_well_and_looking_makes_nothing(data: Path) -> None:
    said = findings(magpie(data))
    assert {finding.health for finding in said} == {Health.WELL}, said
    assert all(finding.part and finding.name and finding.found for finding in said)
    assert not data.exists()


def test_a_check_that_breaks_stops_no_other(data: Path) -> None:
    def broken(patient: Patient) -> Iterator[Finding]:
        yield well("first", "is told")
        raise RuntimeError("secret words")

    def refused(patient: Patient) -> Iterator[Finding]:
        raise ConfigError("It is wrong: correct it.")

    checks = [Check("one", "broken", broken), Check("two", "refused", refused), Check("two", "last", lambda p: ())]
    said = list(examine(Patient(magpie(data), Path("magpie.toml")), checks))
    assert [(finding.part, finding.name, finding.health) for finding in said] == [
        ("one", "first", Health.WELL),
        ("one", "broken", Health.FAULT),
        ("two", "refused", Health.FAULT),
    ]
    assert "RuntimeError" in said[1].found
    assert "secret" not in said[1].found
    assert said[2].found == "It is wrong: correct it."


def test_every_fault_that_is_no_sentence_of_its_own_says_what_to_do() -> None:
    assert fault("x", "is broken", "mend it").advice == "mend it"


# -- settings, folder, disk, lock


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


# -- what is kept


def test_a_damaged_memory_is_told_once_and_the_rest_is_looked_at(data: Path) -> None:
    remember(data, "a").close()
    (data / "magpie.db").write_bytes(b"\xff" * 50_000)
    said = findings(magpie(data))
    (bad,) = [finding for finding in said if finding.health is Health.FAULT]
    assert bad.name == "database"
    assert "is damaged" in bad.found
    assert "magpie restore" in bad.found
    assert {"embedding", "sample", "terminal", "time zone"} <= {finding.name for finding in said}
    assert (data / "magpie.db").read_bytes() == b"\xff" * 50_000


def test_a_memory_that_has_vanished_is_not_taken_for_a_new_one(data: Path) -> None:
    (data / "backups").mkdir(parents=True, mode=0o700)
    (data / "backups" / "magpie-2026-11-20T120000Z.db").touch()
    assert "magpie.db is gone, while backups beside it" in found(magpie(data), "database").found


def test_the_memory_of_another_owner_is_told(data: Path) -> None:
    remember(data, "a", owner="otto@mock.local").close()
    said = found(magpie(data), "database")
    assert "it is the memory of otto@mock.local, not of nell@mock.local" in said.found
    assert "correct [owner] handle" in said.advice


@pytest.mark.parametrize(("step", "name", "health"), [("001", "tables", "warning"), ("999", "database", "fault")])
def test_tables_of_another_magpie_are_told_and_left_as_they_are(data: Path, step: str, name: str, health: str) -> None:
    remember(data, "a").close()
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = ?", (step,))
    assert found(magpie(data), name).health == health
    with closing(sqlite3.connect(data / "magpie.db")) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [(step,)]


@pytest.mark.parametrize("change", ["DELETE FROM passages_fts WHERE rowid = 1", "UPDATE items SET indexable = 0"])
def test_full_text_that_is_not_what_is_kept_is_told_and_mended_by_reindex(data: Path, change: str) -> None:
    store = remember(data, "a", "b")
    assert found(magpie(data), "full text").health is Health.WELL
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute(change)
    said = found(magpie(data), "full text")
    assert said.health is Health.FAULT
    assert "magpie reindex" in said.advice
    with store.begin() as memory:
        memory.items.rewrite_full_text()
    store.close()
    assert found(magpie(data), "full text").health is Health.WELL


def embedded(data: Path, model: str = "hashed words") -> None:
    store, embedder = remember(data, *"abcdef"), HashedWords()
    with store.begin() as memory:
        items = list(memory.items.by_id(range(9)).values())
        vectors = embedder.embed([item.searchable for item in items])
        memory.vectors.put(model, zip(items, vectors, strict=True))
    bring_up_to_date(store, ChromaIndex(data / "chroma", OWNER, model), model)
    store.close()


def test_another_embedding_model_than_before_is_told(data: Path) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        memory.vectors.put("older words", [(memory.items.by_id([1])[1], HashedWords().embed(["a"])[0])])
    store.close()
    said = found(magpie(data), "vectors")
    assert "1 vector of older words, and none of hashed words" in said.found
    assert "embeds every post anew" in said.advice


def test_an_index_that_lost_files_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded(data)
    with monkeypatch.context() as patch:
        patch.setattr(kept_checks, "healthy", lambda folder, owner, model, sample, seconds: len(sample[0]) == 6)
        assert found(magpie(data), "index").found == "it finds what it should hold; 6 posts were asked for"
    for folder in (data / "chroma").iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    with closing(sqlite3.connect(data / "chroma" / "chroma.sqlite3")) as conn, conn:
        conn.execute("DELETE FROM embeddings_queue")
    said = found(magpie(data), "index")
    assert said.health is Health.WARNING
    assert "magpie reindex" in said.advice


def test_the_index_of_a_magpie_that_runs_is_not_opened(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded(data)
    monkeypatch.setattr(kept_checks, "healthy", lambda *_: pytest.fail("it was opened"))
    with held(data):
        assert "Magpie has it open" in found(magpie(data), "index").found


def test_an_old_backup_and_none_are_told(data: Path) -> None:
    from memory.keeping.backup import back_up

    remember(data, "a").close()
    assert "there is none" in found(magpie(data), "backup").found
    back_up(data, NOW)
    assert found(magpie(data), "backup").health is Health.WELL
    late = replace(magpie(data), now=lambda: datetime.now(UTC) + 40 * DAY)
    assert "40 days old" in found(late, "backup").found


# -- time and work


def test_a_time_zone_that_was_never_chosen_is_asked_about(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Asia/Kathmandu")
    said = found(magpie(data, {"owner": {"handle": OWNER}}), "time zone")
    assert 'write time_zone = "Asia/Kathmandu"' in said.advice
    assert found(magpie(data), "time zone").health is Health.WELL
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Etc/UTC")
    assert found(magpie(data, {"owner": {"handle": OWNER}}), "time zone").health is Health.WELL


def test_a_machine_without_time_zones_is_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zoneinfo

    one = magpie(data)
    monkeypatch.setattr("zoneinfo.TZPATH", ())

    def unknown(name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr("config.settings.ZoneInfo", unknown)
    said = found(one, "time zone", "time")
    assert "does not know the time zone Europe/Berlin" in said.found
    assert "tzdata" in said.advice


def collected(data: Path, at: datetime, *failures: str) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        run = memory.runs.begin("collect", at)
        memory.runs.end(run, at, "failed" if failures else "done", {}, failures)
    store.close()


def test_a_collect_long_ago_is_told_and_what_to_do(data: Path) -> None:
    collected(data, NOW - 5 * HOUR)
    said = found(magpie(data), "last collect")
    assert (said.found, said.advice) == ("5 hours ago", "start it with 'magpie run'")
    with held(data):
        assert "see its log" in found(magpie(data), "last collect").advice
    daily = {"schedule": {"collect_minutes": 1440}}
    assert found(magpie(data, daily), "last collect").health is Health.WELL


def test_a_collect_that_failed_is_told_without_its_words(data: Path) -> None:
    collected(data, NOW - HOUR, "a sentence")
    said = found(magpie(data), "last collect")
    assert "failed, with 1 failure" in said.found
    assert "magpie runs show" in said.advice


def test_a_run_from_the_future_is_told(data: Path) -> None:
    collected(data, NOW + 3 * DAY)
    assert "3 days from now" in found(magpie(data), "clock").found


def test_a_digest_that_failed_and_messages_that_wait_are_told(data: Path) -> None:
    store = remember(data, "a")
    with store.begin() as memory:
        memory.occasions.settle(Occasion("terminal", NOW.date(), 0, State.FAILED, NOW, "The disk is full."))
    store.close()
    said = found(magpie(data), "last digests")
    assert said.health is Health.WARNING
    assert "The disk is full" in said.found


def test_a_pause_without_an_end_is_told(data: Path) -> None:
    store = remember(data, "a")
    assert found(magpie(data), "next digest").health is Health.WELL
    with store.begin() as memory:
        memory.preferences.choose("pause", {"since": f"{NOW:%Y-%m-%dT%H:%M}", "until": None}, NOW)
    store.close()
    assert "/resume" in found(magpie(data), "next digest").advice


# -- the command


TOML = f'[owner]\nhandle = "{OWNER}"\ntime_zone = "Europe/Berlin"\n[model]\nkind = "none"\n'


@pytest.fixture
def command(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command in a folder, with an embedder that needs no model."""
    monkeypatch.setattr("bot.build.SentenceEmbedder", lambda name, threads: HashedWords())

    def run(toml: str, *words: str) -> Any:
        Path("magpie.toml").write_text(toml)
        return CliRunner().invoke(app, ["doctor", *words])

    return run


def test_all_is_well(command: Callable[..., Any]) -> None:
    done = command(f'{TOML}[[sources]]\nkind = "sample"\n')
    assert done.exit_code == 0
    assert done.output.endswith("All is well.\n")
    assert "settings\n  ✓ file: magpie.toml is read: nell@mock.local; sample; talks in terminal\n" in done.output


def test_warnings_alone_are_no_failure(command: Callable[..., Any], data: Path) -> None:
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    done = command(f'{TOML}[[sources]]\nkind = "sample"\n')
    assert done.exit_code == 0
    assert "  ! permissions: others can look into data → run 'chmod -R go-rwx data'\n" in done.output
    assert "1 warning; " in done.output


def test_faults_are_a_failure_and_each_is_one_line(command: Callable[..., Any]) -> None:
    done = command(TOML)
    assert done.exit_code == 1
    assert "  ✗ sources: magpie.toml names no [[sources]]: add one, as the README shows.\n" in done.output
    assert "1 fault; " in done.output


def test_settings_that_cannot_be_read_are_all_there_is_to_say(command: Callable[..., Any]) -> None:
    done = command(TOML + "[digset]\n")
    assert done.exit_code == 3
    assert "there is no setting 'digset'; did you mean 'digest'." in done.output
    assert "Nothing else can be looked at before" in done.output


def test_programs_get_one_object_a_line(command: Callable[..., Any]) -> None:
    done = command(TOML, "--json")
    rows = [json.loads(row) for row in done.output.splitlines()]
    assert done.exit_code == 1
    assert all(list(row) == ["name", "health", "found", "advice", "part"] for row in rows)
    assert {"settings", "data", "memory", "sources", "time"} <= {row["part"] for row in rows}
    assert [row["name"] for row in rows if row["health"] == "fault"] == ["sources"]
