"""The port of importers. Each module here with a ``build`` takes in one kind of export.

A module has three functions:

    def recognises(opened: Opened) -> bool                          # by a look at its names and first bytes
    def build(opened: Opened, settings: Mapping[str, Any]) -> Importer
    def rows(...) -> Iterator[Fetched | SourceError]                # what build hands to Importer

An importer is a Source: it yields items with their accounts and the owner's own deeds, oldest first where the export
has an order. A row that cannot be read, or holds nothing to keep, is yielded as a RowError, and the stream goes on.
Nothing of one's own is a Share: no digest tells the owner what lies in the owner's drawer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any

from config.errors import SourceError
from memory.records import Cursor, Fetched
from tools.importers.opening import Opened
from tools.importers.recognising import kind_named, kind_of, kinds
from tools.importers.rows import RowError, Whose, empty

__all__ = ["Importer", "Opened", "RowError", "Whose", "empty", "importer", "kind_of", "kinds"]

Rows = Iterator[Fetched | SourceError]


@dataclass(frozen=True)
class Importer:
    """A Source over an export. Its rows are numbered, so that an import that broke off goes on where it was.

    ``rows`` must give the same rows in the same order each time, as long as the export is the same.
    """

    name: str  # also Item.source
    opened: Opened
    rows: Callable[[], Rows] = field(repr=False)
    remark: str = ""  # a sentence that the owner should know about what comes out of it
    leaf: Callable[[str], str] | None = field(default=None, repr=False)  # file → the URI of the one item that it is

    def fetch(self, cursor: Cursor | None) -> Rows:
        """All rows after those that were stored before; an export that has changed meanwhile is read from its start."""
        told, fingerprint = self.told(cursor), self.opened.fingerprint
        for number, row in enumerate(self.rows(), 1):
            if number > told:
                yield row if isinstance(row, SourceError) else replace(row, cursor={"rows": f"{fingerprint} {number}"})

    def told(self, cursor: Cursor | None) -> int:
        """How many rows of this very export are stored, if an import of it broke off."""
        fingerprint, _, number = (cursor or {}).get("rows", "").partition(" ")
        return int(number) if number.isdecimal() and fingerprint == self.opened.fingerprint else 0


def importer(kind: str, opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """The importer of that kind, by any of its names, over an export. Raises ConfigError."""
    made: Importer = import_module(f"{__name__}.{kind_named(kind)}").build(opened, settings)
    return made
