"""A question that leaves something out takes it from those before it, and from their answers."""

from __future__ import annotations

import pytest

from memory.query import NO_FILTERS
from tests.agents.heard import FIRST, ZONE, ask


@pytest.mark.parametrize(
    ("question", "who", "month", "text"),
    [
        ("and what did he say about trams", {"bob"}, 3, "trams"),
        ("and what did he say about it?", {"bob"}, 3, "heat pumps"),
        ("and in May?", {"bob"}, 5, "heat pumps"),
        ("what about Will?", {"will"}, 3, "heat pumps"),
        ("what about trams?", {"bob"}, 3, "trams"),
        ("more", {"bob"}, 3, "heat pumps"),
    ],
)
def test_what_is_left_out_is_taken_from_before(question: str, who: set[str], month: int, text: str) -> None:
    got = ask(question, FIRST)
    assert got.filters.since
    assert (got.filters.people, got.filters.since.astimezone(ZONE).month, got.text) == (who, month, text)


@pytest.mark.parametrize(
    ("before", "question", "text"),
    [
        ("What happened with the Tarn Viaduct?", "why was it closed?", "Tarn Viaduct: why was it closed?"),
        ("What happened with the Tarn Viaduct?", "when does it open again?", "Tarn Viaduct: when does it open again?"),
        (
            "Was ist mit der Tarnbrücke passiert?",
            "warum wurde sie gesperrt?",
            "Tarnbrücke passiert: warum wurde sie gesperrt?",
        ),
        (
            "Que s'est-il passé avec le viaduc du Tarn ?",
            "pourquoi est-il fermé ?",
            "viaduc du Tarn: pourquoi est-il fermé ?",
        ),
        ("¿Qué pasó con el viaducto de Tarn?", "¿cuándo abre?", "viaducto de Tarn: cuándo abre?"),
    ],
)
def test_what_is_asked_of_it_is_asked_of_what_was_spoken_of(before: str, question: str, text: str) -> None:
    assert ask(question, before).text == text


@pytest.mark.parametrize(
    "question",
    ["is it possible to grow tea in Kent?", "who wrote about bees?", "gibt es Neues von den Bienen?", "hello"],
)
def test_what_says_enough_of_itself_is_not_about_what_was_before(question: str) -> None:
    assert ask(question, "What happened with the Tarn Viaduct?").text == ask(question).text


def test_a_question_that_stands_by_itself_takes_nothing() -> None:
    assert ask("where is the recipe for rye bread", FIRST) == ask("where is the recipe for rye bread")
    assert ask("what did Will say yesterday", FIRST) == ask("what did Will say yesterday")


def test_without_anything_before_nothing_is_taken() -> None:
    assert ask("and what did she say about it?").filters == NO_FILTERS
    assert ask("more").text == "more"


def test_what_the_owner_told_is_not_gone_on_from() -> None:
    assert ask("and in May?", "remember that I fast").text == ""


def test_the_second_one_is_the_second_line_of_the_answer() -> None:
    got = ask("the second one", FIRST, answer="1. They are loud.\n2. They are cheap to run.")
    assert (got.text, got.filters) == ("They are cheap to run.", ask(FIRST).filters)


def test_he_is_also_whom_the_answer_named() -> None:
    assert ask("what did he say about rain", "heat pumps", answer="As @will@example.social wrote.").filters.people == {
        "will"
    }
