"""The digest of an owner who has liked nothing and wished for nothing: the network decides, and own posts count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agents.digest import Desk
from agents.gathering import Reading
from bot.jobs.collect import Collector
from bot.jobs.digest import Editor
from config.settings import DigestSection
from memory.records import Digest, Item, Kind, Reaction
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, Village, account, post

TEXTS = {
    "bees": "the hive on the roof gave honey from the comb, and the queen is well",
    "rail": "a sleeper train waits at the station until the signal changes its lamp",
    "chess": "my bishop took a rook in that endgame, which nobody had looked for",
    "soup": "barley and parsnip simmer in broth, with leek and a little thyme",
}
FRIENDS = ("ann", "bob", "cy", "dot", "eve", "fay")
Make = Callable[[], Digest]


@pytest.fixture
def make(store: Store, village: Village, collector: Collector, embedder: HashedWords, tmp_path: Path) -> Make:
    """What happened in the village is collected, and a digest is made of it."""
    desk = Desk(Reading(store, embedder, account("me").uri), explore=0, floor=-99)
    path, zone = tmp_path / "checkpoints.db", ZoneInfo("UTC")
    editor = Editor(store, desk, collector, [village], path, DigestSection(), zone, lambda: NOW)
    village.tells(followed=frozenset(account(name).uri for name in FRIENDS))

    def made() -> Digest:
        collector.collect([village])
        return editor.digest("pigeon")

    return made


def told(digest: Digest) -> list[str]:
    """Which posts lead the entries, the first one first."""
    return [entry.lead.rpartition("/")[2] for entry in digest.entries]


def a_morning(village: Village) -> list[Item]:
    """Four people post, at one hour and of one thing each."""
    said = zip(FRIENDS, TEXTS.items(), strict=False)
    return [village.posts(post(name, text, by=by, at=NOW - 3 * HOUR)) for by, (name, text) in said]


def writes(village: Village, name: str, text: str, days_ago: int) -> None:
    """The owner posts something."""
    at = NOW - timedelta(days=days_ago)
    item = post(name, text, by="me", at=at)
    village.posts(item, reactions=(Reaction(Kind.AUTHORED, at, item.uri, event=name),))


@pytest.mark.parametrize("most", TEXTS)
def test_without_likes_or_wishes_what_more_people_share_is_told_first(village: Village, make: Make, most: str) -> None:
    for item in a_morning(village):
        for number, friend in enumerate(name for name in FRIENDS if account(name).uri != item.author):
            if item.uri == post(most).uri and number < 3:
                village.boosts(friend, item, at=NOW - 2 * HOUR)
    digest = make()
    assert set(told(digest)) == set(TEXTS) and told(digest)[0] == most
    first = digest.entries[0]
    assert first.score > max(entry.score for entry in digest.entries[1:])
    assert {f.name for f in first.factors if f.points} & {"taste", "feedback", "author", "interests"} == set()
    assert any("4 people" in reason for reason in first.reasons)


@pytest.mark.parametrize("own", TEXTS)
def test_of_what_is_shared_as_much_what_is_like_own_posts_is_told_first(village: Village, make: Make, own: str) -> None:
    for number in range(4):
        writes(village, f"mine{number}", f"{TEXTS[own]} {number}", days_ago=3 + number)
    a_morning(village)
    digest = make()
    assert told(digest)[0] == own and set(told(digest)) == set(TEXTS), "and nothing of the owner's own is told"
    first, *rest = [f.points for entry in digest.entries for f in entry.factors if f.name == "taste"]
    assert first > max(rest) + 1


def test_an_owner_of_whom_nothing_is_known_is_told_all_that_came(village: Village, make: Make) -> None:
    a_morning(village)
    digest = make()
    assert sorted(told(digest)) == sorted(TEXTS) and all(entry.reasons for entry in digest.entries)
