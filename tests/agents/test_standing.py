"""Standing facts: what the owner says of themselves, in the main languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agents.ranking import Candidate, Circumstances, rank
from agents.reasons import reasons
from agents.standing import LONGEST, MILD, facts, mild_interests, standing
from agents.taste import Taste
from memory.records import Share, Story
from tests.fakes import NOW, account, post


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("I'm vegetarian", "vegetarian"),
        ("I am a strict vegan.", "strict vegan"),
        ("I’m vegetarian", "vegetarian"),
        ("I live in Lisbon, since May", "lisbon"),
        ("I am allergic to nuts", "i am allergic to nuts"),
        ("I work as a nurse", "nurse"),
        ("Ich bin Vegetarierin", "vegetarierin"),
        ("Ich wohne in Lissabon", "lissabon"),
        ("ich bin allergisch gegen Nüsse", "ich bin allergisch gegen nüsse"),
        ("Je suis végétarienne", "végétarienne"),
        ("J'habite à Lyon", "lyon"),
        ("je suis allergique aux noix", "je suis allergique aux noix"),
        ("Soy vegetariano", "vegetariano"),
        ("Vivo en Madrid", "madrid"),
        ("soy alérgica a las nueces", "soy alérgica a las nueces"),
        ("Moro em Lisboa", "lisboa"),
        ("Sono vegetariana", "vegetariana"),
        ("Abito a Roma", "roma"),
    ],
)
def test_a_standing_fact_is_known_by_its_words_and_has_a_topic(said: str, topic: str) -> None:
    fact = standing(said, note=False)
    assert fact is not None and (fact.topic, fact.weight) == (topic, MILD)


@pytest.mark.parametrize(
    "said", ["I don't eat meat", "Ich esse kein Fleisch", "no como carne", "je ne mange pas de viande"]
)
def test_what_somebody_does_not_eat_is_mildly_unwanted(said: str) -> None:
    fact = standing(said, note=False)
    assert fact is not None and -MILD < fact.weight < 0


@pytest.mark.parametrize(
    "said",
    [
        "I'm tired",
        "I'm going to Rome",
        "I'm here",
        "ich bin müde",
        "do I live in Lisbon?",
        "bees live in hives",
        "",
        "x" * LONGEST * 2,
    ],
)
def test_what_is_over_tomorrow_or_asks_is_none(said: str) -> None:
    assert standing(said) is None


@pytest.mark.parametrize("said", ["I'm a beekeeper", "my sister is called Ana", "Mein Arzt heißt Meyer"])
def test_only_of_a_note_is_less_enough(said: str) -> None:
    assert standing(said) is not None and standing(said, note=False) is None


def test_of_some_notes_the_facts_are_taken_and_those_with_a_topic_are_interests() -> None:
    known = facts(["I live in Lisbon", "the key is with Ana", "my sister is called Ana"])
    assert [fact.words for fact in known] == ["I live in Lisbon", "my sister is called Ana"]
    assert list(mild_interests(known)) == ["lisbon"]


def test_a_story_about_it_is_told_sooner_and_says_why() -> None:
    by = Circumstances(
        NOW,
        Taste(),
        {account("ann").uri: account("ann")},
        {},
        {"lisbon": MILD},
        {},
        frozenset(),
        {"lisbon": "I live in Lisbon"},
    )

    def candidate(name: str, words: str) -> Candidate:
        item = post(name, words)
        story = Story(item.uri, item.uri, (item.uri,), (item.author,))
        shares = {item.author: Share(item.author, item.uri, NOW)}
        return Candidate(story, item, np.zeros(4, np.float32), words, shares)

    first, second = rank([candidate("a", "Rain in Paris again today"), candidate("b", "Trams in Lisbon run again")], by)
    assert first.candidate.lead.uri == post("b").uri
    assert 0 < first.points("wishes") < 0.5
    assert "you told me “I live in Lisbon”" in reasons(first, by)
    asked = replace(by, interests={"lisbon": MILD, "trams": 1.0})
    (told, _) = rank([first.candidate, second.candidate], asked)
    assert told.factor("wishes").words == "you asked for more trams; you told me “I live in Lisbon”"
