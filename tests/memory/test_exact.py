"""The exact answer from the store, whatever has become of the index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from memory.exact import ExactIndex
from memory.store import Store
from tests.fakes import NOW, HashedWords, ShelfIndex, post

EMBEDDER = HashedWords()


def live(store: Store, texts: dict[str, str], indexable: bool = True) -> None:
    with store.begin() as memory:
        for name, text in texts.items():
            memory.items.keep(post(name, text), NOW, indexable)
        items = list(memory.items.all([post(name).uri for name in texts]).values())
        rows = EMBEDDER.embed([item.searchable for item in items])
        memory.vectors.put(EMBEDDER.name, zip(items, rows, strict=True))


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_it_answers_what_a_comparison_with_everything_answers(store: Store, chunk: int) -> None:
    live(store, {str(n): f"the words of {n} {'and ' * (n % 5)}" for n in range(40)})
    exact, shelf = ExactIndex(store, EMBEDDER.name, chunk), ShelfIndex()
    with store.begin() as memory:
        numbers, rows = memory.vectors.after(EMBEDDER.name, 0, 100)
    shelf.add(numbers, rows)
    wanted = EMBEDDER.embed(["the words and"])[0]
    found, known = exact.query(wanted, 12), shelf.query(wanted, 40)
    assert [similarity for _, similarity in found] == pytest.approx([s for _, s in known[:12]], abs=2e-3)
    assert exact.count() == 40


def test_it_knows_nothing_that_is_not_searchable_or_of_another_model(store: Store) -> None:
    live(store, {"hidden": "turnips"}, indexable=False)
    live(store, {"open": "turnips"})
    wanted = EMBEDDER.embed(["turnips"])[0]
    with store.begin() as memory:
        item = memory.items.get(post("open").uri)
    assert item is not None
    assert [number for number, _ in ExactIndex(store, EMBEDDER.name).query(wanted, 9)] == [item.id]
    assert ExactIndex(store, "another model").query(wanted, 9) == []


def test_no_owner_is_answered_from_what_is_anothers(store: Store, tmp_path: Path) -> None:
    live(store, {"a": "turnips"})
    other = Store.open(tmp_path / "magpie.db", "you@home.example")
    assert ExactIndex(other, EMBEDDER.name).query(EMBEDDER.embed(["turnips"])[0], 9) == []
    other.close()


def test_what_is_deleted_is_gone_at_once_and_what_is_new_is_there(store: Store) -> None:
    exact = ExactIndex(store, EMBEDDER.name)
    live(store, {"a": "turnips", "b": "parsnips"})
    exact.add([99], np.ones((1, 64), np.float32))
    exact.delete([1])
    exact.rebuild([([98], np.ones((1, 64), np.float32))])
    assert exact.count() == 2
    with store.begin() as memory:
        memory.items.purge(post("a").ref, NOW)
    assert exact.count() == 1
