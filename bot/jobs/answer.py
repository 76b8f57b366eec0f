"""Answer: the questions of a channel, one after another. What it says and that it was said belong together."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Final, Protocol

from agents.answer import Answer, Intent, Understood
from agents.standing import standing
from bot.answering import Answering
from bot.channels import Channel, Roomy, Typing
from bot.jobs import run, step
from bot.notes import Notebook
from bot.patience import Sign, given
from bot.portrait import Portrait
from bot.speaking import Speaker, hinted, own, say
from config.errors import ChannelError, MagpieError
from memory.records import Entry, Message, Outgoing
from memory.store import Memory, Store
from memory.store.questions import ANSWERED, FAILED, STOPPED, Question

LOOKING: Final = "I am looking."
BROKE: Final = "I could not answer that: something in me broke over it. The log says where."
CONVERSATION: Final = timedelta(hours=1)
"""So long after a question the next one may refer back to it without replying to its answer."""

# What is said of oneself and does not ask: worth finding again.
_ASKS: Final = re.compile(
    r"^\s*(?:who|what|whom|whose|when|where|why|how|which|did|do|does|is|are|was|were|have|has|can|could|find|show|search"
    r"|tell|list|please|pls|give|look|get|wer|was|wann|wo|warum|wie|welche\w*|hast|habe|kann|finde|zeig\w*|such\w*|bitte"
    r"|wei(?:ß|ss)t|gibt|sind|ist|qui|que|quoi|quand|où|pourquoi|comment|quel\w*|est-ce|cherche|montre|peux|sais|quién"
    r"|qué|cuándo|dónde|cómo|cuál|busca|muestra|sabes|por favor)\b",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    r"^\s*(?:my |all |any |the |meine? |mes |mis )?(?:posts?|notes?|messages?|bookmarks?|likes?|favou?rites?|links?"
    r"|articles?|chats?|replies|threads?|notizen|beiträge|lesezeichen|nachrichten|favoris|notas|favoritos|mensajes)\b"
    r"(?!.*\b(?:is|are|was|were|sind|waren|wurden|sont|étaient|son|eran)\b)",
    re.IGNORECASE | re.DOTALL,
)
_OF_MYSELF: Final = re.compile(
    r"\b(?:i|i'm|my|we|our|ich|mein\w*|wir|unser\w*|je|j'\w+|mon|ma|mes|nous|yo|mi|mis|nosotros|eu|meu|minha|io|mio)\b",
    re.IGNORECASE,
)

log = logging.getLogger(__name__)


class Asks(Protocol):
    """Answers a question from the archive. It says nothing to anybody, and stops soon after ``stopped`` says so."""

    def ask(
        self,
        question: str,
        conversation: str,
        run: str,
        checkpoints: Path,
        stopped: Callable[[], bool],
        entry: Entry | None = None,
    ) -> Answer:
        """The answer; ``entry`` is the one of a digest that the owner replied to. Raises MagpieError."""
        ...


@dataclass
class _Watch:
    """Whether work is to stop; it remembers that it has said so."""

    look: Callable[[], bool]
    said: bool = False

    def __call__(self) -> bool:
        self.said = self.said or self.look()
        return self.said


@dataclass(frozen=True, slots=True)
class _Around:
    """What has to be known before the transaction begins in which an answer is put together."""

    author: str
    room: int


@dataclass(frozen=True)
class Answerer:
    """Answers what waits in one channel. A question that was taken up and left, by whatever, is taken up again."""

    store: Store
    channel: Channel
    asker: Callable[[], Asks]
    speaker: Callable[[Memory], Speaker]
    author: Callable[[], str]  # Account.uri of the owner
    checkpoints: Path
    now: Callable[[], datetime]
    deliver: Callable[[], object] = lambda: None
    ending: Callable[[], bool] = lambda: False
    swept_later: Callable[[], object] = lambda: None
    patience: float = 2.0  # seconds until a first sign
    typing_lasts: float = 4.0
    long_wait: float = 20.0  # seconds after which those who wait in line are told so
    _one_at_a_time: Lock = field(default_factory=Lock)

    def answer_next(self) -> bool:
        """Answer the question that has waited longest, and queue what is said; False where none waits."""
        with self._one_at_a_time:
            with self.store.begin() as memory:
                waiting = memory.questions.waiting(self.channel.name)
            if not waiting or self.ending():
                return False
            with given(self._signs(waiting[0])):
                self._see_to(waiting[0])
            return True

    @contextmanager
    def resting(self) -> Iterator[None]:
        """No question is answered meanwhile."""
        with self._one_at_a_time:
            yield

    def answer(self, question: Question) -> tuple[Answer, list[Outgoing]]:
        """The answer to a question that waits, settled and not queued. Raises MagpieError."""
        try:
            answer, around = self._asked(question, lambda: False), self._around()
        except BaseException:
            with self.store.begin() as memory:
                memory.questions.settle(question.id, FAILED)
            raise
        with self.store.begin() as memory:
            memory.questions.settle(question.id, ANSWERED)
            return answer, self._told(memory, question, answer, around)

    def _see_to(self, question: Question) -> None:
        watch = _Watch(lambda: self.ending() or not self._waits(question))
        try:
            answer = self._asked(question, watch)
            around = self._around()
            if not self._interrupted(watch):
                self._settle(question, ANSWERED, lambda memory: self._told(memory, question, answer, around))
        except KeyboardInterrupt:  # somebody sits at this terminal, and wants no answer any more
            self._settle(question, STOPPED, lambda memory: [])
            raise
        except Exception as error:
            known = isinstance(error, MagpieError)
            if not known:
                log.exception("event=broke job=answer channel=%s", self.channel.name)
            if not self._interrupted(watch):
                self._fail(question, f"I cannot answer that now. {error}" if known else BROKE)

    def _interrupted(self, watch: _Watch) -> bool:
        """Whether Magpie is ending, and the answer with it: it is given after the next start."""
        return watch.said and self.ending()

    def _asked(self, question: Question, stopped: Callable[[], bool]) -> Answer:
        if standing(question.text, note=False):  # said plainly: to be remembered
            return Answer(Understood(question.text, intent=Intent.NOTE))
        with run(self.store, "answer", self.now) as record:
            with self.store.begin() as memory:
                memory.questions.taken_up(question.id, record.id)
                number = memory.messages.entry_of(question.channel, question.message)
                entry = memory.digests.entry(number) if number else None
            asker = self.asker()
            with step(self.store, record, "ask", self.now):
                answer = asker.ask(
                    question.text, question.conversation, record.id, self.checkpoints, stopped, entry=entry
                )
                record.counts.update(claims=len(answer.claims), hits=len(answer.hits), nearest=len(answer.nearest))
            return answer

    def _told(self, memory: Memory, question: Question, answer: Answer, around: _Around) -> list[Outgoing]:
        """What is said, and what is done where the owner wants something remembered or forgotten."""
        key, intent = f"answer/{question.message}", answer.understood.intent
        if intent in (Intent.NOTE, Intent.FORGET):
            notebook = Notebook(memory, self.now(), around.author, self.swept_later)
            what = owners_words(answer.understood.text, question.text)
            told = notebook.remember(what) if intent is Intent.NOTE else notebook.ask_to_forget(what)
            return [say(key, *hinted(told), reply_to=question.message)]
        said = Message(question.channel, question.text, question.at, question.message)
        memory.notes.heard(said, around.author, asks=not is_statement(question.text))
        speaker = self.speaker(memory)
        if intent is Intent.TASTE:
            return [Portrait(speaker, around.room).message(answer, key, question.message)]
        return Answering(speaker, around.room).messages(question.text, answer, key, question.message)

    def _settle(self, question: Question, state: str, told: Callable[[Memory], Sequence[Outgoing]]) -> None:
        """In one transaction; of a question that was stopped or settled meanwhile nothing is said."""
        with self.store.begin() as memory:
            if not memory.questions.settle(question.id, state):
                return
            after = ""
            for out in told(memory):
                memory.outbox.queue(question.channel, out, self.now(), after)
                after = out.key

    def _fail(self, question: Question, sentence: str) -> None:
        out = say(f"answer/{question.message}", sentence, reply_to=question.message)
        self._settle(question, FAILED, lambda memory: [out])

    def _waits(self, question: Question) -> bool:
        with self.store.begin() as memory:
            return memory.questions.waits(question.id)

    def _around(self) -> _Around:
        try:
            room = self.channel.room() if isinstance(self.channel, Roomy) else 0
        except ChannelError:  # it will be asked again when it is to speak
            room = 0
        return _Around(self.author(), room)

    def _signs(self, question: Question) -> list[Sign]:
        if isinstance(self.channel, Typing):
            first = Sign(0.0, self.channel.typing, self.typing_lasts)
        else:
            first = Sign(self.patience, lambda: self._tell(question, "looking", LOOKING))
        return [first, Sign(self.long_wait, lambda: self._tell_those_behind(question), self.long_wait)]

    def _tell_those_behind(self, question: Question) -> None:
        with self.store.begin() as memory:
            behind = [one for one in memory.questions.waiting(self.channel.name) if one.id > question.id]
        for place, one in enumerate(behind, 1):
            before = "One question is" if place == 1 else f"{place} questions are"
            self._tell(one, "waits", f"{before} before this one; I will come to it. /stop stops them all.")

    def _tell(self, question: Question, what: str, sentence: str) -> None:
        """At once, unless the question was settled meanwhile."""
        with self.store.begin() as memory:
            if not memory.questions.waits(question.id):
                return
            out = say(f"{what}/{question.message}", *own(sentence), reply_to=question.message)
            memory.outbox.queue(question.channel, out, self.now())
        self.deliver()


def asked(memory: Memory, message: Message) -> Question:
    """A message as a question of the conversation that it goes on with, or of one of its own."""
    earlier = memory.questions.of(message.channel, message.reply_to)
    if earlier is None and not message.reply_to:
        last = memory.questions.latest(message.channel)
        earlier = last if last and message.at - last.at <= CONVERSATION else None
    own = f"{message.at:%Y%m%dT%H%M%S}-{message.channel}-{message.platform_id}"  # sorts by time
    conversation = earlier.conversation if earlier else own
    return Question(message.channel, message.platform_id, conversation, message.text, message.at)


def is_statement(text: str) -> bool:
    """Whether the owner tells something rather than asks."""
    asks = "?" in text or text.startswith("/") or _ASKS.match(text) or _NAMES.match(text)
    return not asks and _OF_MYSELF.search(text) is not None


def owners_words(understood: str, said: str) -> str:
    """What was understood, as far as the owner has really said so; else all that was said."""
    return understood.strip() if understood.strip() and understood.strip().lower() in said.lower() else said.strip()
