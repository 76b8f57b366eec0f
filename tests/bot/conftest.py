"""A mock server that runs for a module, a wire to it, and the channel to both."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from mastodon_mock.testing.server import MockServer

    from bot.channels.mastodon import MastodonChannel
    from tests.bot.wire import Wire


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    """Started once, and only where the server is installed."""
    pytest.importorskip("mastodon_mock")
    from mastodon_mock.testing.server import MockServer

    from tests.bot.wire import PEOPLE

    with MockServer(seed=PEOPLE) as server:
        yield server


@pytest.fixture
def server(running: MockServer) -> MockServer:
    """Nobody has said anything, and nothing is broken."""
    running.reset()
    connection = http.client.HTTPConnection(urlsplit(running.base_url).netloc)
    connection.request("DELETE", "/api/v1/_mock/faults")
    assert connection.getresponse().status == 200
    return running


@pytest.fixture
def wire(server: MockServer) -> Iterator[Wire]:
    """Between the channel and the server."""
    from tests.bot.wire import proxied

    with proxied(server) as wire:
        yield wire


@pytest.fixture
def naps() -> list[float]:
    """The seconds that the channel would have slept."""
    return []


@pytest.fixture
def channel(server: MockServer, naps: list[float]) -> MastodonChannel:
    """Straight to the server."""
    from tests.bot.wire import to

    return to(server.base_url, naps)


@pytest.fixture
def through(wire: Wire, naps: list[float]) -> MastodonChannel:
    """Through the wire."""
    from tests.bot.wire import to

    return to(wire.url, naps)
