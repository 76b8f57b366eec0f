"""A backup is only what has been restored."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from config.errors import StoreError
from memory.keeping.backup import KEPT, back_up, copy, due, newest
from memory.keeping.beginning import RESTORED, Beginning, beginning
from memory.keeping.restore import restore
from memory.store import Store
from memory.store.questions import Question
from tests.fakes import HOUR, NOW, OWNER, post, words
from tests.stores import remember, remembered

NAME = "magpie-2026-11-20T120000Z.db"


def test_what_was_backed_up_comes_back_and_what_was_there_meanwhile_is_put_aside(data: Path) -> None:
    made = back_up(data, NOW)
    remember(data, "c")
    aside = restore(made, data, OWNER, NOW + HOUR)
    assert remembered(data / "magpie.db", "a", "b", "c") == [True, True, False]
    assert aside is not None
    assert restore(aside, data, OWNER, NOW + 2 * HOUR)
    assert remembered(data / "magpie.db", "a", "b", "c") == [True, True, True]


def test_a_backup_is_one_file_of_its_owner_alone(data: Path) -> None:
    made = back_up(data, NOW)
    assert [path.name for path in made.parent.iterdir()] == [NAME]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_a_backup_is_made_while_another_writes(data: Path) -> None:
    store, stop, written = Store.open(data / "magpie.db", OWNER), Event(), []

    def write() -> None:
        while not stop.is_set():
            with store.begin() as memory:  # two posts each time, never one
                for side in ("left", "right"):
                    memory.items.keep(post(f"{side}{len(written)}"), NOW)
            written.append(1)

    writer = Thread(target=write)
    writer.start()
    try:
        copies = [copy(data / "magpie.db", data / f"copy{number}.db") for number in range(5)]
    finally:
        stop.set()
        writer.join()
    store.close()
    for path in copies:
        with closing(sqlite3.connect(path)) as conn:
            assert conn.execute("SELECT count(*) FROM items").fetchone()[0] % 2 == 0
            assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_the_newest_backups_stay_and_those_elsewhere_are_not_touched(data: Path, tmp_path: Path) -> None:
    elsewhere = back_up(data, NOW, tmp_path / "mine.db")
    for hour in range(KEPT + 3):
        last = back_up(data, NOW + hour * HOUR)
    kept = sorted((data / "backups").iterdir())
    assert len(kept) == KEPT
    assert (kept[-1], newest(data)) == (last, last)
    assert elsewhere.exists()


def test_a_backup_goes_into_a_folder_or_over_an_older_backup(data: Path, tmp_path: Path) -> None:
    assert back_up(data, NOW, tmp_path) == tmp_path / NAME
    remember(data, "c")
    assert back_up(data, NOW, tmp_path / NAME) == tmp_path / NAME
    assert remembered(tmp_path / NAME, "c") == [True]


def test_a_backup_does_not_overwrite_what_is_none(data: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear friend")
    for target in (tmp_path / "letter.txt", data / "magpie.db"):
        with pytest.raises(StoreError, match="is no backup and would be overwritten: name another file"):
            back_up(data, NOW, target)
    assert (tmp_path / "letter.txt").read_text() == "dear friend"


def test_there_is_nothing_to_back_up_before_anything_was_collected(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no memory at"):
        back_up(tmp_path, NOW)


def test_a_damaged_memory_is_not_backed_up_over_a_sound_backup(data: Path, tmp_path: Path) -> None:
    made = back_up(data, NOW, tmp_path / "mine.db")
    before = made.read_bytes()
    garble(data / "magpie.db")
    with pytest.raises(StoreError, match=r"No copy of .* could be made|is damaged"):
        back_up(data, NOW, made)
    assert made.read_bytes() == before
    assert list(tmp_path.glob("*.partial")) == []


def garble(path: Path, start: int = 8192) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * 8192)


def test_what_waited_to_be_said_in_a_backup_is_not_said_again(data: Path) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("k1", "hello"), NOW)
    store.close()
    restore(back_up(data, NOW), data, OWNER, NOW)
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        assert memory.outbox.waiting("pigeon") == []
        assert not memory.outbox.queue("pigeon", words("k1", "hello"), NOW), "its key is still known"
    store.close()


def test_what_was_asked_before_a_backup_came_back_is_not_answered_any_more(data: Path) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.questions.add(Question("pigeon", "in1", "c", "what of the bees?", NOW))
    store.close()
    restore(back_up(data, NOW), data, OWNER, NOW + HOUR)
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        assert memory.questions.waiting("pigeon") == []
        assert beginning(memory) == Beginning(NOW + HOUR, RESTORED)
    store.close()


def test_index_and_checkpoints_are_made_anew(data: Path) -> None:
    made = back_up(data, NOW)
    (data / "chroma").mkdir()
    for name in ("chroma/x", "checkpoints.db", "checkpoints.db-wal"):
        (data / name).touch()
    restore(made, data, OWNER, NOW)
    assert sorted(path.name for path in data.iterdir()) == ["backups", "magpie.db"]


def test_a_memory_that_is_damaged_itself_is_kept_as_it_is(data: Path) -> None:
    made = back_up(data, NOW)
    garble(data / "magpie.db")
    spoilt = (data / "magpie.db").read_bytes()
    aside = restore(made, data, OWNER, NOW)
    assert aside is not None
    assert aside.read_bytes() == spoilt
    assert remembered(data / "magpie.db", "a") == [True]
    assert newest(data) == made, "what is damaged is not recommended"


def test_a_backup_is_restored_where_there_is_no_memory(data: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    assert restore(back_up(data, NOW), new, OWNER, NOW) is None
    assert remembered(new / "magpie.db", "a") == [True]


def no_file(made: Path) -> None:
    made.unlink()


def no_database(made: Path) -> None:
    made.write_text("a shopping list")


def another_database(made: Path) -> None:
    made.unlink()
    with closing(sqlite3.connect(made)) as conn:
        conn.execute("CREATE TABLE cookies (name)")


def damaged(made: Path) -> None:
    garble(made)


def cut_off(made: Path) -> None:
    os.truncate(made, made.stat().st_size // 2)


def newer(made: Path) -> None:
    with closing(sqlite3.connect(made)) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '999'")


def somebody_elses(made: Path) -> None:
    with closing(sqlite3.connect(made)) as conn, conn:
        for table in ("items", "cursors"):
            conn.execute(f"UPDATE {table} SET owner = 'you@home.example'")  # noqa: S608


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (no_file, "There is no file .*: name a backup that 'magpie backup' has made"),
        (no_database, "is no memory of Magpie: name a backup"),
        (another_database, "is a database, but no memory of Magpie"),
        (damaged, r"(is damaged|cannot be read) ?\(.*: take another one"),
        (cut_off, r"(is damaged|cannot be read) ?\(.*: take another one"),
        (newer, r"written by a newer Magpie \(step 999\): update Magpie"),
        (somebody_elses, "is the memory of you@home.example, and magpie.toml says that you are me@home.example"),
    ],
)
def test_what_cannot_be_restored_is_refused_and_nothing_has_changed(data: Path, change, sentence: str) -> None:  # type: ignore[no-untyped-def]
    made = shutil.copy(back_up(data, NOW), data.parent / "mine.db")
    change(Path(made))
    before = (data / "magpie.db").read_bytes()
    with pytest.raises(StoreError, match=sentence):
        restore(Path(made), data, OWNER, NOW)
    assert (data / "magpie.db").read_bytes() == before
    assert remembered(data / "magpie.db", "a", "b") == [True, True]


def test_a_backup_of_its_own_is_due_once_a_day_and_only_where_there_is_room(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert due(data, NOW)
    back_up(data, NOW)
    assert not due(data, NOW + HOUR), "a Magpie that starts often must not push out the older ones"
    assert due(data, NOW + 21 * HOUR)
    full = shutil.disk_usage(data)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    assert not due(data, NOW + 21 * HOUR)


def test_a_backup_overwrites_no_database_but_a_memory(data: Path, tmp_path: Path) -> None:
    for target in (tmp_path / "places.sqlite", data / "checkpoints.db"):
        another_database(Path(shutil.copy(data / "magpie.db", target)))
        with pytest.raises(StoreError, match="is no backup and would be overwritten: name another file"):
            back_up(data, NOW, target)
        with closing(sqlite3.connect(target)) as conn:
            assert conn.execute("SELECT count(*) FROM cookies").fetchone() == (0,)


@pytest.mark.parametrize("name", ["", "magpie.db-wal", "mine.db", "chroma/mine.db"])
def test_a_backup_does_not_lie_among_the_files_that_magpie_works_with(data: Path, name: str) -> None:
    before = sorted(data.rglob("*"))
    with pytest.raises(StoreError, match="would lie among the files that Magpie works with"):
        back_up(data, NOW, data / name)
    assert sorted(data.rglob("*")) == before
    assert back_up(data, NOW, data / "backups" / "mine.db").exists()


def test_backups_of_a_clock_that_was_ahead_keep_none_of_today_from_being_made(data: Path) -> None:
    ahead = [back_up(data, NOW + (9000 + day) * 24 * HOUR) for day in range(KEPT)]
    assert due(data, NOW)
    made = [back_up(data, NOW + day * 24 * HOUR) for day in range(3)]
    assert not due(data, NOW + 2 * 24 * HOUR)
    assert sorted((data / "backups").iterdir()) == [*made, *ahead[3:]]
