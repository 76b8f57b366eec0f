"""How well likes are foretold: of each person what was liked and passed over is learnt, and what is new is judged.

A folder holds ``users/NAME/`` with liked.jsonl, seen.jsonl and candidates.jsonl: a post a line, with id and text; of a
like also liked_at, a date, or nothing where it is older than all that are dated.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.taste.examples import Example, aged
from agents.taste.posts import Post, post_of
from agents.taste.taste import Taste, fit
from config.errors import SourceError
from memory.embedding import Embedder
from memory.records import Item, Kind

Array = NDArray[np.float32]

_SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)
_A_DAY = timedelta(days=1)


@dataclass
class Desk:
    """Reads the people of a folder; what several of them have is read and embedded once."""

    folder: Path
    embedder: Embedder

    @property
    def people(self) -> list[Path]:
        """One folder each. Raises SourceError when there are none."""
        found = sorted(path.parent for path in self.folder.glob("users/*/candidates.jsonl"))
        if not found:
            raise SourceError(f"There is nobody in {self.folder}: each needs users/NAME/ with candidates.jsonl.")
        return found

    def case(self, person: Path) -> Case:
        """What is known of a person, and what is to be judged."""
        liked, seen, new = (_rows(person / f"{name}.jsonl") for name in ("liked", "seen", "candidates"))
        vectors = self._vectors([*liked, *seen, *new])
        known = _examples(liked, vectors)
        return Case(person.name, known, _posts(seen, vectors), [str(row["id"]) for row in new], _posts(new, vectors))

    def _vectors(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Array]:
        missing = {row["text"]: None for row in rows if row["text"] not in self._embedded}
        if missing:
            texts = sorted(missing, key=len)  # those of one length together: nothing is padded
            self._embedded.update(zip(texts, self.embedder.embed(texts), strict=True))
        return self._embedded

    @cached_property
    def _embedded(self) -> dict[str, Array]:
        return {}


@dataclass(frozen=True)
class Case:
    """One person: what was liked, what was passed over, and the new posts with their ids."""

    person: str
    known: tuple[Example, ...]
    passed: list[Post]
    ids: list[str]
    new: list[Post]

    def taste(self) -> Taste:
        """Learnt from what is known."""
        return fit(self.known, self.passed)


def judged(case: Case) -> Iterator[dict[str, Any]]:
    """For every new post: user, item, and a score: the log odds of a like, its ``chance`` beside it."""
    for name, opinion in zip(case.ids, case.taste().opinions(case.new), strict=True):
        score = float(np.log(opinion.likes / (1 - opinion.likes)))
        yield {"user": case.person, "item": name, "score": round(score, 5), "chance": round(opinion.chance, 6)}


def _examples(liked: Sequence[Mapping[str, Any]], vectors: Mapping[str, Array]) -> tuple[Example, ...]:
    dates = [datetime.fromisoformat(row["liked_at"]).replace(tzinfo=UTC) for row in liked if row.get("liked_at")]
    oldest, now = min(dates, default=_SOMETIME), max(dates, default=_SOMETIME) + _A_DAY
    found = []
    for row in liked:
        at = datetime.fromisoformat(row["liked_at"]).replace(tzinfo=UTC) if row.get("liked_at") else oldest
        found.append(Example(_item(row), vectors[row["text"]], Kind.LIKE, aged(at, now), at))
    return tuple(found)


def _posts(rows: Sequence[Mapping[str, Any]], vectors: Mapping[str, Array]) -> list[Post]:
    return [post_of(_item(row), vectors[row["text"]]) for row in rows]


def _item(row: Mapping[str, Any]) -> Item:
    """All that is known of a post is its text."""
    return Item(uri=str(row["id"]), ref=str(row["id"]), author="", created_at=_SOMETIME, text=row["text"])


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as file:  # a line ends where a file's lines do, not at every sign that may
            return [_row(path, number, line) for number, line in enumerate(file, 1) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read ({error}): it is to hold a JSON object a line.") from error


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        known = {"id": str(row["id"]), "text": row["text"], "liked_at": row.get("liked_at") or ""}
        if not isinstance(known["text"], str):
            raise TypeError("its text is none")
        known["id"].encode()
        known["text"] = known["text"].encode(errors="replace").decode()  # half a sign cannot be embedded
        if known["liked_at"]:
            datetime.fromisoformat(known["liked_at"]).replace(tzinfo=UTC) + _A_DAY  # the day after is needed, too
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise SourceError(
            f'{path}, line {number} cannot be read ({error}): it is to be like {{"id": "1", "text": "…"}}, and of '
            'what was liked perhaps with "liked_at": "2026-11-20".'
        ) from error
    return known
