"""After forgetting: no byte of it is left in any file that Magpie keeps."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from config.errors import StoreError
from memory.index import VectorIndex, begin_anew
from memory.keeping.backup import FOLDER, back_up
from memory.keeping.restore import clear, drop_checkpoints
from memory.store import Store

log = logging.getLogger(__name__)
UNFINISHED: Final = "forgetting"
"""A file of this name in the data folder: what was forgotten may still be in other files."""

_OWN_COPIES: Final = ("*.db", "*.db-*", "*.partial*", "damaged-*")


def begin(data: Path) -> None:
    """From here on there is something to be swept, even if the machine goes off."""
    (data / UNFINISHED).touch()


def unfinished(data: Path) -> bool:
    """Whether a sweep that was needed did not come to its end."""
    return (data / UNFINISHED).exists()


def sweep(data: Path, store: Store, index: VectorIndex, model: str, now: datetime, backup: bool = True) -> int:
    """Free pages and logs of the database, checkpoints, index and its journal, and every backup in the folder for them.

    A new backup takes their place. Returns how many old ones are gone. Raises StoreError.
    """
    _shrink(store)
    drop_checkpoints(data)
    clear(data)
    begin_anew(store, index, model)
    old = {path for pattern in _OWN_COPIES for path in (data / FOLDER).glob(pattern)}
    for path in old:
        path.unlink()
    if backup:
        back_up(data, now)
    (data / UNFINISHED).unlink(missing_ok=True)
    log.warning("event=swept backups=%d", len(old))
    return len(old)


def _shrink(store: Store) -> None:
    """Write the whole file anew, and empty its log."""
    store.close()
    try:
        with closing(sqlite3.connect(store.path, timeout=10, isolation_level=None)) as conn:
            conn.execute("PRAGMA secure_delete=ON")
            conn.execute("VACUUM")
            busy = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(
            f"What was forgotten is still in free parts of {store.path}: {error}; make room and forget it once more."
        ) from error
    if busy:
        raise StoreError(
            f"What was forgotten is still in the log of {store.path}, which another program reads: "
            "end it and forget it once more."
        )
