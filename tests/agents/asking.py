"""What the tests of questions share: a village that is collected, an asker over it, a model that is scripted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import PrivateAttr, ValidationError

from agents.answer import Answer, Turn, Understood
from agents.ask import Asker
from agents.gathering import Reading
from agents.vocabulary import FUNCTION_WORDS
from bot.jobs.collect import Collector
from memory.records import Item
from memory.search import Archive
from memory.store.runs import ModelCall
from tests.fakes import NOW, Village, account, post

Said = dict[str, Any] | str | Exception | Callable[[str], Any]


def claim(sentence: str, quote: str, *cites: int) -> dict[str, Any]:
    """A claim as a model writes it."""
    return {"sentence": sentence, "cites": list(cites or (1,)), "quotes": [quote]}


def answers(*claims: dict[str, Any]) -> dict[str, Any]:
    """The form of a model that answers."""
    return {"tool": "answer", "words": "", "number": 0, "claims": list(claims)}


def looks(tool: str, words: str = "", number: int = 0) -> dict[str, Any]:
    """The form of a model that looks for more."""
    return {"tool": tool, "words": words, "number": number, "claims": []}


class Scripted(BaseChatModel):
    """A chat model that says what was enqueued (the last again and again) and remembers what it was asked."""

    here: bool = True
    _queue: list[Said] = PrivateAttr(default_factory=list)
    _history: list[str] = PrivateAttr(default_factory=list)
    _forms: list[str] = PrivateAttr(default_factory=list)

    def enqueue(self, *said: Said) -> Scripted:
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
        said = self._queue.pop(0) if len(self._queue) > 1 else self._queue[0]
        said = said(prompt) if callable(said) else said
        if isinstance(said, Exception):
            raise said
        return said if isinstance(said, str) else json.dumps(said)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._words(messages)))])

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


@dataclass
class Town:
    """A village, collected as it goes, with an asker over its archive."""

    village: Village
    collector: Collector
    folder: Path
    understood: list[Sequence[Turn]] = field(default_factory=list)  # what each question was told of those before it
    calls: list[ModelCall] = field(default_factory=list)

    def tells(self, *posts: Item, asks: Any = ()) -> None:
        """They are posted and collected."""
        for item in posts:
            self.village.posts(item, *asks)
        self.collector.collect([self.village])

    def asker(self, understood: Understood | None = None, **more: Any) -> Asker:
        """It understands every question as itself, or as what is given."""
        collector = self.collector

        def understand(question: str, before: Sequence[Turn]) -> Understood:
            self.understood.append(before)
            return understood or Understood(question)

        given: dict[str, Any] = {
            "store": collector.store,
            "archive": Archive(collector.store, collector.embedder, collector.index, FUNCTION_WORDS),
            "reading": Reading(collector.store, collector.embedder, account("me").uri),
            "now": lambda: NOW,
            "zone": ZoneInfo("Europe/Berlin"),
            "understand": understand,
            "keep": self.calls.append,
        }
        return Asker(**(given | more))

    @property
    def checkpoints(self) -> Path:
        """The file."""
        return self.folder / "checkpoints.db"

    def asks(self, question: str, understood: Understood | None = None, **more: Any) -> Answer:
        """One question of one conversation."""
        entry, stopped = more.pop("entry", None), more.pop("stopped", lambda: False)
        asker = self.asker(understood, **more)
        return asker.ask(question, "talk", "run", self.checkpoints, stopped, entry)


def filled(town: Town) -> Town:
    """Posts on a bridge, and on much else."""
    town.tells(
        post("bridge", BRIDGE, by="ann"),
        post("cables", "The cables of the bridge in Dresden were made in Freital, says the foundry.", by="ben"),
        post("bees", "Our hives survived the winter, and the oldest queen is called Matilda.", by="cleo"),
        *(post(f"other{n}", text, by="dora") for n, text in enumerate(OTHERS)),
    )
    return town


BRIDGE = "The old bridge in Dresden is closed from Monday on. Engineer Paula Marsh says 14 cables are damaged."
OTHERS = (
    "Tonight we eat soup with dumplings and listen to the rain.",
    "A long walk along the harbour, ships from Gdynia and gulls everywhere.",
    "Reading an essay on clocks that were never right.",
    "The choir sings again on Thursday, bring cake.",
    "My printer has joined the union.",
    "Lisbon in March smells of oranges.",
)
TRUE = claim("The old bridge in Dresden is closed from Monday on.", "The old bridge in Dresden is closed")
