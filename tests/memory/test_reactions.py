"""Reactions: the ground truth of taste, each event counted once."""

from __future__ import annotations

from memory.records import Kind, Reaction
from memory.store import Store
from tests.fakes import HOUR, NOW, post


def test_the_same_event_twice_counts_once(store: Store) -> None:
    like = Reaction(Kind.MORE, NOW, post("a").uri, source="pigeon", emoji="👍", event="pigeon:1")
    with store.begin() as memory:
        assert not memory.reactions.known("pigeon:1")
        assert memory.reactions.add(like)
        assert not memory.reactions.add(like)
        assert memory.reactions.known("pigeon:1")
        assert memory.reactions.all() == [like]


def test_a_reaction_without_an_event_is_known_by_source_kind_and_item(store: Store) -> None:
    like = Reaction(Kind.LIKE, NOW, post("a").uri, source="village")
    with store.begin() as memory:
        assert memory.reactions.add(like)
        assert not memory.reactions.add(Reaction(Kind.LIKE, NOW + HOUR, post("a").uri, source="village"))
        assert memory.reactions.add(Reaction(Kind.BOOKMARK, NOW, post("a").uri, source="village"))
        assert memory.reactions.add(Reaction(Kind.LIKE, NOW, post("b").uri, source="village"))
        assert len(memory.reactions.all()) == 3


def test_reactions_are_told_oldest_first(store: Store) -> None:
    with store.begin() as memory:
        for name, hours in (("b", 2), ("a", 1), ("c", 2)):
            memory.reactions.add(Reaction(Kind.LIKE, NOW + hours * HOUR, post(name).uri))
        assert [reaction.item for reaction in memory.reactions.all()] == [post(name).uri for name in "abc"]
        assert [reaction.item for reaction in memory.reactions.of(post("b").uri)] == [post("b").uri]


def test_a_reaction_outlives_the_post_and_keeps_none_of_its_words(store: Store) -> None:
    with store.begin() as memory:
        memory.items.keep(post("a", "quokka"), NOW)
        memory.reactions.add(Reaction(Kind.LIKE, NOW, post("a").uri))
        memory.items.purge(post("a").ref, NOW)
        assert "quokka" not in repr(memory.reactions.all())
        assert len(memory.reactions.all()) == 1
