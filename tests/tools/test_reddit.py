"""Reddit as a source."""

from __future__ import annotations

import pytest

from config.errors import ConfigError
from memory.records import Fetched
from tests.tools.recorded import fetched, items, source
from tools.sources.reddit import build


def test_a_post_is_by_its_author_and_is_put_there_by_its_subreddit() -> None:
    steps = {step.item.title: step for step in fetched(source("reddit")) if step.item}
    step = steps["Wintered in a signal box"]
    assert step.item is not None
    assert step.item.uri == "https://www.reddit.com/r/beekeeping/comments/1abc/wintered/"
    assert step.item.author == "https://www.reddit.com/user/hollis"
    assert step.item.text == "They wintered in the signal box, and all of them came through."
    assert [share.account for share in step.shares] == ["https://www.reddit.com/r/beekeeping/"]


def test_a_link_post_meets_others_by_the_page_that_it_links_to() -> None:
    post = {item.title: item for item in items(fetched(source("reddit")))}["The train to Malmö runs again"]
    assert post.links == ("https://rail.example/malmo", "https://www.reddit.com/r/trains/comments/1xyz/malmo/")
    assert post.text == ""


def test_the_json_form_tells_scores() -> None:
    (post,) = items([step for step in source("reddit", "damaged").fetch(None) if isinstance(step, Fetched)])
    assert (post.counts.likes, post.counts.replies, post.links[0]) == (12, 3, "https://bees.example/2026/swarm")


@pytest.mark.parametrize(
    ("settings", "paths"),
    [
        ({"subreddits": ["r/python", "/r/Rust/"]}, ("r/python", "r/Rust")),
        ({"subreddits": ["python+rust"]}, ("r/python+rust",)),
        ({"multireddits": ["wren/trains", "u/wren/m/bees"]}, ("user/wren/m/trains", "user/wren/m/bees")),
    ],
)
def test_names_are_taken_as_people_write_them(settings: dict[str, list[str]], paths: tuple[str, ...]) -> None:
    assert build(settings, {}).paths == paths


@pytest.mark.parametrize("settings", [{}, {"subreddits": ["../x"]}, {"multireddits": ["x"]}, {"subreddits": 3}])
def test_what_cannot_be_a_name_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build(settings, {})
