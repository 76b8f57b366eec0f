"""What the owner has chosen in the chat: pauses, quiet hours, a time zone while travelling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from memory.schema import preferences


@dataclass(frozen=True, slots=True)
class Preferences:
    """Questions and facts about what was chosen. Values are JSON."""

    conn: Connection
    owner: str

    def get(self, key: str) -> Any:
        """What was chosen, or None."""
        query = select(preferences.c.value).where(preferences.c.owner == self.owner, preferences.c.key == key)
        return self.conn.scalar(query)

    def all(self) -> dict[str, Any]:
        """Everything that was chosen."""
        query = select(preferences.c.key, preferences.c.value).where(preferences.c.owner == self.owner)
        return {row.key: row.value for row in self.conn.execute(query)}

    def choose(self, key: str, value: Any, at: datetime) -> None:
        """From now on it is this; None takes the choice back."""
        if value is None:
            self.conn.execute(delete(preferences).where(preferences.c.owner == self.owner, preferences.c.key == key))
            return
        query = insert(preferences).values(owner=self.owner, key=key, value=value, at=at)
        self.conn.execute(query.on_conflict_do_update(index_elements=["owner", "key"], set_={"value": value, "at": at}))
