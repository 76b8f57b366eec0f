"""Tables of anything: which column, or key, is the text, the time, the author …

Each of these can be named in the settings (``text = "Body"``); without that, the first that goes by one of its usual
names is taken:

    text       text, body, content, message, note, highlight, description
    at         at, date, time, timestamp, created_at, created, published, datetime
    title      title, name, subject, headline
    author     author, from, sender, user, username, creator
    url        url, link, href, uri
    id         id, guid, key, message_id
    tags       tags, labels, categories (a list, or with commas between)
    thread     thread, chat, conversation, channel
    language   language, lang

``kind`` is what an item is (note), ``source`` what it is found under (the kind of file); ``own`` = "yes": the owner
wrote all of it, ``deed`` = "like" or "bookmark": did that with all of it. Keys within keys are written with dots.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from config.errors import ConfigError
from memory.records import Fetched, Kind, Visibility
from tools.importers.notes import Leaf
from tools.importers.opening import Opened
from tools.importers.rows import RowError, Whose, empty
from tools.importers.words import instant, person, uri

_USUAL: Final = {
    "text": ("text", "body", "content", "message", "note", "highlight", "description"),
    "at": ("at", "date", "time", "timestamp", "created_at", "created", "published", "datetime"),
    "title": ("title", "name", "subject", "headline"),
    "author": ("author", "from", "sender", "user", "username", "creator"),
    "url": ("url", "link", "href", "uri"),
    "id": ("id", "guid", "key", "message_id"),
    "tags": ("tags", "labels", "categories"),
    "thread": ("thread", "chat", "conversation", "channel"),
    "language": ("language", "lang"),
}
SETTINGS: Final = (*_USUAL, "kind", "source", "own", "deed")
_DEEDS: Final = {"": None, "like": Kind.LIKE, "bookmark": Kind.BOOKMARK, "authored": Kind.AUTHORED}


_ISSUE: Final = re.compile(
    r"[\s_.-]*(?:\(\d+\)|\d{4}-\d\d(?:-\d\d)?(?:[T_ -]*\d\d[-_.:]?\d\d(?:[-_.:]?\d\d)?Z?)?|\d{8})(?=(?:\.\w+)?\Z)"
)


def series(name: str) -> str:
    """What all exports of a series are called: the next one differs in the date or the number at its end."""
    while (shorter := _ISSUE.sub("", name)) not in (name, "") and not shorter.startswith("."):
        name = shorter
    return name


@dataclass(frozen=True)
class Table:
    """How the rows of one export are read. ``fields``: what → the names it may go by."""

    source: str
    kind: str
    deed: Kind | None
    whose: Whose
    export: str
    modified: datetime
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, whose: Whose, source: str, opened: Opened, name: str) -> Table:
        """By the settings. Raises ConfigError."""
        given = whose.more
        deed = "authored" if str(given.get("own", "")).lower() in ("yes", "true", "1") else str(given.get("deed", ""))
        if deed not in _DEEDS:
            raise ConfigError(f"deed = {deed!r} is unknown; write like, bookmark or authored.")
        fields = {what: (str(given[what]),) if what in given else usual for what, usual in _USUAL.items()}
        source = str(given.get("source", source))
        at = opened.modified(name)
        return cls(source, str(given.get("kind", "note")), _DEEDS[deed], whose, series(opened.stem), at, fields)

    def step(self, row: Any, place: str) -> Fetched | RowError:
        """A row as an item."""
        if not isinstance(row, Mapping):
            return RowError(place, "it is no row with names")
        low = {str(key).strip().lower(): value for key, value in row.items()}
        text, title, url = (self._word(low, what) for what in ("text", "title", "url"))
        if not text and not title:
            return empty(place, "a row without words")
        try:
            return self._item(low, text, title, url if url.startswith(("http://", "https://")) else "")
        except ValueError as error:
            return RowError(place, str(error))

    def knows(self, row: Mapping[str, Any]) -> bool:
        """Whether there is a column that could hold words."""
        columns = {column.strip().lower() for column in row}
        return not columns.isdisjoint(name.lower() for what in ("text", "title") for name in self.fields[what])

    def _item(self, row: Mapping[str, Any], text: str, title: str, url: str) -> Fetched:
        at, author = self._value(row, "at"), self._word(row, "author")
        number, thread = self._word(row, "id"), self._word(row, "thread")
        words = json.dumps([str(at or ""), author, title, text], ensure_ascii=False)
        key = number or hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=10).hexdigest()
        own = self.deed is None and bool(author) and self.whose.is_me(author)
        return Leaf(
            self.source,
            (self.export, key),
            self.whose.instant(instant(at) if at else self.modified),
            text,
            title=title,
            author=person(self.source, author) if author else None,
            deed=Kind.AUTHORED if own else self.deed,
            kind=self.kind,
            url=url,
            name=url if url and not number else "",
            language=self._word(row, "language"),
            links=(url,) if url else (),
            tags=self._tags(row),
            visibility=Visibility.DIRECT,
            reply_to=uri(self.source, self.export, thread) if thread else "",
        ).step()

    def _value(self, row: Mapping[str, Any], what: str) -> Any:
        for name in self.fields[what]:
            value: Any = row.get(name.lower())
            if value is None and "." in name:
                value = row
                for step in name.split("."):
                    value = value.get(step, value.get(step.lower())) if isinstance(value, Mapping) else None
            if value not in (None, ""):
                return value
        return None

    def _word(self, row: Mapping[str, Any], what: str) -> str:
        value = self._value(row, what)
        return str(value).strip() if isinstance(value, str | int | float | Decimal) else ""

    def _tags(self, row: Mapping[str, Any]) -> list[str] | None:
        value = self._value(row, "tags")
        if isinstance(value, list):
            return [str(tag) for tag in value[:200] if isinstance(tag, str | int)]
        return str(value).replace(";", ",").split(",") if isinstance(value, str) else None
