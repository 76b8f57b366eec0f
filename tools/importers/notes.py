"""What all notes and documents have in common: one file or entry is one item, and mostly the owner wrote it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from memory.records import Account, Evidence, Fetched, Item, Kind, Media, Reaction, Seen, Visibility
from tools.importers.words import LONGEST, clean, links_in, person, tags_in, uri


@dataclass(frozen=True)
class Leaf:
    """A note, a letter, a document, a row: known by its ``keys`` within the source, or by a ``name`` of its own.

    Instants are in UTC. Without an author it is the owner's; without tags, they are those that stand in the text.
    ``deed`` is what the owner did with it.
    """

    source: str
    keys: tuple[str, ...]
    at: datetime
    text: str
    title: str = ""
    author: Account | None = None
    deed: Kind | None = Kind.AUTHORED
    kind: str = "note"
    url: str = ""
    name: str = ""
    edited_at: datetime | None = None
    language: str = ""
    links: Iterable[str] = ()
    tags: Iterable[str] | None = None
    media: Iterable[Media] = ()
    visibility: Visibility = Visibility.DIRECT
    reply_to: str = ""

    def step(self) -> Fetched:
        """The item, who wrote it, and the deed."""
        author = self.author or person(self.source, "me")
        item = self._item(author)
        if self.deed is None:
            return Fetched(item=item, accounts=(author,))
        evidence = Evidence.AUTHORED if self.deed is Kind.AUTHORED else Evidence.REACTED
        return Fetched(
            item=item,
            accounts=(author,),
            reactions=(Reaction(self.deed, self.at, item.uri, self.source),),
            seen=(Seen("item", item.uri, self.at, evidence),),
        )

    def _item(self, author: Account) -> Item:
        text, name = clean(self.text), self.name or uri(self.source, *self.keys)
        return Item(
            uri=name,
            ref=name,
            author=author.uri,
            created_at=self.at,
            text=text,
            title=" ".join(clean(self.title).split())[:500],
            url=self.url,
            source=self.source,
            kind=self.kind,
            language=self.language[:2].lower(),
            visibility=self.visibility,
            edited_at=self.edited_at,
            reply_to=self.reply_to,
            links=tuple(dict.fromkeys((*links_in(text), *self.links))),
            tags=tuple(dict.fromkeys(tags_in(text) if self.tags is None else map(_bare, filter(str.strip, self.tags)))),
            media=tuple(self.media),
        )


def _bare(tag: str) -> str:
    return tag.strip().lstrip("#").lower()


def too_long(text: str) -> str:
    """Why a text is not taken whole, or nothing."""
    return f"it is longer than {LONGEST:,} signs" if len(text) > LONGEST else ""
