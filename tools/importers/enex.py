"""Evernote: notebooks as ENEX, an XML in which every note is an HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from xml.etree.ElementTree import Element

from config.errors import SourceError
from memory.records import Fetched, Kind, Media
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.notes import Leaf
from tools.importers.words import from_html

KIND: Final = "enex"
_PIECE: Final = 1 << 18
_LONGEST: Final = 16 << 20  # signs of one note, without its pictures


def recognises(opened: Opened) -> bool:
    """By its ending, or by the first element."""
    return bool(_files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It takes no settings of its own."""
    whose = Whose.of(settings, "importer enex")
    return Importer(KIND, opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """A note an entry, in the order of the notebook."""
    for name in _files(opened) or opened.names[:1]:
        notebook = name.rpartition("/")[2].rpartition(".")[0] or name
        places = Counter[str]()
        for number, element in enumerate(_notes(opened, name), 1):
            place = f"Note {number} of {name}"
            try:
                yield _note(element, notebook, places, whose, place, opened.modified(name))
            except ValueError as error:
                yield RowError(place, str(error))


def _files(opened: Opened) -> list[str]:
    found = opened.matching("*.enex")
    return found or [name for name in opened.matching("*.xml") if b"<en-export" in opened.head(name)]


def _notes(opened: Opened, name: str) -> Iterator[Element]:
    """The note elements, one in memory at a time. Entities and outer documents are refused. Raises SourceError."""
    from xml.etree.ElementTree import ParseError, TreeBuilder

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser

    builder = _Builder(TreeBuilder())
    parser = DefusedXMLParser(target=builder, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    with opened.stream(name) as file:
        try:
            while piece := file.read(_PIECE):
                parser.feed(piece)
                yield from builder.taken()
            parser.close()
        except DefusedXmlException as error:
            raise SourceError(f"{name} was refused: it defines entities of its own, which no notebook does.") from error
        except (ParseError, ValueError, LookupError) as error:
            raise SourceError(f"{name} is damaged: {error}; what came before was read.") from error
        yield from builder.taken()


class _Builder:
    """Builds the notes and drops what carries pictures; each note is handed over when it is complete."""

    def __init__(self, inner: Any) -> None:
        self._inner, self._new = inner, type(inner)
        self._depth, self._silent, self._length = 0, 0, 0
        self._done: list[Element] = []

    def taken(self) -> list[Element]:
        """The notes that are complete since this was asked last."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._silent += tag == "data" or self._silent > 0
        if tag == "note" and not self._depth:
            self._inner, self._depth, self._length = self._new(), 1, 0
            self._inner.start(tag, attributes)
        elif self._depth:
            self._depth += 1
            self._inner.start(tag, attributes)

    def data(self, text: str) -> None:
        if self._depth and not self._silent:
            self._length += len(text)
            if self._length > _LONGEST:
                raise ValueError(f"a note is longer than {_LONGEST >> 20} MB")
            self._inner.data(text)

    def end(self, tag: str) -> None:
        self._silent -= self._silent > 0
        if self._depth:
            self._depth -= 1
            self._inner.end(tag)
            if not self._depth:
                self._done.append(self._inner.close())

    def close(self) -> None:
        """The end of the document."""


def _note(
    element: Element, notebook: str, places: Counter[str], whose: Whose, place: str, modified: datetime
) -> Fetched | RowError:
    title = (element.findtext("title") or "").strip()
    text, links = from_html(element.findtext("content") or "")
    media = tuple(_media(resource) for resource in element.iterfind("resource"))
    if not text.strip() and not title:
        return empty(place, "an empty note")
    begun = _instant(element.findtext("created") or "") or _instant(element.findtext("updated") or "")
    key = begun.strftime("%Y%m%dT%H%M%SZ") if begun else title
    places[key] += 1
    url = (element.findtext("note-attributes/source-url") or "").strip()
    url = url if url.startswith(("http://", "https://")) else ""
    return Leaf(
        KIND,
        (notebook, f"{key}-{places[key]}"),
        begun or whose.instant(modified),
        text,
        title=title,
        deed=Kind.BOOKMARK if url else Kind.AUTHORED,  # what was clipped from the web, somebody else has written
        url=url,
        edited_at=_instant(element.findtext("updated") or ""),
        links=(*links, *([url] if url else [])),
        tags=[tag.text or "" for tag in element.iterfind("tag")],
        media=media,
    ).step()


def _media(resource: Element) -> Media:
    kind = (resource.findtext("mime") or "file").partition("/")[0]
    return Media(kind, url=(resource.findtext("resource-attributes/file-name") or "").strip())


def _instant(written: str) -> datetime | None:
    try:
        return datetime.strptime(written.strip(), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
