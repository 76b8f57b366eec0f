"""CSV with a row of names on top, by a mapping of its columns: see tools.importers.mapping."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.mapping import SETTINGS, Table
from tools.importers.reading import table

KIND: Final = "csv"
_NO_COLUMN: Final = "no column is called text or title: say which one it is, as --set text=COLUMN"


def recognises(opened: Opened) -> bool:
    """By the ending of the file; one row of names at least."""
    return any(opened.head(name, 4).strip(b"\x00\r\n ") for name in opened.matching("*.csv", "*.tsv"))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """The settings are those of the mapping."""
    whose = Whose.of(settings, "importer csv_mapping", *SETTINGS)
    return Importer(str(whose.more.get("source", KIND)), opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """An item a row."""
    for name in opened.matching("*.csv", "*.tsv") or opened.names[:1]:
        reader = Table.of(whose, KIND, opened, name)
        for row in table(opened, name):
            if isinstance(row, RowError):
                yield row
            elif reader.knows(row[1]):
                yield reader.step(row[1], row[0])
            else:
                yield empty(row[0], _NO_COLUMN)
