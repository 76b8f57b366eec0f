"""Bringing the tables of an existing memory up to date, one numbered step after the other."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from config.errors import StoreError
from memory.keeping.backup import FOLDER, copy

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)


def upgrade(engine: Engine) -> None:
    """Run all steps that this memory has not seen; one that holds something is copied first.

    Raises StoreError when the memory is newer than this program, or a step fails: then nothing of it was done.
    """
    if is_current(engine):
        return
    current = _step_of(engine)
    kept = None if current is None else _kept_aside(engine, head())
    try:
        _run(engine)
    except Exception as error:
        if kept is None and isinstance(error, DatabaseError):
            raise
        cause = getattr(error, "orig", None) or error
        aside = f", and a copy lies at {kept}" if kept else ""
        raise StoreError(
            f"The tables of the memory could not be brought from step {current} to {head()}: "
            f"{cause}; nothing of it was done{aside}: "
            "go on with the Magpie you had before, and tell its makers."
        ) from error


def is_current(engine: Engine) -> bool:
    """Whether there is no step to run. Raises StoreError when the memory is newer than this program."""
    current = _step_of(engine)
    refuse_newer(current)
    return current == head()


def refuse_newer(current: str | None) -> None:
    """Raise StoreError for a step that this program does not know."""
    if current is not None and not knows(current):
        raise StoreError(f"This memory was written by a newer Magpie (step {current}): update Magpie to open it.")


def knows(step: str) -> bool:
    """Whether this program has that step."""
    return step in _steps()


def head() -> str:
    """The newest step that this program knows."""
    return _steps()[0]


def _step_of(engine: Engine) -> str | None:
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


@cache
def _steps() -> tuple[str, ...]:
    """All that this program knows, the newest first. They are compiled each time they are read, so that is once."""
    from alembic.script import ScriptDirectory

    return tuple(one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _kept_aside(engine: Engine, step: str) -> Path:
    path = Path(engine.url.database or "")
    kept = copy(path, path.parent / FOLDER / f"before-{step}.db")
    log.warning("event=upgrading to=%s copy=%s", step, kept)
    return kept


def _run(engine: Engine) -> None:
    from alembic import command

    config = _config()
    with engine.connect() as conn:
        sqlite: Any = conn.connection.driver_connection
        sqlite.execute("PRAGMA foreign_keys=OFF")  # a table that is made anew must not take along what refers to it
        try:
            with conn.begin():
                config.attributes["connection"] = conn
                command.upgrade(config, "head")
        finally:
            sqlite.execute("PRAGMA foreign_keys=ON")
