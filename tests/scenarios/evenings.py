"""Two evenings of Nell's Magpie: what happens on both, in whatever channel the two of them talk."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from bot.build import Magpie
from config.errors import ChannelError
from memory.embedding import Embedder
from memory.records import Digest, Entry
from tests.scenarios.town import Town
from tests.scenarios.two_days import FIRST_DAY, before, first_day, second_day

LONG: dict[str, Any] = {"entries": 12, "explore": 1, "floor": -100}  # so that it does not hang on a point what is told
SHORT: dict[str, Any] = {"entries": 6, "explore": 1, "floor": -100}  # so that there is something to choose
WHOLE: dict[str, Any] = {"entries": 30, "explore": 0, "floor": -100}
SIX = (datetime.now(UTC) - timedelta(days=5)).replace(hour=18, minute=0, second=0, microsecond=0)
SOON, LATE, TOMORROW = SIX + timedelta(minutes=2), SIX + timedelta(minutes=40), SIX + timedelta(days=1)
MAY_GO = ("goal", "quorum", "soup", "library")
"""Names of posts that nothing else in the story needs."""


@dataclass
class Evenings(ABC):
    """The two days as they go on, and what they leave behind. ``said`` is all that the bot has said to Nell."""

    town: Town
    folder: Path
    embedder: Embedder
    first: dict[str, Entry] = field(default_factory=dict)  # told on the first day: name of the lead → entry
    second: dict[str, Entry] = field(default_factory=dict)
    unsaid: str = ""  # the name of what was deleted when its message waited already
    heard: list[int] = field(default_factory=list)
    with_feedback: list[str] = field(default_factory=list)  # names of the second day, by score
    without: list[str] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    channel: ClassVar[str]

    @abstractmethod
    def told(self) -> list[Any]:
        """What the bot has said to Nell by now."""

    @abstractmethod
    def text(self, message: Any) -> str:
        """The words of such a message."""

    @abstractmethod
    def away(self) -> AbstractContextManager[object]:
        """Nothing can be said meanwhile."""

    @abstractmethod
    def answers(self) -> None:
        """Nell answers in each way that there is, and strangers try the same; ``heard`` is what came of it."""

    def it_is(self, moment: datetime) -> None:
        """On all servers."""
        self.town.it_is(moment)

    def magpie(self, twin: bool = False, digest: dict[str, Any] | None = None) -> Magpie:
        """Magpie, started anew. The twin has read and told the same, and has heard nothing."""
        return self.town.magpie(self.folder / ("twin" if twin else "data"), self.embedder, digest=digest or LONG)

    def names(self, digest: Digest) -> dict[str, Entry]:
        """Its entries by what the posts that lead them are called."""
        return {self.town.names[entry.lead]: entry for entry in digest.entries}

    def begin(self) -> None:
        """What was before the first evening."""
        self.it_is(SIX - timedelta(days=1))
        before(self.town)
        self.it_is(SIX)

    def walk(self) -> None:
        """All of it."""
        self.begin()
        first_day(self.town)
        self.it_is(SOON)
        self.first_evening()
        self.answers()
        self.it_is(TOMORROW)
        second_day(self.town)
        self.second_evening()

    def first_evening(self) -> None:
        """A digest is made; the channel is down, a post is deleted, another was edited; then it is delivered."""
        magpie, said = self.magpie(), len(self.told())
        magpie.collector.collect(magpie.sources)
        edited = FIRST_DAY["tide"][1].replace("31 mega", "29 mega")
        self.town.client("lucia").status_update(self.town.ids["tide"], edited)
        self.first = self.names(magpie.editor.digest(self.channel))
        with self.away(), pytest.raises(ChannelError):
            magpie.speak()
        self.unsaid = next(name for name in reversed(self.first) if name in MAY_GO)
        self.town.client(FIRST_DAY[self.unsaid][0]).status_delete(self.town.ids[self.unsaid])
        self.it_is(LATE)
        self.magpie().speak()
        self.heads.append(self.text(self.told()[said]))
        shutil.copytree(self.folder / "data", self.folder / "twin")

    def hear(self) -> None:
        """Twice by one Magpie, and once more by the next."""
        magpie = self.magpie()
        self.heard = [magpie.hear(), magpie.hear(), self.magpie().hear()]

    def second_evening(self) -> None:
        """The next digest, and what it would have been without Nell's answers."""
        for twin, found in ((True, self.without), (False, self.with_feedback)):
            magpie = self.magpie(twin, WHOLE)
            magpie.collector.collect(magpie.sources)
            entries = magpie.editor.preview(self.channel).entries
            found += [self.town.names[e.lead] for e in sorted(entries, key=lambda entry: -entry.score)]
        magpie, said = self.magpie(digest=SHORT), len(self.told())
        self.second = self.names(magpie.editor.digest(self.channel))
        magpie.speak()
        self.said = self.told()
        self.heads.append(self.text(self.said[said]))
