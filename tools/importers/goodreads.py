"""The library of Goodreads as CSV: books with their shelves and stars, and what the owner wrote about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from memory.records import Account, Fetched, Item, Kind, Visibility
from tools.importers import Importer, Opened, RowError, Rows, Whose
from tools.importers.deeds import done
from tools.importers.notes import Leaf
from tools.importers.tables import Row, each, tables
from tools.importers.words import clean, from_html, instant, person, uri

SOURCE: Final = "goodreads"
_COLUMNS: Final = {"title", "author", "my rating", "date added", "exclusive shelf"}
_LIKED: Final = 4  # stars of five
_NOT_MEANT: Final = 2  # stars, and fewer: a book that one did not like is no wish for more such books


def recognises(opened: Opened) -> bool:
    """A table with the columns of Goodreads (StoryGraph and others export the same)."""
    return bool(tables(opened, _COLUMNS))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It has no settings of its own."""
    whose = Whose.of(settings, "importer goodreads")
    return Importer("goodreads", opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All books; reviews and private notes are items of their own, for they are the owner's words."""
    for name in tables(opened, _COLUMNS):
        yield from each(opened, name, partial(_book, whose, opened.modified(name)))


def _book(whose: Whose, modified: datetime, row: Row, place: str) -> Iterator[Fetched | RowError]:
    title, author = " ".join(clean(row.get("title", "")).split()), " ".join(row.get("author", "").split())
    if not title:
        raise ValueError("the book has no title")
    number = row.get("book id", "")
    name = f"https://goodreads.com/book/show/{number}" if number.isdecimal() else uri(SOURCE, author, title)
    added = _at(whose, row.get("date added", ""), modified)
    read = _at(whose, row.get("date read", ""), added)
    writer = person(SOURCE, author or "unknown")
    yield _shelved(row, name, title, writer, added, read)
    for what, visibility in (("my review", Visibility.PUBLIC), ("private notes", Visibility.DIRECT)):
        text = from_html(row.get(what, ""))[0]
        if text:
            own = uri(SOURCE, what.split()[-1], number or f"{author} {title}")
            yield Leaf(
                SOURCE, (), read, text, title=title, name=own, kind="review", reply_to=name, visibility=visibility
            ).step()


def _shelved(row: Row, name: str, title: str, writer: Account, added: datetime, read: datetime) -> Fetched:
    stars = int(row["my rating"]) if row.get("my rating", "") in ("1", "2", "3", "4", "5") else 0
    year = row.get("original publication year") or row.get("year published", "")
    shelves = [
        shelf.strip() for shelf in (row.get("bookshelves", "") + "," + row.get("exclusive shelf", "")).split(",")
    ]
    about = ", ".join(part for part in (writer.name, row.get("additional authors", ""), year) if part)
    item = Item(
        uri=name,
        ref=name,
        author=writer.uri,
        created_at=added,
        text="\n".join(part for part in (about, "★" * stars) if part),
        url=name if name.startswith("https://") else "",
        source=SOURCE,
        kind="book",
        title=title[:500],
        tags=tuple(dict.fromkeys(shelf.lower() for shelf in shelves if shelf)),
    )
    if 0 < stars <= _NOT_MEANT:
        return done(item, [writer])
    return done(item, [writer], (Kind.LIKE, read) if stars >= _LIKED else (Kind.BOOKMARK, added))


def _at(whose: Whose, written: str, otherwise: datetime) -> datetime:
    return whose.instant(instant(written.replace("/", "-"))) if written else otherwise
