"""Questions: each kept once, in order, and settled once."""

from dataclasses import replace

from memory.records import Message
from memory.store import Store
from memory.store.questions import ANSWERED, FAILED, STOPPED, WAITING, Question
from tests.fakes import HOUR, NOW

FIRST = Question("pigeon", "m1", "c1", "bees?", NOW)


def test_a_question_is_kept_once(store: Store) -> None:
    with store.begin() as memory:
        assert memory.questions.add(FIRST)
        assert not memory.questions.add(replace(FIRST, text="trams?"))
        (kept,) = memory.questions.waiting("pigeon")
    assert kept == replace(FIRST, id=kept.id) and kept.state == WAITING


def test_they_wait_in_the_order_of_asking_each_channel_by_itself(store: Store) -> None:
    with store.begin() as memory:
        for message, at in (("m2", NOW), ("m1", NOW - HOUR), ("m3", NOW)):
            memory.questions.add(replace(FIRST, message=message, at=at))
        memory.questions.add(replace(FIRST, channel="terminal"))
        assert [question.message for question in memory.questions.waiting("pigeon")] == ["m2", "m1", "m3"]
        last = memory.questions.latest("pigeon")
    assert last is not None and last.message == "m3"


def test_a_question_is_settled_once(store: Store) -> None:
    with store.begin() as memory:
        memory.questions.add(FIRST)
        memory.questions.taken_up(1, "run 1")
        assert memory.questions.waits(1)
        assert memory.questions.settle(1, ANSWERED)
        assert not memory.questions.settle(1, FAILED) and not memory.questions.waits(1)
        memory.questions.taken_up(1, "run 2")
        assert memory.questions.stop("pigeon") == 0
        kept = memory.questions.of("pigeon", "m1")
    assert kept is not None and (kept.state, kept.run) == (ANSWERED, "run 1")


def test_stopping_counts_those_that_waited(store: Store) -> None:
    with store.begin() as memory:
        memory.questions.add(FIRST)
        memory.questions.add(replace(FIRST, message="m2"))
        memory.questions.add(replace(FIRST, channel="terminal"))
        assert memory.questions.stop("pigeon") == 2
        kept = memory.questions.latest("pigeon")
        assert len(memory.questions.waiting("terminal")) == 1
    assert kept is not None and kept.state == STOPPED


def test_an_answer_and_each_further_part_of_it_lead_to_their_question(store: Store) -> None:
    with store.begin() as memory:
        memory.questions.add(FIRST)
        for number, reply_to in (("p1", "m1"), ("p2", "p1"), ("x1", "x2"), ("x2", "x1")):
            memory.messages.add(Message("pigeon", "", NOW, number, reply_to, incoming=False))
        assert [question.message for one in ("m1", "p1", "p2") if (question := memory.questions.of("pigeon", one))] == [
            "m1"
        ] * 3
        assert memory.questions.of("pigeon", "x1") is None and memory.questions.of("pigeon", "") is None
