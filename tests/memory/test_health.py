"""An index that is broken is found out, begun anew, and never asked meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from chromadb.api.shared_system_client import SharedSystemClient

from config.errors import StoreError
from memory.exact import ExactIndex
from memory.index import ChromaIndex
from memory.keeping.health import DOUBT, State, WatchedIndex, healthy, suspect
from memory.store import Store
from tests.fakes import NOW, OWNER, post

MODEL = "random"
SIZE = 1300  # more than Chroma keeps in its journal alone
ROWS = np.random.default_rng(7).normal(size=(SIZE, 16)).astype(np.float32)
ROWS /= np.linalg.norm(ROWS, axis=1, keepdims=True)


def fill(store: Store, first: int, last: int) -> None:
    with store.begin() as memory:
        for number in range(first, last):
            memory.items.keep(post(str(number)), NOW)
        items = list(memory.items.all([post(str(number)).uri for number in range(first, last)]).values())
        memory.vectors.put(MODEL, [(item, ROWS[int(item.ref.rpartition("#")[2])]) for item in items])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a memory and its index, closed."""
    folder = tmp_path_factory.mktemp("whole")
    store = Store.open(folder / "magpie.db", OWNER)
    fill(store, 0, SIZE)
    index = ChromaIndex(folder / "chroma", OWNER, MODEL, batch=500)
    assert WatchedIndex(store, index).mend() == SIZE
    index.close()
    store.close()
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of it that may be damaged."""
    return shutil.copytree(whole, tmp_path / "data")


@pytest.fixture
def started(folder: Path) -> Iterator[Callable[[], WatchedIndex]]:
    """Gives the index of a Magpie that has just begun."""
    stores: list[Store] = []

    def start() -> WatchedIndex:
        SharedSystemClient.clear_system_cache()
        stores.append(Store.open(folder / "magpie.db", OWNER))
        return WatchedIndex(stores[-1], ChromaIndex(folder / "chroma", OWNER, MODEL, batch=500))

    yield start
    for store in stores:
        store.close()


def same_answers(index: WatchedIndex) -> bool:
    exact = ExactIndex(index.store, MODEL)
    ours = [[n for n, _ in index.query(row, 5)] for row in ROWS[::50]]
    return ours == [[n for n, _ in exact.query(row, 5)] for row in ROWS[::50]]


def segment(folder: Path) -> Path:
    return next(path for path in (folder / "chroma").iterdir() if path.is_dir())


def lose_segment(folder: Path) -> None:
    shutil.rmtree(segment(folder))


def lose_folder(folder: Path) -> None:
    shutil.rmtree(folder / "chroma")


def truncate_vectors(folder: Path) -> None:
    os.truncate(segment(folder) / "data_level0.bin", 1000)


def truncate_catalogue(folder: Path) -> None:
    os.truncate(folder / "chroma" / "chroma.sqlite3", 5000)


DAMAGES = [lose_segment, lose_folder, truncate_vectors, truncate_catalogue]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_built_anew_and_answers_as_the_store_does(
    folder: Path, started: Callable[[], WatchedIndex], damage: Callable[[Path], None]
) -> None:
    damage(folder)
    suspect(folder / "chroma")
    index = started()
    assert same_answers(index), "before it is mended"
    assert index.mend() == SIZE
    assert index.state is State.BEHIND
    assert same_answers(index)
    assert index.state is State.SOUND
    assert not (folder / "chroma" / DOUBT).exists()
    assert index.chroma.count() == SIZE


def test_a_sound_index_is_left_as_it_is(folder: Path, started: Callable[[], WatchedIndex]) -> None:
    before = segment(folder)
    suspect(folder / "chroma")
    index = started()
    assert index.mend() == 0
    assert segment(folder) == before
    assert same_answers(index)
    assert not (folder / "chroma" / DOUBT).exists()


def test_a_lost_segment_is_found_out_even_where_nobody_suspects_it(
    folder: Path, started: Callable[[], WatchedIndex]
) -> None:
    lose_segment(folder)
    index = started()
    assert index.chroma.count() == SIZE, "it counts as if nothing had happened"
    assert same_answers(index)
    assert index.state is State.BROKEN
    assert index.mend() == SIZE


def test_the_child_says_what_it_finds(folder: Path) -> None:
    numbers = list(range(1, SIZE + 1, 20))
    sample = (numbers, ROWS[[number - 1 for number in numbers]])
    assert healthy(folder / "chroma", OWNER, MODEL, sample)
    assert not healthy(folder / "chroma", OWNER, MODEL, sample, seconds=0.01), "a silent one is not trusted"
    lose_segment(folder)
    assert not healthy(folder / "chroma", OWNER, MODEL, sample)


KILLED = """
import sys
from pathlib import Path
from memory.index import ChromaIndex, bring_up_to_date
from memory.keeping.health import WatchedIndex
from memory.store import Store
folder = Path(sys.argv[1])
store = Store.open(folder / "magpie.db", "{owner}")
index = WatchedIndex(store, ChromaIndex(folder / "chroma", "{owner}", "{model}", batch=10))
index.rebuild(())
with store.begin() as memory:
    memory.vectors.mark_all_unindexed("{model}")
bring_up_to_date(store, index, "{model}", chunk=20)
"""


def indexed(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "magpie.db")) as conn:
        return int(conn.execute("SELECT count(*) FROM vectors WHERE indexed").fetchone()[0])


def some_are_in(folder: Path) -> bool:
    return 60 < indexed(folder) < SIZE


def the_graph_is_being_written(folder: Path) -> bool:
    """Which Chroma does after every thousand vectors; a kill can break it then."""
    return some_are_in(folder) and any(file.stat().st_size for file in (folder / "chroma").glob("*/link_lists.bin"))


@pytest.mark.parametrize("reached", [some_are_in, the_graph_is_being_written])
def test_what_is_killed_while_adding_goes_on_to_the_same_answers(
    folder: Path, started: Callable[[], WatchedIndex], reached: Callable[[Path], bool]
) -> None:
    program = KILLED.format(owner=OWNER, model=MODEL)
    index = started()
    with subprocess.Popen([sys.executable, "-c", program, str(folder)]) as child:
        while not reached(folder) and child.poll() is None:
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    suspect(folder / "chroma")
    assert same_answers(index)
    index.mend()
    assert same_answers(index)
    assert index.state is State.SOUND


def test_an_index_that_fails_while_it_is_asked_is_doubted_and_the_store_answers(
    started: Callable[[], WatchedIndex], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    index = started()

    def fails(*given: object) -> None:
        raise StoreError("the index is gone")

    monkeypatch.setattr(ChromaIndex, "query", fails)
    assert same_answers(index)
    assert (folder / "chroma" / DOUBT).exists()
    monkeypatch.undo()
    assert index.mend() == SIZE


def test_what_cannot_be_added_is_added_when_the_index_is_begun_anew(
    started: Callable[[], WatchedIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = started()
    assert index.mend() == 0
    with index.store.begin() as memory:
        memory.items.purge(post("7").ref, NOW)
        memory.vectors.mark_indexed(MODEL, range(1, 100), indexed=False)

    def fails(*given: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(ChromaIndex, "add", fails)
    index.mend()
    assert same_answers(index)
    monkeypatch.undo()
    assert index.mend() == SIZE - 1
    assert same_answers(index)
    assert index.state is State.SOUND


def test_new_items_are_answered_for_before_they_are_in_the_index(started: Callable[[], WatchedIndex]) -> None:
    index = started()
    with index.store.begin() as memory:
        memory.vectors.mark_indexed(MODEL, [3], indexed=False)
    index.chroma.delete([3])
    assert same_answers(index)
    assert index.state is State.BEHIND
    assert index.mend() == 1
    assert same_answers(index)
    assert index.state is State.SOUND


def test_an_index_of_an_empty_memory_is_sound(store: Store, tmp_path: Path) -> None:
    index = WatchedIndex(store, ChromaIndex(tmp_path / "chroma", OWNER, MODEL))
    assert index.query(ROWS[0], 5) == []
    assert index.mend() == 0
    fill(store, 0, 3)
    assert index.mend() == 3
    assert [number for number, _ in index.query(ROWS[1], 1)] == [2]
