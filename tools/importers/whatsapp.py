"""WhatsApp: chats that a telephone exports (_chat.txt, or its zip), and result.json of WhatsApp-Chat-Exporter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final

from config.errors import SourceError
from memory.records import Fetched
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.chats import Chat, Line
from tools.importers.contacts import Contacts
from tools.importers.reading import charset, lines
from tools.importers.rows import squeezed
from tools.importers.whatsapp_exporter import exported, is_exporter
from tools.importers.whatsapp_lines import Head, Survey, head, instant
from tools.importers.whatsapp_marks import deleted, files, of_the_app, title_in, unmarked
from tools.importers.words import person

KIND: Final = "whatsapp"
_NO: Final = (False, "no", "false", "0")  # also as the command line has it
_LONGEST: Final = 100_000  # characters of one message: WhatsApp itself allows 65,536


def recognises(opened: Opened) -> bool:
    """A text that begins as a chat does, or the JSON of the exporter."""
    return any(is_exporter(opened, name) for name in opened.matching("*.json")[:5]) or bool(_chats(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``me``: the owner's name in the chats; ``chat``: what the chat is called; ``days_first``: where a file leaves
    open whether 3/4 is in April; ``contacts``: a Google contacts.csv, beside one that lies in the export.
    """
    whose = Whose.of(settings, f"importer {KIND}", "chat", "days_first", "contacts")
    return Importer(KIND, opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All messages of all chats in the export."""
    contacts = Contacts.found(opened, whose.more.get("contacts"))
    yield from contacts.faults
    texts, jsons = _chats(opened), [name for name in opened.matching("*.json") if is_exporter(opened, name)]
    if not texts and not jsons:
        raise SourceError(f"{opened.path.name} holds no WhatsApp chat: export it anew, without changing the file.")
    for name in texts:
        yield from _File(opened, name, whose, contacts).rows()
    for name in jsons:
        yield from exported(opened, name, whose, contacts)


def _chats(opened: Opened) -> list[str]:
    return [name for name in opened.matching("*.txt") if _begins_as_one(opened.head(name, 2048))]


def _begins_as_one(data: bytes) -> bool:
    """Its first line, or one of the next few, is the beginning of a message with a date."""
    first = [line for line in data.decode(charset(data), "replace").splitlines()[:6] if line.strip()]
    found = [head(line) for line in first]
    return any(one is not None and (one.author or one.style in ("-", "[]")) for one in found[:3])


@dataclass
class _File:
    """One exported chat: looked through as a whole, then read."""

    opened: Opened
    name: str
    whose: Whose
    contacts: Contacts
    places: Counter[str] = field(default_factory=Counter)

    def rows(self) -> Rows:
        survey = Survey()
        for row in lines(self.opened, self.name):
            if not isinstance(row, RowError):
                survey.see(row[1])
        latest = self.opened.modified(self.name).date()
        order = survey.order(self.whose.more.get("days_first", True) not in _NO, latest)
        title, me = self._title(survey), set(self.whose.me)
        if len(survey.authors) == 2 and title in survey.authors:  # the chat is called after the other of the two
            me |= {squeezed(author) for author in survey.authors if author != title}
        people = sorted(survey.authors)
        name = title or _together(name for name in people if not self.whose.is_me(name)) or self.opened.stem
        # Whose export it is may be said one time and not another: it is the same chat.
        chat = Chat(KIND, squeezed(title or _together(people) or name), name, self.whose)
        for number, found in self._messages(survey.style):
            if isinstance(found, RowError):
                yield found
                continue
            place = f"Line {number} of {self.name}"
            try:
                yield self._row(chat, found, order, place, squeezed(found.author) in me)
            except ValueError as error:
                yield RowError(place, str(error))

    def _title(self, survey: Survey) -> str:
        """What the chat is called: as the owner says, as its file or archive is, or as it calls itself."""
        if given := self.whose.more.get("chat"):
            return str(given)
        stems = [self.name.rpartition("/")[2].removesuffix(".txt"), *reversed(self.name.split("/")[:-1])]
        return next(filter(None, map(title_in, (*stems, self.opened.stem))), "") or survey.title

    def _messages(self, style: str) -> Iterator[tuple[int, Head | RowError]]:
        """Each head with the lines that follow it."""
        begun: Head | None = None
        at, more, length = 0, list[str](), 0
        for row in lines(self.opened, self.name):
            if isinstance(row, RowError):
                yield 0, row
                continue
            number, line = row
            found = head(line)
            if found is None or found.style != style:
                length += len(line)
                if length < _LONGEST:
                    more.append(line)
                continue
            if begun is not None:
                yield at, _with(begun, more)
            begun, at, more, length = found, number, [], 0
        if begun is not None:
            yield at, _with(begun, more)

    def _row(self, chat: Chat, found: Head, order: str, place: str, own: bool) -> Fetched | RowError:
        at = instant(found, order)
        if not found.author:
            return empty(place, "a line of the app itself")
        # Neither the words nor the name: an edit, a new name or an export with pictures must find it again.
        self.places[at.isoformat()] += 1
        key = f"{at.isoformat()}-{self.places[at.isoformat()]}"
        if deleted(found.text):
            return chat.gone(key)
        text, media = files(unmarked(found.text))
        if not text.strip():
            return empty(place, "a picture or file without words" if media else "a message without words")
        if of_the_app(text):
            return empty(place, "a line of the app itself")
        name = self.contacts.name_of(found.author) or found.author
        return chat.message(Line(key, person(KIND, squeezed(name), name), at, text, own=own, media=media))


def _together(people: Iterable[str]) -> str:
    return ", ".join(islice(people, 4))


def _with(begun: Head, more: list[str]) -> Head:
    if not more:
        return begun
    text = "\n".join((begun.text, *more))
    return Head(begun.numbers, begun.year, begun.clock, begun.style, begun.author, text)
