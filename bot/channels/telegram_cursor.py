"""How far the owner was heard on Telegram: which updates are stored, by their numbers, and how long that holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

__all__ = ["Stored"]

_KEPT: Final = timedelta(hours=24)
"""So long Telegram keeps an update. Numbers begin anew after a quiet week, so what is older than this says nothing."""
_MOST: Final = 200
"""Numbers that are remembered: Telegram tells a hundred updates at a time."""
_FORM: Final = re.compile(r"(\d+) (\d+)((?: \d+)+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stored:
    """The updates of one bot that are stored, oldest first.

    They are the cursor, so they are stored in one transaction with what was in them. Whatever Telegram tells again is
    known by its number, also after a restart, and heard no more.
    """

    bot: str
    numbers: tuple[int, ...] = ()

    @classmethod
    def read(cls, bot: str, cursor: str | None, now: datetime) -> Stored:
        """From a cursor; that of another bot, or of long ago, names none."""
        found = _FORM.fullmatch(cursor or "")
        if found is None or found[1] != bot or now - datetime.fromtimestamp(int(found[2]), UTC) >= _KEPT:
            return cls(bot)
        return cls(bot, tuple(map(int, found[3].split())))

    def written(self, now: datetime) -> str:
        """As the cursor: the bot, the instant in seconds, the numbers."""
        return " ".join(map(str, (self.bot, int(now.timestamp()), *self.numbers)))

    def __contains__(self, update: Any) -> bool:
        return int(update.update_id) in self.numbers

    def and_(self, update: Any) -> Stored:
        """With one more."""
        return replace(self, numbers=(*self.numbers, int(update.update_id))[-_MOST:])

    @property
    def offset(self) -> int | None:
        """What confirms all of them, asked for updates; None where nothing is to be confirmed."""
        return max(self.numbers) + 1 if self.numbers else None
