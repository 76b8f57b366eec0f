"""Magpie lives in a simulated town: a real memory in a folder of its own, and a digest a day as the product makes it.

What people post is in memory from the beginning (each post with its instant, so that none is read before its time);
what the owner stars comes in day by day. No chat model takes part.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from agents.digest import Desk
from agents.gathering import Reading
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from bot.trials.town import BEGIN, Post, Town
from config.settings import DigestSection
from memory.embedding import Embedder
from memory.exact import ExactIndex
from memory.keeping.embedding import embed_missing
from memory.records import Account, Counts, Digest, Entry, Evidence, Item, Kind, Reaction, Share
from memory.store import Memory, Store
from tools.links import LinkResolver, is_general

ENTRIES: Final = 10
CHANNEL: Final = "terminal"
SOURCE: Final = "town"
HOST: Final = "town.example"
UNCOUNTED: Final = Counts()
PAGE: Final = "https://stars.example/"
"""Where the items are: by that link an item is the same in whoever's post."""


@dataclass(frozen=True)
class Way:
    """A way for Magpie to be: how much its factors weigh, whether it explores, remembers, and is answered.

    One that does not know the ``stars`` of its owner, neither early nor late ones, has nothing but the answers.
    """

    name: str
    weights: Mapping[str, float] = field(default_factory=dict)
    explore: int = 1
    remembers: bool = True
    answered: bool = False
    stars: bool = True
    floor: float = DigestSection().floor


@dataclass(frozen=True)
class Names:
    """How a town's people and posts are called on the network."""

    town: Town
    texts: Mapping[str, str]

    def account(self, name: str, followed: bool | None = True) -> Account:
        """Somebody of the town."""
        uri, followers = f"https://{HOST}/users/{name}", self.town.followers.get(name, 1)
        return Account(uri, f"{name}@{HOST}", name, followers=followers, followed=followed)

    def item(self, post: Post, counts: Counts = UNCOUNTED) -> Item:
        """The post as an item."""
        place = f"{post.author}/{post.item}"
        return Item(
            uri=f"https://{HOST}/posts/{place}",
            ref=f"https://{HOST}#{place}",
            author=self.account(post.author).uri,
            created_at=post.at,
            text=self.texts[post.item],
            source=SOURCE,
            links=(PAGE + post.item,),
            canonical=(PAGE + post.item,),
            counts=counts,
        )


@dataclass
class Life:
    """One owner's Magpie in one way of being, in a folder of its own."""

    town: Town
    texts: Mapping[str, str]
    embedder: Embedder
    folder: Path
    way: Way = Way("Magpie")
    clock: datetime = BEGIN

    @cached_property
    def names(self) -> Names:
        """How all are called."""
        return Names(self.town, self.texts)

    @cached_property
    def owner(self) -> Account:
        """Whom it works for."""
        return self.names.account(f"owner.{self.town.owner}", None)

    @cached_property
    def store(self) -> Store:
        """The memory."""
        return Store.open(self.folder / "magpie.db", self.owner.handle)

    def settle(self) -> None:
        """Take in everybody's posts, and what the owner had starred before."""
        with self.store.begin() as memory:
            memory.accounts.keep([self.owner, *map(self.names.account, self.town.followees)])
            for post in self.town.posts:
                item = self.names.item(post)
                memory.items.keep(item, post.at)
                memory.shares.add(Share(item.author, item.uri, post.at))
        if self.way.stars:
            self._star(self.town.before)
        embed_missing(self.store, self.embedder)
        self.store.close()

    def moved(self, way: Way, folder: Path) -> Life:
        """The same memory for another way of being, in a folder of its own."""
        folder.mkdir()
        shutil.copy(self.folder / "magpie.db", folder / "magpie.db")
        return Life(self.town, self.texts, self.embedder, folder, way)

    def digests(self) -> Iterator[Digest]:
        """A digest a day, each kept and delivered; what is done between two of them is known to the next."""
        for day in range(self.town.days):
            before, self.clock = self.clock, self.town.hour(day)
            if self.way.stars:
                self._star([like for like in self.town.likes if before < like[0] <= self.clock])
            digest = self.tell()
            yield digest
            if self.way.answered:
                self.answer(digest)
        self.store.close()

    def tell(self) -> Digest:
        """The digest of now. Without remembering it is as if nothing had ever been told or seen."""
        if not self.way.remembers:
            return self.editor.preview(CHANNEL)
        digest = self.editor.digest(CHANNEL)
        with self.store.begin() as memory:
            for item in memory.items.all({uri for entry in digest.entries for uri in entry.items}).values():
                memory.seen.add_item(item, self.clock, Evidence.DELIVERED)
        return digest

    def answer(self, digest: Digest) -> None:
        """A thumb up for each entry that the owner will star; what is not answered is passed over."""
        wanted = self.town.wanted(self.clock)
        with self.store.begin() as memory:
            for entry in digest.entries:
                if item_of(entry) in wanted:
                    self.react(memory, Kind.MORE, entry.lead, entry.id)

    def react(self, memory: Memory, kind: Kind, uri: str, entry: int | None = None) -> None:
        """The owner answers with an emoji, a minute after the digest."""
        at = self.clock + timedelta(minutes=1)
        memory.reactions.add(Reaction(kind, at, uri, CHANNEL, event=f"{kind} {uri}"), entry)

    @property
    def editor(self) -> Editor:
        """The job that makes digests, as it is wired in the product."""
        reading = Reading(self.store, self.embedder, self.owner.uri, weights=self.way.weights)
        desk = Desk(reading, ENTRIES, self.way.explore, self.way.floor, is_general)
        index, now = ExactIndex(self.store, self.embedder.name), lambda: self.clock
        collector = Collector(self.store, self.embedder, index, LinkResolver(None), now)
        checkpoints, chosen = self.folder / "checkpoints.db", DigestSection(entries=ENTRIES, explore=self.way.explore)
        return Editor(self.store, desk, collector, (), checkpoints, chosen, ZoneInfo("UTC"), now)

    def _star(self, likes: Sequence[tuple[datetime, Post]]) -> None:
        """The owner stars what was met, and knows it from then on."""
        with self.store.begin() as memory:
            for at, post in likes:
                item = self.names.item(post)
                memory.items.keep(item, post.at)
                memory.reactions.add(Reaction(Kind.LIKE, at, item.uri, SOURCE))
                if self.way.remembers:
                    memory.seen.add_item(item, at, Evidence.REACTED)


def item_of(entry: Entry) -> str:
    """The item that an entry shows: that of the post which leads it."""
    return entry.lead.rpartition("/")[2]
