"""How often a kill leaves Chroma's index broken, by the size of the batches in which it is given vectors.

python -m bench.broken_index [--times 30] [--batches 10 250]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from config.errors import StoreError
from memory.index import ChromaIndex

DIM = 384
BEFORE, MORE = 2900, 1500  # vectors; Chroma writes its graph after every thousand
ASKED = 128
MISSED = 1 / 32
"""So many of its own vectors a sound index may not find among the nearest ten: it is approximate."""

LONGEST = 60.0  # seconds
BATCH = 0.03  # seconds that a batch takes about
WRITING = 0.012  # seconds that writing the graph takes about

_apart = multiprocessing.get_context("forkserver")


@dataclass(frozen=True)
class Shelf:
    """A folder with an index, and beside it a file that says how many vectors were acknowledged."""

    folder: Path

    @property
    def acknowledged(self) -> Path:
        """Numbers, one a line."""
        return self.folder.with_suffix(".acknowledged")

    @property
    def done(self) -> int:
        """How many vectors are there for certain."""
        return max((int(line) for line in self.acknowledged.read_text().split()), default=0)

    @property
    def written(self) -> int:
        """Changes whenever a file of the graph is written."""
        with suppress(FileNotFoundError):  # one that is just replaced
            return sum(path.stat().st_mtime_ns for path in self.folder.glob("*-*/*"))
        return -1


def vectors() -> NDArray[np.float32]:
    """Unit rows, always the same."""
    rows = np.random.default_rng(0).standard_normal((BEFORE + MORE, DIM)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def add(shelf: Shelf, batch: int, first: int, last: int) -> None:
    """Vectors from ``first`` to ``last``; each batch that Chroma has taken is acknowledged."""
    index, rows = ChromaIndex(shelf.folder, "me", "drawn", batch), vectors()
    with shelf.acknowledged.open("a") as file:
        for start in range(first, last, batch):
            end = min(start + batch, last)
            index.add(list(range(start + 1, end + 1)), rows[start:end])
            file.write(f"{end}\n")
            file.flush()
    os._exit(0)


def examine(shelf: Shelf) -> None:
    """Ends with 0 where all that was acknowledged is there, and is found."""
    index, rows, done = ChromaIndex(shelf.folder, "me", "drawn"), vectors(), shelf.done
    asked = random.Random(1).sample(range(done), min(done, ASKED))
    try:
        missed = sum(number + 1 not in [found for found, _ in index.query(rows[number], 10)] for number in asked)
        os._exit(int(index.count() < done or missed > max(3, MISSED * len(asked))))
    except StoreError:
        os._exit(1)


def at_any_moment(shelf: Shelf, process: Any, chance: random.Random) -> None:
    """Somewhere in a thousand vectors."""
    reached = BEFORE + chance.randrange(1000)
    _until(lambda: shelf.done > reached or not process.is_alive())
    time.sleep(chance.random() * BATCH)


def while_it_writes(shelf: Shelf, process: Any, chance: random.Random) -> None:
    """Just after the first file of the graph has changed."""
    before = shelf.written
    _until(lambda: shelf.written != before or not process.is_alive())
    time.sleep(chance.random() * WRITING)


MOMENTS = {"at any moment": at_any_moment, "while the graph is written": while_it_writes}


def broken(template: Shelf, batch: int, moment: Callable[[Shelf, Any, random.Random], None], seed: int) -> bool:
    """Whether a kill while vectors are added in such batches leaves the index broken."""
    with _copied(template) as shelf:
        process = _apart.Process(target=add, args=(shelf, batch, BEFORE, BEFORE + MORE), daemon=True)
        process.start()
        moment(shelf, process, random.Random(seed))
        process.kill()
        process.join()
        return _ran(examine, shelf) != 0


def _until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + LONGEST
    while not reached() and time.monotonic() < end:
        pass


@contextmanager
def _copied(template: Shelf) -> Iterator[Shelf]:
    with tempfile.TemporaryDirectory(prefix="magpie-broken-") as folder:
        shelf = Shelf(Path(folder) / "chroma")
        shutil.copytree(template.folder, shelf.folder)
        shelf.acknowledged.write_text(f"{BEFORE}\n")
        yield shelf


def _ran(work: Callable[..., None], *given: Any) -> int | None:
    """How a process of its own ended; None for one that hung."""
    process = _apart.Process(target=work, args=given, daemon=True)
    process.start()
    process.join(LONGEST)
    ended = process.exitcode
    if ended is None:
        process.kill()
        process.join()
    return ended


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=30, help="kills of each kind and size")
    parser.add_argument("--batches", type=int, nargs="+", default=[10, 250])
    given = parser.parse_args()
    table = Table("killed", *(f"batches of {batch}" for batch in given.batches), title=f"broken of {given.times}")
    with tempfile.TemporaryDirectory(prefix="magpie-broken-") as folder:
        template = Shelf(Path(folder) / "chroma")
        _ran(add, template, 50, 0, BEFORE)
        for name, moment in MOMENTS.items():
            counts = (sum(broken(template, batch, moment, n) for n in range(given.times)) for batch in given.batches)
            table.add_row(name, *map(str, counts))
    Console().print(table)


if __name__ == "__main__":
    main()
