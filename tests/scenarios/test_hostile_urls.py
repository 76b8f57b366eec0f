"""Links and servers that mean harm, or are only broken: nothing that should not be reached is reached.

Each is refused, or given up, in one clear sentence. All servers are on this machine.
"""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Callable, Iterator, Sequence

import pytest

from config.errors import SourceError
from tests.scenarios.hostile_links import ADDRESSES, FORMS, LINKS, TARGETS
from tests.scenarios.hostile_servers import CHARSETS, ENDLESS, FEEDS, Server, says, xml
from tools.sources.feed import FeedSource
from tools.sources.feed_reading import read_feed
from tools.web import GuardedWeb, Page

SITE = "site.example"
MEMORY = 60 << 20  # bytes
SENTENCE = re.compile(r"[^\n]{10,500}[.]")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def inside() -> Iterator[Server]:
    """A server of the owner's own, which nobody outside may reach through Magpie."""
    made = Server()
    yield made
    made.close()


def guarded(server: Server, **more: object) -> GuardedWeb:
    """A web in which one name leads to the server."""
    book = {SITE: ["127.0.0.1"]}
    settings: dict[str, object] = {
        "allow": frozenset({f"{SITE}:{server.port}"}),
        "resolve": lambda host, port: book.get(host, [host]),
        "sleep": lambda seconds: None,
        "timeout": 1.0,
        "pause": 0.0,
    }
    return GuardedWeb(**{**settings, **more})  # type: ignore[arg-type]


def refused(ask: Callable[[], object]) -> str:
    """The one clear sentence of a refusal, which takes no memory worth the name."""
    tracemalloc.start()
    try:
        with pytest.raises(SourceError) as caught:
            ask()
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert SENTENCE.fullmatch(str(caught.value)), str(caught.value)
    return str(caught.value)


# -- links and addresses that are never asked


@pytest.mark.parametrize("url", FORMS, ids=lambda url: ascii(url)[:60])
def test_a_link_of_that_form_is_refused(url: str) -> None:
    names: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        names.append(host)
        return ["127.0.0.1"]

    web = GuardedWeb(resolve=resolve)
    for ask in (web.get, web.ask, web.redirect):
        refused(lambda ask=ask: ask(url))  # type: ignore[misc]
    assert set(names) <= {"127.0.0.1"}  # which is refused for what it is


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_is_not_public_is_refused_as_a_link_and_behind_a_name(address: str) -> None:
    literal = f"[{address}]" if ":" in address else address
    web = GuardedWeb(resolve=lambda host, port: [address])
    web._ask = unreached  # type: ignore[method-assign]
    for url in (f"http://{literal}/latest/meta-data/", "https://innocent.example/", f"http://{literal}:80/"):
        for ask in (web.get, web.ask, web.redirect):
            assert "not public" in refused(lambda ask=ask, url=url: ask(url))  # type: ignore[misc]


def unreached(*args: object) -> Page:
    raise AssertionError("a connection was tried")


def test_one_private_address_among_public_ones_is_enough(server: Server) -> None:
    web = GuardedWeb(resolve=lambda host, port: ["93.184.216.34", "127.0.0.1"])
    web._ask = unreached  # type: ignore[method-assign]
    assert "not public" in refused(lambda: web.ask(f"http://mixed.example:{80}/"))


# -- names that change their mind, and redirects that lead inside


def test_a_name_that_changes_its_address_is_asked_once_and_pinned(server: Server, inside: Server) -> None:
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    asked: list[str] = []

    def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked) - 1, 1)]

    server.say["/x"] = says(b"fine")
    web = guarded(server, resolve=resolve)
    assert web.redirect(f"http://{SITE}:{server.port}/x") is None
    assert asked == [SITE]


def test_a_name_that_was_public_when_it_was_checked_first_is_checked_again(server: Server, inside: Server) -> None:
    public = iter([["93.184.216.34"]])
    web = GuardedWeb(resolve=lambda host, port: next(public, ["127.0.0.1"]), timeout=0.2, pause=0.0)
    web._ask = lambda *args: Page("http://rebound.example/", 200, {}, b"")  # type: ignore[method-assign]
    web.ask("http://rebound.example/")
    assert "not public" in refused(lambda: web.ask("http://rebound.example/second"))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["get", "ask"])
def test_a_redirect_does_not_lead_inside(server: Server, inside: Server, method: str, target: str) -> None:
    server.say["/out"] = says(status="302 Found", Location=target.format(inside=inside.port))
    book = {
        SITE: ["127.0.0.1"],
        "metadata.google.internal": ["169.254.169.254"],
        "127.0.0.1.nip.example": ["127.0.0.1"],
    }
    web = guarded(server, resolve=lambda host, port: book.get(host, [host]))
    refused(lambda: getattr(web, method)(f"http://{SITE}:{server.port}/out"))
    assert inside.connections == 0


def test_robots_txt_does_not_lead_inside_either(server: Server, inside: Server) -> None:
    server.say["/robots.txt"] = says(status="302 Found", Location=f"http://127.0.0.1:{inside.port}/robots.txt")
    refused(lambda: guarded(server).get(f"http://{SITE}:{server.port}/"))
    assert inside.connections == 0


def test_redirects_in_a_circle_are_given_up(server: Server) -> None:
    server.say["/a"] = says(status="302 Found", Location="/b")
    server.say["/b"] = says(status="302 Found", Location="/a")
    assert "given up after 3 redirects" in refused(lambda: guarded(server).ask(f"http://{SITE}:{server.port}/a"))
    assert "given up after 3 redirects" in refused(lambda: guarded(server).get(f"http://{SITE}:{server.port}/a"))


def test_a_redirect_to_itself_is_given_up(server: Server) -> None:
    server.say["/a"] = says(status="301 Moved", Location="/a")
    refused(lambda: guarded(server).ask(f"http://{SITE}:{server.port}/a"))
    assert len(server.asked) <= 4


def test_a_secret_is_not_told_to_whom_a_server_redirects(server: Server) -> None:
    other = Server({"/end": says(b"{}")})
    server.say["/a"] = says(status="302 Found", Location=f"http://other.example:{other.port}/end")
    allow = frozenset({f"{SITE}:{server.port}", f"other.example:{other.port}"})
    web = guarded(server, allow=allow, resolve=lambda host, port: ["127.0.0.1"])
    web.ask(f"http://{SITE}:{server.port}/a", {"Authorization": "Bearer abc", "Accept": "application/json"})
    other.close()
    assert "Bearer abc" in server.heads[0] and "Bearer" not in other.heads[0]


def test_a_form_is_not_sent_on(server: Server, inside: Server) -> None:
    server.say["/login"] = says(status="307 Temporary Redirect", Location=f"http://{SITE}:{server.port}/elsewhere")
    refused(lambda: guarded(server).ask(f"http://{SITE}:{server.port}/login", None, {"password": "abc"}))
    assert server.asked == ["/login"]


# -- servers that never come to an end, and what stands on a page


@pytest.mark.parametrize("what", ENDLESS)
def test_a_server_without_end_is_given_up(server: Server, what: str) -> None:
    server.say["/x"] = ENDLESS[what]
    refused(lambda: guarded(server, timeout=0.5).ask(f"http://{SITE}:{server.port}/x"))


@pytest.mark.parametrize("charset", CHARSETS, ids=lambda charset: charset[:20] or "none")
def test_a_page_of_whatever_charset_is_text(charset: str) -> None:
    body = bytes(range(256)) * 40
    assert isinstance(
        Page("https://x.example/", 200, {"content-type": f"text/html; charset={charset}"}, body).text, str
    )


@pytest.mark.parametrize("what", FEEDS)
def test_a_feed_that_means_harm_is_not_read(what: str) -> None:
    refused(lambda: read_feed(Page("https://x.example/f", 200, {}, FEEDS[what])))


@pytest.mark.parametrize("link", LINKS, ids=lambda link: ascii(link)[:30])
def test_a_strange_link_of_an_entry_is_left_out_and_the_entry_stays(server: Server, link: str) -> None:
    body = f"<description>&lt;a href='{link}'&gt;x&lt;/a&gt;</description>"
    entry = f"<item><guid>1</guid><title>T</title><link>{link}</link>{body}</item>"
    server.say["/f"] = says(xml(entry), Content_Type="application/rss+xml")
    steps = list(FeedSource("feed", (f"http://{SITE}:{server.port}/f",), web=guarded(server)).fetch(None))
    items = [step.item for step in steps if not isinstance(step, SourceError) and step.item]
    assert [item.title for item in items] == ["T"]
    assert all(
        url.startswith(("http://site.example:", "https://")) for item in items for url in (*item.links, item.url)
    )


def test_there_are_many_of_them() -> None:
    assert (
        len(FORMS) + len(ADDRESSES) + 2 * len(TARGETS) + len(ENDLESS) + len(CHARSETS) + len(FEEDS) + len(LINKS) >= 150
    )
