"""How far each source has been read, what is missing, and where links lead."""

from __future__ import annotations

import pytest

from memory.records import Gap
from memory.store import Store
from tests.fakes import HOUR, NOW, digest, post


def test_of_short_links_the_latest_are_given(store: Store) -> None:
    with store.begin() as memory:
        memory.sources.keep_resolved({f"short{n}": f"long{n}" for n in range(5)})
        assert memory.sources.resolved(newest=2) == {"short3": "long3", "short4": "long4"}


def test_each_feed_of_each_source_has_its_own_mark(store: Store) -> None:
    with store.begin() as memory:
        assert memory.sources.cursor("village") == {}
        memory.sources.move("village", {"home": "1", "likes": "01HX"})
        memory.sources.move("town", {"home": "9"})
        memory.sources.move("village", {"home": "2"})
        assert memory.sources.cursor("village") == {"home": "2", "likes": "01HX"}
        assert memory.sources.cursor("town") == {"home": "9"}


def test_a_gap_is_told_in_one_digest(store: Store) -> None:
    early, late = Gap("home", NOW - 5 * HOUR, NOW - 4 * HOUR), Gap("home", NOW - 2 * HOUR, NOW)
    with store.begin() as memory:
        for gap in (late, early, early):
            memory.sources.add_gap("village", gap)
        assert memory.sources.untold_gaps() == [early, late]
        memory.sources.gaps_told(memory.digests.add(digest(post("a"))).id)
        assert memory.sources.untold_gaps() == []


def test_where_a_link_leads_is_remembered(store: Store) -> None:
    with store.begin() as memory:
        memory.sources.keep_resolved({"s.example/1": "https://news.example/a"})
        memory.sources.keep_resolved({"s.example/1": "https://elsewhere.example", "s.example/2": "b"})
        assert memory.sources.resolved() == {"s.example/1": "https://news.example/a", "s.example/2": "b"}


def test_a_failure_rolls_back_cursor_and_items_together(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt), store.begin() as memory:
        memory.items.keep(post("a"), NOW)
        memory.sources.move("village", {"home": "1"})
        raise KeyboardInterrupt
    with store.begin() as memory:
        assert memory.items.count() == 0
        assert memory.sources.cursor("village") == {}
