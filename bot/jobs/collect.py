"""Collect: what the sources bring goes into memory, is embedded and indexed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agents.chaff import Sieve
from bot.jobs import RunLog, run, step
from bot.jobs.thrift import give_back_memory
from memory.embedding import Embedder
from memory.index import VectorIndex, bring_up_to_date
from memory.keeping.embedding import embed_missing
from memory.keeping.forgetting import forget
from memory.records import Account, Consent, Fetched, Item, Kind, Reaction
from memory.store import Memory, Store
from tools.links import LinkResolver
from tools.sources import Rechecks, Source, SourceError

BATCH = 50
RECHECK_YOUNGER = timedelta(days=2)
RECHECK_AFTER = timedelta(hours=3)
RECHECK_MOST = 80
TAKEN_BACK = 5000

Progress = Callable[[str, int], None]
"""Told after each step: what is going on, and how much of it is done."""


@dataclass(frozen=True)
class Collector:
    """Takes in what sources bring: items, shares, reactions, what was seen, edits and deletions."""

    store: Store
    embedder: Embedder
    index: VectorIndex
    links: LinkResolver
    now: Callable[[], datetime]
    progress: Progress = lambda what, done: None
    batch: int = 0  # steps in one transaction; 0: as many as is usual
    sift: Callable[[], Sieve] | None = None  # learns anew what of the network is not worth searching or telling
    sieve: Sieve | None = None  # what was learnt for the collect that goes on

    def collect(self, sources: Sequence[Source]) -> RunLog:
        """Read every source to its end, then embed and index. One source failing does not stop the others.

        ``sources failed`` counts those that brought nothing but errors.
        """
        self.links.try_again()
        reader = self._sifting()
        with run(self.store, "collect", self.now) as record:
            for source in sources:
                reader._read(source, record)
            self._embed(record)
        give_back_memory()
        return record

    def _read(self, source: Source, record: RunLog) -> None:
        with self.store.begin() as memory:
            cursor = memory.sources.cursor(source.name)
        failed, steps = len(record.failures), 0
        try:
            with step(self.store, record, f"read {source.name}", self.now):
                steps = self._take(source, source.fetch(cursor), record)
                self._take(source, self._rechecked(source), record)
        except SourceError as error:
            record.failures.append(str(error))
        if len(record.failures) > failed and not steps:
            record.counts["sources failed"] += 1

    def recheck(self, source: Source, refs: Sequence[str]) -> bool:
        """Ask again for these items; True when any of them has changed or is gone."""
        if not isinstance(source, Rechecks) or not refs:
            return False
        with run(self.store, "recheck", self.now) as record:
            self._sifting()._take(source, source.recheck(refs), record)
            self._embed(record)
        return bool(record.counts["edited"] or record.counts["deleted"])

    def take_in(
        self, source: Source, stream: Iterator[Fetched | SourceError], record: RunLog, embed: bool = True
    ) -> None:
        """Store what comes in a stream of that source; then (or else with the next collect) embed and index it."""
        try:
            with step(self.store, record, f"read {source.name}", self.now):
                self._take(source, stream, record)
        finally:
            if embed:
                self._embed(record)

    def _sifting(self) -> Collector:
        """With the sieve of today; without one, what was ever laid aside is searched again."""
        if self.sift is not None:
            return replace(self, sieve=self.sift())
        with self.store.begin() as memory:
            for uri in memory.chaff.all(TAKEN_BACK):
                memory.chaff.take_back(uri)
        return self

    def _rechecked(self, source: Source) -> Iterator[Fetched | SourceError]:
        if isinstance(source, Rechecks):
            now = self.now()
            with self.store.begin() as memory:
                old = (now - RECHECK_YOUNGER, now - RECHECK_AFTER)
                refs = memory.items.unchecked(source.name, *old, limit=RECHECK_MOST)
            yield from source.recheck(refs)

    def _take(self, source: Source, stream: Iterator[Fetched | SourceError], record: RunLog) -> int:
        """Store a stream in batches; each batch is one transaction, cursor included. Returns how many steps it had."""
        batch: list[Fetched] = []
        steps = 0
        try:
            for fetched in stream:
                if isinstance(fetched, SourceError):
                    record.failures.append(str(fetched))
                    continue
                batch.append(fetched)
                steps += 1
                if len(batch) >= (self.batch or BATCH):
                    full, batch = batch, []
                    self._keep(source, full, record)
        finally:  # what a source has brought before it broke is not lost
            self._keep(source, batch, record)
        return steps

    def _keep(self, source: Source, batch: Sequence[Fetched], record: RunLog) -> None:
        steps = [replace(f, item=self._canonical(f.item), quoted=self._canonical(f.quoted)) for f in batch]
        counts, failures = Counter[str](), list[str]()
        with self.store.begin() as memory:
            memory.sources.keep_resolved(self.links.news())
            self._keep_steps(memory, source, steps, counts, failures)
            memory.sources.move(source.name, {feed: mark for step in steps for feed, mark in step.cursor.items()})
            if counts["deleted"]:
                memory.items.sweep()
        record.counts.update(counts)
        record.failures += failures
        self.progress(f"reading {source.name}", record.counts["read"])

    def _keep_steps(
        self, memory: Memory, source: Source, steps: Sequence[Fetched], counts: Counter[str], failures: list[str]
    ) -> None:
        """Together, or where that fails each by itself.

        What a database cannot hold (a number of forty digits, half a sign) is left out and not asked for again.
        """
        taker = _Taker(memory, source.name, self.now(), Counter(), self.sieve)
        try:
            with memory.part():
                taker.take_all(steps)
            counts.update(taker.counts)
        except (ValueError, OverflowError) as error:
            if len(steps) > 1:
                for step in steps:
                    self._keep_steps(memory, source, [step], counts, failures)
                return
            what = next((step.item.ref for step in steps if step.item), "a step without a post")
            failures.append(f"{source.name} sent what cannot be kept ({type(error).__name__}): {what!a} was left out.")

    def _canonical(self, item: Item | None) -> Item | None:
        """The item with every link of it under its one name (this may ask the web, so no transaction is open)."""
        if item is None:
            return None
        return replace(
            item, canonical=tuple(dict.fromkeys(self.links.resolve(link, fetch=True) for link in item.links))
        )

    def _embed(self, record: RunLog) -> None:
        with step(self.store, record, "embed", self.now):
            self._embed_missing(record)
        with step(self.store, record, "index", self.now):
            bring_up_to_date(self.store, self.index, self.embedder.name)
        self.progress("indexed", record.counts["embedded"])

    def _embed_missing(self, record: RunLog) -> None:
        def told(count: int) -> None:
            record.counts["embedded"] += count
            self.progress("embedding", record.counts["embedded"])

        embed_missing(self.store, self.embedder, told)


@dataclass(frozen=True)
class _Taker:
    """Stores steps of a source within a transaction."""

    memory: Memory
    source: str
    at: datetime
    counts: Counter[str]
    sieve: Sieve | None = None
    known: dict[str, Account] = field(default_factory=dict)  # by URI, of those that these steps are about

    def take_all(self, steps: Sequence[Fetched]) -> None:
        """One after the other, knowing beforehand who is spoken of."""
        authors = {item.author for fetched in steps for item in _items(fetched)}
        sighted = {account.uri for fetched in steps for account in fetched.accounts}
        self.known.update(self.memory.accounts.all(authors | sighted))
        for fetched in steps:
            self.take(fetched)

    def take(self, fetched: Fetched) -> None:
        memory = self.memory
        for account in {account.uri: account for account in fetched.accounts}.values():
            self._account(account)
        if fetched.followed is not None:
            memory.accounts.set_followed(fetched.followed, self.source)
            self.known.update(memory.accounts.all(self.known))
        if fetched.rules is not None:
            memory.rules.replace(self.source, fetched.rules)
        for item in _items(fetched):
            self._item(item, self.known.get(item.author), fetched.reactions)
        for share in fetched.shares:
            self.counts["shares"] += memory.shares.add(share)
        for reaction in fetched.reactions:
            self._reaction(reaction)
        for fact in fetched.seen:
            about = memory.items.get(fact.key) if fact.scope == "item" else None
            memory.seen.add_item(about, fact.since, fact.evidence) if about else memory.seen.add(fact)
        if fetched.read_up_to is not None:
            memory.seen.read_up_to(*fetched.read_up_to)
        for ref in fetched.gone:
            self.counts["deleted"] += forget(memory, ref, self.at)
        if fetched.gap is not None:
            memory.sources.add_gap(self.source, fetched.gap)
            self.counts["gaps"] += 1

    def _item(self, item: Item, author: Account | None, reactions: Sequence[Reaction]) -> None:
        own = any(reaction.item == item.uri and reaction.kind is Kind.AUTHORED for reaction in reactions)
        asks = author.asks if author and not own else frozenset()
        self.counts["read"] += 1
        if Consent.NOBOT in asks:
            self.counts["left out: asks not to be read by bots"] += 1
            return
        aside = "" if own or self.sieve is None else self.sieve.why_not(self.memory, item, author)
        indexable = Consent.NOINDEX not in asks
        became = self.memory.items.keep(item, self.at, indexable=indexable and not aside)
        self.counts[became] += 1
        if aside and became != "gone":
            self.memory.chaff.lay_aside(item.uri, aside, indexable)
            self.counts[f"laid aside: {aside}"] += became == "new"
        elif became != "new":
            self.memory.chaff.take_back(item.uri)

    def _account(self, account: Account) -> None:
        """Who asks from now on not to be read or indexed means the earlier posts, too."""
        memory, before = self.memory, self.known.get(account.uri)
        now = self.known[account.uri] = _completed(account, before)
        if now != before:
            memory.accounts.keep([account])
        for item in memory.items.by_author(account.uri, newest=None) if before and account.asks - before.asks else ():
            own = any(reaction.kind is Kind.AUTHORED for reaction in memory.reactions.of(item.uri))
            if Consent.NOBOT in account.asks and not own:
                self.counts["deleted"] += forget(memory, item.ref, self.at)
            elif Consent.NOINDEX in account.asks:
                memory.items.keep(item, self.at, indexable=False)

    def _reaction(self, reaction: Reaction) -> None:
        if self.memory.reactions.add(replace(reaction, source=reaction.source or self.source)):
            self.counts["reactions"] += 1
            self.memory.items.make_searchable(reaction.item)


def _items(fetched: Fetched) -> list[Item]:
    return [item for item in (fetched.quoted, fetched.item) if item is not None]


def _completed(sighting: Account, before: Account | None) -> Account:
    """A sighting with what it does not say, as that was before."""
    if sighting.followed is not None or before is None:
        return sighting
    return replace(sighting, followed=before.followed)
