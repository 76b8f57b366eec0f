"""The guarded web against servers on this machine: what is fetched, where redirects lead, and how much is enough."""

from __future__ import annotations

import gzip
import tracemalloc
from dataclasses import replace

import pytest

from config.errors import SourceError
from tests.tools.website import HOST, Site
from tools.web import GuardedWeb, Page, user_agent


def test_a_page_is_fetched_under_its_own_name(site: Site, web: GuardedWeb) -> None:
    site.page("/bees?x=%C3%A9", "<p>Bees</p>", content_type="text/HTML; charset=utf-8")
    page = web.get(site.url("/bees?x=é#top"))
    assert (page.status, page.body, page.content_type) == (200, b"<p>Bees</p>", "text/html")
    assert page.url == site.url("/bees?x=%C3%A9")
    asked = dict(site.asked)["/bees?x=%C3%A9"]
    assert asked["host"] == f"{HOST}:{site.port}"
    assert asked["user-agent"] == user_agent()
    assert user_agent().startswith("Magpie/")


def test_an_error_of_the_server_is_a_page_too(site: Site, web: GuardedWeb) -> None:
    assert web.get(site.url("/nowhere")).status == 404


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("é".encode(), "text/html", "é"),
        ("é".encode("latin-1"), "text/html; charset=ISO-8859-1", "é"),
        ("蜂".encode("shift_jis"), 'text/html; charset="Shift_JIS"', "蜂"),
        (
            '<meta charset="windows-1251">Пчела'.encode("windows-1251"),
            "text/html",
            '<meta charset="windows-1251">Пчела',
        ),
        (b"\xff", "text/html", "\ufffd"),
        ("é".encode(), "text/html; charset=nonsense", "é"),
        ("é".encode(), "text/html; charset=hex", "é"),
        (b"\xffa", "text/html; charset=undefined", "\ufffda"),
    ],
)
def test_text_is_read_in_the_charset_that_is_named_and_never_fails(body: bytes, content_type: str, text: str) -> None:
    assert Page("https://example.org/", 200, {"content-type": content_type}, body).text == text


# -- redirects


def test_redirects_are_followed_and_the_last_url_is_told(site: Site, web: GuardedWeb) -> None:
    site.move("/1", "/2", status=301)
    site.move("/2", site.url("/3"), status=307)
    site.page("/3", "there")
    page = web.get(site.url("/1"))
    assert (page.url, page.body) == (site.url("/3"), b"there")


def test_three_redirects_are_followed_and_not_a_fourth(site: Site, web: GuardedWeb) -> None:
    for n in range(5):
        site.move(f"/{n}", f"/{n + 1}")
    with pytest.raises(SourceError, match="after 3 redirects"):
        web.get(site.url("/0"))
    assert site.paths == ["/robots.txt", "/0", "/1", "/2", "/3"]


def test_one_hop_is_read_and_not_followed(site: Site, web: GuardedWeb) -> None:
    site.move("/s", "https://example.org/café?x=1")
    assert web.redirect(site.url("/s")) == "https://example.org/café?x=1"
    assert web.redirect(site.url("/none")) is None
    assert site.paths == ["/s", "/none"]


def test_a_redirect_that_cannot_be_read_is_an_error(site: Site, web: GuardedWeb) -> None:
    site.move("/s", "http://[::1")
    with pytest.raises(SourceError, match="cannot be read"):
        web.redirect(site.url("/s"))


# -- size and time


def test_a_page_may_have_as_many_bytes_as_the_limit_and_no_more(site: Site, web: GuardedWeb) -> None:
    site.page("/fits", b"x" * 1000)
    site.page("/over", b"x" * 1001)
    web.limit = 1000
    assert len(web.get(site.url("/fits")).body) == 1000
    with pytest.raises(SourceError, match="more than 1000 bytes"):
        web.get(site.url("/over"))


def test_a_compressed_page_is_unpacked(site: Site, web: GuardedWeb) -> None:
    site.page("/z", gzip.compress(b"bees " * 100), content_encoding="gzip")
    assert web.get(site.url("/z")).body == b"bees " * 100


def test_a_small_page_that_unpacks_to_a_huge_one_is_given_up(site: Site, web: GuardedWeb) -> None:
    site.page("/bomb", gzip.compress(b"\0" * 20_000_000), content_encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(SourceError, match="more than 2000000 bytes"):
            web.redirect(site.url("/bomb"))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000  # it was never unpacked as a whole
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"not zipped")])
def test_a_compression_that_cannot_be_read_is_an_error(site: Site, web: GuardedWeb, encoding: str, body: bytes) -> None:
    site.page("/z", body, content_encoding=encoding)
    with pytest.raises(SourceError, match="compressed"):
        web.get(site.url("/z"))


def test_a_server_that_drips_is_given_up_when_the_time_is_over(site: Site, web: GuardedWeb) -> None:
    site.page("/slow", b"x" * 10_000)
    site.answers["/slow"] = replace(site.answers["/slow"], drip=0.02)  # 200 s in all, never long silent
    web.timeout = 0.3
    with pytest.raises(SourceError, match="no answer"):
        web.redirect(site.url("/slow"))


def free_port() -> int:
    server = Site()
    server.shutdown()
    server.server_close()
    return server.port


def test_a_server_that_hangs_up_is_an_error(web: GuardedWeb) -> None:
    with pytest.raises(SourceError, match="no answer"):
        web.redirect(f"http://{HOST}:{free_port()}/")
