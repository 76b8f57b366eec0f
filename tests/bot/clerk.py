"""Somebody who answers questions as a test wants it; and all that stands between him and the owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from agents.answer import Answer, Understood
from bot.channels import NEW, Past
from bot.jobs.answer import Answerer, asked
from bot.outbox import Postman
from bot.speaking import Speaker
from memory.records import Entry, Outgoing
from memory.store import Store
from tests.fakes import NOW, Pigeon, account

ME = account("me").uri
LONG = 600.0
PATIENT = 3600.0


@dataclass
class Clerk:
    """Answers by the book, and from an empty archive where the book has nothing. ``meanwhile`` happens in between."""

    book: dict[str, Answer | BaseException] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    conversations: list[str] = field(default_factory=list)
    entries: list[Entry | None] = field(default_factory=list)
    meanwhile: Callable[[str, Callable[[], bool]], object] = lambda question, stopped: None

    def knows(self, question: str, answer: Answer | BaseException) -> None:
        """From now on this is the answer to that question."""
        self.book[question] = answer

    def ask(
        self,
        question: str,
        conversation: str,
        run: str,
        checkpoints: Path,
        stopped: Callable[[], bool],
        entry: Entry | None = None,
    ) -> Answer:
        """As the port wants it."""
        self.heard.append(question)
        self.conversations.append(conversation)
        self.entries.append(entry)
        self.meanwhile(question, stopped)
        answer = self.book.get(question, Answer(Understood(question)))
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class Loud(Pigeon):
    """A pigeon that tells when it has said something."""

    said_now: Event = field(default_factory=Event)
    awaited: str = ""

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Say it."""
        parts = super().send(out, past)
        if out.key == self.awaited:
            self.said_now.set()
        return parts


@dataclass
class Desk:
    """A store, a clerk, a pigeon, and the answerer between them."""

    store: Store
    folder: Path
    clerk: Clerk = field(default_factory=Clerk)
    pigeon: Loud = field(default_factory=Loud)
    ends: Event = field(default_factory=Event)
    swept: list[bool] = field(default_factory=list)

    def answerer(self, **more: Any) -> Answerer:
        """One that has just been started."""
        given = {"patience": PATIENT, "long_wait": PATIENT, "deliver": self.deliver, "ending": self.ends.is_set}
        return Answerer(
            self.store,
            self.pigeon,
            lambda: self.clerk,
            lambda memory: Speaker({}, memory.accounts.all(), ZoneInfo("UTC")),
            lambda: ME,
            self.folder / "checkpoints.db",
            lambda: NOW,
            swept_later=lambda: self.swept.append(True),
            **{**given, **more},
        )

    def deliver(self) -> int:
        return Postman(self.store, self.pigeon, lambda: NOW).deliver()

    def hears(self, text: str, reply_to: str = "", at: datetime = NOW) -> str:
        """The owner asks; returns the message's id."""
        message = self.pigeon.hears(text, at, reply_to)
        with self.store.begin() as memory:
            memory.messages.add(message)
            memory.questions.add(asked(memory, message))
        return message.platform_id

    def answers(self) -> list[str]:
        """Everything that waits is answered; what was said then."""
        before, answerer = len(self.pigeon.said), self.answerer()
        while answerer.answer_next():
            self.deliver()
        return [out.text for out in list(self.pigeon.said.values())[before:]]

    def states(self) -> list[str]:
        with self.store.begin() as memory:
            found = [memory.questions.of("pigeon", message.platform_id) for message in self.pigeon.heard]
        return [question.state for question in found if question]

    def meanwhile(self, do: Callable[[str, Callable[[], bool]], object]) -> None:
        """What happens while a question is being answered."""
        self.clerk.meanwhile = do

    def stop(self) -> int:
        with self.store.begin() as memory:
            return memory.questions.stop("pigeon")
