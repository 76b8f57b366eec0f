"""result.json of WhatsApp-Chat-Exporter: chats by their address, each with its messages by their number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.errors import SourceError
from memory.records import Fetched, Media
from tools.importers.chats import Chat, Line
from tools.importers.contacts import Contacts
from tools.importers.opening import Opened
from tools.importers.reading import walk
from tools.importers.rows import RowError, Whose, empty, squeezed
from tools.importers.words import instant, person

_ADDRESS: Final = re.compile(rb'"[\w.-]+@(?:s\.whatsapp\.net|g\.us|lid|broadcast|newsletter)"\s*:\s*\{')
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


def is_exporter(opened: Opened, name: str) -> bool:
    """Whether a JSON file begins with a chat's address."""
    return _ADDRESS.search(opened.head(name)) is not None


def exported(opened: Opened, name: str, whose: Whose, contacts: Contacts) -> Iterator[Fetched | SourceError]:
    """All messages of the file. Raises SourceError where it is damaged."""
    chats: dict[str, Chat] = {}
    names: dict[str, str] = {}
    for path, value in walk(opened, name, lambda path: len(path) == 3 and path[1] == "messages"):
        if len(path) == 2 and path[1] == "name" and value:
            names[path[0]] = str(value)
        if len(path) != 3 or path[1] != "messages":
            continue
        address, number = path[0], path[2]
        if address not in chats:
            called = names.get(address) or contacts.name_of(address) or address.partition("@")[0]
            chats[address] = Chat("whatsapp", address, called, whose)
        place = f"Message {number} of {address} in {name}"
        try:
            yield _message(chats[address], number, value, contacts, place)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            yield RowError(place, f"it is no message ({type(error).__name__})")


def _message(chat: Chat, number: str, row: Mapping[str, Any], contacts: Contacts, place: str) -> Fetched | RowError:
    key = str(row.get("key_id") or number)
    own = row.get("from_me") is True
    if row.get("meta") is True:
        deleted = "deleted" in str(row.get("data") or "").lower()
        return chat.gone(key) if deleted else empty(place, "a line of the app itself")
    data, caption = str(row.get("data") or ""), str(row.get("caption") or "")
    media = (Media(str(row.get("mime") or "file").partition("/")[0], url=data),) if row.get("media") else ()
    text = caption if media else _BREAK.sub("\n", data)
    if not text.strip():
        return empty(place, "a picture or file without words" if media else "a message without words")
    called = "me" if own else _sender(chat, str(row.get("sender") or ""), contacts)
    author = person("whatsapp", squeezed(called), called)
    return chat.message(
        Line(key, author, instant(row["timestamp"]), text, own=own, answers=str(row.get("reply") or ""), media=media)
    )


def _sender(chat: Chat, sender: str, contacts: Contacts) -> str:
    """In a chat of two it is nobody else than the one it is called after."""
    return (contacts.name_of(sender) or sender) if sender else chat.name
