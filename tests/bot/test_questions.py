"""Questions wait, and are answered one after another: once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from bot.jobs.answer import BROKE
from config.errors import ModelError
from memory.records import Message
from memory.store import Store
from memory.store.questions import ANSWERED, FAILED, STOPPED, WAITING
from tests.bot.clerk import LONG, Desk
from tests.fakes import HOUR, NOW, digest, post


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


def test_questions_are_answered_one_after_another_in_the_order_of_asking(desk: Desk) -> None:
    for text in ("bees?", "trams?", "soup?"):
        desk.hears(text)
    answers = desk.answers()
    assert desk.clerk.heard == ["bees?", "trams?", "soup?"]
    assert [answer.split("“")[1].split("”")[0] for answer in answers] == desk.clerk.heard
    assert list(desk.pigeon.said) == ["answer/in0", "answer/in1", "answer/in2"]
    assert desk.states() == [ANSWERED] * 3 and desk.answers() == []


def test_every_answer_is_a_run_with_its_step(desk: Desk) -> None:
    desk.hears("bees?")
    desk.answers()
    with desk.store.begin() as memory:
        (run,) = memory.runs.latest("answer")
        question = memory.questions.of("pigeon", "in0")
        steps = [step.node for step in memory.runs.steps(run.id)]  # type: ignore[attr-defined]
    assert (run.state, steps) == ("done", ["ask"])  # type: ignore[attr-defined]
    assert question is not None and question.run == run.id  # type: ignore[attr-defined]


def test_one_at_a_time_even_when_two_hands_reach_for_it(desk: Desk) -> None:
    answerer, at_work, go_on, most = desk.answerer(), Event(), Event(), [0, 0]

    def work(question: str, stopped: Callable[[], bool]) -> None:
        most[0] += 1
        most[1] = max(most)
        at_work.set()
        go_on.wait(LONG)
        most[0] -= 1

    desk.meanwhile(work)
    desk.hears("bees?")
    desk.hears("trams?")
    hands = [Thread(target=answerer.answer_next) for _ in range(2)]
    for hand in hands:
        hand.start()
    assert at_work.wait(LONG)
    go_on.set()
    for hand in hands:
        hand.join()
    assert desk.clerk.heard == ["bees?", "trams?"] and most[1] == 1


def test_what_cannot_be_answered_is_told_in_one_sentence_and_settled(desk: Desk) -> None:
    desk.clerk.knows("bees?", ModelError("The embedding model is away."))
    desk.clerk.knows("trams?", KeyError("a private word"))
    desk.hears("bees?")
    desk.hears("trams?")
    assert desk.answers() == ["I cannot answer that now. The embedding model is away.", BROKE]
    assert desk.states() == [FAILED] * 2 and desk.answers() == []


def test_stop_stops_the_one_that_is_being_answered_and_those_that_wait(desk: Desk) -> None:
    stopped_seen = []

    def work(question: str, stopped: Callable[[], bool]) -> None:
        assert not stopped()
        assert desk.stop() == 2
        stopped_seen.append(stopped())

    desk.meanwhile(work)
    desk.hears("bees?")
    desk.hears("trams?")
    assert desk.answers() == [] and desk.pigeon.said == {}
    assert (desk.clerk.heard, stopped_seen, desk.states()) == (["bees?"], [True], [STOPPED] * 2)
    assert desk.stop() == 0


def test_what_is_asked_after_a_stop_is_answered(desk: Desk) -> None:
    desk.hears("bees?")
    desk.stop()
    desk.hears("trams?")
    assert len(desk.answers()) == 1 and desk.states() == [STOPPED, ANSWERED]


def test_whoever_is_killed_in_between_answers_after_the_next_start_and_once(desk: Desk) -> None:
    class PowerCutError(BaseException):
        pass

    desk.clerk.knows("bees?", PowerCutError())
    desk.hears("bees?")
    with pytest.raises(PowerCutError):
        desk.answerer().answer_next()
    assert desk.states() == [WAITING] and desk.pigeon.said == {}
    desk.clerk.book.clear()
    assert len(desk.answers()) == 1 and desk.answers() == [] and desk.states() == [ANSWERED]


def test_an_answer_that_was_queued_before_the_power_went_is_not_given_again(desk: Desk) -> None:
    desk.hears("bees?")
    desk.answerer().answer_next()
    with desk.store.begin() as memory:
        assert [queued.out.key for queued in memory.outbox.waiting("pigeon")] == ["answer/in0"]
    assert desk.answers() == [] and desk.clerk.heard == ["bees?"]
    assert desk.deliver() == 1


def test_when_magpie_ends_the_question_waits_for_the_next_start(desk: Desk) -> None:
    def work(question: str, stopped: Callable[[], bool]) -> None:
        desk.ends.set()
        assert stopped()
        raise ModelError("The answer was stopped.")

    desk.meanwhile(work)
    desk.hears("bees?")
    assert desk.answers() == [] and desk.states() == [WAITING]
    desk.ends.clear()
    desk.clerk.meanwhile = lambda question, stopped: None
    assert len(desk.answers()) == 1


def test_who_sits_at_the_terminal_can_break_off(desk: Desk) -> None:
    desk.clerk.knows("bees?", KeyboardInterrupt())
    desk.hears("bees?")
    with pytest.raises(KeyboardInterrupt):
        desk.answerer().answer_next()
    assert desk.states() == [STOPPED]


# -- conversations


def test_what_is_replied_to_or_was_asked_just_before_is_the_same_conversation(desk: Desk) -> None:
    first = desk.hears("bees?")
    desk.answers()
    desk.hears("and trams?", at=NOW + HOUR / 2)
    desk.hears("and soup?", reply_to="p0", at=NOW + timedelta(days=3))
    desk.hears("chess?", at=NOW + timedelta(days=9))
    desk.hears("why that?", reply_to="somewhere else", at=NOW + timedelta(days=9))
    desk.answers()
    one, two, three, four, five = desk.clerk.conversations
    assert one == two == three and len({one, four, five}) == 3 and first in one
    assert one.startswith("20261120T120000")


def test_the_entry_that_is_replied_to_is_known_to_whoever_answers(desk: Desk) -> None:
    with desk.store.begin() as memory:
        memory.items.keep(post("a"), NOW)
        entry = memory.digests.add(digest(post("a"))).entries[0]
        memory.messages.add(Message("pigeon", "1 · a", NOW, "told", incoming=False), entry.id)
    desk.hears("why this?", reply_to="told")
    desk.hears("why that?")
    desk.answers()
    assert [found.lead if found else None for found in desk.clerk.entries] == [post("a").uri, None]
