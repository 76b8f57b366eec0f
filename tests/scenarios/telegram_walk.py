"""Two evenings of Nell's Magpie, which reads on a running mastodon_mock and talks on Telegram."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.build import Magpie
from bot.channels import telegram as channels
from config.errors import ChannelError
from memory.embedding import Embedder
from memory.records import Digest, Entry
from tests.scenarios.town import Town, town
from tests.scenarios.two_days import FIRST_DAY, PEOPLE, before, first_day, second_day
from tests.telegram import faults
from tests.telegram.messages import Message, Query
from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town as Telegram

CHANNEL = "telegram"
LONG: dict[str, Any] = {"entries": 12, "explore": 1, "floor": -100}  # so that it does not hang on a point what is told
SHORT: dict[str, Any] = {"entries": 6, "explore": 1, "floor": -100}  # so that there is something to choose
WHOLE: dict[str, Any] = {"entries": 30, "explore": 0, "floor": -100}
SIX = (datetime.now(UTC) - timedelta(days=5)).replace(hour=18, minute=0, second=0, microsecond=0)
SOON, LATE, TOMORROW = SIX + timedelta(minutes=2), SIX + timedelta(minutes=40), SIX + timedelta(days=1)


@dataclass
class Walk:
    """The two days as they go on, and what they leave behind."""

    town: Town
    telegram: Telegram
    nell: User
    folder: Path
    embedder: Embedder
    first: dict[str, Entry] = field(default_factory=dict)  # told on the first day: name of the lead → entry
    second: dict[str, Entry] = field(default_factory=dict)
    unsaid: str = ""  # the name of what was deleted when its message waited already
    meh: str = ""  # the name of what Nell dislikes by its number
    saved: Message | None = None  # the emoji with which Nell has saved an entry
    asked: Message | None = None
    pressed: list[Query] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    with_feedback: list[str] = field(default_factory=list)  # names of the second day, by score
    without: list[str] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)  # all that the bot has said to Nell
    heads: list[str] = field(default_factory=list)

    def it_is(self, moment: datetime) -> None:
        """On both servers."""
        self.town.it_is(moment)
        self.telegram.it_is(moment)

    def magpie(self, twin: bool = False, digest: dict[str, Any] | None = None) -> Magpie:
        """Magpie, started anew. The twin has read and told the same, and has heard nothing."""
        folder = self.folder / ("twin" if twin else "data")
        settings = {"owner_id": self.nell.id, "base_url": self.telegram.url}
        channel = channels.build(settings, {channels.TOKEN: SecretStr(self.telegram.token)})
        unhurried = replace(channel, now=self.town.now, sleep=lambda seconds: self.telegram.later(seconds=seconds))
        return replace(self.town.magpie(folder, self.embedder, digest=digest or LONG), given_channel=unhurried)

    def names(self, digest: Digest) -> dict[str, Entry]:
        """Its entries by what the posts that lead them are called."""
        return {self.town.names[entry.lead]: entry for entry in digest.entries}

    def message_of(self, name: str) -> Message:
        """The message that tells of an entry of the first day."""
        begins = re.compile(rf"^{self.first[name].number} · ", re.M)  # a warning may come before
        return next(one for one in self.telegram.said(self.nell) if begins.search(one.text))

    def first_evening(self) -> None:
        """A digest is made; Telegram is down, a post is deleted, another was edited; then it is delivered."""
        magpie = self.magpie()
        magpie.collector.collect(magpie.sources)
        edited = FIRST_DAY["tide"][1].replace("31 mega", "29 mega")
        self.town.client("lucia").status_update(self.town.ids["tide"], edited)
        self.first = self.names(magpie.editor.digest(CHANNEL))
        self.telegram.faults.add("sendMessage", faults.gateway(), times=5)
        with pytest.raises(ChannelError):
            magpie.postman.deliver()
        self.telegram.faults.clear()
        may_go = ("goal", "quorum", "soup", "library")
        self.unsaid, self.meh = [name for name in reversed(self.first) if name in may_go][:2]
        self.town.client(FIRST_DAY[self.unsaid][0]).status_delete(self.town.ids[self.unsaid])
        self.it_is(LATE)
        self.magpie().postman.deliver()
        self.heads.append(self.telegram.said(self.nell)[1].text)  # after the help that START has brought
        shutil.copytree(self.folder / "data", self.folder / "twin")

    def strangers(self) -> None:
        """Others try what only Nell may do: in their own chats, and in a group that they take the bot into."""
        vance, square = self.telegram.person("Vance", "vance"), self.telegram.group("The square")
        vance.starts()
        for words in ("1 👎", "/mute @odile", "/digest"):
            vance.says(words)
        vance.adds_bot_to(square)
        vance.says("/digest", chat=square)

    def answers(self) -> None:
        """Nell answers in each way that there is: by a button, a reaction, an emoji in reply, and by number."""
        self.strangers()
        self.pressed = [self.nell.presses(self.message_of("swarm"), "👍")]
        self.nell.reacts(self.message_of("coin"), "👎")
        self.saved = self.nell.says("🔖", reply_to=self.message_of("ward"))
        self.nell.says(f"{self.first[self.meh].number} 👎")
        self.asked = self.nell.says("/why 1")
        magpie = self.magpie()
        self.heard = [magpie.hear(), magpie.hear(), self.magpie().hear()]

    def second_evening(self) -> None:
        """The next digest, and what it would have been without Nell's answers."""
        for twin, found in ((True, self.without), (False, self.with_feedback)):
            magpie = self.magpie(twin, WHOLE)
            magpie.collector.collect(magpie.sources)
            entries = magpie.editor.preview(CHANNEL).entries
            found += [self.town.names[e.lead] for e in sorted(entries, key=lambda entry: -entry.score)]
        magpie, said = self.magpie(digest=SHORT), len(self.telegram.said(self.nell))
        self.second = self.names(magpie.editor.digest(CHANNEL))
        magpie.postman.deliver()
        self.said = self.telegram.said(self.nell)
        self.heads.append(self.said[said].text)


@contextmanager
def two_days(folder: Path, embedder: Embedder) -> Iterator[Walk]:
    """All of it, on two running servers."""
    with town(folder, PEOPLE) as running, telegram_town(enforce_rate=True) as telegram:
        nell = telegram.person("Nell", "nell")
        walk = Walk(running, telegram, nell, folder, embedder)
        walk.it_is(SIX - timedelta(days=2))
        before(running)
        walk.it_is(SIX)
        nell.starts()
        walk.magpie().hear()
        first_day(running)
        walk.it_is(SOON)
        walk.first_evening()
        walk.answers()
        walk.it_is(TOMORROW)
        second_day(running)
        walk.second_evening()
        yield walk
