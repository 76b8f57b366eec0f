"""What the network shared in a span of time on a topic: the ground of MISSED and TALK."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from agents.answering import Means, Question
from agents.answering.passages import stems
from agents.reasons import called
from memory.records import Account, How, Item, Share

Array = NDArray[np.float32]

SPAN = timedelta(days=7)
"""How far back it is looked where the question says nothing of time."""

NEAR, SAME = 0.30, 0.55
"""Cosines between a topic and a post: below the first they have nothing in common, above the second all."""

NAMED = 0.5
ABOUT = 0.4
"""Least strength, in [0, 1], with which a post is about a topic."""

MEANT = 0.7
"""The same for a post that has no word of the topic: by its meaning alone."""

SHOWN_NAMES = 3


@dataclass(frozen=True)
class Talk:
    """What was shared: items, oldest first, with their shares in that time, and how much each is about the topic."""

    since: datetime
    until: datetime
    items: Sequence[Item]
    shares: Mapping[str, Sequence[Share]]  # Item.uri → oldest first
    about: Mapping[str, float]  # Item.uri → (0, 1]
    topic: str = ""
    collected: bool = True  # anything at all in that time
    when: str = ""  # that time in words: "since 1 April 2026"
    over: bool = False  # that time is

    @property
    def on_it(self) -> str:
        """ " on “bees”", or nothing where all is asked for."""
        return f" on “{self.topic}”" if stems(self.topic) else ""


def talk_of(means: Means, question: Question) -> Talk:
    """What the others shared in the span of the question (a week) that is about what it asks for.

    What the owner's rules keep out of digests is kept out of this too.
    """
    filters = question.understood.filters
    until = min(filters.until or means.now(), means.now())
    since = filters.since or until - SPAN
    pile, _ = means.reading.window(since, until)
    items = [item for item in pile.items.values() if _wanted(item, question)]
    topic = question.understood.text
    about = _strengths(means, topic, items, pile.vectors)
    kept = [item for item in items if about[item.uri] >= ABOUT]
    shares = {item.uri: [share for share in pile.shares[item.uri] if share.at > since] for item in kept}
    kept_about = {item.uri: about[item.uri] for item in kept}
    over = until < means.now()
    when = _when(means, since, until) if over else f"since {means.day(since)}"
    return Talk(since, until, kept, shares, kept_about, topic, bool(pile.items), when, over)


def _when(means: Means, since: datetime, until: datetime) -> str:
    first, last = means.day(since), means.day(max(since, until - timedelta(microseconds=1)))
    return f"on {first}" if first == last else f"between {first} and {last}"


def _wanted(item: Item, question: Question) -> bool:
    filters = question.understood.filters
    return (
        (not filters.people or item.author in filters.people)
        and (not filters.sources or item.source in filters.sources)
        and (not filters.languages or item.language[:2] in filters.languages)
    )


def _strengths(means: Means, topic: str, items: Sequence[Item], vectors: Mapping[int, Array]) -> dict[str, float]:
    """How much each item is about the topic, in [0, 1]; all of them are about no topic at all."""
    wanted = stems(topic)
    if not wanted or not items:
        return {item.uri: 1.0 for item in items}
    row = means.reading.embedder.embed([topic])[0]
    found = {}
    for item in items:
        cosine = float(vectors[item.id] @ row) if item.id in vectors else 0.0
        meant = float(np.clip((cosine - NEAR) / (SAME - NEAR), 0.0, 1.0))
        words = stems(" ".join((item.searchable, *item.tags)))
        found[item.uri] = max(meant, NAMED + (1 - NAMED) * meant if wanted <= words else 0.0)
        if found[item.uri] < MEANT and wanted.isdisjoint(words):
            found[item.uri] = 0.0
    return found


def silence(talk: Talk) -> str:
    """That nothing was collected in that time, if it is so: then nothing can be said of it."""
    if talk.collected:
        return ""
    return f"I have collected nothing {talk.when}{'' if talk.over else ': magpie status says why'}."


def who(accounts: Mapping[str, Account], uris: Collection[str]) -> str:
    """Some people by name: "@ann, @ben, @cai and 2 more"."""
    names = [called(accounts[uri], accounts) if uri in accounts else uri for uri in uris]
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return f"{', '.join(names[:SHOWN_NAMES])}{more}"


def sharers(shares: Sequence[Share], *ways: How) -> list[str]:
    """Account.uri of distinct accounts in the order of their first share, of all ways or of some."""
    return list(dict.fromkeys(share.account for share in shares if not ways or share.how in ways))
