"""What is written to the owner: paced, in parts, and dated where it may be there already."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from bot.channels import Past
from bot.channels.telegram_api import Api
from bot.channels.telegram_buttons import drawn
from bot.channels.telegram_heard import number_of, place
from bot.channels.telegram_page import pages
from bot.channels.telegram_trouble import AgainError, RefusedError
from config.errors import ChannelError, DoubtfulSendError, RefusedSendError
from memory.records import Outgoing, Span

__all__ = ["Letters"]

_APART: Final = 1.0
"""Seconds between two messages in one chat, as Telegram wishes it."""
_MOST_DOUBLES: Final = 20


@dataclass
class _Begun:
    """A message on its way: what is written of it, and what is left."""

    spans: tuple[Span, ...]
    left: list[str]
    in_doubt: bool  # whether the first part that is left may be written already
    since: datetime
    written: list[int] = field(default_factory=list)
    doubted: bool = False  # at any time


@dataclass
class Letters:
    """Writes to the owner alone. What one process has begun it goes on with; another one begins it anew."""

    api: Api
    owner: int
    now: Callable[[], datetime]
    _begun: dict[str, _Begun] = field(default_factory=dict)
    _last: float = field(default=float("-inf"))

    def deliver(self, out: Outgoing, past: Past) -> tuple[str, ...]:
        """The ids of its parts, then those that an earlier saying may have had. Raises ChannelError."""
        begun = self._begun.get(out.key)
        if begun is None or begun.spans != out.spans:  # a deleted post may have been cut out of it
            in_doubt = past.in_doubt or bool(begun and (begun.doubted or begun.written))
            begun = _Begun(out.spans, pages(out), in_doubt, past.tried_at or self.now())
        if not begun.left:
            raise RefusedSendError(f"The message {out.key!r} is empty, so nothing was written.")
        self._begun[out.key] = begun
        while begun.left:
            self._write(out, begun)
        del self._begun[out.key]
        doubles = self._doubles(begun, past) if begun.doubted and past.alone() else []
        return tuple(place(self.api.bot_id, number) for number in (*begun.written, *doubles))

    def _write(self, out: Outgoing, begun: _Begun) -> None:
        """The next part. Raises ChannelError."""
        begun.doubted |= begun.in_doubt
        text = f"{_repeat(begun.since)}\n{begun.left[0]}" if begun.in_doubt else begun.left[0]
        try:
            sent = self._post(text, out, first=not begun.written, last=len(begun.left) == 1)
        except AgainError as trouble:
            begun.in_doubt |= trouble.doubtful
            if trouble.doubtful:
                raise DoubtfulSendError(f"It is unknown whether a message has arrived: {trouble}") from None
            raise self._not_sent(begun, trouble) from None
        except RefusedError as refusal:
            if refusal.kind == "BadRequest" and "chat not found" not in refusal.said.lower():
                del self._begun[out.key]
                raise RefusedSendError(str(refusal)) from None
            raise self._not_sent(begun, refusal) from None
        begun.written.append(int(sent.message_id))
        begun.in_doubt = False
        del begun.left[0]

    @staticmethod
    def _not_sent(begun: _Begun, trouble: ChannelError) -> ChannelError:
        """A part may be there already; only this process knows that."""
        if begun.written:
            return DoubtfulSendError(f"A message was written in part: {trouble}")
        return ChannelError(f"A message was not sent: {trouble}")

    def _post(self, text: str, out: Outgoing, *, first: bool, last: bool) -> Any:
        from telegram import LinkPreviewOptions, ReplyParameters

        # What has buttons comes after a head, which has rung already and which it need not quote.
        answered = number_of(self.api.bot_id, out.reply_to) if first and not out.offers else 0
        reply = ReplyParameters(answered, allow_sending_without_reply=True) if answered else None
        rest = _APART - (time.monotonic() - self._last)
        if rest > 0:
            self.api.sleep(rest)
        try:
            return self.api.insist(
                "send_message",
                chat_id=self.owner,
                text=text,
                parse_mode="HTML",
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                disable_notification=bool(out.offers),
                reply_parameters=reply,
                reply_markup=drawn(out.offers, out.key) if last else None,
            )
        finally:
            self._last = time.monotonic()

    def _doubles(self, begun: _Begun, past: Past) -> Sequence[int]:
        """Numbers that an earlier saying may have: they are between what is recorded and what is written now.

        Some may be the owner's own messages, which are known by another name. Nothing else of the bot's is underway.
        """
        known = [number_of(self.api.bot_id, one) for one in past.recorded()]
        low, high = max(known, default=0), max(begun.written)
        return [n for n in range(max(low + 1, high - _MOST_DOUBLES), high) if n > 0 and n not in begun.written]


def _repeat(since: datetime) -> str:
    at = since.astimezone(UTC)
    return f"<i>{escape(f'May be a repeat: I first tried to say this on {at.day} {at:%B}, {at:%H:%M} UTC.')}</i>"
