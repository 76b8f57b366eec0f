"""``python -m bench.importing``: how fast a large export is taken in, in how little memory, and what is indexed then.

A Telegram export of 200,000 invented messages is read, stored and put into full text (without the embedding model), and
2,000 rows of the same with it (``--all``: 200,000, which takes long). Each runs in a process of its own, so that the
peak of memory is its own.

How much of 200 notes can be found afterwards is compared with a rule that a peer cuts by: words are gathered until they
are more than 500 characters, and what is left at the end of a note is not stored.
"""

from __future__ import annotations

import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing
from memory.embedding import Embedder, SentenceEmbedder
from memory.exact import ExactIndex
from memory.store import Store
from tools.importers import importer
from tools.importers.opening import opened
from tools.links import LinkResolver

ROWS, EMBEDDED = 200_000, 2_000
NOTES, MEDIAN, SPREAD = 200, 445, 0.71  # SPREAD: of the logarithm of their lengths
AIM_SHARE, AIM_MEMORY = 0.15, 500
_WORDS = [
    "ferry",
    "pier",
    "tide",
    "harbour",
    "rope",
    "island",
    "Sunday",
    "coffee",
    "train",
    "review",
    "paper",
    "garden",
]


class Timed:
    """An embedder that knows how long it was at work."""

    def __init__(self, inner: Embedder) -> None:
        self.inner, self.seconds, self.name = inner, 0.0, inner.name

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return self.inner.dim

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """As the one within."""
        began = time.perf_counter()
        try:
            return np.asarray(self.inner.embed(texts), np.float32)
        finally:
            self.seconds += time.perf_counter() - began


def write(path: Path, rows: int) -> None:
    """An export of messages in forty chats, some with links, in the shape that Telegram gives it."""
    dice = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"personal_information": {"user_id": 1}, "chats": {"list": [')
        for chat in range(40):
            file.write(
                f'{"," if chat else ""}{{"name": "Chat {chat}", "type": "personal_chat", "id": {chat}, "messages": ['
            )
            for number in range(rows // 40):
                text = " ".join(dice.choices(_WORDS, k=dice.randint(3, 30)))
                text += f" https://site{dice.randrange(99)}.example/{number}" if dice.random() < 0.1 else ""
                at, who = 1_600_000_000 + number * 600, dice.choice((1, chat + 2))
                row = {
                    "id": number,
                    "type": "message",
                    "date_unixtime": str(at),
                    "from": f"P{who}",
                    "from_id": f"user{who}",
                }
                file.write(("," if number else "") + json.dumps(row | {"text": text}))
            file.write("]}")
        file.write("]}}")


def take(folder: Path, rows: int, embed: bool) -> dict[str, float]:
    """Take in so many rows in this process."""
    path = folder / "result.json"
    write(path, rows)
    model = Timed(SentenceEmbedder(threads=0))
    if embed:
        model.embed(["loaded before the clock runs"])
        model.seconds = 0.0
    store = Store.open(folder / "magpie.db", "me@home.example")
    collector = Collector(store, model, ExactIndex(store, model.name), LinkResolver(None), lambda: datetime.now(UTC))
    began, busy = time.perf_counter(), time.process_time()
    with opened(path) as export:
        taken = Importing(collector).take_in(importer("telegram_export", export, {}), embed)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    assert taken.whole and taken.counts["new"] == rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 10)
    size = path.stat().st_size / 1e6
    return {"rows": rows, "seconds": seconds, "busy": busy, "model": model.seconds, "peak": peak, "size": size}


def vault(folder: Path) -> dict[str, str]:
    """200 notes of several paragraphs, log-normal in length around 445 characters: title → text."""
    dice, notes, normal = random.Random(11), dict[str, str](), NormalDist(math.log(MEDIAN), SPREAD)
    (folder / ".obsidian").mkdir(parents=True)
    for number in range(NOTES):
        length, text = math.exp(normal.inv_cdf((number + 0.5) / NOTES)), ""
        while len(text) < length:
            sentence = " ".join(dice.choices(_WORDS, k=dice.randint(4, 14))).capitalize() + "."
            text += ("\n\n" if dice.random() < 0.25 else " ") * bool(text) + sentence
        text = text[: int(length)].strip()
        notes[f"Note {number}"] = text
        (folder / f"Note {number}.md").write_text(text, "utf-8")
    return notes


def only_full_chunks(text: str, longest: int = 500) -> list[str]:
    """The peer's rule: a chunk is stored once it is longer than that; the last one never gets so long."""
    chunks, words = [], ""
    for word in text.split():
        words = f"{words} {word}".strip()
        if len(words) > longest:
            chunks.append(words)
            words = ""
    return chunks


def coverage(folder: Path) -> list[tuple[str, int, float]]:
    """For the peer's rule and for ours: notes of which anything is indexed, and the share of all characters."""
    notes = vault(folder / "vault")
    store = Store.open(folder / "notes.db", "me@home.example")
    nobody = Timed(SentenceEmbedder(threads=0))
    collector = Collector(store, nobody, ExactIndex(store, "none"), LinkResolver(None), lambda: datetime.now(UTC))
    with opened(folder / "vault") as export:
        Importing(collector).take_in(importer("obsidian", export, {}), embed=False)
    ours: dict[str, int] = {}
    with store.begin() as memory:
        for item in memory.items.by_id(range(1, NOTES + 1)).values():
            covered = {at for passage in memory.passages.of(item) for at in range(passage.begin, passage.end)}
            said, text = item.searchable, notes[item.title]
            begin = said.index(text)
            ours[item.title] = sum(begin + at in covered for at in range(len(text)))
    store.close()
    theirs = {title: sum(map(len, only_full_chunks(text))) for title, text in notes.items()}
    every = sum(map(len, notes.values()))
    return [
        (whose, sum(map(bool, found.values())), min(1.0, sum(found.values()) / every))
        for whose, found in (("full chunks only", theirs), ("magpie", ours))
    ]


def main() -> None:
    """The tables."""
    if len(sys.argv) == 3:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(take(Path(folder), int(sys.argv[1]), sys.argv[2] == "embed")))
        return
    print(f"{'import':<28}{'rows':>9}{'MB':>7}{'items/s':>9}{'CPU ms each':>13}{'peak MB':>9}{'beside the model':>18}")
    embedded = ROWS if "--all" in sys.argv else EMBEDDED
    for name, rows, how in (("without embedding", ROWS, "later"), ("with embedding", embedded, "embed")):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "bench.importing", str(rows), how], capture_output=True, text=True, check=True
        )
        told = json.loads(done.stdout.splitlines()[-1])
        share = f"{1 - told['model'] / told['seconds']:.0%}" if told["model"] else "all"
        rate, each = told["rows"] / told["seconds"], 1000 * told["busy"] / told["rows"]
        print(
            f"{name:<28}{rows:>9,}{told['size']:>7.0f}{rate:>9,.0f}{each:>13.1f}{told['peak']:>9.0f}{share:>18}",
            flush=True,
        )
    print(f"aims: under {AIM_MEMORY} MB without the model; beside the model under {AIM_SHARE:.0%} of the time\n")
    print(f"{f'indexed of {NOTES} notes':<28}{'notes':>9}{'characters':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for whose, notes, part in coverage(Path(folder)):
            print(f"{whose:<28}{notes:>9}{part:>12.1%}")


if __name__ == "__main__":
    main()
