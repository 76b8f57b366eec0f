"""What was watched on YouTube: watch-history of Google Takeout, as JSON or as HTML.

To watch is no like: it tells that the owner knows the video, and nothing about whether it was any good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from config.errors import SourceError
from memory.records import Account, Evidence, Fetched, Item, Seen, Visibility
from tools.canonical import canonical
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.fields import Json, listed, web, word, words
from tools.importers.obsidian import recognises as is_vault
from tools.importers.reading import charset, walk
from tools.importers.spoken_dates import spoken
from tools.importers.words import clean, instant, person

SOURCE: Final = "youtube"
_CELL: Final = b'<div class="outer-cell'
_LONGEST_CELL: Final = 1 << 16  # bytes
_VIDEO: Final = re.compile(r"https://(?:music\.)?youtube\.com/watch\?v=[\w-]{6,20}")
_BEFORE: Final = re.compile(
    r"\A(?:Watched|Viewed|Vous avez regardé|Has visto|Hai guardato|Assistiu a|Você assistiu a|Angesehen:|Bekeken:"
    r"|Вы посмотрели видео|Просмотрено видео) +"
)
_AFTER: Final = re.compile(r" +(?:angesehen|bekeken|を視聴しました|을\(를\) 시청함)\Z")


def recognises(opened: Opened) -> bool:
    """A history of Takeout; its file is called by the owner's language, so what it holds counts."""
    return not is_vault(opened) and bool(_files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``zone``: that of times in HTML whose zone is not told, or by a name that several zones go by."""
    whose = Whose.of(settings, "importer youtube_history")
    return Importer("youtube_history", opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All videos that were watched, latest first; each is an item once, and known since it was watched first."""
    history = _History(whose)
    for name in _files(opened):
        read = history.page if name.lower().endswith(".html") else history.document
        try:
            yield from read(opened, name)
        except SourceError as error:
            yield RowError(f"The rest of {name}", str(error).rstrip("."))


def _files(opened: Opened) -> list[str]:
    found = []
    for name in opened.matching("*.json", "*.html"):
        head = opened.head(name, 1 << 16).lower()
        document = name.lower().endswith(".json") and b'"titleurl"' in head and b'"youtube' in head
        page = _CELL in head and b"youtube.com/watch" in head
        if document or page:
            found.append(name)
    return found


@dataclass
class _History:
    whose: Whose
    told: set[int] = field(default_factory=set)

    def document(self, opened: Opened, name: str) -> Rows:
        """A list of objects."""
        for number, (path, row) in enumerate(walk(opened, name, lambda path: path == ("",)), 1):
            if path == ("",):
                place = f"Entry {number} of {name}"
                yield self._guarded(partial(self._entry, row, place), place)

    def page(self, opened: Opened, name: str) -> Rows:
        """A page whose cells are taken one after the other, for all of it is one line."""
        encoding = charset(opened.head(name))
        for number, cell in enumerate(_cells(opened, name), 1):
            place = f"Entry {number} of {name}"
            if len(cell) > _LONGEST_CELL:
                yield RowError(place, "it is too long")
            else:
                yield self._guarded(partial(self._cell, cell.decode(encoding, "replace"), place), place)

    def _guarded(self, read: Callable[[], Fetched | RowError], place: str) -> Fetched | RowError:
        try:
            return read()
        except (ValueError, OverflowError) as error:
            return RowError(place, str(error))

    def _entry(self, row: Json, place: str) -> Fetched | RowError:
        if any(word(detail, "name") == "From Google Ads" for detail in listed(row, "details")):
            return empty(place, "an advertisement")
        if not any(name.lower().startswith("youtube") for name in words(row, "products") + words(row, "header")):
            raise ValueError("it is nothing that was watched on YouTube")
        channel = next(iter(listed(row, "subtitles")), {})
        at = self.whose.instant(instant(word(row, "time")))
        return self._watched(word(row, "titleUrl"), word(row, "title"), at, channel, place)

    def _cell(self, cell: str, place: str) -> Fetched | RowError:
        from selectolax.lexbor import LexborHTMLParser

        body = LexborHTMLParser(cell).css_first("div.content-cell")
        if body is None:
            raise ValueError("it is no entry")
        if "From Google Ads" in cell:
            return empty(place, "an advertisement")
        links = [(node.attributes.get("href") or "", node.text()) for node in body.css("a")]
        told = [line for line in body.text(separator="\n").replace("\u202f", " ").split("\n") if line.strip()]
        at = self.whose.instant(spoken(told[-1] if told else ""))
        channel = {"name": links[1][1], "url": links[1][0]} if len(links) > 1 else {}
        address, title = links[0] if links else ("", "")
        return self._watched(address, title, at, channel, place)

    def _watched(self, address: str, title: str, at: datetime, channel: Json, place: str) -> Fetched | RowError:
        uri = canonical(web(address))
        if not _VIDEO.fullmatch(uri):
            return empty(place, "a video that is no more, or something else than a video")
        seen = tuple(Seen(scope, uri, at, Evidence.REACTED) for scope in ("item", "link"))
        title = _bare(" ".join(clean(title[:1000]).split()))
        if hash(uri) in self.told or not title or web(title):
            return Fetched(seen=seen)
        self.told.add(hash(uri))
        return replace(_item(uri, title, at, channel), seen=seen)


def _bare(title: str) -> str:
    """A title without the words, and the marks, that say it was watched."""
    shorter = _AFTER.sub("", _BEFORE.sub("", title))
    return title if shorter == title else shorter.strip('«»"„“”')


def _item(uri: str, title: str, at: datetime, channel: Json) -> Fetched:
    name, address = " ".join(clean(word(channel, "name")).split())[:200], web(word(channel, "url"))
    author = person(SOURCE, name or "unknown")
    author = (
        Account(canonical(address), author.handle, name, address) if name and address.isascii() and address else author
    )
    item = Item(
        uri=uri,
        ref=uri,
        author=author.uri,
        created_at=at,
        text=name,
        url=uri,
        source=SOURCE,
        kind="video",
        title=title[:500],
        visibility=Visibility.PUBLIC,
        links=(uri,),
    )
    return Fetched(item=item, accounts=(author,))


def _cells(opened: Opened, name: str) -> Iterator[bytes]:
    """The cells of a page; of one that is far too long, as much as tells that it is."""
    with opened.stream(name) as file:
        rest, begun = b"", False
        while data := file.read(1 << 16):
            *whole, rest = (rest + data).split(_CELL)
            for cell in whole:
                if begun:
                    yield _CELL + cell
                begun = True
            if len(rest) > 2 * _LONGEST_CELL:
                rest = rest[: _LONGEST_CELL + 1] + rest[-len(_CELL) :]
        if begun:
            yield _CELL + rest
