"""Whatever breaks while the owner is heard, nothing of it is lost and nothing counts twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot import responses
from bot import router as routing
from bot.jobs.digest import Editor
from config.errors import StoreError
from tests.bot.talking import Talk
from tests.fakes import NOW, ShelfIndex


def test_a_question_waits_with_what_was_heard_until_it_is_answered(talk: Talk) -> None:
    talk.pigeon.hears("the bees and the willows")
    talk.router.handle(talk.pigeon.listen(None))
    talk.router.handle(talk.pigeon.listen(None))
    with talk.store.begin() as memory:
        (waiting,) = memory.questions.waiting("pigeon")
    assert (waiting.message, waiting.text, talk.clerk.heard) == ("in0", "the bees and the willows", [])


def test_the_cursor_moves_with_what_was_heard(talk: Talk) -> None:
    assert talk.router.cursor() is None
    talk.says("hello")
    talk.says("1 👍")
    assert talk.router.cursor() == "2"


@pytest.mark.parametrize("broken", ["apply", "lines", "say"])
def test_a_break_in_between_loses_nothing_and_doubles_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    class PowerCutError(BaseException):
        pass

    def cut(*args: Any, **more: Any) -> None:
        raise PowerCutError

    talk.pigeon.hears("/more rail")
    talk.pigeon.hears("1 👍")
    talk.pigeon.hears("the bees and the willows")
    with monkeypatch.context() as patch:
        patch.setattr(responses, broken, cut)
        with pytest.raises(PowerCutError):
            talk.hears()
    with talk.store.begin() as memory:
        assert memory.rules.interests() == {} and memory.outbox.waiting("pigeon") == []
    assert talk.felt() == [] and talk.router.cursor() is None
    assert sorted(answer.split(" ")[0] for answer in talk.hears()) == ["I", "Noted.", "👍"]
    assert len(talk.felt()) == 1 and talk.router.cursor() == "3" and talk.hears() == []


@pytest.mark.parametrize("broken", ["parse_feedback", "digest_meant", "apply"])
def test_an_event_that_breaks_is_owned_up_to_once_and_blocks_nothing(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    where = routing if broken == "parse_feedback" else responses
    real = getattr(where, broken)

    def breaks(*args: Any) -> Any:
        if "2 👍" in repr(args) or any(getattr(arg, "entry", None) and arg.entry.number == 2 for arg in args):
            raise KeyError("quokka")
        return real(*args)

    for words in ("1 👍", "2 👍", "/more rail"):
        talk.pigeon.hears(words)
    with monkeypatch.context() as patch:
        patch.setattr(where, broken, breaks)
        answers = talk.hears()
    assert sorted(answer.split(" ")[0] for answer in answers) == ["I", "Noted.", "👍"]
    assert (len(talk.felt()), talk.new, talk.router.cursor()) == (1, 3, "3")
    assert "what=event" in caplog.text
    assert talk.hears() == []


def test_a_confirmation_that_breaks_loses_no_feedback(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(responses, "lines", _quake)
        assert talk.says("1 👍") == [responses.KEPT]
    assert len(talk.felt()) == 1 and talk.hears() == []


def test_a_digest_that_breaks_is_told_of(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.clock[0] = NOW + timedelta(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(Editor, "digest", _quake)
        assert talk.says("/digest") == ["There is no digest yet. It broke off; the log says where."]


def test_a_full_disk_leaves_everything_to_be_heard_again(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise StoreError("The disk is full.")

    talk.pigeon.hears("1 👍")
    with monkeypatch.context() as patch:
        patch.setattr(responses, "apply", full)
        with pytest.raises(StoreError):
            talk.hears()
    assert talk.felt() == [] and talk.router.cursor() is None and len(talk.hears()) == 1


def test_the_index_is_asked_before_the_transaction_begins(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []

    def query(self: ShelfIndex, vector: object, count: int, query: Any = ShelfIndex.query) -> Any:
        with talk.store.begin():  # within a transaction it would wait ten seconds for itself, and fail
            found.append(query(self, vector, count))
        return found[-1]

    monkeypatch.setattr(ShelfIndex, "query", query)
    talk.says(f"{talk.number('ann')} 👍")
    assert found


def _quake(*args: Any) -> None:
    raise RuntimeError
