"""Bringing the tables of an existing memory up to date, one numbered step after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from config.errors import StoreError


def upgrade(engine: Engine) -> None:
    """Run all steps that this memory has not seen. Raises StoreError when the memory is newer than this program."""
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    script = ScriptDirectory.from_config(config)
    with engine.connect() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
    if current == script.get_current_head():
        return
    if current is not None and current not in {step.revision for step in script.walk_revisions()}:
        raise StoreError(f"This memory was written by a newer Magpie (step {current}): update Magpie to open it.")
    with engine.connect() as conn:
        sqlite: Any = conn.connection.driver_connection
        sqlite.execute("PRAGMA foreign_keys=OFF")  # a table that is made anew must not take along what refers to it
        try:
            with conn.begin():
                config.attributes["connection"] = conn
                command.upgrade(config, "head")
        finally:
            sqlite.execute("PRAGMA foreign_keys=ON")
