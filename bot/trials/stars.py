"""What people have starred: a folder with ``items.jsonl`` (id, text) and ``likes.json`` (person → [[id, date], …])."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.errors import SourceError


@dataclass(frozen=True, slots=True)
class Star:
    """A person starred an item on a date (YYYY-MM-DD). It is not ``dated`` when all that is known is: not later."""

    date: str
    person: str
    item: str
    dated: bool = True


@dataclass(frozen=True)
class Stars:
    """The words of all items, and the stars of each person, oldest first."""

    texts: Mapping[str, str]
    by: Mapping[str, Sequence[Star]] = field(default_factory=dict)


def read(folder: Path) -> Stars:
    """All stars of a folder; people without any date are left out. Raises SourceError."""
    try:
        with (folder / "items.jsonl").open(encoding="utf-8") as file:
            rows = [json.loads(line) for line in file if line.strip()]
        texts = {str(row["id"]): str(row["text"]) for row in rows}
        people: dict[str, Any] = json.loads((folder / "likes.json").read_text(encoding="utf-8"))
        by = {person: _of(person, likes, texts) for person, likes in sorted(people.items())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{folder} cannot be read as likes ({type(error).__name__}: {error}): it is to hold items.jsonl, with an "
            "id and a text a line, and likes.json, with [id, date] pairs for each person."
        ) from error
    return Stars(texts, {person: stars for person, stars in by.items() if stars})


def _of(person: str, likes: Sequence[Sequence[str]], texts: Mapping[str, str]) -> list[Star]:
    """What has no date was there before all that has one: it counts as of the day of the first."""
    first = min((date for _, date in likes if date), default="")
    known = [Star(date or first, person, item, bool(date)) for item, date in likes if item in texts]
    return sorted(known, key=lambda star: (star.date, star.dated)) if first else []
