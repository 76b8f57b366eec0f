"""Bringing a backup back. What is here now is put aside first, and what is derived from it is made anew."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from config.errors import StoreError
from memory.keeping.backup import CHECKPOINTS, FOLDER, INDEX, MEMORY, TABLES, copy, is_database, remove, stamp
from memory.keeping.beginning import RESTORED, SOURCE, marks
from memory.migrations import refuse_newer
from memory.store.questions import STOPPED, WAITING

log = logging.getLogger(__name__)
_LOGS = ("-wal", "-shm")


def restore(file: Path, data: Path, owner: str, now: datetime) -> Path | None:
    """Put this backup in the place of the memory in ``data``, which the caller holds.

    What waited to be said or answered in it is cancelled: that may have been done since. Nothing that was said to
    Magpie before ``now`` is heard, and no hour before it is owed. Returns where the memory lies that was here before.
    Raises StoreError, before anything has changed.
    """
    examine(file, owner)
    path, coming = data / MEMORY, _coming(data)
    try:
        if file.resolve() != coming.resolve():
            clear(data)
        copy(file, coming)
        _settle(coming, owner, now)
        aside = _put_aside(path, data / FOLDER, now)
        shutil.rmtree(data / INDEX, ignore_errors=True)
        drop_checkpoints(data)
        for suffix in _LOGS:
            path.with_name(MEMORY + suffix).unlink(missing_ok=True)
        coming.replace(path)
    except OSError as error:
        raise StoreError(
            f"The backup {file} could not be brought back: {error.strerror}; make room in {data}, and try again."
        ) from error
    finally:
        with suppress(OSError):
            clear(data)
    log.warning("event=restored from=%s aside=%s", file.name, aside.name if aside else "")
    return aside


def examine(file: Path, owner: str) -> None:
    """Raise StoreError unless this is a whole memory of this owner that this program can read."""
    if not file.is_file():
        raise StoreError(f"There is no file {file}: name a backup that 'magpie backup' has made.")
    try:
        if not is_database(file):
            raise StoreError(f"{file} is no memory of Magpie: name a backup that 'magpie backup' has made.")
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise StoreError(f"The backup {file} is damaged ({str(found).splitlines()[0]}): take another one.")
            _examine_tables(conn, file, owner)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"The backup {file} cannot be read ({error}): take another one.") from error


def clear(data: Path) -> None:
    """What a restore has left that was killed: a whole memory, which nobody knows of. Raises OSError."""
    for name in (_coming(data), _coming(data).with_name(f"{MEMORY}.coming.partial")):
        remove(name)


def _coming(data: Path) -> Path:
    return data / f"{MEMORY}.coming"


def drop_checkpoints(data: Path) -> None:
    """Delete what runs were gone on with: it is of another memory."""
    for suffix in ("", "-journal", *_LOGS):
        (data / f"{CHECKPOINTS}{suffix}").unlink(missing_ok=True)


def _examine_tables(conn: sqlite3.Connection, file: Path, owner: str) -> None:
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables >= TABLES:
        raise StoreError(f"{file} is a database, but no memory of Magpie: name a backup that 'magpie backup' has made.")
    refuse_newer(next((step for (step,) in conn.execute("SELECT version_num FROM alembic_version")), None))
    owners = {name for (name,) in conn.execute("SELECT owner FROM items UNION SELECT owner FROM cursors")}
    if owners and owner not in owners:
        raise StoreError(
            f"{file} is the memory of {', '.join(sorted(owners))}, and magpie.toml says that you are {owner}: "
            "nothing was changed."
        )


def _settle(path: Path, owner: str, now: datetime) -> None:
    """As a memory has to be that begins again: nothing half said, nothing in an index, all before now settled."""
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("PRAGMA foreign_keys=ON")
        conn.execute(
            "UPDATE outbox SET state = 'cancelled', error = 'restored', settled_at = ? "
            "WHERE state IN ('queued', 'sending', 'doubtful', 'failed')",
            (f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}",),
        )
        if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'questions'").fetchone():
            conn.execute("UPDATE questions SET state = ? WHERE state = ?", (STOPPED, WAITING))
        conn.executemany(
            "INSERT OR REPLACE INTO cursors (owner, source, feed, mark) VALUES (?, ?, ?, ?)",
            [(owner, SOURCE, feed, mark) for feed, mark in marks(now, RESTORED).items()],
        )
        conn.execute("UPDATE vectors SET indexed = 0")
        conn.execute("DELETE FROM index_removals")


def _put_aside(path: Path, folder: Path, now: datetime) -> Path | None:
    """A sound memory as a copy like any other; of a damaged one every file, as it is."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        return copy(path, folder / f"aside-{stamp(now)}.db")
    except StoreError as error:
        log.warning("event=put_aside_as_it_is cause=%r", str(error))
    aside = folder / f"damaged-{stamp(now)}.db"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for suffix in ("", *_LOGS):
        if (old := path.with_name(path.name + suffix)).exists():
            kept = aside.with_name(aside.name + suffix)
            kept.touch(mode=0o600)
            shutil.copyfile(old, kept)
    return aside
