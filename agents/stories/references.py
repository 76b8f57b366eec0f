"""What belongs together for sure: items with the same link, of the same thread, or one quoting the other. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from memory.records import Item

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


def joined(by_uri: Mapping[str, Item], general: frozenset[str]) -> Groups:
    """Items in sets by what they refer to. ``general`` are links that say nothing, such as front pages."""
    groups = Groups()
    same: dict[str, list[str]] = defaultdict(list)
    for item in by_uri.values():
        groups.find(item.uri)
        same[f"thread {item.thread or item.ref}"].append(item.uri)
        for link in story_links(item, general):
            same[f"link {link}"].append(item.uri)
        if item.quotes in by_uri:
            groups.join((item.quotes, item.uri))
    for uris in same.values():
        groups.join(uris)
    return groups


def story_links(item: Item, general: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The links by which an item belongs to a story; none for a list of links."""
    links = tuple(link for link in item.canonical if link not in general)
    return links if len(links) <= MOST_LINKS else ()
