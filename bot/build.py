"""The composition root: Settings → everything wired. Nobody else reads Settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from agents.digest import Desk
from agents.gathering import Reading
from agents.vocabulary import FUNCTION_WORDS
from bot.channels import Channel, Closes
from bot.channels.terminal import TerminalChannel
from bot.commands import Asked, status
from bot.feedback import emoji_map
from bot.jobs.answer import Answerer
from bot.jobs.collect import Collector, Progress
from bot.jobs.digest import Editor
from bot.jobs.due import Due
from bot.jobs.replay import Player
from bot.jobs.tidy import tidy_up
from bot.mind import Mind
from bot.outbox import Postman
from bot.plugs import of_kind, on_telegram, plugged, without_speaker
from bot.reading_list import linked_articles
from bot.router import Router
from bot.speaking import Speaker
from bot.study import answerer
from bot.timetable import Timetable
from bot.wishes import take_wishes
from config.errors import ConfigError
from config.settings import Plugged, Settings
from config.tokens import Role, Tokens
from memory.embedding import Embedder, SentenceEmbedder
from memory.exact import ExactIndex
from memory.index import ChromaIndex, VectorIndex, bring_up_to_date
from memory.keeping.backup import INDEX, MEMORY
from memory.keeping.health import WatchedIndex
from memory.records import Message, Reaction
from memory.search import Archive
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
    _mouth: Lock = field(default_factory=Lock, init=False)

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

    def _token(self, role: Role, table: Plugged) -> SecretStr:
        """From the environment, else from the login on the table's server; only Mastodon is asked for one."""
        secrets = self.settings.secrets
        given = secrets.owner_token if role == "owner" else secrets.bot_token
        if given.get_secret_value().strip() or table.kind != "mastodon":
            return given
        return self.tokens.token(role, str(table.options.get("instance", "")))

    @cached_property
    def sources(self) -> Sequence[Source]:
        """The sources of magpie.toml. Raises ConfigError."""
        if self.given_sources is not None:
            return self.given_sources
        if not self.settings.sources:
            raise ConfigError("magpie.toml names no [[sources]]: add one, as the README shows.")
        tables = [without_speaker(table, self.settings.channel) for table in self.settings.sources]
        known = [of_kind(t, self.settings.secrets) or {"token": self._token("owner", t)} for t in tables]
        return [*map(partial(plugged, "tools.sources"), tables, known), *linked_articles(self)]

    @cached_property
    def channel(self) -> Channel:
        """The channel of magpie.toml. Raises ConfigError."""
        if self.given_channel is not None:
            return self.given_channel
        table, secrets = on_telegram(self.settings.channel, self.tokens, self.settings.secrets.telegram_token)
        secrets |= {"mastodon_bot_token": self._token("bot", table)}
        channel: Channel = plugged("bot.channels", table, secrets, self.settings.owner.handle)
        return channel

    @cached_property
    def collector(self) -> Collector:
        """The job that collects."""
        with self.store.begin() as memory:
            known = memory.sources.resolved()
        links = LinkResolver(self.given_web, known)
        return Collector(self.store, self.embedder, self.index, links, self.now, self.progress)

    @property
    def reading(self) -> Reading:
        """How the graph reads memory. The owner's own account is known once something was collected."""
        owner = self.settings.owner
        with self.store.begin() as memory:
            account = memory.accounts.by_handle(owner.handle)
        languages = frozenset(language[:2] for language in owner.languages)
        uri = account.uri if account else owner.handle
        return Reading(self.store, self.embedder, uri, languages, self.settings.digest.home_marker)

    @cached_property
    def timetable(self) -> Timetable:
        """When digests are wanted in this channel."""
        given, chosen = self.given_channel, self.settings  # the channel itself may want a login
        return Timetable(given.name if given else chosen.channel.kind, chosen.schedule, chosen.owner.zone)

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
        )

    @property
    def desk(self) -> Desk:
        """What the nodes of the digest graph work with."""
        chosen = self.settings.digest
        desk = Desk(self.reading, chosen.entries, chosen.explore, chosen.floor, is_general, gaps=self._gaps)
        return desk if self.mind.summariser is None else replace(desk, summarise=self.mind.summariser)

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
        return Archive(self.store, self.embedder, self.index, FUNCTION_WORDS)

    @property
    def router(self) -> Router:
        """What hears the owner."""
        return Router(
            self.store,
            self.channel.name,
            self.reading,
            self.editor,
            self.index,
            emoji_map(self.settings.feedback),
            self.now,
            self.mind.name,
            self.timetable,
        )

    @cached_property
    def answerer(self) -> Answerer:
        """The job that answers questions."""
        return answerer(self)

    @property
    def private_words(self) -> bool:
        """Whether the channel may hear words of posts for followers only."""
        return self.settings.digest.quote_followers_only or not self.remote

    @property
    def postman(self) -> Postman:
        """What says what waits."""
        may_speak = self.due.may_speak if self.remote else lambda at: True
        look_again = lambda uris: self.editor.look_again(uris)  # noqa: E731, PLW0108 - built when it is needed
        return Postman(self.store, self.channel, self.now, look_again, may_speak)

    def _gaps(self) -> list[Any]:
        with self.store.begin() as memory:
            return list(memory.sources.untold_gaps())

    @property
    def remote(self) -> bool:
        """Whether the channel is one in which Magpie speaks and hears by itself, not a terminal somebody sits at."""
        return self.settings.channel.kind != "terminal" and not isinstance(self.given_channel, TerminalChannel)

    def listen(self) -> int:
        """Hear once what is new and decide on the answers; returns how many events were new. Raises ChannelError."""
        router = self.router
        return router.handle(self.channel.listen(router.cursor()))

    def hear(self) -> int:
        """Listen once, say what waits, and answer what was asked. Raises ChannelError."""
        return self.take(self.channel.listen(self.router.cursor()))

    def take(self, events: Iterable[Message | Reaction]) -> int:
        """As if these had been heard; returns how many were new. Raises ChannelError."""
        new = self.router.handle(events)
        self.answer()
        return new

    def answer(self) -> None:
        """Say what waits, and answer one question after another, each at once. Raises ChannelError."""
        self.speak()
        while self.answerer.answer_next():
            self.speak()

    def speak(self) -> int:
        """Say what waits, one at a time, and return how many messages were said. Raises ChannelError."""
        with self._mouth:
            return self.postman.deliver()

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
        """Let go of the files, and of the channel's connections."""
        channel = self.__dict__.get("channel")
        if isinstance(channel, Closes):
            channel.close()
        self.store.close()
