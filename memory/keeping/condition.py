"""What a memory is like: looked through without a change, also beside a Magpie that works on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from memory.migrations import head, knows, refuse_newer
from memory.store.faults import damaged, explained, refuse_lost

_SEARCHABLE: Final = "SELECT passages.id FROM passages JOIN items ON items.id = passages.item_id WHERE items.indexable"
_APART: Final = f"""
    SELECT count(*) FROM (
        SELECT id FROM ({_SEARCHABLE} EXCEPT SELECT id FROM passages_fts_docsize)
        UNION ALL
        SELECT id FROM (SELECT id FROM passages_fts_docsize EXCEPT {_SEARCHABLE}))
"""  # noqa: S608
"""How many passages full text search lacks, or has and should not; one row a text is in FTS5's own table of sizes."""

_MODELS: Final = """
    SELECT model, count(*) FROM vectors JOIN passages ON passages.id = vectors.passage_id
    WHERE passages.owner = ? GROUP BY model
"""
_TABLES: Final = {"alembic_version", "items", "vectors"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found. ``step`` is that of its tables, ``head`` that of this program."""

    size: int  # bytes, with what is not yet merged
    step: str
    head: str
    owners: Mapping[str, int]  # who → how many items
    apart: int = 0  # passages that full text search lacks, or should not have
    models: Mapping[str, int] | None = None  # of the owner: embedding model → how many vectors

    @property
    def current(self) -> bool:
        """Whether its tables are those of this program."""
        return self.step == self.head


def condition(path: Path, owner: str) -> Condition | None:
    """Look all of it through; None where there is no memory yet. Raises StoreError."""
    try:
        if not path.exists() or (path.is_file() and not path.stat().st_size):
            refuse_lost(path)
            return None
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as conn:
            found = conn.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise damaged(path, str(found).splitlines()[0])
            return _looked_through(conn, path, owner)
    except (OSError, sqlite3.Error) as error:
        raise explained(error, path, "read") from error


def newer_step(path: Path) -> str:
    """The step of a memory that was written by a newer Magpie than this one; nothing for any other."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as conn:
        steps = [str(step) for (step,) in conn.execute("SELECT version_num FROM alembic_version")]
    return next((step for step in steps if not knows(step)), "")


def _looked_through(conn: sqlite3.Connection, path: Path, owner: str) -> Condition:
    tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master")}
    if not tables >= _TABLES:
        raise damaged(path, "its tables are not those of Magpie")
    step = next((str(step) for (step,) in conn.execute("SELECT version_num FROM alembic_version")), None)
    refuse_newer(step)
    cut = {"passages", "passages_fts"} <= tables  # in older ones there is no telling before they are brought up to date
    files = (path.with_name(path.name + suffix) for suffix in ("", "-wal"))
    return Condition(
        size=sum(file.stat().st_size for file in files if file.exists()),
        step=step or "",
        head=head(),
        owners=dict(conn.execute("SELECT owner, count(*) FROM items GROUP BY owner")),
        apart=conn.execute(_APART).fetchone()[0] if cut else 0,
        models=dict(conn.execute(_MODELS, (owner,))) if cut else None,
    )
