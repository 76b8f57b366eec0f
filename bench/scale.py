"""How Magpie bears a large network: 5,000 posts of 500 accounts in four days, and a simulated week in one process.

python -m bench.scale [--posts 5000]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.crowd import FIRST, OWNER, Crowd, CrowdSource
from bench.digests import Silent
from bot.build import Magpie
from config.settings import parse
from memory.embedding import Embedder, SentenceEmbedder
from memory.records import Message, fingerprint

Array = NDArray[np.float32]
EVENING = timedelta(hours=6)  # after FIRST, which is a noon
WEEK = 7
EVERY = timedelta(minutes=15)
STARTS = 7
MEGABYTE = 2**20


@dataclass
class Stopwatch:
    """Seconds that went by while it was running."""

    seconds: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Counts what is done within."""
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds += perf_counter() - began


@dataclass
class Drawn:
    """An embedder that takes no time: a direction drawn by lot for each text, always the same one."""

    name: str = "drawn"
    dim: int = 384

    def embed(self, texts: Sequence[str]) -> Array:
        """Unit rows (n, dim)."""
        rows = [np.random.default_rng(int(fingerprint(text), 16)).standard_normal(self.dim) for text in texts]
        drawn = np.array(rows, np.float32).reshape(len(texts), self.dim)
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


@dataclass
class Timed:
    """An embedder whose time is taken."""

    inner: Embedder
    watch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self.inner.name

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self.inner.dim

    def embed(self, texts: Sequence[str]) -> Array:
        """Unit rows (n, dim)."""
        with self.watch.running():
            return self.inner.embed(texts)


@dataclass
class Life:
    """Magpie among the crowd, by a clock that only this class moves."""

    crowd: Crowd
    embedder: Timed
    folder: Path
    window_hours: float
    clock: datetime = FIRST
    collecting: Stopwatch = field(default_factory=Stopwatch)
    read: int = 0

    def __post_init__(self) -> None:
        """Wired as ever, but for where posts come from and what it says."""
        table = {
            "owner": {"handle": OWNER, "interests": "more on rail and bees, no crypto"},
            "digest": {"window_hours": self.window_hours},
            "data": str(self.folder),
            "model": {"kind": "none"},
        }
        self.magpie = Magpie(
            parse(table),
            lambda: self.clock,
            given_sources=[CrowdSource(self.crowd, lambda: self.clock)],
            given_channel=Silent(),
            given_embedder=self.embedder,
            given_web=None,
        )

    def collect(self) -> None:
        """Everything up to now."""
        with self.collecting.running():
            record = self.magpie.collector.collect(self.magpie.sources)
        assert not record.failures, record.failures
        self.read += record.counts["read"]

    def digest(self) -> tuple[float, int]:
        """(seconds, candidates) of today's digest, which is delivered and which its owner answers."""
        watch = Stopwatch()
        with watch.running():
            made = self.magpie.editor.digest("terminal")
        self.magpie.speak()
        assert made.entries, made.notes
        self.clock += timedelta(minutes=5)
        said = Message("terminal", "1 👍 2 👎", self.clock, platform_id=f"answer-{self.clock:%d%H%M}")
        self.magpie.home.router.handle([said])
        self.magpie.speak()
        with self.magpie.store.begin() as memory:
            run = memory.runs.get(made.run)
        return watch.seconds, run.counts["candidates"] if run else 0


@dataclass(frozen=True)
class Figures:
    """What was measured on the way through four days, with the last digest out of all of them."""

    posts_a_second: float
    beside_model: float  # part of the time of collecting
    digest_seconds: float
    candidates: int


def four_days(crowd: Crowd, inner: Embedder) -> Figures:
    """Collect and tell every evening, and at the end once more, out of all that there is."""
    assert crowd.timeline  # made before the clock runs, as is the model loaded
    inner.embed(["warm"])
    with tempfile.TemporaryDirectory(prefix="magpie-scale-") as folder:
        life = Life(crowd, Timed(inner), Path(folder), window_hours=24 * crowd.days)
        for day in range(int(crowd.days)):
            life.clock = FIRST + EVENING + timedelta(days=day)
            life.collect()
            life.digest()
        life.clock = crowd.end
        life.collect()
        seconds, candidates = life.digest()
        life.magpie.store.close()
    beside = 1 - life.embedder.watch.seconds / life.collecting.seconds
    return Figures(life.read / life.collecting.seconds, beside, seconds, candidates)


def week(crowd: Crowd) -> list[float]:
    """Peak memory of this process, in MB, on each day of a week of collecting every quarter of an hour."""
    peaks = []
    with tempfile.TemporaryDirectory(prefix="magpie-week-") as folder:
        life = Life(crowd, Timed(SentenceEmbedder()), Path(folder), window_hours=36)
        for _ in range(WEEK):
            peaks.append(0.0)
            for _ in range(timedelta(days=1) // EVERY):
                _quarter(life)
                peaks[-1] = max(peaks[-1], psutil.Process().memory_info().rss / MEGABYTE)
    return peaks


def _quarter(life: Life) -> None:
    at = life.clock + EVERY
    life.clock = at
    life.collect()
    if at.hour == (FIRST + EVENING).hour and at.minute == 0:
        life.digest()
    life.clock = at


def start_up() -> float:
    """Seconds that ``magpie --help`` takes, the median of several."""
    taken = []
    for _ in range(STARTS):
        watch = Stopwatch()
        with watch.running():
            subprocess.run([sys.executable, "-m", "bot.cli", "--help"], check=True, capture_output=True)
        taken.append(watch.seconds)
    return median(taken)


def week_apart(posts: int) -> list[float]:
    """The week in a process of its own, so that nothing else is in its memory."""
    command = [sys.executable, "-m", "bench.scale", "--week", "--posts", str(posts)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return [float(peak) for peak in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=5000, help="in four days")
    parser.add_argument("--week", action="store_true", help="only the memory of each day of a week, as JSON")
    given = parser.parse_args()
    if given.week:
        print(json.dumps(week(Crowd(posts=given.posts * WEEK // 4, days=WEEK))))
        return
    crowd = Crowd(posts=given.posts)
    drawn, real = four_days(crowd, Drawn()), four_days(crowd, SentenceEmbedder())
    peaks = week_apart(given.posts)
    table = Table(
        "what", "measured", "aim", title=f"{crowd.posts} posts, {crowd.people} accounts, {os.cpu_count()} cores"
    )
    table.add_row("collecting without a model, posts a second", f"{drawn.posts_a_second:.0f}", "")
    table.add_row("collecting: time that is not the embedding model's", f"{real.beside_model:.1%}", "< 15 %")
    table.add_row(f"a digest from {real.candidates} candidates, seconds", f"{real.digest_seconds:.2f}", "< 2")
    table.add_row("magpie --help, seconds", f"{start_up():.2f}", "< 0.5")
    table.add_row("memory on each day of a week, MB", " ".join(f"{peak:.0f}" for peak in peaks), "< 1000, flat")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
