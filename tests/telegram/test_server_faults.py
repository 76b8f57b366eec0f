"""What can go wrong on the way, as the real library meets it, and what has happened all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("telegram")

from telegram.error import InvalidToken, NetworkError, RetryAfter, TelegramError, TimedOut

from tests.telegram import faults
from tests.telegram.faults import Fault
from tests.telegram.people import User
from tests.telegram.world import Town


def said(town: Town, nell: User) -> list[str]:
    return [message.text for message in town.said(nell)]


@pytest.mark.parametrize(
    ("fault", "error", "words", "acted"),
    [
        (faults.status(500), NetworkError, "Internal Server Error", False),
        (faults.status(500, acts=True), NetworkError, "Internal Server Error", True),
        (faults.gateway(), NetworkError, "Bad Gateway", False),
        (faults.gateway(acts=True), NetworkError, "Bad Gateway", True),
        (faults.too_many(7), RetryAfter, "Flood control exceeded. Retry in .*7", False),
        (faults.reset(acts=False), NetworkError, "httpx", False),
        (faults.reset(acts=True), NetworkError, "httpx", True),
        (faults.silence(20, acts=False), TimedOut, "Timed out", False),
        (faults.silence(20, acts=True), TimedOut, "Timed out", True),
        (faults.late(0.5), TimedOut, "Timed out", False),
        (faults.malformed(), TelegramError, "Invalid server response", True),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else "",
)
@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_a_call_fails_once_and_is_done_or_not(
    town: Town, nell: User, bot: Any, fault: Fault, error: type[Exception], words: str, acted: bool
) -> None:
    town.faults.add("sendMessage", fault)
    with pytest.raises(error, match=words):
        bot.send_message(nell.id, "first", read_timeout=0.2)
    assert said(town, nell) == ["first"] * acted
    bot.send_message(nell.id, "second")
    assert said(town, nell) == ["first"] * acted + ["second"]
    assert town.faults.struck == [("sendMessage", fault.name)]


def test_what_is_done_late_is_done_all_the_same(town: Town, nell: User, bot: Any) -> None:
    town.faults.add("sendMessage", faults.late(0.3))
    with pytest.raises(TimedOut):
        bot.send_message(nell.id, "first", read_timeout=0.05)
    bot.send_message(nell.id, "second")
    while town.faults.underway:
        time.sleep(0.01)
    assert said(town, nell) == ["second", "first"]


def test_an_answer_that_is_slow_comes_all_the_same(town: Town, nell: User, bot: Any) -> None:
    town.faults.add("*", faults.slow(0.1), times=2)
    assert [bot.send_message(nell.id, text).text for text in ("one", "two")] == ["one", "two"]


def test_faults_strike_the_methods_meant_after_so_many_calls_and_so_often(town: Town, nell: User, bot: Any) -> None:
    town.faults.add("send*", faults.status(500), times=2, skip=1)
    bot.send_message(nell.id, "one")
    for _ in range(2):
        bot.get_me()
        with pytest.raises(NetworkError):
            bot.send_chat_action(nell.id, "typing")
    bot.send_message(nell.id, "two")
    town.faults.add("*", faults.status(500), times=99)
    town.faults.clear()
    assert bot.get_me() and said(town, nell) == ["one", "two"]


def test_updates_survive_an_answer_that_is_lost(town: Town, nell: User, bot: Any) -> None:
    """getUpdates: what is not confirmed comes again."""
    nell.says("still there")
    for fault in (faults.reset(acts=True), faults.malformed(), faults.gateway(acts=True)):
        town.faults.add("getUpdates", fault)
        with pytest.raises(TelegramError):
            bot.get_updates()
    assert [update.message.text for update in bot.get_updates()] == ["still there"]


def test_a_download_can_break_off(town: Town, nell: User, bot: Any) -> None:
    file = nell.sends_document("likes.js", b"[]").media["document"]["file_id"]
    town.faults.add("download", faults.gateway())
    with pytest.raises(NetworkError):
        bot.read(file)
    assert bot.read(file) == b"[]"


def test_a_token_can_be_taken_back(town: Town, bots: Callable[..., Any]) -> None:
    """Authorizing your bot: a token that was revoked is no longer valid."""
    bot = bots()
    town.token = "7000000001:AAanother-token-of-the-same-bot-012"
    with pytest.raises(InvalidToken):
        bot.get_me()
    assert bots().get_me().is_bot
