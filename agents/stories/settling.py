"""A second look at stories: what has drifted apart is split, what was put in a wrong place moves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from agents.stories.stream import EVEN, MOST_COMPARED, Stream

SMALL = 3
"""Stories of so many strands may join another one as a whole."""

FEWEST_TO_SPLIT = 4
"""Smaller stories do not drift."""

DRIFTED = -1.0
"""Log odds between two halves of a story under which they are two stories."""


def settle(stream: Stream, rounds: int = 2) -> None:
    """Look again at what came early, now that all is there; a story keeps the strand that began it, and its name."""
    for _ in range(rounds):
        moved = [_split(stream, story) for story in list(stream.stories)]
        moved += [_reseat(stream, strand) for strand in range(len(stream.strands))]
        moved += [_merge(stream, story) for story in sorted(stream.stories, reverse=True)]
        if not any(moved):
            return


def _split(stream: Stream, story: int) -> bool:
    """The half that does not hold the first strand becomes a story of its own, if the halves tell different things."""
    members = stream.stories[story]
    if len(members) < FEWEST_TO_SPLIT:
        return False
    first, *rest = members[:MOST_COMPARED]
    far = min(rest, key=lambda strand: (stream.odds([first], [strand]), strand))
    here, there = [first], [far]
    for strand in (strand for strand in members if strand not in (first, far)):
        near = stream.odds([strand], here[:MOST_COMPARED]) >= stream.odds([strand], there[:MOST_COMPARED])
        (here if near else there).append(strand)
    if stream.odds(here[:MOST_COMPARED], there[:MOST_COMPARED]) >= DRIFTED:
        return False
    stream.move(there, min(there))
    return True


def _reseat(stream: Stream, strand: int) -> bool:
    """A strand that fits elsewhere better than where it is moves there."""
    home = stream.story_of(strand)
    if home == strand:  # it began this story
        return False
    rest = [member for member in stream.stories[home] if member != strand]
    best, odds = _best(stream, [strand], home)
    here = stream.odds([strand], rest[:MOST_COMPARED])
    if max(odds, EVEN) <= here:
        return False
    stream.move([strand], best if odds > EVEN else strand)
    return True


def _merge(stream: Stream, story: int) -> bool:
    """A small story joins the one that it fits; of the two names the older stays."""
    members = stream.stories.get(story, [])
    if not members or len(members) > SMALL:
        return False
    best, odds = _best(stream, members, story)
    if odds <= EVEN:
        return False
    older, younger = sorted((best, story))
    stream.move(list(stream.stories[younger]), older)
    return True


def _best(stream: Stream, strands: Sequence[int], home: int) -> tuple[int, float]:
    """The other story that strands fit best, of those that they nearly joined."""
    missed = {stream.story_of(story) for strand in strands for story in stream.misses[strand]} - {home}
    found = [(stream.odds(strands, stream.stories[story][:MOST_COMPARED]), -story) for story in missed]
    odds, story = max(found, default=(EVEN, -home))
    return -story, odds
