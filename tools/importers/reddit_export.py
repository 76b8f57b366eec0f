"""What Reddit sends to whoever asks for their data: tables of posts, comments, and of what was saved and voted for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from memory.records import Account, Evidence, Fetched, Item, Kind, Seen
from tools.canonical import canonical
from tools.importers import Importer, Opened, RowError, Rows, Whose, empty
from tools.importers.deeds import Bare, done
from tools.importers.fields import web
from tools.importers.reading import table
from tools.importers.tables import Row, columns, each
from tools.importers.words import clean, instant, links_in, said

SOURCE: Final = "reddit"
_FILES: Final = {
    "posts.csv": {"id", "permalink", "date", "subreddit", "title"},
    "comments.csv": {"id", "permalink", "date", "subreddit", "body"},
    "saved_posts.csv": {"id", "permalink"},
    "saved_comments.csv": {"id", "permalink"},
    "post_votes.csv": {"id", "permalink", "direction"},
    "comment_votes.csv": {"id", "permalink", "direction"},
}
_PLACE: Final = re.compile(r"https://reddit\.com/comments/[a-z0-9]{1,13}(?:/_/[a-z0-9]{1,13})?")
_NAMED: Final = re.compile(r"/(?:r|user)/([\w-]{1,50})/comments/\w{1,13}/([\w%-]{3,400})/?\Z")
_NAME: Final = re.compile(r"[\w-]{1,40}")
_PARENT: Final = re.compile(r"(?:t[13]_)?([a-z0-9]{1,13})")


def recognises(opened: Opened) -> bool:
    """Tables of Reddit's names, with its columns."""
    return any(_found(opened, called) for called in _FILES)


def build(opened: Opened, settings: Mapping[str, Any]) -> Importer:
    """``me``: the owner's name there, if statistics.csv does not tell it."""
    whose = Whose.of(settings, "importer reddit_export")
    return Importer("reddit_export", opened, partial(rows, opened, whose, Bare(SOURCE)))


def rows(opened: Opened, whose: Whose, bare: Bare) -> Rows:
    """Posts, comments, then what was saved and voted for; of these only the address is told, and not when."""
    owner = _owner(opened, whose)
    for called in _FILES:
        for name in _found(opened, called):
            reader = _Reader(whose, bare, owner, opened.modified(name))
            if called in ("posts.csv", "comments.csv"):
                yield from each(opened, name, reader.own)
            elif called.startswith("saved"):
                yield from each(opened, name, partial(reader.chosen, Kind.BOOKMARK))
            else:
                yield from each(opened, name, reader.voted)


def _found(opened: Opened, called: str) -> list[str]:
    return [name for name in opened.matching(called) if columns(opened, name) >= _FILES[called]]


def _owner(opened: Opened, whose: Whose) -> Account:
    names = sorted(name for name in whose.me if _NAME.fullmatch(name))
    for name in opened.matching("statistics.csv"):
        for row in table(opened, name):
            cells = row[1] if isinstance(row, tuple) else {}
            if cells.get("statistic") == "account name" and _NAME.fullmatch(cells.get("value", "")):
                names = [cells["value"]]
    name = names[0] if names else "me"
    return Account(f"https://reddit.com/user/{name}", f"{name}@reddit.com", name, f"https://reddit.com/user/{name}")


@dataclass(frozen=True)
class _Reader:
    whose: Whose
    bare: Bare
    owner: Account
    modified: datetime

    def own(self, row: Row, place: str) -> Iterator[Fetched | RowError]:
        """A post or comment of the owner's."""
        uri, at = _place(row), self.whose.instant(instant(row.get("date", "").removesuffix(" UTC") + "Z"))
        text, title = said(row.get("body", "")), " ".join(clean(row.get("title", "")).split())[:500]
        if text in ("", "[deleted]", "[removed]") and title in ("", "[deleted]", "[deleted by user]"):
            yield empty(place, "a post that was deleted")
            return
        link = web(row.get("url", ""))
        linked = link and canonical(link) != uri
        answers = _answers(row, uri)
        item = Item(
            uri=uri,
            ref=uri,
            author=self.owner.uri,
            created_at=at,
            text="" if text in ("[deleted]", "[removed]") else text,
            url=web(row["permalink"]),
            source=SOURCE,
            kind="comment" if "body" in row and "title" not in row else "post",
            title=title,
            reply_to=answers,
            links=tuple(dict.fromkeys((*([link] if linked else []), *links_in(text)))),
            tags=tuple(filter(None, [row.get("subreddit", "").lower()])),
        )
        if answers:
            yield self.bare.deed(answers, Kind.REPLY, at)
        yield done(item, [self.owner], (Kind.AUTHORED, at))

    def chosen(self, deed: Kind, row: Row, place: str) -> Iterator[Fetched | RowError]:
        """Something that was saved or voted for: where its address holds words of its title, an item by these."""
        uri = _place(row)
        found = _NAMED.search(row["permalink"].partition("?")[0])
        yield (
            self.bare.deed(uri, deed, self.modified) if found is None else self._named(uri, found[1], found[2], deed)
        )

    def voted(self, row: Row, place: str) -> Iterator[Fetched | RowError]:
        """An upvote is a like; a downvote tells no more than that it was seen."""
        direction = row.get("direction", "")
        if direction == "up":
            yield from self.chosen(Kind.LIKE, row, place)
        elif direction == "down":
            yield Fetched(seen=(Seen("item", _place(row), self.modified, Evidence.REACTED),))
        else:
            yield empty(place, "a vote that was taken back")

    def _named(self, uri: str, group: str, slug: str, deed: Kind) -> Fetched:
        site = Account(
            f"https://reddit.com/r/{group}", f"{group}@reddit.com", f"r/{group}", f"https://reddit.com/r/{group}"
        )
        title = " ".join(slug.replace("_", " ").split())
        item = Item(uri, uri, site.uri, self.modified, url=uri, source=SOURCE, title=title, tags=(group.lower(),))
        return done(item, [site], (deed, self.modified))


def _place(row: Row) -> str:
    uri = canonical(web(row.get("permalink", "")))
    if not _PLACE.fullmatch(uri):
        raise ValueError("it leads to no post on Reddit")
    return uri


def _answers(row: Row, uri: str) -> str:
    """The comment, or else the post, that a comment answers."""
    if "/_/" not in uri:
        return ""
    post = uri.partition("/_/")[0]
    found = _PARENT.fullmatch(row.get("parent", ""))
    return f"{post}/_/{found[1]}" if found and not post.endswith(f"/{found[1]}") else post
