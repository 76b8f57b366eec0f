"""Copies of a memory: each one file of its owner alone, made while Magpie goes on, and checked before it counts."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from config.errors import StoreError

log = logging.getLogger(__name__)

MEMORY: Final = "magpie.db"
INDEX: Final = "chroma"
CHECKPOINTS: Final = "checkpoints.db"
FOLDER: Final = "backups"
KEPT: Final = 7
"""How many of the backups stay that were made without naming a file."""

DAY: Final = timedelta(hours=20)  # whoever starts it every morning gets one every morning
TABLES: Final = frozenset({"alembic_version", "items", "cursors"})
"""By these a memory is known, of whatever age."""

_MAGIC: Final = b"SQLite format 3\0"
_BESIDE: Final = ("-journal", "-wal", "-shm")


def back_up(data: Path, now: datetime, target: Path | None = None, kept: int = KEPT) -> Path:
    """Copy the memory in ``data`` to a file, or into a folder; without either, into the newest of its own backups.

    Returns the file. Raises StoreError.
    """
    named = _target(data, now, target)
    copy(data / MEMORY, named)
    log.info("event=backed_up file=%s bytes=%d", named.name, named.stat().st_size)
    if target is None:
        made = (data / FOLDER).glob("magpie-*.db")  # those of a clock that was ahead count as the oldest
        for old in sorted(made, key=lambda path: (path.name <= named.name, path.name))[:-kept]:
            old.unlink()
        _clear(data / FOLDER)
    return named


def due(data: Path, now: datetime) -> bool:
    """Whether the newest backup of its own is a day old, and another would leave room: thrice its size, and 1 GB."""
    lately = f"magpie-{stamp(now - DAY)}", f"magpie-{stamp(now)}.db"
    if any(lately[0] < path.name <= lately[1] for path in (data / FOLDER).glob("magpie-*.db")):
        return False
    size = (data / MEMORY).stat().st_size
    return shutil.disk_usage(data).free > max(3 * size, size + 2**30)


def newest(data: Path) -> Path | None:
    """The newest backup among those that Magpie keeps itself."""
    found = [path for kind in ("magpie", "before") for path in (data / FOLDER).glob(f"{kind}-*.db")]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def stamp(now: datetime) -> str:
    """An instant as it stands in file names, in UTC."""
    return f"{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"


def copy(source: Path, target: Path) -> Path:
    """A consistent copy, without remains of what was deleted; others may read and write meanwhile. Raises StoreError.

    The target is there when all of it is there, or as it was before.
    """
    if not source.is_file():
        raise StoreError(f"There is no memory at {source} yet: 'magpie collect' makes one.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        remove(partial)
        partial.touch(mode=0o600)
        with closing(sqlite3.connect(_address(source), uri=True, timeout=10)) as conn:
            conn.execute("VACUUM INTO ?", (str(partial),))
        fault = fault_in(partial)
        if fault:
            raise StoreError(f"The memory at {source} is damaged ({fault}): no backup was made of it.")
        _last(partial)
        remove_beside(target)
        partial.replace(target)
        _last(target.parent)
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "sqlite_errorcode", -1) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StoreError(f"The memory at {source} is damaged ({error}): no backup was made of it.") from error
        why = getattr(error, "strerror", None) or error
        raise StoreError(
            f"No copy of {source} could be made at {target}: {why}; check free space and permissions."
        ) from error
    finally:
        with suppress(OSError):
            remove(partial)
    return target


def _address(source: Path) -> str:
    """Where it can be read together with its log. On a disk that takes nothing any more, as it lies there."""
    log_of = source.with_name(f"{source.name}-wal")
    waits = log_of.exists() and log_of.stat().st_size
    still = not waits and not os.access(source.parent, os.W_OK)
    return f"{source.absolute().as_uri()}?{'mode=ro&immutable=1' if still else 'mode=rw'}"


def remove(path: Path) -> None:
    """A database file, and what SQLite has left beside it. Raises OSError."""
    path.unlink(missing_ok=True)
    remove_beside(path)


def remove_beside(path: Path) -> None:
    """The journals of a file whose place another takes: they would be worked into that one. Raises OSError."""
    for suffix in _BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def fault_in(path: Path) -> str:
    """What is wrong with a database file, or nothing. It ends up without a log beside it, so it can be read anywhere.

    Raises sqlite3.Error when it is not a database at all.
    """
    with closing(sqlite3.connect(path, timeout=10)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE")
        found = conn.execute("PRAGMA integrity_check(1)").fetchone()[0]
    return "" if found == "ok" else str(found).splitlines()[0]


def is_database(path: Path) -> bool:
    """Whether a file begins as an SQLite database does."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def is_memory(path: Path) -> bool:
    """Whether a file is a database with the tables of Magpie."""
    try:
        if not is_database(path):
            return False
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as conn:
            return {name for (name,) in conn.execute("SELECT name FROM sqlite_master")} >= TABLES
    except (OSError, sqlite3.Error):
        return False


def _target(data: Path, now: datetime, target: Path | None) -> Path:
    name = f"magpie-{stamp(now)}.db"
    if target is None:
        return data / FOLDER / name
    target = target / name if target.is_dir() else target
    own, place = data.resolve(), target.resolve()
    if target.exists() and (place == own / MEMORY or not is_memory(target)):
        raise StoreError(f"{target} is no backup and would be overwritten: name another file.")
    if place.is_relative_to(own) and place.parent != own / FOLDER:
        raise StoreError(
            f"{target} would lie among the files that Magpie works with in {data}: leave the name out, and it is kept "
            f"in {data / FOLDER}, or name a file elsewhere."
        )
    return target


def _clear(folder: Path) -> None:
    """What a copy has left that was killed; one that goes on beside this is younger."""
    for path in folder.glob("*.partial*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > DAY.total_seconds():
                path.unlink()


def _last(path: Path) -> None:
    """Make sure that it outlasts a failure of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
