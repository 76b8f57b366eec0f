"""What the server lets a bot say, and what not: each test stands for a rule of Telegram's public documentation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("telegram")

import requests
from telegram import (
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter

from tests.telegram.asking import WRONG, buttons, raw
from tests.telegram.people import User
from tests.telegram.world import Town

# -- who may call at all


def test_a_bot_is_told_who_it_is(bot: Any) -> None:
    """getMe: a simple method for testing the token; it returns the bot as a User."""
    me = bot.get_me()
    assert (me.is_bot, me.username, me.can_read_all_group_messages) == (True, "magpie_of_nell_bot", False)


@pytest.mark.parametrize(("token", "status", "words"), [(WRONG, 401, "Unauthorized"), ("7:short", 404, "Not Found")])
def test_a_token_that_is_wrong_opens_nothing(
    town: Town, bots: Callable[..., Any], token: str, status: int, words: str
) -> None:
    """Authorizing your bot: the token in the address is what authenticates every request."""
    answer = requests.get(f"{town.url}/bot{token}/getMe", timeout=5)
    assert (answer.status_code, answer.json()) == (
        status,
        {"ok": False, "error_code": status, "description": words},
    )
    with pytest.raises(InvalidToken):
        bots(token).get_me()


def test_methods_are_called_by_get_and_post_in_any_case_and_in_four_forms(town: Town, nell: User) -> None:
    """Making requests: GET and POST; query, form, JSON or multipart; method names are case-insensitive."""
    url, given = f"{town.url}/bot{town.token}", {"chat_id": str(nell.id), "text": "four & <b>"}
    for answer in (
        requests.get(f"{url}/sendmessage", params=given, timeout=5),
        requests.post(f"{url}/SENDMESSAGE", data=given, timeout=5),
        requests.post(f"{url}/sendMessage", json={**given, "chat_id": nell.id}, timeout=5),
        requests.post(f"{url}/sendMessage", files={key: (None, one) for key, one in given.items()}, timeout=5),
    ):
        assert answer.json()["result"]["text"] == "four & <b>", answer.text
    assert len(town.said(nell)) == 4


def test_a_method_that_telegram_has_not_is_not_found(town: Town) -> None:
    """Making requests: an unsuccessful request has ok = false, and its error is explained in the description."""
    said = {"ok": False, "error_code": 404, "description": "Not Found: method not found"}
    assert raw(town, "sendGreetings") == (404, said)


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("sendPoll", {"question": "?"}),
        ("sendMessage", {"text": "x", "message_effect_id": "1"}),
        ("sendMessage", {"text": "x", "parse_mode": "MarkdownV2"}),
        ("sendMessage", {"text": "x", "reply_markup": '{"keyboard": []}'}),
    ],
)
def test_what_this_server_does_not_know_it_refuses_aloud(
    town: Town, nell: User, method: str, given: dict[str, str]
) -> None:
    """Nothing that Telegram would act on is nodded at; and whoever has made the town is told."""
    with town.complaining() as complaints:
        assert raw(town, method, chat_id=nell.id, **given)[0] == 501
        assert "does not know" in complaints[-1]
    assert town.said(nell) == []


# -- whom a bot may write to


def test_a_bot_cannot_begin(town: Town, bot: Any) -> None:
    """Bots FAQ: bots cannot start conversations; a person must write or press START first."""
    shy = town.person("Shy")
    with pytest.raises(Forbidden, match="can't initiate conversation with a user"):
        bot.send_message(shy.id, "Hello?")
    shy.starts("from-a-link")
    assert bot.send_message(shy.id, "Hello!").text == "Hello!"
    assert town.messages[0].text == "/start from-a-link"


def test_a_bot_that_was_blocked_is_forbidden_to_write(town: Town, nell: User, bot: Any) -> None:
    """sendMessage answers 403 while the user has blocked the bot; my_chat_member tells of both changes."""
    nell.blocks()
    for call in (bot.send_message, bot.send_chat_action):
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            call(nell.id, "typing")
    nell.unblocks()
    assert bot.send_message(nell.id, "again").text == "again"
    states = [update.my_chat_member.new_chat_member.status for update in bot.get_updates()]
    assert states == ["kicked", "member"]


def test_a_chat_that_nobody_has_is_not_found(bot: Any) -> None:
    """sendMessage: chat_id is the unique identifier of a target chat."""
    with pytest.raises(BadRequest, match="Chat not found"):
        bot.send_message(999_999, "Anybody?")


# -- answers


def test_an_answer_needs_what_it_answers(town: Town, nell: User, bot: Any) -> None:
    """ReplyParameters: the message is replied to; allow_sending_without_reply sends all the same if it is not found."""
    asked = nell.says("What is new?")
    assert bot.send_message(nell.id, "All.", reply_to_message_id=asked.id).reply_to_message.text == "What is new?"
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        bot.send_message(nell.id, "Hm.", reply_to_message_id=4711)
    kind = ReplyParameters(4711, allow_sending_without_reply=True)
    assert bot.send_message(nell.id, "Hm.", reply_parameters=kind).reply_to_message is None


# -- speed


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_more_than_one_message_a_second_is_too_many(town: Town, nell: User, bot: Any) -> None:
    """Bots FAQ: at most one message a second in a chat, or else 429; ResponseParameters: retry_after in seconds."""
    other = town.person("Olga", started=True)
    town.enforce_rate = True
    bot.send_message(nell.id, "one")
    with pytest.raises(RetryAfter) as refused:
        bot.send_message(nell.id, "two")
    assert refused.value._retry_after.total_seconds() == 1
    assert raw(town, "sendMessage", chat_id=nell.id, text="two")[1] == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    bot.send_message(other.id, "to somebody else")
    town.later(seconds=1)
    bot.send_message(nell.id, "two")
    assert [message.text for message in town.said(nell)] == ["one", "two"]


# -- editing and deleting


def test_an_edit_changes_words_and_buttons_in_place(town: Town, nell: User, bot: Any) -> None:
    """editMessageText: edits text and keyboard of the bot's own message; without a keyboard there is none after it."""
    said = bot.send_message(nell.id, "before", reply_markup=buttons("a", "b"))
    bot.edit_message_text("<b>after</b>", nell.id, said.message_id, parse_mode="HTML", reply_markup=buttons("c"))
    (now,) = town.said(nell)
    assert (now.text, now.before, now.buttons, now.marked("bold")) == ("after", ["before"], ["c"], ["after"])
    bot.edit_message_text("later", nell.id, said.message_id)
    assert town.said(nell)[0].buttons == []


def test_an_edit_that_changes_nothing_is_refused(nell: User, bot: Any) -> None:
    """editMessageText, editMessageReplyMarkup: the message is not modified if words and buttons are the same."""
    said = bot.send_message(nell.id, "<b>same</b>", parse_mode="HTML", reply_markup=buttons("a"))
    with pytest.raises(BadRequest, match="Message is not modified: specified new message content"):
        bot.edit_message_text(
            "<strong>same</strong>", nell.id, said.message_id, parse_mode="HTML", reply_markup=buttons("a")
        )
    with pytest.raises(BadRequest, match="Message is not modified"):
        bot.edit_message_reply_markup(nell.id, said.message_id, reply_markup=buttons("a"))
    bot.edit_message_reply_markup(nell.id, said.message_id)
    with pytest.raises(BadRequest, match="Message is not modified"):
        bot.edit_message_reply_markup(nell.id, said.message_id)


def test_only_what_is_there_and_the_bots_own_can_be_edited(nell: User, bot: Any) -> None:
    """editMessageText: on messages sent by the bot."""
    with pytest.raises(BadRequest, match="Message to edit not found"):
        bot.edit_message_text("x", nell.id, 4711)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        bot.edit_message_text("x", nell.id, nell.says("mine").id)


def test_a_message_can_be_deleted_once_and_for_two_days(town: Town, nell: User, bot: Any) -> None:
    """deleteMessage: only if it was sent less than 48 hours ago."""
    first, second = (bot.send_message(nell.id, text).message_id for text in ("one", "two"))
    assert bot.delete_message(nell.id, first)
    with pytest.raises(BadRequest, match="Message to delete not found"):
        bot.delete_message(nell.id, first)
    with pytest.raises(BadRequest, match="Message to edit not found"):
        bot.edit_message_text("x", nell.id, first)
    town.later(hours=49)
    with pytest.raises(BadRequest, match="Message can't be deleted"):
        bot.delete_message(nell.id, second)


# -- buttons


@pytest.mark.parametrize(("data", "fits"), [("x" * 64, True), ("x" * 65, False), ("é" * 33, False), ("", False)])
def test_the_data_of_a_button_has_1_to_64_bytes(town: Town, nell: User, data: str, fits: bool) -> None:
    """InlineKeyboardButton: callback_data, 1-64 bytes."""
    markup = json.dumps({"inline_keyboard": [[{"text": "b", "callback_data": data}]]})
    status, answer = raw(town, "sendMessage", chat_id=nell.id, text="x", reply_markup=markup)
    assert (status, answer.get("description")) == ((200, None) if fits else (400, "Bad Request: BUTTON_DATA_INVALID"))


def test_a_button_must_do_something(town: Town, nell: User) -> None:
    """InlineKeyboardButton: exactly one of the fields other than text must be used."""
    markup = json.dumps({"inline_keyboard": [[{"text": "b"}]]})
    status, answer = raw(town, "sendMessage", chat_id=nell.id, text="x", reply_markup=markup)
    assert (status, "Text buttons are unallowed" in answer["description"]) == (400, True)


def test_a_pressed_button_is_answered_once_and_in_time(town: Town, nell: User, bot: Any) -> None:
    """answerCallbackQuery: clients show a progress bar until it is called, so it must be."""
    bot.send_message(nell.id, "?", reply_markup=buttons("👍", "👎"))
    first, late, left = (nell.presses(town.said(nell)[0], sign) for sign in "👍👎👍")
    (update, *_) = bot.get_updates()
    assert (update.callback_query.data, update.callback_query.message.text) == ("do 👍", "?")
    assert bot.answer_callback_query(first.id, "More like it.")
    assert (first.notice, first.alert) == ("More like it.", False)
    for _ in range(2):
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
            bot.answer_callback_query(first.id)
        town.later(seconds=61)
        first = late
    assert town.unanswered() == [late, left]


def test_what_a_button_pops_up_is_short(town: Town, nell: User, bot: Any) -> None:
    """answerCallbackQuery: text of 0-200 characters."""
    bot.send_message(nell.id, "?", reply_markup=buttons("a"))
    query = nell.presses(town.said(nell)[0], "a")
    with pytest.raises(BadRequest, match="Message_too_long"):
        bot.answer_callback_query(query.id, "x" * 201)
    assert bot.answer_callback_query(query.id, "x" * 200)
