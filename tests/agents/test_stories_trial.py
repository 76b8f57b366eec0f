"""A file of posts goes through the grouping of the digest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.stories import trial
from config.errors import ConfigError
from memory.records import Story
from tests.fakes import HashedWords

BRIDGE = "The old bridge over the river will be closed for two years"
POSTS = (
    {"id": "1", "text": BRIDGE, "created_at": "2026-11-20T10:00:00Z"},
    {"id": "2", "text": "Bees &amp; wasps have settled upon a station clock", "created_at": "2026-11-20T11:00:00Z"},
    {"id": "3", "text": BRIDGE + " from Monday", "created_at": "2026-11-20T12:00:00"},
)


def written(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def labels(path: Path) -> dict[str, str]:
    items = trial.posts(path)
    found: list[Story] = []
    for step in trial.stories(items, HashedWords()):
        found = found if isinstance(step, int) else step
    return {line["id"]: line["story"] for line in trial.labels(items, found)}


def test_every_post_gets_a_story_and_those_that_tell_the_same_get_the_same(tmp_path: Path) -> None:
    told = labels(written(tmp_path / "posts.jsonl", *POSTS))
    assert set(told) == {"1", "2", "3"} and told["1"] == told["3"] != told["2"]


def test_links_and_threads_count_where_they_are_given(tmp_path: Path) -> None:
    linked = [{**post, "links": ["https://news.example/x"]} for post in POSTS]
    assert len(set(labels(written(tmp_path / "posts.jsonl", *linked)).values())) == 1


def test_what_is_written_for_the_web_is_read_as_it_is_meant(tmp_path: Path) -> None:
    assert "Bees & wasps" in trial.posts(written(tmp_path / "posts.jsonl", *POSTS))[1].text


def test_half_a_sign_in_a_text_is_replaced(tmp_path: Path) -> None:
    (item,) = trial.posts(written(tmp_path / "posts.jsonl", '{"id": "1", "text": "night \\ud83d train"}'))
    assert item.text == "night ? train"


@pytest.mark.parametrize(
    "line",
    [
        *("{", "[]", "3", '{"id": "1"}', '{"id": "half a sign \\ud83d", "text": "x"}'),
        '{"id": "1", "text": "x", "created_at": "noon"}',
    ],
)
def test_a_line_that_is_no_post_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match="line 2 is no post"):
        trial.posts(written(tmp_path / "posts.jsonl", POSTS[0], line))


def test_two_posts_with_one_id_are_named_by_their_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "posts.jsonl", POSTS[0], POSTS[1], "", {**POSTS[2], "id": 1})
    with pytest.raises(ConfigError, match=r"posts\.jsonl, line 4 has the id '1' of line 1: give each post an id"):
        trial.posts(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"posts\.jsonl cannot be read"):
        trial.posts(tmp_path / "posts.jsonl")


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = written(tmp_path / "posts.jsonl", *POSTS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(labels(path)) == ["1", "2", "3"]
