"""What a model has foretold is kept by run and item, and found again by model and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from memory.store import Store
from memory.store.judgements import Judgement
from tests.fakes import HOUR, NOW, post

ONE = Judgement("r1", NOW, post("a").uri, "tiny", 2, 7.5, 2, "It is about bees.", "the bees")


def test_a_judgement_comes_back_as_it_was_and_is_kept_once_a_run(store: Store) -> None:
    with store.begin() as memory:
        memory.judgements.keep([])
        memory.judgements.keep([ONE])
        memory.judgements.keep([replace(ONE, score=3.0)])
        memory.judgements.keep([replace(ONE, run="r2")])
        assert memory.judgements.of_run("r1") == {ONE.item: replace(ONE, score=3.0)}
        assert memory.judgements.of_run("r2") == {ONE.item: replace(ONE, run="r2")}
        assert memory.judgements.of_run("r3") == {}


def test_they_are_found_by_model_and_time_newest_first(store: Store) -> None:
    rows = [replace(ONE, run=f"r{n}", at=NOW + n * HOUR) for n in range(4)]
    with store.begin() as memory:
        memory.judgements.keep([*rows, replace(ONE, run="r9", model="other")])
        assert memory.judgements.by("tiny", NOW + HOUR, NOW + 2 * HOUR) == [rows[2], rows[1]]
        assert memory.judgements.by("tiny", NOW + timedelta(days=9), NOW + timedelta(days=10)) == []


def test_what_is_forgotten_was_never_judged(store: Store) -> None:
    with store.begin() as memory:
        memory.judgements.keep([ONE, replace(ONE, run="r2"), replace(ONE, item=post("b").uri)])
        assert memory.judgements.forget_item(ONE.item) == 2
        assert list(memory.judgements.of_run("r1")) == [post("b").uri]
