"""The stream is a doorbell: it rings when something came in, comes back after trouble, is silent where none is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

pytest.importorskip("mastodon_mock")
from mastodon_mock.config import DatabaseConfig, MastodonMockConfig, StreamingConfig
from mastodon_mock.streaming import get_bus
from mastodon_mock.testing.server import MockServer

from bot.channels import Wakes, mastodon_stream
from bot.channels.mastodon import MastodonChannel
from bot.channels.terminal import TerminalChannel
from tests.bot.wire import PEOPLE, Wire, alice, to

PATIENCE = 20.0
"""Seconds after which a test has surely failed."""


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mastodon-stream"]


def all_ended() -> bool:
    for thread in threads():
        thread.join(PATIENCE)
    return threads() == []


@contextmanager
def listening(server: MockServer, channel: MastodonChannel) -> Iterator[threading.Semaphore]:
    """While the channel wakes; the semaphore counts how often."""
    rung, before = threading.Semaphore(0), subscribers(server)
    stop = channel.wakes(rung.release)
    try:
        connected(server, before)
        yield rung
    finally:
        stop()
        assert all_ended()


def subscribers(server: MockServer) -> set[object]:
    bus = get_bus(server._server.config.loaded_app.app)
    assert bus is not None
    return set(bus._subscribers)


def connected(server: MockServer, before: set[object]) -> None:
    """Until the server has somebody else to tell."""
    for _ in range(int(PATIENCE / 0.02)):
        if subscribers(server) - before:
            return
        threading.Event().wait(0.02)
    raise AssertionError("nobody has connected")


def test_only_channels_that_can_wake_say_so(channel: MastodonChannel) -> None:
    assert isinstance(channel, Wakes)
    assert not isinstance(TerminalChannel(), Wakes)


def test_it_rings_when_somebody_says_something_and_no_more_when_it_was_stopped(
    server: MockServer, channel: MastodonChannel
) -> None:
    with listening(server, channel) as rung:
        alice(server).status_post("Talking to myself.", visibility="public")
        alice(server).status_post("@magpie hello", visibility="direct")
        assert rung.acquire(timeout=PATIENCE)
    alice(server).status_post("@magpie anybody there?", visibility="direct")
    assert not rung.acquire(blocking=False)


def test_whoever_does_not_wake_properly_is_woken_again(server: MockServer, channel: MastodonChannel) -> None:
    rung, before = threading.Semaphore(0), subscribers(server)

    def ring() -> None:
        rung.release()
        raise RuntimeError("not before nine")

    stop = channel.wakes(ring)
    connected(server, before)
    for _ in range(2):
        alice(server).status_post("@magpie hello", visibility="direct")
        assert rung.acquire(timeout=PATIENCE)
    stop()
    assert all_ended()


def test_it_comes_back_after_trouble(
    server: MockServer, channel: MastodonChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mastodon_stream, "_PAUSES", (0.01,))
    server.fault(path="/api/v1/streaming/user", status=503, count=2)
    server.fault(path="/api/v1/streaming/user", type="malformed", count=1)
    with listening(server, channel) as rung:
        alice(server).status_post("@magpie hello", visibility="direct")
        assert rung.acquire(timeout=PATIENCE)


def test_a_server_that_is_away_is_left_alone_when_it_is_stopped(wire: Wire) -> None:
    wire.stop()
    stop = to(wire.url, []).wakes(lambda: None)
    stop()
    assert all_ended()


@pytest.mark.parametrize("status", [401, 404])
def test_where_there_is_no_stream_for_this_token_nobody_waits_for_one(
    server: MockServer, channel: MastodonChannel, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    server.fault(path="/api/v1/streaming/user", status=status)
    channel.wakes(lambda: None)
    assert all_ended()
    assert "bot_token" not in caplog.text


def test_where_streaming_is_off_nobody_waits_for_it() -> None:
    config = MastodonMockConfig(
        database=DatabaseConfig(path=":memory:"), seed=PEOPLE, streaming=StreamingConfig(enabled=False)
    )
    with MockServer(config=config) as server:
        to(server.base_url, []).wakes(lambda: None)
        assert all_ended()
