"""Plain text: a file is a note."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from config.errors import SourceError
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.homes import Homes
from tools.importers.notes import Leaf, too_long
from tools.importers.reading import text_of

KIND: Final = "plain"
_PATTERNS: Final = ("*.txt", "*.text", "*.org", "*.rst", "*.adoc", "*.tex")


def recognises(opened: Opened) -> bool:
    """Files by their endings, with text in them."""
    return any(opened.size(name) and _is_text(opened, name) for name in opened.matching(*_PATTERNS))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It takes no settings of its own."""
    whose, homes = Whose.of(settings, "importer plain"), Homes.of(opened)
    return Importer(KIND, opened, partial(rows, opened, whose, homes), leaf=partial(homes.uri, KIND))


def rows(opened: Opened, whose: Whose, homes: Homes) -> Rows:
    """A note a file, dated by when it was last changed."""
    wanted = set(opened.matching(*_PATTERNS) or opened.names[:1])
    for name in opened.fresh:
        if name not in wanted:
            continue
        try:
            if not _is_text(opened, name):
                yield RowError(name, "it is no text")
                continue
            text = text_of(opened, name)
            if fault := too_long(text):
                yield RowError(f"The end of {name}", fault, partly=True)
            if not text.strip():
                yield empty(name, "an empty note")
            else:
                title, at = name.rpartition("/")[2].rpartition(".")[0] or name, whose.instant(opened.modified(name))
                yield Leaf(KIND, homes.keys(name), at, text, title=title).step()
        except RowError as error:
            yield error
        except SourceError as error:
            yield RowError(name, str(error).rstrip("."))


def _is_text(opened: Opened, name: str) -> bool:
    first = opened.head(name)
    return b"\x00" not in first or first.startswith((b"\xff\xfe", b"\xfe\xff"))
