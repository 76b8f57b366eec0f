"""Somebody who answers questions as a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agents.answer import Answer, Understood
from memory.records import Entry


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
