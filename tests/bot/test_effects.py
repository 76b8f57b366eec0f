"""What each feedback does, and what Magpie says that it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from agents.gathering import Reading
from agents.taste import Example, Taste, fit
from bot.effects import Felt, apply, lines, points
from bot.jobs.collect import Collector
from bot.speaking import Speaker
from memory.records import Consent, Entry, Evidence, Item, Kind
from memory.search import Archive
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, ShelfIndex, Village, account, digest, post

EMOJI = {Kind.MORE: "👍", Kind.LESS: "👎", Kind.SAVE: "🔖", Kind.SEEN: "🙈", Kind.MUTE: "🔇", Kind.TELL: "🧵"}
NONE = Taste()
BEES = "Our bees have survived the winter well"
PROBE = np.eye(4, dtype=np.float32)


@dataclass
class Table:
    """An entry on a collected post, and what the owner feels about it."""

    store: Store
    reading: Reading
    archive: Archive
    item: Item
    entry: Entry
    events: list[str] = field(default_factory=list)

    def feels(self, kind: Kind, event: str = "") -> bool:
        self.events.append(event or f"event {len(self.events)}")
        felt = Felt(kind, EMOJI[kind], self.entry, self.item, PROBE[:0])
        with self.store.begin() as memory:
            return apply(memory, felt, NOW, self.events[-1], "pigeon")

    def evidence(self) -> set[tuple[str, Evidence]]:
        with self.store.begin() as memory:
            keys = {"item": self.item.uri, "link": "https://bees.example/winter", "thread": self.item.ref}
            return {
                (s, f.evidence) for s, key in keys.items() for fs in memory.seen.known(s, [key]).values() for f in fs
            }

    def found(self, query: str) -> list[int]:
        return self.archive.by_words(query, 9)

    def candidates(self) -> list[str]:
        return list(self.reading.window(NOW - 9 * HOUR, NOW + HOUR)[0].items)


@pytest.fixture
def table(store: Store, collector: Collector, village: Village, embedder: HashedWords, shelf: ShelfIndex) -> Table:
    item = post("a", BEES, at=NOW - HOUR, links=("https://bees.example/winter?utm_source=x",))
    village.posts(item, Consent.NOINDEX)
    village.posts(post("b", "another", at=NOW - HOUR), Consent.NOINDEX)
    collector.collect([village])
    with store.begin() as memory:
        kept = memory.items.get(item.uri)
        entry = memory.digests.add(digest(item)).entries[0]
    assert kept is not None
    reading = Reading(store, embedder, account("me").uri)
    return Table(store, reading, Archive(store, embedder, shelf), kept, entry)


@pytest.mark.parametrize("kind", EMOJI)
def test_a_feedback_is_stored_with_its_entry_once_for_each_event(table: Table, kind: Kind) -> None:
    assert table.feels(kind, "one") and not table.feels(kind, "one")
    with table.store.begin() as memory:
        (kept,) = memory.reactions.all()
    assert (kept.kind, kept.item, kept.emoji, kept.source) == (kind, table.item.uri, EMOJI[kind], "pigeon")


@pytest.mark.parametrize("kind", [Kind.SEEN, Kind.LESS, Kind.MUTE])
def test_what_is_dismissed_is_seen_with_its_link_and_its_thread(table: Table, kind: Kind) -> None:
    table.feels(kind)
    assert table.evidence() == {(scope, Evidence.DISMISSED) for scope in ("item", "link", "thread")}


@pytest.mark.parametrize("kind", [Kind.MORE, Kind.SAVE, Kind.TELL])
def test_what_is_welcome_is_not_dismissed(table: Table, kind: Kind) -> None:
    table.feels(kind)
    assert table.evidence() == set()


def test_a_mute_hides_everything_by_that_author_from_now_on(table: Table) -> None:
    assert len(table.candidates()) == 2
    table.feels(Kind.MUTE)
    assert table.candidates() == []


@pytest.mark.parametrize("kind", [kind for kind in EMOJI if kind is not Kind.MUTE])
def test_nothing_else_mutes_anybody(table: Table, kind: Kind) -> None:
    table.feels(kind)
    assert len(table.candidates()) == 2


@pytest.mark.parametrize("kind", [Kind.MORE, Kind.SAVE, Kind.TELL])
def test_what_is_wanted_can_be_searched_though_its_author_asks_not_to_be_indexed(table: Table, kind: Kind) -> None:
    assert table.found("bees") == []
    table.feels(kind)
    assert table.found("bees") == [table.item.id]


@pytest.mark.parametrize("kind", [Kind.SEEN, Kind.LESS, Kind.MUTE])
def test_what_is_not_wanted_stays_out_of_the_archive(table: Table, kind: Kind) -> None:
    table.feels(kind)
    assert table.found("bees") == []


def line(kind: Kind, before: Taste = NONE, after: Taste = NONE, near: int = 2, warning: str = "") -> str:
    item = replace(post("a", BEES), warning=warning)
    speaker = Speaker({item.uri: item}, {account("ann").uri: account("ann")}, ZoneInfo("UTC"))
    felt = Felt(kind, EMOJI[kind], replace(digest(item).entries[0], number=3), item, PROBE[:near])
    (found,) = lines([felt], lambda felt: before, after, speaker)
    return found


def taste(kind: Kind, worth: float) -> Taste:
    return fit([Example(post("a"), PROBE[0], kind, worth)])


def test_each_kind_says_what_it_changes() -> None:
    said = {kind: line(kind, near=0) for kind in EMOJI}
    assert said == {
        Kind.MORE: f"👍 More like 3 “{BEES}”. It counts in the next digest.",
        Kind.LESS: f"👎 Less like 3 “{BEES}”. It counts in the next digest.",
        Kind.SAVE: f"🔖 Saved 3 “{BEES}”; searching your archive finds it. It counts in the next digest.",
        Kind.SEEN: f"🙈 You knew 3 “{BEES}”: neither it, nor its link or thread, comes again.",
        Kind.MUTE: "🔇 Nothing by @ann@fedi.example any more. “/unmute @ann@fedi.example” takes that back.",
        Kind.TELL: f"🧵 3 “{BEES}” in full follows.",
    }


def test_what_stands_behind_a_warning_is_called_by_it() -> None:
    assert "“spiders”" in line(Kind.MORE, warning="spiders") and "bees" not in line(Kind.MORE, warning="spiders")


def mean(one: Taste, vectors: Sequence[np.ndarray]) -> float:
    return sum(points(one, vector) for vector in vectors) / len(vectors)


@pytest.mark.parametrize(("kind", "worth"), [(Kind.MORE, 3.0), (Kind.LESS, -3.0)])
def test_the_numbers_in_an_answer_are_those_of_the_taste(kind: Kind, worth: float) -> None:
    before, after = Taste(), taste(kind, worth)
    answer = line(kind, before, after)
    old, new = mean(before, PROBE[:2]), mean(after, PROBE[:2])
    affinity = after.author(account("ann").uri)
    assert (new > old) == (worth > 0)
    assert f"the 2 posts most like it {old:+.1f} → {new:+.1f} points" in answer
    assert f"@ann@fedi.example itself +0.00 → {affinity:+.2f}" in answer


def test_what_does_not_move_is_not_told() -> None:
    same = taste(Kind.MORE, 3.0)
    assert "itself" not in line(Kind.MORE, same, same)
