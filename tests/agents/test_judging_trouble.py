"""A judge that is away, late or unusable changes nothing; what it may not read it is not shown, nor is it kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.errors import ModelAwayError, ModelError
from memory.keeping.choosing import choose
from memory.keeping.forgetting import forget, forget_choice
from memory.records import Kind, Visibility
from tests.agents.court import MARK, Court, entry_of, judged, keen, marked
from tests.agents.judges import JudgingModel
from tests.fakes import HOUR, NOW, HashedWords


@pytest.fixture
def embedder() -> HashedWords:
    """To whom no two of these posts are alike."""
    return HashedWords(dim=4096)


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (ModelAwayError("The server is away."), "The server is away."),
        (RuntimeError("words of a post"), "The model tiny failed (RuntimeError)."),
        (ModelError("The prompt does not fit."), "The prompt does not fit."),
    ],
)
def test_a_judge_that_is_away_changes_nothing_and_is_noted(court: Court, trouble: Exception, why: str) -> None:
    marked(court)
    model = JudgingModel.by(keen).failing("nonsense", trouble) if not isinstance(trouble, ModelAwayError) else None
    model = model or JudgingModel.by(keen).failing(trouble)
    if type(trouble) is ModelError:
        model.failing(*[trouble] * 9)
        why = "No answer of tiny could be used."
    plain, digest = court.digest(None, "r0"), court.digest(court.judge(model))
    assert digest.entries == plain.entries
    assert court.notes == [f"{why} As a judge it changes nothing this time."]
    with court.store.begin() as memory:
        assert memory.judgements.of_run("r1") == {}


@pytest.mark.parametrize("limit", [{"budget": 0.0}, {"most_calls": 1}])
def test_a_judge_that_is_late_changes_nothing_and_is_noted(court: Court, limit: dict[str, Any]) -> None:
    marked(court)
    plain, digest = court.digest(None, "r0"), court.digest(court.judge(JudgingModel.by(keen), **limit))
    assert digest.entries == plain.entries and len(court.notes) == 1
    assert "was not done judging" in court.notes[0] and court.notes[0].endswith("it changes nothing this time.")


def test_one_order_that_was_finished_in_time_counts(court: Court) -> None:
    quince = marked(court)
    digest = court.digest(court.judge(JudgingModel.by(keen), most_calls=4))
    assert judged(entry_of(digest, quince)).value == 10 and court.notes == []
    with court.store.begin() as memory:
        assert {one.times for one in memory.judgements.of_run("r1").values()} <= {1, 2}


def test_one_unusable_answer_leaves_only_its_group_without_a_judgement(court: Court) -> None:
    state = court.run(court.judge(JudgingModel.by(keen).failing("no JSON at all"), most_calls=3))
    assert state["judging"]["judge answers unusable"] == 1 and 0 < state["judging"]["judged"] < 12
    assert court.calls[0].verdict.startswith("no answer")


def test_private_posts_do_not_go_to_a_model_elsewhere(court: Court) -> None:
    secret = marked(court, visibility=Visibility.FOLLOWERS)
    court.likes("whisper", "A whisper about steam and brass", Kind.LIKE)
    court.village.steps = [
        replace(step, item=replace(step.item, visibility=Visibility.FOLLOWERS))
        if getattr(step, "item", None) is not None and "whisper" in step.item.uri  # type: ignore[union-attr]
        else step
        for step in court.village.steps
    ]
    away, here = JudgingModel.by(keen, here=False), JudgingModel.by(keen)
    digest = court.digest(court.judge(away))
    assert judged(entry_of(digest, secret)) is None
    assert not any(MARK in prompt or "whisper" in prompt for prompt in away.history)
    at_home = judged(entry_of(court.digest(court.judge(here), "r2"), secret))
    assert any(MARK in prompt for prompt in here.history)
    assert at_home.words == "10 of 10 by a chat model", "a quote of it could be told in a channel elsewhere"


def test_who_asks_not_to_be_read_by_a_model_is_not(court: Court) -> None:
    quince = marked(court)
    model = JudgingModel.by(keen)
    digest = court.digest(court.judge(model, noai=lambda: frozenset({quince.author})))
    assert judged(entry_of(digest, quince)) is None and not any(MARK in prompt for prompt in model.history)


def test_a_run_that_goes_on_after_the_judge_does_not_ask_again(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    marked(court)
    model = JudgingModel.by(keen)
    whole = court.digest(court.judge(model), "r1")
    asked = len(model.history)
    again = court.run(court.judge(model), "r1", thread="once more")["digest"]
    assert again == whole and len(model.history) == asked
    break_in(monkeypatch, "choose")
    with pytest.raises(ZeroDivisionError):
        court.run(court.judge(model), "r2")
    asked = len(model.history)
    monkeypatch.undo()
    resumed = court.run(court.judge(model), "r2", go_on=True)["digest"]
    assert len(model.history) == asked
    assert [(e.lead, e.factors) for e in resumed.entries] == [(e.lead, e.factors) for e in whole.entries]


def break_in(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    from agents.digest import NODES

    monkeypatch.setitem(NODES, node, lambda state, runtime: 1 // 0)


def test_no_word_of_a_judgement_is_in_a_checkpoint(court: Court) -> None:
    quince = marked(court)
    digest = court.digest(court.judge(JudgingModel.by(keen)))
    assert MARK in judged(entry_of(digest, quince)).words
    kept = b"".join(path.read_bytes() for path in court.path.parent.glob(f"{court.path.name}*"))
    assert quince.uri.encode() in kept and b"Membrillo" not in kept


@pytest.mark.parametrize("way", ["deleted", "chosen", "by a word", "by time"])
def test_what_is_forgotten_is_in_no_judgement_any_more(court: Court, way: str) -> None:
    quince = marked(court)
    made = court.digest(court.judge(JudgingModel.by(keen)))
    with court.store.begin() as memory:
        memory.digests.add(made)
        assert memory.judgements.of_run("r1")[quince.uri].quote
    with court.store.begin() as memory:
        if way == "deleted":
            forget(memory, quince.ref, NOW)
        else:
            span = (NOW - HOUR, NOW + HOUR) if way == "by time" else (None, None)
            what = {"chosen": quince.uri, "by a word": MARK}.get(way, "")
            forget_choice(memory, choose(memory, what, *span), NOW)
    with court.store.begin() as memory:
        left = memory.judgements.of_run("r1").get(quince.uri)
        assert left is None
        told = memory.digests.latest()
        assert told and not any(MARK in factor.words for entry in told.entries for factor in entry.factors)
