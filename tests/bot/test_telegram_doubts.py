"""What is said on Telegram while it is in doubt whether it arrived, and what the owner does with it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

pytest.importorskip("telegram")

from config.errors import ChannelError
from memory.records import Kind
from tests.bot.street import Street
from tests.telegram import faults
from tests.telegram.messages import Message


def test_what_is_pressed_while_its_sending_is_in_doubt_counts(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    _, _, second = street.town.said(street.nell)
    street.nell.presses(second, "👎")
    street.nell.reacts(second, "🔥")
    street.nell.says("🔖", reply_to=second)
    street.begin()
    street.magpie.home.listen()
    with street.magpie.store.begin() as memory:
        digest = memory.digests.latest()
    assert digest is not None
    lead = digest.entries[1].lead.rpartition("/")[2]
    assert street.felt() == [(Kind.LESS, lead), (Kind.MORE, lead), (Kind.SAVE, lead)]


def test_either_copy_of_a_doubled_entry_can_be_answered(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    street.begin()
    street.magpie.speak()
    _, _, first_copy, second_copy, third, *_ = street.town.said(street.nell)
    assert second_copy.text.startswith("May be a repeat: I first tried to say this on ")
    assert first_copy.text == second_copy.text.partition("\n")[2]
    assert not third.text.startswith("May be")
    street.nell.reacts(first_copy, "🔥")
    street.nell.presses(second_copy, "👍")
    street.hear()
    assert len({item for _, item in street.felt()}) == 1
    assert len(street.felt()) == 2


def late(street: Street, message: Message) -> Message:
    """A copy of a message that Telegram delivers long after it was asked to."""
    words = message.text.partition("\n")[2] if message.text.startswith("May be") else message.text
    return street.town.put(street.nell, None, words, [], keyboard=message.keyboard)


def doubled(street: Street) -> tuple[Message, Message]:
    """The second entry was in doubt and is said again, then the third is in doubt. Returns both as they stand."""
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    street.begin()
    street.town.faults.add("sendMessage", faults.reset(True), skip=1)
    with pytest.raises(ChannelError):
        street.magpie.speak()
    *_, second, third = street.town.said(street.nell)
    assert (second.text.partition("\n")[2][:4], third.text[:4]) == ("2 · ", "3 · ")
    return second, third


def leads(street: Street) -> list[str]:
    with street.magpie.store.begin() as memory:
        digest = memory.digests.latest()
    assert digest is not None
    return [entry.lead.rpartition("/")[2] for entry in digest.entries]


def test_copies_that_come_late_are_known_by_what_they_show(street: Street) -> None:
    """Be they between what was recorded and what is written next, or after all that was."""
    second, _ = doubled(street)
    between = late(street, second)
    street.begin()
    street.magpie.speak()
    after, long = late(street, second), late(street, second)
    long.keyboard = None  # as the first part of a long one
    street.nell.presses(between, "👎")
    for copy in (after, long):
        street.nell.says("👎", reply_to=copy)
    street.hear()
    assert street.felt() == [(Kind.LESS, leads(street)[1])] * 3
    street.nell.presses(late(street, second), "Why?")
    (why,) = street.hear()
    assert why.startswith("2 · “")


def test_a_reaction_that_may_be_to_either_of_two_is_asked_back(street: Street) -> None:
    second, third = doubled(street)
    copy = late(street, second)
    street.nell.reacts(copy, "🔥")
    assert any("🔥: which entry? " in said for said in street.hear())
    street.nell.reacts(third, "🔥")
    assert any("🔥: which entry? " in said for said in street.hear())
    assert street.felt() == []


def test_a_button_makes_a_copy_known_to_reactions_too(street: Street) -> None:
    second, _ = doubled(street)
    copy = late(street, second)
    street.nell.presses(copy, "👎")
    street.nell.reacts(copy, "🔥")
    street.hear()
    assert street.felt() == [(Kind.LESS, leads(street)[1]), (Kind.MORE, leads(street)[1])]


def test_a_reaction_to_ones_own_words_means_nothing_whatever_is_in_doubt(street: Street) -> None:
    mine = street.nell.says("/status")
    street.hear()
    street.town.faults.add("sendMessage", faults.reset(True), skip=2)
    with pytest.raises(ChannelError):
        street.digest()
    street.nell.reacts(mine, "👎")
    assert not any("which entry" in said for said in street.hear())
    assert street.felt() == []


def test_a_doubt_outlives_a_try_that_surely_failed(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.reset(True))
    street.town.faults.add("sendMessage", faults.too_many(3600))
    for _ in range(2):
        with pytest.raises(ChannelError):
            street.digest()
    street.begin()
    street.magpie.speak()
    first, again, *_ = street.town.said(street.nell)
    assert again.text.startswith("May be a repeat: ")
    assert again.text.partition("\n")[2] == first.text


def test_what_surely_failed_is_no_repeat(street: Street) -> None:
    street.town.faults.add("sendMessage", faults.too_many(3600))
    for _ in range(2):
        with pytest.raises(ChannelError):
            street.digest()
    street.begin()
    street.magpie.speak()
    assert not any("May be" in one.text for one in street.town.said(street.nell))


def test_buttons_of_another_owner_are_worth_nothing(street: Street) -> None:
    _, first, *_ = street.digest()
    copy = late(street, first)
    with street.magpie.store.begin() as memory:
        memory.conn.execute(text("UPDATE outbox SET owner = 'eve@home.example'"))
    street.nell.presses(copy, "👎")
    street.hear()
    assert street.felt() == []
