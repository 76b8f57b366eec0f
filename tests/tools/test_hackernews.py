"""Hacker News as a source."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from config.errors import ConfigError
from memory.records import How, Item, Kind
from tests.tools.recorded import NOW, cursor_after, fetched, items, recorded_web, source

ITEM = "https://news.ycombinator.com/item?id="


@pytest.fixture(scope="module")
def known() -> dict[str, Item]:
    return {item.uri: item for item in items(fetched(source("hackernews")))}


def test_a_story_meets_others_by_its_page_and_by_its_discussion(known: dict[str, Item]) -> None:
    story = known[f"{ITEM}8863001"]
    assert story.links == ("https://one.example/file?utm_source=hn", f"{ITEM}8863001")
    assert (story.title, story.counts.likes, story.counts.replies) == ("A database in one file", 111, 12)
    assert story.author == "https://news.ycombinator.com/user?id=mabel"


def test_a_question_has_words_of_its_own(known: dict[str, Item]) -> None:
    assert known[f"{ITEM}8863002"].text == "I keep bees in a signal box. What do you do?"


def test_a_comment_answers_its_story_and_is_shared_by_nobody() -> None:
    (step,) = [step for step in fetched(source("hackernews")) if step.item and step.item.kind == "comment"]
    assert step.item is not None
    assert step.item.reply_to == f"{ITEM}8863001"
    assert (
        step.item.text
        == "It is older than it looks: one.example/history (https://one.example/history)\n\nAnd it is small."
        or ("https://one.example/history" in step.item.text and step.item.text.endswith("And it is small."))
    )
    assert step.shares == ()


def test_stories_with_few_points_wait_until_they_have_more() -> None:
    web = recorded_web("hackernews")
    first = fetched(source("hackernews", web=web))
    assert f"{ITEM}8863003" not in {item.uri for item in items(first)}
    row = '{"by": "quiet", "id": 8863003, "score": 12, "time": 1795001100, "title": "Seen at last", "type": "story"}'
    web.says("https://hacker-news.firebaseio.com/v0/item/8863003.json", row)
    again = fetched(source("hackernews", web=web), cursor_after(first))
    assert [item.title for item in items(again)] == ["Seen at last"]


def test_a_list_is_an_account_that_posts() -> None:
    shares = {share.account: share.how for step in fetched(source("hackernews")) for share in step.shares}
    assert set(shares.values()) == {How.POSTED}
    assert "https://news.ycombinator.com/news" in shares


def test_favourites_become_likes_at_first_under_their_own_date_and_later_under_todays() -> None:
    web = recorded_web("hackernews")
    first = fetched(source("hackernews", web=web))
    (like,) = [reaction for step in first for reaction in step.reactions]
    assert (like.kind, like.item) == (Kind.LIKE, f"{ITEM}8863060")
    assert like.at == datetime.fromtimestamp(1790000000, UTC)
    more = "<tr class='athing' id='8863061'></tr><tr class='athing' id='8863060'></tr>"
    web.says("https://news.ycombinator.com/favorites?id=wren&p=1", more, "text/html")
    row = '{"by": "hollis", "id": 8863061, "score": 9, "time": 1794000000, "title": "Liked later", "type": "story"}'
    web.says("https://hacker-news.firebaseio.com/v0/item/8863061.json", row)
    later = fetched(source("hackernews", web=web), cursor_after(first))
    assert [(reaction.item, reaction.at) for step in later for reaction in step.reactions] == [(f"{ITEM}8863061", NOW)]


def test_a_list_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="top, best, new, ask, show"):
        source("hackernews", list="front")
