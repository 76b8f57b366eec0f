"""One post, said once: whatever breaks on the way, it is neither lost in silence nor said twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.channels import NEW, Past
from bot.channels.mastodon_api import AgainError, Api, Owner, RefusedError
from bot.channels.mastodon_said import latest, says
from config.errors import ChannelError, DoubtfulSendError

__all__ = ["Letter", "Post"]

_KEY_HOLDS: Final = timedelta(minutes=50)
"""Mastodon knows an Idempotency-Key for an hour; this leaves room for clocks that differ."""
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

    The bot's latest posts are read back before a second try whenever an earlier one may have arrived, be it in this
    process or in one that was killed. The Idempotency-Key guards the gap between reading and posting where the server
    honours it; any other is first given ``settling`` seconds to be done with what it may still be at.
    """

    api: Api
    owner: Owner
    now: Callable[[], datetime]
    settling: float
    _said: dict[str, str] = field(default_factory=dict)
    _doubted: dict[str, datetime] = field(default_factory=dict)

    def deliver(self, letter: Letter, past: Past = NEW) -> str:
        """Return the id of the post. Raises ChannelError (surely not said) or DoubtfulSendError (unknown)."""
        if letter.key in self._said:
            return self._said[letter.key]
        if past.tried_at is not None:
            self._doubted.setdefault(letter.key, past.tried_at)
        try:
            self.owner.must_be_known()  # once something is said, nothing may fail any more
            self._let_settle(past.last_at or past.tried_at)
            posted = self.api.insist(self._try, letter, past)
        except AgainError as trouble:
            posted = self._found_at_last(letter, past, trouble)
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

    @property
    def _patience(self) -> float:
        """Seconds after which a server has surely done what it was asked, or never will."""
        return 0.0 if self.api.instance.is_mastodon else self.settling

    def _let_settle(self, last_at: datetime | None) -> None:
        """Wait for what an earlier try may have set going; a clock that was set back makes the wait no longer."""
        left = (self._patience - (self.now() - last_at).total_seconds()) if last_at else 0.0
        if left > 0:
            self.api.sleep(min(left, self._patience))

    def _try(self, letter: Letter, past: Past) -> Mapping[str, Any]:
        if letter.key in self._doubted and (found := self._find(letter, past)):
            return found
        began = self.now()
        try:
            return self._post(letter)
        except AgainError as trouble:
            if trouble.doubtful:
                self._doubted.setdefault(letter.key, began)
                trouble.seconds = max(trouble.seconds, self._patience)
            raise
        except RefusedError as refusal:
            if refusal.status == 404 and letter.parent:
                return self._try(replace(letter, parent=""), past)  # what it answers was deleted
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

    def _find(self, letter: Letter, past: Past) -> Mapping[str, Any] | None:
        """The post that an earlier try has made: the first with these words that is not known to be something else."""
        since = self._doubted[letter.key]
        try:
            posts = latest(self.api, {*past.recorded(), *self._said.values()}, since)
        except RefusedError as refusal:
            if self.api.instance.is_mastodon and timedelta() <= self.now() - since < _KEY_HOLDS:
                return None
            raise DoubtfulSendError(f"It is unknown whether a message has arrived: {refusal}") from None
        parents = ("", letter.parent)
        return next((p for p in posts if _parent(p) in parents and says(p, letter.text)), None)

    def _found_at_last(self, letter: Letter, past: Past, trouble: AgainError) -> Mapping[str, Any]:
        try:
            found = self._find(letter, past) if letter.key in self._doubted else None
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


def _parent(status: Mapping[str, Any]) -> str:
    return str(status.get("in_reply_to_id") or "")
