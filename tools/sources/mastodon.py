"""A Mastodon account (or GoToSocial, Takahē, Pleroma …) as a source, read with the owner's own token."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from config.errors import ConfigError, SourceError
from memory.records import Cursor, Fetched, Kind
from tools.sources.answers import Json
from tools.sources.mastodon_client import RefusedError, Server, row_id
from tools.sources.mastodon_feeds import Step, Walk, paged
from tools.sources.mastodon_lookup import Lookup
from tools.sources.mastodon_standing import following, marker, rules
from tools.sources.statuses import parse_account

_SETTINGS: Final = ("kind", "name", "instance", "lists", "hashtags", "home_marker", "backfill", "ignore")
_AT_HOME: Final = ("127.0.0.1", "::1", "localhost")
_T = TypeVar("_T", bool, int)


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> MastodonSource:
    """The source for ``instance`` (a host or URL), read with the secret ``token``. Raises ConfigError.

    ``lists`` (titles or ids) and ``hashtags`` are read beside the home timeline; ``backfill`` is how many posts of a
    feed the first run reads; ``ignore`` names accounts, such as the bot's own, whose posts and private talk are left
    out; without ``home_marker`` it is not asked how far the owner has read.
    """
    for key in settings:
        if key not in _SETTINGS:
            near = difflib.get_close_matches(key, _SETTINGS, 1, 0.0)[0]
            raise ConfigError(f"The source mastodon has no setting {key!r}; the nearest is {near!r}.")
    token = secrets.get("token")
    if token is None or not token.get_secret_value().strip():
        raise ConfigError(
            "The source mastodon has no token; run 'magpie login', or put the owner's own into the environment as "
            "MAGPIE_OWNER_TOKEN."
        )
    return MastodonSource(
        name=str(settings.get("name", "mastodon")),
        base_url=_base_url(str(settings.get("instance", ""))),
        token=SecretStr(token.get_secret_value().strip()),
        lists=_words(settings, "lists"),
        hashtags=tuple(tag.lstrip("#") for tag in _words(settings, "hashtags")),
        home_marker=_checked(settings, "home_marker", True),
        backfill=_checked(settings, "backfill", 400),
        ignore=frozenset(handle.lstrip("@").lower() for handle in _words(settings, "ignore")),
    )


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class MastodonSource:
    """Everything that the owner's account may read. Nothing is asked before ``fetch`` or ``recheck`` is iterated."""

    name: str
    base_url: str
    token: SecretStr | Callable[[], SecretStr] = field(repr=False)
    lists: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    home_marker: bool = True
    backfill: int = 400
    ignore: frozenset[str] = frozenset()
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    now: Callable[[], datetime] = field(default=_now, repr=False)

    def fetch(self, cursor: Cursor | None) -> Iterator[Step]:
        """Every feed in turn since ``cursor``, each step with the whole cursor after it.

        A feed that fails is yielded as an error, and the others go on. Raises SourceError when the token is refused or
        the server is away altogether.
        """
        walk = self._walk(cursor)
        me = yield from self._owner(walk)
        yield from walk.optional("your rules", "read:filters", rules(walk))
        if me is not None:
            yield from walk.optional("the accounts you follow", "read:follows", following(walk, me))
        yield from self._reactions(walk, me)
        yield from self._home(walk)
        yield from self._chosen_feeds(walk)
        yield from walk.optional("your notifications", "read:notifications", walk.notifications())
        if self.home_marker:
            yield from walk.optional("the read marker", "read:statuses", marker(walk))

    def recheck(self, refs: Sequence[str]) -> Iterator[Step]:
        """The posts behind ``refs`` anew; ``gone`` for each of which the server itself says that it does not exist."""
        walk = self._walk(None)
        numbers = [ref.removeprefix(f"{self.base_url}#") for ref in refs if ref.startswith(f"{self.base_url}#")]
        try:
            for number, status in walk.server.statuses(numbers, surely=True):
                yield self._checked_again(walk, number, status)
        except RefusedError as refused:
            yield refused

    def lookup(self) -> Lookup:
        """A way to ask for posts by their addresses alone."""
        return Lookup(self.name, self.base_url, self._server(), self.sleep)

    def _server(self) -> Server:
        token = self.token if isinstance(self.token, SecretStr) else self.token()
        return Server(self.base_url, token.get_secret_value(), sleep=self.sleep, now=self.now)

    def _walk(self, cursor: Cursor | None) -> Walk:
        known = dict(cursor or {})
        return Walk(self.name, self.base_url, self._server(), self.now, self.backfill, self.ignore, known)

    def _owner(self, walk: Walk) -> Generator[Step, None, Json | None]:
        try:
            me = walk.server.ask("your account", lambda client: client.account_verify_credentials())
        except RefusedError as refused:
            if refused.status == 401:
                raise self._token_refused(walk) from None
            if refused.status != 403:
                raise
            yield walk.lacking("who you are", "read:accounts")
            return None
        if not isinstance(me, Mapping) or not row_id(me):
            raise SourceError(f"{walk.server.host} does not say who you are; is it a Mastodon server?")
        yield walk.here(Fetched(accounts=(parse_account(me, base_url=self.base_url),)))
        return me

    def _token_refused(self, walk: Walk) -> SourceError:
        return SourceError(
            f"{walk.server.host} refuses the token of the source {self.name}: it is revoked, expired or copied "
            "wrongly; make a new one with 'magpie login'."
        )

    def _home(self, walk: Walk) -> Iterator[Step]:
        try:
            yield from walk.home()
        except RefusedError as refused:
            if refused.status == 401:
                raise self._token_refused(walk) from None
            if refused.status == 403:
                raise walk.lacking("the home timeline", "read:statuses") from None
            yield refused

    def _reactions(self, walk: Walk, me: Json | None) -> Iterator[Step]:
        # Before the timelines: they show likes and boosts too, but not when these happened.
        for feed, kind in (("favourites", Kind.LIKE), ("bookmarks", Kind.BOOKMARK)):
            what = f"your {feed}"
            yield from walk.optional(what, f"read:{feed}", walk.chosen(feed, what, feed, kind))
        if me is not None:
            yield from walk.optional("your own posts", "read:statuses", walk.own(me))

    def _chosen_feeds(self, walk: Walk) -> Iterator[Step]:
        if self.lists:
            yield from walk.optional("your lists", "read:lists", self._lists(walk))
        for tag in self.hashtags:
            feed = walk.timeline(f"tag:{tag}", f"the hashtag {tag}", paged("timeline_hashtag", tag))
            yield from walk.optional(f"the hashtag {tag}", "read:statuses", feed)

    def _lists(self, walk: Walk) -> Iterator[Step]:
        rows = walk.server.rows("your lists", lambda client: client.lists())
        titles = {str(row.get("id")): str(row.get("title")) for row in rows}
        for wanted in self.lists:
            number = next((number for number, title in titles.items() if wanted in (number, title)), None)
            if number is None:
                have = ", ".join(titles.values()) or "none"
                yield SourceError(f"There is no list {wanted!r} at {walk.server.host}; there are: {have}.")
                continue
            feed = walk.timeline(f"list:{wanted}", f"the list {wanted}", paged("timeline_list", number))
            yield from walk.optional(f"the list {wanted}", "read:lists", feed)

    def _checked_again(self, walk: Walk, number: str, status: Json | RefusedError) -> Step:
        if isinstance(status, RefusedError):
            return Fetched(gone=(f"{self.base_url}#{number}",)) if status.gone else status
        try:
            return walk.read(status)
        except SourceError as error:
            return error


def _base_url(instance: str) -> str:
    url = urlsplit(instance if "://" in instance else f"https://{instance}")
    secure = url.scheme == "https" or (url.scheme == "http" and url.hostname in _AT_HOME)
    if not url.hostname or url.username or not secure:
        raise ConfigError(f"The source mastodon cannot use the instance {instance!r}; give a host like example.social.")
    return f"{url.scheme}://{url.netloc}"


def _words(settings: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = settings.get(key, ())
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word.strip() for word in value):
        raise ConfigError(f"The setting {key} of the source mastodon is {value!r}; make it a list of words.")
    return tuple(word.strip() for word in value)


def _checked(settings: Mapping[str, Any], key: str, default: _T) -> _T:
    value = settings.get(key, default)
    if type(value) is not type(default):
        raise ConfigError(f"The setting {key} of the source mastodon is {value!r}; make it like {default!r}.")
    return value
