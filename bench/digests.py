"""Digests of the sample network, four days at a fixed hour: Magpie, the peers' formulas, Magpie without some parts.

python -m bench.digests [--entries 10]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.build import Magpie
from bot.channels import NEW, Past
from bot.trials.peers import PEERS, Timeline
from config.settings import parse
from memory.embedding import Embedder, SentenceEmbedder
from memory.records import Account, Entry, Item, Message, Outgoing, Reaction
from tools.sources.sample import SampleSource
from tools.sources.sample_network import DAYS, Network, SampleWeb

HOUR = "18:00"
NETWORK = Network()


@dataclass
class Silent:
    """A channel that says nothing."""

    name: str = "terminal"
    said: int = 0

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        """Nobody says anything."""
        return iter(())

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Taken as said."""
        self.said += 1
        return (f"s{self.said}",)


@dataclass(frozen=True)
class Row:
    """One entry that was told: what led it, by which keys it is known again, and how many followees share it."""

    lead: Item
    keys: frozenset[str]  # item, thread and links
    people: int
    known: bool  # the owner had reacted to it, its link or its thread


@dataclass
class Told:
    """What a way of choosing told, day by day."""

    days: list[list[Row]] = field(default_factory=list)

    def measures(self) -> list[str]:
        """The measures in the order of ``HEAD``. New is what the owner does not know and was not told before."""
        before: set[str] = set()
        repeats = authors = wanted = good = 0
        for day in self.days:
            for row in day:
                again = bool(row.keys & before)
                repeats += again
                wanted += _wanted(row.lead)
                good += _wanted(row.lead) and not row.known and not again
            before.update(*(row.keys for row in day))
            authors += len({row.lead.author for row in day})
        rows = [row for day in self.days for row in day]
        shared = sum(row.people >= 2 for row in rows)
        parts = (repeats, authors, shared, wanted, good)
        return [str(len(rows)), *(f"{part / max(len(rows), 1):.2f}" for part in parts)]


HEAD = ("way", "entries", "repeats", "distinct authors", "shared by ≥ 2", "wanted", "wanted and new")


def _wanted(item: Item) -> bool:
    post = NETWORK.post_of(item.ref)
    return bool(post and NETWORK.posts[post].get("want"))


def magpie(embedder: Embedder, entries: int, **changes: Any) -> Magpie:
    """Magpie over the sample, its memory in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="magpie-bench-"))
    clock = [NETWORK.instant(f"1 {HOUR}")]
    table: dict[str, Any] = {
        "owner": {
            "handle": NETWORK.handle(NETWORK.owner),
            "interests": changes.pop("interests", "more on rail and bees, no crypto"),
        },
        "digest": {"entries": entries, **changes},
        "data": str(folder),
        "model": {"kind": "none"},
    }

    def now() -> datetime:
        return clock[0]

    built = Magpie(
        parse(table),
        now,
        given_sources=[SampleSource(now, NETWORK)],
        given_channel=Silent(),
        given_embedder=embedder,
        given_web=SampleWeb(),
    )
    built.clock = clock  # type: ignore[attr-defined]
    return built


def run(built: Magpie, on_day: Callable[[int], None] = lambda day: None) -> Told:
    """Four days of digests."""
    told = Told()
    for day in range(1, DAYS + 1):
        built.clock[0] = NETWORK.instant(f"{day} {HOUR}")  # type: ignore[attr-defined]
        built.collector.collect(built.sources)
        digest = built.editor.digest("terminal")
        built.speak()
        told.days.append([_row(built, entry) for entry in digest.entries])
        on_day(day)
    return told


def _row(built: Magpie, entry: Entry) -> Row:
    with built.store.begin() as memory:
        item = memory.items.get(entry.lead)
        accounts = memory.accounts.all(entry.sharers)
    assert item is not None
    keys = frozenset({*entry.items, *entry.links, *entry.threads})
    return Row(item, keys, _people(entry.sharers, accounts), bool(keys & _known(built)))


def _known(built: Magpie) -> set[str]:
    """Keys of all that the owner has reacted to or written by now."""
    with built.store.begin() as memory:
        items = memory.items.all({reaction.item for reaction in memory.reactions.all()}).values()
    return {key for item in items for key in (item.uri, item.thread, *item.canonical)}


def _people(sharers: Sequence[str], accounts: dict[str, Account]) -> int:
    return sum(bool(accounts[uri].followed) for uri in sharers if uri in accounts)


def peers(built: Magpie, entries: int) -> dict[str, Told]:
    """What the peers choose each day from what Magpie has collected by then."""
    found = {name: Told() for name in PEERS}
    sent: dict[str, set[str]] = {name: set() for name in PEERS}

    def on_day(day: int) -> None:
        timeline = _timeline(built, NETWORK.instant(f"{day} {HOUR}"))
        for name, peer in PEERS.items():
            chosen = peer(timeline, entries, sent[name])
            sent[name] |= {item.uri for item in chosen}
            found[name].days.append([_peer_row(built, timeline, item) for item in chosen])

    found["Magpie"] = run(built, on_day)
    return found


def _peer_row(built: Magpie, timeline: Timeline, item: Item) -> Row:
    keys = frozenset({item.uri, item.thread, *item.canonical})
    return Row(item, keys, _sharers(timeline, item), bool(keys & _known(built)))


def _sharers(timeline: Timeline, item: Item) -> int:
    same = {
        other.uri for other in timeline.items if other.uri == item.uri or set(other.canonical) & set(item.canonical)
    }
    return _people(list({share.account for share in timeline.shares if share.item in same}), timeline.accounts)


def _timeline(built: Magpie, now: datetime) -> Timeline:
    with built.store.begin() as memory:
        me = NETWORK.uri_of(NETWORK.owner)
        shares = [s for s in memory.shares.between(now - timedelta(hours=24), now) if s.account != me]
        reacted = {r.item for r in memory.reactions.all()}
        items = [
            i for i in memory.items.all({s.item for s in shares}).values() if i.author != me and i.uri not in reacted
        ]
        return Timeline(sorted(items, key=lambda i: i.created_at), shares, memory.accounts.all(), now)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=10)
    count = parser.parse_args().entries
    embedder = SentenceEmbedder()
    rows = peers(magpie(embedder, count), count)
    rows["Magpie, no wishes"] = run(magpie(embedder, count, interests=""))
    rows["Magpie, no exploring"] = run(magpie(embedder, count, explore=0))
    table = Table(*HEAD, title=f"The sample network, {DAYS} days, {count} entries a day")
    for name, told in rows.items():
        table.add_row(name, *told.measures())
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
