"""What people I follow discuss and what my feeds carry is one story when it is the same page."""

from __future__ import annotations

from datetime import timedelta

from agents.stories import group
from bot.jobs.collect import Collector
from bot.reading_list import held, wanted
from memory.records import How, Item, Share, Story, Visibility
from memory.store import Store
from tests.fakes import HOUR, NOW, Village, account, post
from tests.tools.recorded import Recorded, source
from tools.articles import Articles

PAGE = "https://rail.example/malmo"
WORDS = "".join(
    f"<p>The night train to Malmö runs again, says sentence number {n} of this long report.</p>" for n in range(12)
)


def shared(store: Store) -> tuple[list[Item], list[Share]]:
    with store.begin() as memory:
        shares = memory.shares.between(NOW - timedelta(days=5), NOW)
        return list(memory.items.all({share.item for share in shares}).values()), shares


def story_of(store: Store, uri: str) -> Story:
    stories = group(*shared(store), {})
    return next(story for story in stories if uri in story.items)


def followee(village: Village) -> Item:
    link = f"{PAGE}?utm_source=mastodon"
    return village.posts(post("train", f"It runs again! {link}", links=(link,), at=NOW - HOUR))


def test_a_followees_post_and_the_articles_of_feeds_are_one_story(
    collector: Collector, store: Store, village: Village
) -> None:
    said = followee(village)
    collector.collect(
        [village, *(source(kind) for kind in ("feed", "hackernews", "reddit", "bluesky", "telegram_channel"))]
    )
    story = story_of(store, said.uri)
    feeds = {"https://rail.example/atom", "https://json.example/feed.json"}
    others = {"https://www.reddit.com/user/wren/m/trains/", "did:plc:tomasz", "https://t.me/signalbox"}
    assert feeds | others | {said.author} <= set(story.sharers)
    assert PAGE in story.links
    assert not any("swarm" in uri for uri in story.items)


def test_the_page_itself_joins_the_story_and_is_read_once(collector: Collector, store: Store, village: Village) -> None:
    said = followee(village)
    collector.collect([village])
    web = Recorded()
    web.says(
        PAGE, f"<html><head><title>Malmö</title></head><body><article>{WORDS}</article></body></html>", "text/html"
    )
    articles = Articles(web, lambda: wanted(store, NOW), lambda uri: held(store, uri), lambda: NOW)
    for _ in range(2):
        assert collector.collect([articles]).failures == []
    story = story_of(store, said.uri)
    assert story.items == (said.uri, PAGE) or set(story.items) == {said.uri, PAGE}
    assert story.sharers == (said.author,)
    assert web.urls == [PAGE]
    assert {share.how for share in shared(store)[1]} == {How.POSTED, How.LINKED}


def test_links_of_private_posts_and_of_long_lists_are_not_asked_for(
    collector: Collector, store: Store, village: Village
) -> None:
    village.posts(post("secret", links=("https://a.example/secret-page",), visibility=Visibility.FOLLOWERS))
    village.posts(post("list", links=tuple(f"https://a.example/page-{n}" for n in range(4))))
    village.posts(post("one", links=("https://a.example/wanted-page",)))
    collector.collect([village])
    assert [one.link for one in wanted(store, NOW + HOUR)] == ["https://a.example/wanted-page"]


def test_the_page_of_a_feeds_few_words_is_wanted_and_that_of_a_whole_article_is_not(
    collector: Collector, store: Store, village: Village
) -> None:
    for name, text in (("teaser", "Read on."), ("whole", "All that there is to say. " * 40)):
        link = f"https://www.a.example/{name}"
        village.posts(post(name, text, uri=link, url=link, kind="article", links=(link,)))
    village.posts(post("own", links=("https://fedi.example/@ann/own",)))
    collector.collect([village])
    assert [one.link for one in wanted(store, NOW + HOUR)] == ["https://a.example/teaser"]


def test_feeds_stay_followed_when_a_network_tells_whom_the_owner_follows(
    collector: Collector, store: Store, village: Village
) -> None:
    followee(village)
    collector.collect([village, source("feed")])
    village.tells(followed=frozenset({account("cat").uri}))
    collector.collect([village])
    with store.begin() as memory:
        accounts = memory.accounts.all()
    assert accounts["https://bees.example/feed.xml"].followed
    assert not accounts[account("ann").uri].followed
