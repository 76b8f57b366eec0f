"""Filters are conditions of the search itself: what is asked for is found however much else is nearer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from memory.candidates import Finder
from memory.index import bring_up_to_date
from memory.keeping.embedding import embed_missing
from memory.query import Filters
from memory.records import Evidence, Kind, Message, Reaction
from memory.search import Archive
from memory.store import Store
from tests.fakes import NOW, HashedWords, ShelfIndex, account, post

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def archive(newcomer: Callable[[], Store]) -> Archive:
    """Sixty posts about turnips, and five that a filter each is after, which say less of them."""
    store, embedder, index = newcomer(), HashedWords(), ShelfIndex()
    with store.begin() as memory:
        for n in range(60):
            memory.items.keep(post(f"other{n}", f"turnips turnips {n}", by="bob", at=NOW), NOW)
        for name, more in {
            "old": {"at": NOW - 9 * DAY},
            "anns": {"by": "ann"},
            "feed": {"source": "rss"},
            "article": {"kind": "article"},
            "german": {"language": "de-AT"},
            "liked": {},
            "told": {},
            "mine": {},
        }.items():
            memory.items.keep(
                post(name, f"a word on turnips and much else besides {name}", **{"by": "bob", **more}), NOW
            )
        told = memory.items.get(post("told").uri)
        assert told is not None
        memory.seen.add_item(told, NOW, Evidence.DELIVERED)
        memory.reactions.add(Reaction(Kind.LIKE, NOW, post("liked").uri, event="1"))
        memory.reactions.add(Reaction(Kind.AUTHORED, NOW, post("mine").uri, event="2"))
    embed_missing(store, embedder)
    bring_up_to_date(store, index, embedder.name)
    return Archive(store, embedder, index)


def names(archive: Archive, filters: Filters, **more: int) -> set[str]:
    return {hit.item.uri.rsplit("/", 1)[-1] for hit in archive.search("turnips", filters=filters, **more)}


CASES = {
    "old": Filters(until=NOW - DAY),
    "anns": Filters(people=frozenset({account("ann").uri})),
    "feed": Filters(sources=frozenset({"rss", "nothing"})),
    "article": Filters(kinds=frozenset({"article"})),
    "german": Filters(languages=frozenset({"de"})),
    "liked": Filters(deeds=frozenset({Kind.LIKE})),
    "told": Filters(delivered=True),
    "mine": Filters(deeds=frozenset({Kind.AUTHORED, Kind.BOOKMARK})),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_filter_leaves_is_found_though_much_else_is_nearer(archive: Archive, name: str) -> None:
    assert names(archive, CASES[name], pool=1) == {name}


@pytest.mark.parametrize("name", CASES)
def test_the_index_is_asked_deeper_until_the_filter_has_left_enough(
    archive: Archive, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory.search.SOME", 0)
    monkeypatch.setattr("memory.search.FEW", 0)
    assert names(archive, CASES[name], pool=1) == {name}


def test_the_first_instant_is_within_and_the_last_is_not(archive: Archive) -> None:
    assert "old" in names(archive, Filters(since=NOW - 9 * DAY, until=NOW))
    assert names(archive, Filters(since=NOW - 9 * DAY + timedelta(seconds=1), until=NOW)) == set()


@pytest.mark.parametrize("few", [True, False])
def test_what_the_owner_wrote_counts_under_whatever_name(
    archive: Archive, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory.search.SOME", 5000 if few else 0)
    assert names(archive, Filters(own=True)) == {"mine"}
    assert names(archive, Filters(people=frozenset({account("ann").uri}), own=True)) == {"anns", "mine"}
    assert names(archive, Filters(own=True, kinds=frozenset({"article"}))) == set()


def test_filters_together_must_all_hold(archive: Archive) -> None:
    both = Filters(kinds=frozenset({"article"}), people=frozenset({account("ann").uri}))
    assert names(archive, both) == set()


def test_words_alone_are_filtered_too(archive: Archive) -> None:
    with archive.store.begin() as memory:
        anns = memory.items.get(post("anns").uri)
    assert anns is not None
    assert archive.by_words("turnips", 9, CASES["anns"]) == [anns.id]


def test_what_was_asked_is_no_answer_and_takes_nobodys_place(newcomer: Callable[[], Store]) -> None:
    store, embedder, index = newcomer(), HashedWords(), ShelfIndex()
    with store.begin() as memory:
        memory.items.keep(post("seen", "turnips were seen in Lisbon"), NOW)
        for n in range(30):
            memory.notes.heard(Message("pigeon", "who saw turnips?", NOW, f"m{n}"), account("me").uri, asks=True)
    embed_missing(store, embedder)
    with store.begin() as memory:
        assert memory.vectors.sample(embedder.name, 0, 99) == []
        assert len(memory.vectors.unindexed(embedder.name, 99)) == 1
    bring_up_to_date(store, index, embedder.name)
    archive = Archive(store, embedder, index)
    for narrowed in (Filters(), Filters(since=NOW - DAY)):
        (hit,) = archive.search("who saw turnips?", 1, narrowed)
        assert hit.item.uri == post("seen").uri
    asked = archive.search("who saw turnips?", 9, Filters(kinds=frozenset({"question"})))
    assert len(asked) == 9 and {hit.item.kind for hit in asked} == {"question"}


@pytest.mark.parametrize("name", ["liked", "mine", "told", "own"])
def test_what_the_owner_did_with_an_item_is_found_without_looking_at_all_items(
    newcomer: Callable[[], Store], name: str
) -> None:
    store, filters = newcomer(), {**CASES, "own": Filters(people=frozenset({account("ann").uri}), own=True)}[name]
    with store.begin() as memory:
        memory.items.keep(post("one", "turnips", by="ann"), NOW)
        one = memory.items.get(post("one").uri)
        assert one is not None
        memory.seen.add_item(one, NOW, Evidence.DELIVERED)
        for number, kind in enumerate((Kind.LIKE, Kind.AUTHORED)):
            memory.reactions.add(Reaction(kind, NOW, one.uri, event=f"{number}"))
    few = steps(store, filters)
    with store.begin() as memory:
        for n in range(300):
            memory.items.keep(post(f"other{n}", "turnips", by="bob"), NOW)
    assert steps(store, filters) < few + 100


def steps(store: Store, filters: Filters) -> int:
    """Of the virtual machine of SQLite, for the one passage that there is."""
    count = 0

    def counted() -> None:
        nonlocal count
        count += 1

    with store.begin() as memory:
        connection = memory.conn.connection.driver_connection
        assert connection is not None
        connection.set_progress_handler(counted, 1)
        assert len(Finder(memory, filters, "any").allowed(99)) == 1
        connection.set_progress_handler(None, 1)
    return count
