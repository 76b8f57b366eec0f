"""A story goes by one name from digest to digest, whatever joins it, leaves it or falls out of the window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.stories import renamed
from memory.records import Story

uris = [f"post {number}" for number in range(8)]


def story(*items: str, key: str = "") -> Story:
    return Story(key or f"thread of {items[0]}", items[0], items, ())


def names(*stories: Story) -> dict[str, str]:
    return {uri: one.key for one in stories for uri in one.items}


def keys(found: list[Story]) -> list[str]:
    return [one.key for one in found]


def test_a_story_of_which_nothing_is_known_has_its_own_name() -> None:
    assert keys(renamed([story("a"), story("b")], {})) == ["thread of a", "thread of b"]


def test_something_older_that_comes_to_light_does_not_rename_it() -> None:
    assert keys(renamed([story("older", "a", "newer")], names(story("a")))) == ["thread of a"]


def test_it_keeps_its_name_when_what_began_it_is_in_the_window_no_longer() -> None:
    before = story("a", "b", "c")
    assert keys(renamed([story("b", "c", "d")], names(before))) == [before.key]


def test_of_two_that_became_one_the_older_name_stays() -> None:
    assert keys(renamed([story("a", "b", "c")], names(story("a"), story("b", "c")))) == ["thread of a"]


def test_of_one_that_became_two_the_first_keeps_the_name() -> None:
    assert keys(renamed([story("a", "b"), story("c", "d")], names(story("a", "b", "c", "d")))) == [
        "thread of a",
        "thread of c",
    ]


def test_a_name_that_another_story_goes_by_is_not_given_again() -> None:
    before = names(story("a", key="thread of c"))
    assert keys(renamed([story("a"), story("c")], before)) == ["thread of c", "c"]
    before = names(story("a", key="thread of c"), story("b", key="c"))
    assert keys(renamed([story("a"), story("b"), story("c")], before)) == ["thread of c", "c", "thread of c 2"]


partitions = st.lists(st.integers(0, 3), min_size=len(uris), max_size=len(uris))


def parted(labels: list[int]) -> list[Story]:
    parts = [[uri for uri, label in zip(uris, labels, strict=True) if label == part] for part in range(4)]
    return [story(*part) for part in sorted(filter(None, parts))]


@given(st.lists(partitions, min_size=1, max_size=4))
def test_however_stories_fall_apart_and_together_no_two_have_one_name(days: list[list[int]]) -> None:
    known: dict[str, str] = {}
    for labels in days:
        found = renamed(parted(labels), known)
        assert len(set(keys(found))) == len(found)
        assert keys(renamed(parted(labels), names(*found))) == keys(found), "the same again"
        known |= names(*found)
