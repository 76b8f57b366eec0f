"""Records of Bluesky (app.bsky.feed.post and its like) → the nouns. Pure.

A post is known by its address in the network: at://did:plc:…/app.bsky.feed.post/key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from memory.records import Account, Item, Media
from tools.importers.fields import Json, inner, listed, web, word, words
from tools.importers.words import clean, instant, links_in, said, tags_in

SOURCE: Final = "bluesky"
_ADDRESS: Final = re.compile(
    r"at://(did:[a-z]{1,20}:[A-Za-z0-9._:%-]{1,200})/([A-Za-z0-9.-]{1,200})/([\w.~:-]{1,512})", re.ASCII
)


def apart(address: str) -> tuple[str, str, str]:
    """Whose it is, of what collection, and its key. Raises ValueError."""
    if not (found := _ADDRESS.fullmatch(address)):
        raise ValueError("its address is none")
    return found[1], found[2], found[3]


def account(did: str, handle: str = "", name: str = "") -> Account:
    """Somebody there; handles can change, the DID stays."""
    name = " ".join(clean(name).split())[:200]
    return Account(did, f"{handle or did}@bsky.app", name or handle, f"https://bsky.app/profile/{did}")


def written_at(record: Json) -> datetime:
    """When it says that it was written, in UTC. Raises ValueError."""
    at = instant(word(record, "createdAt"))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def post(address: str, record: Json, author: Account) -> Item:
    """An app.bsky.feed.post as an item. Raises ValueError."""
    did, _, key = apart(address)
    text, links, tags, mentions = _faceted(record)
    embed = inner(record, "embed")
    media, card = inner(embed, "media") or embed, inner(embed, "media", "external") or inner(embed, "external")
    links += (web(word(card, "uri")),)
    plain = said(text)
    return Item(
        uri=address,
        ref=address,
        author=author.uri,
        created_at=written_at(record),
        text=plain,
        url=f"https://bsky.app/profile/{did}/post/{key}",
        source=SOURCE,
        title="" if plain else said(word(card, "title")),
        warning=", ".join(said(word(label, "val")) for label in listed(inner(record, "labels"), "values")),
        language=next(iter(words(record, "langs")), "")[:2].lower(),
        reply_to=word(inner(record, "reply", "parent"), "uri"),
        quotes=word(inner(embed, "record", "record"), "uri") or word(inner(embed, "record"), "uri"),
        links=tuple(dict.fromkeys(filter(None, (*links_in(text), *links)))),
        tags=tuple(dict.fromkeys((*tags_in(plain), *tags, *(tag.lower() for tag in words(record, "tags"))))),
        mentions=tuple(dict.fromkeys(mentions)),
        media=tuple(_media(media)),
    )


def _faceted(record: Json) -> tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The text with its shortened links in full, and the links, tags and mentions that are marked in it by bytes."""
    data = word(record, "text").encode("utf-8", "replace")
    links, tags, mentions = list[str](), list[str](), list[str]()
    for begin, end, facet in sorted(_stretches(record, len(data)), key=lambda row: row[:2], reverse=True):
        shown = data[begin:end].decode("utf-8", "replace")
        for feature in listed(facet, "features"):
            if link := web(word(feature, "uri")):
                links.append(link)
                data = data[:begin] + link.encode() + data[end:] if shown.endswith(("…", "...")) else data
            elif word(feature, "tag"):
                tags.append(word(feature, "tag").lower())
            elif word(feature, "did") and shown[1:]:
                mentions.append(f"{shown.lstrip('@')}@bsky.app")
    return data.decode("utf-8", "replace"), tuple(links[::-1]), tuple(tags[::-1]), tuple(mentions[::-1])


def _stretches(record: Json, length: int) -> Iterator[tuple[int, int, Json]]:
    """Marked stretches that lie within the text and not within each other."""
    free = 0
    found = ((inner(facet, "index"), facet) for facet in listed(record, "facets")[:1000])
    rows = [(place.get("byteStart"), place.get("byteEnd"), facet) for place, facet in found]
    whole = [(b, e, facet) for b, e, facet in rows if isinstance(b, int) and isinstance(e, int)]
    for begin, end, facet in sorted(whole, key=lambda row: row[:2]):
        if free <= begin < end <= length:
            free = end
            yield begin, end, facet


def _media(embed: Json) -> Iterator[Media]:
    for image in listed(embed, "images"):
        yield Media("image", said(word(image, "alt")))
    if inner(embed, "video"):
        yield Media("video", said(word(embed, "alt")))
