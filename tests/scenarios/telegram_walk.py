"""Two evenings of Nell's Magpie, which reads on a running mastodon_mock and talks on Telegram."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.build import Magpie
from bot.channels import telegram as channels
from memory.embedding import Embedder
from tests.scenarios.evenings import MAY_GO, Evenings
from tests.scenarios.town import town
from tests.scenarios.two_days import PEOPLE
from tests.telegram import faults
from tests.telegram.messages import Message, Query
from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town as Telegram


@dataclass
class Walk(Evenings):
    """The two days on Telegram."""

    telegram: Telegram = field(kw_only=True)
    nell: User = field(kw_only=True)
    meh: str = ""  # the name of what Nell dislikes by its number
    asked: Message | None = None
    pressed: list[Query] = field(default_factory=list)
    channel = "telegram"

    def told(self) -> list[Message]:
        """In Nell's chat."""
        return self.telegram.said(self.nell)

    def text(self, message: Message) -> str:
        """As it is shown."""
        return message.text

    @contextmanager
    def away(self) -> Iterator[None]:
        """Telegram's proxy answers 502, so that nobody knows whether anything was said."""
        self.telegram.faults.add("sendMessage", faults.gateway(), times=5)
        yield
        self.telegram.faults.clear()

    def it_is(self, moment: datetime) -> None:
        """On both servers."""
        super().it_is(moment)
        self.telegram.it_is(moment)

    def magpie(self, twin: bool = False, digest: dict[str, Any] | None = None) -> Magpie:
        """Magpie, started anew."""
        settings = {"owner_id": self.nell.id, "base_url": self.telegram.url}
        channel = channels.build(settings, {channels.TOKEN: SecretStr(self.telegram.token)})
        unhurried = replace(channel, now=self.town.now, sleep=lambda seconds: self.telegram.later(seconds=seconds))
        return replace(super().magpie(twin, digest), given_channel=unhurried)

    def begin(self) -> None:
        """Nell has pressed START, and got a help."""
        super().begin()
        self.nell.starts()
        self.magpie().hear()

    def message_of(self, name: str) -> Message:
        """The message that tells of an entry of the first day."""
        begins = re.compile(rf"^{self.first[name].number} · ", re.M)  # a warning may come before
        return next(one for one in self.told() if begins.search(one.text))

    def strangers(self) -> None:
        """Others try what only Nell may do: in their own chats, and in a group that they take the bot into."""
        vance, square = self.telegram.person("Vance", "vance"), self.telegram.group("The square")
        vance.starts()
        for words in ("1 👎", "/mute @odile", "/digest"):
            vance.says(words)
        vance.adds_bot_to(square)
        vance.says("/digest", chat=square)

    def answers(self) -> None:
        """By a button, a reaction, an emoji in reply, and by number."""
        self.strangers()
        self.meh = next(name for name in reversed(self.first) if name in MAY_GO and name != self.unsaid)
        self.pressed = [self.nell.presses(self.message_of("swarm"), "👍")]
        self.nell.reacts(self.message_of("coin"), "👎")
        self.nell.says("🔖", reply_to=self.message_of("ward"))
        self.nell.says(f"{self.first[self.meh].number} 👎")
        self.asked = self.nell.says("/why 1")
        self.hear()


@contextmanager
def two_days(folder: Path, embedder: Embedder) -> Iterator[Walk]:
    """All of it, on two running servers."""
    with town(folder, PEOPLE) as running, telegram_town(enforce_rate=True) as telegram:
        walk = Walk(running, folder, embedder, telegram=telegram, nell=telegram.person("Nell", "nell"))
        walk.walk()
        yield walk
