"""An editor, a player and a village in which time passes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from agents.digest import NODES, Desk
from agents.gathering import Reading
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from bot.jobs.replay import Player
from bot.outbox import Postman
from config.settings import DigestSection
from memory.records import Digest, Evidence, Item, Kind, Reaction
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, Pigeon, Village, account, post

TEXTS = {
    "ann": "The old bridge over the river will be closed for two years from Monday on, says the council",
    "bob": "Our bees have survived the winter well and today the first of them flew out to the willows",
    "cy": "A game of chess from last night where white gives up the rook and wins thirty moves later",
}


class BrokenError(Exception):
    """What a node raises in a test."""


@dataclass
class Newsroom:
    """An editor, a player and a village in which time passes."""

    editor: Editor
    village: Village
    clock: list[Any]
    channel: Pigeon

    @property
    def store(self) -> Store:
        return self.editor.store

    @property
    def player(self) -> Player:
        return Player(self.store, self.editor.desk, self.editor.checkpoints, self.editor.now)

    def at_work(self, **desk: Any) -> Player:
        return replace(self.player, desk=replace(self.editor.desk, **desk))

    def posts(self, name: str, words: str, by: str, hours: float = -1) -> Item:
        return self.village.posts(post(name, words, by=by, at=self.clock[0] + hours * HOUR))

    def collect(self) -> None:
        self.editor.collector.collect([self.village])

    def digest(self) -> Digest:
        self.collect()
        made = self.editor.digest("pigeon")
        Postman(self.store, self.channel, self.editor.now).deliver()
        return made

    def breaks(self, node: str, monkeypatch: pytest.MonkeyPatch) -> str:
        """Today's digest breaks in that node, which is whole again afterwards; returns the run."""
        self.collect()
        with monkeypatch.context() as patch, pytest.raises(BrokenError):
            patch.setitem(NODES, node, self._broken)
            self.editor.digest("pigeon")
        return self.runs("digest")[0].id

    @staticmethod
    def _broken(*_: Any) -> Any:
        raise BrokenError

    def runs(self, job: str) -> list[Any]:
        with self.store.begin() as memory:
            return list(memory.runs.latest(job))

    def nodes(self, run: str) -> list[str]:
        with self.store.begin() as memory:
            return [step.node for step in memory.runs.steps(run)]

    def kept(self) -> tuple[int, int, int]:
        """How many digests, messages to be said and messages said there are."""
        with self.store.begin() as memory:
            digests, outbox, messages = (
                memory.conn.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608
                for table in ("digests", "outbox", "messages")
            )
        return digests, outbox, messages


@pytest.fixture
def room(
    store: Store, collector: Collector, village: Village, pigeon: Pigeon, embedder: HashedWords, tmp_path: Path
) -> Newsroom:
    clock = [NOW]
    desk = Desk(Reading(store, embedder, account("me").uri), floor=-99, explore=0)
    village.tells(followed=frozenset(account(name).uri for name in (*TEXTS, "dot", "eve")))
    zone, path = ZoneInfo("UTC"), tmp_path / "checkpoints.db"
    collector = replace(collector, now=lambda: clock[0])
    editor = Editor(store, desk, collector, [], path, DigestSection(), zone, lambda: clock[0])
    room = Newsroom(editor, village, clock, pigeon)
    for name, words in TEXTS.items():
        room.posts(name, words, by=name)
    return room


def life_goes_on(room: Newsroom) -> None:
    """A day passes. Much of what is learnt on it is dated before the digest."""
    room.clock[0] += timedelta(days=1)
    room.posts("late", "A ferry is to go in place of the trams when the bridge over the river is closed", "dot", -30)
    liked = post("bob", TEXTS["bob"], by="bob", at=NOW - HOUR)
    room.village.boosts("eve", liked, at=NOW - 0.5 * HOUR)
    room.posts("new", "The library opens on Sundays now and lends tools and seeds and a telescope too", "eve")
    room.village.tells(read_up_to=("home", NOW - 0.1 * HOUR))
    room.collect()
    with room.store.begin() as memory:
        kept = memory.items.all([liked.uri, post("cy").uri])
        memory.reactions.add(Reaction(Kind.LIKE, NOW - HOUR, liked.uri))
        memory.seen.add_item(kept[liked.uri], NOW - HOUR, Evidence.REACTED)
        memory.reactions.add(Reaction(Kind.LESS, NOW - 0.5 * HOUR, post("cy").uri, event="less"))
    room.digest()
