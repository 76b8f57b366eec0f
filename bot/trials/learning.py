"""How many emoji it takes: until a new interest is among the ten, and until one that is not wanted any more is gone.

A topic is made of items that lie near each other (k-means over all vectors). On one day, posts on it stand among all
the others of a town. A new interest is a topic of which the owner has starred next to nothing: the owner gives one
thumb up after another to older posts on it. A rejected one is that of which the owner has starred most: the owner gives
a thumb down to the first entry on it in each digest.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from bot.trials.life import CHANNEL, Life, item_of
from bot.trials.town import BEGIN, Post
from memory.embedding import Embedder
from memory.keeping.embedding import embed_missing
from memory.records import Digest, Evidence, Kind, Share

TOPICS: Final = 60
MOST: Final = 12  # emoji; more than that nobody gives
FEW, MANY = 5, 15  # posts on the topic on that day: of a new one, of one that may be rejected
FEWEST: Final = MANY + MOST  # items that a topic is to have


@dataclass(frozen=True)
class Speed:
    """Emoji given until it showed; None: it did not within ``MOST``, and "at once" counts as 0."""

    topic: int
    emoji: int | None


def topics_of(texts: Mapping[str, str], embedder: Embedder, count: int = TOPICS, seed: int = 7) -> dict[str, int]:
    """Item → topic, of all items."""
    from sklearn.cluster import KMeans

    vectors = embedder.embed(list(texts.values()))
    found = KMeans(min(count, len(texts)), n_init=1, max_iter=25, random_state=seed).fit_predict(np.asarray(vectors))
    return dict(zip(texts, map(int, found), strict=True))


@dataclass(frozen=True)
class Lesson:
    """One topic on one day of one owner's life."""

    life: Life
    topics: Mapping[str, int]
    topic: int

    def learnt(self) -> Speed:
        """Thumbs up until an entry is on the topic."""
        older = self._prepare(FEW)
        for given in range(MOST + 1):
            if self._entries(self.life.editor.preview(CHANNEL)):
                return Speed(self.topic, given)
            self._answer(Kind.MORE, older[given % len(older)])
        return Speed(self.topic, None)

    def unlearnt(self) -> Speed | None:
        """Thumbs down until no entry is on the topic; None where none ever was."""
        self._prepare(MANY)
        for given in range(MOST + 1):
            entries = self._entries(self.life.editor.preview(CHANNEL))
            if not entries:
                return Speed(self.topic, given) if given else None
            self._answer(Kind.LESS, entries[0])
        return Speed(self.topic, None)

    def _entries(self, digest: Digest) -> list[str]:
        """Leads of the entries on the topic."""
        return [entry.lead for entry in digest.entries if self.topics.get(item_of(entry)) == self.topic]

    def _prepare(self, posted: int) -> list[str]:
        """Posts on the topic on that day; returns older ones, which are past the day's window."""
        life, chance = self.life, random.Random(f"lesson {self.life.town.owner} {self.topic}")
        life.clock = BEGIN + timedelta(days=1)
        known = {post.item for post in life.town.posts} | {post.item for _, post in life.town.likes}
        items = [item for item, topic in self.topics.items() if topic == self.topic and item not in known]
        drawn = chance.sample(items, min(posted + MOST, len(items)))
        hours = [chance.uniform(0, 20) if place < posted else 60.0 for place in range(len(drawn))]
        uris = []
        with life.store.begin() as memory:
            for item, age in zip(drawn, hours, strict=True):
                post = Post(life.clock - timedelta(hours=age), chance.choice(life.town.followees), item)
                kept = life.names.item(post)
                memory.items.keep(kept, post.at)
                memory.shares.add(Share(kept.author, kept.uri, post.at))
                uris.append(kept.uri)
        embed_missing(life.store, life.embedder)
        return uris[posted:] or uris

    def _answer(self, kind: Kind, uri: str) -> None:
        """An emoji on a post, which is known from then on; the next digest is made two minutes later."""
        with self.life.store.begin() as memory:
            self.life.react(memory, kind, uri)
            item = memory.items.get(uri)
            if item is not None:
                memory.seen.add_item(item, self.life.clock, Evidence.DISMISSED)
        self.life.clock += timedelta(minutes=2)


def lessons(settled: Life, topics: Mapping[str, int], place: int, room: Path) -> dict[str, Speed | None]:
    """A new interest and a rejected one for one owner; ``place`` in the list of owners says where to look first."""
    usable = _usable(settled, topics)
    if not usable:
        return {"new": None, "rejected": None}
    starred = Counter(topics[post.item] for _, post in settled.town.before)
    turned = [*usable[place % len(usable) :], *usable[: place % len(usable)]]
    new, rejected = min(turned, key=lambda topic: starred[topic]), max(turned, key=lambda topic: starred[topic])
    first = Lesson(settled.moved(settled.way, room / "new"), topics, new).learnt()
    return {
        "new": first,
        "rejected": Lesson(settled.moved(settled.way, room / "rejected"), topics, rejected).unlearnt(),
    }


def _usable(settled: Life, topics: Mapping[str, int]) -> list[int]:
    """Topics with items enough that are not in the town already."""
    known = {post.item for post in settled.town.posts} | {post.item for _, post in settled.town.likes}
    sizes = Counter(topic for item, topic in topics.items() if item not in known)
    return sorted(topic for topic, size in sizes.items() if size >= FEWEST) or sorted(sizes)[:1]


def summed_up(speeds: Sequence[Speed | None]) -> dict[str, Any]:
    """Of all lessons of a kind: how many, on how many topics, the median of emoji, and the share that took too many."""
    known = [speed for speed in speeds if speed is not None]
    counts = [MOST + 1 if speed.emoji is None else speed.emoji for speed in known]
    return {
        "lessons": len(known),
        "topics": len({speed.topic for speed in known}),
        "median": median(counts) if counts else None,
        "mean, more than the most counted as one more": sum(counts) / len(counts) if counts else None,
        "at once": sum(count == 0 for count in counts),
        f"not within {MOST}": sum(speed.emoji is None for speed in known),
    }
