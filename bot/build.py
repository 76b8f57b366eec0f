"""The composition root: Settings → everything wired. Nobody else reads Settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agents.digest import Desk
from agents.gathering import Reading
from agents.interests import parse_interests
from agents.summaries import Summariser
from agents.vocabulary import FUNCTION_WORDS
from bot.channels import Channel
from bot.feedback import emoji_map
from bot.jobs.collect import Collector, Progress
from bot.jobs.digest import Editor
from bot.outbox import Postman
from bot.router import Router
from config.errors import ConfigError
from config.settings import Plugged, Settings
from memory.embedding import Embedder, SentenceEmbedder
from memory.index import ChromaIndex, VectorIndex
from memory.records import Consent
from memory.search import Archive
from memory.store import Memory, Store
from memory.store.runs import ModelCall
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

    @cached_property
    def store(self) -> Store:
        """The memory; wishes in the settings are part of it from now on."""
        store = Store.open(self.settings.data / "magpie.db", self.settings.owner.handle)
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
        """The vector index."""
        return ChromaIndex(self.settings.data / "chroma", self.settings.owner.handle, self.embedder.name)

    @cached_property
    def sources(self) -> Sequence[Source]:
        """The sources of magpie.toml. Raises ConfigError."""
        if self.given_sources is not None:
            return self.given_sources
        if not self.settings.sources:
            raise ConfigError("magpie.toml names no [[sources]]: add one, as the README shows.")
        secrets = {"token": self.settings.secrets.owner_token}
        return [_plugged("tools.sources", self._without_speaker(table), secrets) for table in self.settings.sources]

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
        secrets = {"mastodon_bot_token": self.settings.secrets.bot_token}
        channel: Channel = _plugged("bot.channels", self.settings.channel, secrets, self.settings.owner.handle)
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

    @property
    def editor(self) -> Editor:
        """The job that makes digests."""
        chosen = self.settings.digest
        desk = Desk(self.reading, chosen.entries, chosen.explore, chosen.floor, is_general, gaps=self._gaps)
        if self.summariser is not None:
            desk = replace(desk, summarise=self.summariser)
        return Editor(
            self.store,
            desk,
            self.collector,
            self.sources,
            self.settings.data / "checkpoints.db",
            chosen,
            self.settings.owner.zone,
            self.now,
            private_words=chosen.quote_followers_only or self.settings.channel.kind == "terminal",
        )

    @cached_property
    def summariser(self) -> Summariser | None:
        """The chat model's part in a digest; None without a model."""
        from agents.models import build

        model = build(self.settings.model.kind, _model_options(self.settings.model), self.settings.data / "models")
        budget = float(self.settings.model.options.get("seconds_a_digest", 60))
        if model is None:
            return None
        return Summariser(model, model.get_name(), self._keep_call, self.now, self._noai, budget)

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
            self.settings.owner.zone,
            self.now,
            self.model_name,
        )

    @property
    def postman(self) -> Postman:
        """What says what waits."""
        return Postman(self.store, self.channel, self.now, self._look_again)

    @property
    def model_name(self) -> str:
        """The model by the name that the owner gave it."""
        kind = self.settings.model.kind
        name = self.settings.model.options.get("name", "the small one that is shipped" if kind == "local" else "")
        return "none, words are quoted as they are" if kind == "none" else f"{kind}, {name}".rstrip(", ")

    def _look_again(self, uris: Collection[str]) -> None:
        self.editor.look_again(uris)

    def _gaps(self) -> list[Any]:
        with self.store.begin() as memory:
            return list(memory.sources.untold_gaps())

    def _noai(self) -> frozenset[str]:
        with self.store.begin() as memory:
            return frozenset(uri for uri, account in memory.accounts.all().items() if Consent.NOAI in account.asks)

    def _keep_call(self, call: ModelCall) -> None:
        with self.store.begin() as memory:
            memory.runs.log_call(call)

    def hear(self) -> int:
        """Listen once, handle what is new, say what waits; returns how many events were new. Raises ChannelError."""
        router = self.router
        new = router.handle(self.channel.listen(router.cursor()))
        self.postman.deliver()
        return new


def _model_options(table: Plugged) -> Mapping[str, Any]:
    return {key: value for key, value in table.options.items() if key != "seconds_a_digest"}


def _plugged(package: str, table: Plugged, secrets: Mapping[str, SecretStr], *more: str) -> Any:
    """The module that ``kind`` names builds the part from the rest of its table."""
    folder = Path(__file__).parent.parent / package.replace(".", "/")
    kinds = sorted(path.stem for path in folder.glob("*.py") if "\ndef build(" in path.read_text("utf-8"))
    if table.kind not in kinds:
        raise ConfigError(
            f"magpie.toml: there is nothing of the kind {table.kind!r} in {package}; there are: {', '.join(kinds)}."
        )
    return import_module(f"{package}.{table.kind}").build(table.options, secrets, *more)
