"""How updates come in from Telegram: by long polling, and at a webhook."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("telegram")

import requests

from bot.channels import telegram_door
from bot.channels.telegram_door import secret_of
from config.errors import ChannelError
from memory.records import Message
from tests.bot.telegram_desk import Desk, until
from tests.fakes import words
from tests.telegram import faults
from tests.telegram.people import User, by_hidden
from tests.telegram.world import Town


class Rings:
    """Who is rung, and listens when it is time."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.rung = desk, 0
        self.end = desk.channel.wakes(self.ring)

    def ring(self) -> None:
        self.rung += 1

    def listen_when_rung(self) -> list[str]:
        assert until(lambda: self.rung)
        self.rung = 0
        return [one.text for one in self.desk.hear() if isinstance(one, Message)]


def test_what_comes_in_rings_at_once_and_is_fetched_once(desk: Desk) -> None:
    bell = Rings(desk)
    for word in ("one", "two", "three"):
        desk.nell.says(word)
        assert bell.listen_when_rung() == [word]
        assert bell.listen_when_rung() == [], "it is rung once more, to learn that it is stored"
    assert until(lambda: len(desk.town.commands) == 1)
    bell.end()


def test_what_is_forwarded_a_moment_after_the_words_that_were_put_to_it_comes_with_them(desk: Desk) -> None:
    """As Telegram tells it: the words at once, and what they are about with the next question."""
    pauses = desk.slept

    def forwards(seconds: float) -> None:
        pauses.append(seconds)
        desk.nell.forwards("Bees have settled.", by_hidden("Ann"))

    desk.channel.api.sleep = forwards
    end = desk.channel.wakes(lambda: None)
    desk.nell.says("for the garden")
    heard: list[object] = []
    assert until(lambda: heard.extend(desk.hear()) or heard)
    (kept,) = heard
    assert isinstance(kept, Message) and kept.shared and kept.shared.note == "for the garden"
    assert pauses == [telegram_door.MOMENT]
    end()


def test_what_is_rung_for_and_not_stored_is_told_again(desk: Desk) -> None:
    bell = Rings(desk)
    desk.nell.says("one")
    assert until(lambda: bell.rung)
    assert len(list(desk.channel.listen(desk.cursor))) == 1
    assert len(list(desk.channel.listen(desk.cursor))) == 1
    assert bell.listen_when_rung() == ["one"]
    bell.end()
    desk.begin()
    assert [one.text for one in desk.hear() if isinstance(one, Message)] == []


def test_while_telegram_is_away_listening_says_so(desk: Desk) -> None:
    desk.town.faults.add("getUpdates", faults.gateway(False), times=1000)
    bell = Rings(desk)

    def deaf() -> bool:
        try:
            return bool(list(desk.channel.listen(desk.cursor)))
        except ChannelError as error:
            return "is in trouble" in str(error)

    assert until(deaf)
    bell.end()


def test_a_pause_that_is_asked_for_is_kept_while_polling_too(desk: Desk) -> None:
    desk.town.faults.add("getUpdates", faults.too_many(3600))
    bell = Rings(desk)
    desk.nell.says("one")
    assert bell.listen_when_rung() == ["one"]
    assert 3600.0 in desk.slept
    bell.end()


def test_a_refusal_for_haste_leaves_no_traceback_in_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.town.faults.add("sendMessage", faults.too_many(3600))
    with pytest.raises(ChannelError):
        desk.channel.send(words("k", "once"))
    assert [one.name for one in caplog.records if one.exc_info or one.name.startswith("telegram")] == []


def test_two_who_fetch_are_told_of_each_other(desk: Desk) -> None:
    desk.town.faults.add("getUpdates", faults.status(409, "Conflict: terminated by other getUpdates request"), times=50)
    with pytest.raises(ChannelError, match="Another program fetches this bot's messages"):
        desk.hear()


def test_a_webhook_takes_in_what_shows_the_secret_and_acknowledges_what_is_stored(town: Town, nell: User) -> None:
    desk = Desk(town, nell, {"webhook": "https://magpie.example/in/7f3a", "webhook_port": 1})
    door = desk.channel
    door.webhook_port = 0
    bell = Rings(desk)
    try:
        assert until(lambda: town.webhook.get("url"))
        port = door._door.port  # type: ignore[union-attr]
        update = {"update_id": 5, "message": nell.says("hello").as_json(town.bot)}
        secret = {"X-Telegram-Bot-Api-Secret-Token": secret_of(door.token)}

        def posted(path: str, headers: dict[str, str], body: Any = update) -> int:
            return requests.post(f"http://127.0.0.1:{port}{path}", json=body, headers=headers, timeout=10).status_code

        assert posted("/elsewhere", secret) == 404
        assert posted("/in/7f3a", {}) == 403
        assert posted("/in/7f3a", {"X-Telegram-Bot-Api-Secret-Token": "wrong"}) == 403
        assert posted("/in/7f3a", secret, ["no update"]) == 400
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(1) as someone:
            answer = someone.submit(posted, "/in/7f3a", secret)
            assert bell.listen_when_rung() == ["hello"]
            assert not answer.done(), "it is not stored yet"
            assert bell.listen_when_rung() == []
            assert answer.result(5) == 200
    finally:
        bell.end()
        desk.channel.close()
        town.webhook.clear()


def test_a_webhook_is_nothing_for_who_only_looks_in(town: Town, nell: User) -> None:
    desk = Desk(town, nell, {"webhook": "https://magpie.example/in"})
    with pytest.raises(ChannelError, match="magpie run"):
        desk.hear()


def test_a_port_that_is_taken_is_told(town: Town, nell: User) -> None:
    port = int(town.url.rpartition(":")[2])
    desk = Desk(town, nell, {"webhook": "https://magpie.example/in", "webhook_port": port})
    end = desk.channel.wakes(lambda: None)
    with pytest.raises(ChannelError, match=f"port {port}"):
        desk.hear()
    end()
    desk.channel.close()
