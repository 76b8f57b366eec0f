"""Copies of a memory: each one file of its owner alone, made while Magpie goes on, and checked before it counts."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
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
_MAGIC: Final = b"SQLite format 3\0"


def back_up(data: Path, now: datetime, target: Path | None = None, kept: int = KEPT) -> Path:
    """Copy the memory in ``data`` to a file, or into a folder; without either, into the newest of its own backups.

    Returns the file. Raises StoreError.
    """
    named = _target(data, now, target)
    copy(data / MEMORY, named)
    log.info("event=backed_up file=%s bytes=%d", named.name, named.stat().st_size)
    if target is None:
        for old in sorted((data / FOLDER).glob("magpie-*.db"))[:-kept]:
            old.unlink()
    return named


def due(data: Path, now: datetime) -> bool:
    """Whether the newest backup of its own is a day old, and another would leave room: thrice its size, and 1 GB."""
    if any(path.name > f"magpie-{stamp(now - DAY)}" for path in (data / FOLDER).glob("magpie-*.db")):
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
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=10)) as conn:
            conn.execute("VACUUM INTO ?", (str(partial),))
        fault = fault_in(partial)
        if fault:
            raise StoreError(f"The memory at {source} is damaged ({fault}): no backup was made of it.")
        _last(partial)
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
            partial.unlink()
    return target


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


def _target(data: Path, now: datetime, target: Path | None) -> Path:
    if target is None:
        return data / FOLDER / f"magpie-{stamp(now)}.db"
    if target.is_dir():
        return target / f"magpie-{stamp(now)}.db"
    if target.exists() and (not is_database(target) or target.resolve() == (data / MEMORY).resolve()):
        raise StoreError(f"{target} is no backup and would be overwritten: name another file.")
    return target


def _last(path: Path) -> None:
    """Make sure that it outlasts a failure of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
