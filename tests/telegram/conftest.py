"""A town with one person in it, and a bot of the real python-telegram-bot that talks to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import telegram
from telegram.request import HTTPXRequest

from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town


class RealBot:
    """``telegram.Bot``, one call after the other."""

    def __init__(self, town: Town, token: str = "") -> None:
        self._runner = asyncio.Runner()
        wires = [HTTPXRequest(httpx_kwargs={"verify": False, "trust_env": False}) for _ in range(2)]  # no keys to load
        addresses: dict[str, Any] = {"base_url": town.base_url, "base_file_url": town.base_file_url}
        self._bot = telegram.Bot(token or town.token, request=wires[0], get_updates_request=wires[1], **addresses)
        for wire in wires:
            self._runner.run(wire.initialize())

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **more: self._runner.run(getattr(self._bot, name)(*args, **more))

    def read(self, file_id: str) -> bytes:
        """What a file holds."""
        file = self.get_file(file_id)
        return bytes(self._runner.run(file.download_as_bytearray()))

    def close(self) -> None:
        """Hang up."""
        for request in self._bot._request:
            self._runner.run(request.shutdown())
        self._runner.close()


@pytest.fixture
def town() -> Iterator[Town]:
    with telegram_town() as running:
        yield running


@pytest.fixture
def nell(town: Town) -> User:
    """She has pressed START long ago."""
    return town.person("Nell", "nell_of_town", started=True)


@pytest.fixture
def bots(town: Town) -> Iterator[Callable[..., RealBot]]:
    """As many bots as wanted, of the same token or of another."""
    made: list[RealBot] = []

    def make(token: str = "") -> RealBot:
        made.append(RealBot(town, token))
        return made[-1]

    yield make
    for bot in made:
        bot.close()


@pytest.fixture
def bot(bots: Callable[..., RealBot]) -> RealBot:
    return bots()
