"""Which linked pages are worth reading: those that most of the followed have shared lately, and that are not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memory.records import Item, Share
from memory.store import Store
from tools.articles import FEWEST, Articles, Wanted
from tools.canonical import canonical
from tools.links import is_general
from tools.web import GuardedWeb

if TYPE_CHECKING:
    from bot.build import Magpie

LATELY = timedelta(days=2)
_MOST_LINKS = 3  # a post with more is a list of links


def linked_articles(magpie: Magpie) -> list[Articles]:
    """The source of linked articles, if the owner wants it; read after all others, for it follows their links."""
    chosen, now = magpie.settings.articles, magpie.now
    if not chosen.fetch:
        return []
    web = GuardedWeb(frozenset(chosen.allow))
    return [Articles(web, lambda: wanted(magpie.store, now()), lambda uri: held(magpie.store, uri), now, chosen.most)]


def wanted(store: Store, now: datetime) -> Iterator[Wanted]:
    """Links of open posts of the last days; those that the most people share first, then the latest."""
    with store.begin() as memory:
        shares = memory.shares.between(now - LATELY, now)
        items = memory.items.all(dict.fromkeys(share.item for share in shares))
    found: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        item = items.get(share.item)
        if item is None or not item.visibility.open or len(item.canonical) > _MOST_LINKS:
            continue
        for link in item.canonical:
            if not is_general(link) and not _told(item, link):
                found[link].append(share)
    for link, of_it in sorted(found.items(), key=lambda pair: _weight(pair[1]), reverse=True):
        yield Wanted(link, tuple({share.account: share.at for share in reversed(of_it)}.items()))


def held(store: Store, uri: str) -> bool:
    """Whether an item is known by that URI."""
    with store.begin() as memory:
        return memory.items.get(uri) is not None


def _told(item: Item, link: str) -> bool:
    """Whether an item is itself what stands behind the link; a feed's few words on its own article are not."""
    if item.kind == "article":
        return len(item.text) >= FEWEST or link == item.uri
    return link in (canonical(item.uri), canonical(item.url))


def _weight(shares: list[Share]) -> tuple[int, datetime]:
    return len({share.account for share in shares}), max(share.at for share in shares)
