"""The outbox: a key is said once, in order, and what is cancelled stays unsaid."""

from __future__ import annotations

import pytest

from memory.records import Entry, Outgoing, Span
from memory.store import Store
from memory.store.outbox import OPEN
from tests.fakes import HOUR, NOW, digest, post, words


@pytest.fixture
def entry(store: Store) -> Entry:
    with store.begin() as memory:
        return memory.digests.add(digest(post("a"))).entries[0]


def keys(store: Store, channel: str = "pigeon") -> list[str]:
    with store.begin() as memory:
        return [queued.out.key for queued in memory.outbox.waiting(channel)]


def test_a_message_waits_as_it_was_written(store: Store) -> None:
    out = Outgoing(
        "k", (Span("strong", "1"), Span("link", "Post", "https://a.example"), Span("break")), "cw", "p1", "de", ("a",)
    )
    with store.begin() as memory:
        assert memory.outbox.queue("pigeon", out, NOW, after="head")
        (queued,) = memory.outbox.waiting("pigeon")
        assert (queued.out, queued.after, queued.attempts) == (out, "head", 0)


def test_a_key_is_queued_once_even_after_it_was_said(store: Store) -> None:
    with store.begin() as memory:
        assert memory.outbox.queue("pigeon", words("k", "one"), NOW)
        assert not memory.outbox.queue("pigeon", words("k", "two"), NOW)
        memory.outbox.settle(memory.outbox.waiting("pigeon")[0].id, "sent", NOW, "p1")
        assert not memory.outbox.queue("pigeon", words("k", "three"), NOW)
        assert memory.outbox.queue("terminal", words("k", "one"), NOW)
    assert keys(store) == []


def test_messages_wait_in_the_order_in_which_they_were_queued(store: Store) -> None:
    with store.begin() as memory:
        for key in "bca":
            memory.outbox.queue("pigeon", words(key, key), NOW)
        memory.outbox.settle(memory.outbox.waiting("pigeon")[1].id, "failed", NOW, error="storm")
    assert keys(store) == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("state", "waits"), [*((state, True) for state in OPEN), ("sent", False), ("cancelled", False)]
)
def test_only_what_was_said_or_cancelled_waits_no_more(store: Store, state: str, waits: bool) -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("k", "one"), NOW)
        number = memory.outbox.waiting("pigeon")[0].id
        memory.outbox.settle(number, state, NOW)
        assert memory.outbox.still_open(number) is waits
    assert bool(keys(store)) is waits


def test_every_attempt_is_counted_once(store: Store) -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("k", "one"), NOW)
        number = memory.outbox.waiting("pigeon")[0].id
        for state in ("sending", "failed", "sending", "doubtful"):
            memory.outbox.settle(number, state, NOW, error="storm")
        assert memory.outbox.waiting("pigeon")[0].attempts == 2


def test_the_first_and_the_latest_try_are_remembered(store: Store) -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("k", "one"), NOW)
        (queued,) = memory.outbox.waiting("pigeon")
        assert (queued.tried_at, queued.settled_at) == (None, None)
        for hours, state in enumerate(("sending", "failed", "sending", "doubtful")):
            memory.outbox.settle(queued.id, state, NOW + hours * HOUR)
        (queued,) = memory.outbox.waiting("pigeon")
        assert (queued.tried_at, queued.settled_at) == (NOW, NOW + 3 * HOUR)


def test_the_platform_id_of_a_key_is_known_when_it_was_said(store: Store) -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("k", "one"), NOW)
        assert memory.outbox.platform_id("pigeon", "k") == ""
        memory.outbox.settle(memory.outbox.waiting("pigeon")[0].id, "sent", NOW, "p1")
        assert memory.outbox.platform_id("pigeon", "k") == "p1"
        assert memory.outbox.platform_id("terminal", "k") == ""


@pytest.mark.parametrize("quotes", [True, False])
def test_what_tells_of_a_deleted_post_is_cancelled_if_it_waits_and_blanked_if_it_was_said(
    store: Store, entry: Entry, quotes: bool
) -> None:
    about = {"about": ("elsewhere", entry.lead)} if quotes else {}
    with store.begin() as memory:
        for key in ("said", "waits"):
            memory.outbox.queue("pigeon", words(key, "quokka", **about), NOW, entry_id=None if quotes else entry.id)
        memory.outbox.queue("pigeon", words("other", "wallaby", about=("elsewhere",)), NOW)
        memory.outbox.settle(memory.outbox.waiting("pigeon")[0].id, "sent", NOW, "p1")
        assert memory.outbox.forget_item(entry.lead, [entry.id], NOW) == [("pigeon", "p1")]
        rows = memory.conn.exec_driver_sql("SELECT key, state, payload FROM outbox ORDER BY id").all()
    assert [(row.key, row.state) for row in rows] == [("said", "sent"), ("waits", "cancelled"), ("other", "queued")]
    assert ["quokka" in row.payload for row in rows] == [False, False, False]
    assert keys(store) == ["other"]


def test_a_failure_that_comes_after_the_cancelling_does_not_undo_it(store: Store, entry: Entry) -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("k", "quokka"), NOW, entry_id=entry.id)
        number = memory.outbox.waiting("pigeon")[0].id
        memory.outbox.settle(number, "sending", NOW)
        memory.outbox.forget_item(entry.lead, [entry.id], NOW)
        memory.outbox.settle(number, "failed", NOW, error="storm")
        assert not memory.outbox.still_open(number)
    assert keys(store) == []


def test_an_entry_is_cut_out_of_a_message_that_tells_of_several(store: Store) -> None:
    head = (Span("strong", "Magpie"), Span("break"))
    title, other = Span("contents", "1. words"), Span("contents", "10. words")
    one, ten = ((Span("strong", f"{n} · "), Span("quote", f"words {n}"), Span("break")) for n in (1, 10))
    with store.begin() as memory:
        made = memory.digests.add(digest(post("a")))
        memory.outbox.queue("pigeon", Outgoing("all", (*head, *one, *ten)), NOW, digest_id=made.id)
        memory.outbox.queue("pigeon", Outgoing("head", (*head, title, other)), NOW, digest_id=made.id)
        memory.outbox.drop_entry(made.id, 1)
        queued, contents = memory.outbox.waiting("pigeon")
    assert queued.out.spans == (*head, *ten)
    assert contents.out.spans == (*head, other)
