"""What an import would do, counted without keeping anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from memory.records import Fetched, Item, Reaction
from memory.store import Memory, Store


@dataclass
class Rehearsal:
    """Compares what an export holds with what is known, and with what came before it in the same export."""

    store: Store
    source: str
    counts: Counter[str]
    _told: dict[str, int] = field(default_factory=dict)  # URI → the state that would be stored by now
    _names: dict[str, str] = field(default_factory=dict)  # what the source calls it → URI
    _gone: set[str] = field(default_factory=set)
    _deeds: set[str] = field(default_factory=set)

    def compare(self, batch: Sequence[Fetched]) -> None:
        """Count what would become of these steps."""
        items = [item for step in batch for item in (step.quoted, step.item) if item is not None]
        with self.store.begin() as memory:
            known = memory.items.all({item.uri for item in items} - set(self._told))
            for step in batch:
                for item in (step.quoted, step.item):
                    if item is not None:
                        self.counts.update(("read", self._becomes(memory, item, known.get(item.uri))))
                self.counts["deleted"] += sum(self._takes_back(memory, name) for name in step.gone)
                self.counts["reactions"] += sum(self._is_news(memory, deed) for deed in step.reactions)

    def _becomes(self, memory: Memory, item: Item, known: Item | None) -> str:
        if item.ref in self._gone or (item.uri not in self._told and memory.items.is_gone(item)):
            return "gone"
        if known is not None and known.source != item.source and known.text and not item.text:
            return "same"
        before = self._told.get(item.uri, _state(known) if known else None)
        self._told[item.uri], self._names[item.ref] = _state(item), item.uri
        return "new" if before is None else "same" if before == _state(item) else "edited"

    def _takes_back(self, memory: Memory, name: str) -> bool:
        if name in self._gone:
            return False
        self._gone.add(name)
        return self._told.pop(self._names.pop(name, ""), None) is not None or memory.items.by_ref(name) is not None

    def _is_news(self, memory: Memory, deed: Reaction) -> bool:
        event = deed.event or f"{deed.source or self.source}:{deed.kind}:{deed.item}"
        news = event not in self._deeds and not memory.reactions.known(event)
        self._deeds.add(event)
        return news


def _state(item: Item) -> int:
    return hash((item.searchable, item.links))
