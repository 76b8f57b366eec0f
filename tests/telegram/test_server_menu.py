"""What a bot does beside its words: each test stands for a rule of Telegram's public documentation."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("telegram")

import requests
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    ReactionTypeEmoji,
)
from telegram.error import BadRequest, Forbidden, NetworkError

from tests.telegram.asking import WRONG
from tests.telegram.people import User
from tests.telegram.world import Town

# -- reactions, actions, menu


def test_a_bot_reacts_with_one_emoji_of_the_menu(town: Town, nell: User, bot: Any) -> None:
    """setMessageReaction: as non-premium users, bots set at most one reaction; ReactionTypeEmoji lists the emoji."""
    asked = nell.says("Thank you")
    assert bot.set_message_reaction(nell.id, asked.id, "🔥")
    assert town.messages[-1].reactions == {town.bot["id"]: ["🔥"]}
    for wrong, words in ((ReactionTypeEmoji("🔖"), "Reaction_invalid"), (["🔥", "👍"], "Reactions_too_many")):
        with pytest.raises(BadRequest, match=words):
            bot.set_message_reaction(nell.id, asked.id, wrong)
    with pytest.raises(BadRequest, match="Message to react not found"):
        bot.set_message_reaction(nell.id, 4711, "🔥")


def test_a_bot_shows_that_it_types(town: Town, nell: User, bot: Any) -> None:
    """sendChatAction: the type of action is one of a list."""
    assert bot.send_chat_action(nell.id, "typing") and town.actions == [(nell.id, "typing")]
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        bot.send_chat_action(nell.id, "thinking")


@pytest.mark.parametrize(
    ("name", "description", "words"),
    [
        ("Why", "x", "Bot_command_invalid"),
        ("no-hyphen", "x", "Bot_command_invalid"),
        ("a" * 33, "x", "Bot_command_invalid"),
        ("", "x", "Bot_command_invalid"),
        ("why", "", "Bot_command_description_invalid"),
        ("why", "x" * 257, "Bot_command_description_invalid"),
    ],
)
def test_a_command_of_the_menu_is_short_and_plain(bot: Any, name: str, description: str, words: str) -> None:
    """BotCommand: 1-32 characters of a-z, 0-9 and _; the description has 1-256."""
    with pytest.raises(BadRequest, match=words):
        bot.set_my_commands([BotCommand(name, description)])


def test_the_menu_is_kept_by_scope_and_has_100_commands_at_most(nell: User, bot: Any) -> None:
    """setMyCommands: at most 100 commands; BotCommandScope: for whom; getMyCommands returns them, or nothing."""
    bot.set_my_commands([("why", "why it was told"), ("digest", "today's")])
    bot.set_my_commands([BotCommand("mine", "hers alone")], scope=BotCommandScopeChat(nell.id))
    assert [command.command for command in bot.get_my_commands()] == ["why", "digest"]
    assert [command.command for command in bot.get_my_commands(scope=BotCommandScopeChat(nell.id))] == ["mine"]
    assert bot.get_my_commands(language_code="de") == ()
    with pytest.raises(BadRequest, match="Bot_commands_too_much"):
        bot.set_my_commands([(f"c{number}", "x") for number in range(101)])


# -- files


def test_files_are_sent_in_parts_with_a_caption(town: Town, nell: User, bot: Any) -> None:
    """sendDocument, sendPhoto: multipart/form-data; caption of 0-1024 characters after entities parsing."""
    said = bot.send_document(nell.id, b"a,b\r\n1,2\r\n", "<b>table</b>", parse_mode="HTML", filename="été.csv")
    assert (said.document.file_name, said.caption, said.text) == ("été.csv", "table", None)
    assert bot.read(said.document.file_id) == b"a,b\r\n1,2\r\n"
    assert bot.send_photo(nell.id, b"\xff\xd8\x00\r\n--", "seen").photo[-1].file_size == 7
    with pytest.raises(BadRequest, match="Message caption is too long"):
        bot.send_photo(nell.id, b"\xff\xd8", "x" * 1025)
    with pytest.raises(NetworkError, match="Request Entity Too Large"):
        bot.send_photo(nell.id, b"\xff\xd8" + bytes(10 * 1024 * 1024), "big")


def test_a_file_is_fetched_up_to_20_mb(nell: User, bot: Any) -> None:
    """getFile: bots can download files of up to 20 MB in size; the address is /file/bot<token>/<file_path>."""
    most = 20 * 1024 * 1024
    kept = nell.sends_document("notes.zip", b"PK\x03\x04", size=most)
    large = nell.sends_document("likes.zip", b"PK\x03\x04", size=most + 1)
    assert bot.read(kept.media["document"]["file_id"]) == b"PK\x03\x04"
    with pytest.raises(BadRequest, match="File is too big"):
        bot.get_file(large.media["document"]["file_id"])
    with pytest.raises(BadRequest, match="Invalid file_id"):
        bot.get_file("nonsense")


def test_a_file_is_not_given_to_somebody_without_the_token(town: Town, nell: User) -> None:
    """getFile: the address of a file holds the token, which authenticates."""
    nell.sends_document("notes.zip", b"PK")
    (file,) = town.files.values()
    assert requests.get(f"{town.url}/file/bot{town.token}/{file.path}", timeout=5).content == b"PK"
    assert requests.get(f"{town.url}/file/bot{WRONG}/{file.path}", timeout=5).status_code == 404


# -- chats


def test_a_bot_leaves_a_group_and_no_private_chat(town: Town, nell: User, bot: Any) -> None:
    """leaveChat: leave a group, supergroup or channel."""
    square = town.group("The square")
    with pytest.raises(Forbidden, match="bot is not a member"):
        bot.leave_chat(square.id)
    nell.adds_bot_to(square)
    assert bot.send_message(square.id, "Goodbye.") and bot.leave_chat(square.id)
    with pytest.raises(Forbidden, match="bot was kicked"):
        bot.send_message(square.id, "Still here?")
    with pytest.raises(BadRequest, match="can't be changed in private chats"):
        bot.leave_chat(nell.id)


def test_a_bot_may_look_at_a_chat_that_it_shares(town: Town, nell: User, bot: Any) -> None:
    """getChat: up-to-date information about a chat."""
    chat = bot.get_chat(nell.id)
    assert (chat.type, chat.first_name, chat.username) == ("private", "Nell", "nell_of_town")
    with pytest.raises(BadRequest, match="Chat not found"):
        bot.get_chat(town.person("Shy").id)
