"""What is put together before a question is answered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot import study
from bot.build import Magpie
from config.settings import parse
from tests.fakes import NOW, HashedWords, post


@pytest.fixture
def magpie(tmp_path: Path) -> Magpie:
    table = {"owner": {"handle": "me@home.example"}, "data": str(tmp_path / "data"), "model": {"kind": "none"}}
    return Magpie(parse(table), now=lambda: NOW, given_embedder=HashedWords())


def missing(magpie: Magpie) -> int:
    with magpie.store.begin() as memory:
        return len(memory.vectors.missing(magpie.embedder.name, 1000))


def test_what_was_kept_a_moment_ago_is_embedded_before_a_question_is_answered(magpie: Magpie) -> None:
    with magpie.store.begin() as memory:
        memory.items.keep(post("bees", "The bees came back to the bell tower"), NOW)
    assert missing(magpie) == 1
    study.asker(magpie)
    assert (missing(magpie), magpie.index.count()) == (0, 1)


def test_beside_another_magpie_vectors_are_kept_and_the_index_is_left_alone(magpie: Magpie) -> None:
    beside = replace(magpie, alone=False)
    with magpie.store.begin() as memory:
        memory.items.keep(post("bees", "The bees came back to the bell tower"), NOW)
    study.asker(beside)
    assert (missing(magpie), magpie.index.count()) == (0, 0)


def test_of_a_large_backlog_only_the_newest_are_embedded(magpie: Magpie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "MOST_NEW", 2)
    with magpie.store.begin() as memory:
        for name in "abc":
            memory.items.keep(post(name), NOW)
    study.asker(magpie)
    assert (missing(magpie), magpie.index.count()) == (1, 2)
    with magpie.store.begin() as memory:
        (left,) = memory.vectors.missing(magpie.embedder.name, 9)
        assert left == min(memory.passages.items_of([1, 2, 3]))
