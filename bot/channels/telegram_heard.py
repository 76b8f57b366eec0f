"""An update of Telegram's → what the owner has said or done. Pure; nobody but the owner is ever heard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from bot.channels.rendering import clean, safe_url
from bot.channels.telegram_buttons import Data, key_of
from bot.channels.telegram_cursor import Stored
from memory.records import Imprint, Kind, Message, Reaction, Shared

__all__ = ["ALLOWED", "Ear", "may_be_a_note", "number_of", "place"]

ALLOWED: Final = ("message", "callback_query", "message_reaction", "my_chat_member")
"""The kinds of updates that are wanted. Reactions come only to those who name them."""

_ADDRESSED: Final = re.compile(r"^(/\w+)@\w+")
_NUMBERED: Final = re.compile(r"^(\d{1,3}) · ", re.MULTILINE)
_TOGETHER: Final = 2.0
"""Seconds within which words and what is forwarded right after them were sent together."""
_CANNOT: Final = {
    "voice": ("voice", "audio", "video_note"),
    "picture": ("photo", "video", "animation"),
    "other": ("location", "contact", "poll", "venue", "dice", "story"),
}
"""What has no words of its own."""


def place(bot: str, number: int, own: bool = False) -> str:
    """How a message is known: numbers are given by bot, so a new bot begins anew. ``own``: the owner wrote it.

    The bot's messages and the owner's share their numbers; they are kept apart all the same, for where a send is in
    doubt the bot's are guessed.
    """
    return f"{bot}-{number}{'o' if own else ''}"


def number_of(bot: str, known: str) -> int:
    """Telegram's number of a message; 0 for one of another bot, or of none."""
    found = re.match(rf"{re.escape(bot)}-(\d+)", known)
    return int(found[1]) if found else 0


def may_be_a_note(message: Any) -> bool:
    """Whether these are plain words, to which something may be forwarded at once: the two are told one by one."""
    plain = message is not None and message.text and not _is_anothers(message)
    return bool(plain and not message.text.startswith("/"))


@dataclass(frozen=True, slots=True)
class Ear:
    """Hears one owner, by the number that Telegram knows people by, in the private chat with one bot."""

    channel: str
    owner: int
    bot: str

    def heard(self, updates: Sequence[Any], at: datetime, stored: Stored) -> Iterator[Message | Reaction]:
        """What the owner has said or done, in order. ``at`` is the instant it is, for cursors: ``stored``, and this."""
        for number, update in enumerate(updates):
            following = updates[number + 1] if number + 1 < len(updates) else None
            if not self._is_owners(update):
                continue
            stored = stored.and_(update)
            if self._belongs_to(update, following):
                continue
            before = updates[number - 1] if number else None
            note = before if before and self._belongs_to(before, update) else None
            for event in self._events(update, note, _at(updates[number:], at)):
                yield replace(event, cursor=stored.written(at))

    def _is_owners(self, update: Any) -> bool:
        user, chat = update.effective_user, update.effective_chat
        if user is None or chat is None or user.id != self.owner or chat.id != self.owner or chat.type != "private":
            return False
        return any(getattr(update, kind) is not None for kind in ALLOWED[:3])

    def _belongs_to(self, update: Any, following: Any) -> bool:
        """Whether an update holds the words that the owner has put to what is forwarded in the next one."""
        first, then = update.message, getattr(following, "message", None)
        if first is None or then is None or not self._is_owners(following):
            return False
        near = then.message_id == first.message_id + 1 and (then.date - first.date).total_seconds() <= _TOGETHER
        return near and may_be_a_note(first) and then.forward_origin is not None and _anothers(then) is not None

    def _events(self, update: Any, note: Any, at: datetime) -> Iterator[Message | Reaction]:
        if update.message is not None:
            yield from self._said(update.message, clean(note.message.text).strip() if note else "")
        elif update.callback_query is not None:
            yield from self._pressed(update.callback_query, at)
        else:
            yield from self._reacted(update.message_reaction)

    def _said(self, message: Any, note: str) -> Iterator[Message]:
        shared = _shared(message, note, self.bot)
        words = "" if shared else _ADDRESSED.sub(r"\1", clean(message.text or _sign(message)).strip())
        if not (shared or words):
            return
        replied, reply_to, imprint = message.reply_to_message, "", None
        if replied is not None:
            by_bot = replied.from_user is not None and str(replied.from_user.id) == self.bot
            reply_to = place(self.bot, replied.message_id, own=not by_bot)
            imprint = _imprint(replied) if by_bot else None
        known, at = place(self.bot, message.message_id, own=True), message.date.astimezone(UTC)
        yield Message(self.channel, words, at, known, reply_to, shared=shared, imprint=imprint)

    def _pressed(self, query: Any, at: datetime) -> Iterator[Message | Reaction]:
        """A choice counts once for each time that its buttons were drawn; what asks for something, each time.

        Presses bear no date: ``at`` is when they were made at the latest.
        """
        data = Data.read(query.data)
        if query.message is None or not data.says or data.drawn == "=":
            return
        about, imprint = place(self.bot, query.message.message_id), Imprint(data.key) if data.key else None
        if data.says.startswith("/"):
            yield Message(self.channel, data.says, at, f"{about}/{query.id}", about, imprint=imprint)
            return
        event = f"{self.channel}:{about}/{data.drawn or query.id}:{data.says}"
        felt = Reaction(Kind.MORE, at, source=self.channel, message=about, emoji=data.says, event=event)
        yield replace(felt, imprint=imprint)

    def _reacted(self, change: Any) -> Iterator[Reaction]:
        """Each emoji that was not there before; one that is taken back takes nothing back."""
        before = {getattr(sign, "emoji", "") for sign in change.old_reaction}
        about, at = place(self.bot, change.message_id), change.date.astimezone(UTC)
        own = place(self.bot, change.message_id, own=True)
        for sign in dict.fromkeys(getattr(sign, "emoji", "") for sign in change.new_reaction):
            if sign and sign not in before:
                event = f"{self.channel}:{about}/{int(at.timestamp())}:{sign}"
                yield Reaction(Kind.MORE, at, source=self.channel, message=about, emoji=sign, event=event, own=own)


def _imprint(message: Any) -> Imprint:
    """By its buttons, or by the number of an entry that begins it, after a warning or a word on a repeat."""
    key, number = key_of(message.reply_markup), _NUMBERED.search(clean(message.text or ""))
    return Imprint(key, int(number[1]) if number else 0, message.date.astimezone(UTC))


def _at(updates: Sequence[Any], now: datetime) -> datetime:
    """When the first of these happened, or at the latest: when the next one did that bears a date, in whole seconds."""
    dated = (update.message or update.message_reaction for update in updates)
    first: datetime | None = next((one.date.astimezone(UTC) for one in dated if one is not None), None)
    whole = now.replace(microsecond=0)
    return whole if first is None else min(whole, first)


def _sign(message: Any) -> str:
    return str(getattr(message.sticker, "emoji", None) or "")


def _shared(message: Any, note: str, bot: str) -> Shared | None:
    """What the owner hands on: forwarded, a link with words or without, a captioned picture, a file."""
    if post := _anothers(message):
        return replace(post, note=note, after="" if note else place(bot, message.message_id - 1, own=True))
    text, links = _words(message)
    if message.document is not None and message.animation is None:
        file = message.document
        return Shared(
            "file", name=clean(file.file_name or ""), size=file.file_size or 0, ref=str(file.file_id), note=text
        )
    kind = next((kind for kind, names in _CANNOT.items() if any(getattr(message, name) for name in names)), "")
    if kind == "picture" and text:
        return Shared("post", text=text, links=tuple(links.values()))
    if kind or _is_anothers(message):  # that may be a sticker
        return Shared(kind or "other")
    return _link(text, links)


def _words(message: Any) -> tuple[str, dict[str, str]]:
    """What is written in it or under it, and its links."""
    text, entities = message.text or message.caption or "", [*message.entities, *message.caption_entities]
    return clean(text).strip(), _links(text, entities)


def _is_anothers(message: Any) -> bool:
    return message.forward_origin is not None or message.via_bot is not None


def _link(text: str, found: Mapping[str, str]) -> Shared | None:
    """A link is shared where it begins or ends a message that asks nothing."""
    shown, url = next(
        ((shown, url) for shown, url in found.items() if text.startswith(shown) or text.endswith(shown)), ("", "")
    )
    words = " ".join(text.replace(shown, "").split()) if shown else ""
    if not shown or words.endswith(("?", "？", "؟")) or words.startswith("/"):
        return None
    return Shared("link", url=url, links=tuple(found.values()), note=words, open=True)


def _links(text: str, entities: Sequence[Any]) -> dict[str, str]:
    """As it is written → the address."""
    units, found = text.encode("utf-16-le"), dict[str, str]()
    for entity in entities:
        if entity.type in ("url", "text_link"):
            shown = units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le", "ignore")
            written = entity.url or shown
            url = safe_url(written if "://" in written else f"https://{written}")
            found |= {shown: url} if url and shown else {}
    return found


def _anothers(message: Any) -> Shared | None:
    """What somebody else wrote; None where that is nothing that can be read, such as a file that was only sent on."""
    if not _is_anothers(message):
        return None
    text, links = _words(message)
    post = replace(_origin(message), text=text, links=tuple(links.values()))
    return post if text or post.url else None


def _origin(message: Any) -> Shared:
    origin = message.forward_origin
    if origin is None:
        return Shared("post", author=str(message.via_bot.username or ""), at=message.date.astimezone(UTC))
    at = origin.date.astimezone(UTC)
    user, chat = (
        getattr(origin, "sender_user", None),
        getattr(origin, "chat", None) or getattr(origin, "sender_chat", None),
    )
    if user is not None:
        return Shared("post", author=clean(user.full_name), handle=_handle(user.username), at=at)
    if chat is not None:
        number = getattr(origin, "message_id", None)
        url = f"https://t.me/{chat.username}/{number}" if chat.username and number else ""
        return Shared(
            "post", url=url, author=clean(chat.title or ""), handle=_handle(chat.username), open=bool(url), at=at
        )
    return Shared("post", author=clean(getattr(origin, "sender_user_name", "") or ""), at=at)


def _handle(username: str | None) -> str:
    return f"{username}@t.me" if username else ""
