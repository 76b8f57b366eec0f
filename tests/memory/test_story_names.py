"""The names of stories are kept as long as they are of use, and no longer than what they name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from memory.keeping.export import export
from memory.keeping.forgetting import Forgetter, forget
from memory.keeping.taking_in import take_in
from memory.store import Memory, Store
from tests.fakes import HOUR, NOW, post

A, B = post("a"), post("b")
TALK = A.ref


@pytest.fixture
def known(store: Store) -> Store:
    with store.begin() as memory:
        for item in (A, B):
            memory.items.keep(item, NOW)
        memory.stories.keep({A.uri: TALK, B.uri: TALK}, NOW)
    return store


def named(store: Store, at: timedelta = HOUR) -> dict[str, str]:
    with store.begin() as memory:
        return memory.stories.names([A.uri, B.uri, "nowhere"], NOW + at)


def test_an_item_is_known_by_the_name_that_its_story_had(known: Store) -> None:
    assert named(known) == {A.uri: TALK, B.uri: TALK}


def test_what_is_not_in_memory_has_no_name(known: Store) -> None:
    with known.begin() as memory:
        memory.stories.keep({"nowhere": TALK}, NOW)
        memory.stories.keep({}, NOW)
    assert "nowhere" not in named(known)


def test_a_digest_that_is_replayed_knows_only_the_names_of_earlier_ones(known: Store) -> None:
    assert named(known, timedelta()) == {}
    with known.begin() as memory:
        memory.stories.keep({A.uri: TALK, B.uri: "another"}, NOW + HOUR)
    assert named(known) == {A.uri: TALK}, "since when it goes by its name does not change with every digest"
    assert named(known, 2 * HOUR) == {A.uri: TALK, B.uri: "another"}


@pytest.mark.parametrize("way", [lambda m: forget(m, A.ref, NOW), lambda m: Forgetter(m, NOW).items([A])])
@pytest.mark.parametrize("name", [TALK, A.uri, f"{TALK} 2"])
def test_a_forgotten_post_leaves_no_name_behind(known: Store, way: object, name: str) -> None:
    with known.begin() as memory:
        memory.stories.keep({B.uri: name}, NOW)
        assert callable(way)
        way(memory)
    assert named(known) == {}, "the thread of what was forgotten was the name of the other one's story, too"


def test_old_names_are_dropped(known: Store) -> None:
    def drop(memory: Memory, before: timedelta) -> None:
        memory.stories.drop(NOW + before)

    with known.begin() as memory:
        drop(memory, timedelta())
    assert named(known)
    with known.begin() as memory:
        drop(memory, HOUR)
    assert named(known) == {}


def test_what_was_forgotten_while_a_digest_was_made_lends_its_address_to_no_story(known: Store) -> None:
    with known.begin() as memory:
        assert forget(memory, A.ref, NOW)
    with known.begin() as memory:
        memory.stories.keep({B.uri: TALK}, NOW)
    assert named(known) == {}
    with known.begin() as memory:
        memory.stories.keep({B.uri: "another"}, NOW)
    assert named(known) == {B.uri: "another"}


@pytest.mark.parametrize("name", [A.uri, A.ref, f"{A.ref} 2", "https://news.example/bees"])
def test_an_older_export_does_not_bring_back_what_the_forgotten_was_called_by(
    store: Store, tmp_path: Path, name: str
) -> None:
    linked = replace(A, canonical=("https://news.example/bees",))
    with store.begin() as memory:
        for item in (linked, B):
            memory.items.keep(item, NOW)
        memory.stories.keep({B.uri: name}, NOW)
    export(store, tmp_path / "before.jsonl", NOW)
    with store.begin() as memory:
        Forgetter(memory, NOW).items([linked])
        assert memory.stories.names([B.uri], NOW + HOUR) == {}
    taken = take_in(store, tmp_path / "before.jsonl")
    assert named(store) == {} and not taken.new["story name"]


def test_the_names_of_other_stories_come_back_with_an_export(known: Store, tmp_path: Path) -> None:
    with known.begin() as memory:
        memory.stories.keep({B.uri: "another 2"}, NOW)
    export(known, tmp_path / "before.jsonl", NOW)
    with known.begin() as memory:
        Forgetter(memory, NOW).items([A])
        memory.stories.drop(NOW + HOUR)
    take_in(known, tmp_path / "before.jsonl")
    assert named(known) == {B.uri: "another 2"}
