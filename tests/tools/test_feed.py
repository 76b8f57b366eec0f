"""Feeds as a source: what an entry is known by, its words and date, and how little is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from memory.records import Fetched, How, Item
from tests.tools.recorded import NOW, Recorded, cursor_after, fetched, items, recorded_web, source
from tools.sources import SourceError
from tools.sources.feed import FeedSource, build
from tools.web import AwayError, Page

FEED = "https://bees.example/feed.xml"


def feed(web: Recorded, *urls: str) -> FeedSource:
    return FeedSource("feed", urls or (FEED,), None, web, lambda: NOW)


def rss(*entries: str, head: str = "<title>T</title><link>https://bees.example/</link>") -> str:
    inner = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{inner}</channel></rss>'


def read(body: bytes | str, kind: str = "application/rss+xml", url: str = FEED, **more: Any) -> list[Item]:
    web = Recorded()
    web.says(url, body, kind, **more)
    return items(fetched(feed(web, url)))


def errors(steps: list[Fetched | SourceError]) -> list[str]:
    return [str(step) for step in steps if isinstance(step, SourceError)]


@pytest.fixture(scope="module")
def known() -> dict[str, Item]:
    return {item.title: item for item in items(fetched(source("feed")))}


def test_an_entry_becomes_an_article_of_its_feed(known: dict[str, Item]) -> None:
    swarm = known["A swarm in the signal box & what came of it"]
    assert swarm.uri == "https://www.bees.example/2026/swarm"
    assert swarm.url == "https://www.bees.example/2026/swarm?utm_source=rss&utm_medium=feed"
    assert (swarm.author, swarm.kind, swarm.language, swarm.tags) == (FEED, "article", "en", ("swarms",))
    assert swarm.created_at == datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
    assert swarm.text.startswith("The swarm sat above the lever frame for three days.\n\nSee the frames")
    assert "steal" not in swarm.text and "javascript" not in swarm.text
    assert swarm.media[0].url == "https://www.bees.example/swarm.mp3"


def test_the_same_address_is_one_link_however_it_is_written(known: dict[str, Item]) -> None:
    assert len(known["A swarm in the signal box & what came of it"].links) == 1


def test_a_name_that_is_no_address_is_known_within_its_feed(known: dict[str, Item]) -> None:
    undated = known["Undated, and named by a number"]
    assert undated.uri == f"{FEED}#4711"
    assert undated.links == ("https://elsewhere.example/long-read",)


def test_a_charset_of_the_past_is_read(known: dict[str, Item]) -> None:
    train = known["Der Zug nach Malmö fährt wieder"]
    assert train.text == "Ab März, dreimal in der Woche, über Nacht."
    assert (train.language, train.edited_at) == ("de", datetime(2026, 11, 19, 18, 0, tzinfo=UTC))


def test_a_json_feed_is_read(known: dict[str, Item]) -> None:
    note = known["Malmö by night"]
    assert note.text == "Worth the <early> alarm.\nI will go in March."
    assert note.created_at == datetime(2026, 11, 20, 2, 15, tzinfo=UTC)
    assert note.links == ("https://json.example/notes/3", "https://rail.example/malmo")
    assert note.tags == ("trains", "night")


def test_the_feed_is_an_account_that_is_followed() -> None:
    accounts = {a.uri: a for step in fetched(source("feed")) for a in step.accounts}
    assert accounts[FEED].name == "The Bee Yard"
    assert (accounts[FEED].handle, accounts[FEED].followed) == ("the-bee-yard@bees.example", True)
    assert {share.how for step in fetched(source("feed")) for share in step.shares} == {How.POSTED}


# -- asking for little


def test_only_what_is_new_is_asked_for() -> None:
    web = recorded_web("feed")
    cursor = cursor_after(fetched(source("feed", web=web)))
    web.asked.clear()
    fetched(source("feed", web=web), cursor)
    headers = {url: asked for url, asked, _ in web.asked}[FEED]
    assert headers["If-None-Match"] == '"b1"'
    assert headers["If-Modified-Since"] == "Thu, 19 Nov 2026 08:00:00 GMT"


def test_an_entry_that_has_changed_is_told_again_and_the_others_are_not() -> None:
    web = Recorded()
    one, two = "<guid>1</guid><title>One</title>", "<guid>2</guid><title>Two</title>"
    web.says(FEED, rss(one, two))
    cursor = cursor_after(fetched(feed(web)))
    web.says(FEED, rss(one, two.replace("Two", "Two, mended")))
    assert [item.title for item in items(fetched(feed(web), cursor))] == ["Two, mended"]


def test_an_entry_without_a_date_keeps_the_date_of_its_first_sighting() -> None:
    web = Recorded()
    web.says(FEED, rss("<guid>1</guid><title>One</title>"))
    cursor = cursor_after(fetched(feed(web)))
    web.says(FEED, rss("<guid>1</guid><title>One, mended</title>", "<guid>2</guid><title>Two</title>"))
    later = replace(feed(web), now=lambda: datetime(2026, 11, 25, tzinfo=UTC))
    dates = {item.title: item.created_at for item in items(fetched(later, cursor))}
    assert dates == {"One, mended": NOW, "Two": datetime(2026, 11, 25, tzinfo=UTC)}


def test_at_first_an_entry_without_a_date_is_as_old_as_its_feed() -> None:
    head = "<title>T</title><lastBuildDate>Sun, 01 Nov 2026 00:00:00 GMT</lastBuildDate>"
    assert read(rss("<guid>1</guid><title>One</title>", head=head))[0].created_at == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("date", ["Sat, 01 Jan 2050 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", ""])
def test_no_entry_comes_from_the_future_or_from_before_the_web(date: str) -> None:
    assert read(rss(f"<guid>1</guid><title>One</title><pubDate>{date}</pubDate>"))[0].created_at == NOW


def test_a_feed_that_wants_to_be_left_alone_is_left_alone() -> None:
    web = Recorded()
    web.says(FEED, b"", status=429, retry_after="3600")
    steps = list(feed(web).fetch(None))
    assert "left alone for about 60 min" in errors(steps)[0]
    cursor = cursor_after([step for step in steps if isinstance(step, Fetched)])
    assert fetched(feed(web), cursor) == []
    assert len(web.urls) == 1


def test_a_dead_host_is_one_sentence_and_is_not_asked_for_its_other_feeds() -> None:
    class Dead(Recorded):
        def ask(self, url: str, headers: Any = None, form: Any = None) -> Page:
            page = super().ask(url, headers, form)
            if "dead" in url:
                raise AwayError("dead.example gave no answer: timed out.")
            return page

    web = Dead()
    web.says(FEED, rss("<guid>1</guid><title>One</title>"))
    steps = list(feed(web, "https://dead.example/1", "https://dead.example/2", FEED).fetch(None))
    assert errors(steps) == ["dead.example gave no answer: timed out."]
    assert web.urls == ["https://dead.example/1", FEED]
    assert len(items([step for step in steps if isinstance(step, Fetched)])) == 1


def test_a_feed_that_leads_somewhere_else_is_named_in_what_went_wrong_there() -> None:
    class Leads(Recorded):
        def ask(self, url: str, headers: Any = None, form: Any = None) -> Page:
            raise SourceError("169.254.169.254 was not asked, because its address 169.254.169.254 is not public.")

    (said,) = errors(list(feed(Leads(), FEED).fetch(None)))
    assert said.startswith(f"The feed {FEED} was not read: 169.254.169.254 was not asked")


def test_a_feed_without_news_was_read_all_the_same() -> None:
    web = recorded_web("feed")
    cursor = cursor_after(fetched(source("feed", web=web)))
    assert Fetched() in list(source("feed", web=web).fetch(cursor))


# -- what is hostile, or only odd


def test_a_feed_cannot_name_what_belongs_to_others() -> None:
    stolen = "https://fedi.example/users/ann/statuses/1"
    head = "<title>T</title><link>https://fedi.example/</link>"
    for entry in (f"<guid>{stolen}</guid><title>Mine now</title>", f"<link>{stolen}</link><title>Mine now</title>"):
        found = read(rss(entry, head=head))[0]
        assert found.uri.startswith(f"{FEED}#")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Welcome</body></html>",
        b"\x00\xff\xfe" * 100,
        b"{",
        b'{"items": 3}',
        b"[" * 100_000,
        b"{" + b'"a":{' * 100_000,
        b"%PDF-1.4",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><html>&e;</html>',
    ],
)
def test_what_is_no_feed_is_one_sentence(body: bytes) -> None:
    web = Recorded()
    web.says(FEED, body)
    steps = list(feed(web).fetch(None))
    assert len(errors(steps)) == len(steps) == 1
    assert errors(steps)[0].endswith(".") and "\n" not in errors(steps)[0]


def test_a_web_page_is_told_with_the_feed_that_it_names() -> None:
    told = errors(list(source("feed", "damaged").fetch(None)))
    assert any("its feed is https://page.example/feed.xml" in sentence for sentence in told)


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY e SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;&b;&b;&b;">',
    ],
)
def test_a_feed_that_declares_entities_is_not_read(entity: str) -> None:
    body = f"<!DOCTYPE rss [{entity}]>{rss('<guid>1</guid><title>One &e;</title>')[21:]}"
    web = Recorded()
    for charset in ("utf-8", "utf-16"):
        web.says(FEED, f'<?xml version="1.0" encoding="{charset}"?>{body}'.encode(charset))
        assert ["entities of its own" in sentence for sentence in errors(list(feed(web).fetch(None)))] == [True]


def test_a_feed_that_breaks_off_gives_what_it_has() -> None:
    whole = rss(*(f"<guid>{n}</guid><title>Entry {n}</title>" for n in range(5)))
    assert len(read(whole[: whole.index("Entry 3")])) >= 3


def test_a_feed_of_a_wrong_charset_is_read_all_the_same() -> None:
    body = rss("<guid>1</guid><title>Grüße aus Malmö</title>").replace('"1.0"', '"1.0" encoding="us-ascii"')
    assert read(body.encode("latin-1"))[0].title == "Grüße aus Malmö"


def test_a_feed_of_thousands_is_an_archive_of_which_the_first_are_read() -> None:
    assert len(read(rss(*(f"<guid>{n}</guid><title>Entry {n}</title>" for n in range(600))))) == 500


@pytest.mark.parametrize(
    "url", ["ftp://bees.example/", "bees.example/feed", "https://user:pass@bees.example/", "file:///x"]
)
def test_what_is_no_address_of_a_feed_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        build({"urls": [url]}, {})


def test_without_anything_to_read_it_says_so() -> None:
    with pytest.raises(ConfigError, match="nothing to read: give it urls or opml"):
        build({}, {})


def test_feeds_of_an_opml_file_are_read_beside_the_others(tmp_path: Path) -> None:
    listed = tmp_path / "feeds.opml"
    listed.write_text(f'<opml version="2.0"><body><outline text="A" xmlUrl="{FEED}"/></body></opml>')
    made = build({"urls": ["https://rail.example/atom"], "opml": str(listed)}, {})
    assert made.addresses() == ("https://rail.example/atom", FEED)
