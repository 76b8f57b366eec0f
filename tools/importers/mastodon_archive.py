"""An archive of a Mastodon account: posts and boosts (outbox.json), and the addresses of what was liked and bookmarked.

Posts are read the way the live source reads them, so that an archive and the account itself meet in the same items.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from config.errors import SourceError
from memory.records import Fetched, Item, Kind
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.deeds import Bare, done
from tools.importers.fields import Json, inner, listed, web, word, words
from tools.importers.reading import walk
from tools.sources.statuses import instant, parse_status

KIND: Final = "mastodon_archive"
_NETWORK: Final = "mastodon"
_PUBLIC: Final = {"https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"}
_STATUS: Final = re.compile(r"/statuses/(\w{1,40})(?:/activity)?/?\Z")
_DATED: Final = re.compile(r"[1-9]\d{16,18}")  # the numbers of Mastodon since 2017 hold their time
_UNDATED: Final = (
    "An archive of Mastodon does not tell when you liked or kept a post: the time of the post stands for it, and where "
    "that is not known the archive's own."
)
_FIRST: Final = datetime(2016, 10, 1, tzinfo=UTC)


def recognises(opened: Opened) -> bool:
    """An outbox, or one of the lists beside it, in the words of ActivityStreams."""
    names = opened.matching("outbox.json", "likes.json", "bookmarks.json")
    return any(b"ns/activitystreams" in opened.head(name) for name in names)


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``source``: what the live source of that account is called, if it is not called mastodon."""
    whose = Whose.of(settings, "importer mastodon_archive", "source")
    bare = Bare(str(whose.more.get("source", _NETWORK)))
    return Importer(KIND, opened, partial(rows, opened, bare), _UNDATED if _lists(opened) else "")


def _lists(opened: Opened) -> list[str]:
    return opened.matching("likes.json", "bookmarks.json")


def rows(opened: Opened, bare: Bare) -> Rows:
    """The outbox, then likes and bookmarks, which do not tell when: the time of the post stands for it."""
    archive = _Archive(opened, bare, _actor(opened))
    for name, read in (
        ("outbox.json", archive.activity),
        ("likes.json", partial(archive.chosen, Kind.LIKE)),
        ("bookmarks.json", partial(archive.chosen, Kind.BOOKMARK)),
    ):
        for found in opened.matching(name):
            yield from archive.each(found, read)


def _actor(opened: Opened) -> Json:
    for name in opened.matching("actor.json"):
        try:
            actor = json.loads(opened.whole(name, 1 << 20))
        except (ValueError, RecursionError, SourceError):
            continue
        if isinstance(actor, Mapping):
            return actor
    return {}


@dataclass(frozen=True)
class _Archive:
    opened: Opened
    bare: Bare
    actor: Json

    def each(self, name: str, read: Any) -> Rows:
        """Each entry of a collection, read; one that cannot be is an error, and a broken file ends there."""
        modified, number = self.opened.modified(name), 0
        try:
            for path, value in walk(self.opened, name, lambda path: path == ("orderedItems", "")):
                if path != ("orderedItems", ""):
                    continue
                number += 1
                place = f"Entry {number} of {name}"
                try:
                    yield from read(value, place, modified)
                except (ValueError, OverflowError, LookupError, TypeError, AttributeError) as error:
                    yield RowError(place, str(error) if isinstance(error, ValueError) else "it cannot be read")
                except SourceError as error:
                    yield RowError(
                        place, "its post cannot be read" if not isinstance(error, RowError) else error.reason
                    )
        except SourceError as error:
            yield RowError(f"The rest of {name}", str(error).rstrip("."))

    def activity(self, row: Json, place: str, modified: datetime) -> Iterator[Fetched | RowError]:
        """Something that the owner posted, or passed on."""
        what = word(row, "type")
        note = inner(row, "object")
        if what == "Announce":
            yield self.bare.deed(_address(row.get("object")), Kind.BOOST, instant(word(row, "published")))
        elif what in ("Create", "Update") and note:
            yield from self._written(row, note, place)
        else:
            yield empty(place, f"an activity of another kind ({what[:40] or 'none'})")

    def chosen(self, deed: Kind, row: object, place: str, modified: datetime) -> Iterator[Fetched]:
        """What the owner liked or bookmarked: a bare address."""
        uri = _address(row)
        yield self.bare.deed(uri, deed, _time_of(uri, modified))

    def _written(self, row: Json, note: Json, place: str) -> Iterator[Fetched | RowError]:
        actor = word(note, "attributedTo") or word(row, "actor")
        fetched = parse_status(self._status(note, actor), source=self.bare.source, base_url=_base(actor))
        if (item := fetched.item) is None or not item.searchable.strip():
            yield empty(place, "a post without words")
            return
        answered = web(word(note, "inReplyTo"))
        if answered and not answered.startswith(f"{actor}/"):
            if _base(answered) != _base(actor):  # the server has a number of its own for it, which is not told
                item = replace(item, reply_to=answered)
            yield self.bare.deed(answered, Kind.REPLY, item.created_at)
        yield done(_finished(item, note), fetched.accounts, (Kind.AUTHORED, item.created_at))

    def _status(self, note: Json, actor: str) -> Json:
        """A Note as the API of Mastodon tells it."""
        if not actor or not word(note, "id"):
            raise ValueError("it does not say whose it is, or what it is called")
        tags = listed(note, "tag")
        return {
            "id": _number(word(note, "id")),
            "uri": word(note, "id"),
            "url": web(word(note, "url")),
            "created_at": word(note, "published"),
            "edited_at": word(note, "updated"),
            "content": word(note, "content"),
            "spoiler_text": word(note, "summary"),
            "language": _language(note),
            "visibility": _visibility(note),
            "in_reply_to_id": _number(word(note, "inReplyTo")),
            "account": self._account(actor),
            "media_attachments": [_media(one, actor) for one in listed(note, "attachment")],
            "tags": [{"name": word(one, "name").lstrip("#")} for one in tags if word(one, "type") == "Hashtag"],
            "mentions": [_mention(one) for one in tags if word(one, "type") == "Mention"],
            "poll": {
                "options": [{"title": word(one, "name")} for one in listed(note, "oneOf") or listed(note, "anyOf")]
            },
        }

    def _account(self, uri: str) -> Json:
        known = self.actor if word(self.actor, "id") in ("", uri) else {}
        name = word(known, "preferredUsername") or uri.rstrip("/").rpartition("/")[2].lstrip("@")
        return {
            "id": uri,
            "uri": uri,
            "url": web(word(known, "url")) or uri,
            "acct": name,
            "display_name": word(known, "name"),
            "bot": word(known, "type") in ("Service", "Application"),
        }


def _finished(item: Item, note: Json) -> Item:
    """With what a status of the API would tell in ways of its own."""
    quoted = web(word(note, "quote", "quoteUri", "quoteUrl", "_misskey_quote"))
    return replace(item, quotes=quoted, raw={key: value for key, value in note.items() if key != "replies"})


def _address(row: object) -> str:
    found = web(row if isinstance(row, str) else word(row, "id"))
    if not found or not found.isascii():
        raise ValueError("it is no address")
    return found


def _base(actor: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(actor))


def _number(address: str) -> str:
    """What a post is called on its own server."""
    found = _STATUS.search(address)
    return found[1] if found else address


def _time_of(uri: str, until: datetime) -> datetime:
    """When the post of that address was written, if its number tells; else the latest that it can have been."""
    if _DATED.fullmatch(key := _number(uri)):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(key) >> 16)
        return at if _FIRST < at < until else until
    return until


def _visibility(note: Json) -> str:
    to, cc = words(note, "to"), words(note, "cc")
    if _PUBLIC.intersection(to):
        return "public"
    if _PUBLIC.intersection(cc):
        return "unlisted"
    return "private" if any(address.endswith("/followers") for address in (*to, *cc)) else "direct"


def _language(note: Json) -> str:
    texts, content = inner(note, "contentMap"), word(note, "content")
    return next((key for key, text in texts.items() if text == content), next(iter(texts), ""))


def _media(row: Json, actor: str) -> Json:
    kind = word(row, "mediaType").partition("/")[0]
    kind = kind if kind in ("image", "video", "audio") else "unknown"
    return {"type": kind, "description": word(row, "name"), "url": web(urljoin(actor, word(row, "url")))}


def _mention(row: Json) -> Json:
    return {"url": word(row, "href"), "acct": word(row, "name").lstrip("@")}
