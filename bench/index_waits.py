"""What writing to Chroma's index costs, and how long a question waits meanwhile, by the size of the batches.

python -m bench.index_waits [--times 3] [--batches 10 50 100 250]

Each size in turn, each time in a process of its own: first without a question, for the processor time, then with one
question after another.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from memory.index import ChromaIndex

VECTORS, DIM, CHUNK = 5000, 384, 500
"""As many as come in a chunk are given at once, as bringing the index up to date does."""

PAUSE = 0.01  # seconds between two questions


def rows() -> NDArray[np.float32]:
    """Unit rows, always the same."""
    drawn = np.random.default_rng(0).standard_normal((VECTORS, DIM)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def written(batch: int, asked: bool) -> tuple[float, list[float]]:
    """Seconds of the processor for writing them all, and seconds that each question took meanwhile."""
    drawn, waits, done = rows(), list[float](), Event()
    with tempfile.TemporaryDirectory(prefix="magpie-waits-") as folder:
        index = ChromaIndex(Path(folder) / "chroma", "me", "drawn", batch)
        index.add([1], drawn[:1])

        def ask() -> None:
            while not done.wait(PAUSE):
                began = time.perf_counter()
                index.query(drawn[0], 10)
                waits.append(time.perf_counter() - began)

        asking = Thread(target=ask)
        if asked:
            asking.start()
        began = time.process_time()
        for start in range(0, VECTORS, CHUNK):
            index.add(list(range(start + 1, start + CHUNK + 1)), drawn[start : start + CHUNK])
        spent = time.process_time() - began
        done.set()
        if asked:
            asking.join()
        index.close()
    return spent, waits


def measured(batches: list[int], times: int) -> Iterator[tuple[int, float, list[float]]]:
    """Batch, seconds of the processor, waits; one size after the other, so that a busy minute is no one's alone."""
    for _ in range(times):
        for batch in batches:
            with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as apart:
                spent, _ = apart.apply(written, (batch, False))
                _, waits = apart.apply(written, (batch, True))
            yield batch, spent, waits


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[10, 50, 100, 250])
    given = parser.parse_args()
    spent, waits = defaultdict[int, list[str]](list), defaultdict[int, list[str]](list)
    for batch, seconds, waited in measured(given.batches, given.times):
        spent[batch].append(f"{seconds:.1f}")
        waits[batch].append(f"{1000 * max(waited):.0f}")
    table = Table("batches of", "CPU s", "longest wait, ms", title=f"{VECTORS} vectors")
    for batch in given.batches:
        table.add_row(str(batch), " ".join(spent[batch]), " ".join(waits[batch]))
    Console().print(table)


if __name__ == "__main__":
    main()
