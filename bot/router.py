"""An incoming event → a reaction stored, a command done, or a question that waits for its answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from agents.gathering import Reading
from bot.commands import COMMANDS, WAITS, Asked
from bot.effects import Felt
from bot.feedback import parse_feedback, unknown_signs
from bot.jobs.answer import asked
from bot.jobs.digest import Editor
from bot.meant import digest_meant, recognise
from bot.neighbours import Neighbours
from bot.notes import KEPT, Notebook, agreed, declined
from bot.parcels import answered
from bot.responses import Pass, Responses
from bot.sharing import taken
from bot.speaking import own, say
from bot.timetable import Timetable
from config.errors import MagpieError, StoreError
from memory.index import VectorIndex
from memory.keeping import sweeping
from memory.keeping.beginning import beginning
from memory.records import Kind, Message, Outgoing, Reaction
from memory.store import Memory, Store

SORRY = "I could not take that in: something in me broke over it. The log says where."

log = logging.getLogger(__name__)
_COMMAND = re.compile(r"/(\w+)\b\s*(.*)", re.S)


@dataclass(frozen=True)
class Router:
    """Handles what the owner says or does in one channel. Nothing in it reads words of anybody else."""

    store: Store
    channel: str
    reading: Reading
    editor: Editor
    index: VectorIndex
    meanings: Mapping[str, Kind]
    now: Callable[[], datetime]
    model: str
    timetable: Timetable = field(default_factory=Timetable)
    show: Callable[[Sequence[Felt]], object] = lambda felts: None  # what was felt, wherever it was told

    def handle(self, events: Iterable[Message | Reaction]) -> int:
        """Handle events in order and return how many were new. Answers are queued, several feedbacks get one.

        Events, what follows from them, the answers and the cursor are stored in one transaction. A question is not
        answered here: it waits (bot/jobs/answer.py).
        """
        events, now = list(events), self.now()
        self._recognise(events)
        done, new = Pass(self._responses.neighbours.of(events, now)), 0
        with self.store.begin() as memory:
            anew = beginning(memory)
            for event in events:
                if not (anew and anew.is_after(event.at, now)):
                    taken, done = self._take(memory, event, done)
                    new += taken
                if event.cursor:
                    memory.sources.move(f"channel {self.channel}", {"events": event.cursor})
            if done.felts or done.unclear:
                self._responses.confirm(memory, done)
        if done.felts:
            self.show(done.felts)
        for message in done.wants_digest[-1:]:  # asked for twice at once, it is told once
            self._digest(message)
        return new

    def _recognise(self, events: Iterable[Message | Reaction]) -> None:
        """What events answer may be known by what it shows alone."""
        if shown := [event for event in events if event.imprint is not None]:
            with self.store.begin() as memory:
                for event in shown:
                    recognise(memory, self.channel, event)

    def _take(self, memory: Memory, event: Message | Reaction, done: Pass) -> tuple[bool, Pass]:
        """Whether the event was new. One that breaks takes no other with it, and does not come back for ever."""
        tried = done.copy()
        try:
            with memory.part():
                if isinstance(event, Message):
                    return self._message(memory, event, tried), tried
                return self._responses.tapped(memory, event, tried), tried
        except StoreError:
            raise
        except Exception:
            log.exception("event=broke job=listen what=event channel=%s", self.channel)
            number = event.platform_id if isinstance(event, Message) else event.event
            about = event.platform_id if isinstance(event, Message) else event.message
            self._answer(memory, say(f"sorry/{number}", SORRY, reply_to=about))
            return True, done

    def cursor(self) -> str | None:
        """How far the channel has been heard."""
        with self.store.begin() as memory:
            return memory.sources.cursor(f"channel {self.channel}").get("events")

    def _message(self, memory: Memory, message: Message, done: Pass) -> bool:
        if not memory.messages.add(message):
            return False
        words = "" if message.shared else message.text.strip()
        if self._settled(memory, message, words, done):
            return True
        if message.shared is not None:
            if out := taken(memory, message, self.now()):
                self._answer(memory, out)
            return True
        feedback = parse_feedback(message.text, self.meanings)
        command = _COMMAND.match(words)
        if feedback is not None:
            self._responses.said(memory, feedback, message, done)
        elif command and command[1].lower() == "digest":
            done.wants_digest.append(message)
        elif command and command[1].lower() not in WAITS:
            self._command(memory, command[1].lower(), command[2], message, done)
        elif unknown := unknown_signs(message.text, self.meanings):
            self._responses.puzzled(unknown, message.platform_id, message.platform_id, done)
        elif words:
            memory.questions.add(asked(memory, message))
        return True

    def _settled(self, memory: Memory, message: Message, words: str, done: Pass) -> bool:
        """Whether it answers what Magpie has asked last. Anything else that is said drops that."""
        if meant := answered(memory, message, words, self.now()):
            self._command(memory, "import", meant, message, done)
            return True
        notebook = Notebook(memory, self.now(), self._author)
        what = notebook.asked_about()
        if what and agreed(words):
            self._command(memory, "forget", f"{what} yes", message, done)
            return True
        if not words.lower().startswith("/forget"):
            notebook.let_go()
        if what and declined(words):
            self._answer(memory, say(f"answer/{message.platform_id}", KEPT, reply_to=message.platform_id))
        return bool(what) and declined(words)

    @property
    def _responses(self) -> Responses:
        neighbours = Neighbours(self.store, self.index, self.reading.embedder.name, self.channel)
        return Responses(self.channel, self.reading, neighbours, self.meanings, self.now, self.editor.speaker)

    @property
    def _author(self) -> str:
        return self.reading.owner_uri

    def _command(self, memory: Memory, name: str, words: str, message: Message, done: Pass) -> None:
        key = f"answer/{message.platform_id}"
        if name not in COMMANDS:
            unknown = f"I do not know /{name[:20]}. ", *own("/help shows what I can do.")
            self._answer(memory, say(key, *unknown, reply_to=message.platform_id))
            return
        digest = digest_meant(memory, message, self.now())
        speaker = self.editor.speaker(memory, digest.entries if digest else ())
        told = Asked(
            memory,
            speaker,
            words.strip(),
            digest,
            self.now(),
            key,
            message.platform_id,
            self.model,
            self.timetable,
            self.channel,
            self._author,
            lambda: sweeping.begin(self.store.path.parent),
        )
        answer = COMMANDS[name](told)
        if isinstance(answer, Outgoing):
            self._answer(memory, answer)
        else:
            self._responses.said(memory, answer, message, done)

    def _digest(self, message: Message) -> None:
        key, reply_to = f"answer/{message.platform_id}", message.platform_id
        with self.store.begin() as memory:
            made = self.editor.made(memory, self.channel, self.editor.today())
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
            for place, (out, entry) in enumerate(self.editor.speaker(memory, digest.entries).digest(digest)):
                again = replace(out, key=f"{key}/{place}", reply_to=reply_to)
                about = entry.id if entry else None
                memory.outbox.queue(self.channel, again, self.now(), entry_id=about, digest_id=digest.id)

    def _answer(self, memory: Memory, out: Outgoing) -> None:
        memory.outbox.queue(self.channel, out, self.now())
