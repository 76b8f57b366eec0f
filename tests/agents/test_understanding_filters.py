"""The benchmark of filters, a smaller part of it: made questions in six languages, and those written by hand."""

from __future__ import annotations

import pytest

from agents.understanding.tongues import CODES, tongue
from bench.filters import ENOUGH, Right, answered, by_hand, score, told
from bench.filters_made import made


def test_made_questions_are_understood() -> None:
    scored = score(made(240, seed=7))
    assert scored.asked.total() == 240
    assert scored.share >= ENOUGH, "\n".join(told(scored.wrong))


def test_questions_written_by_hand_are_understood() -> None:
    scored = score(by_hand())
    assert scored.share >= ENOUGH, "\n".join(told(scored.wrong))


def test_a_quarter_of_the_made_ones_are_traps_and_all_languages_are_there() -> None:
    questions = made(240, seed=7)
    assert sum(right.sort == "trap" for right in questions) >= 60
    assert {right.spoken for right in questions} == {"de", "en", "es", "fr", "it", "pt"}


def test_the_benchmark_tells_right_from_wrong() -> None:
    right = Right("what did Bob Müller say in May", when="2026-05-01/2026-06-01", people=["bob"])
    wrong = Right("what did Bob Müller say in May", when="2026-05-01/2026-07-01", people=["will"], intent="talk")
    assert right.missed(answered(right)) == []
    assert wrong.missed(answered(wrong)) == ["time", "people", "intent"]


@pytest.mark.parametrize("code", CODES)
def test_every_pattern_of_a_language_is_well_formed_and_whole(code: str) -> None:
    spoken = tongue(code)
    assert (len(spoken.words["months"]), len(spoken.words["weekdays"]), len(spoken.words["seasons"])) == (12, 7, 4)
    assert spoken.spans.keys() == tongue("en").spans.keys()
    assert {"missed", "talk", "why", "self", "summarise", "note", "forget"} <= spoken.intents.keys()
    assert spoken.words["found"].keys() >= tongue("en").words["found"].keys() - {"spoken"}
