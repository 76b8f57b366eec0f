"""Digest: the graph is run, what it found is looked at once more at its source, and the messages are queued."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from agents.digest import Desk, State, build
from bot.jobs import RunLog, run
from bot.jobs.collect import Collector
from bot.speaking import Speaker
from config.settings import DigestSection
from memory import records
from memory.records import Digest, Entry
from memory.store import Memory, Store
from tools.sources import Source

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from langgraph.checkpoint.sqlite import SqliteSaver

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

    def today(self) -> date:
        """The owner's local date."""
        return self.now().astimezone(self.zone).date()

    def digest(self, channel: str) -> Digest:
        """The digest of today for a channel, made and queued if there is none yet."""
        with self.store.begin() as memory:
            made = memory.digests.of_date(self.today(), channel)
        if made is not None:
            return made
        with run(self.store, "digest", self.now) as record:
            digest = self._checked(channel, record)
            return self._queue(digest)

    def preview(self, channel: str) -> Digest:
        """What a digest would be now; nothing of it is kept or sent."""
        with run(self.store, "preview", self.now) as record:
            return self._checked(channel, record)

    def _checked(self, channel: str, record: RunLog) -> Digest:
        digest = self._think(channel, record, 0)
        for look in range(1, LOOKS):
            if not self.look_again({uri for entry in digest.entries for uri in entry.items}):
                break
            digest = self._think(channel, record, look)
        return digest

    def _think(self, channel: str, record: RunLog, look: int) -> Digest:
        now = self.now()
        state: State = {
            "run": record.id,
            "day": self.today(),
            "channel": channel,
            "since": self._since(channel, now),
            "until": now,
        }
        with saver(self.checkpoints) as checkpointer:
            graph = build(checkpointer)
            thread: Any = {"configurable": {"thread_id": f"{record.id}/{look}"}}
            done = cast(State, graph.invoke(state, thread, context=self.desk, durability="sync"))
            checkpointer.delete_thread(f"{record.id}/{look}")  # only what failed can be gone on with
        digest = done["digest"]
        counted = {"candidates": len(done["candidates"]), "known stories": done["known"], **done["left_out"]}
        record.counts.update({**counted, "ranked": done["considered"], "entries": len(digest.entries)})
        return digest

    def _since(self, channel: str, now: datetime) -> datetime:
        """The window, or all the time since the last digest if that is longer (a week at most)."""
        window = now - timedelta(hours=self.settings.window_hours)
        with self.store.begin() as memory:
            last = memory.digests.latest(channel)
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
        """The digest and its messages, in one transaction."""
        with self.store.begin() as memory:
            made = memory.digests.of_date(digest.date, digest.channel)
            if made is not None:  # another process was faster
                return made
            digest = memory.digests.add(digest)
            after = ""
            for out, entry in self.speaker(memory, digest.entries).digest(digest):
                number = entry.id if entry else None
                memory.outbox.queue(digest.channel, out, self.now(), after, number, digest.id)
                after = after or out.key
            memory.sources.gaps_told(digest.id)
        return digest


@contextmanager
def saver(path: Path) -> Iterator[SqliteSaver]:
    """LangGraph's checkpoints in a file of their own; only our own nouns may be read back from it."""
    os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"
    os.environ["LANGSMITH_TRACING"] = "false"
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite import SqliteSaver

    nouns = [(records.__name__, name) for name in ("Story", "Entry", "Factor", "Digest")]
    path.touch(mode=0o600)
    with closing(sqlite3.connect(path, check_same_thread=False)) as conn:
        yield SqliteSaver(conn, serde=JsonPlusSerializer(allowed_msgpack_modules=nouns))
