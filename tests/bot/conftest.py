"""A folder for data, a mock server that runs for a module, a wire to it and the channel to both; and Telegram."""

from __future__ import annotations

import http.client
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.bot.newsroom import room
from tests.bot.postbag import postman, told
from tests.bot.talking import quiet, talk

if TYPE_CHECKING:
    from mastodon_mock.testing.server import MockServer

    from bot.channels.mastodon import MastodonChannel
    from tests.bot.street import Street
    from tests.bot.telegram_desk import Desk
    from tests.bot.wire import Wire
    from tests.telegram.people import User
    from tests.telegram.world import Town

__all__ = ["postman", "quiet", "room", "talk", "told"]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a Magpie in a folder of its own, which is not there yet; no keyring is asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("config.tokens.system_keyring", lambda: None)
    return tmp_path / "data"


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


@pytest.fixture
def town() -> Iterator[Town]:
    """Telegram, as far as one bot sees it."""
    pytest.importorskip("telegram")
    from tests.telegram.server import telegram_town

    with telegram_town() as running:
        yield running


@pytest.fixture
def nell(town: Town) -> User:
    """She has pressed START."""
    return town.person("Nell", "nell", started=True)


@pytest.fixture
def desk(town: Town, nell: User) -> Iterator[Desk]:
    """Her channel there."""
    from tests.bot.telegram_desk import Desk

    made = Desk(town, nell)
    made.hear()  # from now on reactions are asked for
    yield made
    for channel in made.made:
        channel.close()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A memory in which posts are, to be copied: to make one and to read takes longer than most tests."""
    pytest.importorskip("telegram")
    from tests.bot.street import already_read

    return already_read(tmp_path_factory.mktemp("read") / "data")


@pytest.fixture
def street(read: Path, town: Town, nell: User, tmp_path: Path) -> Iterator[Street]:
    """Nell, her bot, and her Magpie."""
    from tests.bot.street import Street

    shutil.copytree(read, tmp_path / "data")
    made = Street(town, nell, tmp_path / "data")
    made.begin()
    made.magpie.home.listen()  # from now on reactions are asked for
    yield made
    made.magpie.close()


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault of two notes."""
    path = tmp_path / "vault"
    (path / ".obsidian").mkdir(parents=True)
    (path / "a.md").write_text("the first note")
    (path / "b.md").write_text("the second note")
    return path
