"""The Magpie that is looked at, and what several checks want to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bot.build import Magpie
from bot.doctor.mastodon_look import Instance
from bot.timetable import Timetable
from config.errors import StoreError
from memory.keeping.backup import MEMORY
from memory.keeping.condition import Condition, condition
from memory.lock import in_use
from memory.store import Store


@dataclass
class Patient:
    """Nothing is changed in it: no table is brought up to date, no lock is kept, no index is opened beside another."""

    magpie: Magpie
    toml: Path
    servers: dict[str, Instance] = field(default_factory=dict)  # by base URL, as each is asked once

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.magpie.settings.data

    @property
    def owner(self) -> str:
        """name@host."""
        return self.magpie.settings.owner.handle

    @cached_property
    def running(self) -> bool:
        """Whether a Magpie works on the data folder now."""
        return in_use(self.data)

    @cached_property
    def condition(self) -> Condition | None:
        """How the database is; None where there is none yet. Raises StoreError."""
        return condition(self.data / MEMORY, self.owner)

    @cached_property
    def store(self) -> Store | None:
        """The memory; None where there is none that can be asked, which is told of by the checks of the database."""
        try:
            found = self.condition
        except StoreError:
            return None
        return Store.open(self.data / MEMORY, self.owner) if found and found.current else None

    @cached_property
    def timetable(self) -> Timetable:
        """When digests are due."""
        settings = self.magpie.settings
        return Timetable(settings.places[0].kind, settings.schedule, settings.owner.zone)
