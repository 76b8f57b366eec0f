"""The updates that wait for a bot: numbered, confirmed by offset, kept for a day, and sometimes told again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from tests.telegram.rules import KEPT_FOR, QUIET_WEEK, UNASKED

Update = dict[str, Any]
_FAR = 10
"""An offset further than this behind the last update can only stem from before the numbers began anew."""


@dataclass(slots=True)
class _Waiting:
    update: Update
    at: datetime
    again: bool  # it will be told once more after it was confirmed

    @property
    def number(self) -> int:
        """Its update_id."""
        return int(self.update["update_id"])


@dataclass
class Mailbox:
    """What waits, oldest first. ``repeat`` more updates are going to be told twice; ``shuffle`` mixes what is read."""

    next_id: int = 524_001
    allowed: frozenset[str] | None = None  # None: everything but what must be asked for by name
    repeat: int = 0
    shuffle: Random | None = None
    chance: Random = field(default_factory=lambda: Random(7))
    _waiting: list[_Waiting] = field(default_factory=list)
    _echo: list[Update] = field(default_factory=list)
    _last_at: datetime | None = None

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Take a new setting; None leaves the one before, an empty list is the default."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def put(self, kind: str, body: dict[str, Any], at: datetime) -> None:
        """Something has happened. What is not allowed now never becomes an update."""
        wanted = kind not in UNASKED if self.allowed is None else kind in self.allowed
        if not wanted:
            return
        if self._last_at and (at - self._last_at).total_seconds() >= QUIET_WEEK:
            self.begin_anew()
        self._last_at, repeated = at, self.repeat > 0
        self.repeat -= repeated
        self._waiting.append(_Waiting({"update_id": self.next_id, kind: body}, at, repeated))
        self.next_id += 1

    def begin_anew(self) -> None:
        """There was no update for a week: the next one gets a number by chance, be it lower than all before."""
        self._waiting.clear()
        before = self.next_id
        while abs(self.next_id - before) <= 10 * _FAR:
            self.next_id = self.chance.randrange(1, 2 * before)

    def take(self, offset: int, limit: int, now: datetime) -> list[Update]:
        """Confirm what the offset confirms, and return what waits from there on."""
        self._waiting = [one for one in self._waiting if (now - one.at).total_seconds() < KEPT_FOR]
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif 0 < offset <= self.next_id + _FAR:
            self._confirm(offset)
        batch = [*self._echo, *(one.update for one in self._waiting)][:limit]
        self._echo = self._echo[limit:]
        if self.shuffle:
            self.shuffle.shuffle(batch)
        return batch

    def _confirm(self, offset: int) -> None:
        done = [one for one in self._waiting if one.number < offset]
        self._waiting = [one for one in self._waiting if one.number >= offset]
        self._echo += [one.update for one in done if one.again]

    def first(self) -> Update | None:
        """What a webhook is to be told next."""
        return self._echo[0] if self._echo else self._waiting[0].update if self._waiting else None

    def delivered(self, update: Update) -> None:
        """A webhook has taken it."""
        if self._echo and self._echo[0] is update:
            del self._echo[0]
            return
        found = next((one for one in self._waiting if one.update is update), None)
        if found is not None:
            self._waiting.remove(found)
            self._echo += [update] * found.again

    def forget(self) -> None:
        """Drop all that waits."""
        self._waiting.clear()
        self._echo.clear()

    def __len__(self) -> int:
        return len(self._waiting)
