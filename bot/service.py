"""The bot as a service: collects, makes what is due, hears the owner, says what waits; until it is told to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from threading import Event

from bot.build import Magpie
from bot.channels import Wakes
from bot.clock import Bell, Clock
from bot.jobs import settle_broken, unpacking
from bot.parlour import Parlour
from config.errors import ChannelError, MagpieError, SourceError
from memory.keeping import restore

log = logging.getLogger(__name__)

DUE_SECONDS = 30.0
DAY_SECONDS = 24 * 3600.0
LONGEST_REST = timedelta(minutes=10)


class StoppedError(MagpieError):
    """A job was asked to stop; what it has done is kept."""


@dataclass(frozen=True, slots=True)
class _Away:
    """A channel that failed so many times in a row, and is left alone until then."""

    times: int
    until: datetime


@dataclass
class Service:
    """One Magpie at work: the desk collects and makes digests, an ear for each channel hears and speaks, the study
    answers, the cellar keeps the index."""

    magpie: Magpie
    stopped: Event = field(default_factory=Event)
    failures: list[str] = field(default_factory=list)
    exit_status: int = 0  # that of the first failure
    _clock: Clock | None = field(default=None, init=False)
    _away: dict[str, _Away] = field(default_factory=dict, init=False)  # channels that could not be reached

    def __post_init__(self) -> None:
        """Long jobs look up between two steps."""
        tell = self.magpie.progress

        def progress(what: str, done: int) -> None:
            tell(what, done)
            if self.stopped.is_set():
                raise StoppedError("Magpie was told to stop; it goes on from here when it is started again.")

        self.magpie.progress = progress
        self.magpie.ending = self.stopped.is_set

    def prepare(self) -> None:
        """Build what nothing works without. Raises MagpieError: better now than at the owner's hour."""
        magpie = self.magpie
        broken = settle_broken(magpie.store, magpie.now())
        unpacking.clear(magpie.settings.data)
        restore.clear(magpie.settings.data)
        channels = ",".join(parlour.channel.name for parlour in magpie.parlours)
        log.info("event=started sources=%d channel=%s broken_off=%d", len(magpie.sources), channels, broken)

    def run(self) -> None:
        """Work until ``stopped`` is set. Raises MagpieError when it cannot begin."""
        self.prepare()
        clock = self._clock = Clock(self._bells())
        clock.start()
        deafen = [self._wake(parlour, partial(clock.ring, _bell(parlour))) for parlour in self._parlours]
        try:
            clock.watch(self.stopped)
        finally:
            self.stopped.set()
            for end in deafen:
                end()
            clock.stop()
            self.magpie.close()
            log.info("event=stopped")

    def once(self) -> None:
        """Each thing once, for those whose own clock (cron) does the rest. What fails is in ``failures``."""
        self.prepare()
        try:
            for work in (self.collect, self.listen, self.answer, self.look, self.speak, self.tidy):
                work()
        finally:
            self.magpie.close()

    def collect(self) -> None:
        """Read all sources to their end."""
        with self._guarded("collect"):
            record = self.magpie.collector.collect(self.magpie.sources)
            for failure in dict.fromkeys(record.failures):
                log.warning("event=failed job=collect run=%s cause=%r", record.id, failure)
                self._failed(failure, SourceError.exit_status)

    def look(self) -> None:
        """Make the digest that is due, if one is."""
        with self._guarded("look"):
            if self.magpie.due.look():
                self.speak()

    def listen(self) -> None:
        """Hear what is new in every channel, and say what waits; questions are left to the study."""
        for parlour in self._parlours:
            self._listen(parlour)

    def _listen(self, parlour: Parlour) -> None:
        if self._is_away(parlour):
            return
        with self._guarded("listen"):
            try:
                parlour.listen()
                self._away.pop(parlour.name, None)
            except ChannelError:
                times = self._away[parlour.name].times + 1 if parlour.name in self._away else 1
                pause = timedelta(seconds=self.magpie.settings.schedule.listen_seconds * 2 ** min(times, 10))
                self._away[parlour.name] = _Away(times, self.magpie.now() + min(pause, LONGEST_REST))
                raise
        self._speak(parlour)
        if self._clock is not None:
            self._clock.ring("answer")

    def answer(self) -> None:
        """Answer what was asked, one question after another."""
        for parlour in self._parlours:
            with self._guarded("answer"):
                parlour.answer()

    def speak(self) -> None:
        """Say what waits. In a terminal nothing is said unasked: it waits for the chat."""
        for parlour in self._parlours:
            self._speak(parlour)

    def _speak(self, parlour: Parlour) -> None:
        if not self._is_away(parlour):
            with self._guarded("speak"):
                parlour.speak()

    def tidy(self) -> None:
        """What has served its time goes, and a backup is made."""
        with self._guarded("tidy"):
            self.magpie.tidy()

    def mend(self) -> None:
        """See that the vector index is sound; this may take its time."""
        with self._guarded("mend"):
            self.magpie.mend()

    def _bells(self) -> dict[str, Bell]:
        chosen = self.magpie.settings.schedule
        return {
            "collect": Bell("desk", chosen.collect_minutes * 60, self.collect),
            "look": Bell("desk", DUE_SECONDS, self.look),
            "tidy": Bell("desk", DAY_SECONDS, self.tidy),
            "mend": Bell("cellar", DAY_SECONDS, self.mend),
            "answer": Bell("study", chosen.listen_seconds, self.answer),
            **{
                _bell(parlour): Bell(f"ear {parlour.name}", chosen.listen_seconds, partial(self._listen, parlour))
                for parlour in self._parlours
            },
        }

    @property
    def _parlours(self) -> list[Parlour]:
        """Those in which one hears and speaks by oneself."""
        return [parlour for parlour in self.magpie.parlours if parlour.remote]

    @staticmethod
    def _wake(parlour: Parlour, ring: Callable[[], None]) -> Callable[[], None]:
        """Where the server says at once that something came in, the ear need not wait for its next turn."""
        channel = parlour.channel
        return channel.wakes(ring) if isinstance(channel, Wakes) else lambda: None

    def _is_away(self, parlour: Parlour) -> bool:
        """Whether the channel was away just now; a clock that was set back must not make the pause longer."""
        away = self._away.get(parlour.name)
        return away is not None and timedelta() < away.until - self.magpie.now() <= LONGEST_REST

    @contextmanager
    def _guarded(self, job: str) -> Iterator[None]:
        """What goes wrong in one turn is told in the log; the next turn comes all the same."""
        try:
            yield
        except StoppedError:
            log.info("event=interrupted job=%s", job)
        except MagpieError as error:
            log.warning("event=failed job=%s cause=%r", job, str(error))
            self._failed(str(error), error.exit_status)
        except Exception as error:
            log.exception("event=broke job=%s", job)
            self._failed(f"{job} broke off ({type(error).__name__}); the log says where.", MagpieError.exit_status)

    def _failed(self, why: str, status: int) -> None:
        self.exit_status = self.exit_status or status
        self.failures.append(why)


def _bell(parlour: Parlour) -> str:
    return f"listen {parlour.name}"
