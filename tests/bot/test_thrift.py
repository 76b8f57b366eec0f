"""What is no longer needed is given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from bot.jobs.collect import Collector
from bot.jobs.thrift import give_back_memory
from tests.fakes import HashedWords, Village, post

MEGABYTES = 64
PIECE = 2**16  # small enough to come from the heap, not from pages of its own


gnu = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not the GNU C library")


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(psutil.Process().memory_info().rss)


class Spender(HashedWords):
    """An embedder that needs much memory and frees all but a little of it."""

    full = 0
    kept = bytearray()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.kept, self.full = spent()
        return super().embed(texts)


def spent() -> tuple[bytearray, int]:
    """The piece that is still used, and how much was resident when all were."""
    pieces = [bytearray(b"\xff" * PIECE) for _ in range(MEGABYTES * 2**20 // PIECE)]
    return pieces[-1], resident()


@gnu
def test_memory_that_was_freed_goes_back_even_from_below_what_is_still_used() -> None:
    kept, full = spent()
    give_back_memory()
    assert full - resident() > MEGABYTES // 2 * 2**20
    assert kept


@gnu
def test_what_a_look_has_needed_is_given_back_when_it_is_over(collector: Collector, village: Village) -> None:
    spender = Spender()
    village.posts(post("a"))
    replace(collector, embedder=spender).collect([village])
    assert spender.full - resident() > MEGABYTES // 2 * 2**20
    assert spender.kept


def test_where_the_allocator_cannot_be_told_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: None) -> object:
        raise TypeError("no name was given")

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    give_back_memory()
