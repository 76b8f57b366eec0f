"""Stories: how long it takes to put posts into them, and what each part of the evidence is worth.

python -m bench.stories FOLDER [--half a|b] [--many 10000]

FOLDER holds titles.jsonl with {"id", "text", "story", "t", "half"} a line: which tell the same, and when they came.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from sklearn.metrics import adjusted_mutual_info_score

from agents.stories import Strand, Stream, settle, stream, table
from agents.stories.surface import Surface
from memory.embedding import KeptEmbedder, SentenceEmbedder

NAMES = ("MEANING", "LETTERS", "WORDS", "BETWEEN", "START")
PARTS: dict[str, tuple[float, ...]] = {  # the coefficients as they were fitted to half a without that part
    "all parts": (stream.MEANING, stream.LETTERS, stream.WORDS, stream.BETWEEN, stream.START),
    "no meaning": (0.0, 10.2, 0.173, 1.44, 0.97),
    "no letters": (15.4, 0.0, 0.147, 1.30, 2.27),
    "no words": (15.1, 8.2, 0.0, 1.33, 2.31),
    "no letters, no words": (19.7, 0.0, 0.0, 1.34, 3.26),
    "no posts between": (15.8, 5.2, 0.127, 0.0, -4.6),
}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=["a", "b"], default="a")
    parser.add_argument("--many", type=int, default=10_000)
    given = parser.parse_args()
    rows = [json.loads(line) for line in (given.folder / "titles.jsonl").read_text(encoding="utf-8").splitlines()]
    embedder = KeptEmbedder(SentenceEmbedder(), Path(".cache") / "stories.npz")
    vectors = embedder.embed([row["text"] for row in rows])
    strands = [_strand(row, vector) for row, vector in zip(rows, vectors, strict=True)]
    half = [(row["story"], one) for row, one in zip(rows, strands, strict=True) if row["half"] == given.half]
    console = Console(width=110)
    console.print(_parts(half))
    console.print(_times(strands, given.many))


def _parts(half: Sequence[tuple[str, Strand]]) -> Table:
    shown = Table("evidence", "AMI", "B³ P", "B³ R", "B³ F1", title=f"{len(half)} posts")
    for name, coefficients in PARTS.items():
        with _set(
            stream, dict(zip(NAMES, coefficients, strict=True)) | ({"LITTLE": 0.0} if 0.0 in coefficients else {})
        ):
            shown.add_row(name, *_figures(half, settle))
    with _set(table, {"USUAL": (0.4, 0.4)}):
        shown.add_row("one cosine usual for all", *_figures(half, settle))
    with _set(stream, {"LITTLE": 0.0}):
        shown.add_row("no caution with chance words", *_figures(half, settle))
    shown.add_row("no second look", *_figures(half, lambda found: None))
    return shown


def _figures(half: Sequence[tuple[str, Strand]], look_again: Callable[[Stream], None]) -> list[str]:
    found = Stream()
    heard = [(story, one) for story, one in half if one.surface.tells]
    mute = [story for story, one in half if not one.surface.tells]
    found.extend([one for _, one in heard])
    look_again(found)
    labels = [found.story_of(place) for place in range(len(heard))] + [-place for place in range(1, len(mute) + 1)]
    truth = [story for story, _ in heard] + mute
    return [f"{value:.4f}" for value in (adjusted_mutual_info_score(truth, labels), *b_cubed(truth, labels))]


def b_cubed(truth: Sequence[str], labels: Sequence[int]) -> tuple[float, float, float]:
    """Precision, recall and F1 (Bagga and Baldwin, 1998)."""
    both, right, given = Counter(zip(truth, labels, strict=True)), Counter(truth), Counter(labels)
    precision = sum(n * n / given[label] for (_, label), n in both.items()) / len(truth)
    recall = sum(n * n / right[story] for (story, _), n in both.items()) / len(truth)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _times(strands: Sequence[Strand], many: int) -> Table:
    """Of as many texts as asked for: those that there are, and variations of them."""
    stock = [_varied(strands[place % len(strands)], place) for place in range(many)]
    found, began = Stream(), _clocks()
    found.extend(stock)
    joined = _clocks()
    settle(found)
    settled = _clocks()
    single = []
    for place in range(200):
        one = _varied(strands[place * 7 % len(strands)], many + place)
        before = _clocks()
        found.add(one)
        single.append(1000 * (_clocks() - before))
    shown = Table("what", "time", "of the processor", title=f"{many} posts, embeddings given")
    for name, seconds in (("all at once", joined - began), ("the second look", settled - joined)):
        shown.add_row(name, *(f"{value:.1f} s" for value in seconds))
    for name, share in (("one more, median", 50), ("one more, p95", 95)):
        shown.add_row(name, *(f"{value:.1f} ms" for value in np.percentile(single, share, axis=0)))
    return shown


def _clocks() -> NDArray[np.float64]:
    return np.array([time.perf_counter(), time.process_time()])


def _varied(one: Strand, number: int) -> Strand:
    chance = np.random.default_rng(number)
    vector = one.vector + 0.6 / math.sqrt(len(one.vector)) * chance.normal(size=len(one.vector)).astype(np.float32)
    words = chance.permutation(one.surface.text.split())[:-1]
    text = " ".join([*words, f"copy{number}"])
    return replace(
        one, name=str(number), vector=vector / np.linalg.norm(vector), surface=Surface(text), at=float(number)
    )


def _strand(row: dict[str, Any], vector: Any) -> Strand:
    return Strand(row["id"], vector, Surface(row["text"]), float(row["t"]))


@contextmanager
def _set(module: Any, values: dict[str, Any]) -> Iterator[None]:
    before = {name: getattr(module, name) for name in values}
    try:
        for name, value in values.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


if __name__ == "__main__":
    main()
