"""How well stories are told apart: a file of posts goes through the grouping that the digest uses."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.stories.grouping import Array, group
from config.errors import ConfigError
from memory.embedding import Embedder
from memory.records import Item, Story

BATCH = 256  # texts embedded between two sights of the progress
DAWN = datetime(2000, 1, 1, tzinfo=UTC)


def posts(path: Path) -> list[Item]:
    """Items from lines {"id", "text", "created_at"}, perhaps with "language", "links" (canonical) and "thread".

    No two have one id. Raises ConfigError.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = [(number, line) for number, line in enumerate(file, 1) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read ({error}); name a file of posts, a JSON object a line.") from error
    found: dict[str, Item] = {}
    for number, line in lines:
        item = _item(path, number, line)
        first = found.setdefault(item.uri, item)
        if first is not item:
            raise ConfigError(
                f"{path}, line {number} has the id {item.uri!r} of line {first.id}: give each post an id of its own."
            )
    return list(found.values())


def stories(items: list[Item], embedder: Embedder) -> Iterator[int | list[Story]]:
    """How many are embedded so far, again and again, and at last the stories."""
    vectors: dict[int, Array] = {}
    for start in range(0, len(items), BATCH):
        some = items[start : start + BATCH]
        rows = embedder.embed([item.searchable for item in some])
        vectors |= {item.id: row for item, row in zip(some, rows, strict=True)}
        yield len(vectors)
    yield group(items, [], vectors)


def labels(items: list[Item], found: list[Story]) -> Iterator[dict[str, str]]:
    """{"id", "story"} for each post, in the order in which they came; a story goes by its key."""
    keys = {uri: story.key for story in found for uri in story.items}
    for item in items:
        yield {"id": item.uri, "story": keys[item.uri]}


def _item(path: Path, number: int, line: str) -> Item:
    try:
        told: dict[str, Any] = json.loads(line)
        name, text = str(told["id"]), html.unescape("" if told["text"] is None else str(told["text"]))
        name.encode()
        return Item(
            uri=name,
            ref=name,
            author="",
            created_at=_instant(told.get("created_at")),
            text=text.encode(errors="replace").decode(),  # half a sign cannot be embedded
            language=str(told.get("language") or ""),
            canonical=tuple(map(str, told.get("links") or ())),
            thread=str(told.get("thread") or ""),
            id=number,
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise ConfigError(
            f'{path}, line {number} is no post ({error}); it must be like {{"id": "1", "text": "…", '
            '"created_at": "2026-11-20T12:00:00Z"}.'
        ) from error


def _instant(told: object) -> datetime:
    if not told:
        return DAWN
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    found = datetime.fromisoformat(str(told))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
