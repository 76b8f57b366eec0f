"""One seeded story of trouble between Magpie and Telegram: a digest, the owner's answers, and all that goes wrong."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from pydantic import SecretStr

from bot.build import Magpie
from bot.channels import NEW, Past, telegram
from config.errors import ChannelError
from config.settings import parse
from memory.keeping.backup import MEMORY
from memory.records import Digest, Entry, Kind, Message, Outgoing, Reaction
from memory.store import Store
from tests.fakes import OWNER, HashedWords, Village, post
from tests.telegram import faults
from tests.telegram.messages import Message as Shown
from tests.telegram.people import User, by_channel
from tests.telegram.world import Town

PATIENCE = 0.3
"""Seconds after which Magpie no longer waits for an answer."""
POSTS = {
    "ferry": "The ferry across the sound runs on batteries from today, and one hears the gulls on deck.",
    "chess": "Lost to a nine-year-old in twenty moves, who then explained to me where it went wrong.",
    "moss": "Found forty kinds of moss on a single wall behind the brewery, and no two alike.",
    "radio": "Repaired a valve radio from 1938 with a paper clip; it plays dance music from Hilversum.",
    "clouds": "Mackerel sky over the bay since noon, of which the almanac says to bring in the hay.",
}
NOTE = "for the wall behind the brewery"
COMMANDS = ("/more rail", "/less football", "/mute horoscope", "/why 2", "/status", "/pause", "/resume", "/nonsense")
TROUBLE: dict[str, Callable[[Random], faults.Fault]] = {
    "429": lambda chance: faults.too_many(1),
    "500": lambda chance: faults.status(500),
    "500 after acting": lambda chance: faults.status(500, acts=True),
    "502": lambda chance: faults.gateway(),
    "502 after acting": lambda chance: faults.gateway(acts=True),
    "reset before acting": lambda chance: faults.reset(acts=False),
    "reset after acting": lambda chance: faults.reset(acts=True),
    "silence": lambda chance: faults.silence(2 * PATIENCE, acts=False),
    "silence after acting": lambda chance: faults.silence(2 * PATIENCE, acts=True),
    "acted late": lambda chance: faults.late(1.5 * PATIENCE),
    "slow": lambda chance: faults.slow(PATIENCE / 5),
    "malformed JSON": lambda chance: faults.malformed(),
}
WHERE = ("sendMessage", "sendMessage", "getUpdates", "answerCallbackQuery", "edit*", "*")


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class Mortal:
    """A channel whose process may be killed at ``doom``: after a message was said, or while events are handled."""

    inner: Any
    doom: list[str]
    name: str = "telegram"

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        for event in self.inner.listen(cursor):
            self._die("heard")
            yield event

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        self._die("about to say")
        parts: tuple[str, ...] = self.inner.send(out, past)
        self._die("said")
        return parts

    def _die(self, where: str) -> None:
        if where in self.doom:
            self.doom.remove(where)
            raise KilledError


@dataclass
class Schedule:
    """One seed's story: a digest, what the owner answers, and all that goes wrong meanwhile."""

    seed: int
    folder: Path
    town: Town
    owner: User
    stranger: User
    doom: list[str] = field(default_factory=list)
    lives: int = 0
    feedback: Counter[tuple[str, Kind]] = field(default_factory=Counter)  # what must be counted: the post, and how
    unsure: Counter[tuple[str, Kind]] = field(default_factory=Counter)  # of these, what may be asked back instead
    said: list[Shown] = field(default_factory=list)  # the owner's own words that must be kept

    def __post_init__(self) -> None:
        """Half of the schedules poll in the background, as the service does."""
        self.chance = Random(self.seed)
        self.polls = self.seed % 2 == 1
        self.rung = Event()
        at = self.town.now() - timedelta(hours=3)
        self.village = Village()
        self.uris = {self.village.posts(post(name, text, name[:3], at)).uri: name for name, text in POSTS.items()}
        self.magpie = self._born()

    def play(self) -> Digest:
        """All of it, with trouble; then a day without any. Returns the digest that it was about."""
        self.owner.starts()
        self.magpie.collector.collect([self.village])
        digest = self.magpie.editor.digest("telegram")
        self._trouble(self.chance.randint(1, 5))
        self._until(lambda: len(self._told(digest)) == len(POSTS))
        self._answers(digest)
        self._hands_on()
        self._round()
        self.town.faults.clear()
        self.doom.clear()
        self._until(self._quiet)
        return digest

    # -- what happens

    def _answers(self, digest: Digest) -> None:
        """The owner gives feedback in every way that there is and asks for things, in any order."""
        doings: list[Callable[[], None]] = [self._strangers]
        for entry in digest.entries:
            doings.append(self.chance.choice(self._ways(entry)))
        for words in self.chance.sample(COMMANDS, 4):
            doings.append(lambda words=words: self._says(words))  # type: ignore[misc]
        self.chance.shuffle(doings)
        for doing in doings:
            if self.chance.random() < 0.3:
                self._trouble(self.chance.randint(1, 2))
            doing()
            for _ in range(self.chance.choice((0, 0, 1, 2))):
                self._round()

    def _ways(self, entry: Entry) -> list[Callable[[], None]]:
        """To say what one thinks of an entry, of which any copy may be meant, whenever it has come."""
        name = self.uris[entry.lead]

        def felt(kind: Kind, doing: Callable[[Shown], object]) -> Callable[[], None]:
            def do() -> None:
                self.feedback[name, kind] += 1
                doing(self.chance.choice(self.of(entry)))

            return do

        def twice(told: Shown, sign: str) -> None:
            self.owner.presses(told, sign)
            with suppress(AssertionError):  # it may be marked meanwhile
                self.owner.presses(told, sign)

        def reacts(kind: Kind, told: Shown, sign: str) -> None:
            self.unsure[name, kind] += not self._recorded(told)  # Telegram tells the id alone
            self.owner.reacts(told, sign)

        return [
            felt(Kind.MORE, lambda told: self.owner.presses(told, "👍")),
            felt(Kind.LESS, lambda told: twice(told, "👎")),
            felt(Kind.SAVE, lambda told: self.owner.presses(told, "🔖")),
            felt(Kind.MORE, lambda told: reacts(Kind.MORE, told, "🔥")),
            felt(Kind.LESS, lambda told: reacts(Kind.LESS, told, "👎")),
            felt(Kind.SAVE, lambda told: self._says("🔖", told)),
            felt(Kind.LESS, lambda told: self._says(f"{entry.number} 👎")),
        ]

    def _recorded(self, told: Shown) -> bool:
        known = f"{self.town.bot['id']}-{told.id}"
        return bool(self.rows("SELECT 1 FROM messages WHERE platform_id = ? AND entry_id IS NOT NULL", known))

    def _says(self, words: str, reply_to: Shown | None = None) -> None:
        self.said.append(self.owner.says(words, reply_to=reply_to))

    def _hands_on(self) -> None:
        """A post with words put to it, which are an update of their own; sometimes these alone are told twice."""
        self.town.mailbox.repeat = self.seed % 3 != 0
        with self.town.changed:  # so that nobody asks for updates in between
            self.owner.says(NOTE)
            self.owner.forwards("The mosses have names now.", by_channel("Moss News", "mossnews", 7))
        self.feedback["https://t.me/mossnews/7", Kind.BOOKMARK] += 1

    def _strangers(self) -> None:
        self.stranger.starts()
        for words in ("1 👎", "/mute ferry", "/digest"):
            self.stranger.says(words)

    def _trouble(self, count: int) -> None:
        """Something is going to fail; sometimes Magpie is killed, or started anew."""
        for _ in range(count):
            fault = TROUBLE[self.chance.choice(list(TROUBLE))](self.chance)
            self.town.faults.add(
                self.chance.choice(WHERE), fault, times=self.chance.randint(1, 4), skip=self.chance.randint(0, 5)
            )
        what = self.chance.random()
        if what < 0.35:
            self.doom.append(self.chance.choice(("heard", "about to say", "said", "said")))
        elif what < 0.5:
            self._again()
        self.town.mailbox.repeat += self.chance.choice((0, 0, 1, 3))
        self.town.mailbox.shuffle = self.chance.choice((None, self.chance))

    # -- Magpie's lives

    def _born(self, after_crash: bool = False) -> Magpie:
        """As a process finds it that has just been started."""
        self.lives += 1
        settings = {"owner_id": self.owner.id, "base_url": self.town.url, "timeout": PATIENCE, "attempts": 3}
        channel = telegram.build(settings, {telegram.TOKEN: SecretStr(self.town.token)})
        channel = replace(channel, now=self.town.now, sleep=lambda seconds: self.town.later(seconds=seconds))
        given: dict[str, Any] = {"owner": {"handle": OWNER}, "data": str(self.folder), "model": {"kind": "none"}}
        given |= {"digest": {"entries": 5, "explore": 0, "floor": -100}, "channel": {"kind": "telegram", **settings}}
        if self.polls:
            channel.wakes(self.rung.set)
        if self.lives == 1:
            Store.open(self.folder / MEMORY, OWNER).close()  # whoever is not alone makes none
        return Magpie(
            parse(given),
            now=self.town.now,
            given_sources=[self.village],
            given_channel=Mortal(channel, self.doom),
            given_embedder=HashedWords(),
            given_web=None,
            alone=False,
            after_crash=after_crash,
        )

    def end(self) -> None:
        """Its connections and threads end, and nothing more is written."""
        self.magpie.channel.inner.close()  # type: ignore[attr-defined]
        self.magpie.store.close()

    def _again(self, after_crash: bool = False) -> None:
        self.end()
        self.magpie = self._born(after_crash)

    def _round(self) -> None:
        """Hear and say, once."""
        self.rung.wait(0.02 if self.polls else 0)
        self.rung.clear()
        try:
            for doing in (self.magpie.hear, self.magpie.speak):
                with suppress(ChannelError):
                    doing()
        except KilledError:
            self._again(after_crash=True)

    def _until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + 60
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"Schedule {self.seed} comes to no end: {self._open()}")
            self._round()

    # -- what is to be seen

    def _quiet(self) -> bool:
        """Nothing is underway, nothing waits, and Telegram knows that all was heard."""
        self.town.mailbox.shuffle = None
        if self.town.faults.underway:
            time.sleep(0.02)
            return False
        return not self._open() and not len(self.town.mailbox)

    def rows(self, query: str, *given: object) -> list[Any]:
        """What Magpie's memory holds."""
        with closing(sqlite3.connect(self.folder / MEMORY)) as conn:
            return conn.execute(query, given).fetchall()

    def _open(self) -> list[Any]:
        return self.rows("SELECT key, state FROM outbox WHERE state NOT IN ('sent', 'given up')")

    def _told(self, digest: Digest) -> set[int]:
        """The numbers of the entries that are recorded as sent."""
        sent = self.rows("SELECT entry_id FROM outbox WHERE state = 'sent'")
        return {entry.number for entry in digest.entries if (entry.id,) in sent}

    def of(self, entry: Entry) -> list[Shown]:
        """The messages that tell of an entry."""
        words = POSTS[self.uris[entry.lead]][:40]
        return [one for one in self.town.said(self.owner) if words in one.text and one.buttons]
