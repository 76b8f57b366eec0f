"""What is put together before a question is answered."""

from __future__ import annotations

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


def test_a_large_backlog_is_left_to_the_next_collect(magpie: Magpie, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "MOST_NEW", 2)
    with magpie.store.begin() as memory:
        for name in "abc":
            memory.items.keep(post(name), NOW)
    study.asker(magpie)
    assert missing(magpie) == 3
