"""Chat models that judge, for tests: each answers by what stands in the prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import PrivateAttr, ValidationError

Said = dict[str, Any]
_POST = re.compile(r"^(\d+)\. (.*)$", re.MULTILINE)


def said(number: int, score: int, quote: str = "", reason: str = "") -> Said:
    """An opinion as JSON has it."""
    return {"number": number, "score": score, "reason": reason, "quote": quote}


def first_words(text: str, count: int = 6) -> str:
    """What a model that copies faithfully would quote."""
    return " ".join(text.split()[:count])


class JudgingModel(BaseChatModel):
    """Scores every post by a rule; ``garbles`` may change what it is about to say."""

    here: bool = True
    _scores: Callable[[str], int] = PrivateAttr()
    _garbles: Callable[[list[Said]], list[Said]] = PrivateAttr(default_factory=lambda: list)
    _troubles: list[Exception | str] = PrivateAttr(default_factory=list)
    _prompts: list[str] = PrivateAttr(default_factory=list)

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
        self._troubles += troubles
        return self

    @property
    def prompts(self) -> Sequence[str]:
        """What it was asked."""
        return self._prompts

    @property
    def stays_here(self) -> bool:
        return self.here

    @property
    def _llm_type(self) -> str:
        return "judging"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        prompt = str(messages[-1].content)
        self._prompts.append(prompt)
        trouble = self._troubles.pop(0) if self._troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        new = prompt.partition("The new posts:")[2]
        answer = [said(int(n), self._scores(text), first_words(text)) for n, text in _POST.findall(new)]
        words = trouble or json.dumps({"posts": self._garbles(answer)})
        usage = {"input_tokens": 70, "output_tokens": 9, "total_tokens": 79}
        return ChatResult(generations=[ChatGeneration(message=AIMessage(words, usage_metadata=usage))])

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **kwargs: Any) -> Runnable[Any, Any]:
        """As LangChain's own models do it: what cannot be parsed comes with the error."""

        def parsed(raw: AIMessage) -> dict[str, Any]:
            try:
                return {"raw": raw, "parsed": schema.model_validate_json(str(raw.content)), "parsing_error": None}
            except ValidationError as error:
                return {"raw": raw, "parsed": None, "parsing_error": error}

        return self | RunnableLambda(parsed)
