"""The composition root: Settings → everything wired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agents.chaff import Sieve, sieve
from agents.digest import Desk
from agents.gathering import Reading
from agents.presets import exploring, weights
from agents.vocabulary import FUNCTION_WORDS
from bot.channels import Channel
from bot.commands import Asked, status
from bot.effects import Felt
from bot.jobs.collect import Collector, Progress
from bot.jobs.digest import Editor
from bot.jobs.due import Due
from bot.jobs.replay import Player
from bot.jobs.tidy import tidy_up
from bot.mind import Mind
from bot.parlour import Parlour
from bot.plugs import sources_of
from bot.reading_list import linked_articles
from bot.speaking import Speaker
from bot.timetable import Timetable
from bot.wishes import take_wishes
from config.errors import ChannelError
from config.settings import Settings
from config.tokens import Tokens
from memory.embedding import Embedder, SentenceEmbedder
from memory.exact import ExactIndex
from memory.index import ChromaIndex, VectorIndex, bring_up_to_date
from memory.keeping.backup import INDEX, MEMORY
from memory.keeping.health import WatchedIndex
from memory.reranking import CrossEncoderReranker
from memory.search import Archive, Reranker
from memory.store import Store
from tools.links import LinkResolver, is_general
from tools.sources import Source
from tools.web import GuardedWeb, Web


def machine_clock() -> datetime:
    """The instant it is, by this machine."""
    return datetime.now(UTC)


@dataclass
class Magpie:
    """One owner's Magpie. Every part is built when it is first needed; any can be given instead."""

    settings: Settings
    now: Callable[[], datetime] = machine_clock
    progress: Progress = lambda what, done: None
    given_sources: Sequence[Source] | None = None
    given_channel: Channel | None = None
    given_embedder: Embedder | None = None
    given_web: Web | None = field(default_factory=GuardedWeb)
    alone: bool = True  # this process holds the data folder: nobody else may open the vector index
    after_crash: bool = False  # whoever held it before has not come to an end
    ending: Callable[[], bool] = lambda: False  # whether it was told to stop

    @cached_property
    def store(self) -> Store:
        """The memory; wishes in the settings are part of it from now on."""
        path, owner = self.settings.data / MEMORY, self.settings.owner.handle
        store = Store.open(path, owner, doubtful=self.after_crash, alone=self.alone)
        with store.begin() as memory:
            take_wishes(memory, self.settings.owner.interests, self.now())
        return store

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model."""
        chosen = self.settings.embedding
        return self.given_embedder or SentenceEmbedder(chosen.name, chosen.threads)

    @cached_property
    def index(self) -> VectorIndex:
        """The vector index; beside another Magpie, the exact answer of the store."""
        owner, model = self.settings.owner.handle, self.embedder.name
        if not self.alone:
            return ExactIndex(self.store, model)
        return WatchedIndex(self.store, ChromaIndex(self.settings.data / INDEX, owner, model))

    @cached_property
    def tokens(self) -> Tokens:
        """The logins."""
        return Tokens(self.settings.data, self.settings.owner.handle)

    @cached_property
    def sources(self) -> Sequence[Source]:
        """The sources of magpie.toml. Raises ConfigError."""
        if self.given_sources is not None:
            return self.given_sources
        chosen = self.settings
        return [
            *sources_of(chosen.sources, chosen.places, dict(chosen.secrets), self.tokens),
            *linked_articles(self),
        ]

    @cached_property
    def parlours(self) -> tuple[Parlour, ...]:
        """Where Magpie and its owner talk, each in a channel of its own."""
        if self.given_channel is not None:
            return (Parlour(self, self.settings.places[0], self.given_channel),)
        return tuple(Parlour(self, table) for table in self.settings.places)

    @property
    def home(self) -> Parlour:
        """The first of them: digests are kept under its name."""
        return self.parlours[0]

    @property
    def channel(self) -> Channel:
        """The channel at home. Raises ConfigError."""
        return self.home.channel

    @cached_property
    def collector(self) -> Collector:
        """The job that collects."""
        with self.store.begin() as memory:
            known = memory.sources.resolved()
        links = LinkResolver(self.given_web, known)
        sift = self._sieve if self.settings.archive.sift else None
        return Collector(self.store, self.embedder, self.index, links, self.now, self.progress, sift=sift)

    def _sieve(self) -> Sieve:
        with self.store.begin() as memory:
            return sieve(memory, self.now())

    @property
    def reading(self) -> Reading:
        """How the graph reads memory. The owner's own account is known once something was collected."""
        owner = self.settings.owner
        with self.store.begin() as memory:
            account = memory.accounts.by_handle(owner.handle)
        languages = frozenset(language[:2] for language in owner.languages)
        uri = account.uri if account else owner.handle
        chosen = self.settings.digest
        weighed = weights(chosen.preset, chosen.discovery)
        return Reading(self.store, self.embedder, uri, languages, chosen.home_marker, weights=weighed)

    @cached_property
    def timetable(self) -> Timetable:
        """When digests are wanted."""
        return Timetable(self.home.name, self.settings.schedule, self.settings.owner.zone)

    @cached_property
    def due(self) -> Due:
        """The job that has made what the timetable wants."""
        silent = self.settings.schedule.when_empty == "silent"
        return Due(self.store, lambda: replace(self.editor, silent=silent), self.timetable, self.now)

    @property
    def zone(self) -> ZoneInfo:
        """Where the owner is, as far as the chat was told, else at home."""
        with self.store.begin() as memory:
            return self.timetable.schedule(memory).zone

    @property
    def editor(self) -> Editor:
        """The job that makes digests."""
        chosen = self.settings.digest
        return Editor(
            self.store,
            self.desk,
            self.collector,
            self.sources,
            self.checkpoints,
            chosen,
            self.zone,
            self.now,
            private_words=self.private_words,
            troubles=self.mind.troubles,
            places=tuple(parlour.name for parlour in self.parlours),
        )

    @property
    def desk(self) -> Desk:
        """What the nodes of the digest graph work with."""
        chosen = self.settings.digest
        explore = exploring(chosen.entries, chosen.explore, chosen.preset, chosen.discovery)
        desk = Desk(self.reading, chosen.entries, explore, chosen.floor, is_general, gaps=self._gaps)
        return self.mind.at(desk, chosen)

    @property
    def checkpoints(self) -> Path:
        """The file from which runs are gone on with and replayed."""
        return self.settings.data / "checkpoints.db"

    @property
    def player(self) -> Player:
        """What replays runs."""
        return Player(self.store, self.desk, self.checkpoints, self.now)

    @cached_property
    def mind(self) -> Mind:
        """The chat model, and its part in a digest."""
        settings = self.settings
        return Mind(settings.model, settings.data / "models", settings.secrets.model_key, lambda: self.store, self.now)

    @property
    def archive(self) -> Archive:
        """The searchable archive."""
        return Archive(self.store, self.embedder, self.index, FUNCTION_WORDS, rerank=self.reranker)

    @cached_property
    def reranker(self) -> Reranker | None:
        """What reads the best passages once more; None where the settings name none."""
        name = self.settings.embedding.reranker
        return CrossEncoderReranker(name) if name else None

    @property
    def private_words(self) -> bool:
        """Whether the channel may hear words of posts for followers only."""
        return self.settings.digest.quote_followers_only or not self.remote

    def _gaps(self) -> list[Any]:
        with self.store.begin() as memory:
            return list(memory.sources.untold_gaps())

    @property
    def remote(self) -> bool:
        """Whether there is a channel in which Magpie speaks and hears by itself."""
        return any(parlour.remote for parlour in self.parlours)

    def hear(self) -> int:
        """Listen once everywhere, say what waits, and answer what was asked. Raises ChannelError."""
        return self._everywhere(Parlour.hear)

    def speak(self) -> int:
        """Say what waits anywhere, and return how many messages were said. Raises ChannelError."""
        return self._everywhere(Parlour.speak)

    def show(self, felts: Sequence[Felt]) -> None:
        """What was felt in one channel is marked in all that can show it."""
        for parlour in self.parlours:
            parlour.show(felts)

    def _everywhere(self, doing: Callable[[Parlour], int]) -> int:
        """A channel that is away keeps Magpie from no other."""
        done, away = 0, list[ChannelError]()
        for parlour in self.parlours:
            try:
                done += doing(parlour)
            except ChannelError as error:
                away.append(error)
        if away:
            raise away[0]
        return done

    def status(self) -> str:
        """How it is, in four lines."""
        with self.store.begin() as memory:
            speaker, now = Speaker({}, {}, self.settings.owner.zone), self.now()
            asked = Asked(memory, speaker, "", None, now, "status", "", self.mind.name, self.timetable)
            return status(asked).text

    def mend(self) -> None:
        """Look closely at the vector index after a crash, and bring it up to date; queries are answered meanwhile."""
        bring_up_to_date(self.store, self.index, self.embedder.name)

    def tidy(self) -> None:
        """What has served its time goes, what was forgotten goes from all files, and a backup is made."""
        tidy_up(self)

    def close(self) -> None:
        """Let go of the files, and of the channels' connections."""
        for parlour in self.parlours:
            parlour.close()
        self.store.close()
