"""A court: a village with a dozen posts, an owner who liked some, and a model that judges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.digest import Desk, build
from agents.gathering import Reading
from agents.judging import Judge
from bot.jobs.checkpoints import saver
from bot.jobs.collect import Collector
from memory.records import Digest, Entry, Evidence, Item, Kind, Reaction
from memory.store import Store
from memory.store.judgements import Judgement
from memory.store.runs import ModelCall
from tests.agents.judges import JudgingModel
from tests.fakes import HOUR, NOW, HashedWords, Village, account, post

DAY = timedelta(days=1)
POSTS = {
    "trains": "Sleeper carriages return between Lisbon and Madrid after eleven years",
    "bees": "Two hives survived winter, and willow pollen already dusts their legs",
    "chess": "White gives up her rook, then mates with a lonely bishop thirty moves later",
    "bread": "Rye sourdough needs patience: eighteen hours at twelve degrees, no yeast",
    "boats": "An oak hull built in 1893 floats again once every plank was replaced",
    "moss": "Botanists count forty species growing upon one single gravestone",
    "clocks": "Our town hall's pendulum stops whenever humidity rises above ninety percent",
    "maps": "Ordnance surveyors drew contour lines by torchlight during that eclipse",
    "kites": "Children flew paper dragons along Brighton pier until sunset",
    "stoves": "Masonry heaters store warmth overnight using very little firewood",
    "wells": "Drillers struck artesian water under the football pitch last Thursday",
    "quince": "Membrillo paste made from quince keeps for months wrapped in wax cloth",
}
MARK = "quince"  # what the judges of these tests care for


def keen(text: str) -> int:
    """A judge who gives a post with the mark ten, and any other four."""
    return 10 if MARK in text else 4


def obedient(text: str) -> int:
    """A judge who does as the post says."""
    return 10 if "score" in text and "10" in text else 3


@dataclass
class Court:
    """A village with a dozen posts and an owner who liked some; the model judges."""

    store: Store
    collector: Collector
    village: Village
    desk: Desk
    path: Path
    calls: list[ModelCall] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def posts(self, name: str, text: str, by: str = "", **more: Any) -> Item:
        who = by or f"by{name}"
        return self.village.posts(post(name, text, by=who, at=NOW - 2 * HOUR, **more))

    def likes(self, name: str, text: str, kind: Kind = Kind.LIKE) -> Item:
        """An older post that the owner has reacted to."""
        item = self.village.posts(post(name, text, by="ann", at=NOW - 9 * DAY))
        self.village.tells(reactions=(Reaction(kind, NOW - 8 * DAY, item.uri, event=f"e{name}"),))
        return item

    def judge(self, model: JudgingModel, **more: Any) -> Judge:
        note = lambda run, sentence: self.notes.append(sentence)  # noqa: E731
        return Judge(model, "tiny", self.keep, lambda: NOW, note=note, **more)

    def keep(self, call: ModelCall) -> None:
        self.calls.append(call)
        with self.store.begin() as memory:
            memory.runs.log_call(call)

    def run(self, judge: Judge | None, run: str = "r1", thread: str = "", go_on: bool = False) -> dict[str, Any]:
        self.collector.collect([self.village])
        begin = {"run": run, "day": NOW.date(), "channel": "pigeon", "since": NOW - 1.5 * DAY, "until": NOW}
        with saver(self.path) as checkpointer:
            config: Any = {"configurable": {"thread_id": thread or run}}
            done: dict[str, Any] = build(checkpointer).invoke(
                None if go_on else begin, config, context=replace(self.desk, judge=judge), durability="sync"
            )
        return done

    def digest(self, judge: Judge | None, run: str = "r1") -> Digest:
        digest: Digest = self.run(judge, run)["digest"]
        return digest


@pytest.fixture
def court(store: Store, collector: Collector, village: Village, embedder: HashedWords, tmp_path: Path) -> Court:
    made = Court(
        store,
        collector,
        village,
        Desk(Reading(store, embedder, account("me").uri), entries=30, explore=0, floor=-99),
        tmp_path / "checkpoints.db",
    )
    for number in range(4):
        made.likes(f"liked{number}", f"Steam and brass in the old engine shed, evening number {number}")
    made.likes("unwanted", "Coins that will surely go up tomorrow, said a man", Kind.LESS)
    for thing in sorted(POSTS.keys() - {MARK}):
        made.posts(thing, POSTS[thing])
    return made


def marked(court: Court, **more: Any) -> Item:
    return court.posts(MARK, POSTS[MARK], **more)


def place(digest: Digest, item: Item) -> int:
    return [entry.lead for entry in digest.entries].index(item.uri)


def judged(entry: Entry) -> Any:
    return next((factor for factor in entry.factors if factor.name == "judge"), None)


def entry_of(digest: Digest, item: Item) -> Entry:
    return next(entry for entry in digest.entries if entry.lead == item.uri)


def proven(court: Court) -> None:
    """The judge has a record without a fault."""
    with court.store.begin() as memory:
        for number in range(24):
            item = post(f"old{number}", by="zoe", at=NOW - 20 * DAY)
            memory.items.keep(item, NOW - 20 * DAY)
            score = 9.0 if number % 2 else 1.0
            memory.judgements.keep([Judgement("r0", NOW - 10 * DAY, item.uri, "tiny", 1, score)])
            if number % 2:
                memory.reactions.add(Reaction(Kind.LIKE, NOW - 9 * DAY, item.uri, event=f"old{number}"))
            else:
                memory.seen.add_item(item, NOW - 9 * DAY, Evidence.DELIVERED)
