"""The composition root: Settings → everything wired. Nobody else reads Settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from agents.digest import Desk
from agents.gathering import Reading
from agents.interests import parse_interests
from agents.vocabulary import FUNCTION_WORDS
from bot.channels import Channel
from bot.commands import Asked, status
from bot.feedback import emoji_map
from bot.jobs.checkpoints import tidy
from bot.jobs.collect import Collector, Progress
from bot.jobs.digest import Editor
from bot.jobs.due import Due
from bot.jobs.replay import Player
from bot.mind import Mind
from bot.outbox import Postman
from bot.plugs import plugged
from bot.router import Router
from bot.speaking import Speaker
from bot.timetable import Timetable
from config.errors import ConfigError
from config.settings import Plugged, Settings
from config.tokens import Role, Tokens
from memory.embedding import Embedder, SentenceEmbedder
from memory.exact import ExactIndex
from memory.index import ChromaIndex, VectorIndex, bring_up_to_date
from memory.keeping.backup import INDEX, MEMORY, back_up
from memory.keeping.backup import due as backup_due
from memory.keeping.health import WatchedIndex
from memory.search import Archive
from memory.store import Memory, Store
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

    @cached_property
    def store(self) -> Store:
        """The memory; wishes in the settings are part of it from now on."""
        path, owner = self.settings.data / MEMORY, self.settings.owner.handle
        store = Store.open(path, owner, doubtful=self.after_crash)
        with store.begin() as memory:
            self._take_wishes(memory)
        return store

    def _take_wishes(self, memory: Memory) -> None:
        """What has changed in ``interests`` since the last start counts; what was said in the chat stays."""
        words = self.settings.owner.interests
        before = memory.sources.cursor("settings").get("interests", "")
        old, new = parse_interests(before), parse_interests(words)
        for topic in old.keys() - new.keys():
            memory.rules.drop_interest(topic)
        for topic, weight in new.items():
            if old.get(topic) != weight:
                memory.rules.set_interest(topic, weight, self.now())
        memory.sources.move("settings", {"interests": words})

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
        """The two logins."""
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
        return [
            plugged("tools.sources", self._without_speaker(table), {"token": self._token("owner", table)})
            for table in self.settings.sources
        ]

    def _without_speaker(self, table: Plugged) -> Plugged:
        """A Mastodon source leaves out what Magpie itself says, and what is said to it."""
        channel = self.settings.channel
        if (table.kind, channel.kind) != ("mastodon", "mastodon"):
            return table
        handle = channel.options.get("handle")
        if not handle:
            raise ConfigError('magpie.toml: [channel] needs handle = "name@host", the account that Magpie speaks from.')
        return table.model_copy(update={"ignore": [*table.options.get("ignore", []), handle]})

    @cached_property
    def channel(self) -> Channel:
        """The channel of magpie.toml. Raises ConfigError."""
        if self.given_channel is not None:
            return self.given_channel
        table = self.settings.channel
        secrets = {"mastodon_bot_token": self._token("bot", table)}
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
        return Timetable(self.channel.name, self.settings.schedule, self.settings.owner.zone)

    @cached_property
    def due(self) -> Due:
        """The job that has made what the timetable wants."""
        return Due(self.store, lambda: self.editor, self.timetable, self.now)

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
            private_words=chosen.quote_followers_only or not self.remote,
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
            self.archive,
            emoji_map(self.settings.feedback),
            self.zone,
            self.now,
            self.mind.name,
            self.timetable,
        )

    @property
    def postman(self) -> Postman:
        """What says what waits."""
        may_speak = self.due.may_speak if self.remote else lambda at: True
        return Postman(self.store, self.channel, self.now, self._look_again, may_speak)

    def _look_again(self, uris: Collection[str]) -> None:
        self.editor.look_again(uris)

    def _gaps(self) -> list[Any]:
        with self.store.begin() as memory:
            return list(memory.sources.untold_gaps())

    @property
    def remote(self) -> bool:
        """Whether the channel is one in which Magpie speaks and hears by itself, not a terminal somebody sits at."""
        return self.settings.channel.kind != "terminal"

    def listen(self) -> int:
        """Hear once what is new and decide on the answers; returns how many events were new. Raises ChannelError."""
        router = self.router
        return router.handle(self.channel.listen(router.cursor()))

    def hear(self) -> int:
        """Listen once, and say what waits. Raises ChannelError."""
        new = self.listen()
        self.postman.deliver()
        return new

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
        """What has served its time goes (old checkpoints and steps), and a backup is made where there is room."""
        tidy(self.store, self.checkpoints, self.now())
        if backup_due(self.settings.data, self.now()):
            back_up(self.settings.data, self.now())

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()
