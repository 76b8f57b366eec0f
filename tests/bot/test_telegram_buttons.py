"""The buttons under a message on Telegram: pressed, pressed again, and what they bear."""

from __future__ import annotations

import pytest

pytest.importorskip("telegram")


from memory.records import Message, Offer, Reaction
from tests.bot.telegram_desk import Desk
from tests.fakes import words

OFFERS = (Offer("👍", "👍"), Offer("👎", "👎"), Offer("Why?", "/why 3"), Offer("More", "🧵"))


def test_a_pressed_button_is_shown_and_answered(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    query = desk.nell.presses(said, "👍")
    (heard,) = desk.hear()
    assert isinstance(heard, Reaction)
    assert (heard.emoji, heard.message) == ("👍", known)
    assert said.buttons == ["👍 ✓", "👎", "Why?", "More"]
    assert query.answered_at is not None
    again = desk.nell.presses(said, "👍")
    assert desk.hear() == []
    assert again.notice == "👍 counts already."


@pytest.mark.parametrize(("key", "borne"), [("digest/telegram/2026-11-20+2/12", True), ("long/" * 12, False)])
def test_a_button_bears_the_key_of_its_message_as_far_as_telegram_lets_it(desk: Desk, key: str, borne: bool) -> None:
    desk.channel.send(words(key, "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    for button in ("👍", "👎", "Why?"):
        desk.nell.presses(said, button)
    heard = desk.hear()
    assert len(heard) == 3
    assert {one.imprint.key if one.imprint else "" for one in heard} == {key if borne else ""}


def test_whoever_changes_their_mind_is_heard_each_time(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said, events = desk.town.said(desk.nell)[0], []
    for sign in ("👍", "👎", "👍"):
        desk.nell.presses(said, sign)
        events += desk.hear()
    assert [one.emoji for one in events if isinstance(one, Reaction)] == ["👍", "👎", "👍"]
    assert len({one.event for one in events if isinstance(one, Reaction)}) == 3
    assert said.buttons == ["👍 ✓", "👎", "Why?", "More"]


def test_a_button_that_is_pressed_twice_at_once_counts_once(desk: Desk) -> None:
    desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.nell.presses(said, "👍")
    desk.nell.presses(said, "👍")
    heard = desk.hear()
    assert len(heard) == 2
    assert len({one.event for one in heard if isinstance(one, Reaction)}) == 1


def test_a_button_that_asks_is_a_question_each_time(desk: Desk) -> None:
    (known,) = desk.channel.send(words("k", "1 · Ann", offers=OFFERS))
    said = desk.town.said(desk.nell)[0]
    desk.nell.presses(said, "Why?")
    desk.nell.presses(said, "Why?")
    desk.nell.presses(said, "More")
    first, second, more = desk.hear()
    assert isinstance(first, Message) and isinstance(second, Message) and isinstance(more, Reaction)
    assert (first.text, first.reply_to, more.emoji) == ("/why 3", known, "🧵")
    assert first.platform_id != second.platform_id
    desk.channel.send(words("l", "because", reply_to=first.platform_id))
    assert desk.town.said(desk.nell)[-1].reply_to is said
    assert said.buttons == ["👍", "👎", "Why?", "More"]
