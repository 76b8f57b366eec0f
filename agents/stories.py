"""Items that tell of the same thing, put together: by link, by thread, by quote, and by meaning."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from memory.records import How, Item, Share, Story

Array = NDArray[np.float32]

SAME_MEANING = 0.6
"""Cosine (all-MiniLM-L6-v2) from which two texts count as the same news; a false join would hide a story."""

SAME_TEXT = 0.85
"""Cosine from which a new text counts as one that was told before."""

FEWEST_WORDS = 6
"""Shorter texts are never joined by meaning: greetings are alike and tell of nothing."""

MOST_LINKS = 3
"""An item with more links is a list of links and joins nothing."""


@dataclass
class Groups:
    """Disjoint sets of item URIs (path halving)."""

    parent: dict[str, str] = field(default_factory=dict)

    def find(self, uri: str) -> str:
        """The representative of the set that holds ``uri``."""
        self.parent.setdefault(uri, uri)
        while self.parent[uri] != uri:
            self.parent[uri] = self.parent[self.parent[uri]]
            uri = self.parent[uri]
        return uri

    def join(self, uris: Iterable[str]) -> None:
        """All of these are of one set."""
        first, *rest = [self.find(uri) for uri in uris]
        for other in rest:
            self.parent[self.find(other)] = self.find(first)

    def sets(self) -> list[list[str]]:
        """The sets, in the order in which their first members came."""
        found: dict[str, list[str]] = defaultdict(list)
        for uri in self.parent:
            found[self.find(uri)].append(uri)
        return list(found.values())


def group(
    items: Sequence[Item],
    shares: Sequence[Share],
    vectors: Mapping[int, Array],
    told: frozenset[str] = frozenset(),
    general: frozenset[str] = frozenset(),
    told_at: datetime | None = None,
) -> list[Story]:
    """Put items into stories, in whatever order they come.

    ``vectors`` holds unit vectors by Item.id. ``told`` are URIs of items of earlier digests: they attract what belongs
    to them; by meaning what was written before ``told_at`` (the last digest), and of what came later, which may be
    news, only what says the same again. ``general`` are links that say nothing, such as front pages.
    """
    groups = Groups()
    by_uri = {item.uri: item for item in sorted(items, key=_by_age)}
    for item in by_uri.values():
        groups.find(item.uri)
    _join_by_reference(groups, by_uri, general)
    late = frozenset(uri for uri, item in by_uri.items() if told_at is None or item.created_at > told_at) - told
    _join_by_meaning(groups, by_uri, vectors, told, late)
    by_item: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        by_item[share.item].append(share)
    return [_story([by_uri[uri] for uri in uris], by_item, vectors, general) for uris in groups.sets()]


def _join_by_reference(groups: Groups, by_uri: Mapping[str, Item], general: frozenset[str]) -> None:
    same: dict[str, list[str]] = defaultdict(list)
    for item in by_uri.values():
        same[f"thread {item.thread or item.ref}"].append(item.uri)
        for link in story_links(item, general):
            same[f"link {link}"].append(item.uri)
        if item.quotes in by_uri:
            groups.join((item.quotes, item.uri))
    for uris in same.values():
        groups.join(uris)


def story_links(item: Item, general: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The links by which an item belongs to a story; none for a list of links."""
    links = tuple(link for link in item.canonical if link not in general)
    return links if len(links) <= MOST_LINKS else ()


def _join_by_meaning(
    groups: Groups,
    by_uri: Mapping[str, Item],
    vectors: Mapping[int, Array],
    told: frozenset[str],
    late: frozenset[str],
) -> None:
    """A set of items joins the nearest earlier one whose centroid is near enough."""
    sets = [
        (uris[0], np.sum(rows, axis=0), not told.isdisjoint(uris), not late.isdisjoint(uris))
        for uris in groups.sets()
        if (rows := voice([by_uri[uri] for uri in uris if speaks(by_uri[uri])], vectors))
    ]
    if not sets:
        return
    firsts, totals, old, new = zip(*sets, strict=True)
    same: dict[int, list[str]] = defaultdict(list)
    for first, label in zip(firsts, one_pass(np.stack(totals), np.array(old), np.array(new)), strict=True):
        same[label].append(first)
    for joined in same.values():
        groups.join(joined)


def one_pass(totals: Array, old: NDArray[np.bool_], new: NDArray[np.bool_], block: int = 512) -> list[int]:
    """Cluster labels of rows (n, dim) in one pass over the stream: a row joins the nearest centroid, or begins anew.

    ``old`` rows were told before, ``new`` ones came after that: the two join only where one says the same again as the
    other. Centroids are never formed: a row times a sum is the sum of its products, from blocks of the Gram matrix.
    """
    labels = np.zeros(len(totals), np.int64)
    squares = np.einsum("ij,ij->i", totals, totals)
    sizes = np.zeros(len(totals))  # squared lengths of the sums, by label
    olds, news = np.zeros(len(totals), np.bool_), np.zeros(len(totals), np.bool_)  # by label
    count = 0
    for row in range(len(totals)):
        if row % block == 0:
            products = totals[row : row + block] @ totals[: row + block].T
        dots = np.bincount(labels[:row], weights=products[row % block, :row], minlength=count)
        cosines = dots / (np.sqrt(sizes[:count] * squares[row]) + 1e-9)
        apart = (olds[:count] | old[row]) & (news[:count] | new[row])
        excess = cosines - np.where(apart, SAME_TEXT, SAME_MEANING)
        best = int(excess.argmax()) if count else 0
        if not count or excess[best] < 0:
            best, count = count, count + 1
            dots = np.append(dots, 0.0)
        labels[row] = best
        sizes[best] += 2 * dots[best] + squares[row]
        olds[best] |= old[row]
        news[best] |= new[row]
    return [int(label) for label in labels]


def voice(items: Sequence[Item], vectors: Mapping[int, Array]) -> list[Array]:
    """The vectors that tell what a set of items is about: of those that begin something, else of the answers."""
    begun = [item for item in items if not item.reply_to]
    return [vectors[item.id] for item in begun or items if item.id in vectors]


def speaks(item: Item) -> bool:
    """Whether it has words enough to tell of something; greetings have not."""
    words = re.findall(r"\w{2,}", re.sub(r"https?://\S+|[@#]\S+", " ", item.searchable))
    unspaced = len(re.findall("[\u3040-\u9fff]", item.text)) // 2  # two of these are about a word
    return len(words) + unspaced >= FEWEST_WORDS


def _story(
    items: list[Item],
    shares: Mapping[str, list[Share]],
    vectors: Mapping[int, Array],
    general: frozenset[str],
) -> Story:
    items = sorted(items, key=_by_age)
    lead = lead_of(items, vectors)
    shared = (share for item in items for share in shares.get(item.uri, ()))
    of_story = sorted(shared, key=lambda share: (share.at, share.account))
    links = Counter(link for item in items for link in story_links(item, general))
    threads = tuple(dict.fromkeys(item.thread or item.ref for item in items))
    ordered = tuple(link for link, _ in links.most_common())
    shared_link = ordered[:1] if ordered and (links[ordered[0]] > 1 or len(items) == 1) else ()
    return Story(
        key=next(iter(shared_link), lead.uri if len(threads) > 1 else threads[0]),
        lead=lead.uri,
        items=tuple(item.uri for item in items),
        sharers=tuple(dict.fromkeys(share.account for share in of_story)),
        links=ordered,
        threads=threads,
    )


def _by_age(item: Item) -> tuple[datetime, str]:
    return item.created_at, item.uri


def lead_of(items: Sequence[Item], vectors: Mapping[int, Array]) -> Item:
    """The most central text that begins something and has something to say; the first of equals."""
    rows = [vectors[item.id] for item in items if item.id in vectors]
    middle = np.sum(rows, axis=0) if rows else None
    if middle is not None:
        middle = middle / (np.linalg.norm(middle) + 1e-9)

    def fitness(item: Item) -> float:
        central = float(vectors[item.id] @ middle) if middle is not None and item.id in vectors else 0.0
        said = min(len(item.text), 240) / 240
        return central + 0.6 * said - 0.8 * bool(item.reply_to) + 0.2 * bool(item.canonical)

    return max(items, key=fitness)


def first_shares(story: Story, shares: Sequence[Share]) -> dict[str, Share]:
    """Account.uri → the first share by which it put the story before the owner; posting outranks replying."""
    found: dict[str, Share] = {}
    of_story = set(story.items)
    for share in sorted(shares, key=lambda share: (share.how is How.REPLIED, share.at)):
        if share.item in of_story:
            found.setdefault(share.account, share)
    return found
