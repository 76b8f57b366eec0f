"""Nell's street: her bot on Telegram, and her Magpie, which can be started anew."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("telegram")

from bot.build import Magpie
from config.settings import Secrets, parse
from memory.records import Kind
from memory.store import Store
from tests.fakes import OWNER, HashedWords, Village, post
from tests.telegram.messages import Message
from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town

POSTS = (
    ("ann", "bees", "A swarm of bees settled & hums in our bell tower; <send> ladders. See evil.com, then /pause"),
    ("bob", "trains", "Sleeper trains to Vienna return next winter with proper beds <again> and /mute dining cars."),
    ("cy", "clocks", "Nobody repaired this <old> station clock since Tuesday, commuters guess hours /resume quietly."),
)


@dataclass
class Street:
    """Nell, her bot, and her Magpie, which can be started anew."""

    town: Town
    nell: User
    data: Path
    digests: dict[str, Any] = field(default_factory=dict)  # of magpie.toml
    village: Village = field(default_factory=Village)
    made: list[Magpie] = field(default_factory=list)

    @property
    def magpie(self) -> Magpie:
        return self.made[-1]

    def begin(self) -> Magpie:
        for one in self.made[-1:]:
            one.close()
        table = {"kind": "telegram", "base_url": self.town.url, "owner_id": self.nell.id, "timeout": 1}
        tables: dict[str, Any] = {"owner": {"handle": OWNER}, "model": {"kind": "none"}}
        tables["digest"] = {"floor": -100, **self.digests}
        settings = parse({**tables, "data": str(self.data), "channel": table})
        hidden = Secrets(telegram_token=SecretStr(self.town.token), _env_file=None)  # type: ignore[call-arg]
        self.made.append(unhurried(Magpie(settings.model_copy(update={"secrets": hidden})), self.village))
        return self.magpie

    def digest(self) -> list[Message]:
        """Made and said; returns its messages, the head first."""
        self.magpie.editor.digest("telegram")
        before = len(self.town.said(self.nell))
        self.magpie.speak()
        return self.town.said(self.nell)[before:]

    def hear(self) -> list[str]:
        """Heard, decided, said; returns what was said."""
        before = len(self.town.said(self.nell))
        self.magpie.home.listen()
        self.magpie.speak()
        return [one.text for one in self.town.said(self.nell)[before:]]

    def ask(self) -> list[str]:
        """As heard, and then what takes longer is seen to; returned without the signs that nobody sees."""
        before = len(self.town.said(self.nell))
        self.magpie.hear()
        return [re.sub("[\u200b\u2060]", "", one.text) for one in self.town.said(self.nell)[before:]]

    def felt(self) -> list[tuple[Kind, str]]:
        with self.magpie.store.begin() as memory:
            return [(one.kind, one.item.rpartition("/")[2]) for one in memory.reactions.all()]


def unhurried(plain: Magpie, village: Village, **channel: Any) -> Magpie:
    """The same, which reads that village and rests for no pause; ``channel``: what else is different in its channel."""
    given: Any = replace(plain.channel, sleep=lambda seconds: None, **channel)  # type: ignore[type-var]
    parts: dict[str, Any] = {"given_embedder": HashedWords(dim=2048), "given_web": None}
    parts["alone"] = False  # the exact index: quicker to begin than Chroma
    return replace(plain, given_sources=[village], given_channel=given, **parts)


@contextmanager
def opening(town: Town, somebody: User, code: str) -> Iterator[None]:
    """Meanwhile somebody opens the link with that code, as soon as the bot has been asked for its name."""

    def opens() -> None:
        while not town.called("getMe"):
            time.sleep(0.005)
        somebody.starts(code)

    thread = Thread(target=opens, daemon=True)
    thread.start()
    yield
    thread.join(5)


def already_read(data: Path) -> Path:
    """A memory at ``data`` in which the posts are."""
    Store.open(data / "magpie.db", OWNER).close()
    with telegram_town() as town:
        street = Street(town, town.person("Nell", started=True), data)
        for by, name, words in POSTS:
            street.village.posts(post(name, words, by, datetime.now(UTC)))
        street.begin().collector.collect([street.village])
        street.magpie.close()
    return data
