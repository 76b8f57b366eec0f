"""A sentence on a story by a chat model, shown only when it passes the checks; each call is logged with its verdict."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from agents.calls import reply, written_down
from agents.checks import Summary, verdict
from agents.discretion import Discretion
from agents.prompts import render
from config.errors import ModelAwayError, ModelError
from memory.records import Item
from memory.store.runs import ModelCall

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

MOST_TEXTS = 4
MOST_CHARACTERS = 1200


@dataclass
class _Course:
    """How the model has done in one run so far."""

    run: str
    spent: float = 0.0  # seconds
    away: bool = False
    told: set[str] = field(default_factory=set)


@dataclass
class Summariser:
    """Asks the model within a budget of seconds a run; past it, or when the model fails, stories stay as they are.

    ``note`` is told of a run's troubles, each once: the run's id and a sentence. ``private_words``: a model that is
    not on this machine may read what only followers may.
    """

    model: BaseChatModel
    name: str
    keep: Callable[[ModelCall], None]
    now: Callable[[], datetime]
    noai: Callable[[], frozenset[str]] = frozenset
    budget: float = 60.0
    note: Callable[[str, str], None] = lambda run, sentence: None
    private_words: bool = False
    _course: _Course = field(default_factory=lambda: _Course(""), init=False)

    def __call__(self, run: str, items: Sequence[Item]) -> str:
        """One sentence on what these items tell, or nothing."""
        course = self._course = self._course if self._course.run == run else _Course(run)
        read = self._readable(items)
        if not read or course.away or course.spent >= self.budget:
            return ""
        texts = [item.text for item in read]
        prompt = render("summary", posts="\n\n".join(text[:MOST_CHARACTERS] for text in texts))
        began = time.monotonic()
        answer = reply(self.model, Summary, prompt)
        seconds = time.monotonic() - began
        course.spent += seconds
        if error := answer.get("error"):
            course.away = isinstance(error, ModelAwayError) or not isinstance(error, ModelError)
        if trouble := error or answer.get("parsing_error"):
            self._tell(trouble)
        parsed = answer.get("parsed")
        found = verdict(parsed, texts) if isinstance(parsed, Summary) else None
        call = written_down(
            prompt,
            answer.get("raw"),
            run=run,
            at=self.now(),
            model=self.name,
            inputs=tuple(item.uri for item in read),
            verdict="; ".join(found.reasons) or "shown" if found else f"no answer: {trouble}",
            seconds=seconds,
        )
        self.keep(call)
        return parsed.sentence.strip() if isinstance(parsed, Summary) and found and found.ok else ""

    def _readable(self, items: Sequence[Item]) -> list[Item]:
        """The longest texts of a story, without those whose authors ask to be left out of this, or that are private."""
        discretion = Discretion.towards(self.model, self.private_words, self.noai())
        told = (item for item in items if item.text.strip() and not item.warning and discretion.may_read(item))
        return sorted(told, key=lambda item: -len(item.text))[:MOST_TEXTS]

    def _tell(self, error: BaseException) -> None:
        """Note a trouble, once a run. An error that is not ours may hold words of posts, and is only named."""
        why = str(error) if isinstance(error, ModelError) else f"The model {self.name} failed ({type(error).__name__})."
        ending = "No more is asked of it in this run." if self._course.away else "That story is told in its own words."
        if why in self._course.told:
            return
        self._course.told.add(why)
        log.warning("event=no_summary run=%s cause=%s", self._course.run, why)
        self.note(self._course.run, f"{why} {ending}")
