"""What was put aside to be read: the CSV of Pocket, Instapaper and Raindrop."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from memory.records import Fetched, Kind
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.fields import web
from tools.importers.pages import page
from tools.importers.tables import Row, columns, each, tables
from tools.importers.words import from_html, instant

SOURCE: Final = "reading_lists"
_POCKET: Final = {"title", "url", "time_added"}
_INSTAPAPER: Final = {"url", "title", "folder", "timestamp"}
_RAINDROP: Final = {"url", "title", "folder", "created", "excerpt"}
_YES: Final = ("true", "1", "yes")
_PLAIN_FOLDERS: Final = ("", "unread", "unsorted", "archive", "starred")


def recognises(opened: Opened) -> bool:
    """A table with the columns of one of the three."""
    return bool(tables(opened, _POCKET, _INSTAPAPER, _RAINDROP))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It has no settings of its own."""
    whose = Whose.of(settings, "importer reading_lists")
    return Importer("reading_lists", opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All pages, each once."""
    told = set[str]()
    for name in tables(opened, _POCKET, _INSTAPAPER, _RAINDROP):
        found = columns(opened, name)
        read = _raindrop if found >= _RAINDROP else _instapaper if found >= _INSTAPAPER else _pocket
        yield from each(opened, name, partial(_row, read, whose, opened.modified(name), told))


_Fields = tuple[str, str, list[str], bool]
"""When it was put aside, its text, its tags, and whether the owner marked it as liked."""


def _row(
    read: Callable[[Row], _Fields], whose: Whose, modified: datetime, told: set[str], row: Row, place: str
) -> Iterator[Fetched | RowError]:
    if not web(row.get("url", "")):
        yield empty(place, "it leads to no page of the web")
        return
    written, text, tags, liked = read(row)
    at = whose.instant(instant(written)) if written.strip("0") else modified
    deeds = (Kind.BOOKMARK, Kind.LIKE) if liked else (Kind.BOOKMARK,)
    step = page(SOURCE, row["url"], at, title=row.get("title", ""), text=text, tags=tags, deeds=deeds)
    uri = step.item.uri if step.item else ""
    yield empty(place, "the same page once more") if uri in told else step
    told.add(uri)


def _pocket(row: Row) -> _Fields:
    return row.get("time_added", ""), "", re.split(r"[|,]", row.get("tags", "")), False


def _instapaper(row: Row) -> _Fields:
    folder = row.get("folder", "")
    tags = [*_list_of(row.get("tags", "")), *([] if folder.lower() in _PLAIN_FOLDERS else [folder])]
    return row.get("timestamp", ""), row.get("selection", ""), tags, folder.lower() == "starred"


def _raindrop(row: Row) -> _Fields:
    parts = [row.get("note", ""), row.get("excerpt", ""), row.get("highlights", "")]
    folders = [part.strip() for part in row.get("folder", "").split("/")]
    tags = [*row.get("tags", "").split(","), *(part for part in folders if part.lower() not in _PLAIN_FOLDERS)]
    liked = row.get("favorite", row.get("important", "")).lower() in _YES
    return row.get("created", ""), "\n\n".join(from_html(part)[0] for part in parts if part), tags, liked


def _list_of(written: str) -> list[str]:
    """Tags as a JSON list, or with commas between."""
    try:
        found = json.loads(written or "[]")
    except (ValueError, RecursionError):
        return written.split(",")
    return [str(tag) for tag in found if isinstance(tag, str | int)] if isinstance(found, list) else []
