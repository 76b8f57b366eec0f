"""Measuring recall goes through the store and the search that everybody uses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.errors import SourceError
from memory.recall import conversations, ranked
from tests.fakes import HashedWords

TURNS = [
    {"id": "t1", "author": "Ana B", "text": "I planted quinces", "created_at": "2024-05-01T10:00:00"},
    {
        "id": "t2",
        "author": "Ben",
        "text": "Lovely",
        "caption": "a photo of a wallaby",
        "created_at": "2024-05-01T10:00:00",
    },
    {"id": "t3", "author": "Ana B", "text": "And a medlar, too"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    talk = tmp_path / "talks" / "one"
    talk.mkdir(parents=True)
    (talk / "archive.jsonl").write_text("\n".join(map(json.dumps, TURNS)))
    asked = [{"doc_id": "one", "question_index": n, "q": q} for n, q in enumerate(["quinces", "Who saw a wallaby?"])]
    (talk / "queries.jsonl").write_text("\n".join(map(json.dumps, asked)))
    return tmp_path / "talks"


def test_each_question_is_answered_with_the_turns_in_order(folder: Path) -> None:
    (talk,) = conversations(folder)
    rows = list(ranked(talk, HashedWords(), {"who", "a"}))
    assert [(row["doc_id"], row["question_index"]) for row in rows] == [("one", 0), ("one", 1)]
    assert [row["ranked"][0] for row in rows] == ["t1", "t2"]
    assert all(sorted(row["ranked"]) == ["t1", "t2", "t3"] for row in rows)


def test_a_folder_without_conversations_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no conversation in"):
        conversations(tmp_path)


def test_a_line_that_is_no_json_is_refused_in_one_sentence(folder: Path) -> None:
    (folder / "one" / "queries.jsonl").write_text("{")
    with pytest.raises(SourceError, match=r"queries\.jsonl cannot be read"):
        list(ranked(folder / "one", HashedWords(), ()))


def test_a_byte_order_mark_is_no_part_of_the_first_line(folder: Path) -> None:
    for file in folder.glob("one/*.jsonl"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    (talk,) = conversations(folder)
    assert [row["ranked"][0] for row in ranked(talk, HashedWords(), {"who", "a"})] == ["t1", "t2"]
