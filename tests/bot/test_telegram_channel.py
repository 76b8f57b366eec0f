"""The channel of Telegram, by the real library, against a server that enforces what Telegram enforces."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("telegram")


from bot.channels import Closes, Roomy, Typing, Wakes
from bot.channels.telegram import build
from bot.channels.telegram_menu import introduce
from bot.menu import menu
from config.errors import ChannelError, ConfigError
from memory.records import Message
from tests.bot.telegram_desk import Desk, until
from tests.fakes import words


@pytest.mark.parametrize(
    ("table", "token", "words"),
    [
        ({"owner_id": 1}, "", "no token of a bot"),
        ({"owner_id": 1}, "no-token", "no token of a bot"),
        ({}, "1:abc", "does not know its owner"),
        ({"owner_id": "nell"}, "1:abc", "does not know its owner"),
        ({"owner_id": 1, "chat": 2}, "1:abc", "no setting 'chat'"),
        ({"owner_id": 1, "base_url": "http://elsewhere.example"}, "1:abc", "would show the token"),
        ({"owner_id": 1, "base_url": "ftp://x"}, "1:abc", "cannot use the base_url"),
        ({"owner_id": 1, "base_url": "https://[bad"}, "1:abc", "cannot use the base_url"),
        ({"owner_id": 1, "base_url": "https://x.example:99999"}, "1:abc", "cannot use the base_url"),
        ({"owner_id": 1, "timeout": "long"}, "1:abc", "timeout between 0.1 and 600"),
        ({"owner_id": 1, "timeout": math.nan}, "1:abc", "timeout between 0.1 and 600"),
        ({"owner_id": 1, "attempts": math.inf}, "1:abc", "attempts between 1 and 100"),
        ({"owner_id": 1, "webhook_port": 99999}, "1:abc", "webhook_port between 1 and 65535"),
        ({"owner_id": 1, "webhook": "http://x.example/"}, "1:abc", "https addresses only"),
        ({"owner_id": 1, "webhook": "https://[bad/x"}, "1:abc", "https addresses only"),
        ({"owner_id": 1, "webhook": "https://x.example/in?key=1"}, "1:abc", "without \\? and #"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(table: dict[str, Any], token: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as told:
        build(table, {"telegram_bot_token": SecretStr(token)})
    assert "abc" not in str(told.value)


def test_it_keeps_the_promises_of_a_channel(desk: Desk) -> None:
    assert all(isinstance(desk.channel, port) for port in (Wakes, Closes, Typing, Roomy))
    assert desk.channel.room() == 4000
    assert desk.town.token not in repr(desk.channel)


def test_the_menu_of_telegram_is_the_one_that_help_tells(desk: Desk) -> None:
    introduce(desk.channel.api)
    (told,) = desk.town.commands.values()
    assert {one["command"]: one["description"] for one in told} == menu()


def test_a_token_that_is_revoked_is_explained(desk: Desk) -> None:
    other = replace(desk.channel, token=SecretStr("7000000001:" + "x" * 35))
    with pytest.raises(ChannelError, match="magpie login --telegram") as told:
        other.send(words("k", "bees"))
    assert "xxx" not in str(told.value)
    other.close()


def test_it_seems_to_type(desk: Desk) -> None:
    desk.channel.typing()
    assert until(lambda: desk.town.actions == [(desk.nell.id, "typing")])
    replace(desk.channel, base_url="http://127.0.0.1:9/bot").typing()


def test_the_owner_is_heard_and_nobody_else(desk: Desk) -> None:
    eve = desk.town.person("Eve", started=True)
    eve.says("/status")
    head = desk.nell.says("/start abc")
    desk.nell.says("2 👎", reply_to=head)
    eve.says("/mute @ann")
    first, second = desk.hear()
    assert isinstance(first, Message) and isinstance(second, Message)
    assert (first.text, second.text) == ("/start abc", "2 👎")
    assert second.reply_to == first.platform_id
    assert (first.channel, first.at.tzinfo) == ("telegram", UTC)
    assert desk.town.said(eve) == []
    assert desk.hear() == []


def test_a_group_is_left_and_not_listened_to(desk: Desk) -> None:
    group = desk.town.group("The whole street")
    desk.nell.adds_bot_to(group)
    desk.nell.says("/status@magpie_of_nell_bot", chat=group)
    assert desk.hear() == []
    assert not group.has_bot
