"""Questions wait, and are answered one after another: once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.answer import Answer, Claim, Intent, Understood
from bot.channels import NEW, Past
from bot.jobs.answer import BROKE, LOOKING, Answerer, asked, is_statement, owners_words
from bot.outbox import Postman
from bot.speaking import Speaker
from config.errors import ModelError
from memory.keeping.forgetting import forget
from memory.query import Hit
from memory.records import Message, Outgoing
from memory.store import Store
from memory.store.questions import ANSWERED, FAILED, STOPPED, WAITING
from tests.bot.clerk import Clerk
from tests.fakes import HOUR, NOW, Pigeon, account, digest, post

ME = account("me").uri
LONG = 600.0
PATIENT = 3600.0


@dataclass
class Loud(Pigeon):
    """A pigeon that tells when it has said something."""

    said_now: Event = field(default_factory=Event)
    awaited: str = ""

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Say it."""
        parts = super().send(out, past)
        if out.key == self.awaited:
            self.said_now.set()
        return parts


@dataclass
class Desk:
    """A store, a clerk, a pigeon, and the answerer between them."""

    store: Store
    folder: Path
    clerk: Clerk = field(default_factory=Clerk)
    pigeon: Loud = field(default_factory=Loud)
    ends: Event = field(default_factory=Event)
    swept: list[bool] = field(default_factory=list)

    def answerer(self, **more: Any) -> Answerer:
        """One that has just been started."""
        given = {"patience": PATIENT, "long_wait": PATIENT, "deliver": self.deliver, "ending": self.ends.is_set}
        return Answerer(
            self.store,
            self.pigeon,
            lambda: self.clerk,
            lambda memory: Speaker({}, memory.accounts.all(), ZoneInfo("UTC")),
            lambda: ME,
            self.folder / "checkpoints.db",
            lambda: NOW,
            swept_later=lambda: self.swept.append(True),
            **{**given, **more},
        )

    def deliver(self) -> int:
        return Postman(self.store, self.pigeon, lambda: NOW).deliver()

    def hears(self, text: str, reply_to: str = "", at: datetime = NOW) -> str:
        """The owner asks; returns the message's id."""
        message = self.pigeon.hears(text, at, reply_to)
        with self.store.begin() as memory:
            memory.messages.add(message)
            memory.questions.add(asked(memory, message))
        return message.platform_id

    def answers(self) -> list[str]:
        """Everything that waits is answered; what was said then."""
        before, answerer = len(self.pigeon.said), self.answerer()
        while answerer.answer_next():
            self.deliver()
        return [out.text for out in list(self.pigeon.said.values())[before:]]

    def states(self) -> list[str]:
        with self.store.begin() as memory:
            found = [memory.questions.of("pigeon", message.platform_id) for message in self.pigeon.heard]
        return [question.state for question in found if question]

    def meanwhile(self, do: Callable[[str, Callable[[], bool]], object]) -> None:
        """What happens while a question is being answered."""
        self.clerk.meanwhile = do

    def stop(self) -> int:
        with self.store.begin() as memory:
            return memory.questions.stop("pigeon")


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


# -- signs


def test_a_first_line_comes_when_the_answer_takes_its_time(desk: Desk) -> None:
    desk.pigeon.awaited = "looking/in0"
    desk.meanwhile(lambda question, stopped: desk.pigeon.said_now.wait(LONG))
    desk.hears("bees?")
    desk.answerer(patience=0).answer_next()
    desk.deliver()
    assert list(desk.pigeon.said) == ["looking/in0", "answer/in0"]
    assert desk.pigeon.said["looking/in0"].text == LOOKING


def test_an_answer_that_is_there_at_once_needs_no_sign(desk: Desk) -> None:
    desk.hears("bees?")
    assert len(desk.answers()) == 1 and list(desk.pigeon.said) == ["answer/in0"]


def test_where_typing_can_be_shown_nothing_is_said(desk: Desk) -> None:
    typed = Event()

    class Typist(Loud):
        def typing(self) -> None:
            typed.set()

    desk.pigeon = Typist()
    desk.meanwhile(lambda question, stopped: typed.wait(LONG))
    desk.hears("bees?")
    desk.answerer(patience=0).answer_next()
    desk.deliver()
    assert typed.is_set() and list(desk.pigeon.said) == ["answer/in0"]


def test_a_sign_that_fails_costs_no_answer(desk: Desk) -> None:
    tried = Event()

    class Mute(Loud):
        def typing(self) -> None:
            tried.set()
            raise ModelError("no typing")

    desk.pigeon = Mute()
    desk.meanwhile(lambda question, stopped: tried.wait(LONG))
    desk.hears("bees?")
    assert len(desk.answers()) == 1 and tried.is_set()


def test_who_waits_long_in_line_is_told_so_once(desk: Desk) -> None:
    desk.pigeon.awaited = "waits/in2"
    desk.meanwhile(lambda question, stopped: question != "bees?" or desk.pigeon.said_now.wait(LONG))
    for text in ("bees?", "trams?", "soup?"):
        desk.hears(text)
    answerer = desk.answerer(long_wait=0.001)
    while answerer.answer_next():
        desk.deliver()
    waits = [out.text for key, out in desk.pigeon.said.items() if key.startswith("waits/")]
    assert [words.split(" before")[0] for words in waits] == ["One question is", "2 questions are"]
    assert [key for key in desk.pigeon.said if key.startswith("answer/")] == ["answer/in0", "answer/in1", "answer/in2"]


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


# -- what is said, and what is kept


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
