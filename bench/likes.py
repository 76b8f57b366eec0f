"""How well and how fast likes are foretold, on the people of a folder as ``magpie eval likes`` takes it.

python -m bench.likes FOLDER [--truth likes.json] [--people 66] [--vectors FILE.npz]
python -m bench.likes --size    # instead: a fit on 10,000 reactions, and 5,000 candidates, of invented words

The truth is {person: [[item id, date], ...]}: a candidate that stands there was liked, any other is presumed not to be.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from scipy.stats import rankdata

from agents.taste import Example, Post, Taste, fit, post_of
from agents.taste.letters import forget_all
from agents.taste.trial import Case, Desk
from memory.embedding import KeptEmbedder, SentenceEmbedder
from memory.records import Item, Kind

Array = NDArray[np.float64]

MEASURES = ("AUC", "recall@100", "nDCG@10", "calibration error", "the same, uncalibrated")
TIMES = ("fit, s", "5,000 posts judged, s")
REACTIONS, CANDIDATES, PASSED = 10_000, 5_000, 3_000
SIZES = (f"first fit on {REACTIONS:,} reactions", "fit again", f"{CANDIDATES:,} candidates judged")


@dataclass(frozen=True)
class Outcome:
    """Of one person: the measures (without a truth: none), and the seconds."""

    measures: tuple[float, ...]
    seconds: tuple[float, float]


def outcome(case: Case, liked: frozenset[str] | None) -> Outcome:
    """Learn, judge, and compare."""
    began = perf_counter()
    taste = case.taste()
    learnt = perf_counter()
    opinions = taste.opinions(case.new)
    seconds = learnt - began, (perf_counter() - learnt) * CANDIDATES / len(case.new)
    if liked is None:
        return Outcome((), seconds)
    wanted = np.array([name in liked for name in case.ids])
    even = np.array([opinion.likes for opinion in opinions])
    chances = np.array([opinion.chance for opinion in opinions])
    errors = calibration_error(chances, wanted), calibration_error(even, wanted)
    return Outcome((*measured(even, wanted), *errors), seconds)


def measured(scores: Array, wanted: NDArray[np.bool_]) -> tuple[float, float, float]:
    """AUC, recall@100 and nDCG@10 of one person's scores (n,)."""
    ranks, likes = rankdata(scores), int(wanted.sum())
    others = len(scores) - likes
    area = (ranks[wanted].sum() - likes * (likes + 1) / 2) / (likes * others)
    hits = wanted[np.argsort(-scores, kind="stable")]
    discounts = 1 / np.log2(np.arange(2, 12))
    gain = hits[:10] @ discounts / discounts[: min(10, likes)].sum()
    return float(area), float(hits[:100].sum() / likes), float(gain)


def calibration_error(chances: Array, wanted: NDArray[np.bool_]) -> float:
    """Expected calibration error: how far chance and share of likes are apart, over ten bins of as many posts each."""
    order = np.argsort(chances, kind="stable")
    parts = [part for part in np.array_split(order, 10) if len(part)]
    return float(sum(len(p) * abs(chances[p].mean() - wanted[p].mean()) for p in parts) / len(order))


def made(random: Random, count: int, dim: int = 384) -> list[Post]:
    """Posts of invented words, about 250 characters each, with vectors drawn at random."""
    syllables = [one + other for one in "bdfgklmnprstvz" for other in ("a", "e", "i", "o", "un", "er")]
    lexicon = ["".join(random.choices(syllables, k=random.randint(1, 4))) for _ in range(20_000)]
    weights = [1 / (rank + 5) for rank in range(len(lexicon))]
    vectors = np.random.default_rng(random.randrange(2**32)).normal(size=(count, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [Post(vector, " ".join(random.choices(lexicon, weights, k=40))) for vector in vectors]


def at_size() -> Table:
    """Seconds of a first fit on 10,000 reactions, of a refit whose texts were read before, and of 5,000 judgements."""
    random, now = Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    liked, passed, new = (made(random, count) for count in (REACTIONS, PASSED, CANDIDATES))
    known = [Example(_item(n, post, now), post.vector, Kind.LIKE, 1.0, now) for n, post in enumerate(liked)]
    passed, new = ([post_of(_item(n, post, now), post.vector) for n, post in enumerate(some)] for some in (passed, new))
    forget_all()
    marks, taste = [_clocks()], Taste()
    for _ in range(2):
        taste = fit(known, passed)
        marks.append(_clocks())
    taste.opinions(new)
    marks.append(_clocks())
    table = Table("what", "time", "of the processor", title="invented posts, embeddings given")
    for name, times in zip(SIZES, np.diff(marks, axis=0), strict=True):
        table.add_row(name, *(f"{value:.2f} s" for value in times))
    return table


def _clocks() -> tuple[float, float]:
    return perf_counter(), process_time()


def _item(number: int, post: Post, at: datetime) -> Item:
    """By one of 400 people, on one of 300 sites, with one of 50 tags."""
    link, by = f"https://site{number % 300}.example/{number}", f"https://people.example/by{number % 400}"
    tags = (f"tag{number % 50}",)
    return Item(f"uri:{number}", f"{number}", by, at, post.words, canonical=(link,), tags=tags, language="en")


def shown(outcomes: Sequence[Outcome]) -> Table:
    """Means over people, with standard errors."""
    table = Table("measure", "mean", "standard error", title=f"{len(outcomes)} people")
    values = np.array([(*one.measures, *one.seconds) for one in outcomes])
    for name, column in zip((*(MEASURES if outcomes[0].measures else ()), *TIMES), values.T, strict=True):
        error = column.std(ddof=1) / np.sqrt(len(column)) if len(column) > 1 else float("nan")
        table.add_row(name, f"{column.mean():.4f}", f"{error:.4f}")
    return table


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--people", type=int, default=0, help="the first so many only")
    parser.add_argument("--vectors", type=Path, default=Path(".cache/likes.npz"))
    parser.add_argument("--size", action="store_true")
    given = parser.parse_args()
    if given.size or given.folder is None:
        Console().print(at_size())
        return
    truth = json.loads(given.truth.read_text(encoding="utf-8")) if given.truth else {}
    desk = Desk(given.folder, KeptEmbedder(SentenceEmbedder(), given.vectors))
    outcomes = []
    for person in desk.people[: given.people or None]:
        liked = frozenset(item for item, _ in truth[person.name]) if truth else None
        outcomes.append(outcome(desk.case(person), liked))
    Console().print(shown(outcomes))


if __name__ == "__main__":
    main()
