"""A webhook instead of polling: each test stands for a rule of Telegram's public documentation."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

pytest.importorskip("telegram")

from telegram.error import BadRequest, Conflict

from tests.telegram.people import User
from tests.telegram.world import Town

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Door:
    """Where a bot takes what Telegram brings; ``answers`` are the statuses of the first calls, then 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    brought: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    words: bytes = b""


@pytest.fixture
def door() -> Iterator[Door]:
    opened = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = opened.answers.pop(0) if opened.answers else 200
            opened.secrets.append(self.headers[HEADER])
            opened.brought += [body] if status == 200 else []
            self.send_response(status)
            self.send_header("Content-Length", str(len(opened.words)))
            self.end_headers()
            self.wfile.write(opened.words)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        opened.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield opened
        server.shutdown()


def until(true: Callable[[], Any]) -> None:
    for _ in range(1000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come")


def texts(door: Door) -> list[str]:
    return [update["message"]["text"] for update in door.brought]


def test_updates_are_brought_in_order_with_the_secret(nell: User, bot: Any, door: Door) -> None:
    """setWebhook: an HTTPS POST with a JSON-serialized Update; secret_token is sent in a header of every request."""
    nell.says("before")
    bot.set_webhook(door.url, secret_token="s-3_cret")
    nell.says("after")
    until(lambda: len(door.brought) == 2)
    assert (texts(door), door.secrets) == (["before", "after"], ["s-3_cret", "s-3_cret"])
    until(lambda: bot.get_webhook_info().pending_update_count == 0)


def test_what_is_not_taken_is_brought_again(nell: User, bot: Any, door: Door) -> None:
    """setWebhook: a response other than 2xx is repeated for a reasonable number of attempts."""
    door.answers = [500, 503]
    bot.set_webhook(door.url)
    nell.says("one")
    nell.says("two")
    until(lambda: len(door.brought) == 2)
    assert (texts(door), len(door.secrets), set(door.secrets)) == (["one", "two"], 4, {None})
    assert "Wrong response from the webhook: 503" in bot.get_webhook_info().last_error_message


def test_nothing_can_be_fetched_while_a_webhook_is_set(nell: User, bot: Any, door: Door) -> None:
    """getUpdates: does not work while an outgoing webhook is set up."""
    bot.set_webhook(door.url)
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        bot.get_updates()
    bot.delete_webhook()
    assert bot.get_webhook_info().url == ""
    nell.says("fetched")
    assert len(bot.get_updates()) == 1


def test_what_waits_can_be_dropped(nell: User, bot: Any) -> None:
    """setWebhook, deleteWebhook: drop_pending_updates."""
    nell.says("old")
    bot.delete_webhook(drop_pending_updates=True)
    assert bot.get_updates() == ()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://magpie.example/hook", "An HTTPS URL must be provided for webhook"),
        ("https://magpie.example:8080/hook", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
    ],
)
def test_a_webhook_is_called_by_https_on_four_ports(bot: Any, url: str, words: str) -> None:
    """setWebhook: an HTTPS URL; ports currently supported are 443, 80, 88 and 8443."""
    with pytest.raises(BadRequest, match=f"(?i){words}"):
        bot.set_webhook(url)


@pytest.mark.parametrize(("secret", "fits"), [("A-z_9", True), ("x" * 256, True), ("x" * 257, False), ("a b", False)])
def test_a_secret_is_of_plain_signs(bot: Any, secret: str, fits: bool) -> None:
    """setWebhook: secret_token has 1-256 characters of A-Z, a-z, 0-9, _ and -."""
    if fits:
        assert bot.set_webhook("https://magpie.example/hook", secret_token=secret)
        return
    with pytest.raises(BadRequest, match=r"(?i)secret token"):
        bot.set_webhook("https://magpie.example/hook", secret_token=secret)


def test_nobody_outside_this_machine_is_ever_called(town: Town, nell: User, bot: Any) -> None:
    """An address elsewhere is kept, and what happens waits."""
    bot.set_webhook("https://magpie.example/hook", max_connections=3)
    nell.says("waits")
    info = bot.get_webhook_info()
    assert (info.pending_update_count, info.max_connections, info.last_error_message) == (1, 3, None)


def test_a_method_in_the_answer_is_not_known_here(town: Town, nell: User, bot: Any, door: Door) -> None:
    """Making requests when getting updates: a method may be called in the answer to a webhook; not on this server."""
    door.words = b'{"method": "sendMessage"}'
    with town.complaining() as complaints:
        bot.set_webhook(door.url)
        nell.says("hello")
        until(lambda: complaints)
