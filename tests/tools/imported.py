"""What an importer makes of an export: its rows, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.errors import SourceError
from memory.records import Fetched, Item, Kind
from tools.importers import RowError, importer
from tools.importers.opening import opened

FIXTURES = Path(__file__).parent / "fixtures" / "importers"
CHAT = (
    "13/06/2018, 09:26 - Mira: Is the ferry running?\n"
    "13/06/2018, 09:27 - Olek: Yes, see https://ferry.example/?utm_source=x\n"
)
"""What WhatsApp exports of a talk of two."""


def rows(kind: str, path: Path | None = None, **settings: Any) -> list[Fetched | SourceError]:
    path = path or next((FIXTURES / kind).glob("export*"))
    with opened(path) as export:
        return list(importer(kind, export, settings).fetch(None))


def kept(found: list[Fetched | SourceError]) -> dict[str, Item]:
    return {row.item.uri: row.item for row in found if isinstance(row, Fetched) and row.item}


def deeds(found: list[Fetched | SourceError]) -> list[tuple[str, Kind]]:
    return [(one.item, one.kind) for row in found if isinstance(row, Fetched) for one in row.reactions]


def faults(found: list[Fetched | SourceError]) -> list[str]:
    return [str(row) for row in found if isinstance(row, SourceError)]


def reasons(found: list[Fetched | SourceError]) -> list[str]:
    return [row.reason for row in found if isinstance(row, RowError)]
