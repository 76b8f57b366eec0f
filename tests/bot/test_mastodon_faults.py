"""The Mastodon channel on a server that breaks: nothing is lost or doubled, and what is unknown is said to be."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytest.importorskip("mastodon_mock")
from mastodon_mock.testing.server import MockServer

from bot.channels.mastodon import MastodonChannel
from config.errors import ChannelError, DoubtfulSendError
from memory.records import Span
from tests.bot.wire import POSTS, Wire, posts_of_the_bot, said, source_of, to


@pytest.mark.parametrize(
    "fault",
    [
        {"type": "ratelimit"},
        {"status": 502},
        {"status": 503},
        {"type": "malformed"},
        {"type": "malformed", "truncate": False},
    ],
)
@pytest.mark.parametrize("path", [POSTS, "*"])
def test_a_passing_fault_neither_loses_nor_doubles(
    server: MockServer, channel: MastodonChannel, naps: list[float], fault: dict[str, Any], path: str
) -> None:
    server.fault(path=path, count=2, **fault)
    channel.send(said("Once, please."))
    assert len(posts_of_the_bot(server)) == 1
    assert len(naps) == 2
    pause = 10 if path == POSTS else 1  # it may have arrived, and this server may still be at it
    assert naps[0] == (300 if fault.get("type") == "ratelimit" else pause)


def test_the_pause_that_the_server_asks_for_is_kept(
    server: MockServer, channel: MastodonChannel, naps: list[float]
) -> None:
    reset = (datetime.now(UTC) + timedelta(seconds=90)).isoformat()
    server.fault(path=POSTS, status=429, headers={"X-RateLimit-Reset": reset}, count=1)
    server.fault(path=POSTS, status=429, headers={"Retry-After": "40"}, count=1)
    server.fault(path=POSTS, status=429, headers={"Retry-After": "86400"}, count=1)
    channel.send(said("Patience."))
    assert 80 < naps[0] < 100  # by the server's clock
    assert naps[1:] == [40, 300]


def test_a_slow_server_is_told_once(server: MockServer, naps: list[float]) -> None:
    slow = to(server.base_url, naps, timeout=0.4)
    server.fault(path=POSTS, methods=["POST"], type="latency", delay_ms=900, count=1)
    slow.send(said("Slowly."))
    assert naps
    threading.Event().wait(0.9)  # until the server has worked off the first try
    assert len(posts_of_the_bot(server)) == 1


@pytest.mark.parametrize("ignores_keys", [False, True])
@pytest.mark.parametrize("trouble", ["hang up", "bad gateway", "garbage"])
def test_a_fault_after_the_server_has_acted_doubles_nothing(
    server: MockServer, wire: Wire, through: MastodonChannel, trouble: str, ignores_keys: bool
) -> None:
    wire.breaks, wire.ignores_keys = [trouble], ignores_keys
    link = Span("link", "Read", "https://example.org/?a=1&b=2")
    (posted,) = through.send(said("Trains & <bees> — 👍🏽 *now* @carol", Span("break"), link, warning="Careful"))
    assert [str(status.id) for status in posts_of_the_bot(server)] == [posted]


def test_every_part_of_a_thread_survives_a_broken_line(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    wire.breaks, wire.ignores_keys = ["hang up", "garbage", "bad gateway"], True
    words = [f"word{n}" for n in range(150)]
    through.send(said(" ".join(words)))
    texts = [source_of(server, status.id).removeprefix("@alice ") for status in posts_of_the_bot(server)]
    assert " ".join(texts).split() == words


def test_the_same_words_said_before_are_not_taken_for_the_new_message(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    through.send(said("Nothing new today.", key="monday"))
    server.fault(path=POSTS, methods=["POST"], status=502, count=1)
    through.send(said("Nothing new today.", key="tuesday"))
    assert len(posts_of_the_bot(server)) == 2


def test_what_stays_unknown_is_said_to_be_unknown_and_is_settled_later(
    server: MockServer, wire: Wire, through: MastodonChannel
) -> None:
    wire.breaks, wire.ignores_keys = ["hang up"] * 9, True
    fault = server.fault(path_regex=r"/accounts/\d+/statuses", status=502)
    with pytest.raises(DoubtfulSendError, match="unknown"):
        through.send(said("Perhaps."))
    fault.delete()
    wire.breaks.clear()
    through.send(said("Perhaps."))
    assert len(posts_of_the_bot(server)) == 1


def test_what_was_surely_not_said_is_no_doubt(server: MockServer, channel: MastodonChannel, naps: list[float]) -> None:
    server.fault(path=POSTS, methods=["POST"], status=429)
    with pytest.raises(ChannelError, match=r"not sent: .* too many requests") as problem:
        channel.send(said("Not now."))
    assert not isinstance(problem.value, DoubtfulSendError)
    assert naps == [1, 2, 4, 8]


def test_a_server_that_is_away_has_surely_heard_nothing(wire: Wire, through: MastodonChannel) -> None:
    through.send(said("Still there?"))
    wire.stop()
    with pytest.raises(ChannelError, match="cannot be reached") as problem:
        through.send(said("Anyone?", key="another"))
    assert not isinstance(problem.value, DoubtfulSendError)


@pytest.mark.parametrize(("status", "advice"), [(401, "make a new token"), (403, "scopes"), (422, "too rude")])
def test_a_refusal_says_what_to_do_and_is_not_repeated(
    server: MockServer, channel: MastodonChannel, naps: list[float], status: int, advice: str
) -> None:
    server.fault(path=POSTS, methods=["POST"], status=status, body={"error": "too rude"})
    with pytest.raises(ChannelError, match=advice) as problem:
        channel.send(said("Secret plans."))
    assert naps == []
    assert "Secret plans" not in str(problem.value)


def test_the_token_is_never_shown(
    server: MockServer, wire: Wire, through: MastodonChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire.breaks = ["garbage"]
    through.send(said("Hush."))
    server.fault(path=POSTS, methods=["POST"], status=401)
    with pytest.raises(ChannelError) as problem:
        through.send(said("Hush.", key="again"))
    shown = f"{through!r} {through._api!r} {problem.value} {problem.value.__cause__} {caplog.text}"
    assert "bot_token" not in shown
    assert "Hush" not in shown
