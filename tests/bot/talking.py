"""A talk for tests of what is heard: an owner, a pigeon that carries what both sides say, and all behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agents.digest import Desk
from agents.gathering import Reading
from bot.feedback import emoji_map
from bot.jobs.answer import Answerer
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from bot.outbox import Postman
from bot.router import Router
from bot.speaking import Speaker
from config.settings import DigestSection, FeedbackSection
from memory.records import Kind, Reaction
from memory.store import Store
from tests.bot.clerk import Clerk
from tests.fakes import HOUR, NOW, HashedWords, Pigeon, ShelfIndex, Village, account, post

TEXTS = {
    "ann": "Our bees have survived the winter well and today the first of them flew out to the willows",
    "bob": "The old bridge over the river will be closed for two years from Monday on, says the council",
    "cy": "A game of chess from last night where white gives up the rook and wins thirty moves later",
}


@dataclass
class Talk:
    """An owner, a pigeon that carries what both sides say, and everything behind it."""

    store: Store
    collector: Collector
    village: Village
    pigeon: Pigeon
    router: Router
    postman: Postman
    answerer: Answerer
    clerk: Clerk
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    def digest(self, days: int = 0) -> None:
        self.clock[0] = NOW + timedelta(days=days)
        self.collector.collect([self.village])
        self.router.editor.digest("pigeon")
        self.postman.deliver()

    def says(self, text: str, reply_to: str = "") -> list[str]:
        """The owner says something; what Magpie answers."""
        self.pigeon.hears(text, self.clock[0], reply_to)
        return self.hears()

    def taps(self, message: str, emoji: str = "⭐", event: str = "") -> list[str]:
        """The owner reacts to a message."""
        number = str(len(self.pigeon.heard) + 1)
        event = event or f"tap {number}"
        self.pigeon.heard.append(
            Reaction(Kind.MORE, self.clock[0], message=message, emoji=emoji, event=event, cursor=number)
        )
        return self.hears()

    def hears(self, again: bool = False) -> list[str]:
        """Listen from the cursor, or, as after a loss, from the beginning; what is said then."""
        before = len(self.pigeon.said)
        self.new = self.router.handle(self.pigeon.listen(None if again else self.router.cursor()))
        self.postman.deliver()
        while self.answerer.answer_next():
            self.postman.deliver()
        return [
            "".join("\n" if s.kind == "break" else s.text for s in o.spans)
            for o in list(self.pigeon.said.values())[before:]
        ]

    def felt(self) -> list[tuple[Kind, str]]:
        """Kind and author of every reaction."""
        with self.store.begin() as memory:
            found = memory.reactions.all()
            items = memory.items.all([reaction.item for reaction in found])
        return [(r.kind, items[r.item].author.rsplit("/", 1)[1]) for r in found]

    def number(self, name: str) -> int:
        """Under which number the last digest tells of somebody's post; its message is p<number> on the first day."""
        with self.store.begin() as memory:
            digest = memory.digests.latest()
        assert digest is not None
        return next(entry.number for entry in digest.entries if entry.lead == post(name).uri)

    def rules(self) -> list[tuple[str, str]]:
        with self.store.begin() as memory:
            return [(rule.kind, rule.key) for rule in memory.rules.active(NOW)]


@pytest.fixture
def quiet(
    store: Store,
    collector: Collector,
    village: Village,
    pigeon: Pigeon,
    embedder: HashedWords,
    shelf: ShelfIndex,
    tmp_path: Path,
) -> Talk:
    """Nothing was told yet."""
    clock, zone = [NOW], ZoneInfo("UTC")
    reading = Reading(store, embedder, account("me").uri)
    desk = Desk(reading, floor=-99, explore=0)
    village.tells(followed=frozenset(account(name).uri for name in TEXTS))
    for name, text in TEXTS.items():
        village.posts(post(name, text, by=name, at=NOW - HOUR))
    editor = Editor(store, desk, collector, [], tmp_path / "check.db", DigestSection(), zone, lambda: clock[0])
    meanings, clerk = emoji_map(FeedbackSection()), Clerk()
    router = Router(store, "pigeon", reading, editor, shelf, meanings, lambda: clock[0], "none")
    answerer = Answerer(
        store,
        pigeon,
        lambda: clerk,
        lambda memory: Speaker({}, memory.accounts.all(), zone),
        lambda: account("me").uri,
        tmp_path / "check.db",
        lambda: clock[0],
        patience=3600,
    )
    postman = Postman(store, pigeon, lambda: clock[0])
    return Talk(store, collector, village, pigeon, router, postman, answerer, clerk, clock)


@pytest.fixture
def talk(quiet: Talk) -> Talk:
    """A digest of three entries was told: p0 is its head, p1 to p3 are its entries."""
    quiet.digest()
    assert list(quiet.pigeon.said) == [f"digest/pigeon/2026-11-20{end}" for end in ("", "/1", "/2", "/3")]
    return quiet
