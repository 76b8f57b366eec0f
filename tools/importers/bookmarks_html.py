"""Bookmarks of a browser, as each of them exports them (an HTML list that Netscape began), folders as tags.

Lists that Pocket, Pinboard and Instapaper export as HTML are read as well. The file is taken apart at its line breaks
and list marks, so that no piece of it, however broken, costs more than itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from memory.records import Fetched, Kind
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.fields import web
from tools.importers.obsidian import recognises as is_vault
from tools.importers.pages import page
from tools.importers.reading import lines
from tools.importers.words import from_html, instant

SOURCE: Final = "bookmarks"
_BEGINS: Final = (b"netscape-bookmark-file", b"<title>pocket export", b"<title>instapaper")
_MARK: Final = re.compile(r"(?=</?(?:dl|dt|dd|li|h[1-3])\b)", re.IGNORECASE)
_KIND: Final = re.compile(r"\s*<(/?(?:dl|dt|dd|li|h[1-3]|a))\b", re.IGNORECASE)
_LONGEST_PIECE: Final = 1 << 20  # signs; pictures of sites stand within
_LONGEST_TEXT: Final = 500  # lines of a description
_TOP: Final = ("personal_toolbar_folder", "unfiled_bookmarks_folder", "other_bookmarks_folder")
_DEEPEST: Final = 100


def recognises(opened: Opened) -> bool:
    """A page that says what it is in its first line."""
    return not is_vault(opened) and bool(_files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It has no settings of its own."""
    whose = Whose.of(settings, "importer bookmarks_html")
    return Importer("bookmarks_html", opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All bookmarks, each page once."""
    for name in _files(opened) or opened.matching("*.html", "*.htm"):
        yield from _List(name, opened.modified(name), whose).rows(opened)


def _files(opened: Opened) -> list[str]:
    heads = {name: opened.head(name, 1000).lower() for name in opened.matching("*.html", "*.htm")}
    return [name for name, head in heads.items() if any(sign in head for sign in _BEGINS)]


@dataclass
class _Mark:
    """A bookmark whose description may still come."""

    place: str
    attributes: Mapping[str, str | None]
    title: str
    folders: tuple[str, ...]
    about: list[str] = field(default_factory=list)


@dataclass
class _List:
    """One file, read from top to bottom: the folders that are open, and the bookmark before this place."""

    name: str
    modified: datetime
    whose: Whose
    folders: list[str] = field(default_factory=list)
    folder: str = ""
    mark: _Mark | None = None
    told: set[int] = field(default_factory=set)

    def rows(self, opened: Opened) -> Rows:
        for line in lines(opened, self.name):
            if isinstance(line, RowError):
                yield line
                continue
            for piece in _MARK.split(line[1]):
                if len(piece) > _LONGEST_PIECE:
                    yield RowError(f"Line {line[0]} of {self.name}", "it is too long")
                elif piece.strip():
                    yield from self._piece(piece, f"Line {line[0]} of {self.name}")
        yield from self._finish()

    def _piece(self, piece: str, place: str) -> Iterator[Fetched | RowError]:
        found = _KIND.match(piece)
        kind = found[1].lower() if found else ""
        if not kind or kind == "dd":
            if self.mark is not None and len(self.mark.about) < _LONGEST_TEXT:
                self.mark.about.append(piece)
            return
        yield from self._finish()
        if kind == "dl" and len(self.folders) < _DEEPEST:
            self.folders.append(self.folder)
            self.folder = ""
        elif kind == "/dl" and self.folders:
            self.folders.pop()
        elif kind in ("h1", "h2", "h3"):
            self._open(piece)
        elif kind in ("dt", "li", "a") and "<a" in piece[:200].lower():
            self._begin(piece, place)

    def _open(self, piece: str) -> None:
        node = _element(piece, "h3")
        top = node is None or any(name in node[0] for name in _TOP)
        self.folder = "" if node is None or top else node[1]

    def _begin(self, piece: str, place: str) -> None:
        if node := _element(piece, "a"):
            self.mark = _Mark(place, node[0], node[1], tuple(filter(None, self.folders)))

    def _finish(self) -> Iterator[Fetched | RowError]:
        """The bookmark before is whole now."""
        if (mark := self.mark) is None:
            return
        self.mark = None
        address = mark.attributes.get("href") or ""
        if not web(address):
            yield empty(mark.place, "it leads to no page of the web")
            return
        try:
            step = self._kept(mark, address)
        except (ValueError, OverflowError) as error:
            yield RowError(mark.place, str(error))
            return
        number = hash(step.item.uri) if step.item else 0
        yield empty(mark.place, "the same page once more") if number in self.told else step
        self.told.add(number)

    def _kept(self, mark: _Mark, address: str) -> Fetched:
        tags = (mark.attributes.get("tags") or "").split(",")
        about = from_html("\n".join(mark.about)[:_LONGEST_PIECE])[0] if mark.about else ""
        return page(
            SOURCE,
            address,
            self._at(mark.attributes.get("add_date") or mark.attributes.get("time_added") or ""),
            title=mark.title,
            text=about,
            tags=(*tags, *mark.folders),
            deeds=(Kind.BOOKMARK,),
        )

    def _at(self, written: str) -> datetime:
        """Seconds since 1970, in some programs milli- or microseconds; where none are told, when it was exported."""
        if not written.strip("0 "):
            return self.modified
        if len(written) >= 16 and written.isdecimal():
            written = written[:-3]
        return self.whose.instant(instant(written))


def _element(piece: str, tag: str) -> tuple[Mapping[str, str | None], str] | None:
    """The first element of that name: its attributes, and its text."""
    from selectolax.lexbor import LexborHTMLParser

    node = LexborHTMLParser(piece).css_first(tag)
    return None if node is None else (node.attributes, node.text())
