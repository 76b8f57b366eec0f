"""Tables that say by their columns what they are: exports of services as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Mapping

from memory.records import Fetched
from tools.importers.obsidian import recognises as is_vault
from tools.importers.opening import Opened
from tools.importers.reading import decoded, table
from tools.importers.rows import RowError

Row = Mapping[str, str]
Read = Callable[[Row, str], Iterator[Fetched | RowError]]
"""A row by the names of its columns in lower case, and the words that say where it stands; may raise ValueError."""


def columns(opened: Opened, name: str) -> frozenset[str]:
    """The names in the first row, in lower case."""
    first = decoded(opened.head(name, 8192)).partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        return frozenset(cell.strip().lower() for cell in next(csv.reader([first], delimiter=separator), []))
    except csv.Error:
        return frozenset()


def tables(opened: Opened, *needed: Collection[str]) -> list[str]:
    """The tables that have all the columns of one of these sets; none within somebody's notes."""
    if is_vault(opened):
        return []
    return [
        name
        for name in opened.matching("*.csv")
        if (found := columns(opened, name)) and any(found.issuperset(some) for some in needed)
    ]


def each(opened: Opened, name: str, read: Read) -> Iterator[Fetched | RowError]:
    """Each row of a table, read; one that cannot be is an error."""
    for step in table(opened, name):
        if isinstance(step, RowError):
            yield step
            continue
        place, cells = step
        row = {key.strip().lower(): value.strip() for key, value in cells.items()}
        try:
            yield from read(row, place)
        except (ValueError, OverflowError) as error:
            yield RowError(place, str(error))
