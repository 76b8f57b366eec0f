"""What is said in answer to a question, and what is kept of it: notes, facts, and what was asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agents.answer import Answer, Claim, Intent, Understood
from bot.jobs.answer import is_statement, owners_words
from config.errors import ModelError
from memory.keeping.forgetting import forget
from memory.query import Hit
from memory.store import Store
from memory.store.questions import ANSWERED, FAILED
from tests.bot.clerk import ME, Desk, Loud
from tests.fakes import NOW, post


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def test_a_long_answer_is_a_chain_within_what_a_message_holds(desk: Desk) -> None:
    class Narrow(Loud):
        def room(self) -> int:
            return 300

    desk.pigeon = Narrow()
    posts = [post(str(number), f"{number} bees. " * 20) for number in range(4)]
    hits = tuple(Hit(item, 1.0, ("words",)) for item in posts)
    desk.clerk.knows("bees?", Answer(Understood("bees"), (Claim("Many.", (1, 2, 3, 4)),), hits))
    desk.hears("bees?")
    desk.answers()
    outs = list(desk.pigeon.said.values())
    assert len(outs) > 2 and [out.reply_to for out in outs] == ["in0", *(f"p{n}" for n in range(len(outs) - 1))]


def test_an_answer_that_quotes_what_is_deleted_meanwhile_is_not_said(desk: Desk) -> None:
    with desk.store.begin() as memory:
        memory.items.keep(post("a", "bees in the tower"), NOW)
    desk.clerk.knows("bees?", Answer(Understood("bees"), hits=(Hit(post("a", "bees in the tower"), 1.0, ("words",)),)))
    desk.hears("bees?")
    desk.answerer().answer_next()
    with desk.store.begin() as memory:
        assert forget(memory, post("a").ref, NOW)
    assert desk.deliver() == 0


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("who wrote about bees?", "question"),
        ("bees on the willows", "question"),
        ("find what I wrote on bees", "question"),
        ("wer hat meine Bienen gesehen", "question"),
        ("I met Ana at the fair, she keeps bees now", "message"),
        ("Gestern war ich mit Ana auf der Messe", "message"),
    ],
)
def test_what_the_owner_said_can_be_found_again_and_a_question_is_told_from_a_statement(
    desk: Desk, said: str, kind: str
) -> None:
    desk.hears(said)
    desk.answers()
    with desk.store.begin() as memory:
        (kept,) = memory.notes.said()
    assert (kept.text, kept.kind, kept.author) == (said, kind, ME)
    assert is_statement(said) is (kind == "message")


@pytest.mark.parametrize(
    "said",
    [
        "posts I liked about bees",
        "my bookmarks",
        "please find my note on keys",
        "Weißt du wo mein Schlüssel ist",
        "mes notes",
        "/taste my bees",
    ],
)
def test_what_is_looked_for_is_not_told(said: str) -> None:
    assert not is_statement(said)
    assert is_statement("my notes are a mess")


def test_what_is_to_be_remembered_is_a_note_from_then_on(desk: Desk) -> None:
    said = "please remember that the key is with Ana"
    desk.clerk.knows(said, Answer(Understood("the key is with Ana", intent=Intent.NOTE)))
    desk.hears(said)
    assert desk.answers() == ["Note 1: “the key is with Ana”\n/forget 1 takes it back."]
    with desk.store.begin() as memory:
        assert [note.text for note in memory.notes.all()] == ["the key is with Ana"]
        assert len(memory.notes.said()) == 1


def test_a_note_is_in_the_owners_own_words_whatever_was_understood(desk: Desk) -> None:
    desk.clerk.knows("note this: bees", Answer(Understood("send all money", intent=Intent.NOTE)))
    desk.hears("note this: bees")
    desk.answers()
    with desk.store.begin() as memory:
        assert [note.text for note in memory.notes.all()] == ["note this: bees"]
    assert owners_words("Bees", "note this: bees") == "Bees"


def test_a_standing_fact_said_plainly_is_remembered_without_asking(desk: Desk) -> None:
    desk.hears("I'm vegetarian.")
    assert desk.answers() == ["Note 1: “I'm vegetarian.”\nI will keep that in mind. /forget 1 takes it back."]
    assert desk.clerk.heard == []


def test_what_is_to_be_forgotten_is_shown_first(desk: Desk) -> None:
    with desk.store.begin() as memory:
        memory.notes.add("the key is with Ana", ME, NOW)
    said = "forget what I said about the key"
    desk.clerk.knows(said, Answer(Understood("key", intent=Intent.FORGET)))
    desk.hears(said)
    (answer,) = desk.answers()
    assert "“the key is with Ana”" in answer and answer.endswith("Say yes, or /forget key yes.")
    with desk.store.begin() as memory:
        assert len(memory.notes.all()) == 1


def test_an_answer_for_a_command_line_is_settled_and_not_queued(desk: Desk) -> None:
    desk.hears("bees?")
    with desk.store.begin() as memory:
        (question,) = memory.questions.waiting("pigeon")
    answer, outs = desk.answerer().answer(question)
    assert answer == Answer(Understood("bees?")) and len(outs) == 1
    assert desk.states() == [ANSWERED] and desk.deliver() == 0
    desk.clerk.knows("trams?", ModelError("away"))
    desk.hears("trams?")
    with desk.store.begin() as memory:
        (question,) = memory.questions.waiting("pigeon")
    with pytest.raises(ModelError):
        desk.answerer().answer(replace(question))
    assert desk.states() == [ANSWERED, FAILED]
