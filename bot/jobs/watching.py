"""Watching a folder: what changes in it is taken in, what is deleted there is forgotten."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from bot.jobs.collect import Collector
from bot.jobs.importing import Importing, Taken
from config.errors import InUseError, SourceError
from memory.keeping.forgetting import forget
from tools.importers import Importer, importer, kind_of
from tools.importers.opening import opened

log = logging.getLogger(__name__)

_EVER = datetime(1, 1, 1, tzinfo=UTC)
_ALL = 10_000_000


@dataclass
class Watcher:
    """Looks at a folder of notes again and again: by its list of files, so it works on any disk, near or far."""

    path: Path
    kind: str
    settings: Mapping[str, Any]
    sleep: Callable[[float], None] = time.sleep
    _known: dict[str, str] | None = field(default=None, init=False)

    def watch(self, look: Callable[[], None], every: float) -> None:
        """For ever: ``look`` whenever a file has changed. A disk that is away, and a Magpie at work, are waited for."""
        while True:
            try:
                if self.changed():
                    look()
            except (InUseError, SourceError) as error:
                log.warning("event=watch_waits error=%s", type(error).__name__)
            self.sleep(every)

    def changed(self) -> bool:
        """Whether the folder is not as it was taken in last. Raises SourceError."""
        with opened(self.path) as export:
            return export.states() != self._known

    def take(self, collector: Collector, zone: tzinfo) -> Taken:
        """Take in what has changed (at first: all of it), and forget what is not there any more. Raises SourceError."""
        with opened(self.path) as export:
            states = export.states()
            reader = importer(self.kind or kind_of(export), export, {"zone": zone, **self.settings})
            if self._known is not None:
                export.narrow(name for name, state in states.items() if self._known.get(name) != state)
            taken = Importing(collector).take_in(reader)
            taken.counts["deleted"] += _forget_missing(collector, reader)
        self._known = states
        return taken


def _forget_missing(collector: Collector, reader: Importer) -> int:
    """Notes whose files are gone from this folder, or empty. They may come back, as files do.

    Files that hold many items each are nothing to go by, nor is a disk that is away or cannot be read.
    """
    export, leaf = reader.opened, reader.leaf
    if leaf is None or not export.path.is_dir() or not export.names or not export.in_full:
        return 0
    began, there = collector.now(), {leaf(name) for name in export.names if export.size(name)}
    homes = tuple({f"{uri.rpartition('/')[0]}/" for uri in (*there, leaf(""))})
    with collector.store.begin() as memory:
        refs = memory.items.unchecked(reader.name, _EVER, began + timedelta(days=1), _ALL)
        gone = [ref for ref in refs if ref.startswith(homes) and ref not in there]
        for ref in gone:
            forget(memory, ref, began)
            memory.items.let_return(ref)
        if gone:
            memory.items.sweep()
    return len(gone)
