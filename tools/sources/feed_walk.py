"""Feeds read one after another: asked only for what is new, left alone when they wish it, entries told once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from config.errors import SourceError
from memory.records import Account, Cursor, Fetched, fingerprint
from tools.manners import seconds_of
from tools.sources.answers import dated, good, host_of
from tools.sources.feed_items import Shape, Sighting, article, feed_account, gist, in_order
from tools.sources.feed_reading import Entry, Feed, read_feed
from tools.web import Api, AwayError, Page

Step = Fetched | SourceError

_ACCEPT: Final = "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.8"
_LONGEST_MARK: Final = 500


def now() -> datetime:
    """The instant it is, by this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Subscription:
    """A feed that is read, whose account it is, and what an entry of it becomes."""

    url: str
    account: Callable[[Feed, str], Account] = feed_account
    shape: Shape = article


@dataclass(frozen=True)
class Mark:
    """How far one feed was read: what its server called that state, and a print of each entry that was in it.

    ``known`` maps the print of an entry's name to the print of its words, with the seconds of its first sighting where
    it bears no date.
    """

    etag: str = ""
    modified: str = ""
    after: float = 0.0  # not to be asked before
    known: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, written: str) -> Mark:
        """The mark as it was written; an unreadable one is an empty one."""
        try:
            told: dict[str, Any] = json.loads(written or "{}")
            return cls(str(told["etag"]), str(told["modified"]), float(told["after"]), dict(told["known"]))
        except (KeyError, TypeError, ValueError):
            return cls()

    def __str__(self) -> str:
        told = {"etag": self.etag, "modified": self.modified, "after": self.after, "known": dict(self.known)}
        return json.dumps(told, separators=(",", ":"))

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask only for what is new."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}

    def since(self, name: str) -> datetime | None:
        """When an entry without a date was first seen."""
        _, _, seconds = self.known.get(name, "").partition("@")
        return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() else None


@dataclass
class FeedWalk:
    """One run over feeds. A host that gives no answer is not asked for its other feeds."""

    source: str
    web: Api
    now: Callable[[], datetime] = now
    headers: Mapping[str, str] = field(default_factory=dict)

    def read(self, feeds: Iterable[Subscription], cursor: Cursor | None) -> Iterator[Step]:
        """What is new in each feed, oldest first, and the feed's mark after it."""
        away: set[str] = set()
        for feed in feeds:
            if host_of(feed.url) in away:
                continue
            try:
                yield from self._read(feed, Mark.of((cursor or {}).get(feed.url, "")))
            except AwayError as error:
                away.add(host_of(feed.url))
                yield _named(error, feed.url)
            except SourceError as error:
                yield _named(error, feed.url)

    def _read(self, feed: Subscription, mark: Mark) -> Iterator[Step]:
        if self.now().timestamp() < mark.after:
            return
        page = self.web.ask(feed.url, {"Accept": _ACCEPT, **self.headers, **mark.conditions})
        if page.status == 304:
            yield Fetched()  # it was read, and there is nothing new
            return
        if page.status in (429, 503):
            at = self.now().timestamp()
            later = replace(mark, after=at + seconds_of(page.headers.get("retry-after", ""), at))
            yield Fetched(cursor={feed.url: str(later)})
        found = read_feed(good(page, f"the feed {feed.url[:120]}"))
        yield from self._told(feed, found, mark, page)

    def _told(self, feed: Subscription, found: Feed, mark: Mark, page: Page) -> Iterator[Step]:
        account, at = feed.account(found, feed.url), self.now()
        known: dict[str, str] = {}
        yield from (entry for entry in found.entries if isinstance(entry, SourceError))
        for entry in in_order((e for e in found.entries if isinstance(e, Entry)), at):
            name, words = fingerprint(entry.guid)[:12], gist(entry)
            first = mark.since(name) or (found.at if not mark.known else None)
            when = entry.at or dated(first, at)
            known[name] = words if entry.at else f"{words}@{when.timestamp():.0f}"
            if mark.known.get(name, "").partition("@")[0] != words:
                yield self._shaped(feed, Sighting(replace(entry, at=when), found, feed.url, self.source, account, at))
        state = (page.headers.get(name, "") for name in ("etag", "last-modified"))
        etag, modified = (
            mark if mark.isprintable() and mark.isascii() and len(mark) <= _LONGEST_MARK else "" for mark in state
        )
        yield Fetched(cursor={feed.url: str(Mark(etag, modified, 0.0, known))}, accounts=(account,))

    def _shaped(self, feed: Subscription, sighting: Sighting) -> Step:
        try:
            return feed.shape(sighting)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            name = sighting.entry.title[:60] or sighting.entry.guid[:60]
            return SourceError(f"{name!a} of {feed.url[:120]} was left out: it cannot be read ({error}).")


def _named(error: SourceError, url: str) -> SourceError:
    """With the feed in it: a redirect may have led to a host that the owner has never heard of."""
    return error if host_of(url) in str(error) else SourceError(f"The feed {url[:120]} was not read: {error}")
