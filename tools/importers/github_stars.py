"""Stars on GitHub as its API gives them: /user/starred as JSON, with the times of starring or without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from config.errors import SourceError
from memory.records import Account, Counts, Fetched, Item, Kind, Visibility
from tools.canonical import canonical
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.deeds import done
from tools.importers.fields import Json, inner, number, web, word, words
from tools.importers.obsidian import recognises as is_vault
from tools.importers.reading import walk
from tools.importers.words import instant, said

SOURCE: Final = "github"
_REPOSITORY: Final = re.compile(r"https://github\.com/[\w.-]{1,100}/[\w.-]{1,100}", re.ASCII)


def recognises(opened: Opened) -> bool:
    """JSON that speaks of repositories."""
    return not is_vault(opened) and bool(_files(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """It has no settings of its own."""
    whose = Whose.of(settings, "importer github_stars")
    return Importer("github_stars", opened, partial(rows, opened, whose))


def rows(opened: Opened, whose: Whose) -> Rows:
    """All starred repositories, in one list, in pages within a list, or in a file for each page."""
    told = set[str]()
    for name in _files(opened):
        try:
            yield from _Page(opened, name, opened.modified(name), told).rows()
        except SourceError as error:
            yield RowError(f"The rest of {name}", str(error).rstrip("."))


def _files(opened: Opened) -> list[str]:
    heads = {name: opened.head(name, 8192) for name in opened.matching("*.json")}
    return [name for name, head in heads.items() if b'"full_name"' in head and b"github.com/" in head]


@dataclass
class _Page:
    opened: Opened
    name: str
    modified: datetime
    told: set[str] = field(default_factory=set)

    def rows(self) -> Rows:
        count = 0
        for path, value in walk(self.opened, self.name, lambda path: path == ("",)):
            for row in value if isinstance(value, list) else [value]:
                count += 1
                if path == ("",):
                    yield from self._row(row, f"Entry {count} of {self.name}")

    def _row(self, row: object, place: str) -> Iterator[Fetched | RowError]:
        repository = inner(row, "repo") or (row if isinstance(row, Mapping) else {})
        try:
            step = self._star(repository, word(row, "starred_at"))
        except (ValueError, OverflowError) as error:
            yield RowError(place, str(error))
            return
        uri = step.item.uri if step.item else ""
        yield empty(place, "the same repository once more") if uri in self.told else step
        self.told.add(uri)

    def _star(self, row: Json, starred: str) -> Fetched:
        address = canonical(web(word(row, "html_url")) or f"https://github.com/{word(row, 'full_name')}")
        if not _REPOSITORY.fullmatch(address):
            raise ValueError("it is no repository")
        at = _at(starred) if starred else self.modified
        owner = address.removeprefix("https://github.com/").partition("/")[0]
        author = Account(f"https://github.com/{owner}", f"{owner}@github.com", owner, f"https://github.com/{owner}")
        language, homepage = said(word(row, "language")).lower(), web(word(row, "homepage"))
        item = Item(
            uri=address,
            ref=address,
            author=author.uri,
            created_at=_at(word(row, "created_at")) if word(row, "created_at") else at,
            text=said(word(row, "description")),
            url=address,
            source=SOURCE,
            kind="repository",
            title=address.removeprefix("https://github.com/"),
            visibility=Visibility.DIRECT if row.get("private") is True else Visibility.PUBLIC,
            links=tuple(filter(None, (address, homepage))),
            tags=tuple(dict.fromkeys(filter(None, (*(topic.lower() for topic in words(row, "topics")), language)))),
            counts=Counts(likes=number(row, "stargazers_count")),
        )
        return done(item, [author], (Kind.LIKE, at))


def _at(written: str) -> datetime:
    at = instant(written)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
