"""What is wrong with a memory is told in one sentence, which says what to do and names the newest backup."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from config.errors import StoreError
from memory.keeping.backup import back_up
from memory.store import Store
from tests.fakes import NOW, OWNER, post
from tests.stores import remembered

ROOT = Path(__file__).parents[2]


def garble(path: Path, start: int = 8192) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * 8192)


def test_a_damaged_memory_names_the_newest_backup(data: Path) -> None:
    made = back_up(data, NOW)
    (data / "magpie.db").write_bytes(b"\xff" * 50_000)
    with pytest.raises(StoreError, match=rf"magpie.db is damaged \(file is not a database\).*magpie restore {made}'"):
        Store.open(data / "magpie.db", OWNER)


def test_a_broken_page_is_found_after_an_unclean_end(data: Path) -> None:
    back_up(data, NOW)
    with closing(sqlite3.connect(data / "magpie.db")) as conn:
        page = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_items_owner_created_at'").fetchone()[0]
        conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    garble(data / "magpie.db", (page - 1) * 4096)
    with pytest.raises(StoreError, match=r"is damaged \(.*\) and was left as it is: bring back the newest backup"):
        Store.open(data / "magpie.db", OWNER, doubtful=True)


@pytest.mark.parametrize(("length", "wrong"), [(0, "empty"), (5000, "damaged"), (30_000, "damaged")])
def test_a_truncated_memory_is_damaged_not_new(data: Path, length: int, wrong: str) -> None:
    back_up(data, NOW)
    os.truncate(data / "magpie.db", length)
    with pytest.raises(StoreError, match=rf"is {wrong}.* newest backup"):
        Store.open(data / "magpie.db", OWNER)
    assert (data / "magpie.db").stat().st_size == length


def test_a_full_disk_is_told_in_one_sentence_and_what_was_kept_is_there(data: Path) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.engine.connect() as conn:
        pages = conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # as long as this connection of the pool lives
    with pytest.raises(StoreError, match=r"The disk that holds .* is full: make room"), store.begin() as memory:
        for number in range(100):
            memory.items.keep(post(f"long{number}", "words " * 1000), NOW)
    store.close()
    assert remembered(data / "magpie.db", "a", "b", "long0") == [True, True, False]


def test_a_memory_that_somebody_else_holds_says_so(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(data / "magpie.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with (
            pytest.raises(StoreError, match=r"Another program has held the memory at .*: close it there"),
            store.begin(),
        ):
            pass
    store.close()


AS_NOBODY = """
import os, sys
from pathlib import Path
from config.errors import StoreError
from memory.store import Store
Store.open(Path(sys.argv[1]), "me@home.example").close()  # so that all is imported that is needed
os.setgid(65534)
os.setuid(65534)
try:
    Store.open(Path(sys.argv[1]), "me@home.example")
except StoreError as error:
    print(error)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody without rights")
def test_a_read_only_folder_is_told_in_one_sentence(data: Path) -> None:
    for folder in (data, *data.parents[:3]):
        folder.chmod(0o755)
    (data / "magpie.db").chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, data / "magpie.db"], capture_output=True, text=True, check=False
    )
    assert "cannot be written: it or its folder is read-only; give yourself the right" in done.stdout, done.stderr
    assert len(done.stdout.splitlines()) == 1


def test_a_transaction_waits_for_the_disk_wherever_it_is_not_a_test(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from memory.store import Store\n"
        "with Store.open(Path(sys.argv[1]), 'me@home.example').begin() as memory:\n"
        "    print(memory.conn.exec_driver_sql('PRAGMA synchronous').scalar_one())"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path / "m.db"], cwd=ROOT, capture_output=True, check=True)
    assert int(done.stdout) == 2, "which SQLite calls FULL"
