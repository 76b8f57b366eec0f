"""Messages: known by the platform's id, and traced back to the entry that they are about."""

from __future__ import annotations

import pytest

from memory.records import Entry, Message
from memory.store import Memory, Store
from tests.fakes import NOW, digest, post


@pytest.fixture
def entry(store: Store) -> Entry:
    with store.begin() as memory:
        return memory.digests.add(digest(post("a"))).entries[0]


def say(memory: Memory, number: str, reply_to: str = "", entry: int | None = None, text: str = "quokka") -> bool:
    return memory.messages.add(Message("pigeon", text, NOW, number, reply_to), entry)


def test_a_message_that_is_delivered_twice_is_known(store: Store) -> None:
    with store.begin() as memory:
        assert say(memory, "1")
        assert not say(memory, "1")
        assert memory.messages.add(Message("terminal", "quokka", NOW, "1"))


def test_an_answer_to_an_answer_is_about_the_same_entry(store: Store, entry: Entry) -> None:
    with store.begin() as memory:
        say(memory, "told", entry=entry.id)
        say(memory, "answer", "told")
        say(memory, "again", "answer")
        assert {memory.messages.entry_of("pigeon", number) for number in ("told", "answer", "again")} == {entry.id}
        assert memory.messages.entry_of("terminal", "told") is None
        assert memory.messages.entry_of("pigeon", "never said") is None


def test_answers_in_a_circle_are_about_nothing(store: Store) -> None:
    with store.begin() as memory:
        say(memory, "1", "2")
        say(memory, "2", "1")
        assert memory.messages.entry_of("pigeon", "1") is None


def test_an_answer_to_a_head_of_a_digest_is_of_that_digest(store: Store) -> None:
    with store.begin() as memory:
        made = memory.digests.add(digest(post("b"), day=1))
        memory.messages.add(Message("pigeon", "Good morning", NOW, "head"), None, made.id)
        assert memory.messages.digest_of("pigeon", "head") == made.id
        assert memory.messages.digest_of("pigeon", "other") is None


def test_words_about_a_deleted_post_go_and_that_something_was_said_stays(store: Store, entry: Entry) -> None:
    with store.begin() as memory:
        say(memory, "told", entry=entry.id)
        say(memory, "other")
        memory.messages.forget([("pigeon", "told"), ("pigeon", "never said")])
        rows = memory.conn.exec_driver_sql("SELECT platform_id, text FROM messages ORDER BY id").all()
        assert [tuple(row) for row in rows] == [("told", ""), ("other", "quokka")]
        assert not say(memory, "told")


def test_only_what_magpie_has_said_latest_there_is_its_own(store: Store) -> None:
    with store.begin() as memory:
        for number in "123":
            memory.messages.add(Message("pigeon", "quokka", NOW, number, incoming=False))
        memory.messages.add(Message("pigeon", "quokka", NOW, "heard"))
        memory.messages.add(Message("terminal", "quokka", NOW, "4", incoming=False))
        assert memory.messages.said("pigeon") == {"1", "2", "3"}
        assert memory.messages.said("pigeon", most=2) == {"2", "3"}
