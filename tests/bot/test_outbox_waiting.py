"""What waits for the postman may be cancelled, is looked at again, and is not said in quiet hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.channels import NEW, Past
from bot.outbox import Postman
from config.errors import ChannelError
from memory.records import Digest, Evidence, Outgoing
from memory.store import Store
from tests.bot.postbag import STORM, seen
from tests.fakes import HOUR, NOW, Pigeon, post, words


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


# -- what waited for long


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


# -- quiet hours


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
