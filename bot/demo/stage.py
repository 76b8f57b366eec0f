"""Where the demo plays: in the terminal, with everything real but the network."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

from bot.build import Magpie
from bot.channels.terminal import TerminalChannel
from config.settings import Settings, parse
from memory.embedding import KeptEmbedder, SentenceEmbedder
from memory.records import Message
from tools.sources.sample import SampleSource
from tools.sources.sample_network import Network, SampleWeb

WISHES = "more on rail and bees, no crypto"


class Stage(Protocol):
    """What the play needs of the place that it is played in."""

    @property
    def magpie(self) -> Magpie:
        """The Magpie that is shown."""
        ...

    @property
    def network(self) -> Network:
        """The sample, and with it what its owner really wants."""
        ...

    def day(self, number: int) -> datetime:
        """It is the evening of that day of the sample; returns the instant."""
        ...

    def deliver(self) -> None:
        """Magpie says what waits, and the owner reads it."""
        ...

    def say(self, words: str) -> None:
        """The owner says something; Magpie answers."""
        ...


def settings(folder: Path, model: str, handle: str, **tables: Any) -> Settings:
    """The settings of the sample's owner."""
    owner = {"handle": handle, "time_zone": "Europe/London", "interests": WISHES}
    return parse({"owner": owner, "data": str(folder / "data"), "model": {"kind": model}, **tables})


def embedder(folder: Path) -> KeptEmbedder:
    """The shipped embedding model; what it has said of the sample is kept from run to run."""
    return KeptEmbedder(SentenceEmbedder(), folder / "embeddings.npz")


@dataclass
class TerminalStage:
    """The sample as a source, the terminal as the channel, and a clock that the play moves."""

    folder: Path
    channel: TerminalChannel
    model: str = "none"
    network: Network = field(default_factory=Network)
    _now: datetime = field(init=False)

    def __post_init__(self) -> None:
        """The play begins when the sample does."""
        self._now = self.network.first_day

    @cached_property
    def magpie(self) -> Magpie:
        """Magpie, wired as ever but for where its posts come from."""
        return Magpie(
            settings(self.folder, self.model, self.network.handle(self.network.owner)),
            now=lambda: self._now,
            given_sources=[SampleSource(lambda: self._now, self.network)],
            given_channel=self.channel,
            given_embedder=embedder(self.folder),
            given_web=SampleWeb(),
        )

    def day(self, number: int) -> datetime:
        """It is the evening of that day."""
        self._now = self.network.instant(f"{number} 18:00")
        return self._now

    def deliver(self) -> None:
        """Printed as it is said."""
        self.magpie.speak()

    def say(self, words: str) -> None:
        """A line as if it were typed, a minute later."""
        self._now += timedelta(minutes=1)
        number = f"{self._now:%d%H%M}"
        self.magpie.home.take([Message(self.channel.name, words, self._now, platform_id=f"demo-{number}")])
