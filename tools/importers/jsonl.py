"""JSON, an object a line (or one list of objects), by a mapping of its keys: see tools.importers.mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tools.importers import Importer, Opened, RowError, Rows, Whose
from tools.importers.mapping import SETTINGS, Table
from tools.importers.reading import json_lines, walk

KIND: Final = "jsonl"
_FIRST: Final = 5  # lines, of which one at least can be read
_PATTERNS: Final = ("*.jsonl", "*.ndjson", "*.json")


def recognises(opened: Opened) -> bool:
    """A list of objects, or an object a line; a single object over many lines is something else."""
    return any(_begins(opened.head(name, 1 << 16)) for name in _files(opened))


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


def _begins(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith(b"{"):
        return re.match(rb"\[\s*(?:\{|\Z)", text) is not None
    first = text.splitlines()[:_FIRST]
    return len(first) == 1 or any(_is_object(line) for line in first)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _files(opened: Opened) -> list[str]:
    return opened.matching(*_PATTERNS)
