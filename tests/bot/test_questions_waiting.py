"""While an answer takes its time the owner is given a sign, and an answer goes without it where it is there at once."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from bot.jobs.answer import LOOKING
from config.errors import ModelError
from memory.store import Store
from tests.bot.clerk import LONG, Desk, Loud


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)


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
