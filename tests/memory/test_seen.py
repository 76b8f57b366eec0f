"""The seen ledger: seeing twice is seeing once, and an item is seen with its links and its thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.records import Evidence, Seen
from memory.store import Store
from tests.fakes import HOUR, NOW, post, ref

times = st.integers(0, 10**6).map(lambda seconds: NOW + timedelta(seconds=seconds))
facts = st.builds(
    lambda scope, key, at, evidence: Seen(scope, key, at, evidence, evidence.strength),
    st.sampled_from(["item", "link", "thread"]),
    st.sampled_from("abc"),
    times,
    st.sampled_from(Evidence),
)


def ledger(store: Store) -> dict[str, dict[str, set[Seen]]]:
    with store.begin() as memory:
        found = {scope: memory.seen.known(scope, "abc") for scope in ("item", "link", "thread")}
    return {scope: {key: set(known) for key, known in keys.items()} for scope, keys in found.items()}


@given(told=st.lists(facts, max_size=8))
def test_seeing_twice_is_seeing_once(newcomer: Callable[[], Store], told: list[Seen]) -> None:
    once, twice = newcomer(), newcomer()
    for store, said in ((once, told), (twice, told + told)):
        with store.begin() as memory:
            for fact in said:
                memory.seen.add(fact)
    assert ledger(once) == ledger(twice)


@given(told=st.lists(facts, max_size=8), data=st.data())
def test_it_does_not_matter_in_which_order_magpie_learns_what_was_seen(
    newcomer: Callable[[], Store], told: list[Seen], data: st.DataObject
) -> None:
    one, other = newcomer(), newcomer()
    for store, said in ((one, told), (other, data.draw(st.permutations(told)))):
        with store.begin() as memory:
            for fact in said:
                memory.seen.add(fact)
    assert ledger(one) == ledger(other)


def test_the_earliest_time_counts(store: Store) -> None:
    with store.begin() as memory:
        for at in (NOW, NOW - HOUR, NOW + HOUR):
            memory.seen.add(Seen("item", "a", at, Evidence.REACTED))
        assert [fact.since for fact in memory.seen.known("item", ["a"])["a"]] == [NOW - HOUR]


def test_each_evidence_is_kept(store: Store) -> None:
    with store.begin() as memory:
        for evidence in (Evidence.MARKER, Evidence.DELIVERED):
            memory.seen.add(Seen("item", "a", NOW, evidence, evidence.strength))
        strengths = {fact.evidence: fact.strength for fact in memory.seen.known("item", ["a"])["a"]}
    assert strengths == {Evidence.MARKER: 0.5, Evidence.DELIVERED: 1.0}


def test_who_has_seen_an_item_has_seen_its_links_and_its_thread(store: Store) -> None:
    with store.begin() as memory:
        memory.items.keep(post("answer", reply_to="root", links=("https://news.example/a",)), NOW)
        item = memory.items.get(post("answer").uri)
        assert item is not None
        memory.seen.add_item(item, NOW, Evidence.REACTED)
        assert list(memory.seen.known("item", [item.uri, post("other").uri])) == [item.uri]
        assert list(memory.seen.known("link", ["https://news.example/a"])) == ["https://news.example/a"]
        assert list(memory.seen.known("thread", [ref("root"), ref("answer")])) == [ref("root")]


def test_what_was_seen_stays_seen_when_the_post_is_deleted(store: Store) -> None:
    with store.begin() as memory:
        memory.items.keep(post("a", links=("https://news.example/a",)), NOW)
        item = memory.items.get(post("a").uri)
        assert item is not None
        memory.seen.add_item(item, NOW, Evidence.DELIVERED)
        memory.items.purge(ref("a"), NOW)
        assert memory.seen.known("link", ["https://news.example/a"])


@given(marks=st.lists(times, min_size=1, max_size=8))
def test_the_read_marker_only_moves_forward(newcomer: Callable[[], Store], marks: list[datetime]) -> None:
    with newcomer().begin() as memory:
        for number, mark in enumerate(marks, 1):
            memory.seen.read_up_to("home", mark)
            assert memory.seen.marker("home") == max(marks[:number])


def test_each_feed_has_its_own_marker(store: Store) -> None:
    with store.begin() as memory:
        memory.seen.read_up_to("home", NOW)
        assert memory.seen.marker("home") == NOW
        assert memory.seen.marker("notifications") is None


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 1200])
def test_any_number_of_keys_can_be_asked_for(store: Store, count: int) -> None:
    with store.begin() as memory:
        for number in range(count):
            memory.seen.add(Seen("link", str(number), NOW, Evidence.DELIVERED))
        assert len(memory.seen.known("link", [str(number) for number in range(count + 5)])) == count
