"""Who uses Telegram, and what they do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tests.telegram.entities import plain
from tests.telegram.messages import Message, Query, stamp
from tests.telegram.rules import REACTIONS

if TYPE_CHECKING:
    from tests.telegram.world import Town

Json = dict[str, Any]


@dataclass(eq=False)
class Chat:
    """A group, seen by the bot if it is in it. A private chat is a User."""

    id: int
    title: str
    town: Town = field(repr=False)
    has_bot: bool = False

    def as_chat(self) -> Json:
        """As messages name it."""
        return {"id": self.id, "type": "supergroup", "title": self.title}


@dataclass(eq=False)
class User(Chat):
    """A person, and their private chat with the bot, which has the same id. ``title`` is the first name."""

    username: str = ""
    started: bool = False
    blocked: bool = False

    def as_chat(self) -> Json:
        """The private chat with the bot."""
        return {"id": self.id, "type": "private", **self._names}

    def as_user(self) -> Json:
        """Who wrote, pressed or reacted."""
        return {"id": self.id, "is_bot": False, **self._names, "language_code": "en"}

    @property
    def _names(self) -> Json:
        return {"first_name": self.title} | ({"username": self.username} if self.username else {})

    def starts(self, payload: str = "") -> Message:
        """Press START, perhaps on a deep link (t.me/bot?start=payload). It takes back a block."""
        if self.blocked:
            self.unblocks()
        self.started = True
        return self.says(f"/start {payload}".strip())

    def says(self, text: str, reply_to: Message | None = None, chat: Chat | None = None, **extra: Any) -> Message:
        """Write to the bot, or into a group."""
        words = plain(text)
        return self._writes(chat or self, words.text, words.entities, reply_to, extra=extra)

    def sends_photo(self, caption: str = "", size: int = 90_000) -> Message:
        """A picture, in the two sizes that Telegram makes of it."""
        big, small = (self.town.file(f"photos/file_{n}.jpg", size // n, b"\xff\xd8") for n in (1, 9))
        sizes = [{**one.as_json(), "width": side, "height": side} for one, side in ((small, 90), (big, 800))]
        return self._with_caption({"photo": sizes}, caption)

    def sends_document(
        self, name: str, data: bytes = b"", caption: str = "", size: int | None = None, kind: str = ""
    ) -> Message:
        """A file of these bytes; ``size`` may claim more of them."""
        file = self.town.file(f"documents/file_{PurePosixPath(name).suffix}", len(data) if size is None else size, data)
        told = {**file.as_json(), "file_name": name, "mime_type": kind or "application/octet-stream"}
        return self._with_caption({"document": told}, caption)

    def sends_voice(self, seconds: int = 4) -> Message:
        """A voice message."""
        file = self.town.file("voice/file_1.oga", 9000, b"OggS")
        return self._with_caption({"voice": {**file.as_json(), "duration": seconds, "mime_type": "audio/ogg"}}, "")

    def forwards(self, text: str, origin: Json, photo: bool = False) -> Message:
        """Hand on what somebody else has written; the origins are below."""
        extra = {"forward_origin": {**origin, "date": stamp(self.town.now()) - 3600}}
        if photo:
            file = self.town.file("photos/file_2.jpg", 50_000, b"\xff\xd8")
            sizes = [{**file.as_json(), "width": 320, "height": 200}]
            return self._with_caption({"photo": sizes}, text, extra)
        words = plain(text)
        return self._writes(self, words.text, words.entities, extra=extra)

    def sends(self, media: Json, extra: Json) -> Message:
        """Anything without words, as the Bot API tells of it."""
        return self._with_caption(media, "", extra)

    def edits(self, message: Message, text: str) -> None:
        """Change one's own message."""
        assert message.sender is self, "nobody edits what another has written"
        with self.town.changed:
            words = plain(text)
            message.before.append(message.text)
            message.text, message.entities, message.edited_at = words.text, words.entities, self.town.now()
            self.town.tell("edited_message", message.as_json(self.town.bot))

    def presses(self, message: Message, button: str) -> Query:
        """Press the button on which that is written (or that begins so)."""
        assert message.sender is None and not message.deleted, "there are buttons on what a bot says only"
        rows = (message.keyboard or {}).get("inline_keyboard", [])
        found = [one for row in rows for one in row if one["text"].startswith(button)]
        assert found, f"there is no button {button!r} on {message.buttons}"
        with self.town.changed:
            query = Query(
                str(9_000_000 + len(self.town.queries)), self, message, found[0]["callback_data"], self.town.now()
            )
            self.town.queries[query.id] = query
            self.town.tell("callback_query", query.as_json(self.town.bot))
        return query

    def reacts(self, message: Message, *emoji: str) -> None:
        """Put these reactions under a message in place of one's earlier ones; none takes them back."""
        assert set(emoji) <= REACTIONS, f"Telegram's menu does not hold all of {emoji}"
        assert not message.deleted, "it is gone"
        with self.town.changed:
            old = message.reactions.get(self.id, [])
            message.reactions[self.id] = list(emoji)
            told = {"chat": message.chat.as_chat(), "message_id": message.id, "user": self.as_user()}
            told |= {"date": stamp(self.town.now()), "old_reaction": _reactions(old), "new_reaction": _reactions(emoji)}
            if message.chat is self:  # in groups the bot would have to be an administrator
                self.town.tell("message_reaction", told)

    def blocks(self) -> None:
        """Stop the bot."""
        self.blocked = True
        self._membership(self, "member", "kicked")

    def unblocks(self) -> None:
        """Let it speak again."""
        self.blocked = False
        self._membership(self, "kicked", "member")

    def adds_bot_to(self, group: Chat) -> None:
        """The bot is a member from now on, and is told so twice."""
        group.has_bot = True
        self._membership(group, "left", "member")
        self._writes(group, "", [], extra={"new_chat_members": [self.town.bot]})

    def _with_caption(self, media: Json, caption: str, extra: Json | None = None) -> Message:
        words = plain(caption)
        return self._writes(self, words.text, words.entities, media=media, extra=extra)

    def _writes(
        self,
        chat: Chat,
        text: str,
        entities: list[Json],
        reply_to: Message | None = None,
        media: Json | None = None,
        extra: Json | None = None,
    ) -> Message:
        assert chat is not self or self.started, f"{self.title} has not pressed START"
        assert chat is not self or not self.blocked, f"{self.title} has blocked the bot"
        with self.town.changed:
            message = self.town.put(chat, self, text, entities, reply_to=reply_to, media=media or {}, extra=extra or {})
            if chat is self or (chat.has_bot and self._concerns_bot(message)):
                self.town.tell("message", message.as_json(self.town.bot))
        return message

    def _concerns_bot(self, message: Message) -> bool:
        """In groups a bot hears commands, replies to it and its name only."""
        command = any(entity["type"] == "bot_command" for entity in message.entities)
        replies = message.reply_to is not None and message.reply_to.sender is None
        return command or replies or bool(message.extra) or f"@{self.town.bot['username']}" in message.mentions

    def _membership(self, chat: Chat, old: str, new: str) -> None:
        with self.town.changed:
            ends = {"kicked": {"until_date": 0}}
            members = [{"user": self.town.bot, "status": one, **ends.get(one, {})} for one in (old, new)]
            told = {"chat": chat.as_chat(), "from": self.as_user(), "date": stamp(self.town.now())}
            told |= {"old_chat_member": members[0], "new_chat_member": members[1]}
            self.town.tell("my_chat_member", told)


def _reactions(emoji: Sequence[str]) -> list[Json]:
    return [{"type": "emoji", "emoji": one} for one in emoji]


def by_user(user: User) -> Json:
    """Who wrote what is forwarded, and lets it be known."""
    return {"type": "user", "sender_user": user.as_user()}


def by_hidden(name: str) -> Json:
    """Somebody whose account is not told."""
    return {"type": "hidden_user", "sender_user_name": name}


def by_channel(title: str, username: str, message_id: int) -> Json:
    """A post of a public channel, which has an address (t.me/username/message_id)."""
    chat = {"id": -1_001_000_000_777, "type": "channel", "title": title, "username": username}
    return {"type": "channel", "chat": chat, "message_id": message_id}
