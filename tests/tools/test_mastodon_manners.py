"""The Mastodon source, against a small server with the manners of others than Mastodon."""

import itertools
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from config.errors import SourceError
from memory.records import Cursor, Fetched, Gap
from tools.sources.mastodon import MastodonSource

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
Steps = list[Fetched | SourceError]


class Naps(list[float]):
    """A sleep that takes no time, and remembers how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def texts(steps: Steps) -> list[str]:
    return [step.item.text for step in steps if isinstance(step, Fetched) and step.item]


def errors(steps: Steps) -> list[str]:
    return [str(step) for step in steps if isinstance(step, SourceError)]


def cursor_of(steps: Steps) -> Cursor:
    return [step.cursor for step in steps if isinstance(step, Fetched)][-1]


def facts(steps: Steps, name: str) -> list[Any]:
    return [fact for step in steps if isinstance(step, Fetched) for fact in getattr(step, name)]


class Harbour:
    """A server like GoToSocial: ULIDs, doubled pages, few endpoints; its home timeline can forget."""

    def __init__(self) -> None:
        self.home: list[dict[str, Any]] = []  # oldest first
        self.liked: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.headers: dict[str, str] = {}
        self.clock = NOON - timedelta(days=2)
        self.base_url = ""
        # Ids that neither rise nor fall with time.
        self._order: dict[str, int] = {}  # also of what was deleted
        self._again: dict[str, list[dict[str, Any]]] = {}  # the last page, which comes once more after itself
        self._ids = (f"01J{(number * 7919) % 10007:05d}ZXCVBNMASDFGHJKQ" for number in itertools.count(1))

    def post(self, text: str, **changes: Any) -> dict[str, Any]:
        self.clock += timedelta(minutes=1)
        number = next(self._ids)
        ines = {"id": "01INES", "acct": "ines", "username": "ines", "url": f"{self.base_url}/@ines"}
        status = {"id": number, "uri": f"{self.base_url}/users/ines/statuses/{number}", "account": ines}
        status |= {"created_at": self.clock.isoformat(), "content": f"<p>{text}</p>", "visibility": "public"}
        self._order[number] = len(self._order)
        self.home.append({**status, **changes})
        return self.home[-1]

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        me = {"id": "01ME", "acct": "me", "username": "me", "url": f"{self.base_url}/@me"}
        statuses = {status["id"]: status for status in self.home}
        if path == "/api/v1/accounts/verify_credentials":
            return 200, {}, me
        if path == "/api/v1/timelines/home":
            return self._page(path, self.home, query, "id", self._order)
        if path == "/api/v1/favourites":
            liked = [{**status, "page": f"L{place}"} for place, status in enumerate(self.liked)]
            return self._page(path, liked, query, "page", {row["page"]: place for place, row in enumerate(liked)})
        if path == "/api/v1/statuses":
            return 405, {}, {"error": "Method Not Allowed"}
        if (number := path.removeprefix("/api/v1/statuses/")) in statuses:
            return 200, {}, statuses[number]
        return 404, {}, {"error": "Not Found"}

    def _page(
        self, path: str, rows: list[dict[str, Any]], query: dict[str, list[str]], key: str, order: dict[str, int]
    ) -> tuple[int, dict[str, str], Any]:
        limit = int(query.get("limit", ["20"])[0])
        if "min_id" in query:
            page = [row for row in rows if order[row[key]] > order[query["min_id"][0]]][:limit][::-1]
            if 0 < len(page) < limit:
                self._again[page[0][key]] = page
            page = page or self._again.pop(query["min_id"][0], [])
            doubled = page * 2 if len(page) < limit else page
        else:
            end = order[query["max_id"][0]] if "max_id" in query else len(order)
            page = doubled = [row for row in rows if order[row[key]] < end][-limit:][::-1]
        if not page:
            return 200, {}, []
        url = f"{self.base_url}{path}?limit={limit}"
        links = f'<{url}&max_id={page[-1][key]}>; rel="next", <{url}&min_id={page[0][key]}>; rel="prev"'
        return 200, {"Link": links}, doubled


@pytest.fixture
def harbour() -> Iterator[Harbour]:
    model = Harbour()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            model.asked.append(parts.path)
            if parts.path in model.answers:
                status, headers, body = model.answers[parts.path]
            else:
                status, headers, answer = model.answer(parts.path, parse_qs(parts.query))
                body, headers = json.dumps(answer).encode(), {"Content-Type": "application/json", **headers}
            self.send_response_only(status)
            for name, value in {**model.headers, **headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        model.base_url = f"http://127.0.0.1:{running.server_address[1]}"
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield model
        running.shutdown()
        thread.join()


def at_harbour(harbour: Harbour, **changes: Any) -> MastodonSource:
    given: dict[str, Any] = {"name": "home", "base_url": harbour.base_url, "token": lambda: SecretStr("t")}
    return MastodonSource(**{**given, "sleep": Naps(), "now": lambda: NOON, **changes})


def test_doubled_pages_and_opaque_ids_bring_each_post_once_and_in_order(harbour: Harbour) -> None:
    harbour.post("first")
    first = list(at_harbour(harbour).fetch(None))
    for number in range(100):
        harbour.post(f"post {number}")
    second = list(at_harbour(harbour).fetch(cursor_of(first)))
    assert texts(second) == [f"post {n}" for n in range(100)]
    assert texts(list(at_harbour(harbour).fetch(cursor_of(second)))) == []


def test_a_server_that_lacks_most_endpoints_is_read_in_silence(harbour: Harbour) -> None:
    harbour.post("hello")
    steps = list(at_harbour(harbour).fetch(None))
    assert texts(steps) == ["hello"]
    assert errors(steps) == []
    assert "/api/v1/filters" in harbour.asked


def test_the_first_run_reaches_back_a_week_at_most(harbour: Harbour) -> None:
    harbour.clock = NOON - timedelta(days=9)
    harbour.post("too old")
    harbour.clock = NOON - timedelta(days=6)
    harbour.post("recent")
    assert texts(list(at_harbour(harbour).fetch(None))) == ["recent"]


def test_posts_that_the_home_timeline_forgot_are_told_as_a_gap(harbour: Harbour) -> None:
    seen = harbour.post("seen")
    first = list(at_harbour(harbour).fetch(None))
    for number in range(6):
        harbour.post(f"post {number}")
    harbour.home = harbour.home[4:]
    steps = list(at_harbour(harbour).fetch(cursor_of(first)))
    instants = [datetime.fromisoformat(status["created_at"]) for status in (seen, harbour.home[0])]
    assert [s.gap for s in steps if isinstance(s, Fetched) and s.gap] == [Gap("home", *instants)]
    assert texts(steps) == ["post 3", "post 4", "post 5"]


@pytest.mark.parametrize("delete_mark", [False, True], ids=["nothing missing", "only the marked post deleted"])
def test_there_is_no_gap_where_nothing_is_missing(harbour: Harbour, delete_mark: bool) -> None:
    harbour.post("older")
    harbour.post("marked")
    first = list(at_harbour(harbour).fetch(None))
    harbour.post("new")
    if delete_mark:
        del harbour.home[1]
    steps = list(at_harbour(harbour).fetch(cursor_of(first)))
    assert [s.gap for s in steps if isinstance(s, Fetched) and s.gap] == []
    assert texts(steps) == ["new"]


def test_favourites_end_where_they_are_known(harbour: Harbour) -> None:
    harbour.liked = [harbour.post(f"liked {number}") for number in range(90)]
    harbour.home = []
    first = list(at_harbour(harbour, backfill=85).fetch(None))
    assert texts(first) == [f"liked {n}" for n in range(5, 90)]
    harbour.liked.append(harbour.post("liked late"))
    del harbour.liked[60:63]  # no longer liked: older ones, forgotten by now, move up into the page
    harbour.home = []
    harbour.asked.clear()
    second = list(at_harbour(harbour).fetch(cursor_of(first)))
    assert texts(second) == ["liked late"]
    assert harbour.asked.count("/api/v1/favourites") == 1


def test_likes_of_a_first_run_that_breaks_off_keep_their_own_time(harbour: Harbour) -> None:
    harbour.liked = [harbour.post(f"liked {number}") for number in range(3)]
    harbour.home = []
    begun = list(itertools.islice(at_harbour(harbour).fetch(None), 4))
    rest = list(at_harbour(harbour).fetch(cursor_of(begun)))
    assert len(texts(rest)) == 3
    assert NOON not in {reaction.at for reaction in facts(rest, "reactions")}


def test_a_post_that_cannot_be_read_is_named_once_and_the_others_come(harbour: Harbour) -> None:
    harbour.post("one")
    odd = harbour.post("odd", account=None)
    first = list(at_harbour(harbour).fetch(None))
    harbour.post("two")
    second = list(at_harbour(harbour).fetch(cursor_of(first)))
    assert [odd["id"] in error for error in errors(first)] == [True]
    assert (texts(first), texts(second), errors(second)) == (["one"], ["two"], [])


def test_a_missing_scope_is_named(harbour: Harbour) -> None:
    harbour.answers["/api/v1/favourites"] = (403, {}, b'{"error": "outside the authorized scopes"}')
    assert ["read:favourites" in error for error in errors(list(at_harbour(harbour).fetch(None)))] == [True]
    harbour.answers["/api/v1/timelines/home"] = (403, {}, b'{"error": "outside the authorized scopes"}')
    with pytest.raises(SourceError, match="read:statuses"):
        list(at_harbour(harbour).fetch(None))


def test_the_last_requests_of_a_window_are_not_used_up(harbour: Harbour) -> None:
    harbour.headers = {"X-RateLimit-Remaining": "2", "X-RateLimit-Reset": "2099-01-01T00:00:40Z"}
    harbour.headers["Date"] = "Thu, 01 Jan 2099 00:00:00 GMT"
    harbour.post("hello")
    naps = Naps()
    assert texts(list(at_harbour(harbour, sleep=naps).fetch(None))) == ["hello"]
    assert set(naps) == {40.0}


def test_a_recheck_goes_one_by_one_where_batches_are_unknown(harbour: Harbour) -> None:
    kept = harbour.post("kept")
    refs = [f"{harbour.base_url}#{number}" for number in (kept["id"], "01GONE")]
    steps = list(at_harbour(harbour).recheck(refs))
    assert texts(steps) == ["kept"]
    assert facts(steps, "gone") == [refs[1]]


@pytest.mark.parametrize(
    "answer", [(404, {"Content-Type": "text/html"}, b"<h1>Not here</h1>"), (500, {}, b"{}"), (403, {}, b"{}")]
)
def test_a_post_is_gone_only_when_the_server_itself_says_so(
    harbour: Harbour, answer: tuple[int, dict[str, str], bytes]
) -> None:
    harbour.answers["/api/v1/statuses/01HERE"] = answer
    steps = list(at_harbour(harbour).recheck([f"{harbour.base_url}#01HERE"]))
    assert facts(steps, "gone") == []
    assert len(errors(steps)) == 1
