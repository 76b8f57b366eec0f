"""A folder of people, judged as the product judges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agents.taste.trial import Desk, judged
from config.errors import SourceError
from tests.fakes import HashedWords

LIKED = [f"bees and honey {n}" for n in range(8)]
SEEN = [f"{what} {n}" for n in range(8) for what in ("football tonight", "stocks and shares", "the weather")]
NEW = ["honey of wild bees", "football and stocks"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for person in ("ann", "bob"):
        room = tmp_path / "users" / person
        room.mkdir(parents=True)
        for name, texts in (("liked", LIKED), ("seen", SEEN), ("candidates", NEW)):
            rows = [{"id": f"{name}{n}", "text": text, "liked_at": "2025-01-01"} for n, text in enumerate(texts)]
            (room / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return tmp_path


def scores(folder: Path, embedder: HashedWords | None = None) -> list[dict[str, Any]]:
    """The lines for everybody."""
    desk = Desk(folder, embedder or HashedWords())
    return [line for person in desk.people for line in judged(desk.case(person))]


def test_each_new_post_is_judged_for_each_person(folder: Path) -> None:
    lines = scores(folder)
    assert [(line["user"], line["item"]) for line in lines] == [
        (person, f"candidates{n}") for person in ("ann", "bob") for n in (0, 1)
    ]
    assert lines[0]["score"] > lines[1]["score"] and 0 < lines[1]["chance"] < lines[0]["chance"] < 1


def test_a_text_that_several_have_is_embedded_once(folder: Path) -> None:
    embedder = HashedWords()
    scores(folder, embedder)
    assert len(embedder.asked) == len(set(embedder.asked)) == len({*LIKED, *SEEN, *NEW})


def test_a_folder_without_people_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is nobody in"):
        scores(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        *("{", '{"text": "no id"}', "[1]", '{"id": "1", "text": null}', '{"id": "half a sign \\ud83d", "text": "a"}'),
        '{"id": "1", "text": "a", "liked_at": "yesterday"}',
        '{"id": "1", "text": "a", "liked_at": "9999-12-31"}',
    ],
)
def test_a_line_that_is_no_post_is_said_to_be_none(folder: Path, line: str) -> None:
    (folder / "users" / "ann" / "seen.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(SourceError, match=r"seen\.jsonl, line 1 cannot be read"):
        scores(folder)


def test_a_sign_that_only_looks_like_the_end_of_a_line_ends_none(folder: Path) -> None:
    seen = folder / "users" / "ann" / "seen.jsonl"
    told = {"id": "odd", "text": "night trains through\u2028the\x85alps"}
    seen.write_text(json.dumps(told, ensure_ascii=False) + "\n" + seen.read_text("utf-8"), encoding="utf-8")
    assert len(scores(folder)) == 4


def test_a_byte_order_mark_is_no_part_of_the_first_line(folder: Path) -> None:
    plain = scores(folder)
    for file in folder.glob("users/*/*.jsonl"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert scores(folder) == plain
