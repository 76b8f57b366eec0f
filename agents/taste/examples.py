"""What the owner did with posts, as examples to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from agents.taste.posts import Post, post_of
from memory.records import Item, Kind, Reaction
from memory.store.notes import SOURCE

Array = NDArray[np.float32]

WORTH: Mapping[Kind, float] = {
    Kind.MORE: 3.0,
    Kind.SAVE: 2.0,
    Kind.LIKE: 1.0,
    Kind.TELL: 1.0,
    Kind.BOOST: 0.9,
    Kind.BOOKMARK: 0.8,
    Kind.REPLY: 0.5,
    Kind.AUTHORED: 0.5,
    Kind.SEEN: 0.0,
    Kind.LESS: -3.0,
    Kind.MUTE: -3.0,
}
"""How much each reaction tells: feedback on an entry is said to Magpie, a like is not."""

LIKES = frozenset({Kind.LIKE, Kind.BOOST, Kind.BOOKMARK, Kind.MORE, Kind.SAVE})
FEEDBACK = frozenset({Kind.MORE, Kind.LESS, Kind.SAVE, Kind.MUTE})
HALF_LIFE_DAYS = 1095.0


@dataclass(frozen=True)
class Example:
    """An item that the owner reacted to, with its vector, what that reaction is worth now, and who had shared it."""

    item: Item
    vector: Array
    kind: Kind
    worth: float
    since: datetime | None = None
    sharers: tuple[str, ...] = ()

    @cached_property
    def post(self) -> Post:
        """What the taste looks at."""
        return post_of(self.item, self.vector, self.sharers)


def examples(
    reactions: Sequence[Reaction],
    items: Mapping[str, Item],
    vectors: Mapping[int, Array],
    now: datetime,
    sharers: Mapping[str, Iterable[str]] | None = None,
) -> tuple[Example, ...]:
    """One example an item: what was said of it to Magpie by an emoji outranks all else that was done with it.

    Of emoji the last one counts, be it 👎 after 🔖 or 🔖 after 👎, and no less than those just before it that agree.
    A note is none: whoever writes "no more football" has not liked football. ``sharers``: Item.uri → Account.uri.
    """
    chosen: dict[str, Reaction] = {}
    worths: dict[str, float] = {}
    for reaction in reactions:  # oldest first
        old, told = chosen.get(reaction.item), reaction.kind in FEEDBACK
        said_before = old is not None and old.kind in FEEDBACK
        if old is None or told or (not said_before and WORTH[reaction.kind] > WORTH[old.kind]):
            chosen[reaction.item] = reaction
            worths[reaction.item] = _said(WORTH[reaction.kind], worths.get(reaction.item, 0.0))
    found = []
    for uri, reaction in chosen.items():
        item = items.get(uri)
        if item is not None and item.id in vectors and WORTH[reaction.kind] and item.source != SOURCE:
            worth, by = worths[uri] * aged(reaction.at, now), tuple((sharers or {}).get(uri, ()))
            found.append(Example(item, vectors[item.id], reaction.kind, worth, reaction.at, by))
    return tuple(found)


def _said(last: float, before: float) -> float:
    """A word takes back one in the other direction; said again in the same, the stronger of the two weighs."""
    return max(last, before, key=abs) if last * before > 0 else last


def aged(at: datetime, now: datetime) -> float:
    """What is left of a reaction's worth, in (0, 1]: half of it after three years."""
    days = max((now - at).total_seconds() / 86400, 0.0)
    return float(0.5 ** (days / HALF_LIFE_DAYS))
