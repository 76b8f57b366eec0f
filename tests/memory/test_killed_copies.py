"""What a copy, a restore or an import leaves behind that was killed spoils nothing, and does not stay."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from config.errors import StoreError
from memory.keeping import restore as module
from memory.keeping import taking_in
from memory.keeping.backup import FOLDER, back_up, copy, fault_in
from memory.keeping.beginning import IMPORTED, Beginning, beginning
from memory.keeping.export import export
from memory.keeping.restore import clear, restore
from memory.keeping.taking_in import take_in
from memory.store import Store
from tests.fakes import HOUR, NOW, OWNER
from tests.stores import empty_store, remember, remembered

JOURNAL = """
import os, sqlite3, sys
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute("PRAGMA cache_size = 1")  # so that pages reach the file before the end
conn.execute("BEGIN IMMEDIATE")
conn.execute("UPDATE items SET text = text || ' changed'")
many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i FROM n"
conn.execute(f"CREATE TABLE big AS {many}")
os.kill(os.getpid(), 9)
"""


def killed_while_writing(path: Path) -> None:
    """A process that has written a part of its changes into the file, and leaves the journal to take them back."""
    assert subprocess.run([sys.executable, "-c", JOURNAL, str(path)], check=False).returncode == -9
    assert path.with_name(f"{path.name}-journal").stat().st_size


def test_a_restore_is_not_spoilt_by_one_that_was_killed(data: Path) -> None:
    first = back_up(data, NOW)
    shutil.copy(first, data / "magpie.db.coming")
    killed_while_writing(data / "magpie.db.coming")
    remember(data, *(f"c{number}" for number in range(300)))
    second = back_up(data, NOW + HOUR)
    restore(second, data, OWNER, NOW + 2 * HOUR)
    assert fault_in(data / "magpie.db") == ""
    assert remembered(data / "magpie.db", "a", "c0", "c299") == [True, True, True]
    assert not list(data.glob("magpie.db.coming*"))


def test_a_copy_takes_the_place_of_a_file_and_of_its_journals(data: Path) -> None:
    mine = back_up(data, NOW, data.parent / "mine.db")
    killed_while_writing(mine)
    remember(data, *(f"c{number}" for number in range(300)))
    copy(data / "magpie.db", mine)
    with closing(sqlite3.connect(mine)) as conn:
        assert conn.execute("SELECT count(*) FROM items").fetchone() == (302,)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_a_killed_restore_left_can_itself_be_restored(data: Path) -> None:
    left = Path(shutil.copy(back_up(data, NOW), data / "magpie.db.coming"))
    remember(data, "c")
    restore(left, data, OWNER, NOW + HOUR)
    assert remembered(data / "magpie.db", "a", "c") == [True, False]


def test_a_restore_that_fails_leaves_nothing_of_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = back_up(data, NOW)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_put_aside", full)
    with pytest.raises(StoreError, match="could not be brought back: No space left on device; make room"):
        restore(made, data, OWNER, NOW)
    assert sorted(path.name for path in data.iterdir()) == ["backups", "magpie.db"]


def test_what_is_left_of_a_restore_goes_with_its_journals(data: Path) -> None:
    for suffix in ("", "-journal", "-wal", ".partial", ".partial-journal"):
        (data / f"magpie.db.coming{suffix}").touch()
    clear(data)
    assert [path.name for path in data.iterdir()] == ["magpie.db"]


def test_the_remains_of_copies_that_were_killed_go_after_a_day(data: Path) -> None:
    (data / FOLDER).mkdir()
    old, young = data / FOLDER / "magpie-old.db.partial", data / FOLDER / "before-young.db.partial"
    for path in (old, young):
        path.touch()
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    made = back_up(data, NOW)
    assert sorted((data / FOLDER).iterdir()) == [young, made], "the young one may still grow"


def test_how_far_a_channel_was_heard_is_never_imported_without_a_beginning(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    made, _ = export(store, tmp_path / "all.jsonl", NOW)
    store.close()
    new = empty_store(tmp_path / "new.db")
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(taking_in, "begin", interrupted)
        take_in(new, made, at=NOW)
    with new.begin() as memory:
        assert memory.sources.cursor("settings") == {}
    take_in(new, made, at=NOW)
    with new.begin() as memory:
        assert memory.sources.cursor("settings") == {"interests": ""}
        assert beginning(memory) == Beginning(NOW, IMPORTED)
    assert not take_in(new, made, at=NOW + HOUR).new["cursor"]
    with new.begin() as memory:
        assert beginning(memory) == Beginning(NOW, IMPORTED), "nothing came along that time"
    new.close()


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_memory_on_a_disk_that_takes_nothing_any_more_can_be_copied_elsewhere(data: Path, tmp_path: Path) -> None:
    assert (data / "magpie.db").read_bytes()[18] == 2, "it is kept with a log"
    script = f"""
from pathlib import Path
from memory.keeping.backup import copy
assert not __import__("os").access({str(data)!r}, 2)
copy(Path({str(data / "magpie.db")!r}), Path({str(tmp_path / "rescued.db")!r}))
"""
    bounds = "-dac_override,-dac_read_search"
    mere = ["setpriv", "--bounding-set", bounds, "--inh-caps", bounds] if os.geteuid() == 0 else []
    if mere and subprocess.run([*mere, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this root may not become less")
    data.chmod(0o500)
    try:
        done = subprocess.run([*mere, sys.executable, "-c", script], capture_output=True, text=True, check=False)
    finally:
        data.chmod(0o700)
    assert done.stderr == ""
    assert remembered(tmp_path / "rescued.db", "a", "b") == [True, True]
