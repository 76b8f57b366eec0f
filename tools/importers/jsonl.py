"""JSON, an object a line (or one list of objects), by a mapping of its keys: see tools.importers.mapping."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tools.importers import Importer, Opened, RowError, Rows, Whose
from tools.importers.mapping import SETTINGS, Table
from tools.importers.reading import json_lines, walk

KIND: Final = "jsonl"
_PATTERNS: Final = ("*.jsonl", "*.ndjson", "*.json")


def recognises(opened: Opened) -> bool:
    """Lines that begin an object, by the ending of the file too."""
    return any(opened.head(name, 64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")) for name in _files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """The settings are those of the mapping."""
    whose = Whose.of(settings, "importer jsonl", *SETTINGS)
    return Importer(str(whose.more.get("source", KIND)), opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """An item a line."""
    for name in _files(opened) or opened.names[:1]:
        table = Table.of(whose, KIND, opened, name)
        if opened.head(name, 64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            listed = walk(opened, name, lambda path: path == ("",))
            for number, (path, value) in enumerate(listed, 1):
                if path == ("",):
                    yield table.step(value, f"Row {number} of {name}")
            continue
        for row in json_lines(opened, name):
            yield row if isinstance(row, RowError) else table.step(row[1], row[0])


def _files(opened: Opened) -> list[str]:
    return opened.matching(*_PATTERNS)
