"""The long posts of an X archive: their whole text stands in a file of its own, which does not say whose text it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from memory.records import Account, Fetched, Item, Kind
from tools.importers.deeds import done
from tools.importers.fields import inner, listed, word
from tools.importers.rows import RowError
from tools.importers.twitter_files import Scripts
from tools.importers.twitter_posts import SOURCE, Writing, unescaped
from tools.importers.words import instant, tags_in, uri

_CUT: Final = re.compile(r"(?:\s*+https?://t\.co/\w+)*+\s*+(?:…|\.\.\.)?+(?:\s*+https?://t\.co/\w+)*+\s*+\Z")
_CALLING: Final = re.compile(r"\A(?:@\w+\s+)+")
_TAIL: Final = 300  # signs in which a cut would stand
_BEGINS: Final = 40  # signs by which a text is looked up
_LONG: Final = 200  # signs: shorter posts are never cut off
_CUT_TO: Final = 2000  # signs, entities and links included, that are left of one that was


@dataclass(frozen=True)
class Note:
    """A long post. ``at`` is when it was written, in UTC."""

    key: str
    text: str
    at: datetime


@dataclass
class Notes:
    """All long posts, by how they begin; ``found`` are those whose post has come by."""

    writing: Writing
    known: dict[str, list[Note]] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)

    def read(self, scripts: Scripts) -> list[RowError]:
        """Read them all; what cannot be read is returned."""
        faults = list[RowError]()
        for step in scripts.rows("note-tweet"):
            if isinstance(step, RowError):
                faults.append(step)
                continue
            try:
                self._add(step[1])
            except (ValueError, OverflowError) as error:
                faults.append(RowError(step[0], str(error)))
        return faults

    def _add(self, row: object) -> None:
        note = inner(row, "noteTweet")
        core, key = inner(note, "core"), word(note, "noteTweetId")
        at, text = instant(word(note, "createdAt")), word(core, "text")
        if not key or not text.strip():
            raise ValueError("it is no long post")
        self.writing.learn(listed(core, "urls"), "shortUrl", "expandedUrl")
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
        self.known.setdefault(_start(text), []).append(Note(key, text, at))

    def whole(self, text: str, at: datetime) -> str:
        """The whole text of a post that was cut off, or nothing where it was not."""
        if not self.known or len(text) > _CUT_TO:
            return ""
        beginning = text[:-_TAIL] + _CUT.sub("", text[-_TAIL:])
        if len(beginning) < _LONG:
            return ""
        for begins in (beginning, _CALLING.sub("", beginning)):
            fits = [note for note in self.known.get(_start(begins), ()) if _plain(note.text).startswith(_plain(begins))]
            if fits:
                note = min(fits, key=lambda note: abs(note.at - at))
                self.found.add(note.key)
                return note.text
        return ""

    def left(self, author: Account) -> list[Fetched]:
        """Those whose post is not in the archive: their words are kept all the same."""
        lost = (note for notes in self.known.values() for note in notes if note.key not in self.found)
        return [self._item(note, author) for note in lost]

    def _item(self, note: Note, author: Account) -> Fetched:
        name = uri(SOURCE, "note", note.key)
        text, links = self.writing.words(note.text)
        item = Item(name, name, author.uri, note.at, text, source=SOURCE, links=links, tags=tags_in(text))
        item = replace(item, visibility=self.writing.visibility)
        return done(item, [author], (Kind.AUTHORED, note.at))


def _plain(text: str) -> str:
    return " ".join(unescaped(text).split())


def _start(text: str) -> str:
    return _plain(text[: 4 * _BEGINS])[:_BEGINS]
