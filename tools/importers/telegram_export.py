"""Telegram Desktop: result.json of one chat, or of everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from memory.records import Fetched, Media, Visibility
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.chats import Chat, Line
from tools.importers.reading import Path, walk
from tools.importers.words import instant, person

KIND: Final = "telegram"
_PUBLIC: Final = ("public_supergroup", "public_channel")
_CHANNELS: Final = ("public_channel", "private_channel")
_FILES: Final = ("photo", "file")


def recognises(opened: Opened) -> bool:
    """A JSON file that begins with a chat, or with the account and its chats."""
    return bool(_files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``me``: the owner's name or number (user123) there; an export of everything tells it by itself."""
    whose = Whose.of(settings, "importer telegram_export")
    return Importer(KIND, opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All messages of all chats."""
    names = _files(opened) or opened.matching("*.json")[:1] or opened.names[:1]
    for name in names:
        yield from _Export(opened, name, whose).rows()


def _files(opened: Opened) -> list[str]:
    return [name for name in opened.matching("*.json") if _is_one(opened.head(name))]


def _is_one(head: bytes) -> bool:
    tight = b"".join(head.split())
    if b'"chats":{' in tight or b'"personal_information":{' in tight:
        return b"@s.whatsapp.net" not in tight
    return b'"messages":[{' in tight and (b'"date_unixtime":' in tight or b'"from_id":' in tight)


@dataclass
class _Export:
    """One file, read from top to bottom; the chat that is being read, and its name, type and number."""

    opened: Opened
    name: str
    whose: Whose
    me: set[str] = field(default_factory=set)
    about: dict[str, str] = field(default_factory=dict)
    chat: Chat | None = None

    def rows(self) -> Rows:
        for number, (path, value) in enumerate(walk(self.opened, self.name, _is_message)):
            if _is_message(path):
                yield self._row(value, f"Message {number} of {self.name}")
            elif path[:1] == ("personal_information",) and path[-1] == "user_id":
                self.me.add(f"user{value}")
            elif path[-1:] and path[-1] in ("name", "type", "id") and len(path) in (1, 4):
                self._about(path[:-1], path[-1], str(value))

    def _about(self, within: Path, key: str, value: str) -> None:
        if key in self.about or (self.chat is not None and within != ()):
            self.about, self.chat = {}, None  # the next chat begins
        self.about[key] = value

    def _row(self, row: Any, place: str) -> Fetched | RowError:
        try:
            place = f"Message {row['id']} of {self.about.get('name', 'a chat')}" if "id" in row else place
            return self._message(row, place)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            return RowError(place, f"it is no message ({type(error).__name__})")

    def _message(self, row: Mapping[str, Any], place: str) -> Fetched | RowError:
        if row.get("type") != "message":
            return empty(place, "a line of the app itself")
        text, links = flat(row.get("text") or row.get("text_entities") or "")
        media = tuple(Media(what, url=str(row[what])) for what in _FILES if row.get(what))
        if not text.strip():
            return empty(place, "a picture or file without words" if media else "a message without words")
        chat = self._chat()
        at = instant(row.get("date_unixtime") or row["date"])
        key = str(row["id"]) if "id" in row else f"{at.isoformat()}-{row.get('from')}"
        author, number = str(row.get("from") or "somebody who is gone"), str(row.get("from_id") or "")
        own = number in self.me or self.whose.is_me(author, number) or self.about.get("type") == "saved_messages"
        forwarded = row.get("forwarded_from") or row.get("saved_from")
        return chat.message(
            Line(
                key,
                person(KIND, number or author, author),
                at,
                f"{text}\n(forwarded from {forwarded})" if forwarded else text,
                own=own and not forwarded,
                answers=str(row.get("reply_to_message_id") or ""),
                media=media,
                edited_at=_edited(row),
                visibility=Visibility.PUBLIC if self.about.get("type") in _PUBLIC else Visibility.DIRECT,
                links=links,
            )
        )

    def _chat(self) -> Chat:
        if self.chat is None:
            name = self.about.get("name") or self.opened.stem
            kind = "post" if self.about.get("type") in _CHANNELS else "chat"
            self.chat = Chat(KIND, self.about.get("id") or name, name, self.whose, kind)
        return self.chat


def flat(text: str | Iterable[str | Mapping[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """Text in which some stretches are marked, as one; and the addresses that such stretches hide."""
    if isinstance(text, str):
        return text, ()
    parts = [part if isinstance(part, str) else str(part.get("text") or "") for part in text]
    links = [str(part["href"]) for part in text if isinstance(part, Mapping) and part.get("href")]
    return "".join(parts), tuple(link for link in links if link.startswith(("http://", "https://")))


def _is_message(path: Path) -> bool:
    return path in (("messages", ""), ("chats", "list", "", "messages", ""), ("left_chats", "list", "", "messages", ""))


def _edited(row: Mapping[str, Any]) -> Any:
    written = row.get("edited_unixtime") or row.get("edited")
    return instant(written) if written else None
