"""Signal: the folders of signal-export (a data.json a chat), or the messages of Signal Desktop as one JSON file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from memory.records import Fetched, Media
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.chats import Chat, Line
from tools.importers.reading import Path, json_lines, walk
from tools.importers.words import instant, person

KIND: Final = "signal"
_AGAIN: Final = ("chat.md", "index.html")  # the same messages, for people
_NAMES: Final = ("name", "profileFullName", "profileName", "e164")


def recognises(opened: Opened) -> bool:
    """A data.json with senders and bodies, or rows of Signal Desktop."""
    return any(
        _is_lines(opened, name) or _is_desktop(opened, name) for name in opened.matching("*.json", "*.jsonl")[:9]
    )


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``me``: the owner's name, where the export does not say Me."""
    whose = Whose.of(settings, "importer signal")
    return Importer(KIND, opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All messages of all chats."""
    for name in opened.matching("*.json", "*.jsonl"):
        if _is_lines(opened, name):
            opened.looked_at.update(f"{name.rpartition('/')[0]}/{other}".lstrip("/") for other in _AGAIN)
            yield from _by_lines(opened, name, whose)
        elif _is_desktop(opened, name):
            yield from _desktop(opened, name, whose)


def _is_lines(opened: Opened, name: str) -> bool:
    first = opened.head(name, 2048).lstrip()
    return first.startswith(b'{"') and b'"sender"' in first and b'"body"' in first and b'"date"' in first


def _is_desktop(opened: Opened, name: str) -> bool:
    first = opened.head(name, 1 << 14)
    return b'"conversationId"' in first or (b'"conversations"' in first and b'"messages"' in first)


def _by_lines(opened: Opened, name: str, whose: Whose) -> Rows:
    folder = name.split("/")[-2] if "/" in name else opened.path.parent.name if opened.path.is_file() else opened.stem
    chat, places = Chat(KIND, folder, folder, whose), Counter[str]()
    for row in json_lines(opened, name):
        if isinstance(row, RowError):
            yield row
            continue
        place, value = row
        try:
            yield _line(chat, value, places, place)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            yield RowError(place, f"it is no message ({type(error).__name__})")


def _line(chat: Chat, row: Mapping[str, Any], places: Counter[str], place: str) -> Fetched | RowError:
    sender, at = str(row["sender"] or "somebody"), instant(row["date"])
    places[at.isoformat()] += 1
    media = tuple(Media("file", url=str(file.get("name") or "")) for file in row.get("attachments") or ())
    text = str(row.get("body") or "")
    if not text.strip():
        return empty(place, "a picture or file without words" if media else "a message without words")
    own = sender == "Me" or chat.whose.is_me(sender)
    key = f"{at.isoformat()}-{places[at.isoformat()]}"
    return chat.message(Line(key, person(KIND, sender), at, text, own=own, media=media))


def _desktop(opened: Opened, name: str, whose: Whose) -> Rows:
    chats: dict[str, Chat] = {}
    names: dict[str, str] = {}
    for number, (path, row) in enumerate(walk(opened, name, _is_row)):
        if not _is_row(path):
            continue
        place = f"Row {row['id'] if isinstance(row, dict) and 'id' in row else number} of {name}"
        try:
            if path[0] == "conversations":
                names[str(row["id"])] = next((str(row[key]) for key in _NAMES if row.get(key)), str(row["id"]))
                continue
            number_of = str(row["conversationId"])
            called = str(row.get("conversationName") or names.get(number_of) or number_of)
            chat = chats.setdefault(number_of, Chat(KIND, number_of, called, whose))
            yield _row(chat, row, names, place)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            yield RowError(place, f"it is no message ({type(error).__name__})")


def _is_row(path: Path) -> bool:
    return path in (("",), ("messages", ""), ("conversations", ""))


def _row(chat: Chat, row: Mapping[str, Any], names: Mapping[str, str], place: str) -> Fetched | RowError:
    if row.get("type", "incoming") not in ("incoming", "outgoing"):
        return empty(place, "a line of the app itself")
    text = str(row.get("body") or "")
    key = str(row.get("id") or row.get("sent_at") or row["timestamp"])
    if row.get("deletedForEveryone"):
        return chat.gone(key)
    if not text.strip():
        return empty(place, "a picture or file without words" if row.get("attachments") else "a message without words")
    own = row.get("type") == "outgoing"
    number = str(row.get("sourceUuid") or row.get("sourceServiceId") or row.get("source") or "")
    called = "Me" if own else names.get(number) or number or chat.name
    author = person(KIND, "me" if own else number or chat.name, called)
    return chat.message(Line(key, author, instant(row.get("sent_at") or row["timestamp"]), text, own=own))
