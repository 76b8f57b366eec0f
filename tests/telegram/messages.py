"""What stands in a chat: messages, files and pressed buttons, in the form in which the Bot API tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.telegram.entities import Entity
from tests.telegram.rules import shown

if TYPE_CHECKING:
    from tests.telegram.people import Chat, User

Json = dict[str, Any]


@dataclass
class File:
    """Bytes that Telegram keeps. ``size`` may be more than there are bytes: nobody needs 20 MB to be refused them."""

    id: str
    path: str
    size: int
    data: bytes = b""

    def as_json(self) -> Json:
        """What every kind of file has."""
        return {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": self.size}


@dataclass
class Message:
    """One message in one chat. ``sender`` None: the bot. The words under a picture are its text, too."""

    id: int
    chat: Chat
    sender: User | None
    at: datetime
    text: str
    entities: list[Entity] = field(default_factory=list)
    keyboard: Json | None = None
    reply_to: Message | None = None
    media: Json = field(default_factory=dict)
    extra: Json = field(default_factory=dict)  # forward_origin and the like
    preview: Json = field(default_factory=dict)  # link_preview_options
    protected: bool = False
    edited_at: datetime | None = None
    deleted: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)  # by the id of who reacted
    before: list[str] = field(default_factory=list)  # its texts before it was edited

    @property
    def buttons(self) -> list[str]:
        """What is written on its buttons, row by row."""
        return [str(button["text"]) for row in (self.keyboard or {}).get("inline_keyboard", []) for button in row]

    @property
    def links(self) -> list[str]:
        """Where its words lead: marked links, and addresses that Telegram finds."""
        found = [entity for entity in self.entities if entity["type"] in ("text_link", "url")]
        return [str(entity.get("url") or shown(self.text, entity)) for entity in found]

    @property
    def mentions(self) -> list[str]:
        """Whom it calls."""
        return [shown(self.text, entity) for entity in self.entities if entity["type"] == "mention"]

    def marked(self, kind: str) -> list[str]:
        """The words that are marked so: bold, blockquote, code …"""
        return [shown(self.text, entity) for entity in self.entities if entity["type"] == kind]

    def as_json(self, bot: Json, whole: bool = True) -> Json:
        """As the Bot API tells of it; what it replies to comes along, and no further."""
        if self.deleted:
            return {"message_id": self.id, "chat": self.chat.as_chat(), "date": 0}
        told: Json = {"message_id": self.id, "date": stamp(self.at), "chat": self.chat.as_chat()}
        told |= {"from": self.sender.as_user() if self.sender else bot, **self.media, **self.extra}
        words = ("caption", "caption_entities") if self.media else ("text", "entities")
        told |= {name: value for name, value in zip(words, (self.text, self.entities), strict=True) if value}
        told |= {"edit_date": stamp(self.edited_at)} if self.edited_at else {}
        told |= {"reply_markup": self.keyboard} if self.keyboard else {}
        told |= {"link_preview_options": self.preview} if self.preview else {}
        told |= {"has_protected_content": True} if self.protected else {}
        if whole and self.reply_to and not self.reply_to.deleted:
            told["reply_to_message"] = self.reply_to.as_json(bot, whole=False)
        return told


@dataclass
class Query:
    """A button was pressed, and its client shows a progress bar until the bot answers."""

    id: str
    by: User
    message: Message
    data: str
    at: datetime
    answered_at: datetime | None = None
    notice: str = ""
    alert: bool = False

    def as_json(self, bot: Json) -> Json:
        """As the Bot API tells of it."""
        told = {"id": self.id, "from": self.by.as_user(), "message": self.message.as_json(bot), "data": self.data}
        return {**told, "chat_instance": f"{7_000_000 + self.message.chat.id}"}


@dataclass(frozen=True)
class Call:
    """A method that the bot has called, with its parameters as they came, and what it was told (0: nothing)."""

    method: str
    given: Json
    status: int


def stamp(at: datetime) -> int:
    """Unix time, which is how Telegram dates."""
    return int(at.timestamp())
