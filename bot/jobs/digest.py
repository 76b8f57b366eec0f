"""Digest: the graph is run, what it found is looked at once more at its source, and the messages are queued."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from agents.digest import Desk, State, build
from bot.jobs import RunLog, run
from bot.jobs.checkpoints import saver, thread
from bot.jobs.collect import Collector
from bot.jobs.walk import Walk, keep_names, tally
from bot.speaking import Speaker
from config.settings import DigestSection
from memory.records import Digest, Entry
from memory.store import Memory, Store
from tools.sources import Source

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

LOOKS = 3  # how often a digest is made anew because something in it was edited or deleted meanwhile
LONGEST_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class Editor:
    """Makes the digest of a day. ``collector`` and ``sources`` serve to look once more at what was chosen."""

    store: Store
    desk: Desk
    collector: Collector
    sources: Sequence[Source]
    checkpoints: Path
    settings: DigestSection
    zone: ZoneInfo
    now: Callable[[], datetime]
    private_words: bool = True  # whether the channel may hear words of posts for followers only
    troubles: Callable[[str], Sequence[str]] = lambda run: ()  # a run's troubles with the model, each told once
    places: tuple[str, ...] = ()  # the channels in which a digest is told; it is kept under the first
    silent: bool = False  # a digest that nobody has asked for is not said when it has nothing to tell

    def today(self) -> date:
        """The owner's local date."""
        return self.now().astimezone(self.zone).date()

    def digest(self, channel: str, day: date | None = None, slot: int | None = None) -> Digest:
        """The digest for a channel of a local date (today's) and one of its hours, made and queued if there is none.

        Without a slot it is the newest of that date; where there is none, the first is made.
        """
        day = day or self.today()
        with self.store.begin() as memory:
            made = self.made(memory, channel, day, slot)
        if made is not None:
            return made
        with run(self.store, "digest", self.now) as record:
            return self.complete(self._think(self._told_in(channel)[0], day, slot or 0, record), record)

    def made(self, memory: Memory, channel: str, day: date, slot: int | None = None) -> Digest | None:
        """The digest of a date and hour, if it was made already, be it while another channel came first."""
        found = (memory.digests.of_date(day, place, slot) for place in self._told_in(channel))
        return next((digest for digest in found if digest is not None), None)

    def _told_in(self, channel: str) -> tuple[str, ...]:
        """All channels that the digest of one is told in; a channel that is not among the places has its own."""
        return self.places if channel in self.places else (channel,)

    def preview(self, channel: str, recheck: bool = False) -> Digest:
        """What a digest would be now, of what is collected; nothing of it is sent, and only the run is kept.

        With ``recheck`` the sources are asked whether what was chosen still stands there, as they are for a digest.
        """
        with run(self.store, "preview", self.now) as record:
            digest = self._think(channel, self.today(), 0, record, kept=False)
            return self._checked(digest, record, kept=False) if recheck else digest

    def complete(self, digest: Digest, record: RunLog) -> Digest:
        """A digest that the graph has made is looked at once more, kept and queued."""
        return self._queue(self._checked(digest, record))

    def _checked(self, digest: Digest, record: RunLog, kept: bool = True) -> Digest:
        for look in range(1, LOOKS):
            if not self.look_again({uri for entry in digest.entries for uri in entry.items}):
                break
            digest = self._think(digest.channel, digest.date, digest.slot, record, look, kept)
        return digest

    def _think(self, channel: str, day: date, slot: int, record: RunLog, look: int = 0, kept: bool = True) -> Digest:
        walk = Walk(self.store, self.desk, self.now, record)
        state = self._begin(channel, day, slot, record)
        if kept:  # from what is kept the run can be gone on with, and replayed
            with saver(self.checkpoints) as checkpointer:
                done = walk.through(build(checkpointer), state, thread(record.id, look))
            keep_names(self.store, done)
        else:
            done = walk.through(build(), state)
        tally(record, done)
        record.failures += self.troubles(record.id)
        return done["digest"]

    def _begin(self, channel: str, day: date, slot: int, record: RunLog) -> State:
        now = self.now()
        with self.store.begin() as memory:
            horizon, last = memory.runs.reach(), memory.digests.latest(channel)
        since = self._since(last, now)
        return State(run=record.id, day=day, slot=slot, channel=channel, since=since, until=now, horizon=horizon)

    def _since(self, last: Digest | None, now: datetime) -> datetime:
        """The window, or all the time since the last digest if that is longer (a week at most)."""
        window = now - timedelta(hours=self.settings.window_hours)
        return max(min(window, last.made_at), now - LONGEST_WINDOW) if last else window

    def speaker(self, memory: Memory, entries: Iterable[Entry]) -> Speaker:
        """Who says these entries, as the owner wants it and as this channel may hear it."""
        items = memory.items.all({uri for entry in entries for uri in entry.items})
        return Speaker(items, memory.accounts.all(), self.zone, self.settings.form, self.private_words)

    def look_again(self, uris: Collection[str]) -> bool:
        """Ask the sources again for these items; True when any of them has changed or is gone."""
        with self.store.begin() as memory:
            items = memory.items.all(uris).values()
        changes = [
            self.collector.recheck(source, [item.ref for item in items if item.source == source.name])
            for source in self.sources
        ]
        return any(changes)

    def _queue(self, digest: Digest) -> Digest:
        """The digest and its messages in all channels, in one transaction."""
        with self.store.begin() as memory:
            made = self.made(memory, digest.channel, digest.date, digest.slot)
            if made is not None:  # another process was faster
                return made
            digest = memory.digests.add(digest)
            unsaid = self.silent and not digest.entries and len(digest.notes) <= 1  # more are news: gaps
            for place in () if unsaid else self._told_in(digest.channel):
                self._tell(memory, replace(digest, channel=place))
            memory.sources.gaps_told(digest.id)
        return digest

    def _tell(self, memory: Memory, digest: Digest) -> None:
        """Its messages wait in its channel from now on, all but the head as answers to that."""
        after = ""
        for out, entry in self.speaker(memory, digest.entries).digest(digest):
            number = entry.id if entry else None
            memory.outbox.queue(digest.channel, out, self.now(), after, number, digest.id)
            after = after or out.key
