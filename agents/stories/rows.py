"""Stories as rows of plain values: a checkpoint of thousands of nouns takes much longer to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memory.records import Story

Texts = Sequence[str]
Row = tuple[str, str, Texts, Texts, Texts, Texts, int]
"""The fields of a Story in their order."""


def rows_of(stories: Iterable[Story]) -> list[Row]:
    """What is kept of stories."""
    return [(s.key, s.lead, s.items, s.sharers, s.links, s.threads, s.grown_by) for s in stories]


def stories_of(rows: Iterable[Row | Story]) -> list[Story]:
    """The stories that were kept. A checkpoint of an earlier version holds the nouns themselves."""
    return [row if isinstance(row, Story) else _story(*row) for row in rows]


def _story(key: str, lead: str, items: Texts, sharers: Texts, links: Texts, threads: Texts, grown_by: int) -> Story:
    return Story(key, lead, tuple(items), tuple(sharers), tuple(links), tuple(threads), grown_by)
