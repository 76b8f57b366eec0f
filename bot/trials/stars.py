"""What people have starred: a folder with ``items.jsonl`` (id, text) and ``likes.json`` (person → [[id, date], …])."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
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
    """The words of all items, and the stars of each person, oldest first.

    ``missing``: so many are left out, for nobody knows the words of what was starred.
    """

    texts: Mapping[str, str]
    by: Mapping[str, Sequence[Star]] = field(default_factory=dict)
    missing: int = 0


def read(folder: Path) -> Stars:
    """All stars of a folder; people without any date are left out. Raises SourceError."""
    try:
        with (folder / "items.jsonl").open(encoding="utf-8-sig") as file:
            rows = [json.loads(line) for line in file if line.strip()]
        texts = {str(row["id"]): str(row["text"]) for row in rows}
        told = (folder / "likes.json").read_text(encoding="utf-8-sig")
        people: dict[str, Any] = json.loads(told)
        wrong = [(item, day) for likes in people.values() for item, day in likes if day and not _is_date(day)]
        missing = sum(item not in texts for likes in people.values() for item, _ in likes)
        by = {person: _of(person, likes, texts) for person, likes in sorted(people.items())}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{folder} cannot be read as likes ({type(error).__name__}: {error}): it is to hold items.jsonl, with an "
            "id and a text a line, and likes.json, with [id, date] pairs for each person."
        ) from error
    if wrong:
        raise _undated(folder / "likes.json", told, *wrong[0])
    return Stars(texts, {person: stars for person, stars in by.items() if stars}, missing)


def _is_date(day: object) -> bool:
    """Whether it is one of the calendar, as YYYY-MM-DD: stars are put in order by what is written."""
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", str(day), re.ASCII) is not None and bool(date.fromisoformat(str(day)))
    except ValueError:
        return False


def _undated(path: Path, told: str, item: object, day: object) -> SourceError:
    """What is wrong, and in which line of the file; the first, unless it is found where it stands."""
    pair = r"\s*,\s*".join(re.escape(json.dumps(one, ensure_ascii=False)) for one in (item, day))
    found = re.search(pair, told)
    line = told.count("\n", 0, found.start() if found else 0) + 1
    return SourceError(
        f"{path}, line {line}: the like of {item!r} is dated {day!r}; write dates as YYYY-MM-DD, and "
        '"" where none is known.'
    )


def _of(person: str, likes: Sequence[Sequence[str]], texts: Mapping[str, str]) -> list[Star]:
    """What has no date was there before all that has one: it counts as of the day of the first."""
    first = min((date for _, date in likes if date), default="")
    known = [Star(date or first, person, item, bool(date)) for item, date in likes if item in texts]
    return sorted(known, key=lambda star: (star.date, star.dated)) if first else []
