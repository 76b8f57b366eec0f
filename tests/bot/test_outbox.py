"""The postman: in order, once, and what was delivered is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import NEW, Past
from bot.outbox import Postman
from config.errors import ChannelError, DoubtfulSendError, RefusedSendError
from memory.records import Digest, Evidence, Outgoing, Span
from memory.store import Store
from tests.fakes import HOUR, NOW, Pigeon, digest, post, ref, words
from tests.laws import tried

STORM = ChannelError("There is a storm.")
DOUBT = DoubtfulSendError("The line went dead.")


@pytest.fixture
def postman(store: Store, pigeon: Pigeon) -> Postman:
    return Postman(store, pigeon, lambda: NOW)


@pytest.fixture
def told(store: Store) -> Digest:
    """A digest of two posts, queued as a head and a message an entry."""
    with store.begin() as memory:
        for name in "ab":
            memory.items.keep(post(name, links=(f"https://news.example/{name}",)), NOW)
        made = memory.digests.add(digest(post("a"), post("b")))
        memory.outbox.queue("pigeon", words("head", "Good morning"), NOW, digest_id=made.id)
        for entry in made.entries:
            out = words(f"entry {entry.number}", f"told {entry.number}")
            memory.outbox.queue("pigeon", out, NOW, "head", entry.id, made.id)
        return made


def states(store: Store) -> list[tuple[str, str, int]]:
    with store.begin() as memory:
        rows = memory.conn.exec_driver_sql("SELECT key, state, attempts FROM outbox ORDER BY id")
        return [(row.key, row.state, row.attempts) for row in rows]


def seen(store: Store, name: str) -> list[Evidence]:
    with store.begin() as memory:
        facts = memory.seen.known("item", [post(name).uri]).get(post(name).uri, [])
    return [fact.evidence for fact in facts]


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


def test_the_first_failure_ends_the_round_and_the_next_goes_on_with_the_same_keys(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    pigeon.falters("entry 1", STORM, STORM)
    for _ in range(2):
        with pytest.raises(ChannelError, match="storm"):
            postman.deliver()
    assert list(pigeon.said) == ["head"]
    assert states(store) == [("head", "sent", 1), ("entry 1", "failed", 2), ("entry 2", "queued", 0)]
    assert seen(store, "a") == []
    assert postman.deliver() == 2
    assert pigeon.tried == ["head", "entry 1", "entry 1", "entry 1", "entry 2"]
    assert list(pigeon.said) == ["head", "entry 1", "entry 2"]
    assert pigeon.said["entry 2"].reply_to == "p0"


def test_a_doubtful_send_is_tried_again_under_the_same_key_and_said_once(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    pigeon.falters("entry 1", DOUBT)
    with pytest.raises(DoubtfulSendError):
        postman.deliver()
    assert states(store)[1] == ("entry 1", "doubtful", 1)
    assert seen(store, "a") == []
    postman.deliver()
    assert list(pigeon.said) == ["head", "entry 1", "entry 2"]
    assert states(store)[1] == ("entry 1", "sent", 2)


@pytest.mark.parametrize("knows_keys", [True, False])
def test_a_kill_between_saying_and_noting_it_says_it_once(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest, knows_keys: bool
) -> None:
    pigeon.knows_keys = knows_keys

    class Killed(BaseException):
        pass

    class Dying(Pigeon):
        def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
            pigeon.send(out, past)
            raise Killed

    with pytest.raises(Killed):
        Postman(store, Dying(), lambda: NOW).deliver()
    assert states(store)[0] == ("head", "sending", 1)
    assert postman.deliver() == 3
    assert list(pigeon.said) == ["head", "entry 1", "entry 2"]
    assert pigeon.doubled == []


def test_the_channel_is_told_what_is_in_doubt_and_what_is_not(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    pigeon.falters("entry 1", STORM, DOUBT)
    for minute in range(2):
        with pytest.raises(ChannelError):
            replace(postman, now=lambda minute=minute: NOW + timedelta(minutes=minute)).deliver()
    postman.deliver()
    minute = timedelta(minutes=1)
    tries = [(past.tried_at, past.last_at) for past in pigeon.pasts]
    assert tries == [(None, None), (None, None), (NOW, NOW), (NOW, NOW + minute), (None, None)]
    assert pigeon.pasts[3].recorded() == {"p0", "p1", "p2"}


def test_what_was_tried_before_instants_were_written_down_is_in_doubt_since_it_was_queued(
    store: Store, pigeon: Pigeon, told: Digest
) -> None:
    with store.begin() as memory:
        memory.outbox.settle(memory.outbox.waiting("pigeon")[0].id, "sending", NOW)
        memory.conn.exec_driver_sql("UPDATE outbox SET tried_at = NULL")
    Postman(store, pigeon, lambda: NOW + HOUR).deliver()
    assert pigeon.pasts[0].tried_at == NOW


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


def test_what_is_cancelled_is_not_said(store: Store, postman: Postman, pigeon: Pigeon, told: Digest) -> None:
    with store.begin() as memory:
        memory.outbox.forget_item(post("a").uri, [told.entries[0].id], NOW)
    assert postman.deliver() == 2
    assert list(pigeon.said) == ["head", "entry 2"]
    assert (seen(store, "a"), seen(store, "b")) == ([], [Evidence.DELIVERED])


def test_what_is_cancelled_in_the_middle_of_a_round_is_not_said(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    class Interrupted(Pigeon):
        def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
            with store.begin() as memory:
                memory.outbox.forget_item(post("b").uri, [told.entries[1].id], NOW)
            return pigeon.send(out, past)

    assert Postman(store, Interrupted(), lambda: NOW).deliver() == 2
    assert list(pigeon.said) == ["head", "entry 1"]


def test_the_words_of_a_post_that_is_deleted_while_it_is_told_are_not_kept(store: Store, told: Digest) -> None:
    class Slow(Pigeon):
        def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
            if out.key == "entry 1":
                with store.begin() as memory:
                    memory.outbox.forget_item(post("a").uri, [told.entries[0].id], NOW)
            return super().send(out, past)

    Postman(store, Slow(), lambda: NOW).deliver()
    with store.begin() as memory:
        words_kept = list(memory.conn.exec_driver_sql("SELECT text FROM messages ORDER BY id").scalars())
        assert memory.outbox.waiting("pigeon") == []
    assert words_kept == ["Good morning", "", "told 2"]


def test_each_channel_says_its_own(store: Store, postman: Postman, pigeon: Pigeon, told: Digest) -> None:
    with store.begin() as memory:
        memory.outbox.queue("terminal", words("elsewhere", "hello"), NOW)
    postman.deliver()
    assert "elsewhere" not in pigeon.said
    assert states(store)[-1] == ("elsewhere", "queued", 0)


def test_what_waited_for_long_is_looked_at_again_before_it_is_said(
    store: Store, postman: Postman, pigeon: Pigeon, told: Digest
) -> None:
    asked: list[set[str]] = []
    replace(postman, look_again=lambda uris: asked.append(set(uris)), now=lambda: NOW + HOUR).deliver()
    assert asked == [{post("a").uri, post("b").uri}]
    assert list(pigeon.said) == ["head", "entry 1", "entry 2"]


def test_what_is_said_at_once_is_not_looked_at_again(postman: Postman, told: Digest) -> None:
    asked: list[object] = []
    replace(postman, look_again=asked.append).deliver()
    assert asked == []


def test_what_is_refused_for_good_is_given_up_and_blocks_nothing(store: Store, pigeon: Pigeon) -> None:
    with store.begin() as memory:
        for key in "abc":
            memory.outbox.queue("pigeon", words(key, key), NOW, after="a" if key == "c" else "")
    pigeon.falters("a", RefusedSendError("It is too long."))
    postman = Postman(store, pigeon, lambda: NOW)
    assert postman.deliver() == 2
    assert (list(pigeon.said), postman.deliver()) == (["b", "c"], 0)
    assert states_of(store)[0][1] == "given up"


@tried(40)
@given(
    troubles=st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([STORM, DOUBT])), max_size=8),
    knows_keys=st.booleans(),
)
def test_whatever_fails_everything_is_said_once_and_in_order(newcomer, troubles, knows_keys) -> None:  # type: ignore[no-untyped-def]
    store, pigeon = newcomer(), Pigeon(knows_keys=knows_keys)
    with store.begin() as memory:
        for key in "abcd":
            memory.outbox.queue("pigeon", words(key, key), NOW)
            pigeon.falters(key, *(error for about, error in troubles if about == key))
    postman, rounds = Postman(store, pigeon, lambda: NOW), 0
    while [state for _, state, _ in states_of(store)] != ["sent"] * 4:
        rounds += 1
        assert rounds <= len(troubles) + 1
        try:
            postman.deliver()
        except ChannelError:
            continue
    assert (list(pigeon.said), pigeon.doubled) == (list("abcd"), [])
    assert sum(attempts for _, _, attempts in states_of(store)) == 4 + len(troubles)


def states_of(store: Store) -> list[tuple[str, str, int]]:
    with store.begin() as memory:
        query = "SELECT key, state, attempts FROM outbox WHERE owner = ? ORDER BY id"
        return [(row.key, row.state, row.attempts) for row in memory.conn.exec_driver_sql(query, (store.owner,))]


@pytest.fixture
def evening(store: Store, pigeon: Pigeon) -> Postman:
    """It is quiet from NOW on; before, it was not."""
    return Postman(store, pigeon, lambda: NOW + HOUR, may_speak=lambda at: at < NOW)


def queue(store: Store, key: str, at: datetime, after: str = "") -> None:
    with store.begin() as memory:
        memory.outbox.queue("pigeon", words(key, "Good evening"), at, after)


def test_in_quiet_hours_a_digest_waits_and_an_answer_does_not(store: Store, evening: Postman, pigeon: Pigeon) -> None:
    queue(store, "digest/pigeon/2026-11-20", NOW - HOUR)
    queue(store, "digest/pigeon/2026-11-20/1", NOW - HOUR, after="digest/pigeon/2026-11-20")
    queue(store, "answer/in1", NOW)
    assert evening.deliver() == 1
    assert pigeon.tried == ["answer/in1"]
    assert replace(evening, may_speak=lambda at: True).deliver() == 2, "in the morning it is said"


def test_a_digest_that_was_asked_for_in_quiet_hours_is_said(store: Store, evening: Postman, pigeon: Pigeon) -> None:
    queue(store, "digest/pigeon/2026-11-20", NOW + HOUR)
    assert evening.deliver() == 1


def test_a_digest_of_which_the_head_was_said_goes_on_in_quiet_hours(
    store: Store, evening: Postman, pigeon: Pigeon
) -> None:
    queue(store, "digest/pigeon/2026-11-20", NOW - HOUR)
    queue(store, "digest/pigeon/2026-11-20/1", NOW - HOUR, after="digest/pigeon/2026-11-20")
    pigeon.falters("digest/pigeon/2026-11-20/1", STORM)
    with pytest.raises(ChannelError):
        replace(evening, may_speak=lambda at: True).deliver()
    assert evening.deliver() == 1
