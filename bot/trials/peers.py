"""How other digests choose, as far as a formula says it: the rules that Magpie is measured against.

D  mastodon_digest (hodgesmr): √((boosts+1)(favourites+1)) / √followers; a boost in the timeline stands for its post.
A  its fork by abhin4v: gmean(4·boosts+1, 2·replies+1, favourites+1) / √followers × 0.5^(age / 6 h); replies ÷ 1.5,
   bots ÷ 1.2, one a thread, at most three an author, a tenth explored at random; remembers what it has sent.
P  Phanpy's catch-up: links by distinct sharers, then boosts, then likes.
S  Sill: links by the fewer of distinct names and distinct handles among those who posted them, then the newest.
L  LinkGnome: (posts + 0.5·boosts + 0.25·likes)(1 − 0.5·age / 24 h) a link; its most liked post stands for it.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from memory.records import Account, How, Item, Share


@dataclass(frozen=True)
class Timeline:
    """The last day as a peer sees it: items, who shared them, and who wrote them. Own and liked posts are not in it."""

    items: Sequence[Item]
    shares: Sequence[Share]
    accounts: dict[str, Account]
    now: datetime

    def hours(self, item: Item) -> float:
        """Age of an item in hours."""
        return max((self.now - item.created_at).total_seconds() / 3600, 0.0)

    def followers(self, item: Item) -> int:
        """Followers of an item's author."""
        account = self.accounts.get(item.author)
        return max(account.followers if account else 1, 1)

    def by_link(self) -> dict[str, list[Item]]:
        """Items by each canonical link."""
        found: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            for link in item.canonical:
                found[link].append(item)
        return found


Peer = Callable[[Timeline, int, set[str]], list[Item]]
"""(timeline, how many, what was sent before) → items, best first."""


def digest_d(timeline: Timeline, count: int, sent: set[str]) -> list[Item]:
    """mastodon_digest: remembers nothing."""

    def score(item: Item) -> float:
        engaged = np.sqrt((item.counts.boosts + 1) * (item.counts.likes + 1))
        return float(engaged / np.sqrt(timeline.followers(item)))

    return sorted(timeline.items, key=score, reverse=True)[:count]


def digest_a(timeline: Timeline, count: int, sent: set[str]) -> list[Item]:
    """abhin4v's fork: decay, caps, exploration, and a memory of what was sent."""

    def score(item: Item) -> float:
        counts, account = item.counts, timeline.accounts.get(item.author)
        engaged = np.cbrt((4 * counts.boosts + 1) * (2 * counts.replies + 1) * (counts.likes + 1))
        fading = 0.5 ** (timeline.hours(item) / 6)
        penalty = (1.5 if item.reply_to else 1) * (1.2 if account and account.bot else 1)
        return float(engaged / np.sqrt(timeline.followers(item)) * fading / penalty)

    chosen: list[Item] = []
    rest = [item for item in sorted(timeline.items, key=score, reverse=True) if item.uri not in sent]
    authors: Counter[str] = Counter()
    threads: set[str] = set()
    explored = max(count // 10, 1)
    for item in rest:
        if len(chosen) < count - explored and authors[item.author] < 3 and item.thread not in threads:
            chosen.append(item)
            authors[item.author] += 1
            threads.add(item.thread)
    left = [item for item in rest if item not in chosen]
    return chosen + random.Random(timeline.now.toordinal()).sample(left, min(explored, len(left)))


def digest_p(timeline: Timeline, count: int, sent: set[str]) -> list[Item]:
    """Phanpy: links alone; where there are too few links, nothing more."""
    sharers: dict[str, set[str]] = defaultdict(set)
    for share in timeline.shares:
        sharers[share.item].add(share.account)

    def weight(items: list[Item]) -> tuple[int, int, int]:
        people = {account for item in items for account in sharers[item.uri]}
        return len(people), sum(item.counts.boosts for item in items), sum(item.counts.likes for item in items)

    links = sorted(timeline.by_link().values(), key=weight, reverse=True)
    return _one_each(links, count)


def digest_s(timeline: Timeline, count: int, sent: set[str]) -> list[Item]:
    """Sill: one voice under two handles, or two people of one name, count once."""
    sharers: dict[str, set[str]] = defaultdict(set)
    latest: dict[str, datetime] = {}
    for share in timeline.shares:
        sharers[share.item].add(share.account)
        latest[share.item] = max(share.at, latest.get(share.item, share.at))

    def weight(items: list[Item]) -> tuple[int, datetime]:
        known = [timeline.accounts.get(account) for item in items for account in sharers[item.uri]]
        people = [account for account in known if account is not None]
        voices = min(len({account.name or account.handle for account in people}), len({a.handle for a in people}))
        return voices, max(latest.get(item.uri, item.created_at) for item in items)

    return _one_each(sorted(timeline.by_link().values(), key=weight, reverse=True), count)


def digest_l(timeline: Timeline, count: int, sent: set[str]) -> list[Item]:
    """LinkGnome: links by posts, boosts and likes, fading over a day."""
    boosted = Counter(share.item for share in timeline.shares if share.how is How.BOOSTED)

    def score(items: list[Item]) -> float:
        boosts = sum(max(item.counts.boosts, boosted[item.uri]) for item in items)
        likes = sum(item.counts.likes for item in items)
        age = min(timeline.hours(item) for item in items)
        return (len(items) + 0.5 * boosts + 0.25 * likes) * (1 - 0.5 * min(age, 24) / 24)

    return _one_each(sorted(timeline.by_link().values(), key=score, reverse=True), count)


def _one_each(links: Sequence[list[Item]], count: int) -> list[Item]:
    """The most liked post of each link, no post twice."""
    leads = (max(items, key=lambda item: item.counts.likes) for items in links)
    return list({item.uri: item for item in leads}.values())[:count]


PEERS: dict[str, Peer] = {"D": digest_d, "A": digest_a, "P": digest_p, "S": digest_s, "L": digest_l}
