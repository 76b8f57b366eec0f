"""What of a story the owner does not know yet, by item, link and thread. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from memory.records import Entry, Evidence, Seen, Share, Story

GROWN_BY = 3
"""A story that was told returns when at least so many further people share it …"""

GROWN_SHARE = 0.5
"""… and at least this part of those who had shared it before."""


@dataclass(frozen=True, slots=True)
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


def unseen(story: Story, known: Known, followed: frozenset[str]) -> Story | None:
    """The story as far as it is new: None when it is known, with ``grown_by`` when it was told and has really grown."""
    sure = {fact.evidence for fact in known.facts(story) if fact.strength >= 1}
    if any(_same(story, entry) for entry in known.told):  # it may still wait for its channel
        sure.add(Evidence.DELIVERED)
    if not sure:
        return story
    if sure != {Evidence.DELIVERED}:
        return None
    before = _told_sharers(story, known.told)
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


def _told_sharers(story: Story, told: Sequence[Entry]) -> set[str]:
    """Everybody who had shared it when it was told last, and the time before that."""
    return {sharer for entry in told if _same(story, entry) for sharer in entry.sharers}


def _same(story: Story, entry: Entry) -> bool:
    """Whether an entry told of this story: by item, link or thread."""
    keys = {*story.items, *story.links, *story.threads}
    return not keys.isdisjoint((*entry.items, *entry.links, *entry.threads))
