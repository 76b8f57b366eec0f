"""What all notes and documents have in common: one file or entry is one item, and mostly the owner wrote it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from memory.records import Account, Evidence, Fetched, Item, Kind, Media, Reaction, Seen, Visibility
from tools.importers.words import LONGEST, clean, links_in, person, tags_in, uri


def note(
    source: str,
    keys: tuple[str, ...],
    at: datetime,
    text: str,
    *,
    title: str = "",
    author: Account | None = None,
    deed: Kind | None = Kind.AUTHORED,
    kind: str = "note",
    url: str = "",
    name: str = "",
    edited_at: datetime | None = None,
    language: str = "",
    links: Iterable[str] = (),
    tags: Iterable[str] | None = None,
    media: Iterable[Media] = (),
    visibility: Visibility = Visibility.DIRECT,
    reply_to: str = "",
) -> Fetched:
    """An item known by its ``keys`` within the source, or by a ``name`` of its own, and what the owner did with it.

    Instants are in UTC. Without an author it is the owner's; without tags, they are those that stand in the text.
    """
    text, author = clean(text), author or person(source, "me")
    name = name or uri(source, *keys)
    found = tags_in(text) if tags is None else tuple(tag.strip().lstrip("#").lower() for tag in tags if tag.strip())
    item = Item(
        uri=name,
        ref=name,
        author=author.uri,
        created_at=at,
        text=text,
        title=" ".join(clean(title).split())[:500],
        url=url,
        source=source,
        kind=kind,
        language=language[:2].lower(),
        visibility=visibility,
        edited_at=edited_at,
        reply_to=reply_to,
        links=tuple(dict.fromkeys((*links_in(text), *links))),
        tags=tuple(dict.fromkeys(found)),
        media=tuple(media),
    )
    if deed is None:
        return Fetched(item=item, accounts=(author,))
    evidence = Evidence.AUTHORED if deed is Kind.AUTHORED else Evidence.REACTED
    return Fetched(
        item=item,
        accounts=(author,),
        reactions=(Reaction(deed, at, name, source),),
        seen=(Seen("item", name, at, evidence),),
    )


def too_long(text: str) -> str:
    """Why a text is not taken whole, or nothing."""
    return f"it is longer than {LONGEST:,} signs" if len(text) > LONGEST else ""
