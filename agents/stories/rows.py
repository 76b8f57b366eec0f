"""Stories as rows of plain values: a checkpoint of thousands of nouns takes forty times as long to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memory.records import Story

Texts = Sequence[str]
Row = tuple[str, str, Texts, Texts, Texts, Texts, int]
"""The fields of a Story in their order."""


def rows_of(stories: Iterable[Story]) -> list[Row]:
    """What is kept of stories."""
    return [(s.key, s.lead, s.items, s.sharers, s.links, s.threads, s.grown_by) for s in stories]


def stories_of(rows: Iterable[Row]) -> list[Story]:
    """The stories that were kept."""
    return [
        Story(key, lead, tuple(items), tuple(sharers), tuple(links), tuple(threads), grown_by)
        for key, lead, items, sharers, links, threads, grown_by in rows
    ]
