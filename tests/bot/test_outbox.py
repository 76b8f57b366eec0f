"""The postman: in order, once, and what was delivered is seen."""

from __future__ import annotations

from bot.outbox import Postman
from memory.records import Digest, Evidence, Outgoing, Span
from memory.store import Store
from tests.bot.postbag import seen, states
from tests.fakes import NOW, Pigeon, digest, post, ref, words


def test_everything_that_waits_is_said_in_order_and_once(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    assert postman.deliver() == 3
    assert postman.deliver() == 0
    assert pigeon.tried == ["head", "entry 1", "entry 2"]
    assert {state for _, state, _ in states(store)} == {"sent"}


def test_entries_reply_to_the_head(postman: Postman, pigeon: Pigeon, told: Digest) -> None:
    postman.deliver()
    assert [out.reply_to for out in pigeon.said.values()] == ["", "p0", "p0"]


def test_what_a_message_itself_replies_to_stays_where_nothing_is_said_before_it(
    store: Store, postman: Postman, pigeon: Pigeon
) -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words("answer", "Noted.", reply_to="in7"), NOW)
    postman.deliver()
    assert pigeon.said["answer"].reply_to == "in7"


def test_what_was_said_is_kept_with_its_words_and_traced_to_its_entry(
    store: Store, postman: Postman, told: Digest
) -> None:
    spans = (Span("strong", "One"), Span("break"), Span("text", "two"), Span("link", "Post", "https://a.example"))
    with store.begin() as memory:
        memory.outbox.queue("pigeon", Outgoing("more", spans), NOW)
    postman.deliver()
    with store.begin() as memory:
        assert memory.messages.entry_of("pigeon", "p1") == told.entries[0].id
        assert memory.messages.digest_of("pigeon", "p0") == told.id
        rows = memory.conn.exec_driver_sql("SELECT text, incoming FROM messages ORDER BY id").all()
    assert [row.text for row in rows] == ["Good morning", "told 1", "told 2", "One\ntwoPost"]
    assert not any(row.incoming for row in rows)


def test_what_was_delivered_is_seen_with_its_links_and_thread(store: Store, postman: Postman, told: Digest) -> None:
    assert seen(store, "a") == []
    postman.deliver()
    assert seen(store, "a") == seen(store, "b") == [Evidence.DELIVERED]
    with store.begin() as memory:
        assert memory.seen.known("link", ["https://news.example/a"])
        assert memory.seen.known("thread", [ref("a")])


def test_a_compact_digest_is_seen_as_a_whole(store: Store, postman: Postman) -> None:
    with store.begin() as memory:
        for name in "ab":
            memory.items.keep(post(name), NOW)
        made = memory.digests.add(digest(post("a"), post("b")))
        memory.outbox.queue("pigeon", words("digest/pigeon/2026-11-20/compact", "all"), NOW, digest_id=made.id)
    postman.deliver()
    assert seen(store, "a") == seen(store, "b") == [Evidence.DELIVERED]


def test_a_compact_digest_is_seen_although_another_was_made_before_it_could_be_said(
    store: Store, postman: Postman
) -> None:
    with store.begin() as memory:
        for name in "ab":
            memory.items.keep(post(name), NOW)
        made = memory.digests.add(digest(post("a")))
        memory.outbox.queue("pigeon", words("digest/pigeon/2026-11-20/compact", "all"), NOW, digest_id=made.id)
        memory.digests.add(digest(post("b"), day=1))
    postman.deliver()
    assert (seen(store, "a"), seen(store, "b")) == ([Evidence.DELIVERED], [])


def test_every_part_of_a_message_is_known_as_what_it_tells_of(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    pigeon.splits["entry 1"] = 3
    postman.deliver()
    with store.begin() as memory:
        assert {memory.messages.told_entry("pigeon", part) for part in ("p1", "p1.1", "p1.2")} == {told.entries[0].id}
        assert memory.messages.digest_of("pigeon", "p1.2") == told.id
        assert memory.outbox.platform_id("pigeon", "entry 1") == "p1"
        assert memory.messages.said("pigeon") == {"p0", "p1", "p1.1", "p1.2", "p2"}


def test_each_channel_says_its_own(store: Store, postman: Postman, pigeon: Pigeon, told: Digest) -> None:
    with store.begin() as memory:
        memory.outbox.queue("terminal", words("elsewhere", "hello"), NOW)
    postman.deliver()
    assert "elsewhere" not in pigeon.said
    assert states(store)[-1] == ("elsewhere", "queued", 0)
