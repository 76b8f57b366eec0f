"""Vectors: half the size at rest, never NaN, and dropped when the words change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from config.errors import ModelError
from memory.records import Item
from memory.store import Memory, Store
from tests.fakes import NOW, HashedWords, post, ref

MODEL, OTHER = "hashed words", "another model"
E0, E1 = np.eye(2, dtype=np.float32)


def kept(memory: Memory, name: str, text: str = "quokka", indexable: bool = True) -> Item:
    memory.items.keep(post(name, text), NOW, indexable)
    item = memory.items.by_ref(ref(name))
    assert item is not None
    return item


def test_new_items_miss_a_vector_until_one_is_put_newest_first(store: Store) -> None:
    with store.begin() as memory:
        a, b = kept(memory, "a"), kept(memory, "b")
        assert memory.vectors.missing(MODEL, 9) == [b.id, a.id]
        assert memory.vectors.missing(MODEL, 1) == [b.id]
        memory.vectors.put(MODEL, [(a, E0)])
        assert memory.vectors.missing(MODEL, 9) == [b.id]
        assert memory.vectors.missing(OTHER, 9) == [b.id, a.id]


numbers = st.floats(-1, 1, width=32).filter(lambda number: abs(number) > 1e-3)
rows = arrays.arrays(np.float32, 32, elements=numbers).map(lambda row: row / np.linalg.norm(row))


@pytest.fixture(scope="module")
def one(newcomer) -> tuple[Store, Item]:  # type: ignore[no-untyped-def]
    store = newcomer()
    with store.begin() as memory:
        return store, kept(memory, "a")


@given(row=rows)
def test_a_vector_comes_back_finite_and_as_it_was_to_three_digits(one: tuple[Store, Item], row: np.ndarray) -> None:
    store, item = one
    with store.begin() as memory:
        memory.vectors.put(MODEL, [(item, row)])
        back = memory.vectors.get(MODEL, [item.id])[item.id]
    assert back.dtype == np.float32
    assert np.isfinite(back).all()
    assert np.allclose(back, row, atol=1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e6])
def test_what_is_no_unit_vector_is_refused(store: Store, bad: float) -> None:
    with store.begin() as memory, pytest.raises(ModelError, match="not of unit length"):
        memory.vectors.put(MODEL, [(kept(memory, "a"), np.array([bad, 0], np.float32))])


def test_a_vector_of_words_that_have_changed_meanwhile_is_not_kept(store: Store) -> None:
    with store.begin() as memory:
        before, gone = kept(memory, "a", "turnips"), kept(memory, "b")
        memory.items.keep(post("a", "parsnips"), NOW)
        memory.items.purge(gone.ref, NOW)
        memory.vectors.put(MODEL, [(before, E0), (gone, E1)])
        assert memory.vectors.get(MODEL, [before.id, gone.id]) == {}
        assert memory.vectors.missing(MODEL, 9) == [before.id]


def test_vectors_of_different_models_do_not_mix(store: Store) -> None:
    with store.begin() as memory:
        a = kept(memory, "a")
        memory.vectors.put(MODEL, [(a, E0)])
        memory.vectors.put(OTHER, [(a, E1)])
        assert memory.vectors.get(MODEL, [a.id])[a.id].tolist() == [1, 0]
        assert memory.vectors.get(OTHER, [a.id])[a.id].tolist() == [0, 1]
        memory.vectors.mark_indexed(MODEL, [a.id])
        assert (memory.vectors.unindexed(MODEL, 9), memory.vectors.unindexed(OTHER, 9)) == ([], [a.id])
        assert (memory.vectors.indexed_count(MODEL), memory.vectors.indexed_count(OTHER)) == (1, 0)


def test_a_vector_put_anew_is_to_be_indexed_anew(store: Store) -> None:
    with store.begin() as memory:
        a = kept(memory, "a")
        memory.vectors.put(MODEL, [(a, E0)])
        memory.vectors.mark_indexed(MODEL, [a.id])
        memory.vectors.put(MODEL, [(a, E1)])
        assert memory.vectors.unindexed(MODEL, 9) == [a.id]


def test_what_is_not_to_be_searched_is_embedded_and_not_indexed(store: Store) -> None:
    with store.begin() as memory:
        hidden = kept(memory, "a", indexable=False)
        assert memory.vectors.missing(MODEL, 9) == [hidden.id]
        memory.vectors.put(MODEL, [(hidden, E0)])
        assert memory.vectors.unindexed(MODEL, 9) == []


def test_removals_wait_until_the_index_has_forgotten_them(store: Store) -> None:
    with store.begin() as memory:
        numbers = [kept(memory, name).id for name in "abc"]
        for name in "abc":
            memory.items.purge(ref(name), NOW)
        assert sorted(memory.vectors.removals()) == numbers
        memory.vectors.removed(numbers[:2])
        assert memory.vectors.removals() == numbers[2:]


def test_more_vectors_can_be_asked_for_than_a_statement_may_hold(store: Store) -> None:
    with store.begin() as memory:
        items = [kept(memory, str(n)) for n in range(3)]
        memory.vectors.put(MODEL, zip(items, HashedWords().embed(["a", "b", "c"]), strict=True))
        assert len(memory.vectors.get(MODEL, [10_000 + n for n in range(1200)] + [item.id for item in items])) == 3
