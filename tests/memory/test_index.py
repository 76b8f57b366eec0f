"""The vector index is a copy: it follows the store, forgets what is deleted, and can be built anew at any time."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from chromadb.api.shared_system_client import SharedSystemClient

from config.errors import StoreError
from memory.index import ChromaIndex, VectorIndex, begin_anew, bring_up_to_date
from memory.records import Item
from memory.store import Store
from tests.fakes import NOW, OWNER, HashedWords, ShelfIndex, post

EMBEDDER = HashedWords()
MODEL = EMBEDDER.name
ALL = 100


def live(store: Store, *posts: Item, indexable: bool = True) -> list[int]:
    """Keep, embed, and return the numbers."""
    with store.begin() as memory:
        for item in posts:
            memory.items.keep(item, NOW, indexable)
        items = list(memory.items.all([item.uri for item in posts]).values())
        memory.vectors.put(
            MODEL, zip(items, EMBEDDER.embed([item.searchable for item in items]), strict=True) if items else ()
        )
        numbers = {item.uri: item.id for item in items}
    return [numbers[item.uri] for item in posts]


def near(index: VectorIndex, text: str, count: int = ALL) -> list[int]:
    return [number for number, _ in index.query(EMBEDDER.embed([text])[0], count)]


@pytest.fixture(params=["chroma", "shelf"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> VectorIndex:
    """The real one, and the stand-in, which has to behave in the same way."""
    if request.param == "chroma":
        return ChromaIndex(tmp_path / "chroma", OWNER, MODEL)
    return ShelfIndex()


def test_the_nearest_come_first_with_their_similarity(index: VectorIndex) -> None:
    rows = EMBEDDER.embed(["night train to vienna", "train to vienna", "bees and honey"])
    index.add([1, 2, 3], rows)
    found = index.query(rows[0], 2)
    assert [number for number, _ in found] == [1, 2]
    assert [similarity for _, similarity in found] == pytest.approx([1.0, float(rows[0] @ rows[1])], abs=1e-4)


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert near(index, "anything") == []
    assert index.count() == 0
    index.add([], np.zeros((0, EMBEDDER.dim), np.float32))
    index.delete([7])
    assert index.count() == 0


def test_more_can_be_asked_for_than_there_is(index: VectorIndex) -> None:
    index.add([1, 2], EMBEDDER.embed(["a", "b"]))
    assert sorted(near(index, "a", 50)) == [1, 2]


def test_adding_again_replaces(index: VectorIndex) -> None:
    index.add([1, 2], EMBEDDER.embed(["turnips", "parsnips"]))
    index.add([1], EMBEDDER.embed(["honey"]))
    assert index.count() == 2
    assert near(index, "honey")[0] == 1


def test_rebuilding_begins_anew(index: VectorIndex) -> None:
    index.add([1, 2], EMBEDDER.embed(["turnips", "parsnips"]))
    index.rebuild([([3], EMBEDDER.embed(["honey"])), ([4], EMBEDDER.embed(["bees"]))])
    assert sorted(near(index, "honey")) == [3, 4]


def test_the_index_follows_the_store(store: Store, index: VectorIndex) -> None:
    numbers = live(store, *(post(str(n)) for n in range(25)))
    assert bring_up_to_date(store, index, MODEL, chunk=10) == 25
    assert bring_up_to_date(store, index, MODEL) == 0
    assert sorted(near(index, "words")) == numbers


def test_what_is_deleted_is_forgotten(store: Store, index: VectorIndex) -> None:
    a, b = live(store, post("a"), post("b"))
    bring_up_to_date(store, index, MODEL)
    with store.begin() as memory:
        memory.items.purge(post("a").ref, NOW)
    assert bring_up_to_date(store, index, MODEL) == 0
    assert near(index, "the words of a") == [b]
    with store.begin() as memory:
        assert memory.vectors.removals() == []
    assert a not in near(index, "a")


def test_what_is_edited_is_found_by_its_new_words(store: Store, index: VectorIndex) -> None:
    a, b = live(store, post("a", "turnips"), post("b", "honey"))
    bring_up_to_date(store, index, MODEL)
    live(store, post("a", "bees"))
    assert bring_up_to_date(store, index, MODEL) == 1
    assert (near(index, "bees")[0], near(index, "honey")[0]) == (a, b)
    assert index.count() == 2


def test_what_asks_not_to_be_indexed_is_not(store: Store, index: VectorIndex) -> None:
    live(store, post("a"), indexable=False)
    assert bring_up_to_date(store, index, MODEL) == 0
    with store.begin() as memory:
        memory.items.make_searchable(post("a").uri)
    assert bring_up_to_date(store, index, MODEL) == 1


def test_what_asks_later_not_to_be_indexed_leaves(store: Store, index: VectorIndex) -> None:
    live(store, post("a"))
    bring_up_to_date(store, index, MODEL)
    with store.begin() as memory:
        memory.items.keep(post("a"), NOW, indexable=False)
    bring_up_to_date(store, index, MODEL)
    assert index.count() == 0


def test_a_step_that_is_interrupted_is_taken_again(store: Store, index: VectorIndex) -> None:
    numbers = live(store, *(post(str(n)) for n in range(5)))
    index.add(numbers[:3], EMBEDDER.embed(["x", "y", "z"]))  # added, and killed before it was noted
    assert bring_up_to_date(store, index, MODEL) == 5
    assert index.count() == 5


def test_what_is_gone_is_not_lost_sight_of_when_beginning_anew_breaks_off(store: Store) -> None:
    class Breaking(ShelfIndex):
        def rebuild(self, batches: object) -> None:
            raise StoreError("The disk is full.")

    live(store, post("a"), post("b"))
    index = Breaking()
    bring_up_to_date(store, index, MODEL)
    with store.begin() as memory:
        memory.items.purge(post("a").ref, NOW)
    with pytest.raises(StoreError):
        begin_anew(store, index, MODEL)
    assert index.count() == 2
    bring_up_to_date(store, index, MODEL)
    assert index.count() == 1


def answers(index: VectorIndex) -> list[list[tuple[int, float]]]:
    found = [index.query(row, 5) for row in EMBEDDER.embed(["the words of 3", "words", "17"])]
    return [[(number, round(similarity, 3)) for number, similarity in row if similarity > 0.01] for row in found]


def test_an_index_whose_folder_was_deleted_is_rebuilt_and_answers_the_same(store: Store, tmp_path: Path) -> None:
    live(store, *(post(str(n), f"the words of {n} {'and ' * (n % 7)}") for n in range(30)))
    folder = tmp_path / "chroma"
    before = ChromaIndex(folder, OWNER, MODEL)
    bring_up_to_date(store, before, MODEL)
    told = answers(before)
    SharedSystemClient.clear_system_cache()  # as if the program had ended
    shutil.rmtree(folder)
    after = ChromaIndex(folder, OWNER, MODEL)
    assert bring_up_to_date(store, after, MODEL) == 30
    assert answers(after) == told


def test_an_index_that_holds_less_than_it_should_is_rebuilt(store: Store, index: VectorIndex) -> None:
    numbers = live(store, *(post(str(n)) for n in range(5)))
    bring_up_to_date(store, index, MODEL)
    index.delete(numbers[:1])
    assert bring_up_to_date(store, index, MODEL) == 5
    assert sorted(near(index, "words")) == numbers


def test_an_index_that_is_reopened_still_knows(store: Store, tmp_path: Path) -> None:
    numbers = live(store, *(post(str(n)) for n in range(5)))
    bring_up_to_date(store, ChromaIndex(tmp_path / "chroma", OWNER, MODEL), MODEL)
    SharedSystemClient.clear_system_cache()
    again = ChromaIndex(tmp_path / "chroma", OWNER, MODEL)
    assert bring_up_to_date(store, again, MODEL) == 0
    assert sorted(near(again, "words")) == numbers


def test_owners_and_models_have_collections_of_their_own(store: Store, tmp_path: Path) -> None:
    live(store, post("a"))
    bring_up_to_date(store, ChromaIndex(tmp_path / "chroma", OWNER, MODEL), MODEL)
    for owner, model in (("you@home.example", MODEL), (OWNER, "another model")):
        other = ChromaIndex(tmp_path / "chroma", owner, model)
        assert other.count() == 0
        assert near(other, "words") == []


def test_an_index_is_not_opened_before_it_is_asked_and_then_for_its_owner_alone(tmp_path: Path) -> None:
    index = ChromaIndex(tmp_path / "chroma", OWNER, MODEL)
    assert not (tmp_path / "chroma").exists()
    index.count()
    assert stat.S_IMODE((tmp_path / "chroma").stat().st_mode) == 0o700


def test_an_index_holds_no_words(store: Store, tmp_path: Path) -> None:
    live(store, post("a", "quokkafication"))
    bring_up_to_date(store, ChromaIndex(tmp_path / "chroma", OWNER, MODEL), MODEL)
    files = [path for path in (tmp_path / "chroma").rglob("*") if path.is_file()]
    assert files
    assert not any(b"quokkafi" in path.read_bytes() for path in files)
