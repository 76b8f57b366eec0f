"""Nell's desk on Telegram: the channel, its pauses, and what a store would keep of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("telegram")


from bot.channels.telegram import TelegramChannel, build
from memory.records import Message, Reaction
from tests.telegram.people import User
from tests.telegram.world import Town


@dataclass
class Desk:
    """The channel of Nell, its pauses, and what a store would keep of it."""

    town: Town
    nell: User
    more: dict[str, Any] = field(default_factory=dict)
    slept: list[float] = field(default_factory=list)
    cursor: str | None = None
    made: list[TelegramChannel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begin()

    @property
    def channel(self) -> TelegramChannel:
        return self.made[-1]

    def begin(self) -> None:
        """As a process finds it that has just been started."""
        table = {"owner_id": self.nell.id, "base_url": self.town.url, "timeout": 0.5, **self.more}
        plain = build(table, {"telegram_bot_token": SecretStr(self.town.token)})
        self.made.append(replace(plain, sleep=self.slept.append))

    def hear(self) -> list[Message | Reaction]:
        """What is new, which is stored then."""
        heard = list(self.channel.listen(self.cursor))
        self.cursor = heard[-1].cursor if heard else self.cursor
        return heard

    def said(self) -> list[str]:
        return [one.text for one in self.town.said(self.nell)]


def until(true: Callable[[], object], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    return bool(true())
