"""Digests: one for each owner, local date and channel, with every number's story."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from config.errors import StoreError
from memory.records import Digest, Entry, Factor
from memory.store import Store
from tests.fakes import HOUR, NOW, digest, post


def test_a_digest_comes_back_as_it_was_made(store: Store) -> None:
    entry = Entry(
        number=1,
        lead=post("a").uri,
        items=(post("a").uri, post("b").uri),
        sharers=("ann", "bob"),
        factors=(Factor("people", 2.0, 1.5, "ann, bob"), Factor("age", 3.0, -0.25)),
        reasons=("2 people shared it",),
        summary="A summary.",
        grown_by=4,
        explores=True,
        links=("https://news.example/a",),
        threads=("root",),
    )
    made = Digest(date(2026, 11, 20), "pigeon", NOW, NOW - 24 * HOUR, (entry,), ("a note",), "run-1")
    with store.begin() as memory:
        kept = memory.digests.add(made)
        assert kept.id > 0
        assert replace(kept, id=0, entries=(replace(kept.entries[0], id=0),)) == made
        assert memory.digests.entry(kept.entries[0].id) == kept.entries[0]
        assert memory.digests.digest_of(kept.entries[0]) == kept


def test_a_day_has_one_digest_in_each_channel(store: Store) -> None:
    with store.begin() as memory:
        memory.digests.add(digest(post("a")))
        memory.digests.add(digest(post("a"), channel="terminal"))
        memory.digests.add(digest(post("a"), day=1))
    with pytest.raises(StoreError), store.begin() as memory:
        memory.digests.add(digest(post("b")))
    with store.begin() as memory:
        kept = memory.digests.of_date(NOW.date(), "pigeon")
        assert kept is not None
        assert [entry.lead for entry in kept.entries] == [post("a").uri]
        assert memory.digests.of_date(NOW.date(), "smoke signals") is None


def test_the_latest_is_the_one_made_last(store: Store) -> None:
    with store.begin() as memory:
        assert memory.digests.latest() is None
        for day, channel in ((1, "pigeon"), (2, "terminal"), (0, "pigeon")):
            memory.digests.add(digest(post("a"), day=day, channel=channel))
        latest, here = memory.digests.latest(), memory.digests.latest("pigeon")
        assert latest is not None
        assert here is not None
        assert (latest.channel, here.date) == ("terminal", date(2026, 11, 21))
        assert [made.date.day for made in memory.digests.since(NOW)] == [21, 22]


def test_what_was_written_about_a_deleted_post_is_blanked_where_it_leads_and_where_it_is_part(store: Store) -> None:
    both = replace(digest(post("a"), post("b"), post("c")))
    part = replace(both.entries[1], items=(post("b").uri, post("a").uri))
    with store.begin() as memory:
        kept = memory.digests.add(replace(both, entries=(both.entries[0], part, both.entries[2])))
        assert [entry.id for entry in memory.digests.forget_item(post("a").uri)] == [kept.entries[0].id]
        after = memory.digests.of_date(kept.date, "pigeon")
        assert after is not None
        assert [bool(entry.summary) for entry in after.entries] == [False, False, True]
        assert [entry.reasons for entry in after.entries] == [entry.reasons for entry in kept.entries]
