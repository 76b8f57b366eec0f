"""The benchmark of answers: what recall has found is told, told as nearest, or counted as lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.answer import Answer, Understood
from bench.talks import Shown, shown
from memory.query import Hit
from tests.fakes import HashedWords, post

HIT, OTHER = Hit(post("t1"), 1.0, ()), Hit(post("t2"), 1.0, ())
ASKED: dict[str, Any] = {"q": "bees?", "evidence": ["t1"]}


def counted(first: set[str], **answer: Any) -> Shown:
    counts = Shown()
    counts.count({**ASKED, "evidence": [HIT.item.ref.partition("#")[2]]}, first, Answer(Understood("bees"), **answer))
    return counts


@pytest.mark.parametrize(
    ("found", "answer", "right"),
    [
        (True, {"hits": (OTHER, HIT)}, Shown(1, 1, told=1)),
        (True, {"nearest": (HIT,)}, Shown(1, 1, nearest=1)),
        (True, {"hits": (OTHER,)}, Shown(1, 1, lost=["bees? [find]"])),
        (False, {"hits": (HIT,)}, Shown(1, more=1)),
        (False, {"hits": (OTHER,)}, Shown(1)),
    ],
)
def test_what_becomes_of_a_question_is_counted(found: bool, answer: dict[str, Any], right: Shown) -> None:
    assert counted({HIT.item.ref.partition("#")[2]} if found else set(), **answer) == right


def test_conversations_are_asked_by_the_way_that_owners_ask(tmp_path: Path) -> None:
    turns = [
        {"id": str(n), "speaker": "Ana", "text": text}
        for n, text in enumerate(("the bees came back", "soup tonight", "trams again", "cake", "rain", "oars"))
    ]
    questions = [
        {"q": "what did Ana say about the bees?", "evidence": ["0"]},
        {"q": "what did Bob say?", "evidence": ["1"], "category": "adversarial"},
    ]
    talk = {"doc_id": "one", "turns": turns, "questions": questions}
    (tmp_path / "conversations.jsonl").write_text(json.dumps(talk) + "\n")
    assert shown(tmp_path, HashedWords()) == Shown(1, 1, told=1)
