"""An export, taking it in, and what is in the memory then."""

from __future__ import annotations

import json
from pathlib import Path

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing, Taken
from memory.store import Store
from tools.importers import importer, kind_of
from tools.importers.opening import opened


def jsonl(path: Path, rows: int, text: str = "row") -> Path:
    path.write_text(
        "".join(json.dumps({"id": n, "text": f"{text} {n}", "at": 1_700_000_000 + n}) + "\n" for n in range(rows))
    )
    return path


def take(collector: Collector, path: Path, **settings: object) -> Taken:
    with opened(path) as export:
        return Importing(collector).take_in(importer(kind_of(export), export, settings))


def texts(store: Store) -> list[str]:
    with store.begin() as memory:
        return sorted(item.text for item in memory.items.by_id(range(10_000)).values())
