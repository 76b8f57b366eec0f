"""The posts most like those that feedback may be about: asked for before anything is stored, never meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from agents.choice import TOPIC
from bot.meant import perhaps_meant
from memory.index import VectorIndex
from memory.records import Entry, Message, Reaction
from memory.store import Memory, Store

NEAR = 5
Array = NDArray[np.float32]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Neighbours:
    """Asks the index; ``model`` is the name of the embedding model."""

    store: Store
    index: VectorIndex
    model: str
    channel: str

    def of(self, events: Sequence[Message | Reaction], now: datetime) -> Mapping[int, list[int]]:
        """By Entry.id, for all entries that the events may be about, the numbers of the posts most like its lead.

        Feedback counts without them, only the answer says less: an index that breaks is no error here.
        """
        if not events:
            return {}
        try:
            with self.store.begin() as memory:
                meant = [entry for event in events for entry in perhaps_meant(memory, event, self.channel, now)]
            return {entry.id: self._near(entry) for entry in {entry.id: entry for entry in meant}.values()}
        except Exception:
            log.exception("event=broke job=listen what=neighbours channel=%s", self.channel)
            return {}

    def _near(self, entry: Entry) -> list[int]:
        """Others than those of its own story."""
        with self.store.begin() as memory:
            same = {item.id: item.uri for item in memory.items.all(entry.items).values()}
            own = memory.vectors.get(self.model, [number for number, uri in same.items() if uri == entry.lead])
        if not own:
            return []
        (vector,) = own.values()
        near = [number for number, cosine in self.index.query(vector, NEAR + len(same)) if cosine >= TOPIC]
        with self.store.begin() as memory:
            items = memory.passages.items_of(near)
        others = (items[number] for number in near if number in items)
        return [number for number in dict.fromkeys(others) if number not in same][:NEAR]

    def vectors(self, memory: Memory, numbers: Iterable[int]) -> Array:
        """Their vectors (n, dim)."""
        found = memory.vectors.get(self.model, list(numbers))
        return np.stack(list(found.values())) if found else np.zeros((0, 0), np.float32)
