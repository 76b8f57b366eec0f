"""What a memory is like: looked through without a change, also beside a Magpie that works on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from memory.keeping.backup import INDEX, newest
from memory.migrations import head, refuse_newer
from memory.store.faults import damaged, explained

_APART: Final = """
    SELECT count(*) FROM (
        SELECT id FROM (SELECT id FROM items WHERE indexable EXCEPT SELECT id FROM items_fts_docsize)
        UNION ALL
        SELECT id FROM (SELECT id FROM items_fts_docsize EXCEPT SELECT id FROM items WHERE indexable))
"""
"""How many items full text search lacks, or has and should not; one row a text is in FTS5's own table of sizes."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found. ``step`` is that of its tables, ``head`` that of this program."""

    size: int  # bytes, with what is not yet merged
    step: str
    head: str
    owners: Mapping[str, int]  # who → how many items
    apart: int = 0  # items that full text search lacks, or should not have
    models: Mapping[str, int] | None = None  # of the owner: embedding model → how many vectors

    @property
    def current(self) -> bool:
        """Whether its tables are those of this program."""
        return self.step == self.head


def condition(path: Path, owner: str) -> Condition | None:
    """Look all of it through; None where there is no memory yet. Raises StoreError."""
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            _refuse_lost(path)
            return None
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as conn:
            found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise damaged(path, str(found).splitlines()[0])
            return _looked_through(conn, path, owner)
    except (OSError, sqlite3.Error) as error:
        raise explained(error, path, "read") from error


def _refuse_lost(path: Path) -> None:
    """No memory is a new one, unless there was one here before."""
    if (path.parent / INDEX).exists() or newest(path.parent):
        raise damaged(path, "the file is empty" if path.exists() else "the file is gone")


def _looked_through(conn: sqlite3.Connection, path: Path, owner: str) -> Condition:
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    if not {"alembic_version", "items", "items_fts", "vectors"} <= tables:
        raise damaged(path, "its tables are not those of Magpie")
    step = next((str(step) for (step,) in conn.execute("SELECT version_num FROM alembic_version")), None)
    refuse_newer(step)
    models = """
        SELECT model, count(*) FROM vectors JOIN items ON items.id = vectors.item_id
        WHERE items.owner = ? GROUP BY model
    """
    files = (path.with_name(path.name + suffix) for suffix in ("", "-wal"))
    return Condition(
        size=sum(file.stat().st_size for file in files if file.exists()),
        step=step or "",
        head=head(),
        owners=dict(conn.execute("SELECT owner, count(*) FROM items GROUP BY owner")),
        apart=conn.execute(_APART).fetchone()[0],
        models=dict(conn.execute(models, (owner,))),
    )
