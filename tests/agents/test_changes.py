"""What feedback has changed in a digest, told against the digest without it."""

from __future__ import annotations

import numpy as np
import pytest

from agents.changes import told_changes
from agents.ranking import Candidate, Ranked
from memory.records import Account, Factor, Story
from tests.fakes import account, post

NAMES = ("ann", "bob", "cy", "dot", "eve")
PEOPLE = {a.uri: a for a in map(account, NAMES)}


def ranked(name: str, points: float = 1.0) -> Ranked:
    lead = post(name, by=name)
    story = Story(lead.uri, lead.uri, (lead.uri,), (lead.author,))
    one = Candidate(story, lead, np.array([1], np.float32), "", {})
    return Ranked(one, (Factor("network", 1, points),))


def changes(now: str, before: str, everything: str = "ann bob cy dot eve", **gains: float) -> list[str]:
    """Names of authors; ``gains`` are points that feedback brought to one of them."""
    chosen = [ranked(name, 1.0 + gains.get(name, 0)) for name in now.split()]
    return told_changes(chosen, list(map(ranked, before.split())), list(map(ranked, everything.split())), PEOPLE)


def test_what_came_in_is_told_with_its_number_and_its_place_without_feedback() -> None:
    assert "Your feedback brought in 2 (@dot, 4th of 5 without it)." in changes("ann dot", "ann")


def test_what_went_out_is_told_by_its_author() -> None:
    assert changes("ann", "ann bob") == ["Your feedback left out what else would be here, by @bob."]


def test_what_moved_is_told_with_direction_and_points() -> None:
    (moved,) = changes("ann bob", "ann bob", ann=-0.5, bob=1.25)
    assert moved == "Your feedback moved 2 (@bob) up by 1.2 points and 1 (@ann) down by 0.5 points."


def test_a_move_that_nobody_would_notice_is_not_told() -> None:
    assert not any("moved" in line for line in changes("ann bob", "ann bob", bob=0.01))


def test_feedback_that_changes_nothing_is_acknowledged_all_the_same() -> None:
    (line,) = changes("ann bob", "ann bob")
    assert line.startswith("Your feedback counted, but")


def test_of_many_three_are_told_and_the_rest_is_counted() -> None:
    (line,) = changes("", "ann bob cy dot eve")
    assert line.endswith("by @ann, @bob, @cy and 2 more.")


def test_two_are_joined_by_and() -> None:
    assert changes("", "ann bob")[0].endswith("by @ann and @bob.")


def test_somebody_whose_name_is_not_known_is_a_post() -> None:
    stranger = ranked("zoe")
    assert told_changes([], [stranger], [stranger], PEOPLE)[0].endswith("by a post.")


def test_two_of_one_name_are_told_apart() -> None:
    other = Account("uri:other", "bob@far.example")
    lines = told_changes([], [ranked("bob")], [ranked("bob")], PEOPLE | {other.uri: other})
    assert lines[0].endswith("by @bob@fedi.example.")


@pytest.mark.parametrize(
    ("place", "ordinal"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (112, "112th"),
    ],
)
def test_places_are_spelt_as_they_are_spoken(place: int, ordinal: str) -> None:
    everything = [ranked(f"p{n}") for n in range(1, 120)]
    (line,) = told_changes([ranked(f"p{place}")], [], everything, PEOPLE)
    assert f" {ordinal} of 119 " in line
