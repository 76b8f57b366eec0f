"""Items: kept once, corrected when edited, purged when deleted, joined into threads in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from memory.records import Counts, Evidence, Item, Kind, Media, Reaction, Visibility
from memory.store import Memory, Store
from tests.fakes import HOUR, NOW, post, ref

MODEL = "hashed words"


def keep(store: Store, *posts: Item, indexable: bool = True) -> list[str]:
    with store.begin() as memory:
        return [memory.items.keep(item, NOW, indexable) for item in posts]


def embed(store: Store, *names: str) -> None:
    with store.begin() as memory:
        items = [memory.items.by_ref(ref(name)) for name in names]
        memory.vectors.put(MODEL, [(item, np.eye(4, dtype=np.float32)[0]) for item in items if item])
        memory.vectors.mark_indexed(MODEL, [item.id for item in items if item])


def test_the_original_is_kept_and_no_answer_carries_it(store: Store) -> None:
    keep(store, post("a", raw={"id": "7"}))
    with store.begin() as memory:
        item = memory.items.get(post("a").uri)
        assert item is not None and item.raw == {}
        assert memory.conn.execute(text("SELECT raw FROM items")).scalar_one() == '{"id": "7"}'


def full_text(memory: Memory, word: str) -> int:
    query = text("SELECT count(*) FROM passages_fts WHERE passages_fts MATCH :word")
    return memory.conn.execute(query, {"word": f'"{word}"'}).scalar_one()


def rows(memory: Memory, table: str) -> int:
    return memory.conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
names = st.text("abcdef", min_size=1, max_size=4)
zones = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=zones)
many_items = st.builds(
    lambda name, words, at, more: post(name, words, at=at, **more),
    names,
    texts,
    instants,
    st.fixed_dictionaries(
        {
            "title": texts,
            "warning": texts,
            "language": st.sampled_from(["", "en", "de", "zh-TW"]),
            "visibility": st.sampled_from(Visibility),
            "links": st.lists(names.map("https://news.example/{}".format), unique=True, max_size=3).map(tuple),
            "tags": st.lists(names, max_size=3).map(tuple),
            "media": st.lists(st.builds(Media, st.just("image"), texts, texts), max_size=2).map(tuple),
            "poll": st.lists(texts, max_size=3).map(tuple),
            "counts": st.builds(Counts, *[st.integers(0, 10**9)] * 3),
            "edited_at": st.none() | instants,
        }
    ),
)


@given(item=many_items)
def test_an_item_comes_back_as_it_was_kept(newcomer: Callable[[], Store], item: Item) -> None:
    with newcomer().begin() as memory:
        memory.items.keep(item, NOW)
        known = memory.items.get(item.uri)
        assert known is not None
        assert replace(known, id=0) == replace(item, thread=item.ref)
        assert known.created_at.utcoffset() == timedelta(0)


@given(item=many_items)
def test_the_same_post_twice_changes_nothing(newcomer: Callable[[], Store], item: Item) -> None:
    with newcomer().begin() as memory:
        assert memory.items.keep(item, NOW) == "new"
        before = memory.items.get(item.uri)
        assert memory.items.keep(item, NOW + HOUR) == "same"
        assert memory.items.get(item.uri) == before
        assert memory.items.count() == 1
        assert memory.vectors.removals() == []


def test_a_post_seen_again_brings_its_new_counts_and_no_more(store: Store) -> None:
    keep(store, post("a"))
    embed(store, "a")
    assert keep(store, post("a", counts=Counts(likes=9))) == ["same"]
    with store.begin() as memory:
        assert memory.items.all([post("a").uri])[post("a").uri].counts.likes == 9
        assert memory.vectors.missing(MODEL, 9) == []


def test_an_edit_brings_new_words_and_links_and_asks_for_a_new_vector(store: Store) -> None:
    old = post("a", "turnips", links=("https://news.example/old",))
    new = post("a", "parsnips", links=("https://news.example/new",), edited_at=NOW + HOUR)
    keep(store, old)
    embed(store, "a")
    assert keep(store, new) == ["edited"]
    with store.begin() as memory:
        known = memory.items.get(old.uri)
        assert known is not None
        assert (known.text, known.canonical, known.edited_at) == ("parsnips", new.links, NOW + HOUR)
        assert (full_text(memory, "turnips"), full_text(memory, "parsnips")) == (0, 1)
        assert memory.vectors.get(MODEL, [known.id]) == {}
        assert memory.vectors.missing(MODEL, 9) == memory.vectors.removals() == [known.id]
        assert rows(memory, "item_links") == 1


def test_an_edit_leaves_the_thread_the_shares_and_the_time_of_collection_alone(store: Store) -> None:
    keep(store, post("child", reply_to="root"), post("root"))
    with store.begin() as memory:
        before = memory.conn.execute(text("SELECT thread, collected_at FROM items WHERE reply_to != ''")).one()
        memory.items.keep(post("child", "other words", reply_to="root"), NOW + HOUR)
        after = memory.conn.execute(text("SELECT thread, collected_at FROM items WHERE reply_to != ''")).one()
    assert before == after


def test_an_item_whose_visibility_narrows_is_no_longer_called_public(store: Store) -> None:
    keep(store, post("a"))
    keep(store, post("a", visibility=Visibility.FOLLOWERS))
    with store.begin() as memory:
        assert memory.items.all([post("a").uri])[post("a").uri].visibility is Visibility.FOLLOWERS


def test_a_deleted_post_leaves_no_words_vector_link_or_share(store: Store) -> None:
    keep(store, post("a", "quokka", links=("https://news.example/quokka",), raw={"content": "quokka"}))
    embed(store, "a")
    with store.begin() as memory:
        number = memory.items.all([post("a").uri])[post("a").uri].id
        gone = memory.items.purge(ref("a"), NOW)
        assert gone is not None
        assert gone.text == "quokka"
    with store.begin() as memory:
        assert memory.vectors.removals() == [number]
        assert full_text(memory, "quokka") == 0
        assert [rows(memory, table) for table in ("items", "item_links", "vectors", "shares")] == [0, 0, 0, 0]


def test_a_deleted_post_leaves_no_bytes_in_the_file(store: Store, tmp_path: Path) -> None:
    """The word begins as no other does: full text keeps only the part in which it differs from the word before."""
    keep(store, *(post(str(n), f"nothing of note {n}") for n in range(40)), post("a", "zqvkwx at large"))
    with store.begin() as memory:
        memory.items.purge(ref("a"), NOW)
        memory.items.sweep()
    store.close()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"nothing of note 7" in held
    assert b"qvkwx" not in held


def test_a_deleted_post_cannot_come_back(store: Store) -> None:
    keep(store, post("a"))
    with store.begin() as memory:
        memory.items.purge(ref("a"), NOW)
    assert keep(store, post("a", "the same under other words")) == ["gone"]
    with store.begin() as memory:
        assert memory.items.count() == 0


def test_a_new_post_never_takes_the_number_of_a_deleted_one(store: Store) -> None:
    keep(store, post("a"))
    with store.begin() as memory:
        number = memory.items.all([post("a").uri])[post("a").uri].id
        memory.items.purge(ref("a"), NOW)
        memory.items.keep(post("b"), NOW)
        assert memory.items.all([post("b").uri])[post("b").uri].id > number


def test_deleting_what_is_not_known_is_no_error(store: Store) -> None:
    with store.begin() as memory:
        assert memory.items.purge(ref("nobody"), NOW) is None


@pytest.mark.parametrize("order", list(permutations(["root", "child", "grandchild"])))
def test_a_thread_is_one_thread_in_whatever_order_its_posts_come(store: Store, order: tuple[str, ...]) -> None:
    posts = {
        "root": post("root", at=NOW),
        "child": post("child", reply_to="root", at=NOW + HOUR),
        "grandchild": post("grandchild", reply_to="child", at=NOW + 2 * HOUR),
    }
    keep(store, *(posts[name] for name in order))
    with store.begin() as memory:
        thread = memory.items.in_thread(ref("root"))
    assert [item.uri for item in thread] == [item.uri for item in posts.values()]


trees = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.tuples(*(st.integers(0, max(number - 1, 0)) for number in range(n))), st.permutations(range(n))
    )
)


@given(tree=trees, data=st.data())
def test_what_was_seen_of_a_thread_stays_seen_when_earlier_posts_turn_up(
    newcomer: Callable[[], Store], tree: tuple[tuple[int, ...], list[int]], data: st.DataObject
) -> None:
    parents, order = tree
    posts = [post(f"p{n}", reply_to=f"p{parents[n]}" if n else "") for n in range(len(parents))]
    read = data.draw(st.sampled_from(order))
    with newcomer().begin() as memory:
        for number in order:
            memory.items.keep(posts[number], NOW)
            if number == read:
                item = memory.items.get(posts[number].uri)
                assert item is not None
                memory.seen.add_item(item, NOW, Evidence.REACTED)
        assert {item.thread for item in memory.items.all(p.uri for p in posts).values()} == {ref("p0")}
        assert list(memory.seen.known("thread", [ref("p0")])) == [ref("p0")]


def test_an_answer_to_itself_and_answers_in_a_circle_end(store: Store) -> None:
    keep(store, post("self", reply_to="self"), post("a", reply_to="b"), post("b", reply_to="a"))
    with store.begin() as memory:
        assert memory.items.count() == 3


def test_who_asks_not_to_be_indexed_is_not_in_full_text_until_the_owner_reacts(store: Store) -> None:
    keep(store, post("a", "quokka"), indexable=False)
    embed(store, "a")
    with store.begin() as memory:
        memory.vectors.mark_all_unindexed(MODEL)
        assert (full_text(memory, "quokka"), memory.vectors.unindexed(MODEL, 9)) == (0, [])
        memory.items.make_searchable(post("a").uri)
        assert full_text(memory, "quokka") == 1
        assert len(memory.vectors.unindexed(MODEL, 9)) == 1


def test_what_the_owner_liked_stays_searchable_when_its_author_edits_it(store: Store) -> None:
    keep(store, post("a", "quokka"), indexable=False)
    with store.begin() as memory:
        memory.reactions.add(Reaction(Kind.LIKE, NOW, post("a").uri))
        memory.items.make_searchable(post("a").uri)
    keep(store, post("a", "wallaby"), indexable=False)
    with store.begin() as memory:
        assert full_text(memory, "wallaby") == 1


@pytest.mark.parametrize("words", ["quokka", "quokka, edited"])
def test_who_asks_later_not_to_be_indexed_leaves_full_text_and_index(store: Store, words: str) -> None:
    keep(store, post("a", "quokka"))
    embed(store, "a")
    keep(store, post("a", words), indexable=False)
    with store.begin() as memory:
        item = memory.items.all([post("a").uri])[post("a").uri]
        memory.vectors.put(MODEL, [(item, np.eye(4, dtype=np.float32)[0])])
        assert full_text(memory, "quokka") == 0
        assert memory.vectors.removals() == [item.id]
        assert memory.vectors.unindexed(MODEL, 9) == []
        assert memory.vectors.indexed_count(MODEL) == 0
        assert list(memory.vectors.get(MODEL, [item.id])) == [item.id]


def test_who_asks_no_longer_not_to_be_indexed_is_found_again(store: Store) -> None:
    keep(store, post("a", "quokka"), indexable=False)
    keep(store, post("a", "quokka"))
    with store.begin() as memory:
        assert full_text(memory, "quokka") == 1


def test_an_instant_without_a_time_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        keep(store, post("a", at=datetime(2026, 11, 20, 12, 0)))


@given(one=instants, other=instants)
def test_posts_are_in_the_order_of_time_whatever_zones_they_were_written_in(
    newcomer: Callable[[], Store], one: datetime, other: datetime
) -> None:
    with newcomer().begin() as memory:
        for name, at in (("a", one), ("b", other)):
            memory.items.keep(post(name, at=at), NOW)
        found = [item.created_at for item in memory.items.by_author(post("a").author)]
    assert found == sorted((one.astimezone(UTC), other.astimezone(UTC)), reverse=True)


def test_items_to_look_at_again_are_the_young_ones_not_looked_at_lately(store: Store) -> None:
    with store.begin() as memory:
        memory.items.keep(post("old", at=NOW - 72 * HOUR), NOW - 6 * HOUR)
        memory.items.keep(post("second"), NOW - 5 * HOUR)
        memory.items.keep(post("first"), NOW - 6 * HOUR)
        memory.items.keep(post("just now"), NOW)
        memory.items.keep(post("foreign", source="elsewhere"), NOW - 6 * HOUR)
        window = ("village", NOW - 48 * HOUR, NOW - 3 * HOUR)
        assert memory.items.unchecked(*window, limit=9) == [ref("first"), ref("second")]
        assert memory.items.unchecked(*window, limit=1) == [ref("first")]


def test_more_items_can_be_asked_for_than_a_statement_may_hold(store: Store) -> None:
    keep(store, post("a"), post("b"))
    with store.begin() as memory:
        uris = [post(f"nobody{n}").uri for n in range(1200)] + [post("a").uri, post("b").uri]
        assert set(memory.items.all(uris)) == {post("a").uri, post("b").uri}


def test_a_zone_far_east_does_not_move_a_post(store: Store) -> None:
    east = timezone(timedelta(hours=14))
    keep(store, post("a", at=NOW.astimezone(east)))
    with store.begin() as memory:
        assert memory.items.by_author(post("a").author)[0].created_at == NOW
