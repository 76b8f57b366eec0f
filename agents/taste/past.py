"""What taste at an instant is made of: what the owner had done by then, and what was there and passed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agents.pile import Pile
from agents.taste.examples import Example, examples
from agents.taste.posts import Post, post_of
from agents.taste.taste import Taste, fit
from memory.records import Item, Kind, Reaction
from memory.store import Memory

Array = NDArray[np.float32]

NOTHING: Final = Pile()
DAYS = 14
MOST_PASSED_OVER = 3000
FEWEST_READ = 50
"""Posts before the read marker; where there are fewer, all that came counts as passed over."""

TIME_TO_REACT = timedelta(hours=24)
_USUAL = (1, 20)  # of so many posts so many are liked, as long as there are few to count


@dataclass(frozen=True)
class Past:
    """What the owner had done by an instant, and what was ``around`` in the weeks before it (URI → number).

    ``ignored`` are items that digests led with, in time to react to them.
    """

    now: datetime
    reactions: Sequence[Reaction]
    items: Mapping[str, Item]  # those reacted to
    around: Mapping[str, int]
    vectors: Mapping[int, Array]
    others: Mapping[str, Item] = field(default_factory=dict)  # those around, and those ignored
    sharers: Mapping[str, Sequence[str]] = field(default_factory=dict)  # Item.uri → Account.uri
    ignored: frozenset[str] = frozenset()

    def taste(self, without: Callable[[Reaction], bool] = lambda r: False) -> Taste:
        """The owner's taste, as it is or as it would be without some reactions."""
        reactions = [reaction for reaction in self.reactions if not without(reaction)]
        reacted = dict.fromkeys(reaction.item for reaction in reactions)
        left = [uri for uri in self._posts if uri not in reacted]
        ignored = [self._posts[uri] for uri in left if uri in self.ignored]
        passed = [self._posts[uri] for uri in left if uri in self.around and uri not in self.ignored]
        changed = {reaction.item for reaction in self.reactions if without(reaction)}
        anew = self._examples([reaction for reaction in reactions if reaction.item in changed])
        found = {uri: e for uri, e in self._known.items() if uri not in changed} | anew
        known = [found[uri] for uri in reacted if uri in found]
        return fit(known, passed[:MOST_PASSED_OVER], ignored, self._rate(known))

    @property
    def passed_over(self) -> list[Item]:
        """What was there, or told, and drew no reaction."""
        return [item for uri, item in self.others.items() if uri not in self.items]

    def _rate(self, known: Sequence[Example]) -> float:
        """The share of what came lately that was liked."""
        since = self.now - timedelta(days=DAYS)
        own = Kind.AUTHORED
        liked = sum(e.worth > 0 and e.kind is not own and e.since is not None and e.since > since for e in known)
        return (liked + _USUAL[0]) / (max(len(self.around), liked) + _USUAL[1])

    @cached_property
    def _known(self) -> dict[str, Example]:
        """What all reactions tell, by the URI of the item: most of it stays when some are left out."""
        return self._examples(self.reactions)

    def _examples(self, reactions: Sequence[Reaction]) -> dict[str, Example]:
        found = examples(reactions, self.items, self.vectors, self.now, self.sharers)
        return {e.item.uri: e for e in found}

    @cached_property
    def _posts(self) -> dict[str, Post]:
        """What can be passed over, in the order of the URIs."""
        return {
            uri: post_of(item, self.vectors[item.id], self.sharers.get(uri, ()))
            for uri in sorted({*self.around, *self.ignored})
            if (item := self.others.get(uri)) is not None and item.id in self.vectors
        }


def gathered(
    memory: Memory,
    now: datetime,
    owner_uri: str,
    model: str,
    home_marker: bool = True,
    read: Pile = NOTHING,
) -> Past:
    """Read it. ``model``: the embedder's name; with the ``home_marker``, what lies after it was not passed over yet.

    What was ``read`` a moment ago, up to ``now``, is not read again.
    """
    reactions = [reaction for reaction in memory.reactions.all() if reaction.at <= now]
    felt = {reaction.item for reaction in reactions}
    around = _around(memory, now, owner_uri, memory.seen.marker("home") if home_marker else None)
    nearest = dict(list(around.items())[: MOST_PASSED_OVER + len(felt)])
    told = [d for d in memory.digests.since(now - timedelta(days=DAYS)) if d.made_at <= now - TIME_TO_REACT]
    ignored = frozenset(entry.lead for digest in told for entry in digest.entries)
    items, others = memory.items.all(felt), memory.items.all(ignored)
    others |= {uri: read.items[uri] for uri in nearest if uri in read.items}
    unread = [number for uri, number in nearest.items() if uri not in read.items]
    others |= {item.uri: item for item in memory.items.by_id(unread).values()}
    both = {**items, **others}
    new = {uri: item for uri, item in both.items() if uri not in read.items}
    vectors = {**read.vectors, **memory.vectors.get(model, sorted({item.id for item in new.values()}))}
    sharers = {uri: [share.account for share in shares] for uri, shares in read.shares.items()}
    sharers |= _sharers(memory, new, now, owner_uri)
    return Past(now, reactions, items, nearest, vectors, others, sharers, ignored)


def _around(memory: Memory, now: datetime, owner_uri: str, marker: datetime | None) -> dict[str, int]:
    since = now - timedelta(days=DAYS)
    if marker is not None and marker < now:
        read = memory.shares.items_between(since, marker, but_by=owner_uri)
        if len(read) >= FEWEST_READ:
            return read
    return memory.shares.items_between(since, now, but_by=owner_uri)


def _sharers(memory: Memory, uris: Collection[str], now: datetime, owner_uri: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for share in memory.shares.of(uris):
        if share.account != owner_uri and share.at <= now:
            found[share.item].append(share.account)
    return found
