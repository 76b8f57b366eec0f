"""The postman in a storm: what failed, is in doubt or was cut off is said once all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import NEW, Past
from bot.outbox import Postman
from config.errors import ChannelError, DoubtfulSendError, RefusedSendError
from memory.records import Digest, Outgoing
from memory.store import Store
from tests.bot.postbag import DOUBT, STORM, seen, states
from tests.fakes import HOUR, NOW, Pigeon, words
from tests.laws import tried


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


def test_what_is_refused_for_good_is_given_up_and_blocks_nothing(store: Store, pigeon: Pigeon) -> None:
    with store.begin() as memory:
        for key in "abc":
            memory.outbox.queue("pigeon", words(key, key), NOW, after="a" if key == "c" else "")
    pigeon.falters("a", RefusedSendError("It is too long."))
    postman = Postman(store, pigeon, lambda: NOW)
    assert postman.deliver() == 2
    assert (list(pigeon.said), postman.deliver()) == (["b", "c"], 0)
    assert states(store)[0][1] == "given up"


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
    while [state for _, state, _ in states(store)] != ["sent"] * 4:
        rounds += 1
        assert rounds <= len(troubles) + 1
        try:
            postman.deliver()
        except ChannelError:
            continue
    assert (list(pigeon.said), pigeon.doubled) == (list("abcd"), [])
    assert sum(attempts for _, _, attempts in states(store)) == 4 + len(troubles)
