"""Posts by their addresses alone: the owner's own server is asked, gently, and each only once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from tools.sources.mastodon import MastodonSource
from tools.sources.mastodon_lookup import PATIENCE, PAUSE, Lookup

JO = "https://dune.example/users/jo/statuses/10"


def status(uri: str, text: str = "Sand.") -> dict[str, Any]:
    who = uri.partition("/statuses/")[0]
    account = {"id": "7", "uri": who, "url": who, "acct": "jo@dune.example"}
    told = {"id": "990", "uri": uri, "url": uri, "created_at": "2023-05-01T10:00:00Z", "content": f"<p>{text}</p>"}
    return {**told, "visibility": "public", "account": account}


@dataclass
class Home:
    """A server that knows some posts, and says what it is told to say."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # before it is itself again
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> tuple[int, Any, dict[str, str]]:
        where = urlsplit(path)
        if where.path != "/api/v2/search":
            return 200, {"version": "4.2.0", "uri": "home.example"}, {}
        asked = parse_qs(where.query)
        self.asked.append(asked["q"][0])
        assert (asked["resolve"], asked["type"]) == (["1"], ["statuses"])
        if self.answers:
            code, headers = self.answers.pop(0)
            return code, {"error": "no"}, headers
        return 200, {"accounts": [], "hashtags": [], "statuses": self.posts}, {}


@pytest.fixture
def home() -> Iterator[Home]:
    there = Home()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body, headers = there.answer(self.path)
            data = json.dumps(body).encode()
            self.send_response(code)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(data)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    there.url = f"http://127.0.0.1:{server.server_port}"
    yield there
    server.shutdown()
    server.server_close()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def lookup(home: Home, naps: list[float]) -> Lookup:
    found = MastodonSource("mastodon", home.url, SecretStr("t"), sleep=naps.append).lookup()
    found.clock = lambda: 0.0
    return found


def test_what_an_address_means_is_told_as_the_live_source_tells_it(home: Home, lookup: Lookup) -> None:
    home.posts = [status(JO)]
    found = lookup(JO)
    assert found is not None and found.item is not None
    assert (found.item.uri, found.item.text, found.item.source) == (JO, "Sand.", "mastodon")
    assert [account.handle for account in found.accounts] == ["jo@dune.example"]
    assert home.asked == [JO]


def test_a_post_that_only_speaks_of_the_address_is_not_taken_for_it(home: Home, lookup: Lookup) -> None:
    home.posts = [status("https://dune.example/users/jo/statuses/11", f"See {JO}")]
    assert lookup(JO) is None
    assert (lookup.asked, lookup.found, lookup.ended) == (1, 0, "")


def test_a_few_requests_a_second_and_no_more(lookup: Lookup, naps: list[float]) -> None:
    for _ in range(3):
        lookup(JO)
    assert naps == [PAUSE, PAUSE]


def test_a_server_that_asks_for_patience_gets_it(home: Home, lookup: Lookup, naps: list[float]) -> None:
    home.posts, home.answers = [status(JO)], [(429, {"Retry-After": "12"})]
    assert lookup(JO) is not None
    assert 12.0 in naps and len(home.asked) == 2


def test_a_server_that_wants_peace_for_long_is_left_alone(home: Home, lookup: Lookup) -> None:
    home.answers = [(429, {"Retry-After": "7200"})]
    assert lookup(JO) is None and lookup(f"{JO}1") is None
    assert home.asked == [JO]
    assert "was not asked for the other addresses" in lookup.ended and "120 minutes" in lookup.ended


@pytest.mark.parametrize("code", [401, 403])
def test_a_login_that_may_not_search_is_told_what_it_lacks(home: Home, lookup: Lookup, code: int) -> None:
    home.answers = [(code, {})]
    assert lookup(JO) is None and lookup(JO) is None
    assert len(home.asked) == 1 and "read:search" in lookup.ended


def test_what_a_server_does_not_have_does_not_end_the_asking_but_trouble_does(home: Home, lookup: Lookup) -> None:
    home.answers = [(404, {})] * (PATIENCE - 1)
    for _ in range(PATIENCE):
        lookup(JO)
    assert lookup.ended == ""  # the last one was an answer
    home.answers = [(404, {})] * PATIENCE
    for _ in range(PATIENCE + 3):
        lookup(JO)
    assert lookup.ended and len(home.asked) == 2 * PATIENCE


def test_no_secret_is_in_what_is_told(lookup: Lookup) -> None:
    lookup.server.host = "home.example"
    assert lookup.told == "home.example was asked for 0 posts by their addresses, and showed 0."
    assert "SecretStr('t')" not in repr(lookup)
