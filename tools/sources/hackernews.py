"""Hacker News as a source: a list of stories, what is said about them, searches, and the owner's favourites."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from config.errors import SourceError
from memory.records import Account, Counts, Cursor, Evidence, Fetched, How, Item, Kind, Reaction, Seen, Share
from tools.sources.answers import Json, as_json, count, dated, good, line, moment, rows, text, web_link
from tools.sources.feed_walk import Step, now
from tools.sources.options import Options
from tools.sources.prose import plain
from tools.web import Api, AwayError, GuardedWeb

SITE: Final = "https://news.ycombinator.com"
_API: Final = "https://hacker-news.firebaseio.com/v0"
_SEARCH: Final = "https://hn.algolia.com/api/v1/search_by_date"
_LISTS: Final = ("top", "best", "new", "ask", "show")
_KNOWN: Final = 1_500  # numbers remembered of a list
_PAGES: Final = 3  # of favourites, the first time
_ROW: Final = re.compile(
    r"<tr\s[^>]*class=['\"]athing[^>]*id=['\"](\d{1,12})['\"]|<tr\s[^>]*id=['\"](\d{1,12})['\"][^>]*athing"
)


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> HackerNewsSource:
    """The first ``stories`` of a ``list`` with at least ``points``, and their first ``comments``. Raises ConfigError.

    ``queries`` are searched for; the favourites of ``user`` become likes.
    """
    options = Options.of("hackernews", settings, "list", "stories", "points", "comments", "queries", "user")
    return HackerNewsSource(
        options.name,
        options.choice("list", *_LISTS),
        options.number("stories", 30, 0, 200),
        options.number("points", 0, 0, 10_000),
        options.number("comments", 0, 0, 20),
        options.words("queries"),
        options.one("user", ""),
        GuardedWeb(options.allow, pause=0.2),
    )


@dataclass(frozen=True)
class HackerNewsSource:
    """Stories are asked for one by one, each once: how popular one becomes later is not followed."""

    name: str
    which: str = "top"
    stories: int = 30
    points: int = 0
    comments: int = 0
    queries: tuple[str, ...] = ()
    user: str = ""
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """New stories of the list and of the searches, then new favourites."""
        marks = dict(cursor or {})
        parts = [self._list(marks)] if self.stories else []
        parts += [self._query(words, marks) for words in self.queries]
        parts += [self._favourites(marks)] if self.user else []
        for part in parts:
            try:
                yield from part
            except SourceError as error:
                yield error

    def _list(self, marks: Mapping[str, str]) -> Iterator[Step]:
        feed, account = f"list:{self.which}", _account(f"{self.which} stories", f"{SITE}/{_page_of(self.which)}")
        told = as_json(self.web.ask(f"{_API}/{self.which}stories.json"), f"the list {self.which}")
        numbers = [n for n in told if isinstance(n, int)][: self.stories] if isinstance(told, list) else []
        known = marks.get(feed, "").split()
        for number in reversed(numbers):
            if str(number) not in known:
                read = yield from self._one(number, account)
                known += [str(number)] if read else []
        still = {str(n) for n in numbers}
        kept = [n for n in known if n in still] + [n for n in known if n not in still][-_KNOWN:]
        yield Fetched(cursor={feed: " ".join(kept)}, accounts=(account,))

    def _one(self, number: int, account: Account) -> Generator[Step, None, bool]:
        """One story with its first comments; whether it need not be asked for again is returned."""
        try:
            row = self._item(number)
            if count(row, "score") < self.points:
                return False
            yield _shared(_story(row, self.name, self.now()), account)
            for kid in (row.get("kids") or ())[: self.comments] if self.comments else ():
                yield from self._comment(kid)
        except AwayError:
            raise
        except SourceError as error:
            yield error
        return True

    def _comment(self, number: object) -> Iterator[Step]:
        row = self._item(number)
        if not row.get("deleted") and not row.get("dead"):
            yield _comment(row, self.name, self.now())

    def _item(self, number: object) -> Json:
        if not isinstance(number, int):
            raise SourceError(f"Hacker News names a story {str(number)[:20]!a}, which is no number; it was left out.")
        row = as_json(self.web.ask(f"{_API}/item/{number}.json"), f"item {number}")
        if not isinstance(row, Mapping):
            raise SourceError(f"Item {number} of Hacker News was left out: it is not there.")
        return row

    def _query(self, words: str, marks: Mapping[str, str]) -> Iterator[Step]:
        feed, account = (
            f"query:{words}",
            _account(f"search {words}", f"https://hn.algolia.com/?{urlencode({'q': words})}"),
        )
        since = marks.get(feed, "")
        asked = {"query": words, "tags": "story", "hitsPerPage": "50"}
        bounds = [f"created_at_i>{since}"] if since.isdecimal() else []
        bounds += [f"points>={self.points}"] if self.points else []
        asked |= {"numericFilters": ",".join(bounds)} if bounds else {}
        told = as_json(self.web.ask(f"{_SEARCH}?{urlencode(asked)}"), f"the search for {words!r}")
        latest = int(since) if since.isdecimal() else 0
        for row in sorted(rows(told, "hits"), key=lambda row: count(row, "created_at_i")):
            latest = max(latest, min(count(row, "created_at_i"), int(self.now().timestamp())))
            try:
                found = _story(_like_firebase(row), self.name, self.now())
            except SourceError as error:
                yield error
                continue
            yield _shared(found, account)
        yield Fetched(cursor={feed: str(latest)}, accounts=(account,))

    def _favourites(self, marks: Mapping[str, str]) -> Iterator[Step]:
        """Backwards until something is known. When it was marked is told nowhere: the first time, its own date."""
        feed = f"favourites:{self.user}"
        first, known = feed not in marks, marks.get(feed, "").split()
        fresh: list[str] = []
        for page in range(1, _PAGES + 1):
            address = f"{SITE}/favorites?{urlencode({'id': self.user, 'p': page})}"
            html = good(self.web.get(address), f"the favourites of {self.user}").text
            found = [one or other for one, other in _ROW.findall(html)]
            fresh = list(dict.fromkeys([*fresh, *(number for number in found if number not in known)]))
            if not found or not first:
                break
        for number in reversed(fresh):
            try:
                yield self._liked(_story(self._item(int(number)), self.name, self.now()), first)
            except AwayError:
                raise
            except SourceError as error:
                yield error
        yield Fetched(cursor={feed: " ".join([*fresh, *known][:_KNOWN])})

    def _liked(self, fetched: Fetched, first: bool) -> Fetched:
        item = fetched.item
        if item is None:
            return fetched
        at = item.created_at if first else self.now()
        seen = Seen("item", item.uri, at, Evidence.REACTED)
        return replace(fetched, shares=(), reactions=(Reaction(Kind.LIKE, at, item.uri, self.name),), seen=(seen,))


def _page_of(name: str) -> str:
    return {"top": "news", "new": "newest"}.get(name, name)


def _account(name: str, url: str) -> Account:
    return Account(
        url,
        f"{re.sub(r'[^0-9a-z]+', '-', name.lower())}@news.ycombinator.com",
        f"Hacker News, {name}",
        url,
        True,
        followed=True,
    )


def _person(name: str) -> Account:
    url = f"{SITE}/user?id={name}"
    return Account(url, f"{name}@news.ycombinator.com", name, url)


def _like_firebase(hit: Json) -> Json:
    """A hit of the search in the form of the official API."""
    return {
        "id": count(hit, "objectID") or hit.get("objectID"),
        "by": hit.get("author"),
        "time": hit.get("created_at_i"),
        "title": hit.get("title"),
        "url": hit.get("url"),
        "text": hit.get("story_text"),
        "score": hit.get("points"),
        "descendants": hit.get("num_comments"),
        "type": "story",
    }


def _read(row: Json, source: str, at: datetime) -> Item:
    number, by, made = count(row, "id"), line(row, "by"), moment(row.get("time"))
    if not number or made is None or not re.fullmatch(r"[\w-]{1,30}", by):
        raise SourceError(
            f"Item {text(row, 'id')[:20]!a} of Hacker News was left out: it has no number, date or author."
        )
    page = f"{SITE}/item?id={number}"
    return Item(
        uri=page,
        ref=page,
        author=f"{SITE}/user?id={by}",
        created_at=dated(made, at),
        text=plain(text(row, "text")).text,
        url=page,
        source=source,
        language="en",
        counts=Counts(replies=count(row, "descendants"), likes=count(row, "score")),
        raw=row,
    )


def _story(row: Json, source: str, at: datetime) -> Fetched:
    """A story: its links are the page that it tells of, and its own."""
    if row.get("deleted") or row.get("dead"):
        return Fetched()
    if row.get("type") == "comment":
        return _comment(row, source, at)
    item = _read(row, source, at)
    page = web_link(text(row, "url"))
    item = replace(item, title=line(row, "title"), links=tuple(link for link in (page, item.uri) if link))
    if not item.title:
        raise SourceError(f"Story {count(row, 'id')} of Hacker News was left out: it has no title.")
    return Fetched(item=item, accounts=(_person(line(row, "by")),))


def _comment(row: Json, source: str, at: datetime) -> Fetched:
    """A comment: kept for its words and its thread, and put before the owner by nobody."""
    item = _read(row, source, at)
    parent = count(row, "parent")
    item = replace(item, kind="comment", reply_to=f"{SITE}/item?id={parent}" if parent else "")
    return Fetched(item=item, accounts=(_person(line(row, "by")),)) if item.text else Fetched()


def _shared(fetched: Fetched, by: Account) -> Fetched:
    item = fetched.item
    if item is None:
        return fetched
    share = Share(by.uri, item.uri, item.created_at, How.POSTED)
    return replace(fetched, accounts=(by, *fetched.accounts), shares=(share,))
