"""Bluesky as a source: the following feed, the owner's likes and own posts, read with an app password."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from pydantic import SecretStr

from config.errors import ConfigError, SourceError
from memory.records import Cursor, Fetched
from tools.sources.answers import Json, as_json, host_of, moment, rows, text, web_link
from tools.sources.bluesky_posts import Reading, is_own
from tools.sources.feed_walk import Step, now
from tools.sources.options import Options
from tools.web import Api, GuardedWeb

_HANDLE: Final = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}")
_PAGE: Final = 100
_AT_ONCE: Final = 25  # posts by name
_KNOWN: Final = 200


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> BlueskySource:
    """The account ``handle`` on ``service``, read with the secret ``bluesky_password``. Raises ConfigError.

    ``backfill`` is how many posts and likes the first run reads. The password is an app password, never the main one.
    """
    options = Options.of("bluesky", settings, "handle", "service", "backfill")
    handle = options.one("handle", "").lstrip("@").lower()
    if not _HANDLE.fullmatch(handle):
        raise ConfigError(f"The source bluesky cannot use the handle {handle!r}: give one like name.bsky.social.")
    service = web_link(options.one("service", "https://bsky.social")).rstrip("/")
    if not service.startswith("https://") and host_of(service) not in options.allow:
        raise ConfigError(f"The source bluesky cannot use the service {service!r}: give one that begins with https://.")
    password = secrets.get("bluesky_password")
    if password is None or not password.get_secret_value().strip():
        raise ConfigError(
            "The source bluesky has no app password: make one in its settings under “Privacy and security”, and put it "
            "into the environment as MAGPIE_BLUESKY_PASSWORD."
        )
    web = GuardedWeb(options.allow, pause=0.2)
    return BlueskySource(options.name, handle, password, service, options.number("backfill", 200, 1, 2000), web)


@dataclass(frozen=True)
class BlueskySource:
    """Everything that the app password may read. Nothing is asked before ``fetch`` is iterated."""

    name: str
    handle: str
    password: SecretStr = field(repr=False)
    service: str = "https://bsky.social"
    backfill: int = 200
    web: Api = field(default_factory=GuardedWeb, repr=False)
    now: Callable[[], datetime] = field(default=now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """New likes, own posts, then the following feed. Raises SourceError when the login is refused."""
        asking, marks = self._login(), dict(cursor or {})
        reading = Reading(self.name, asking.did, self.now)
        for part in (self._likes(asking, marks, reading), *self._feeds(asking, marks, reading)):
            try:
                yield from part
            except SourceError as error:
                yield error

    def _login(self) -> _Asking:
        form = {"identifier": self.handle, "password": self.password.get_secret_value().strip()}
        page = self.web.ask(f"{self.service}/xrpc/com.atproto.server.createSession", None, form)
        if page.status in (400, 401):
            raise SourceError(
                f"{host_of(self.service)} refuses the app password of {self.handle}: make a new one in its settings."
            )
        told = as_json(page, "the login")
        token, did = text(told, "accessJwt"), text(told, "did")
        if not re.fullmatch(r"[\w.=-]+", token) or not did.startswith("did:"):
            raise SourceError(f"{host_of(self.service)} does not answer a login as Bluesky does.")
        return _Asking(self.web, self.service, token, did)

    def _feeds(self, asking: _Asking, marks: Mapping[str, str], reading: Reading) -> Iterator[Iterator[Step]]:
        own = {"actor": asking.did, "filter": "posts_with_replies"}
        yield self._feed(asking, marks, "own", "app.bsky.feed.getAuthorFeed", own, reading)
        yield self._feed(asking, marks, "following", "app.bsky.feed.getTimeline", {}, reading)

    def _feed(
        self,
        asking: _Asking,
        marks: Mapping[str, str],
        feed: str,
        method: str,
        asked: Mapping[str, str],
        reading: Reading,
    ) -> Iterator[Step]:
        """Backwards until what is known, then told oldest first."""
        known, fresh, position = marks.get(feed, "").split(), list[Json](), ""
        while len(fresh) < self.backfill:
            told = asking.ask(method, {**asked, **({"cursor": position} if position else {})}, feed)
            page = rows(told, "feed")
            new = [row for row in page if reading.mark(row) not in known]
            fresh += new
            position = text(told, "cursor")
            if not position or len(new) < len(page) or not page:
                break
        fresh = fresh[: self.backfill]
        for row in reversed(fresh):
            yield from reading.told(row)
        marks_of = [mark for row in fresh if (mark := reading.mark(row))]
        yield Fetched(cursor={feed: " ".join(dict.fromkeys([*marks_of, *known][:_KNOWN]))})

    def _likes(self, asking: _Asking, marks: Mapping[str, str], reading: Reading) -> Iterator[Step]:
        """Records of likes tell when; the posts are then asked for by name."""
        mark, position, fresh = marks.get("likes", ""), "", list[Json]()
        asked = {"repo": asking.did, "collection": "app.bsky.feed.like"}
        while len(fresh) < self.backfill:
            told = asking.ask(
                "com.atproto.repo.listRecords", {**asked, **({"cursor": position} if position else {})}, "your likes"
            )
            page = rows(told, "records")
            new = [row for row in page if is_own(row, asking.did) and text(row, "uri") > mark]
            fresh += new
            position = text(told, "cursor")
            if not position or len(new) < len(page) or not page:
                break
        fresh = fresh[: self.backfill]
        liked = {
            text(row, "value", "subject", "uri"): moment(text(row, "value", "createdAt")) for row in reversed(fresh)
        }
        uris = [uri for uri in liked if uri.startswith("at://")]
        for start in range(0, len(uris), _AT_ONCE):
            posts = asking.ask("app.bsky.feed.getPosts", {"uris": uris[start : start + _AT_ONCE]}, "posts you liked")
            for post in rows(posts, "posts"):
                yield from reading.liked(post, liked.get(text(post, "uri")))
        yield Fetched(cursor={"likes": max([mark, *(text(row, "uri") for row in fresh)])})


@dataclass(frozen=True)
class _Asking:
    """A service that knows who asks."""

    web: Api
    service: str
    token: str = field(repr=False)
    did: str = ""

    def ask(self, method: str, asked: Mapping[str, Any], what: str) -> Any:
        """The JSON that a method answers. Raises SourceError."""
        limit = {} if "uris" in asked else {"limit": str(_PAGE)}
        url = f"{self.service}/xrpc/{method}?{urlencode({**limit, **asked}, doseq=True)}"
        return as_json(self.web.ask(url, {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}), what)
