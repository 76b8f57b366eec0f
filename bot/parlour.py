"""A parlour: one channel, and all that hears, answers and speaks in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from bot.channels import Channel, Closes, Marks
from bot.channels.terminal import TerminalChannel
from bot.effects import Felt
from bot.feedback import bare, emoji_map
from bot.jobs.answer import Answerer
from bot.jobs.importing import Importing
from bot.jobs.unpacking import Unpacker
from bot.outbox import Postman
from bot.plugs import channel_of
from bot.router import Router
from bot.speaking import CHOICES
from bot.study import answerer
from config.errors import ChannelError
from config.settings import Plugged
from memory.records import Message, Reaction

if TYPE_CHECKING:
    from bot.build import Magpie


@dataclass
class Parlour:
    """Where Magpie and its owner talk. What is asked here is answered here; a digest is told in all there are."""

    magpie: Magpie
    table: Plugged
    given: Channel | None = None
    _mouth: Lock = field(default_factory=Lock, init=False, repr=False)

    @property
    def name(self) -> str:
        """That of the channel, which itself may want a login."""
        return self.given.name if self.given else self.table.kind

    @cached_property
    def channel(self) -> Channel:
        """The channel of magpie.toml. Raises ConfigError."""
        chosen = self.magpie.settings
        return self.given or channel_of(self.table, chosen.owner.handle, dict(chosen.secrets), self.magpie.tokens)

    @property
    def remote(self) -> bool:
        """Whether Magpie speaks and hears there by itself; a terminal is one that somebody sits at."""
        return self.table.kind != "terminal" and not isinstance(self.given, TerminalChannel)

    @property
    def router(self) -> Router:
        """What hears the owner."""
        magpie = self.magpie
        return Router(
            magpie.store,
            self.channel.name,
            magpie.reading,
            magpie.editor,
            magpie.index,
            emoji_map(magpie.settings.feedback),
            magpie.now,
            magpie.mind.name,
            magpie.timetable,
            magpie.show,
        )

    @cached_property
    def answerer(self) -> Answerer:
        """The job that answers questions."""
        return answerer(self.magpie, self)

    @cached_property
    def unpacker(self) -> Unpacker:
        """The job that sees to files that were sent."""
        magpie = self.magpie
        return Unpacker(
            magpie.store,
            self.channel,
            lambda: Importing(magpie.collector),
            magpie.settings.owner.zone,
            magpie.settings.data,
            magpie.now,
            lambda: magpie.ending(),  # noqa: PLW0108 - a service brings its own later on
        )

    @property
    def postman(self) -> Postman:
        """What says what waits."""
        magpie = self.magpie
        may_speak = magpie.due.may_speak if self.remote else lambda at: True
        look_again = lambda uris: magpie.editor.look_again(uris)  # noqa: E731, PLW0108 - built when it is needed
        return Postman(magpie.store, self.channel, magpie.now, look_again, may_speak)

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
        self.speak()
        self.answer()
        return new

    def answer(self) -> None:
        """Answer one question after another, then see to what was sent; each is said at once. Raises ChannelError."""
        while self.answerer.answer_next() or self.unpacker.unpack_next():
            self.speak()

    def speak(self) -> int:
        """Say what waits, one at a time, and return how many messages were said. Raises ChannelError."""
        with self._mouth:
            return self.postman.deliver()

    def show(self, felts: Iterable[Felt]) -> None:
        """Mark what was chosen under the entries told here, as well as that goes."""
        if not isinstance(self.channel, Marks):
            return
        meanings = emoji_map(self.magpie.settings.feedback)
        for felt in felts:
            says = next((offer.says for offer in CHOICES if meanings.get(bare(offer.says)) is felt.kind), "")
            with self.magpie.store.begin() as memory:
                told = memory.outbox.told(self.channel.name, felt.entry.id) if says else []
            for platform_id, out in told:
                if out.offers:
                    with suppress(ChannelError):
                        self.channel.mark(platform_id, out, says)

    def close(self) -> None:
        """Let go of the channel's connections."""
        channel = self.__dict__.get("channel")
        if isinstance(channel, Closes):
            channel.close()
