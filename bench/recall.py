"""How fast the archive answers when it is large: 100,000 items of invented words, with vectors drawn at random.

python -m bench.recall [--items 100000] [--queries 100]
python -m bench.recall --talks FOLDER ...    # instead: whether answers show what recall has found (bench/talks.py)
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench import talks
from memory.index import ChromaIndex, begin_anew
from memory.keeping.embedding import embed_missing
from memory.query import NO_FILTERS, Filters
from memory.records import Account, Item
from memory.search import Archive
from memory.store import Store

Array = NDArray[np.float32]
OWNER, MODEL, DIM = "me@home.example", "drawn", 384
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
EVERY = timedelta(minutes=10)
AT_ONCE = 1000
PEOPLE = 500
SYLLABLES = [f"{one}{other}" for one in "bdfgklmnprstv" for other in "aio"]


@dataclass
class Drawn:
    """An embedder that draws a vector for each text, and twenty topics that the vectors lie around."""

    seed: int = 7
    name: str = MODEL
    dim: int = DIM
    _random: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._topics = self._random.normal(size=(20, DIM))

    def embed(self, texts: Sequence[str]) -> Array:
        """Return (n, dim) float32 with rows of unit length."""
        near = self._topics[self._random.integers(0, 20, len(texts))]
        rows = near + self._random.normal(size=(len(texts), DIM))
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@dataclass
class Writer:
    """Writes posts of words that are as unevenly common as in a language (Zipf), and a third of them as chats."""

    random: Random
    words: list[str] = field(init=False)
    weights: list[float] = field(init=False)

    def __post_init__(self) -> None:
        self.words = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 4))) for _ in range(30_000)]
        self.weights = list(np.cumsum([1 / rank for rank in range(1, 30_001)]))

    def text(self, count: int) -> str:
        """So many words."""
        return " ".join(self.random.choices(self.words, cum_weights=self.weights, k=count))

    def item(self, number: int) -> Item:
        """The post, or turn of a chat, of this number."""
        person, chat = self.random.randrange(PEOPLE), number % 3 == 0
        return Item(
            uri=f"https://bench.example/{number}",
            ref=f"https://bench.example#{number}",
            author=_person(person),
            created_at=FIRST + number * EVERY,
            text=self.text(self.random.randint(4, 40)),
            source="chat" if chat else "network",
            kind="chat" if chat else "post",
            reply_to=f"https://bench.example#chat{number % 21}" if chat else "",
            language=self.random.choice(["en", "en", "de", "fr"]),
        )


def fill(store: Store, embedder: Drawn, count: int) -> None:
    """Take in items with their vectors."""
    writer = Writer(Random(7))
    with store.begin() as memory:
        memory.accounts.keep([Account(_person(n), f"person{n}@bench.example", f"Person {n}") for n in range(PEOPLE)])
    for start in range(0, count, AT_ONCE):
        with store.begin() as memory:
            for number in range(start, min(start + AT_ONCE, count)):
                memory.items.keep(writer.item(number), FIRST)
    embed_missing(store, embedder)


def _person(number: int) -> str:
    return f"https://bench.example/@person{number}"


def queries(count: int) -> Iterator[str]:
    """Of two to six words, common and rare."""
    writer = Writer(Random(7))
    draw = Random(11)
    for _ in range(count):
        yield " ".join([*draw.choices(writer.words[:2000], k=draw.randint(1, 4)), draw.choice(writer.words[2000:])])


def timed(asked: Sequence[str], answer: Callable[[str], object]) -> tuple[float, float]:
    """Milliseconds: the median, and what 95 of 100 are below."""
    for query in asked[:5]:
        answer(query)
    took = []
    for query in asked:
        began = perf_counter()
        answer(query)
        took.append(1000 * (perf_counter() - began))
    return float(np.percentile(took, 50)), float(np.percentile(took, 95))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--talks", type=Path, nargs="+", default=[])
    given = parser.parse_args()
    if given.talks:
        talks.report(given.talks)
        return
    with tempfile.TemporaryDirectory() as room:
        store, embedder = Store.open(Path(room) / "magpie.db", OWNER), Drawn()
        fill(store, embedder, given.items)
        index = ChromaIndex(Path(room) / "index", OWNER, MODEL)
        began = perf_counter()
        count = begin_anew(store, index, MODEL)
        rebuilt = perf_counter() - began
        archive, asked = Archive(store, embedder, index), list(queries(given.queries))
        _print(_ways(archive, store, asked, given.items))
        memory = psutil.Process().memory_info().rss / 2**20
        size = store.path.stat().st_size / 2**20
        print(f"index of {count} passages built anew in {rebuilt:.0f} s; {memory:.0f} MB of memory; file {size:.0f} MB")
        store.close()


def _ways(archive: Archive, store: Store, asked: Sequence[str], count: int) -> Iterator[tuple[str, float, float]]:
    some = Filters(people=frozenset({_person(3)}))
    month = Filters(since=FIRST + EVERY * count * 0.9)
    language = Filters(languages=frozenset({"en"}))
    vector = archive.embedder.embed(["a"])[0]
    yield "bare Chroma query, 200 nearest", *timed(asked, lambda query: archive.index.query(vector, 200))
    yield "by words", *timed(asked, lambda query: archive.by_words(query, 10))
    yield "by meaning", *timed(asked, lambda query: archive.by_meaning(query, 10))
    for name, filters in (
        ("search", NO_FILTERS),
        ("search, one person of 500", some),
        ("search, the last tenth of the time", month),
        ("search, a language that half is in", language),
    ):
        yield name, *timed(asked, lambda query, filters=filters: archive.search(query, 10, filters))  # type: ignore[misc]


def _print(rows: Iterator[tuple[str, float, float]]) -> None:
    table = Table("way", "p50 ms", "p95 ms")
    for name, median, most in rows:
        table.add_row(name, f"{median:.1f}", f"{most:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
