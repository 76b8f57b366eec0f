"""What is laid aside stays in the memory, and is neither searched nor embedded until it is taken back."""

from __future__ import annotations

from pathlib import Path

from memory.exact import ExactIndex
from memory.keeping.embedding import embed_missing
from memory.keeping.export import export
from memory.keeping.forgetting import forget
from memory.keeping.taking_in import take_in
from memory.records import Item
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, OWNER, HashedWords, post

HELLO = post("hello", "good turnip morning")


def laid_aside(store: Store, indexable: bool = True) -> Item:
    with store.begin() as memory:
        memory.items.keep(post("other", "turnip soup with parsley"), NOW)
        memory.items.keep(HELLO, NOW, indexable=False)
        memory.chaff.lay_aside(HELLO.uri, "a greeting", indexable)
    return HELLO


def found(store: Store) -> set[str]:
    embed_missing(store, HashedWords())
    archive = Archive(store, HashedWords(), ExactIndex(store, HashedWords().name))
    return {hit.item.uri for hit in archive.search("turnip")}


def embedded(store: Store) -> int:
    embed_missing(store, HashedWords())
    with store.begin() as memory:
        return len(memory.vectors.get(HashedWords().name, [memory.items.all([HELLO.uri])[HELLO.uri].id]))


def test_it_is_kept_but_neither_searched_nor_embedded(store: Store) -> None:
    laid_aside(store)
    assert found(store) == {post("other").uri} and embedded(store) == 0
    with store.begin() as memory:
        item = memory.items.get(HELLO.uri)
        assert item is not None and item.text == HELLO.text
        assert memory.chaff.reasons([HELLO.uri, post("other").uri, "nowhere"]) == {HELLO.uri: "a greeting"}
        memory.chaff.lay_aside(HELLO.uri, "very short")
        memory.chaff.lay_aside("nowhere", "very short")
        assert memory.chaff.all(9) == [HELLO.uri] and memory.chaff.reasons([HELLO.uri]) == {HELLO.uri: "very short"}


def test_taken_back_it_is_as_if_nothing_had_been(store: Store) -> None:
    laid_aside(store)
    with store.begin() as memory:
        assert memory.chaff.take_back(HELLO.uri) and not memory.chaff.take_back(HELLO.uri)
    assert found(store) == {HELLO.uri, post("other").uri} and embedded(store) == 1


def test_who_asks_not_to_be_indexed_is_not_when_it_is_taken_back(store: Store) -> None:
    laid_aside(store, indexable=False)
    with store.begin() as memory:
        assert memory.chaff.take_back(HELLO.uri)
    assert found(store) == {post("other").uri} and embedded(store) == 1


def test_what_the_owner_reacts_to_is_taken_back(store: Store) -> None:
    laid_aside(store)
    with store.begin() as memory:
        memory.items.make_searchable(HELLO.uri)
        assert memory.chaff.all(9) == []
    assert found(store) == {HELLO.uri, post("other").uri}


def test_what_is_deleted_is_not_in_it_any_more(store: Store) -> None:
    laid_aside(store)
    with store.begin() as memory:
        assert forget(memory, HELLO.ref, NOW)
        assert memory.chaff.all(9) == []


def test_an_export_carries_it_along(store: Store, tmp_path: Path) -> None:
    laid_aside(store)
    path, counts = export(store, tmp_path, NOW)
    assert counts["chaff"] == 1
    other = Store.open(tmp_path / "new" / "magpie.db", OWNER)
    assert take_in(other, path).faults == []
    assert found(other) == {post("other").uri} and embedded(other) == 0
    other.close()
