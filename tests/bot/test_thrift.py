"""What is no longer needed is given back to the system."""

from __future__ import annotations

import ctypes

import psutil
import pytest

from bot.jobs.thrift import give_back_memory

MEGABYTES = 64
PIECE = 2**16  # small enough to come from the heap, not from pages of its own


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not the GNU C library")
def test_memory_that_was_freed_goes_back_even_from_below_what_is_still_used() -> None:
    pieces = [bytearray(b"\xff" * PIECE) for _ in range(MEGABYTES * 2**20 // PIECE)]
    full = psutil.Process().memory_info().rss
    kept = pieces.pop()
    pieces.clear()
    give_back_memory()
    assert full - psutil.Process().memory_info().rss > MEGABYTES // 2 * 2**20
    assert kept


def test_where_the_allocator_cannot_be_told_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_library(name: None) -> object:
        raise TypeError("no name was given")

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    give_back_memory()
