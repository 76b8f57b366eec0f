"""Chat models that judge, for tests: each answers by what stands in the prompt."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pydantic import PrivateAttr

from tests.agents.scripted import Said as Scripting
from tests.agents.scripted import Scripted

Said = dict[str, Any]
_POST = re.compile(r"^(\d+)\. (.*)$", re.MULTILINE)


def said(number: int, score: int, quote: str = "", reason: str = "") -> Said:
    """An opinion as JSON has it."""
    return {"number": number, "score": score, "reason": reason, "quote": quote}


def first_words(text: str, count: int = 6) -> str:
    """What a model that copies faithfully would quote."""
    return " ".join(text.split()[:count])


class JudgingModel(Scripted):
    """Scores every post by a rule; ``garbles`` may change what it is about to say."""

    _scores: Callable[[str], int] = PrivateAttr()
    _garbles: Callable[[list[Said]], list[Said]] = PrivateAttr(default_factory=lambda: list)

    @classmethod
    def by(cls, scores: Callable[[str], int], **more: Any) -> JudgingModel:
        """One that gives a post the score that ``scores`` says of its words."""
        model = cls(**more)
        model._scores = scores
        return model

    def garbling(self, how: Callable[[list[Said]], list[Said]]) -> JudgingModel:
        """Its answers are changed before they are said."""
        self._garbles = how
        return self

    def failing(self, *troubles: Exception | str) -> JudgingModel:
        """The next answers are these errors, or these words."""
        return self.enqueue(*troubles)

    def _next(self, prompt: str) -> Scripting:
        if self._queue:
            return self._queue.pop(0)
        new = prompt.partition("The new posts:")[2]
        answer = [said(int(n), self._scores(text), first_words(text)) for n, text in _POST.findall(new)]
        return {"posts": self._garbles(answer)}
