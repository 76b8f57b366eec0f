"""What is heard on Telegram: replies, reactions, and updates that come doubled, late or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

pytest.importorskip("telegram")


from config.errors import ChannelError
from memory.records import Message, Offer, Reaction
from tests.bot.telegram_desk import Desk
from tests.fakes import words
from tests.telegram import faults
from tests.telegram.people import by_hidden

OFFERS = (Offer("👍", "👍"), Offer("👎", "👎"), Offer("Why?", "/why 3"), Offer("More", "🧵"))


def test_a_reply_to_what_magpie_said_names_it(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann"))
    desk.nell.says("👍", reply_to=desk.town.said(desk.nell)[0])
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert (heard.text, heard.reply_to) == ("👍", known)


def test_hidden_signs_and_the_name_of_the_bot_are_no_part_of_a_command(desk: Desk) -> None:
    desk.nell.says("/\u2060why@magpie_of_nell_bot 3")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.text == "/why 3"


def test_each_new_emoji_of_a_reaction_is_heard_once(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann"))
    said = desk.town.said(desk.nell)[0]
    desk.nell.reacts(said, "👍")
    desk.nell.reacts(said, "👍", "🔥")
    desk.nell.reacts(said)
    first, second = desk.hear()
    assert isinstance(first, Reaction) and isinstance(second, Reaction)
    assert [(one.emoji, one.message) for one in (first, second)] == [("👍", known), ("🔥", known)]
    assert first.event != second.event


def test_a_reply_brings_what_the_message_shows_of_itself(desk: Desk) -> None:
    desk.channel.send(words("of-an-entry", "12 · Ann\n7 · Bob", offers=OFFERS, warning="1 · war"))
    desk.channel.send(words("bare", "12 · Ann"))
    mine = desk.nell.says("3 · Eve")
    shown = [*desk.town.said(desk.nell), mine]
    for one in shown:
        desk.nell.says("👍", reply_to=one)
    first, second, third = [one.imprint for one in desk.hear()[1:]]
    assert first and (first.key, first.number) == ("of-an-entry", 12)
    assert second and (second.key, second.number, second.at) == ("", 12, shown[1].at.replace(microsecond=0))
    assert third is None, "the owner's own words show nothing"


def test_what_is_not_stored_is_told_again_with_the_same_names(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.nell.says("one")
    desk.nell.presses(said, "👍")
    desk.nell.reacts(said, "🔥")
    first = list(desk.channel.listen(desk.cursor))
    desk.begin()
    second = list(desk.channel.listen(desk.cursor))
    assert len(first) == 3
    assert [replace(one, cursor="", at=first[0].at) for one in first] == [
        replace(one, cursor="", at=first[0].at) for one in second
    ]


def test_what_strangers_sent_hides_nothing_and_is_not_read_again(desk: Desk) -> None:
    eve = desk.town.person("Eve", started=True)
    for number in range(230):
        eve.says(f"spam {number}")
    desk.nell.says("here")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.text == "here"
    assert desk.hear() == []


def test_after_a_quiet_week_lower_numbers_are_heard_too(desk: Desk) -> None:
    desk.nell.says("one")
    desk.hear()
    desk.town.later(days=8)
    desk.town.mailbox.next_id = 300
    desk.channel.now = lambda: datetime.now(UTC) + timedelta(days=8)
    desk.nell.says("two")
    (heard,) = desk.hear()
    assert isinstance(heard, Message)
    assert heard.text == "two"


def test_mixed_updates_come_in_order_and_doubled_ones_are_heard_once_whatever_is_started_anew(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.town.mailbox.shuffle = Random(3)
    desk.town.mailbox.repeat = 6
    for word in ("one", "two", "three", "four"):
        desk.nell.says(word)
    desk.nell.reacts(said, "🔥")
    desk.nell.presses(said, "👎")
    heard = desk.hear()
    assert [one.text for one in heard[:4] if isinstance(one, Message)] == ["one", "two", "three", "four"]
    assert [one.emoji for one in heard[4:] if isinstance(one, Reaction)] == ["🔥", "👎"]
    pressed = len(desk.town.called("answerCallbackQuery"))
    for _ in range(3):
        desk.begin()
        assert desk.hear() == []
    assert len(desk.town.called("answerCallbackQuery")) == pressed


def test_words_put_to_what_is_forwarded_are_no_question_when_they_are_told_again(desk: Desk) -> None:
    desk.town.mailbox.repeat = 1
    desk.nell.says("for the garden")
    desk.nell.forwards("Bees have settled.", by_hidden("Ann"))
    (kept,) = desk.hear()
    assert isinstance(kept, Message) and kept.shared and kept.shared.note == "for the garden"
    desk.begin()
    assert desk.hear() == [], "its number is known, and it bears no other name"


def test_an_edit_of_what_was_said_is_not_heard(desk: Desk) -> None:
    mine = desk.nell.says("2 👎")
    desk.hear()
    desk.nell.edits(mine, "3 👎")
    assert desk.hear() == []


def test_another_bot_has_numbers_of_its_own(desk: Desk) -> None:
    desk.nell.says("one")
    desk.hear()
    number, desk.town.mailbox.next_id = desk.town.mailbox.next_id - 1, desk.town.mailbox.next_id - 1
    desk.town.mailbox.forget()
    desk.town.token = "7000000002" + desk.town.token.removeprefix("7000000001")
    desk.begin()
    desk.nell.says("two")
    assert desk.town.mailbox.next_id == number + 1, "the number is the same"
    assert [one.text for one in desk.hear() if isinstance(one, Message)] == ["two"]


def test_trouble_on_the_way_is_one_sentence_and_loses_nothing(desk: Desk) -> None:
    desk.nell.says("one")
    desk.town.faults.add("getUpdates", faults.gateway(False), times=20)
    with pytest.raises(ChannelError, match="The owner cannot be heard"):
        desk.hear()
    desk.town.faults.clear()
    assert len(desk.hear()) == 1


def test_a_webhook_from_before_is_taken_away(desk: Desk) -> None:
    desk.town.webhook["url"] = "https://old.example/hook"
    desk.nell.says("one")
    desk.town.webhook.clear()
    desk.town.webhook["url"] = "https://old.example/hook"
    assert len(desk.hear()) == 1
    assert desk.town.called("deleteWebhook")
