"""The ask graph: what is found is the answer, what a model says is shown only as far as it holds."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel

from agents.answer import Answer, Intent, Understood
from agents.answering.chatting import BARE, HELLO, WELCOME, WORDLESS
from agents.answering.finding import UNSURE
from agents.answering.passages import LIMIT
from agents.answering.relevance import ACROSS, strengths
from agents.ask import NODES, StoppedError, build
from bot.jobs.collect import Collector
from config.errors import ModelAwayError
from memory.query import Filters, Hit
from memory.records import Consent, Visibility
from tests.agents.asking import BRIDGE, TRUE, Town, answers, claim, filled, looks
from tests.agents.scripted import Scripted, Streaming
from tests.fakes import HOUR, NOW, HashedWords, Village, account, post, ref

DAY = 24 * HOUR
ASKED = "which bridge is closed?"


@pytest.fixture
def town(village: Village, collector: Collector, tmp_path: Path) -> Town:
    return filled(Town(village, collector, tmp_path))


@pytest.fixture
def model() -> Scripted:
    return Scripted()


def found(answer: Answer) -> list[str]:
    return [hit.item.uri.rsplit("/", 1)[-1] for hit in answer.hits]


# -- without a model


def test_the_graph_goes_from_understanding_to_verifying() -> None:
    nodes = [name for name in build().get_graph().nodes if not name.startswith("__")]
    assert nodes == list(NODES) == ["understand", "recall", "answer", "verify"]


def test_without_a_model_the_best_passages_are_the_answer(town: Town) -> None:
    answer = town.asks(ASKED)
    assert found(answer)[0] == "bridge"
    assert answer.claims == () and len(answer.hits) == 5
    assert all(hit.passage and hit.passage.text in hit.item.searchable for hit in answer.hits)


def test_what_the_question_names_and_nothing_found_mentions_is_said(town: Town) -> None:
    assert town.asks("which bridge is closed in Dresden?").notes == ()
    assert town.asks("which bridge is closed in Leipzig?").notes == ("None of it mentions “Leipzig”.",)
    assert town.asks("is the bridge of the closed ones, says Ann?").notes == (), "she wrote it"
    assert town.asks("was the bridge closed with 14 damaged cables?").notes == ()
    assert town.asks("was the bridge closed with 19 damaged cables?").notes == ("None of it mentions “19”.",)
    assert town.asks("ist die Bridge in Leipzig nicht closed?").notes == (), "in German every noun is capitalised"


def test_what_has_nothing_to_do_with_the_archive_finds_nothing_but_what_is_nearest(town: Town) -> None:
    answer = town.asks("photosynthesis of algae")
    assert answer.hits == () and answer.claims == ()
    assert len(answer.nearest) == 5


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Hello!", HELLO),
        ("guten Morgen", HELLO),
        ("thanks!", WELCOME),
        ("no", BARE),
        ("???", WORDLESS),
        ("👋", WORDLESS),
    ],
)
def test_what_is_said_in_passing_is_not_searched_for(town: Town, model: Scripted, said: str, answer: str) -> None:
    told = town.asks(said, model=model.enqueue(answers(TRUE)))
    assert (told.notes, told.hits, told.nearest, model.history) == ((answer,), (), (), [])
    town.asks(ASKED)
    assert town.understood[-1] == []


def test_what_somebody_wrote_is_listed_though_it_may_not_answer(town: Town) -> None:
    by_cleo = Filters(people=frozenset({account("cleo").uri}), since=NOW - 90 * DAY)
    answer = town.asks("what did Cleo say of algae?", Understood("algae", by_cleo))
    assert (found(answer), answer.notes) == (["bees"], (UNSURE,))


def test_where_nothing_passes_the_filters_the_nearest_beyond_them_is_offered_and_said_to_be_so(town: Town) -> None:
    cleo = frozenset({account("cleo").uri})
    early = Understood("bees", Filters(people=cleo, until=NOW - 900 * DAY), filtered=("by @cleo", "until 2024"))
    answer = town.asks("bees?", early)
    assert answer.hits == () and [hit.item.uri for hit in answer.nearest] == [post("bees").uri]
    assert answer.notes == ("Nothing there fits by @cleo, until 2024; this is of another time.",)
    nobody = Understood("bridge in Dresden", Filters(sources=frozenset({"void"})), filtered=("on void",))
    answer = town.asks("bridge?", nobody)
    assert post("bridge").uri in [hit.item.uri for hit in answer.nearest[:2]]
    assert "from all of your archive" in answer.notes[0]


def test_a_post_in_another_language_needs_less_to_be_an_answer(town: Town) -> None:
    hit = Hit(post("x", "die alte Brücke", language="de"), 1.0, ("meaning",))
    (here,), (across,) = (strengths(HashedWords(), "the bridge", [hit], language) for language in ("", "en"))
    assert across == pytest.approx(here + ACROSS)


def test_in_an_empty_archive_there_is_not_even_that(village: Village, collector: Collector, tmp_path: Path) -> None:
    answer = Town(village, collector, tmp_path).asks(ASKED)
    assert (answer.hits, answer.nearest) == ((), ())


def test_a_long_text_is_shown_where_it_answers(town: Town) -> None:
    filler = "It rained on the road and we talked about nothing at all for a while. " * 8
    town.tells(post("long", f"{filler}The ferry to Aland leaves at noon from pier four. {filler}"))
    hit = town.asks("when does the ferry leave?").hits[0]
    assert hit.passage and "The ferry to Aland leaves at noon" in hit.passage.text
    assert len(hit.passage.text) <= LIMIT
    assert hit.item.searchable[hit.passage.begin : hit.passage.end] == hit.passage.text


def test_where_only_filters_are_asked_for_the_newest_come_first(town: Town) -> None:
    town.tells(*(post(f"e{n}", f"Entry {n} by Emil", by="emil", at=NOW - n * HOUR) for n in (3, 1, 2)))
    answer = town.asks("what did Emil say?", Understood("", Filters(people=frozenset({account("emil").uri}))))
    assert found(answer) == ["e1", "e2", "e3"]


def test_what_the_owner_has_asked_is_no_answer(town: Town) -> None:
    town.tells(post("asked", ASKED, kind="question"))
    assert "asked" not in found(town.asks(ASKED))


def test_what_is_to_be_noted_is_left_to_whoever_heard_it(town: Town) -> None:
    answer = town.asks("remember the bridge", Understood("the bridge", intent=Intent.NOTE))
    assert (answer.hits, answer.nearest, answer.claims) == ((), (), ())


# -- with a model


def test_a_claim_that_holds_is_shown_with_the_words_of_its_source(town: Town, model: Scripted) -> None:
    model.enqueue(
        answers(claim("The old bridge in Dresden is closed from Monday on.", "old brige in  Dresden is closed"))
    )
    answer = town.asks(ASKED, model=model)
    assert [claim.text for claim in answer.claims] == ["The old bridge in Dresden is closed from Monday on."]
    assert answer.claims[0].quotes == ("old bridge in Dresden is closed",)
    assert (answer.claims[0].cites, found(answer)) == ((1,), ["bridge"])


def test_a_claim_that_does_not_hold_is_dropped_and_the_others_are_numbered_anew(town: Town, model: Scripted) -> None:
    lie = claim("The old bridge in Leipzig is closed from Friday on.", "The old bridge in Dresden is closed")
    queen = claim("The oldest queen is called Matilda.", "the oldest queen is called Matilda", 2)
    model.enqueue(
        looks("search_archive", "Matilda queen hives"), lambda prompt: answers(lie, _at(prompt, queen, "Matilda"))
    )
    answer = town.asks(ASKED, model=model)
    assert [claim.text for claim in answer.claims] == ["The oldest queen is called Matilda."]
    assert (answer.claims[0].cites, found(answer)) == ((1,), ["bees"])


def _at(prompt: str, one: dict[str, Any], word: str) -> dict[str, Any]:
    """The claim, citing the passage that has the word."""
    passages = re.findall(r"^\[(\d+)\] .*\n(.*)", prompt, re.MULTILINE)
    return one | {"cites": [int(number) for number, text in passages if word in text]}


def test_where_nothing_holds_the_passages_are_the_answer(town: Town, model: Scripted) -> None:
    model.enqueue(answers(claim("The old bridge in Leipzig is closed from Friday on.", "The old bridge in Dresden")))
    answer = town.asks(ASKED, model=model)
    assert answer.claims == () and found(answer)[0] == "bridge"
    assert answer.hits == town.asks(ASKED).hits


def test_a_weak_model_is_not_asked(town: Town, model: Scripted) -> None:
    assert town.asks(ASKED, model=model.enqueue(answers(TRUE)), weak=True).claims == ()
    assert model.history == []


@pytest.mark.parametrize(
    "trouble", [ModelAwayError("The model is not there: start it."), ValueError("words of a post")]
)
def test_when_the_model_fails_the_passages_are_the_answer_and_the_trouble_is_told(
    town: Town, model: Scripted, trouble: Exception
) -> None:
    answer = town.asks(ASKED, model=model.enqueue(trouble))
    assert found(answer)[0] == "bridge" and answer.claims == ()
    assert "The model" in answer.notes[0] and "words of a post" not in answer.notes[0]


@pytest.mark.parametrize("nonsense", ["I would say it is closed.", '{"tool": "send_message", "words": "x"}', "{}"])
def test_an_answer_that_fits_no_form_comes_to_nothing(town: Town, model: Scripted, nonsense: str) -> None:
    assert town.asks(ASKED, model=model.enqueue(nonsense)).claims == ()


def test_a_model_without_forms_is_no_trouble(town: Town) -> None:
    answer = town.asks(ASKED, model=FakeListChatModel(responses=["hello"]))
    assert found(answer)[0] == "bridge"


def test_after_its_last_look_a_model_has_to_answer(town: Town, model: Scripted) -> None:
    endless = looks("search_archive", "bridge")
    last = answers(TRUE)
    model.enqueue(endless, endless, endless, lambda prompt: last if model.forms[-1] == "Draft" else endless)
    answer = town.asks(ASKED, model=model, rounds=4)
    assert model.forms == ["Round"] * 4 + ["Draft"]
    assert [claim.text for claim in answer.claims] == [TRUE["sentence"]]


def test_past_its_budget_a_model_may_look_no_more(town: Town, model: Scripted) -> None:
    town.asks(ASKED, model=model.enqueue(answers(TRUE)), budget=0.0)
    assert model.forms == ["Draft"]


def test_each_call_is_kept_with_what_it_read_and_a_verdict(town: Town, model: Scripted) -> None:
    town.asks(ASKED, model=model.enqueue(looks("list_notes"), answers(TRUE)))
    assert [call.verdict for call in town.calls] == ["looks: list_notes", "answers with 1 claims"]
    assert post("bridge").uri in town.calls[0].inputs and town.calls[0].prompt == "answer"


def test_the_prompt_says_the_day_the_tone_and_the_facts(town: Town, model: Scripted) -> None:
    town.asks(ASKED, model=model.enqueue(answers(TRUE)), tone="Like a pirate.", facts=lambda: ("I am vegetarian.",))
    prompt = model.history[0]
    assert all(words in prompt for words in ("Friday, 20 November 2026", "Like a pirate.", "I am vegetarian.", BRIDGE))


def test_no_author_who_asks_not_to_be_read_by_models_is(town: Town, model: Scripted) -> None:
    town.tells(post("shy", "A shy word on the closed bridge", by="shy"), asks=(Consent.NOAI,))
    model.enqueue(looks("search_archive", "shy word"), looks("posts_by", "shy@fedi.example"), answers(TRUE))
    answer = town.asks(ASKED, model=model, noai=lambda: frozenset({account("shy").uri}))
    assert "shy word on" not in "".join(model.history)
    assert answer.claims
    assert "shy" in found(town.asks("a shy word"))


@pytest.mark.parametrize(
    ("here", "allowed", "shown"), [(True, False, True), (False, False, False), (False, True, True)]
)
def test_what_is_private_stays_on_this_machine(town: Town, here: bool, allowed: bool, shown: bool) -> None:
    with town.collector.store.begin() as memory:
        memory.notes.add("Secret one: the closed bridge is where we met", account("me").uri, NOW)
    town.tells(
        post("f", "Secret two on the closed bridge", visibility=Visibility.FOLLOWERS),
        post("d", "Secret three on the closed bridge", visibility=Visibility.DIRECT),
        post("c", "Secret four on the closed bridge", kind="chat"),
    )
    model = Scripted(here=here).enqueue(looks("list_notes"), looks("search_archive", "secret bridge"), answers(TRUE))
    town.asks(ASKED, model=model, private_words=allowed, facts=lambda: ("Secret five.",))
    prompts = "".join(model.history)
    secrets = ("Secret one", "Secret two", "Secret three", "Secret four", "Secret five")
    assert [secret in prompts for secret in secrets] == [shown] * 5


# -- stopping


def test_a_question_that_is_stopped_is_not_answered(town: Town) -> None:
    with pytest.raises(StoppedError):
        town.asks(ASKED, stopped=lambda: True)


def test_a_model_is_stopped_between_two_tokens(town: Town) -> None:
    model = Streaming()
    model.enqueue(answers(TRUE))
    with pytest.raises(StoppedError):
        town.asks(ASKED, model=model, stopped=lambda: model.letters >= 7)
    assert model.letters == 7


def test_a_model_that_says_its_words_one_by_one_is_heard_to_the_end(town: Town) -> None:
    assert town.asks(ASKED, model=Streaming().enqueue(answers(TRUE))).claims


# -- conversations


def test_a_question_knows_those_before_it_and_what_was_answered(town: Town) -> None:
    town.asks(ASKED)
    town.asks("and the queen Matilda?")
    turns = town.understood[-1]
    assert [turn.question for turn in turns] == [ASKED]
    assert turns[0].answer.startswith("@ann: The old bridge in Dresden")


def test_another_conversation_knows_nothing_of_it(town: Town) -> None:
    town.asks(ASKED)
    town.asker().ask("and the queen?", "other talk", "run", town.checkpoints)
    assert town.understood[-1] == []


def test_only_the_last_turns_are_kept_and_a_question_asked_again_is_one(town: Town) -> None:
    for number in (1, 2, 3, 3, 4, 5, 6, 7):
        town.asks(f"bridge number {number}")
    assert [turn.question[-1] for turn in town.understood[-1]] == ["2", "3", "4", "5", "6"]


def test_a_post_that_is_deleted_is_in_no_earlier_answer(town: Town) -> None:
    town.asks(ASKED)
    with town.collector.store.begin() as memory:
        memory.items.purge(ref("bridge"), NOW)
    town.asks("and then?")
    assert "old bridge" not in town.understood[-1][0].answer


def test_checkpoints_hold_no_words_of_others_and_of_a_conversation_only_the_last(town: Town, model: Scripted) -> None:
    for question in (ASKED, "and the queen?"):
        town.asks(question, model=model.enqueue(looks("search_archive", "queen"), answers(TRUE)))
    kept = b"".join(path.read_bytes() for path in town.folder.glob("checkpoints.db*"))
    assert ASKED.encode() in kept
    assert b"old bridge" not in kept and b"Matilda" not in kept
    with closing(sqlite3.connect(town.checkpoints)) as conn:
        assert conn.execute("SELECT count(*) FROM checkpoints").fetchone() == (1,)


def test_a_stopped_question_leaves_the_conversation_as_it_was(town: Town) -> None:
    town.asks(ASKED)
    with pytest.raises(StoppedError):
        town.asks("and the queen?", stopped=lambda: len(town.understood) > 1)
    town.asks("what now?")
    assert [turn.question for turn in town.understood[-1]] == [ASKED]


def test_asking_writes_nothing_into_the_memory(town: Town) -> None:
    def everything() -> list[str]:
        with town.collector.store.begin() as memory:
            assert memory.conn.connection.driver_connection is not None
            return list(memory.conn.connection.driver_connection.iterdump())

    before = everything()
    for intent in Intent:
        town.asks("closed bridge", Understood("closed bridge", intent=intent))
    assert everything() == before
