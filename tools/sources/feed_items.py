"""Entries of feeds → the nouns. Pure: no network, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from memory.records import Account, Fetched, How, Item, Share, fingerprint
from tools.canonical import canonical
from tools.links import same_site
from tools.sources.answers import dated, handle, host_of, web_link
from tools.sources.feed_reading import Entry, Feed
from tools.sources.prose import plain
from tools.sources.unseen import seen

MOST_LINKS: Final = 3  # more would make a list of links of it, which joins no story


@dataclass(frozen=True, slots=True)
class Sighting:
    """An entry where it was seen: in which feed, under which address, read for which source, and when."""

    entry: Entry
    feed: Feed
    url: str
    source: str
    account: Account
    now: datetime


Shape = Callable[[Sighting], Fetched]


def feed_account(feed: Feed, url: str) -> Account:
    """The feed as an account that the owner follows."""
    host = host_of(feed.link or url)
    return Account(url, handle(feed.title or host, host), feed.title or host, feed.link or url, followed=True)


def article(sighting: Sighting) -> Fetched:
    """The entry as an article that its feed has posted."""
    return posted(item_of(sighting), sighting.account)


def item_of(sighting: Sighting) -> Item:
    """The entry as an item."""
    entry = sighting.entry
    prose = plain(entry.html)
    uri = uri_of(entry, sighting.url)
    return Item(
        uri=uri,
        ref=uri,
        author=sighting.account.uri,
        created_at=dated(entry.at, sighting.now),
        text=prose.text,
        url=entry.link or web_link(entry.guid) or sighting.feed.link,
        source=sighting.source,
        kind="article",
        title=entry.title,
        language=language_of(sighting.feed.language),
        edited_at=_edited(entry, sighting.now),
        links=joining(*entry.related, entry.link, web_link(entry.guid)),
        tags=tuple(dict.fromkeys((*entry.tags, *prose.tags))),
        media=entry.media,
        raw=entry.raw,
    )


def posted(item: Item, by: Account, *others: Account) -> Fetched:
    """An item that an account has put before the owner, with whoever else has to do with it."""
    return Fetched(item=item, accounts=(by, *others), shares=(Share(by.uri, item.uri, item.created_at, How.POSTED),))


def uri_of(entry: Entry, feed_url: str) -> str:
    """What the entry is known by: its own permanent address, else its feed's address with the feed's name for it.

    An address at another site is not the feed's to name: it could overwrite what others have written.
    """
    for name in (entry.guid, "" if entry.guid else entry.link):
        if (link := web_link(name)) and same_site(link, feed_url):
            return link
    name = entry.guid or entry.link
    short = quote(seen(name), safe=":/.,@-_~") if len(name) <= 200 and name.isprintable() else fingerprint(name)
    return f"{web_link(feed_url)}#{short}"


def joining(*links: str) -> tuple[str, ...]:
    """The few addresses by which an entry meets what others say of it, each once."""
    found: dict[str, str] = {}
    for link in filter(None, links):
        found.setdefault(canonical(link), link)
    return tuple(found.values())[:MOST_LINKS]


def language_of(told: str) -> str:
    """en-US → en; nothing for what is no language."""
    found = re.match(r"[a-z]{2,3}(?![a-z])", told.strip().lower())
    return found[0] if found else ""


def gist(entry: Entry) -> str:
    """What tells an entry from what it was before."""
    return fingerprint("\x00".join((entry.title, entry.html, entry.link)))[:8]


def in_order(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """Oldest first; feeds mostly have it the other way round."""
    backwards = list(entries)[::-1]
    return sorted(backwards, key=lambda entry: entry.at or now)


def _edited(entry: Entry, now: datetime) -> datetime | None:
    changed = entry.edited_at is not None and entry.at is not None and entry.edited_at > entry.at
    return dated(entry.edited_at, now) if changed else None
