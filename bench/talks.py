"""Whether an answer without a chat model shows what recall has found, on conversations whose right turns are known.

A folder holds ``conversations.jsonl``, a conversation a line: doc_id, turns (id, speaker, text, and where known date
and caption) and questions (q, evidence: ids of turns, and where known category).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from agents.answer import Answer
from agents.answering import SHOWN
from agents.ask import Asker
from agents.gathering import Reading
from agents.understanding import Known, understand
from agents.vocabulary import FUNCTION_WORDS
from memory.embedding import Embedder, SentenceEmbedder
from memory.exact import ExactIndex
from memory.keeping.embedding import embed_missing
from memory.query import Hit
from memory.recall import OWNER, SOMETIME, take_in
from memory.search import Archive
from memory.store import Store

LEFT_OUT: Final = "adversarial"
"""Questions that are put to the wrong person: what is right about them, nobody has said."""

UTC_ZONE: Final = ZoneInfo("UTC")


@dataclass
class Shown:
    """How many questions there were, and what became of those for which one of the first five hits was right."""

    asked: int = 0
    found: int = 0  # by recall, among the first five
    told: int = 0  # and so by the answer
    nearest: int = 0  # and by an answer that says that it found nothing, as what is nearest
    more: int = 0  # by the answer, although recall had it further behind
    lost: list[str] = field(default_factory=list)  # questions with what was understood of them

    def count(self, question: Mapping[str, Any], first: set[str], answer: Answer) -> None:
        """One more question, with the turns that recall had first."""
        right = set(question["evidence"])
        told, nearest = right & _turns(answer.hits), right & _turns(answer.nearest)
        self.asked += 1
        if not right & first:
            self.more += bool(told)
            return
        self.found += 1
        self.told += bool(told)
        self.nearest += bool(nearest and not told)
        if not told and not nearest:
            self.lost.append(f"{question['q']} [{', '.join(answer.understood.filtered) or answer.understood.intent}]")


def report(folders: Sequence[Path]) -> None:
    """Print a table of them, and what was lost."""
    embedder, lost = SentenceEmbedder(), list[str]()
    table = Table("conversations", "questions", "right in the first five", "told", "as nearest", "lost", "told besides")
    for folder in folders:
        counts = shown(folder, embedder)
        numbers = (counts.asked, counts.found, counts.told, counts.nearest, len(counts.lost), counts.more)
        table.add_row(folder.name, *map(str, numbers))
        lost += counts.lost
    Console().print(table)
    print("\n".join(lost))


def shown(folder: Path, embedder: Embedder) -> Shown:
    """Ask everything that is asked in a folder of conversations."""
    counts = Shown()
    for talk in _talks(folder):
        for question, first, answer in _answers(talk, embedder):
            counts.count(question, first, answer)
    return counts


def _answers(talk: Mapping[str, Any], embedder: Embedder) -> Iterator[tuple[Mapping[str, Any], set[str], Answer]]:
    """Each question with its first five hits, and with the answer as the owner of that conversation would get it."""
    with TemporaryDirectory(prefix="magpie-talks-") as room:
        store = Store.open(Path(room) / "magpie.db", OWNER)
        try:
            take_in(store, _written(Path(room) / str(talk["doc_id"]), talk["turns"]))
            embed_missing(store, embedder)
            asker = _asker(store, embedder)
            for number, question in enumerate(talk["questions"]):
                if question.get("category") != LEFT_OUT:
                    first = _turns(asker.archive.search(question["q"], SHOWN))
                    yield (
                        question,
                        first,
                        asker.ask(question["q"], f"c{number}", "bench", Path(room) / "checkpoints.db"),
                    )
        finally:
            store.close()


def _asker(store: Store, embedder: Embedder) -> Asker:
    """It asks on the day after the last turn."""
    archive = Archive(store, embedder, ExactIndex(store, embedder.name), FUNCTION_WORDS)
    with store.begin() as memory:
        known = Known(memory.accounts.people(), OWNER, *memory.sources.origins())
    now = max((hit.item.created_at for hit in archive.newest(1)), default=SOMETIME) + timedelta(days=1)
    return Asker(
        store=store,
        archive=archive,
        reading=Reading(store, embedder, OWNER),
        now=lambda: now,
        zone=UTC_ZONE,
        understand=lambda question, before: understand(question, now, UTC_ZONE, known, before),
    )


def _turns(hits: Sequence[Hit]) -> set[str]:
    return {hit.item.ref.partition("#")[2] for hit in hits[:SHOWN]}


def _written(folder: Path, turns: Sequence[Mapping[str, Any]]) -> Path:
    """The turns as the archive is measured on."""
    folder.mkdir()
    rows = [
        {"id": turn["id"], "author": turn["speaker"], "text": turn["text"]}
        | {"created_at": turn.get("date"), "caption": turn.get("caption")}
        for turn in turns
    ]
    (folder / "archive.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def _talks(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "conversations.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)
