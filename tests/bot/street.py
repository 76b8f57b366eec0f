"""Nell's street: her bot on Telegram, and her Magpie, which can be started anew."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
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
    village: Village = field(default_factory=Village)
    made: list[Magpie] = field(default_factory=list)

    @property
    def magpie(self) -> Magpie:
        return self.made[-1]

    def begin(self) -> Magpie:
        for one in self.made[-1:]:
            one.close()
        table = {"kind": "telegram", "base_url": self.town.url, "owner_id": self.nell.id, "timeout": 1}
        tables: dict[str, Any] = {"owner": {"handle": OWNER}, "model": {"kind": "none"}, "digest": {"floor": -100}}
        settings = parse({**tables, "data": str(self.data), "channel": table})
        hidden = Secrets(telegram_token=SecretStr(self.town.token), _env_file=None)  # type: ignore[call-arg]
        plain = Magpie(settings.model_copy(update={"secrets": hidden}))
        channel: Any = replace(plain.channel, sleep=lambda seconds: None)  # type: ignore[type-var]
        parts: dict[str, Any] = {
            "given_sources": [self.village],
            "given_embedder": HashedWords(dim=2048),
            "given_web": None,
        }
        parts["alone"] = False  # the exact index: quicker to begin than Chroma
        self.made.append(replace(plain, given_channel=channel, **parts))
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
