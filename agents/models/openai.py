"""Any server that speaks OpenAI's protocol: Ollama, LM Studio, llama-server, vLLM, mlx_lm.server and more.

Stop words are cut here, because not every server does it well, and answers by schema are checked here, because not
every server holds its model to one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from pydantic import Field, PrivateAttr, SecretStr, field_validator

from agents.models import NO_KEY
from agents.models.answers import Schema, StreamedModel, by_schema, ending, settled, until
from agents.models.constrained import bounded
from agents.models.servers import connected, is_here, named, trouble
from config.errors import ModelAwayError, ModelError

if TYPE_CHECKING:
    from openai import OpenAI

_ELSEWHERE = re.compile(r"[:-]cloud$")  # what Ollama passes on to its makers' machines is called so
_FORM = "Answer with JSON only, as one object on one line, without a fence. It must fit this JSON schema:"


def build(settings: Mapping[str, Any], cache: Path, key: SecretStr = NO_KEY) -> OpenAIChatModel:
    """The model of these settings; nobody is asked yet. Raises ConfigError when one is unknown or impossible."""
    model = settled(OpenAIChatModel, "openai", settings, "model_name")
    model._key = key
    return model


class OpenAIChatModel(StreamedModel):
    """A chat model of a server. Nothing is sent before the first answer is asked for."""

    base_url: str  # with its path, such as http://127.0.0.1:11434/v1
    model_name: str = Field(min_length=1)  # as the server calls it
    max_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    timeout_seconds: float = Field(default=60.0, gt=0.0)  # for the whole answer

    _key: SecretStr = PrivateAttr(default=NO_KEY)
    _client: Any = PrivateAttr(default=None)

    @field_validator("base_url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
            raise ValueError("write an address such as http://127.0.0.1:11434/v1, without a password or a question")
        return url.rstrip("/")

    @property
    def stays_here(self) -> bool:
        """Whether what it is given stays on this machine: the server is here, and does not pass it on."""
        return is_here(self.base_url) and not _ELSEWHERE.search(self.model_name)

    @property
    def _llm_type(self) -> str:
        return "openai"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name, "base_url": self.base_url, "temperature": self.temperature}

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        """What the model is called in logs, errors and answers."""
        return super().get_name(suffix, name=name or self.name or self.model_name)

    def with_structured_output(
        self, schema: Schema, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """A model whose answers are instances of the pydantic model ``schema`` (or dicts that fit a JSON schema).

        The server is asked to hold the model to it, and the model is told; what comes is checked all the same.
        """
        return by_schema(self.bind(form=bounded(schema), **kwargs), schema, include_raw)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        heard = _Heard(self, messages, **kwargs)
        for piece in until(heard, stop or ()):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        yield ChatGenerationChunk(message=heard.last_chunk())

    def client(self) -> OpenAI:
        """The connection to the server, made once. Raises ModelAwayError when the package is missing."""
        if self._client is None:
            try:
                self._client = connected(self.base_url, self._key.get_secret_value())
            except ImportError as error:
                raise ModelAwayError(
                    f"The model 'openai' needs {error.name}: run \"pip install 'magpie-agent[openai]'\", or choose "
                    "another kind of model."
                ) from error
        found: OpenAI = self._client
        return found


class _Heard:
    """One answer as it comes: iterate it for the whole text so far, then ask what it has cost."""

    def __init__(
        self,
        model: OpenAIChatModel,
        messages: Sequence[BaseMessage],
        form: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise ModelError(f"The model {model.get_name()} cannot be given {', '.join(sorted(unknown))}.")
        self._model, self._form = model, form
        self._wanted = {
            "model": model.model_name,
            "messages": convert_to_openai_messages([*messages[:-1], _told(messages[-1], form)]),
            "max_tokens": max_tokens or model.max_tokens,
            "temperature": model.temperature,
            "timeout": model.timeout_seconds,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        self._began, self._ended = monotonic(), ""
        self._usage: tuple[int, int] | None = None

    def __iter__(self) -> Iterator[str]:
        text = ""
        client = self._model.client()
        try:
            with self._ask(client) as chunks:
                for chunk in chunks:
                    if used := chunk.usage:
                        self._usage = int(used.prompt_tokens or 0), int(used.completion_tokens or 0)
                    for choice in chunk.choices or ():
                        self._ended = choice.finish_reason or self._ended
                        text += choice.delta.content or ""
                    yield text
        except Exception as error:  # of the client, of what it stands on, and of what odd answers make of them
            asked = self._model
            raise trouble(asked.base_url, asked.model_name, asked.timeout_seconds, error) from error
        if not self._ended:
            raise ModelError(f"{named(self._model.base_url)} has sent no answer, or broke it off: see its log.")

    def _ask(self, client: OpenAI) -> Any:
        from openai import BadRequestError, UnprocessableEntityError

        ask: Any = client.chat.completions.create
        if self._form is None:
            return ask(**self._wanted)
        asked = {"name": "answer", "strict": True, "schema": self._form}
        try:
            return ask(**self._wanted, response_format={"type": "json_schema", "json_schema": asked})
        except (BadRequestError, UnprocessableEntityError):  # a server that cannot: the prompt says it, too
            return ask(**self._wanted)

    def last_chunk(self) -> AIMessageChunk:
        """What comes after the text; what it has cost, where the server has come to say so."""
        took = monotonic() - self._began
        return ending(self._model.get_name(), self._ended or "stop", self._usage, took)


def _told(message: BaseMessage, form: Mapping[str, Any] | None) -> BaseMessage:
    """The last message with the schema after it: some templates take no further message, nor one of system."""
    if form is None:
        return message
    return HumanMessage(f"{message.text}\n\n{_FORM}\n{json.dumps(form)}")
