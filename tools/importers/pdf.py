"""PDF: a document is an article; its pages stay apart (by form feeds), its pictures are left out."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from config.errors import SourceError
from memory.records import Fetched
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.homes import Homes
from tools.importers.notes import Leaf
from tools.importers.words import LONGEST, person

KIND: Final = "pdf"
_MOST: Final = 96 << 20  # bytes of one file
_PAGES: Final = 5_000


def recognises(opened: Opened) -> bool:
    """By their endings, and by what they begin with."""
    return any(b"%PDF" in opened.head(name, 1024) for name in opened.matching("*.pdf"))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It takes no settings of its own."""
    whose, homes = Whose.of(settings, "importer pdf"), Homes.of(opened)
    return Importer(KIND, opened, partial(rows, opened, whose, homes), leaf=partial(homes.uri, KIND))


def rows(opened: Opened, whose: Whose, homes: Homes) -> Rows:
    """An article a file. What cannot be read is left out."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it quotes what it reads
    wanted = set(opened.matching("*.pdf") or opened.names[:1])
    for name in opened.fresh:
        if name not in wanted:
            continue
        try:
            yield _document(opened, name, whose, homes)
        except RowError as error:
            yield error
        except SourceError as error:
            yield RowError(name, str(error).rstrip("."))


def _document(opened: Opened, name: str, whose: Whose, homes: Homes) -> Fetched | RowError:
    from pypdf import PdfReader

    data = opened.whole(name, _MOST)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return RowError(name, "it is locked by a password")
        text, about = _text(reader), _about(reader)
    except Exception as error:  # what a broken document makes of its reader cannot be foreseen
        return RowError(name, f"it is no PDF that can be read ({type(error).__name__})")
    if not text.strip("\f\n "):
        return empty(name, "a document without text")
    title, author = about.get("title", ""), about.get("author", "")
    return Leaf(
        KIND,
        homes.keys(name),
        whose.instant(about.get("at") or opened.modified(name)),
        text,
        title=title or name.rpartition("/")[2].rpartition(".")[0],
        author=person(KIND, author or "unknown"),
        deed=None,
        kind="article",
    ).step()


def _text(reader: Any) -> str:
    pages, length = list[str](), 0
    for number, page in enumerate(reader.pages):
        if number >= _PAGES or length > LONGEST:
            break
        pages.append(page.extract_text() or "")
        length += len(pages[-1])
    return "\n\f\n".join(page.strip() for page in pages)


def _about(reader: Any) -> dict[str, Any]:
    """Title, author and date, as far as the document tells them in a way that can be read."""
    known: dict[str, Any] = {}
    try:
        told = reader.metadata
        known = {key: str(getattr(told, key) or "").strip() for key in ("title", "author")} if told else {}
        at = told.creation_date if told else None
        known |= {"at": at} if isinstance(at, datetime) else {}
    except Exception:
        return known
    return known
