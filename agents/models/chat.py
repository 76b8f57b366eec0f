"""A LangChain chat model over anything that gives out its logits: streaming, stop words, usage, answers by schema."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable
from numpy.typing import NDArray
from pydantic import BaseModel, Field, PrivateAttr

from agents.models.answers import StreamedModel, by_schema, ending, until
from agents.models.constrained import Constraint, grammar
from config.errors import ModelAwayError, ModelError

if TYPE_CHECKING:
    from llguidance import LLTokenizer

CHUNK = 256
"""Tokens of a prompt that are read in one go: between two of them the clock is looked at."""
_ROLES = {"system": "system", "human": "user", "ai": "assistant", "AIMessageChunk": "assistant"}
_log = logging.getLogger(__name__)

Feed = Callable[[Sequence[int]], NDArray[np.float32]]
"""Takes the next tokens of one conversation and gives the logits, (vocabulary,), of the token after them."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Loaded weights, behind all that an answer needs of them."""

    begin: Callable[[], Feed]  # begins a conversation with an empty memory
    tokenizer: Any  # of transformers, a fast one, with a chat template
    guide: LLTokenizer  # the tokenizer again, for constrained answers
    window: int  # most tokens of prompt and answer together
    stops: frozenset[int]  # tokens that end an answer


class EngineChatModel(StreamedModel):
    """Everything about a chat model but the arithmetic, which the subclass loads at first use."""

    max_tokens: int = Field(default=256, ge=1)  # of free text; an answer by schema is bounded by its schema
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)  # 0: always the likeliest token
    timeout_seconds: float = Field(default=120.0, gt=0.0)

    _engine: Engine | None = PrivateAttr(default=None)
    _loading: Any = PrivateAttr(default_factory=threading.Lock)

    @property
    def stays_here(self) -> bool:
        """Whether what it is given stays on this machine."""
        return True

    def _load(self) -> Engine:
        raise NotImplementedError

    def engine(self) -> Engine:
        """The weights, loaded once, whoever asks first. Raises ModelAwayError when that is impossible."""
        with self._loading:
            if self._engine is None:
                began = monotonic()
                try:
                    self._engine = self._load()
                except ModelError as error:
                    raise ModelAwayError(str(error)) from error
                _log.info("event=model_loaded model=%s seconds=%.1f", self.get_name(), monotonic() - began)
            return self._engine

    def with_structured_output(
        self, schema: type[BaseModel] | Mapping[str, Any], *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """A model whose answers are instances of the pydantic model ``schema`` (or dicts that fit a JSON schema).

        ``include_raw``: a dict of raw (the message), parsed and parsing_error instead. Raises ModelError for a schema
        that is not bounded.
        """
        return by_schema(self.bind(grammar=grammar(schema), **kwargs), schema, include_raw)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        answer = _Answer(self, self.engine(), messages, **kwargs)
        for piece in until(_growing(answer.engine.tokenizer, answer), stop or ()):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        yield ChatGenerationChunk(message=answer.last_chunk())


class _Answer:
    """One answer, token by token: iterate it, then ask what it has cost."""

    def __init__(
        self,
        model: EngineChatModel,
        engine: Engine,
        messages: Sequence[BaseMessage],
        grammar: str | None = None,
        max_tokens: int | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise ModelError(f"The model {model.get_name()} cannot be given {', '.join(sorted(unknown))}.")
        self.engine, self._model = engine, model
        self._constraint = Constraint(engine.guide, grammar) if grammar else None
        self._prompt = _prompt(engine.tokenizer, messages)
        room = engine.window - len(self._prompt)
        if room < 1:
            raise ModelError(
                f"The prompt of {len(self._prompt)} tokens does not fit into the {engine.window} of "
                f"{model.get_name()}: shorten it, or take a model with a longer window."
            )
        self._limit = room if grammar else min(room, max_tokens or model.max_tokens)
        self._began, self._count, self._ended = monotonic(), 0, "stop"

    def __iter__(self) -> Iterator[int]:
        feed, pending = self.engine.begin(), self._prompt
        while True:
            token = self._choose(self._read(feed, pending))
            if token in self.engine.stops:
                return
            pending = [token, *(self._constraint.take(token) if self._constraint else ())]
            for one in pending:
                self._count += 1
                yield one
            if self._constraint and self._constraint.done:
                return
            if self._count >= self._limit:
                self._ended = "length"
                return

    def _read(self, feed: Feed, tokens: Sequence[int]) -> NDArray[np.float32]:
        for begin in range(0, len(tokens), CHUNK):
            logits = feed(tokens[begin : begin + CHUNK])
            if monotonic() - self._began > self._model.timeout_seconds:
                raise ModelAwayError(
                    f"The model {self._model.get_name()} took more than {self._model.timeout_seconds:g} s: raise "
                    "timeout_seconds, or take a smaller model."
                )
        return logits

    def _choose(self, logits: NDArray[np.float32]) -> int:
        if self._constraint:
            logits = np.where(self._constraint.allowed(), logits, -np.inf)
        if not self._model.temperature:
            return int(logits.argmax())
        weights = np.exp((logits - logits.max()).astype(np.float64) / self._model.temperature)
        return int(np.random.default_rng().choice(len(weights), p=weights / weights.sum()))

    def last_chunk(self) -> AIMessageChunk:
        """What comes after the text."""
        used = len(self._prompt), self._count
        return ending(self._model.get_name(), self._ended, used, monotonic() - self._began)


def _growing(tokenizer: Any, tokens: Iterable[int]) -> Iterator[str]:
    """The whole text after each token."""
    taken: list[int] = []
    for token in tokens:
        taken.append(token)
        yield tokenizer.decode(taken, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _prompt(tokenizer: Any, messages: Sequence[BaseMessage]) -> list[int]:
    """The tokens of the conversation, up to where the answer begins."""
    import jinja2

    control = _control_words(tokenizer)
    turns = [{"role": _role(message), "content": _harmless(message.text, control)} for message in messages]
    try:
        text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    except (ValueError, jinja2.TemplateError) as error:
        raise ModelError(
            f"This model's chat template cannot take the messages ({error}): take an instruct model."
        ) from error
    return [int(token) for token in tokenizer(text, add_special_tokens=False)["input_ids"]]


def _role(message: BaseMessage) -> str:
    if message.type not in _ROLES:
        raise ModelError(f"A local model can be given messages of system, human and ai, but not of {message.type}.")
    return _ROLES[message.type]


def _control_words(tokenizer: Any) -> re.Pattern[str]:
    """What would begin or end a turn if it stood in a text."""
    special = {str(token) for token in tokenizer.added_tokens_decoder.values() if token.special}
    return re.compile("|".join(map(re.escape, sorted(special, key=len, reverse=True))) or r"(?!)")


def _harmless(text: str, control: re.Pattern[str]) -> str:
    """The text without control words, also where removing one makes another."""
    while (plain := control.sub("", text)) != text:
        text = plain
    return text
