"""Mastodon: direct messages to the owner alone; replies, favourites and emoji reactions from the owner alone."""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.channels import NEW, Past
from bot.channels.mastodon_api import AgainError, Api, Owner, RefusedError
from bot.channels.mastodon_post import Letter, Post
from bot.channels.mastodon_said import instant
from bot.channels.mastodon_stream import Stream
from bot.channels.rendering import parts, quiet, shorten, split
from config.errors import ChannelError, ConfigError, RefusedSendError
from config.settings import refuse_unknown
from memory.records import Kind, Message, Outgoing, Reaction

TOKEN: Final = "mastodon_bot_token"  # noqa: S105 - the name of the secret, not the secret
_SETTINGS: Final = {"instance", "handle", "timeout", "attempts"}
_FIRST_LOOK: Final = timedelta(days=1)
_PAGE, _MOST_PAGES = 40, 25
_LIKED: Final = {"favourite": "⭐", "reblog": "🔥"}
_REACTED: Final = ("pleroma:emoji_reaction", "emoji_reaction", "reaction")
_URL: Final = re.compile(r"https?://\S*[^\s).,;:!?]")
_log = logging.getLogger(__name__)


def build(settings: Mapping[str, Any], secrets: Mapping[str, SecretStr], owner_handle: str) -> MastodonChannel:
    """The channel for ``instance`` (a host or URL), with the bot's token from the secret ``mastodon_bot_token``.

    ``timeout`` is in seconds; ``attempts`` is how often a request is tried; ``handle`` is the bot's own and serves the
    sources, which leave out what it says. Raises ConfigError.
    """
    refuse_unknown(settings, _SETTINGS, "The channel mastodon")
    token = secrets.get(TOKEN)
    if token is None or not token.get_secret_value().strip():
        raise ConfigError(
            "The channel mastodon has no token; run 'magpie login --bot', or put the bot's own into the environment as "
            "MAGPIE_BOT_TOKEN."
        )
    owner = owner_handle.strip().lstrip("@").lower()
    if not re.fullmatch(r"[\w.\-]+@[\w.\-:]+", owner):
        raise ConfigError(f"The owner's handle {owner_handle!r} is not of the form name@host; correct it.")
    return MastodonChannel(
        base_url=_base_url(str(settings.get("instance", ""))),
        owner_handle=owner,
        token=SecretStr(token.get_secret_value().strip()),
        timeout=_positive(settings, "timeout", 30.0),
        attempts=int(_positive(settings, "attempts", 5)),
    )


def _positive(settings: Mapping[str, Any], key: str, otherwise: float) -> float:
    value = settings.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 1:
        raise ConfigError(f"The channel mastodon needs a number of at least 1 as {key}, not {value!r}; correct it.")
    return value


def _base_url(instance: str) -> str:
    url = urlsplit(instance if "://" in instance else f"https://{instance}")
    at_home = url.hostname in ("127.0.0.1", "::1", "localhost")
    if (
        not url.hostname
        or url.username
        or url.scheme not in ("https", "http")
        or (url.scheme == "http" and not at_home)
    ):
        raise ConfigError(
            f"The channel mastodon cannot use the instance {instance!r}; give a host such as example.social."
        )
    return f"{url.scheme}://{url.netloc}"


@dataclass
class MastodonChannel:
    """The bot's account on one server, talking with ``owner_handle`` (name@host) and nobody else."""

    base_url: str
    owner_handle: str
    token: SecretStr = field(repr=False)
    name: str = "mastodon"
    timeout: float = 30.0
    attempts: int = 5
    settling: float = 10.0  # seconds that a server which honours no keys is given to be done with a doubtful post
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC), repr=False)
    _read: tuple[str | None, str | None] = field(default=(None, None), init=False, repr=False)

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Post it as a direct message, as a small thread if one post does not hold it."""
        sent: list[str] = []
        pending, parent = self._texts(out), out.reply_to
        if not pending:
            raise ChannelError(f"The message {out.key!r} is empty, so nothing was posted.")
        while pending:
            text = pending.pop(0)
            key = hashlib.sha256(f"{out.key}/{len(sent)}".encode()).hexdigest()
            letter = Letter(key, f"{self._owner.mention} {text}", self._warning(out), out.language, parent)
            try:
                parent = self._post.deliver(letter, past)
                sent.append(parent)
            except RefusedError as refusal:
                # some servers count a link as long as it is: quotes are shortened, or what is left over is split
                shorter = split(text, self._room(out), len) if sent else self._texts(out, len)
                if refusal.status != 422:
                    raise
                if shorter[0] == text:
                    raise RefusedSendError(str(refusal)) from None
                pending = [*shorter, *pending] if sent else shorter
        return tuple(sent)

    def wakes(self, ring: Callable[[], None]) -> Callable[[], None]:
        """Ring at each notification, as long as the server streams them; returns what ends that."""
        return Stream(self._api, ring).start()

    def room(self) -> int:
        """Characters that one post holds, besides the mention of the owner. Raises ChannelError."""
        return self._api.instance.limit - len(self._owner.mention) - 1

    def retract(self, platform_id: str) -> None:
        """Delete one of the bot's own posts; one that is gone already is no error."""
        self._post.retract(platform_id)

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        """Yield what has come in since ``cursor`` (a notification's id; None: in the last 24 hours), then end."""
        last, dropped = cursor, 0
        try:
            for notification in self._notifications(self._read[1] if self._read[0] == cursor else cursor):
                heard = self._heard(notification)
                if heard is not None:
                    last = heard.cursor
                    yield heard
                dropped += heard is None
                self._read = (last, str(notification["id"]))  # what strangers sent is not read again
        except AgainError as trouble:
            raise ChannelError(f"The owner cannot be heard: {trouble}") from None
        finally:
            if dropped:
                _log.info("event=others_not_heard channel=%s dropped=%d", self.name, dropped)

    def _texts(self, out: Outgoing, length: Callable[[str], int] | None = None) -> list[str]:
        instance = self._api.instance
        return parts(
            out,
            self._room(out),
            length or (lambda text: len(_URL.sub("x" * instance.per_link, text))),
            link=str if instance.is_mastodon else _careful,
        )

    def _room(self, out: Outgoing) -> int:
        """Characters that are left for the text of one post."""
        return self._api.instance.limit - len(self._owner.mention) - 1 - len(self._warning(out))

    def _warning(self, out: Outgoing) -> str:
        return shorten(" ".join(quiet(out.warning).split()), self._api.instance.limit // 3)

    def _notifications(self, cursor: str | None) -> Iterator[Mapping[str, Any]]:
        """Oldest first, each once, although servers repeat some where pages meet."""
        met = {cursor}
        for page in self._since(cursor) if cursor else self._of_today():
            fresh = {str(row["id"]): row for row in page if str(row["id"]) not in met}
            if not fresh:
                return
            met |= fresh.keys()
            yield from fresh.values()

    def _since(self, cursor: str) -> Iterator[list[Mapping[str, Any]]]:
        while True:
            rows, links = self._page(min_id=cursor)
            if not rows:
                return
            yield rows[::-1]
            cursor = str(links.get("prev", {}).get("min_id") or rows[0]["id"])

    def _of_today(self) -> Iterator[list[Mapping[str, Any]]]:
        since, found, before = self.now() - _FIRST_LOOK, list[Mapping[str, Any]](), None
        for _ in range(_MOST_PAGES):
            rows, links = self._page(max_id=before)
            fresh = [row for row in rows if instant(row.get("created_at"), since) >= since]
            found += fresh
            before = links.get("next", {}).get("max_id")
            if len(fresh) < len(rows) or not before:
                break
        yield found[::-1]

    def _page(self, **where: object) -> tuple[list[Mapping[str, Any]], dict[str, Mapping[str, Any]]]:
        return self._api.insist(self._api.page, "notifications", limit=_PAGE, **where)

    def _heard(self, notification: Mapping[str, Any]) -> Message | Reaction | None:
        status, kind = notification.get("status") or {}, str(notification.get("type"))
        if not status.get("id") or not self._owner.is_behind(notification.get("account") or {}):
            return None
        at, cursor, post = (
            instant(notification.get("created_at"), self.now()),
            str(notification["id"]),
            str(status["id"]),
        )
        if kind == "mention":
            reply_to = str(status.get("in_reply_to_id") or "")
            return Message(self.name, self._words(status), at, platform_id=post, reply_to=reply_to, cursor=cursor)
        emoji = _LIKED.get(kind) or (_emoji(notification) if kind in _REACTED else "")
        if not emoji:
            return None
        # Any emoji begins as "more": the router knows what each of them means to the owner.
        event = f"mastodon:{cursor}"
        return Reaction(Kind.MORE, at, source=self.name, message=post, emoji=emoji, event=event, cursor=cursor)

    def _words(self, status: Mapping[str, Any]) -> str:
        """What the owner wrote, without the mentions of the bot."""
        from tools.sources.prose import plain

        hosts = "|".join(map(re.escape, self._owner.hosts))
        me = rf"(?<![\w@/])@{re.escape(self._api.me[1])}(?:@(?:{hosts}))?(?![\w@]|[.\-]\w)[ \t]*"
        return re.sub(me, "", plain(str(status.get("content") or "")).text, flags=re.IGNORECASE).strip()

    @cached_property
    def _api(self) -> Api:
        return Api(self.base_url, self.token, self.timeout, self.attempts, self.sleep)

    @cached_property
    def _owner(self) -> Owner:
        return Owner(self.owner_handle, self._api)

    @cached_property
    def _post(self) -> Post:
        return Post(self._api, self._owner, self.now, self.settling)


def _careful(url: str) -> str:
    """For servers that might read the ``/@name`` of a link as a mention: the same address, spelt so that none can."""
    return re.sub(r"@([A-Za-z0-9_])", lambda found: f"@%{ord(found[1]):02X}", url)


def _emoji(notification: Mapping[str, Any]) -> str:
    """Pleroma says it plainly; its cousins put it into an object of its own."""
    nested = notification.get("emoji_reaction") or notification.get("reaction") or {}
    return str(notification.get("emoji") or (nested.get("name") if isinstance(nested, Mapping) else nested) or "")
