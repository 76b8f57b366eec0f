"""Hybrid recall with the real embedding model: by word, by meaning, and best by both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from memory.embedding import Embedder
from memory.index import ChromaIndex, bring_up_to_date
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, OWNER, HashedWords, ShelfIndex, post

POSTS = {
    "train": "The sleeper to Vienna runs again from December, with new couchettes.",
    "bees": "Our hives came through the winter; the first pollen is in.",
    "code": "Error E4021 in the borrow checker, fixed by a second lifetime.",
    "soup": "Pumpkin soup with ginger and coconut for a rainy day.",
    "vote": "Turnout in the municipal election was 61 percent.",
}


@pytest.fixture(scope="module")
def archive(minilm: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("archive")
    store, index = Store.open(folder / "magpie.db", OWNER), ChromaIndex(folder / "chroma", OWNER, minilm.name)
    fill(store, minilm)
    bring_up_to_date(store, index, minilm.name)
    yield Archive(store, minilm, index, ignored={"to", "the", "how", "something", "in"})
    store.close()


def fill(store: Store, embedder: Embedder) -> None:
    with store.begin() as memory:
        for name, text in POSTS.items():
            memory.items.keep(post(name, text), NOW)
        items = list(memory.items.all([post(name).uri for name in POSTS]).values())
        rows = embedder.embed([item.searchable for item in items])
        memory.vectors.put(embedder.name, zip(items, rows, strict=True))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("E4021", "code"),
        ("overnight railway journeys", "train"),
        ("beekeeping in spring", "bees"),
        ("something warm to cook", "soup"),
        ("how many people went to the polls?", "vote"),
        ("Vienna", "train"),
    ],
)
def test_a_post_is_found_by_its_words_or_by_its_meaning(archive: Archive, query: str, name: str) -> None:
    assert archive.search(query, 1)[0].item.uri == post(name).uri


def test_a_hit_says_in_which_ways_it_was_found(archive: Archive) -> None:
    both = archive.search("the sleeper to Vienna", 1)[0]
    meant = archive.search("overnight railway journeys", 1)[0]
    assert (both.ways, meant.ways) == (("words", "meaning"), ("meaning",))
    assert both.score > meant.score


@pytest.mark.parametrize("query", ["", "  \n"])
def test_a_query_without_words_finds_nothing(archive: Archive, query: str) -> None:
    assert archive.search(query) == []


def test_hits_come_best_first_each_once_and_no_more_than_asked_for(archive: Archive) -> None:
    hits = archive.search("winter soup in Vienna", 3)
    assert len({hit.item.uri for hit in hits}) == len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_what_was_deleted_is_not_found_although_the_index_does_not_know_yet(store: Store) -> None:
    embedder, index = HashedWords(), ShelfIndex()
    fill(store, embedder)
    bring_up_to_date(store, index, embedder.name)
    with store.begin() as memory:
        memory.items.purge(post("soup").ref, NOW)
    found = Archive(store, embedder, index).search("Pumpkin soup")
    assert found
    assert all("soup" not in hit.item.uri for hit in found)


def test_no_owner_finds_what_is_anothers(store: Store, tmp_path: Path) -> None:
    embedder, index = HashedWords(), ShelfIndex()
    fill(store, embedder)
    bring_up_to_date(store, index, embedder.name)
    other = Store.open(tmp_path / "magpie.db", "you@home.example")
    assert Archive(other, embedder, index).search("Pumpkin soup") == []
    assert Archive(other, embedder, index).by_words("Pumpkin soup", 9) == []
    other.close()
