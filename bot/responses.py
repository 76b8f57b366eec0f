"""The owner's responses to what was told: an emoji, a favourite, "2 👎". Kept, and answered with what they change."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from agents.gathering import Reading
from agents.taste import Taste
from bot.effects import Felt, apply, lines
from bot.feedback import Feedback, bare
from bot.meant import REMEMBERED, digest_meant, told, which
from bot.neighbours import Neighbours
from bot.speaking import Speaker, own, say
from config.errors import StoreError
from memory.records import Entry, Kind, Message, Outgoing, Reaction
from memory.store import Memory

_HINT = "/help shows the emoji that I know."
_OPPOSED = frozenset({Kind.MORE, Kind.LESS})
KEPT = "Your feedback is kept. What it changes I cannot tell you now."

log = logging.getLogger(__name__)


@dataclass
class Pass:
    """What one pass over new events has come to."""

    near: Mapping[int, Sequence[int]]  # by Entry.id: the numbers of posts like it
    felts: list[Felt] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    reply_to: str = ""
    key: str = ""
    wants_digest: list[Message] = field(default_factory=list)

    def copy(self) -> Pass:
        """One that can be thrown away."""
        lists = {"felts": [*self.felts], "unclear": [*self.unclear], "wants_digest": [*self.wants_digest]}
        return replace(self, **lists)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Responses:
    """Takes what the owner does with the entries of one channel. ``speaker`` tells of entries."""

    channel: str
    reading: Reading
    neighbours: Neighbours
    meanings: Mapping[str, Kind]
    now: Callable[[], datetime]
    speaker: Callable[[Memory, Iterable[Entry]], Speaker]

    @staticmethod
    def puzzled(signs: Sequence[str], key: str, reply_to: str, done: Pass) -> None:
        """Signs without a meaning are asked back."""
        done.unclear.append(f"I do not know what {' '.join(signs)} means; {_HINT}")
        done.key, done.reply_to = key, reply_to

    def tapped(self, memory: Memory, reaction: Reaction, done: Pass) -> bool:
        """A reaction to a message; False when it is not new, or about nothing."""
        if memory.reactions.known(reaction.event) or self._to_the_owner(memory, reaction):
            return False
        number = told(memory, self.channel, reaction.message, self.now())
        entry = memory.digests.entry(number) if number else None
        kind = self.meanings.get(bare(reaction.emoji)) if reaction.emoji else reaction.kind
        if entry is None:
            return self._about_no_entry(memory, reaction, done)
        if kind is None:
            self.puzzled([reaction.emoji], reaction.event, reaction.message, done)
            return True
        sign = Feedback(kind, entry.number, reaction.emoji or "⭐")
        return self._felt(memory, sign, entry, reaction.at, reaction.event, reaction.message, done)

    def _to_the_owner(self, memory: Memory, reaction: Reaction) -> bool:
        """Whether it is to words of the owner's own, which means nothing."""
        return bool(reaction.own) and memory.messages.known(self.channel, reaction.own)

    def _about_no_entry(self, memory: Memory, reaction: Reaction, done: Pass) -> bool:
        """A reaction to a digest's head asks back, and so does one to what may be an entry and is not recorded.

        One to anything else that Magpie said means nothing.
        """
        digest = memory.messages.digest_of(self.channel, reaction.message)
        latest = memory.digests.latest(self.channel)
        may_be = digest is not None or self._astray(memory, reaction)
        if not may_be or latest is None or not memory.messages.add(self._noted(reaction)):
            return False
        sign = Feedback(reaction.kind, None, reaction.emoji or "⭐")
        done.unclear.append(which(sign, {entry.number: entry for entry in latest.entries}))
        done.key, done.reply_to = reaction.event, reaction.message
        return True

    def _astray(self, memory: Memory, reaction: Reaction) -> bool:
        """Whether an entry may have been said in a message that is not recorded, and be meant."""
        if memory.messages.known(self.channel, reaction.message):
            return False
        astray = memory.outbox.astray(self.channel, self.now() - REMEMBERED)
        return any(queued.entry_id is not None for queued in astray)

    def _noted(self, reaction: Reaction) -> Message:
        """A reaction that is about no entry, as a message, so that it is answered once."""
        return Message(self.channel, reaction.emoji, reaction.at, platform_id=reaction.event, reply_to=reaction.message)

    def said(self, memory: Memory, feedback: Sequence[Feedback], message: Message, done: Pass) -> None:
        """Feedback in a message: on entries by number, else on the one that is replied to."""
        digest = digest_meant(memory, message, self.now())
        entries = {entry.number: entry for entry in digest.entries} if digest else {}
        about = message.reply_to
        replied = memory.messages.entry_of(self.channel, about) or told(memory, self.channel, about, self.now())
        for place, sign in enumerate(feedback):
            if sign.number is not None:
                entry = entries.get(sign.number)
            else:
                entry = memory.digests.entry(replied) if replied else None
            event = f"{self.channel}:{message.platform_id}:{place}"
            if entry is not None:
                self._felt(memory, sign, entry, message.at, event, message.platform_id, done)
            else:
                done.unclear.append(which(sign, entries))
                done.key, done.reply_to = message.platform_id, message.platform_id

    def _felt(
        self, memory: Memory, sign: Feedback, entry: Entry, at: datetime, event: str, about: str, done: Pass
    ) -> bool:
        item = memory.items.get(entry.lead)
        if item is None:
            done.unclear.append(f"{sign.emoji} {entry.number} was deleted by its author meanwhile; nothing changes.")
            done.key = done.reply_to = about
            return True
        if place := self._counted_by(memory, sign.kind, item.uri):
            done.unclear.append(f"{sign.emoji} {entry.number} counts already: you have said so in {place}.")
            done.key, done.reply_to = event, about
            return True
        near = self.neighbours.vectors(memory, done.near.get(entry.id, ()))
        felt = Felt(sign.kind, sign.emoji, entry, item, near, event)
        at = min(at, self.now())  # a server's clock may be ahead of this one
        if not apply(memory, felt, at, event, self.channel):
            return False
        done.felts.append(felt)
        done.key, done.reply_to = event, about
        return True

    def _counted_by(self, memory: Memory, kind: Kind, uri: str) -> str:
        """The other channel in which the very same was the owner's latest word; what is to be told is told in each."""
        rivals = _OPPOSED if kind in _OPPOSED else {kind}
        said = [reaction for reaction in memory.reactions.of(uri) if reaction.kind in rivals - {Kind.TELL}]
        latest = said[-1] if said else None
        return latest.source if latest and latest.kind is kind and latest.source != self.channel else ""

    def _effects(self, memory: Memory, felts: Sequence[Felt]) -> list[str]:
        """What each of several feedbacks changes, beside all the others."""
        now = self.now()

        def without(felt: Felt) -> Taste:
            return self.reading.taste(memory, now, lambda reaction: reaction.event == felt.event)

        return lines(felts, without, self.reading.taste(memory, now), self._speaker(memory, felts))

    def confirm(self, memory: Memory, done: Pass) -> None:
        """Say what all the feedback of this pass changes; the feedback itself is stored already."""
        key = f"feedback/{done.key}"
        try:
            with memory.part():
                told = self._effects(memory, done.felts) + done.unclear
                about = [felt.item.uri for felt in done.felts]
                parts = re.split(f"({re.escape(_HINT)})", "\n".join(told))
                spans = [span for part in parts for span in (own(part) if part == _HINT else [part])]
                self._answer(memory, say(key, *spans, reply_to=done.reply_to, about=about))
                self._tell(memory, done)
        except StoreError:
            raise
        except Exception:
            log.exception("event=broke job=listen what=confirmation channel=%s", self.channel)
            self._answer(memory, say(key, KEPT, reply_to=done.reply_to))

    def _tell(self, memory: Memory, done: Pass) -> None:
        for felt in done.felts:
            if felt.kind is Kind.TELL:
                speaker = self._speaker(memory, [felt])
                out = speaker.story(felt.entry, f"tell/{done.key}/{felt.entry.number}", done.reply_to)
                memory.outbox.queue(self.channel, out, self.now(), entry_id=felt.entry.id)

    def _speaker(self, memory: Memory, felts: Sequence[Felt]) -> Speaker:
        return self.speaker(memory, [felt.entry for felt in felts])

    def _answer(self, memory: Memory, out: Outgoing) -> None:
        memory.outbox.queue(self.channel, out, self.now())
