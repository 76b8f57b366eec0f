"""Items that tell of the same thing, put together: by link, by thread, by quote, and by meaning. Pure."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agents.stories.references import joined
from agents.stories.settling import settle
from agents.stories.stream import Stream
from agents.stories.surface import Surface
from agents.stories.table import Strand
from agents.stories.telling import by_age, lead_of, speakers, speaks, story_of
from memory.records import Item, Share, Story

Array = NDArray[np.float32]


def group(
    items: Sequence[Item],
    shares: Sequence[Share],
    vectors: Mapping[int, Array],
    told: frozenset[str] = frozenset(),
    general: frozenset[str] = frozenset(),
    told_at: datetime | None = None,
) -> list[Story]:
    """Put items into stories, in whatever order they come.

    ``vectors`` holds unit vectors by Item.id. ``told`` are URIs of items of earlier digests: they attract what belongs
    to them; by meaning what was written before ``told_at`` (the last digest), and of what came later, which may be
    news, only what says the same again. ``general`` are links that say nothing, such as front pages.
    """
    by_uri = {item.uri: item for item in sorted(items, key=by_age)}
    groups = joined(by_uri, general)
    sets = [[by_uri[uri] for uri in uris] for uris in groups.sets()]
    strands = [strand for some in sets if (strand := strand_of(some, vectors, told, told_at))]
    stream = Stream()
    stream.extend(sorted(strands, key=lambda strand: (strand.at, strand.name)))
    settle(stream)
    for members in stream.stories.values():
        groups.join(stream.strands[member].name for member in members)
    by_item: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        by_item[share.item].append(share)
    return [story_of([by_uri[uri] for uri in uris], by_item, vectors, general) for uris in groups.sets()]


def strand_of(
    items: Sequence[Item],
    vectors: Mapping[int, Array],
    told: frozenset[str] = frozenset(),
    told_at: datetime | None = None,
) -> Strand | None:
    """Items that surely belong together as one thing to compare: their middle, and the words of the most central.

    None, where no text says anything or none of those that do has a vector.
    """
    surfaces = {item.id: Surface(item.searchable) for item in items if item.id in vectors}
    spoken = [item for item in items if (surfaces[item.id].tells if item.id in surfaces else speaks(item))]
    heard = [item for item in speakers(spoken) if item.id in vectors]
    if not heard:
        return None
    middle = np.sum([vectors[item.id] for item in heard], axis=0)
    lead = lead_of(heard, vectors)
    late = (told_at is None or item.created_at > told_at for item in items if item.uri not in told)
    return Strand(
        name=items[0].uri,
        vector=(middle / (np.linalg.norm(middle) + 1e-9)).astype(np.float32),
        surface=surfaces[lead.id],
        at=min(item.created_at for item in items).timestamp(),
        foreign=_foreign(lead),
        old=any(item.uri in told for item in items),
        new=any(late),
    )


def _foreign(item: Item) -> bool:
    """Whether it is said or seen not to be English."""
    if item.language[:2] not in ("", "en"):
        return True
    if item.searchable.isascii():
        return False
    letters = [letter for letter in item.searchable if letter.isalpha()]
    return 2 * sum(map(_latin, letters)) < len(letters)


@cache
def _latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith("LATIN")
