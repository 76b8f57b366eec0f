"""Chat models for tests: what they say is scripted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import PrivateAttr, ValidationError

Said = dict[str, Any] | str | Exception | Callable[[str], Any]


class Scripted(BaseChatModel):
    """A chat model that says what was enqueued (the last again and again) and remembers what it was asked."""

    here: bool = True
    _queue: list[Said] = PrivateAttr(default_factory=list)
    _history: list[str] = PrivateAttr(default_factory=list)
    _forms: list[str] = PrivateAttr(default_factory=list)

    def enqueue(self, *said: Said) -> Self:
        """The next answers: a form, raw words, an error, or what the prompt makes of it."""
        self._queue += said
        return self

    @property
    def history(self) -> list[str]:
        """The prompts so far, system and user part together."""
        return self._history

    @property
    def forms(self) -> list[str]:
        """The forms that it was to fill so far."""
        return self._forms

    @property
    def stays_here(self) -> bool:
        return self.here

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _words(self, messages: list[BaseMessage]) -> str:
        prompt = "\n".join(str(message.content) for message in messages)
        self._history.append(prompt)
        said = self._next(prompt)
        said = said(prompt) if callable(said) else said
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, str) else json.dumps(said)

    def _next(self, prompt: str) -> Said:
        return self._queue.pop(0) if len(self._queue) > 1 else self._queue[0]

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        usage = {"input_tokens": 70, "output_tokens": 9, "total_tokens": 79}
        said = AIMessage(self._words(messages), usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=said)])

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **kwargs: Any) -> Runnable[Any, Any]:
        """As LangChain's own models do it: what cannot be parsed comes with the error."""
        self._forms.append(schema.__name__)

        def parsed(raw: AIMessage) -> dict[str, Any]:
            try:
                return {"raw": raw, "parsed": schema.model_validate_json(str(raw.content)), "parsing_error": None}
            except ValidationError as error:
                return {"raw": raw, "parsed": None, "parsing_error": error}

        return self | RunnableLambda(parsed)


class Streaming(Scripted):
    """It says its words letter by letter, and counts them."""

    _letters: int = PrivateAttr(default=0)

    @property
    def letters(self) -> int:
        """How many it has said."""
        return self._letters

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for letter in self._words(messages):
            self._letters += 1
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=letter))
            if run_manager:
                run_manager.on_llm_new_token(letter, chunk=chunk)
            yield chunk
