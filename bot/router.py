"""An incoming event → a reaction stored, a command done, or a question answered from the archive."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.gathering import Reading
from agents.taste import Taste
from bot.commands import COMMANDS, Asked
from bot.effects import Felt, apply, lines
from bot.feedback import Feedback, bare, parse_feedback, unknown_signs
from bot.jobs.digest import Editor
from bot.meant import digest_meant, which
from bot.neighbours import Neighbours
from bot.speaking import Speaker, say
from bot.timetable import Timetable
from config.errors import MagpieError, StoreError
from memory.query import Hit
from memory.records import Entry, Kind, Message, Outgoing, Reaction
from memory.search import Archive
from memory.store import Memory, Store

HITS = 3
SORRY = "I could not take that in: something in me broke over it. The log says where."
KEPT = "Your feedback is kept. What it changes I cannot tell you now."

Found = Sequence[Hit] | MagpieError
"""What the archive holds on a question, or why it cannot be asked."""

log = logging.getLogger(__name__)
_COMMAND = re.compile(r"/(\w+)\b\s*(.*)", re.S)


@dataclass
class _Pass:
    """What one pass over new events has come to."""

    found: Mapping[str, Found]  # by the platform's id of the question
    near: Mapping[int, Sequence[int]]  # by Entry.id: the numbers of posts like it
    felts: list[Felt] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    reply_to: str = ""
    key: str = ""
    wants_digest: list[Message] = field(default_factory=list)

    def copy(self) -> _Pass:
        """One that can be thrown away."""
        lists = {"felts": [*self.felts], "unclear": [*self.unclear], "wants_digest": [*self.wants_digest]}
        return replace(self, **lists)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Router:
    """Handles what the owner says or does in one channel. Nothing in it reads words of anybody else."""

    store: Store
    channel: str
    reading: Reading
    editor: Editor
    archive: Archive
    meanings: Mapping[str, Kind]
    zone: ZoneInfo
    now: Callable[[], datetime]
    model: str
    timetable: Timetable = field(default_factory=Timetable)

    def handle(self, events: Iterable[Message | Reaction]) -> int:
        """Handle events in order and return how many were new. Answers are queued, several feedbacks get one.

        Events, what follows from them, the answers and the cursor are stored in one transaction.
        """
        events = list(events)
        found = {event.platform_id: self._found(event.text) for event in events if isinstance(event, Message)}
        done, new = _Pass(found, self._neighbours.of(events, self.now())), 0
        with self.store.begin() as memory:
            for event in events:
                taken, done = self._take(memory, event, done)
                new += taken
                if event.cursor:
                    memory.sources.move(f"channel {self.channel}", {"events": event.cursor})
            if done.felts or done.unclear:
                self._confirm(memory, done)
        for message in done.wants_digest[-1:]:  # asked for twice at once, it is told once
            self._digest(message)
        return new

    def _take(self, memory: Memory, event: Message | Reaction, done: _Pass) -> tuple[bool, _Pass]:
        """Whether the event was new. One that breaks takes no other with it, and does not come back for ever."""
        tried = done.copy()
        try:
            with memory.part():
                if isinstance(event, Message):
                    return self._message(memory, event, tried), tried
                return self._reaction(memory, event, tried), tried
        except StoreError:
            raise
        except Exception:
            log.exception("event=broke job=listen what=event channel=%s", self.channel)
            number = event.platform_id if isinstance(event, Message) else event.event
            about = event.platform_id if isinstance(event, Message) else event.message
            self._answer(memory, say(f"sorry/{number}", SORRY, reply_to=about))
            return True, done

    def _confirm(self, memory: Memory, done: _Pass) -> None:
        """Say what all the feedback of this pass changes; the feedback itself is stored already."""
        key = f"feedback/{done.key}"
        try:
            with memory.part():
                told = self._effects(memory, done.felts) + done.unclear
                about = [felt.item.uri for felt in done.felts]
                self._answer(memory, say(key, "\n".join(told), reply_to=done.reply_to, about=about))
                self._tell(memory, done)
        except StoreError:
            raise
        except Exception:
            log.exception("event=broke job=listen what=confirmation channel=%s", self.channel)
            self._answer(memory, say(key, KEPT, reply_to=done.reply_to))

    def cursor(self) -> str | None:
        """How far the channel has been heard."""
        with self.store.begin() as memory:
            return memory.sources.cursor(f"channel {self.channel}").get("events")

    def _message(self, memory: Memory, message: Message, done: _Pass) -> bool:
        if not memory.messages.add(message):
            return False
        feedback = parse_feedback(message.text, self.meanings)
        command = _COMMAND.match(message.text.strip())
        if feedback is not None:
            self._feel(memory, feedback, message, done)
        elif command and command[1].lower() == "digest":
            done.wants_digest.append(message)
        elif command:
            self._command(memory, command[1].lower(), command[2], message, done)
        elif unknown := unknown_signs(message.text, self.meanings):
            self._puzzled(unknown, message.platform_id, message.platform_id, done)
        elif message.text.strip():
            self._tell_found(memory, message, done.found[message.platform_id])
        return True

    def _is_question(self, text: str) -> bool:
        signs = parse_feedback(text, self.meanings) or unknown_signs(text, self.meanings)
        return bool(text and not signs and not _COMMAND.match(text))

    def _found(self, text: str) -> Found:
        """Before anything is stored: a search that fails must leave neither a lost question nor an open transaction."""
        try:
            return self.archive.search(text, HITS) if self._is_question(text.strip()) else []
        except MagpieError as error:
            return error
        except Exception:
            log.exception("event=broke job=listen what=search channel=%s", self.channel)
            return MagpieError("The search broke off; the log says where.")

    @property
    def _neighbours(self) -> Neighbours:
        return Neighbours(self.store, self.archive.index, self.reading.embedder.name, self.channel)

    @staticmethod
    def _puzzled(signs: Sequence[str], key: str, reply_to: str, done: _Pass) -> None:
        done.unclear.append(f"I do not know what {' '.join(signs)} means; /help shows the emoji that I know.")
        done.key, done.reply_to = key, reply_to

    def _reaction(self, memory: Memory, reaction: Reaction, done: _Pass) -> bool:
        number = memory.messages.told_entry(self.channel, reaction.message)
        entry = memory.digests.entry(number) if number else None
        kind = self.meanings.get(bare(reaction.emoji)) if reaction.emoji else reaction.kind
        if memory.reactions.known(reaction.event):
            return False
        if entry is None:
            return self._about_no_entry(memory, reaction, done)
        if kind is None:
            self._puzzled([reaction.emoji], reaction.event, reaction.message, done)
            return True
        sign = Feedback(kind, entry.number, reaction.emoji or "⭐")
        return self._felt(memory, sign, entry, reaction.at, reaction.event, reaction.message, done)

    def _about_no_entry(self, memory: Memory, reaction: Reaction, done: _Pass) -> bool:
        """A reaction to a digest's head asks back; one to anything else Magpie said means nothing."""
        digest = memory.messages.digest_of(self.channel, reaction.message)
        latest = memory.digests.latest(self.channel)
        if digest is None or latest is None or not memory.messages.add(self._noted(reaction)):
            return False
        sign = Feedback(reaction.kind, None, reaction.emoji or "⭐")
        done.unclear.append(which(sign, {entry.number: entry for entry in latest.entries}))
        done.key, done.reply_to = reaction.event, reaction.message
        return True

    def _noted(self, reaction: Reaction) -> Message:
        """A reaction that is about no entry, as a message, so that it is answered once."""
        return Message(self.channel, reaction.emoji, reaction.at, platform_id=reaction.event, reply_to=reaction.message)

    def _command(self, memory: Memory, name: str, words: str, message: Message, done: _Pass) -> None:
        key = f"answer/{message.platform_id}"
        if name not in COMMANDS:
            unknown = f"I do not know /{name[:20]}. /help shows what I can do."
            self._answer(memory, say(key, unknown, reply_to=message.platform_id))
            return
        digest = digest_meant(memory, message, self.now())
        speaker = self._speaker_of(memory, digest.entries if digest else ())
        asked = Asked(
            memory, speaker, words.strip(), digest, self.now(), key, message.platform_id, self.model, self.timetable
        )
        answer = COMMANDS[name](asked)
        if isinstance(answer, Outgoing):
            self._answer(memory, answer)
        else:
            self._feel(memory, answer, message, done)

    def _feel(self, memory: Memory, feedback: Sequence[Feedback], message: Message, done: _Pass) -> None:
        digest = digest_meant(memory, message, self.now())
        entries = {entry.number: entry for entry in digest.entries} if digest else {}
        replied = memory.messages.entry_of(self.channel, message.reply_to)
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
        self, memory: Memory, sign: Feedback, entry: Entry, at: datetime, event: str, about: str, done: _Pass
    ) -> bool:
        item = memory.items.get(entry.lead)
        if item is None:
            done.unclear.append(f"{sign.emoji} {entry.number} was deleted by its author meanwhile; nothing changes.")
            done.key = done.reply_to = about
            return True
        near = self._neighbours.vectors(memory, done.near.get(entry.id, ()))
        felt = Felt(sign.kind, sign.emoji, entry, item, near, event)
        at = min(at, self.now())  # a server's clock may be ahead of this one
        if not apply(memory, felt, at, event, self.channel):
            return False
        done.felts.append(felt)
        done.key, done.reply_to = event, about
        return True

    def _effects(self, memory: Memory, felts: Sequence[Felt]) -> list[str]:
        """What each of several feedbacks changes, beside all the others."""
        now = self.now()

        def without(felt: Felt) -> Taste:
            return self.reading.taste(memory, now, lambda reaction: reaction.event == felt.event)

        return lines(felts, without, self.reading.taste(memory, now), self._speaker(memory, felts))

    def _tell(self, memory: Memory, done: _Pass) -> None:
        for felt in done.felts:
            if felt.kind is Kind.TELL:
                speaker = self._speaker(memory, [felt])
                out = speaker.story(felt.entry, f"tell/{done.key}/{felt.entry.number}", done.reply_to)
                memory.outbox.queue(self.channel, out, self.now(), entry_id=felt.entry.id)

    def _tell_found(self, memory: Memory, message: Message, found: Found) -> None:
        key, reply_to = f"answer/{message.platform_id}", message.platform_id
        if isinstance(found, MagpieError):
            self._answer(memory, say(key, f"Your archive cannot be searched now. {found}", reply_to=reply_to))
            return
        self._answer(memory, self.editor.speaker(memory, ()).hits(message.text, found, key, reply_to))

    def _digest(self, message: Message) -> None:
        key, reply_to = f"answer/{message.platform_id}", message.platform_id
        with self.store.begin() as memory:
            made = memory.digests.of_date(self.editor.today(), self.channel)
        try:
            digest = made or self.editor.digest(self.channel)
        except Exception as error:
            if not isinstance(error, MagpieError):
                log.exception("event=broke job=listen what=digest channel=%s", self.channel)
            why = str(error) if isinstance(error, MagpieError) else "It broke off; the log says where."
            with self.store.begin() as memory:
                self._answer(memory, say(key, f"There is no digest yet. {why}", reply_to=reply_to))
            return
        if made is None:
            return
        with self.store.begin() as memory:
            for place, (out, entry) in enumerate(self._speaker_of(memory, digest.entries).digest(digest)):
                again = replace(out, key=f"{key}/{place}", reply_to=reply_to)
                about = entry.id if entry else None
                memory.outbox.queue(self.channel, again, self.now(), entry_id=about, digest_id=digest.id)

    def _speaker(self, memory: Memory, felts: Sequence[Felt]) -> Speaker:
        return self._speaker_of(memory, [felt.entry for felt in felts])

    def _speaker_of(self, memory: Memory, entries: Sequence[Entry]) -> Speaker:
        return self.editor.speaker(memory, entries)

    def _answer(self, memory: Memory, out: Outgoing) -> None:
        memory.outbox.queue(self.channel, out, self.now())
