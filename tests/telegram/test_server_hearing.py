"""How a bot hears what happens: each test stands for a rule of Telegram's public documentation."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest

pytest.importorskip("telegram")

from telegram.error import Conflict

from tests.telegram.people import User, by_channel, by_hidden, by_user
from tests.telegram.world import Town

ALL = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]


def texts(updates: Any) -> list[str]:
    return [update.message.text for update in updates]


# -- offsets


def test_updates_come_in_order_and_again_until_they_are_confirmed(nell: User, bot: Any) -> None:
    """getUpdates: an update is confirmed as soon as it is called with an offset higher than its update_id."""
    for text in ("one", "two", "three"):
        nell.says(text)
    first = bot.get_updates()
    assert texts(first) == texts(bot.get_updates()) == ["one", "two", "three"]
    assert texts(bot.get_updates(offset=first[0].update_id)) == ["one", "two", "three"]
    assert texts(bot.get_updates(offset=first[0].update_id + 1)) == ["two", "three"]
    assert texts(bot.get_updates()) == ["two", "three"]  # and it is forgotten
    assert bot.get_updates(offset=first[-1].update_id + 1) == ()


def test_update_ids_grow_one_by_one(nell: User, bot: Any) -> None:
    """Update: update_id starts from a certain positive number and increases sequentially."""
    for text in ("one", "two", "three"):
        nell.says(text)
    ids = [update.update_id for update in bot.get_updates()]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]


def test_after_a_quiet_week_the_next_number_is_one_by_chance(town: Town, nell: User, bot: Any) -> None:
    """Update: if there are no new updates for at least a week, the next update_id is chosen randomly."""
    nell.says("before")
    (before,) = bot.get_updates()
    lower = 0
    for week in range(8):
        town.later(days=7)
        nell.says(f"after {week}")
        (after,) = bot.get_updates(offset=before.update_id + 1)
        assert after.update_id != before.update_id + 1
        lower += after.update_id < before.update_id
        before = after
    assert 0 < lower < 8


def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest(nell: User, bot: Any) -> None:
    """getUpdates: a negative offset retrieves from the end of the queue; all previous updates are forgotten."""
    for text in ("one", "two", "three"):
        nell.says(text)
    assert texts(bot.get_updates(offset=-2)) == ["two", "three"]
    assert texts(bot.get_updates()) == ["two", "three"]


def test_at_most_a_hundred_come_at_once_or_fewer_as_wanted(nell: User, bot: Any) -> None:
    """getUpdates: limit from 1 to 100, defaults to 100."""
    for number in range(105):
        nell.says(f"{number}")
    assert [len(bot.get_updates(limit=limit)) for limit in (1, 7, 100, 500)] == [1, 7, 100, 100]
    assert len(bot.get_updates()) == 100


def test_updates_are_kept_for_a_day(town: Town, nell: User, bot: Any) -> None:
    """Getting updates: they are not kept longer than 24 hours."""
    nell.says("old")
    town.later(hours=23)
    nell.says("new")
    assert texts(bot.get_updates()) == ["old", "new"]
    town.later(hours=2)
    assert texts(bot.get_updates()) == ["new"]


# -- long polling


def test_long_polling_waits_as_long_as_it_is_told_and_no_longer_than_needed(nell: User, bot: Any) -> None:
    """getUpdates: timeout in seconds for long polling; 0 is short polling."""
    with ThreadPoolExecutor() as hands:
        waiting = hands.submit(bot.get_updates, timeout=30)
        while not waiting.running():
            time.sleep(0.01)
        nell.says("there")
        assert texts(waiting.result(20)) == ["there"]


def test_long_polling_ends_without_news(bot: Any) -> None:
    """getUpdates: an array of updates is returned, be it empty."""
    assert bot.get_updates(timeout=1) == ()


def test_of_two_who_poll_the_earlier_is_ended(town: Town, nell: User, bots: Callable[..., Any]) -> None:
    """getUpdates: 409 Conflict, terminated by other getUpdates request."""
    with ThreadPoolExecutor() as hands:
        earlier = hands.submit(bots().get_updates, timeout=30)
        while not town._poller:
            time.sleep(0.01)
        later = hands.submit(bots().get_updates, timeout=30)
        with pytest.raises(Conflict, match="terminated by other getUpdates request; make sure that only one bot"):
            earlier.result(10)
        nell.says("to the later one")
        assert texts(later.result(10)) == ["to the later one"]


# -- which kinds


def test_reactions_are_told_only_where_they_are_asked_for(town: Town, nell: User, bot: Any) -> None:
    """MessageReactionUpdated: message_reaction must be named in allowed_updates explicitly."""
    bot.send_message(nell.id, "well?")
    (said,) = town.said(nell)
    bot.get_updates()
    nell.reacts(said, "👍")
    assert bot.get_updates() == ()
    bot.get_updates(allowed_updates=["message_reaction"])
    nell.reacts(said, "🔥")
    nell.says("words are not asked for now")
    (update,) = bot.get_updates()
    told = update.message_reaction
    assert (told.chat.id, told.user.id, told.message_id) == (nell.id, nell.id, said.id)
    assert [[one.emoji for one in side] for side in (told.old_reaction, told.new_reaction)] == [["👍"], ["🔥"]]


def test_what_is_asked_for_is_remembered_and_an_empty_list_is_the_default(town: Town, nell: User, bot: Any) -> None:
    """getUpdates: if allowed_updates is not specified, the previous setting is used; an empty list: all but a few."""
    bot.get_updates(allowed_updates=["callback_query"])
    nell.says("unheard")
    assert bot.get_updates() == bot.get_updates(timeout=0) == ()
    assert bot.get_webhook_info().allowed_updates == ("callback_query",)
    bot.get_updates(allowed_updates=[])
    nell.says("heard")
    assert texts(bot.get_updates()) == ["heard"]


def test_what_is_asked_for_now_does_not_change_what_was_before(nell: User, bot: Any) -> None:
    """getUpdates: allowed_updates does not affect updates created before the call."""
    nell.says("before")
    assert texts(bot.get_updates(allowed_updates=["callback_query"])) == ["before"]


def test_a_reaction_that_is_taken_back_leaves_none(town: Town, nell: User, bot: Any) -> None:
    """MessageReactionUpdated: new_reaction is the new list, which may be empty."""
    bot.get_updates(allowed_updates=ALL)
    bot.send_message(nell.id, "well?")
    nell.reacts(town.said(nell)[0], "👍")
    nell.reacts(town.said(nell)[0])
    assert [len(update.message_reaction.new_reaction) for update in bot.get_updates()] == [1, 0]


def test_nobody_can_react_with_what_the_menu_does_not_hold(town: Town, nell: User, bot: Any) -> None:
    """ReactionTypeEmoji: the emoji that there are; a bookmark is not among them."""
    bot.send_message(nell.id, "well?")
    with pytest.raises(AssertionError, match="menu"):
        nell.reacts(town.said(nell)[0], "🔖")


# -- what people send


def test_words_answers_commands_and_edits_arrive_as_they_are(town: Town, nell: User, bot: Any) -> None:
    """Message: from, chat, date, reply_to_message, entities; edited_message has the same id and an edit_date."""
    bot.send_message(nell.id, "Which one?")
    message = nell.says("/why 2 see https://a.example/", reply_to=town.said(nell)[0])
    nell.edits(message, "/why 3")
    first, second = bot.get_updates()
    assert (first.message.chat.type, first.message.from_user.id) == ("private", nell.id)
    assert first.message.reply_to_message.text == "Which one?"
    assert sorted(first.message.parse_entities().values()) == ["/why", "https://a.example/"]
    assert abs(first.message.date - town.now()) < timedelta(minutes=1)
    assert (second.edited_message.message_id, second.edited_message.text) == (first.message.message_id, "/why 3")
    assert second.edited_message.edit_date


def test_pictures_files_and_voices_arrive_with_what_describes_them(nell: User, bot: Any) -> None:
    """Message: photo in several sizes, document with name, type and size, voice; caption with caption_entities."""
    nell.sends_photo("at https://a.example/")
    nell.sends_document("archive.zip", b"PK", kind="application/zip", size=3_000_000)
    nell.sends_voice(seconds=5)
    photo, document, voice = (update.message for update in bot.get_updates())
    assert [size.width for size in photo.photo] == [90, 800]
    assert (photo.text, photo.caption, list(photo.parse_caption_entities().values())) == (
        None,
        "at https://a.example/",
        ["https://a.example/"],
    )
    assert (document.document.file_name, document.document.mime_type) == ("archive.zip", "application/zip")
    assert document.document.file_size == 3_000_000
    assert voice.voice.mime_type == "audio/ogg"


def test_what_is_forwarded_tells_where_it_is_from(town: Town, nell: User, bot: Any) -> None:
    """MessageOrigin: user, hidden_user or channel, each with a date."""
    olga = town.person("Olga")
    nell.forwards("from a person", by_user(olga))
    nell.forwards("from somebody", by_hidden("Olga O."))
    nell.forwards("from a channel", by_channel("The Gazette", "gazette", 77), photo=True)
    person, hidden, channel = (update.message.forward_origin for update in bot.get_updates())
    assert person.sender_user.id == olga.id and hidden.sender_user_name == "Olga O."
    assert (channel.chat.title, channel.chat.username, channel.message_id) == ("The Gazette", "gazette", 77)


def test_in_a_group_a_bot_hears_what_is_meant_for_it(town: Town, nell: User, bot: Any) -> None:
    """Privacy mode: in groups bots receive commands, replies to them and mentions; my_chat_member when they join."""
    square = town.group("The square")
    nell.says("nobody of you is here yet", chat=square)
    nell.adds_bot_to(square)
    nell.says("hello all", chat=square)
    nell.says("/digest", chat=square)
    nell.says("@magpie_of_nell_bot hello", chat=square)
    joined, service, *heard = bot.get_updates()
    assert joined.my_chat_member.new_chat_member.status == "member"
    assert joined.my_chat_member.chat.id == service.message.chat.id == square.id
    assert service.message.new_chat_members[0].username == "magpie_of_nell_bot"
    assert texts(heard) == ["/digest", "@magpie_of_nell_bot hello"]


def test_a_button_on_a_message_that_is_gone_is_on_one_that_cannot_be_read(town: Town, nell: User, bot: Any) -> None:
    """InaccessibleMessage: chat and message_id, and date is always 0."""
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "a"}]]}
    said = bot.send_message(nell.id, "?", reply_markup=markup)
    query = nell.presses(town.said(nell)[0], "a")
    query.message.deleted = True
    told = query.as_json(town.bot)["message"]
    assert told == {"message_id": said.message_id, "chat": nell.as_chat(), "date": 0}


# -- what may happen, and a bot must bear


def test_an_update_may_be_told_again_after_it_was_confirmed(town: Town, nell: User, bot: Any) -> None:
    """Getting updates: a bot must recognise duplicates by update_id."""
    town.mailbox.repeat = 1
    nell.says("twice")
    nell.says("once")
    first = bot.get_updates()
    assert texts(first) == ["twice", "once"]
    again = bot.get_updates(offset=first[-1].update_id + 1)
    assert (texts(again), again[0].update_id) == (["twice"], first[0].update_id)
    assert bot.get_updates(offset=first[-1].update_id + 1) == ()


def test_updates_may_get_out_of_order(town: Town, nell: User, bot: Any) -> None:
    """Update: update_id lets a bot restore the correct sequence, should updates get out of order."""
    town.mailbox.shuffle = Random(3)
    for number in range(9):
        nell.says(f"{number}")
    ids = [update.update_id for update in bot.get_updates()]
    assert ids != sorted(ids) and len(set(ids)) == 9
