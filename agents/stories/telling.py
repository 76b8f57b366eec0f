"""How a set of items is told of: which of them speak, which leads, by what name it is known, who shared it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, count

import numpy as np
from numpy.typing import NDArray

from agents.stories.references import story_links
from agents.stories.surface import Surface
from memory.records import How, Item, Share, Story

Array = NDArray[np.float32]


def voice(items: Sequence[Item], vectors: Mapping[int, Array]) -> list[Array]:
    """The vectors that tell what a set of items is about: of those that begin something, else of the answers."""
    return [vectors[item.id] for item in speakers(items) if item.id in vectors]


def speakers(items: Sequence[Item]) -> Sequence[Item]:
    """Those that begin something; the answers, where there is nothing else."""
    return [item for item in items if not item.reply_to] or items


def speaks(item: Item) -> bool:
    """Whether it has words enough to tell of something; greetings have not."""
    return Surface(item.searchable).tells


def by_age(item: Item) -> tuple[datetime, str]:
    """The order of items in a story."""
    return item.created_at, item.uri


def story_of(
    items: Sequence[Item],
    shares: Mapping[str, Sequence[Share]],
    vectors: Mapping[int, Array],
    general: frozenset[str],
) -> Story:
    """Items as one story, which goes by the link or else the thread of its oldest item."""
    items = sorted(items, key=by_age)
    shared = (share for item in items for share in shares.get(item.uri, ()))
    of_story = sorted(shared, key=lambda share: (share.at, share.account))
    links = Counter(link for item in items for link in story_links(item, general))
    threads = tuple(dict.fromkeys(item.thread or item.ref for item in items))
    return Story(
        key=next(iter(story_links(items[0], general)), threads[0]),
        lead=lead_of(items, vectors).uri,
        items=tuple(item.uri for item in items),
        sharers=tuple(dict.fromkeys(share.account for share in of_story)),
        links=tuple(link for link, _ in links.most_common()),
        threads=threads,
    )


def renamed(stories: Sequence[Story], names: Mapping[str, str]) -> list[Story]:
    """Stories by the ``names`` (Item.uri → Story.key) that their items had before, whatever has joined them since.

    Where two became one the older name stays; where one became two the first of them keeps it.
    """
    taken: set[str] = set()
    kept = []
    for story in stories:
        had = (names[uri] for uri in story.items if uri in names)
        kept.append(next((name for name in had if name not in taken), ""))
        taken.add(kept[-1])
    found = []
    for story, name in zip(stories, kept, strict=True):
        anew = chain((story.key, *story.items), (f"{story.key} {number}" for number in count(2)))
        key = name or next(own for own in anew if own not in taken)
        taken.add(key)
        found.append(replace(story, key=key))
    return found


def lead_of(items: Sequence[Item], vectors: Mapping[int, Array]) -> Item:
    """The most central text that begins something and has something to say; the first of equals."""
    if len(items) == 1:
        return items[0]
    rows = [vectors[item.id] for item in items if item.id in vectors]
    middle = np.sum(rows, axis=0) if rows else None
    if middle is not None:
        middle = middle / (np.linalg.norm(middle) + 1e-9)

    def fitness(item: Item) -> float:
        central = float(vectors[item.id] @ middle) if middle is not None and item.id in vectors else 0.0
        said = min(len(item.text), 240) / 240
        return central + 0.6 * said - 0.8 * bool(item.reply_to) + 0.2 * bool(item.canonical)

    return max(items, key=fitness)


def first_shares(story: Story, shares: Sequence[Share]) -> dict[str, Share]:
    """Account.uri → the first share by which it put the story before the owner; posting outranks replying."""
    found: dict[str, Share] = {}
    of_story = set(story.items)
    for share in sorted(shares, key=lambda share: (share.how is How.REPLIED, share.at)):
        if share.item in of_story:
            found.setdefault(share.account, share)
    return found
