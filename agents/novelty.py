"""What of a story the owner does not know yet, by item, link and thread. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from memory.records import Entry, Evidence, Seen, Share, Story

GROWN_BY = 3
"""A story that was told returns when at least so many further people share it …"""

GROWN_SHARE = 0.5
"""… and at least this part of those who had shared it before."""


@dataclass(frozen=True)
class Known:
    """What the ledger says about the keys of all candidates."""

    items: Mapping[str, Sequence[Seen]]
    links: Mapping[str, Sequence[Seen]]
    threads: Mapping[str, Sequence[Seen]]
    marker: datetime | None = None  # the home timeline was scrolled up to here
    told: Sequence[Entry] = ()  # entries of the digests so far

    def facts(self, story: Story) -> list[Seen]:
        """All that is known of a story."""
        pairs = ((self.items, story.items), (self.links, story.links), (self.threads, story.threads))
        return [fact for ledger, keys in pairs for key in keys for fact in ledger.get(key, ())]

    def told_of(self, story: Story) -> list[Entry]:
        """The entries that told of a story: by item, link or thread."""
        places = {place for key in _keys(story) for place in self._told_by_key.get(key, ())}
        return [self.told[place] for place in sorted(places)]

    @cached_property
    def _told_by_key(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self.told):
            for key in _keys(entry):
                found[key].append(place)
        return found


def unseen(story: Story, known: Known, followed: frozenset[str]) -> Story | None:
    """The story as far as it is new: None when it is known, with ``grown_by`` when it was told and has really grown."""
    sure = {fact.evidence for fact in known.facts(story) if fact.strength >= 1}
    told = known.told_of(story)
    if told:  # it may still wait for its channel
        sure.add(Evidence.DELIVERED)
    if not sure:
        return story
    if sure != {Evidence.DELIVERED}:
        return None
    before = {sharer for entry in told for sharer in entry.sharers}  # when it was told last, and the time before that
    if not before:  # told so long ago that nobody knows any more who had shared it: growth cannot be shown
        return None
    further = [account for account in story.sharers if account in followed and account not in before]
    if len(further) < max(GROWN_BY, GROWN_SHARE * len(before)):
        return None
    return replace(story, grown_by=len(further))


def novelty(story: Story, shares: Sequence[Share], known: Known) -> float:
    """Probability in [0, 1] that the owner has not come across it: lower for what lay before the read marker."""
    of_story = set(story.items)
    times = [share.at for share in shares if share.item in of_story]
    if known.marker is None or not times:
        return 1.0
    scrolled = sum(at <= known.marker for at in times) / len(times)
    return 1.0 - Evidence.MARKER.strength * scrolled


def _keys(told: Story | Entry) -> set[str]:
    return {*told.items, *told.links, *told.threads}
