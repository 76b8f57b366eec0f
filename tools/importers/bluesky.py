"""Bluesky: a repository (CAR file), or records as JSON, as com.atproto.repo.listRecords gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from config.errors import SourceError
from memory.records import Fetched, Kind
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.bluesky_records import SOURCE, account, apart, post, written_at
from tools.importers.bluesky_repo import Repo
from tools.importers.deeds import Bare, done
from tools.importers.fields import Json, inner, word
from tools.importers.obsidian import recognises as is_vault
from tools.importers.reading import walk

_DEEDS: Final = {"app.bsky.feed.like": Kind.LIKE, "app.bsky.feed.repost": Kind.BOOST}
_WHOLE: Final = (("records", ""), ("",))


def recognises(opened: Opened) -> bool:
    """A CAR file, or JSON that speaks of records of Bluesky."""
    return not is_vault(opened) and bool(_repos(opened) or _lists(opened))


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``me``: the owner's handle there (mira.bsky.social), which a repository does not tell."""
    whose = Whose.of(settings, "importer bluesky")
    return Importer("bluesky", opened, partial(rows, opened, whose, Bare(SOURCE)))


def rows(opened: Opened, whose: Whose, bare: Bare) -> Rows:
    """Posts, likes and reposts; of what was liked only the address is told."""
    handle = next((name for name in sorted(whose.me) if "." in name), "")
    for name in _repos(opened):
        repo = Repo(opened, name)
        repo.survey()
        yield from repo.faults
        reader = _Reader(bare, handle, repo.shown)
        for key, record in repo.records():
            yield from reader.read(f"at://{repo.did}/{key}", record, f"Record {key} of {name}")
    for name in _lists(opened):
        yield from _listed(opened, name, _Reader(bare, handle))


def _repos(opened: Opened) -> list[str]:
    return [name for name in opened.matching("*.car") if b"eroots" in opened.head(name, 128)]


def _lists(opened: Opened) -> list[str]:
    heads = {name: opened.head(name) for name in opened.matching("*.json")}
    return [name for name, head in heads.items() if b'"at://' in head and b"/app.bsky." in head]


def _listed(opened: Opened, name: str, reader: _Reader) -> Rows:
    number = 0
    try:
        for path, row in walk(opened, name, lambda path: path in _WHOLE):
            if path in _WHOLE:
                number += 1
                yield from reader.read(word(row, "uri"), inner(row, "value"), f"Record {number} of {name}")
    except SourceError as error:
        yield RowError(f"The rest of {name}", str(error).rstrip("."))


@dataclass(frozen=True)
class _Reader:
    """How the records of one account are read."""

    bare: Bare
    handle: str
    shown: str = ""

    def read(self, address: str, record: Json, place: str) -> Iterator[Fetched | RowError]:
        """What one record brings."""
        try:
            did, collection, _ = apart(address)
            if deed := _DEEDS.get(collection):
                subject = word(inner(record, "subject"), "uri")
                apart(subject)
                yield self.bare.deed(subject, deed, written_at(record))
            elif collection == "app.bsky.feed.post":
                yield from self._post(did, address, record, place)
            else:
                yield empty(place, "a record of another kind")
        except (ValueError, OverflowError) as error:
            yield RowError(place, str(error))

    def _post(self, did: str, address: str, record: Json, place: str) -> Iterator[Fetched | RowError]:
        owner = account(did, self.handle, self.shown)
        item = post(address, record, owner)
        if not item.searchable.strip():
            yield empty(place, "a post without words")
            return
        if item.reply_to and not item.reply_to.startswith(f"at://{did}/"):
            yield self.bare.deed(item.reply_to, Kind.REPLY, item.created_at)
        yield done(item, [owner], (Kind.AUTHORED, item.created_at))
