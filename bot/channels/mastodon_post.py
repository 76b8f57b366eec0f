"""One post, said once: whatever breaks on the way, it is neither lost in silence nor said twice."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.channels.mastodon_api import AgainError, Api, Owner, RefusedError
from config.errors import ChannelError, DoubtfulSendError

__all__ = ["Letter", "Post", "instant"]

_CLOCKS_DIFFER: Final = timedelta(minutes=10)
_REMEMBERED: Final = 1000


@dataclass(frozen=True, slots=True)
class Letter:
    """One direct message as it should be, mention included. The key makes posting it twice posting it once."""

    key: str
    text: str
    warning: str = ""
    language: str = ""
    parent: str = ""


@dataclass
class Post:
    """Delivers letters to the owner alone.

    A server that knows the Idempotency-Key says a letter once by itself. For the others, the bot's latest posts are
    read back before a second try whenever the first one may have arrived.
    """

    api: Api
    owner: Owner
    now: Callable[[], datetime]
    _said: dict[str, str] = field(default_factory=dict)
    _doubted: dict[str, datetime] = field(default_factory=dict)

    def deliver(self, letter: Letter) -> str:
        """Return the id of the post. Raises ChannelError (surely not said) or DoubtfulSendError (unknown)."""
        if letter.key in self._said:
            return self._said[letter.key]
        _ = self.owner.id  # asked before anything is said: once it is said, nothing may fail any more
        try:
            posted = self.api.insist(self._try, letter)
        except AgainError as trouble:
            posted = self._found_at_last(letter, trouble)
        self._check(posted)
        self._remember(letter, str(posted["id"]))
        return str(posted["id"])

    def retract(self, platform_id: str) -> None:
        """Delete a post; one that is gone already is no error."""
        try:
            self.api.insist(self.api.ask, "status_delete", platform_id)
        except RefusedError as refusal:
            if refusal.status != 404:
                raise

    def _try(self, letter: Letter) -> Mapping[str, Any]:
        if letter.key in self._doubted and (found := self._find(letter)):
            return found
        began = self.now()
        try:
            return self._post(letter)
        except AgainError as trouble:
            if trouble.doubtful:
                self._doubted.setdefault(letter.key, began)
            raise
        except RefusedError as refusal:
            if refusal.status == 404 and letter.parent:
                return self._try(replace(letter, parent=""))  # what it answers was deleted
            raise

    def _post(self, letter: Letter) -> Mapping[str, Any]:
        posted = self.api.ask(
            "status_post",
            letter.text,
            in_reply_to_id=letter.parent or None,
            visibility="direct",
            spoiler_text=letter.warning or None,
            language=letter.language or None,
            content_type="text/plain",
            idempotency_key=letter.key,
        )
        if not isinstance(posted, Mapping) or not posted.get("id"):
            raise AgainError("The answer to a post cannot be read; try again later.", doubtful=True)
        return posted

    def _find(self, letter: Letter) -> Mapping[str, Any] | None:
        """The post that an earlier try has made, among the bot's latest."""
        try:
            latest = self.api.ask("account_statuses", self.api.me[0], limit=20)
        except RefusedError as refusal:
            raise DoubtfulSendError(f"It is unknown whether a message has arrived: {refusal}") from None
        since, others = self._doubted[letter.key] - _CLOCKS_DIFFER, set(self._said.values())
        for status in latest:
            parent = str(status.get("in_reply_to_id") or "")
            fresh = instant(status.get("created_at"), since) >= since and str(status.get("id")) not in others
            if fresh and parent in ("", letter.parent) and _says(status, letter.text):
                return dict(status)
        return None

    def _found_at_last(self, letter: Letter, trouble: AgainError) -> Mapping[str, Any]:
        try:
            found = self._find(letter) if letter.key in self._doubted else None
        except AgainError:
            raise DoubtfulSendError(f"It is unknown whether a message has arrived: {trouble}") from None
        if found is None:
            raise ChannelError(f"A message was not sent: {trouble}") from None
        return found

    def _check(self, posted: Mapping[str, Any]) -> None:
        """What more people than the owner can see is deleted at once, and so is what the owner cannot see."""
        mentioned = posted.get("mentions") or []
        private = posted.get("visibility") == "direct" and all(map(self.owner.is_behind, mentioned))
        if private and mentioned:
            return
        wrong = "it did not reach the owner" if private else "others could see it"
        try:
            self.retract(str(posted["id"]))
        except ChannelError:
            raise ChannelError(
                f"A message could not be deleted although {wrong}; delete {posted.get('url')}."
            ) from None
        raise ChannelError(f"A message was deleted at once because {wrong}; check the handle {self.owner.handle!r}.")

    def _remember(self, letter: Letter, platform_id: str) -> None:
        self._doubted.pop(letter.key, None)
        self._said[letter.key] = platform_id
        while len(self._said) > _REMEMBERED:
            del self._said[next(iter(self._said))]


def instant(value: object, otherwise: datetime) -> datetime:
    """The library turns most instants into datetimes; what it cannot read it leaves as it was."""
    return value.astimezone(UTC) if isinstance(value, datetime) else otherwise


def _says(status: Mapping[str, Any], text: str) -> bool:
    """Whether a post has this text; how the server shows the mention, links and line ends does not matter."""
    shown = _letters(html.unescape(re.sub(r"<[^>]*>", "", str(status.get("content") or ""))))
    mention, _, rest = text.partition(" ")
    name, wanted = _letters(mention.partition("@")[2].partition("@")[0]), _letters(rest)
    return shown in (f"{name}{wanted}", f"{_letters(mention)}{wanted}")


def _letters(text: str) -> str:
    return re.sub(r"[\s\u200b*_`~@]+", "", text).lower()
