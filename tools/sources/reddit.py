"""Reddit as a source: the public feeds of subreddits and multireddits, in the form that is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from pydantic import SecretStr
from selectolax.lexbor import LexborHTMLParser

from config.errors import ConfigError, SourceError
from memory.records import Account, Counts, Cursor, Fetched, Item
from tools.sources.answers import Json, as_json, count, dated, line, moment, rows, text, web_link
from tools.sources.feed_items import Sighting, item_of, joining, posted
from tools.sources.feed_reading import Feed
from tools.sources.feed_walk import FeedWalk, Step, Subscription, now
from tools.sources.options import Options
from tools.sources.prose import plain
from tools.web import Api, AwayError, GuardedWeb

SITE: Final = "https://www.reddit.com"
_NAME: Final = re.compile(r"[A-Za-z0-9_]{2,50}(?:\+[A-Za-z0-9_]{2,50}){0,40}")
_MULTI: Final = re.compile(r"(?:/?u(?:ser)?/)?([\w-]{2,40})/(?:m/)?([\w-]{1,60})/?")
_TAIL: Final = "submitted by /u/"  # begins what Reddit adds to each entry


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> RedditSource:
    """``subreddits`` by name and ``multireddits`` as user/name, sorted by ``listing``. Raises ConfigError.

    ``form`` is rss, which is answered to everybody, or json, which also tells scores.
    """
    options = Options.of("reddit", settings, "subreddits", "multireddits", "listing", "form")
    options.need("subreddits", "multireddits")
    return RedditSource(
        options.name,
        tuple(_paths(options)),
        options.choice("listing", "hot", "new", "top", "rising"),
        options.choice("form", "rss", "json"),
        GuardedWeb(options.allow, pause=2.0),
    )


def _paths(options: Options) -> Iterator[str]:
    for name in options.words("subreddits"):
        bare = name.removeprefix("/").removeprefix("r/").strip("/")
        if not _NAME.fullmatch(bare):
            raise ConfigError(f"The source reddit knows no subreddit {name!r}: give its name, such as python.")
        yield f"r/{bare}"
    for name in options.words("multireddits"):
        found = _MULTI.fullmatch(name)
        if found is None:
            raise ConfigError(f"The source reddit knows no multireddit {name!r}: give it as user/name.")
        yield f"user/{found[1]}/m/{found[2]}"


@dataclass(frozen=True)
class RedditSource:
    """Some subreddits; each is an account that is followed, and its posts are by whoever wrote them."""

    name: str
    paths: tuple[str, ...]
    listing: str = "hot"
    form: str = "rss"
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """What is new in each of them."""
        if self.form == "rss":
            yield from FeedWalk(self.name, self.web, self.now).read(map(self._feed, self.paths), cursor)
            return
        for path in self.paths:
            try:
                yield from self._json(path, (cursor or {}).get(path, "").split())
            except AwayError as error:
                yield error
                return
            except SourceError as error:
                yield error

    def _feed(self, path: str) -> Subscription:
        return Subscription(f"{SITE}/{path}/{self.listing}/.rss", lambda feed, url: _place(path, feed), _entry)

    def _json(self, path: str, known: list[str]) -> Iterator[Step]:
        told = as_json(self.web.ask(f"{SITE}/{path}/{self.listing}.json?limit=50&raw_json=1"), path)
        account, found = _place(path), [row["data"] for row in rows(told, "data", "children") if "data" in row]
        fresh = [row for row in found if text(row, "name") not in known and not row.get("stickied")]
        for row in sorted(fresh, key=lambda row: count(row, "created_utc")):
            try:
                yield _post(row, account, self.name, self.now())
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                yield SourceError(f"A post of {path} was left out: it cannot be read ({error}).")
        names = [text(row, "name") for row in fresh if re.fullmatch(r"\w{1,20}", text(row, "name"))]
        yield Fetched(cursor={path: " ".join([*names, *known][:300])}, accounts=(account,))


def _place(path: str, feed: Feed | None = None) -> Account:
    name = path.rpartition("/")[2]
    title = feed.title if feed and feed.title else path
    return Account(
        f"{SITE}/{path}/", f"{name.lower().replace('+', '-')}@reddit.com", title, f"{SITE}/{path}/", followed=True
    )


def _person(name: str) -> Account:
    name = name.removeprefix("/").removeprefix("u/")
    if not re.fullmatch(r"[\w-]{1,40}|\[deleted\]", name):
        raise ValueError(f"its author is {name[:40]!a}")
    url = f"{SITE}/user/{name}"
    return Account(url, f"{name.strip('[]')}@reddit.com", name, url)


def _entry(sighting: Sighting) -> Fetched:
    """An entry of the Atom feed: what it links to stands in its text, as [link]."""
    entry, person = sighting.entry, _person(sighting.entry.author)
    anchors = LexborHTMLParser(entry.html).css("a[href]")
    links = [web_link(a.attributes.get("href") or "") for a in anchors if a.text(strip=True) == "[link]"]
    if not entry.link.startswith(f"{SITE}/r/"):
        raise ValueError("its address is not Reddit's")
    read = item_of(sighting)
    words, met = _own_words(read.text), joining(*links, entry.link)
    item = replace(
        read, uri=entry.link, ref=entry.link, kind="post", author=person.uri, text=words, links=met, media=()
    )
    return posted(item, sighting.account, person)


def _own_words(text: str) -> str:
    end = text.rfind(_TAIL)
    return text[:end].strip() if end >= 0 and "[comments]" in text[end:] else text


def _post(row: Json, account: Account, source: str, at: datetime) -> Fetched:
    person, made = _person(text(row, "author")), moment(row.get("created_utc"))
    page = web_link(f"{SITE}{text(row, 'permalink')}")
    if made is None or not text(row, "permalink").startswith("/r/") or not line(row, "title"):
        raise ValueError("it has no date, address or title")
    item = Item(
        uri=page,
        ref=page,
        author=person.uri,
        created_at=dated(made, at),
        text=plain(text(row, "selftext_html")).text or text(row, "selftext"),
        url=page,
        source=source,
        title=line(row, "title"),
        warning="NSFW" if row.get("over_18") is True else "",
        links=joining(web_link(text(row, "url")), page),
        counts=Counts(replies=count(row, "num_comments"), likes=count(row, "score")),
        raw=row,
    )
    return posted(item, account, person)
