"""Import: what an export holds goes through the same pipeline as what is collected, in large steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import islice

from bot.jobs import RunLog, run
from bot.jobs.collect import Collector
from bot.jobs.rehearsing import Rehearsal
from config.errors import SourceError
from memory.records import Fetched
from tools.importers import Importer, RowError
from tools.importers.deeds import Ask, answered
from tools.links import LinkResolver

BATCH = 500
ASKING = 20  # in one transaction, where each may take a second
REMEMBERED = 1_000  # answers: what was liked was often kept, too
EXAMPLES = 20


@dataclass
class Taken:
    """What became of the rows of an export.

    ``skipped`` and ``damaged`` count rows by the reason they were left out, ``partly`` what some went in without.
    """

    counts: Counter[str] = field(default_factory=Counter)  # read, new, edited, same, gone, deleted, reactions, embedded
    skipped: Counter[str] = field(default_factory=Counter)
    damaged: Counter[str] = field(default_factory=Counter)
    partly: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)  # sentences about the first damaged rows
    failures: list[str] = field(default_factory=list)  # why it did not come to the end
    rows: int = 0  # that were understood, be they new or not
    went_on_after: int = 0  # rows that an import which broke off had stored

    @property
    def whole(self) -> bool:
        """Whether the export was read to its end."""
        return not self.failures

    def leave_out(self, row: RowError) -> None:
        """Count a row that holds nothing, or cannot be read."""
        (self.partly if row.partly else self.damaged if row.damaged else self.skipped)[row.reason] += 1
        if row.damaged and len(self.examples) < EXAMPLES:
            self.examples.append(str(row))


@dataclass(frozen=True)
class Importing:
    """Takes in exports. Where short links lead is known from before, or not: nobody on the web is told of letters.

    ``ask``: where the owner wants it, whoever tells what lies behind the bare address of something liked or kept.
    """

    collector: Collector
    ask: Ask | None = None

    def take_in(self, importer: Importer, embed: bool = True) -> Taken:
        """Store all of an export, go on where an import broke off, embed and index. What cannot be read is counted."""
        taken, store = Taken(), self.collector.store
        with store.begin() as memory:
            cursor = memory.sources.cursor(importer.name)
        taken.went_on_after = importer.told(cursor)
        with run(store, "import", self.collector.now) as record:
            try:
                rows = _sifted(importer, importer.fetch(cursor), taken)
                self._quiet.take_in(importer, self._answered(rows), record, embed)
                with store.begin() as memory:
                    memory.sources.move(importer.name, {"rows": ""})
            except SourceError as error:
                taken.failures.append(str(error))
            _summed(record, taken)
        return taken

    def rehearse(self, importer: Importer) -> Taken:
        """What taking it in would do, counted; nothing is stored, and nobody is asked."""
        taken = Taken()
        stream = _sifted(importer, importer.fetch(None), taken)
        rehearsal = Rehearsal(self.collector.store, importer.name, taken.counts)
        try:
            while batch := list(islice(stream, BATCH)):
                rehearsal.compare(batch)
                self.collector.progress(f"reading {importer.name}", taken.counts["read"])
        except SourceError as error:
            taken.failures.append(str(error))
        return taken

    @property
    def _quiet(self) -> Collector:
        known = self.collector.links.known
        return replace(self.collector, links=LinkResolver(None, known), batch=ASKING if self.ask else BATCH)

    def _answered(self, rows: Iterator[Fetched]) -> Iterator[Fetched]:
        """What is known already is not asked for; so an import that broke off, or is done again, asks little."""
        asking = lru_cache(REMEMBERED)(self._unless_known)
        return (answered(row, asking) for row in rows) if self.ask else rows

    def _unless_known(self, address: str) -> Fetched | None:
        with self.collector.store.begin() as memory:
            known = memory.items.get(address) is not None
        return None if known or self.ask is None else self.ask(address)


def _sifted(importer: Importer, rows: Iterator[Fetched | SourceError], taken: Taken) -> Iterator[Fetched]:
    for hidden in importer.opened.left_out:
        taken.leave_out(hidden)
    for row in rows:
        if isinstance(row, RowError):
            taken.leave_out(row)
        elif isinstance(row, SourceError):
            taken.leave_out(RowError("A row", str(row)))
        else:
            taken.rows += 1
            yield row


def _summed(record: RunLog, taken: Taken) -> None:
    """The run remembers what was left out by its reasons, not row by row."""
    taken.counts.update(record.counts)
    taken.failures += record.failures
    left_out = taken.skipped + taken.damaged + taken.partly
    record.counts.update({f"left out: {reason}": count for reason, count in left_out.items()})
    record.failures[:] = taken.failures[:EXAMPLES]
