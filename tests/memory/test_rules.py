"""Rules: those of a source are replaced as a whole, the owner's own stay."""

from __future__ import annotations

import pytest

from memory.records import Rule
from memory.store import Store
from tests.fakes import HOUR, NOW


def test_the_rules_of_a_source_are_replaced_and_the_owners_own_stay(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.add(Rule("word", "horoscope"))
        memory.rules.replace("village", [Rule("mute", "ann"), Rule("word", "spoiler")])
        memory.rules.replace("town", [Rule("mute", "cat")])
        memory.rules.replace("village", [Rule("mute", "bob")])
        assert memory.rules.active(NOW) == [Rule("mute", "bob"), Rule("mute", "cat"), Rule("word", "horoscope")]


def test_no_rules_at_the_source_any_more_are_none_here(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.replace("village", [Rule("mute", "ann")])
        memory.rules.replace("village", [])
        assert memory.rules.active(NOW) == []


def test_a_source_may_send_the_same_rule_twice(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.replace("village", [Rule("mute", "ann"), Rule("mute", "ann")])
        assert memory.rules.active(NOW) == [Rule("mute", "ann")]


def test_the_owner_takes_back_only_what_was_said_to_magpie(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.replace("village", [Rule("mute", "ann")])
        assert not memory.rules.remove("mute", "ann")
        memory.rules.add(Rule("mute", "ann"))
        assert memory.rules.remove("mute", "ann")
        assert memory.rules.active(NOW) == [Rule("mute", "ann")]


def test_a_rule_ends_when_its_time_is_over(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.add(Rule("word", "election", until=NOW, whole_word=False))
        assert memory.rules.active(NOW - HOUR) == [Rule("word", "election", NOW, whole_word=False)]
        assert memory.rules.active(NOW) == []


def test_a_rule_given_anew_lasts_as_long_as_was_said_last(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.add(Rule("word", "election", until=NOW))
        memory.rules.add(Rule("word", "election"))
        assert memory.rules.active(NOW + HOUR) == [Rule("word", "election")]


@pytest.mark.parametrize(("said", "kept"), [(1.0, 1.0), (-0.5, -0.5), (7.0, 1.0), (-7.0, -1.0)])
def test_an_interest_is_a_weight_between_minus_one_and_one(store: Store, said: float, kept: float) -> None:
    with store.begin() as memory:
        memory.rules.set_interest("rail", said, NOW)
        assert memory.rules.interests() == {"rail": kept}


def test_the_last_word_on_an_interest_counts(store: Store) -> None:
    with store.begin() as memory:
        for topic, weight in (("rail", 1.0), ("bees", 1.0), ("rail", -1.0)):
            memory.rules.set_interest(topic, weight, NOW)
        assert memory.rules.interests() == {"bees": 1.0, "rail": -1.0}


def test_a_wish_that_is_dropped_is_no_wish(store: Store) -> None:
    with store.begin() as memory:
        memory.rules.set_interest("rail", 1.0, NOW)
        memory.rules.set_interest("bees", 1.0, NOW)
        memory.rules.drop_interest("rail")
        memory.rules.drop_interest("never said")
        assert memory.rules.interests() == {"bees": 1.0}
