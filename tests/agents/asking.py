"""What the tests of questions share: a village that is collected, and an asker over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agents.answer import Answer, Turn, Understood
from agents.ask import Asker
from agents.gathering import Reading
from agents.vocabulary import FUNCTION_WORDS
from bot.jobs.collect import Collector
from memory.records import Item
from memory.search import Archive
from memory.store.runs import ModelCall
from tests.fakes import NOW, Village, account, post


def claim(sentence: str, quote: str, *cites: int) -> dict[str, Any]:
    """A claim as a model writes it."""
    return {"sentence": sentence, "cites": list(cites or (1,)), "quotes": [quote]}


def answers(*claims: dict[str, Any]) -> dict[str, Any]:
    """The form of a model that answers."""
    return {"tool": "answer", "words": "", "number": 0, "claims": list(claims)}


def looks(tool: str, words: str = "", number: int = 0) -> dict[str, Any]:
    """The form of a model that looks for more."""
    return {"tool": tool, "words": words, "number": number, "claims": []}


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
