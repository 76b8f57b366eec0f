"""What is to be said, said once: from the store's outbox to a channel, in order, and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.channels import Channel, Past
from bot.meant import ASTRAY
from config.errors import ChannelError, DoubtfulSendError, RefusedSendError
from memory.records import Entry, Evidence, Message, Outgoing
from memory.store import Memory, Store
from memory.store.outbox import Queued

LATE = timedelta(minutes=5)
GIVEN_UP = "given up"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Postman:
    """Delivers what waits for one channel. A channel is told what is in doubt, so that it says only what is missing.

    ``look_again`` is told Item.uris that have waited for long: it takes back what was deleted meanwhile.
    """

    store: Store
    channel: Channel
    now: Callable[[], datetime]
    look_again: Callable[[Collection[str]], object] = lambda uris: None
    may_speak: Callable[[datetime], bool] = lambda at: True  # unasked, then

    def deliver(self) -> int:
        """Say everything that waits, and return how many messages were said.

        Stops at the first that cannot be said, so that order holds: a thread does not go on after a missing part.
        Raises ChannelError; what is left waits for the next time, under the same key.
        """
        waiting = self._waiting()
        if late := self._told_late(waiting):
            self.look_again(late)
        return sum(self._deliver(queued) for queued in waiting)

    def _waiting(self) -> list[Queued]:
        """In quiet hours without digests, but for those that were asked for in them, or of which a part was said."""
        with self.store.begin() as memory:
            waiting = memory.outbox.waiting(self.channel.name)
        if self.may_speak(self.now()):
            return waiting
        with self.store.begin() as memory:
            begun = {queued.id for queued in waiting if memory.outbox.platform_id(self.channel.name, queued.after)}
        return [
            queued
            for queued in waiting
            if queued.id in begun or not queued.out.key.startswith("digest/") or not self.may_speak(queued.queued_at)
        ]

    def _told_late(self, waiting: Sequence[Queued]) -> set[str]:
        """What the messages tell of that could not be said soon after they were made."""
        late = {queued.entry_id for queued in waiting if queued.entry_id and self.now() - queued.queued_at > LATE}
        with self.store.begin() as memory:
            entries = [memory.digests.entry(number) for number in late]
        return {uri for entry in entries if entry for uri in entry.items}

    def _deliver(self, queued: Queued) -> bool:
        with self.store.begin() as memory:
            if not memory.outbox.still_open(queued.id):  # cancelled since: its post was deleted
                return False
            parent = memory.outbox.platform_id(self.channel.name, queued.after) if queued.after else ""
            memory.outbox.settle(queued.id, "sending", self.now())
        out = replace(queued.out, reply_to=parent or queued.out.reply_to)
        try:
            parts = self.channel.send(out, self._past(queued))
        except ChannelError as error:
            state = self._state(error, queued.in_doubt)
            with self.store.begin() as memory:
                memory.outbox.settle(queued.id, state, self.now(), error=str(error))
            log.warning("event=not_delivered key=%s state=%s cause=%r", out.key, state, str(error))
            if state == GIVEN_UP:
                return False
            raise
        self._record(queued, out, parts)
        return True

    @staticmethod
    def _state(error: ChannelError, in_doubt: bool) -> str:
        """What is refused for good is given up: it must not block all that comes after it. A doubt stays one."""
        if isinstance(error, RefusedSendError):
            return GIVEN_UP
        return "doubtful" if in_doubt or isinstance(error, DoubtfulSendError) else "failed"

    def _past(self, queued: Queued) -> Past:
        def said() -> frozenset[str]:
            with self.store.begin() as memory:
                return memory.messages.said(self.channel.name)

        def alone() -> bool:
            with self.store.begin() as memory:
                astray = memory.outbox.astray(self.channel.name, self.now() - ASTRAY)
            return {one.id for one in astray} <= {queued.id}

        return Past(queued.tried_at, queued.settled_at, said, queued.in_doubt, alone)

    def _record(self, queued: Queued, out: Outgoing, parts: Sequence[str]) -> None:
        """It was said: the message is kept (its words with the first part), and what it told of is seen, at once."""
        at = self.now()
        words = out.text
        with self.store.begin() as memory:
            if not memory.outbox.still_open(queued.id):  # its post was deleted while it was being said
                words = ""
            memory.outbox.settle(queued.id, "sent", at, parts[0])
            said = Message(self.channel.name, words, at, parts[0], out.reply_to, incoming=False)
            further = [replace(said, text="", platform_id=part, reply_to=parts[0]) for part in parts[1:]]
            for message in (said, *further):
                memory.messages.add(message, queued.entry_id, queued.digest_id)
            entry = memory.digests.entry(queued.entry_id) if queued.entry_id else None
            entries = [entry] if entry else self._compact(memory, queued)
            for item in memory.items.all({uri for e in entries for uri in e.items}).values():
                memory.seen.add_item(item, at, Evidence.DELIVERED)

    @staticmethod
    def _compact(memory: Memory, queued: Queued) -> list[Entry]:
        """A message of a digest that is not of one entry tells of all of them, in the compact form."""
        if queued.digest_id is None or "/compact" not in queued.out.key:
            return []
        near = memory.digests.since(queued.queued_at - LATE)  # it was queued as soon as it was made
        return [entry for digest in near if digest.id == queued.digest_id for entry in digest.entries]
