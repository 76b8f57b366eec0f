"""What the taste looks at of a post: its vector, its words, and what else is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from memory.records import Item

Array = NDArray[np.float32]
Side = tuple[str, str]
"""(kind, value): ("site", "example.org"), ("tag", "bees"), ("language", "de") …"""

AUTHOR = "author"
_LENGTHS = ((80, "short"), (280, "of some sentences"))
_HOURS = ("night", "morning", "afternoon", "evening")


@dataclass(frozen=True)
class Post:
    """One post as the taste sees it. ``vector`` (dim,) has unit length; without ``words`` only that is looked at."""

    vector: Array
    words: str = ""
    sides: tuple[Side, ...] = ()


def post_of(item: Item, vector: Array, sharers: Iterable[str] = (), words: str | None = None) -> Post:
    """An item with the accounts that shared it; ``words`` where they are more than its own."""
    return Post(vector, item.searchable if words is None else words, sides_of(item, sharers))


def sides_of(item: Item, sharers: Iterable[str] = ()) -> tuple[Side, ...]:
    """What is known of an item beside its words, each as a kind and a value."""
    found = [(AUTHOR, item.author)] if item.author else []
    found += [("sharer", uri) for uri in sharers if uri != item.author]
    found += [("site", site) for link in item.canonical if (site := _site(link))]
    found += [("tag", tag.lower()) for tag in item.tags]
    if item.language:
        found.append(("language", item.language[:2].lower()))
    with_it = sorted({media.kind for media in item.media}) or (["link"] if item.canonical else ["words alone"])
    found += [("with", what) for what in with_it]
    found += [("length", _length(item.text)), ("time", _time(item.created_at))]
    return tuple(dict.fromkeys(found))


def rows(some: Sequence[Post]) -> Array:
    """Their vectors (n, dim)."""
    return np.stack([post.vector for post in some]) if some else np.zeros((0, 0), np.float32)


def _site(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _length(text: str) -> str:
    return next((name for most, name in _LENGTHS if len(text) < most), "long")


def _time(at: datetime) -> str:
    return _HOURS[at.hour // 6]
