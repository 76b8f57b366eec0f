"""The manners of the guarded web: how often it asks a host, what robots.txt forbids, and what it need not ask again."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from config.errors import SourceError
from tests.tools.website import Clock, Site, everywhere_here
from tools.web import GuardedWeb


def test_a_host_is_asked_once_a_second_and_another_host_at_once(site: Site, web: GuardedWeb, clock: Clock) -> None:
    web.allow |= {"other.example"}
    web.resolve = everywhere_here
    web.redirect(site.url("/a"))
    clock.now += 0.25
    web.redirect(site.url("/b"))
    web.redirect(site.url("/a", "other.example"))
    assert clock.naps == [0.75]
    clock.now -= 3600  # the clock is set back
    web.redirect(site.url("/c"))
    assert clock.naps == [0.75, 1.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_host_that_wants_to_be_left_alone_is_left_alone(
    site: Site, web: GuardedWeb, clock: Clock, status: int
) -> None:
    site.page("/busy", status=status, retry_after="120")
    site.page("/a", "back")
    assert web.redirect(site.url("/busy")) is None
    clock.now += 119
    with pytest.raises(SourceError, match="left alone until 2027-01-15 08:02 UTC"):
        web.redirect(site.url("/a"))
    assert site.paths == ["/busy"]
    clock.now += 1
    assert web.get(site.url("/a")).body == b"back"


def test_retry_after_may_be_a_date_or_nonsense(site: Site, web: GuardedWeb, clock: Clock) -> None:
    date = format_datetime(datetime.fromtimestamp(clock.now + 300, UTC), usegmt=True)
    for path, value, seconds in (("/1", date, 300), ("/2", "soon", 60), ("/3", "-5", 60), ("/4", "9" * 30, 86_400)):
        site.page(path, status=429, retry_after=value)
        web.redirect(site.url(path))
        asked = clock.now
        clock.now = asked + seconds - 1
        with pytest.raises(SourceError, match="left alone"):
            web.redirect(site.url("/a"))
        clock.now = asked + seconds


# -- robots.txt


def test_robots_txt_is_read_once_and_obeyed(site: Site, web: GuardedWeb) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /private\n\nUser-agent: magpie\nDisallow: /nomagpie\n")
    site.page("/nomagpie/a", "secret")
    site.page("/private/a", "open to magpies")
    site.move("/round", "/nomagpie/a")
    for path in ("/nomagpie/a", "/round"):
        with pytest.raises(SourceError, match=r"robots\.txt"):
            web.get(site.url(path))
    assert web.get(site.url("/private/a")).body == b"open to magpies"
    assert site.paths == ["/robots.txt", "/round", "/private/a"]


def test_the_hop_of_a_short_link_is_no_crawling(site: Site, web: GuardedWeb) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /")
    site.move("/s", "https://example.org/")
    assert web.redirect(site.url("/s")) == "https://example.org/"
    assert site.paths == ["/s"]


@pytest.mark.parametrize(("status", "open_to_us"), [(404, True), (403, True), (500, False), (503, False)])
def test_a_missing_robots_txt_opens_and_a_broken_one_closes(
    site: Site, web: GuardedWeb, clock: Clock, status: int, open_to_us: bool
) -> None:
    site.page("/robots.txt", status=status)
    site.page("/a", "bees")
    if open_to_us:
        assert web.get(site.url("/a")).body == b"bees"
    else:
        with pytest.raises(SourceError):
            web.get(site.url("/a"))
        assert "/a" not in site.paths


@pytest.mark.parametrize("line", ["Disallow: //[", "Crawl-delay: ²"])
def test_a_robots_txt_that_cannot_be_parsed_closes(site: Site, web: GuardedWeb, line: str) -> None:
    site.page("/robots.txt", f"User-agent: *\n{line}\n")
    with pytest.raises(SourceError, match=r"robots\.txt cannot be read"):
        web.get(site.url("/a"))


def test_robots_txt_is_read_again_after_a_day_and_may_slow_magpie_down(
    site: Site, web: GuardedWeb, clock: Clock
) -> None:
    site.page("/robots.txt", "User-agent: *\nCrawl-delay: 7")
    web.get(site.url("/a"))
    clock.naps.clear()
    web.get(site.url("/b"))
    assert clock.naps == [7.0]
    clock.now += 86_401
    web.get(site.url("/c"))
    assert site.paths.count("/robots.txt") == 2


@pytest.mark.parametrize("delay", ["99999", "-3", "soon", "1e9"])
def test_a_robots_txt_cannot_make_magpie_wait_for_ever(site: Site, web: GuardedWeb, clock: Clock, delay: str) -> None:
    site.page("/robots.txt", f"User-agent: *\nCrawl-delay: {delay}")
    web.get(site.url("/a"))
    web.get(site.url("/b"))
    assert max(clock.naps) <= 30


def test_a_place_that_the_owner_has_named_is_asked_without_a_look_at_robots_txt(site: Site, web: GuardedWeb) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /")
    site.page("/feed", "<rss/>")
    assert web.ask(site.url("/feed"), {"Accept": "application/rss+xml"}).body == b"<rss/>"
    assert site.paths == ["/feed"]
    assert site.asked[0][1]["accept"] == "application/rss+xml"


# -- what is remembered


def test_the_same_page_is_asked_once_in_a_run(site: Site, web: GuardedWeb) -> None:
    site.page("/a", "bees")
    assert web.get(site.url("/a")) == web.get(site.url("/a#top"))
    assert web.redirect(site.url("/a")) is None
    assert site.paths == ["/robots.txt", "/a"]


def test_only_so_many_pages_are_remembered_and_the_longest_unused_is_forgotten(site: Site, web: GuardedWeb) -> None:
    web.remembered = 2
    for path in ("/a", "/b", "/a", "/c", "/a", "/b"):
        web.redirect(site.url(path))
    assert site.paths == ["/a", "/b", "/c", "/b"]


def test_a_failure_of_the_server_is_not_remembered(site: Site, web: GuardedWeb) -> None:
    site.page("/a", status=500)
    web.redirect(site.url("/a"))
    site.move("/a", "/b")
    assert web.redirect(site.url("/a")) == site.url("/b")


def test_an_answer_to_headers_of_ones_own_is_not_remembered_for_others(site: Site, web: GuardedWeb) -> None:
    site.page("/a", "mine")
    web.ask(site.url("/a"), {"Authorization": "Bearer x"})
    web.ask(site.url("/a"))
    assert site.paths == ["/a", "/a"]


def test_a_page_is_asked_for_again_by_its_etag_when_it_is_no_longer_fresh(
    site: Site, web: GuardedWeb, clock: Clock
) -> None:
    site.page("/a", "old", etag='"1"')
    assert web.redirect(site.url("/a")) is None
    clock.now += web.fresh - 1
    web.redirect(site.url("/a"))
    assert site.paths == ["/a"]
    clock.now += 2
    site.page("/a", status=304)
    assert web.get(site.url("/a")).body == b"old"
    assert dict(site.asked)["/a"]["if-none-match"] == '"1"'
