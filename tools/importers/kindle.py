"""My Clippings.txt of a Kindle, in whatever language it speaks: highlights, and the owner's notes on them.

A Kindle adds and never removes: a highlight that was made longer stands there twice, and the last one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from memory.records import Account, Fetched, Item, Kind, Visibility
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.deeds import done
from tools.importers.obsidian import recognises as is_vault
from tools.importers.reading import lines
from tools.importers.spoken_dates import spoken
from tools.importers.words import clean, person, said, tags_in, uri

SOURCE: Final = "kindle"
_END: Final = "=========="
_COVERED: Final = "a later clipping covers it"
_NEAR: Final = 100  # clippings of a book among which the same is looked for
_MOST: Final = 10_000  # lines of one clipping
_NOTE: Final = re.compile(
    r"\bnote\b|\bnotiz\b|\bnota\b|\bnotitie\b|\bnotatka\b|\bnot\b|заметк|メモ|笔记|筆記|메모", re.IGNORECASE
)
_BOOKMARK: Final = re.compile(
    r"\bbookmark\b|lesezeichen|\bsignet\b|marcador|segnalibro|bladwijzer|marca-páginas|закладк|ブックマーク|书签|書籤|북마크",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(
    r"\b(?:page|seite|página|pagina|pág)\.? \d+|страниц[еа] \d+|\d+ ?ページ|第 ?\d+ ?[页頁]", re.IGNORECASE
)
_SPAN: Final = re.compile(r"(?<!\d)(\d{1,7})(?:\s?[-–]\s?(\d{1,7}))?(?!\d)")
_AUTHOR: Final = re.compile(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)\s*\Z")


def recognises(opened: Opened) -> bool:
    """A text in which a line of equals signs ends each clipping, and the second line tells where and when."""
    return not is_vault(opened) and bool(_files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``zone``: that of the Kindle's clock."""
    whose = Whose.of(settings, "importer kindle")
    return Importer("kindle", opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All clippings; of those that cover one another, the last."""
    for name in _files(opened) or opened.matching("*.txt"):
        found = list(_clippings(opened, name, whose))
        clippings = [clipping for clipping in found if isinstance(clipping, _Clipping)]
        covered = _covered(clippings)
        kept = {_name(clipping) for clipping in clippings if id(clipping) not in covered}
        for clipping in found:
            if isinstance(clipping, RowError):
                yield clipping
            elif id(clipping) in covered:
                yield _gone(clipping) if _name(clipping) not in kept else empty(clipping.place, _COVERED)
            else:
                yield _item(clipping)


def _files(opened: Opened) -> list[str]:
    heads = {name: opened.head(name, 1 << 14).decode("utf-8", "replace") for name in opened.matching("*.txt")}
    return [name for name, head in heads.items() if _END in head and re.search(r"\A[^\n]+\n- [^\n]*\d", head)]


@dataclass
class _Clipping:
    """One clipping. ``begins`` and ``ends`` are places in the book as the Kindle counts them."""

    place: str
    book: str
    author: str
    what: str  # highlight, note
    begins: int
    ends: int
    at: datetime
    text: str

    def covers(self, other: _Clipping) -> bool:
        """Whether it is the same stretch, made anew."""
        if (self.book, self.author, self.what) != (other.book, other.author, other.what):
            return False
        if self.what == "note":
            return self.begins == other.begins
        overlap = self.begins <= other.ends and other.begins <= self.ends
        same = self.begins == other.begins or other.text in self.text or self.text in other.text
        return overlap and same


def _clippings(opened: Opened, name: str, whose: Whose) -> Iterator[_Clipping | RowError]:
    gathered, began = list[str](), 1
    for line in lines(opened, name):
        if isinstance(line, RowError):
            yield line
        elif line[1].startswith(_END):
            yield from _clipping(gathered, whose, f"Line {began} of {name}")
            gathered, began = [], line[0] + 1
        elif len(gathered) < _MOST:
            gathered.append(line[1])
    if any(line.strip() for line in gathered):
        yield from _clipping(gathered, whose, f"Line {began} of {name}")


def _clipping(gathered: list[str], whose: Whose, place: str) -> Iterator[_Clipping | RowError]:
    if len(gathered) < 2 or not gathered[1].lstrip().startswith("-"):
        yield RowError(place, "it is no clipping")
        return
    head, about = clean(gathered[0][:1000]).strip(), " ".join(gathered[1][:1000].split())
    text = said("\n".join(gathered[2:]))
    where, _, when = about.rpartition("|")
    if _BOOKMARK.search(about) or not text:
        yield empty(place, "a place without words")
        return
    try:
        at = whose.instant(spoken(when or about))
    except (ValueError, OverflowError):
        yield RowError(place, "its time cannot be read")
        return
    found = _AUTHOR.search(head)
    spans = _SPAN.findall(_PAGE.sub(" ", where)) or _SPAN.findall(where)
    begins = int(spans[-1][0]) if spans else 0
    ends = _end(spans[-1]) if spans else 0
    what = "note" if _NOTE.search(where or about) else "highlight"
    book = (head[: found.start()] if found else head) or head
    yield _Clipping(place, book, found[1] if found else "", what, begins, ends, at, text)


def _end(span: tuple[str, str]) -> int:
    """Where a stretch ends; old ones write 123-25 for 123-125."""
    begins, ends = span
    if not ends:
        return int(begins)
    return int(begins[: len(begins) - len(ends)] + ends) if len(ends) < len(begins) else int(ends)


def _covered(clippings: list[_Clipping]) -> set[int]:
    """Those that a later one of nearly the same place covers."""
    covered, recent = set[int](), dict[str, list[_Clipping]]()
    for clipping in clippings:
        near = recent.setdefault(f"{clipping.book}\n{clipping.author}", [])
        covered.update(id(other) for other in near[-_NEAR:] if clipping.covers(other))
        near.append(clipping)
    return covered


def _name(clipping: _Clipping) -> str:
    """By where it begins, so that a longer one takes its place; else by when it was made."""
    where = str(clipping.begins) if clipping.begins else clipping.at.isoformat()
    return uri(SOURCE, clipping.author, clipping.book, clipping.what, where)


def _gone(clipping: _Clipping) -> Fetched:
    """A highlight that was made anew from another place on; it may have been taken in before that."""
    return Fetched(gone=(_name(clipping),))


def _item(clipping: _Clipping) -> Fetched:
    name, own = _name(clipping), clipping.what == "note"
    author: Account = person(SOURCE, "me") if own else person(SOURCE, clipping.author or "unknown")
    item = Item(
        uri=name,
        ref=name,
        author=author.uri,
        created_at=clipping.at,
        text=clipping.text,
        source=SOURCE,
        kind=clipping.what,
        title=" ".join(clipping.book.split())[:500],
        visibility=Visibility.DIRECT,
        reply_to=uri(SOURCE, clipping.author, clipping.book),
        tags=tags_in(clipping.text) if own else (),
    )
    return done(item, [author], (Kind.AUTHORED if own else Kind.BOOKMARK, clipping.at))
