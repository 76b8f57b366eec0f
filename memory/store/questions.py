"""What the owner has asked: waiting ▸ answered, stopped, or failed. One after another, in the order of asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects.sqlite import insert

from memory.schema import messages, questions

WAITING: Final = "waiting"
ANSWERED: Final = "answered"
STOPPED: Final = "stopped"
FAILED: Final = "failed"


@dataclass(frozen=True, slots=True)
class Question:
    """A message that asks. ``conversation`` is one of those that it may refer back to."""

    channel: str
    message: str  # the platform's id
    conversation: str
    text: str
    at: datetime
    state: str = WAITING
    run: str = ""  # that has answered it, or tried to last
    id: int = 0  # given by the store


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions and facts about questions."""

    conn: Connection
    owner: str

    def add(self, question: Question) -> bool:
        """Keep a question; False when it is known."""
        row = {name: getattr(question, name) for name in Question.__slots__ if name != "id"}
        query = insert(questions).values(owner=self.owner, **row)
        return self.conn.execute(query.on_conflict_do_nothing()).rowcount > 0

    def waiting(self, channel: str) -> list[Question]:
        """Those without an answer, in the order of asking."""
        these = self._in(channel).where(questions.c.state == WAITING).order_by(questions.c.id)
        return [_question(row) for row in self.conn.execute(these)]

    def latest(self, channel: str) -> Question | None:
        """The one asked last, whatever became of it."""
        row = self.conn.execute(self._in(channel).order_by(questions.c.id.desc()).limit(1)).first()
        return _question(row) if row else None

    def of(self, channel: str, message: str) -> Question | None:
        """The one that this message asks, or that it, or what it replies to, is an answer to."""
        met: set[str] = set()
        while message and message not in met:
            met.add(message)
            if row := self.conn.execute(self._in(channel).where(questions.c.message == message)).first():
                return _question(row)
            said = (messages.c.owner == self.owner, messages.c.channel == channel, messages.c.platform_id == message)
            message = self.conn.scalar(select(messages.c.reply_to).where(*said)) or ""
        return None

    def waits(self, number: int) -> bool:
        """Whether it still waits: it was neither answered nor stopped meanwhile."""
        query = select(questions.c.state).where(questions.c.owner == self.owner, questions.c.id == number)
        return self.conn.scalar(query) == WAITING

    def taken_up(self, number: int, run: str) -> None:
        """From now on that run sees to it; it still waits."""
        self._change(number, {"run": run})

    def settle(self, number: int, state: str) -> bool:
        """What became of it; False when it waited no more."""
        return self._change(number, {"state": state})

    def stop(self, channel: str) -> int:
        """None of those that wait is to be answered any more. Returns how many there were."""
        these = (questions.c.owner == self.owner, questions.c.channel == channel, questions.c.state == WAITING)
        return self.conn.execute(update(questions).where(*these).values(state=STOPPED)).rowcount

    def _change(self, number: int, values: Mapping[str, Any]) -> bool:
        this = (questions.c.owner == self.owner, questions.c.id == number, questions.c.state == WAITING)
        return self.conn.execute(update(questions).where(*this).values(**values)).rowcount > 0

    def _in(self, channel: str) -> Select[Any]:
        return select(questions).where(questions.c.owner == self.owner, questions.c.channel == channel)


def _question(row: Row[Any]) -> Question:
    return Question(row.channel, row.message, row.conversation, row.text, row.at, row.state, row.run, row.id)
