"""Import: what an export holds goes through the same pipeline as what is collected, in large steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from bot.jobs import RunLog, run
from bot.jobs.collect import Collector
from config.errors import SourceError
from memory.records import Fetched, Item
from memory.store import Store
from tools.importers import Importer, RowError
from tools.links import LinkResolver

BATCH = 500
EXAMPLES = 20


@dataclass
class Taken:
    """What became of the rows of an export. ``skipped`` and ``damaged`` count rows by the reason they were left out."""

    counts: Counter[str] = field(default_factory=Counter)  # read, new, edited, same, gone, deleted, reactions, embedded
    skipped: Counter[str] = field(default_factory=Counter)
    damaged: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)  # sentences about the first damaged rows
    failures: list[str] = field(default_factory=list)  # why it did not come to the end
    went_on_after: int = 0  # rows that an import which broke off had stored

    @property
    def whole(self) -> bool:
        """Whether the export was read to its end."""
        return not self.failures

    def leave_out(self, row: RowError) -> None:
        """Count a row that holds nothing, or cannot be read."""
        (self.damaged if row.damaged else self.skipped)[row.reason] += 1
        if row.damaged and len(self.examples) < EXAMPLES:
            self.examples.append(str(row))


@dataclass(frozen=True)
class Importing:
    """Takes in exports. Where short links lead is known from before, or not: nobody on the web is told of letters."""

    collector: Collector

    def take_in(self, importer: Importer, embed: bool = True) -> Taken:
        """Store all of an export, go on where an import broke off, embed and index. What cannot be read is counted."""
        taken, store = Taken(), self.collector.store
        with store.begin() as memory:
            cursor = memory.sources.cursor(importer.name)
        taken.went_on_after = importer.told(cursor)
        with run(store, "import", self.collector.now) as record:
            try:
                self._quiet.take_in(importer, _sifted(importer, importer.fetch(cursor), taken), record, embed)
                with store.begin() as memory:
                    memory.sources.move(importer.name, {"rows": ""})
            except SourceError as error:
                taken.failures.append(str(error))
            _summed(record, taken)
        return taken

    def rehearse(self, importer: Importer) -> Taken:
        """What taking it in would do, counted; nothing is stored."""
        taken = Taken()
        stream = _sifted(importer, importer.fetch(None), taken)
        try:
            while batch := list(islice(stream, BATCH)):
                _compare(self.collector.store, batch, taken)
                self.collector.progress(f"reading {importer.name}", taken.counts["read"])
        except SourceError as error:
            taken.failures.append(str(error))
        return taken

    @property
    def _quiet(self) -> Collector:
        known = self.collector.links.known
        return replace(self.collector, links=LinkResolver(None, known), batch=BATCH)


def _sifted(importer: Importer, rows: Iterator[Fetched | SourceError], taken: Taken) -> Iterator[Fetched]:
    for hidden in importer.opened.left_out:
        taken.leave_out(hidden)
    for row in rows:
        if isinstance(row, RowError):
            taken.leave_out(row)
        elif isinstance(row, SourceError):
            taken.leave_out(RowError("A row", str(row)))
        else:
            yield row


def _summed(record: RunLog, taken: Taken) -> None:
    """The run remembers what was left out by its reasons, not row by row."""
    taken.counts.update(record.counts)
    taken.failures += record.failures
    left_out = taken.skipped + taken.damaged
    record.counts.update({f"left out: {reason}": count for reason, count in left_out.items()})
    record.failures[:] = taken.failures[:EXAMPLES]


def _compare(store: Store, batch: list[Fetched], taken: Taken) -> None:
    items = [step.item for step in batch if step.item is not None]
    with store.begin() as memory:
        known = memory.items.all([item.uri for item in items])
    taken.counts.update(_what_becomes_of(item, known.get(item.uri)) for item in items)
    taken.counts["read"] += len(items)
    taken.counts["deleted"] += sum(len(step.gone) for step in batch)
    taken.counts["reactions"] += sum(len(step.reactions) for step in batch)


def _what_becomes_of(item: Item, known: Item | None) -> str:
    if known is None:
        return "new"
    return "same" if (known.searchable, known.links) == (item.searchable, item.links) else "edited"
