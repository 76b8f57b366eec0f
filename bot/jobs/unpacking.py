"""Unpack: the files that the owner has sent, one after another: looked into, and imported where the owner wants it."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from bot.channels import Channel, Fetches, Typing
from bot.channels.rendering import shorten
from bot.jobs.company import Company
from bot.jobs.importing import Importing, Taken
from bot.notes import Notebook
from bot.parcels import NEW, Parcel, Parcels
from bot.speaking import say
from config.errors import ChannelError, MagpieError, SourceError
from memory.records import Offer
from memory.store import Store
from tools.importers import Importer, Opened, importer
from tools.importers.opening import Limits, opened
from tools.importers.recognising import called, kind_of

FOLDER: Final = "parcels"
_LIMITS: Final = Limits(entries=20_000, entry=1 << 30, total=2 << 30)
_COPY: Final = "copy it to the machine that I run on, and say there: magpie import PATH"
_STRANGE: Final = "I do not recognise it as an export of anything that I can read."
_OWN: Final = b'{"noun":"magpie"'
_WHO: Final = "Who are you in it? Press or write the name, so that your own words count as yours."
_MOST_ASKED: Final = 3
_BEARS: Final = 60  # bytes of what a button says
PATIENCE: Final = timedelta(days=1)
"""How long a file is tried for that cannot be fetched."""
BROKE: Final = "Something in me broke over it; the log says where."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unpacker:
    """Sees to the files that were sent in one channel. ``data`` is where one lies for as long as it is read."""

    store: Store
    channel: Channel
    importing: Callable[[], Importing]
    zone: ZoneInfo  # of times in it that name none
    data: Path
    now: Callable[[], datetime]
    ending: Callable[[], bool] = lambda: False

    def unpack_next(self) -> bool:
        """See to the file that has waited longest, and queue what is said; False where none can be seen to now."""
        with self.store.begin() as memory:
            parcel = Parcels(memory, self.now()).next(self.channel.name)
        if parcel is None:
            return False
        try:
            self._look(parcel) if parcel.state == NEW else self._import(parcel)
        except Exception as error:
            if self.ending():  # it is gone on with after the next start
                raise
            return self._failed(parcel, error)
        return True

    def _failed(self, parcel: Parcel, error: Exception) -> bool:
        """Whether it is done with: what cannot be fetched now waits, for a day."""
        if isinstance(error, ChannelError) and parcel.age(self.now()) < PATIENCE:
            log.warning("event=not_fetched channel=%s cause=%r", self.channel.name, str(error))
            return False
        if not isinstance(error, MagpieError):
            log.exception("event=broke job=unpack channel=%s", self.channel.name)
        why = str(error) if isinstance(error, MagpieError) else BROKE
        self._settle(parcel, f"I do not take “{parcel.name}” in. {why}")
        return True

    def _look(self, parcel: Parcel) -> None:
        """Its size, its kind and what is in it: only then it is offered."""
        if why := self._unfetched(parcel):
            self._settle(parcel, why)
            return
        company = Company()
        with self._opened(parcel) as (kind, reader):
            found = self.importing().rehearse(company.around(reader))
        if found.failures or not found.counts["read"]:
            raise SourceError(found.failures[0] if found.failures else "There is nothing in it to be taken in.")
        self._offer(replace(parcel, kind=kind, people=company.names), found)

    def _import(self, parcel: Parcel) -> None:
        company = Company()
        with self._opened(parcel) as (_, reader):
            taken = self.importing().take_in(company.around(reader))
        missed = f" I found no words of {parcel.me} in it." if parcel.me and not company.own else ""
        self._settle(parcel, f"“{parcel.name}” {told(taken)}{missed}")

    def _unfetched(self, parcel: Parcel) -> str:
        """Why a file is not even fetched."""
        about = f"“{parcel.name}” ({size(parcel.size)})"
        if not parcel.size:
            return f"“{parcel.name}” is empty."
        if not isinstance(self.channel, Fetches):
            return f"{about} I cannot fetch from here: {_COPY}"
        if parcel.size > self.channel.largest:
            limit = f"{self.channel.largest >> 20} MB"
            return f"{about} is larger than the {limit} that a bot may fetch here: {_COPY}"
        return ""

    @contextmanager
    def _opened(self, parcel: Parcel) -> Iterator[tuple[str, Importer]]:
        """Its kind and its reader. The file lies on the disk for no longer than this. Raises MagpieError."""
        clear(self.data)
        folder = self.data / FOLDER
        try:
            with opened(self._fetched(parcel, folder), _LIMITS) as export:
                kind = parcel.kind or _kind(export)
                me = (parcel.me,) if parcel.me else ()
                yield kind, importer(kind, export, {"zone": self.zone, "me": me})
        finally:
            clear(self.data)

    def _fetched(self, parcel: Parcel, folder: Path) -> Path:
        if isinstance(self.channel, Typing):
            with suppress(ChannelError):
                self.channel.typing()
        data = self.channel.fetch(parcel.ref) if isinstance(self.channel, Fetches) else b""
        if data.startswith(_OWN):
            raise SourceError(f"It is an export of Magpie's own: {_COPY}")
        folder.mkdir(mode=0o700, parents=True)
        path = folder / file_name(parcel.name)
        path.write_bytes(data)
        return path

    def _offer(self, parcel: Parcel, found: Taken) -> None:
        read, new = found.counts["read"], found.counts["new"] + found.counts["edited"]
        told = f"“{parcel.name}” ({size(parcel.size)}) is of the kind {called(parcel.kind)}: {read} to read, {new} new."
        asks = f"Shall I take it in?{f' {_WHO}' if parcel.people else ''}"
        with self.store.begin() as memory:
            alone = not Notebook(memory, self.now(), "").asked_about()  # a bare yes answers one question only
            Parcels(memory, self.now()).offer(parcel, asked=alone)
            out = say(f"offer/{parcel.number}", f"{told} {asks}", reply_to=parcel.message)
            memory.outbox.queue(self.channel.name, replace(out, offers=_offers(parcel)), self.now())

    def _settle(self, parcel: Parcel, sentence: str) -> None:
        """Of a file that is done with already nothing is said."""
        with self.store.begin() as memory:
            if Parcels(memory, self.now()).done(parcel):
                out = say(f"parcel/{parcel.number}", sentence, reply_to=parcel.message)
                memory.outbox.queue(self.channel.name, out, self.now())


def clear(data: Path) -> None:
    """Nothing that was sent lies there any more, be it of one that was killed."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


def _offers(parcel: Parcel) -> tuple[Offer, ...]:
    """Those who have said most in it, as far as a button can bear it."""
    yes, no = f"/import {parcel.number}", f"/import {parcel.number} no"
    people = [Offer(shorten(name, 30), f"{yes} {name}") for name in parcel.people[:_MOST_ASKED] if name]
    people = [offer for offer in people if len(offer.says.encode()) <= _BEARS]
    return (*people, Offer("None of them" if parcel.people else "Take it in", yes), Offer("No", no))


def _kind(export: Opened) -> str:
    try:
        return kind_of(export)
    except SourceError as error:
        raise SourceError(_STRANGE if "there are:" in str(error) else str(error)) from None


def told(taken: Taken) -> str:
    """The counts, as the end of a sentence, and why it did not come to the end."""
    counts = taken.counts
    words = {"new": "new", "same": "known", "edited": "changed", "gone": "forgotten before"}
    parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    left = sum(taken.skipped.values()) + sum(taken.damaged.values())
    sentences = [f"is in your archive: {counts['read']} read; {', '.join(parts) or 'nothing new'}."]
    sentences += [f"{left} rows could not be taken in." if left > 1 else "One row could not be taken in."] * bool(left)
    return " ".join([*sentences, *taken.failures[:1]])


def file_name(name: str) -> str:
    """A name that leads nowhere else, and by which an export is known all the same."""
    return re.sub(r"[^\w .()+-]", "_", name).lstrip(". ")[-100:] or "file"


def size(count: int) -> str:
    """How many bytes: 1.2 MB."""
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(1, count // 1000)} kB"
