"""Files that the owner has sent: each is looked into, offered to be imported, and imported when the owner says so.

What waits is kept in the preferences. The files themselves are not: they are fetched when they are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from bot.channels.rendering import shorten
from bot.notes import agreed, declined
from memory.records import Message, Outgoing
from memory.store import Memory
from tools.importers.rows import squeezed

if TYPE_CHECKING:
    from bot.commands import Asked

NEW: Final = "new"
OFFERED: Final = "offered"
WANTED: Final = "wanted"
WAITS: Final = timedelta(minutes=10)
"""How long an offer may be answered with a bare yes."""
KEPT: Final = timedelta(days=7)
"""How long it can be taken up at all."""
LEFT: Final = "Then I leave it."
NOTHING: Final = "There is no file that waits to be imported: send me one."
NO: Final = "no"
_NAME: Final = "parcels"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A file, by what the platform calls it. ``asked``: a bare yes, or a name, is an answer to its offer."""

    number: int
    channel: str
    message: str  # the platform's id of the one it came with
    ref: str
    name: str
    size: int  # bytes, as the platform says
    at: str  # the instant of its state
    state: str = NEW
    kind: str = ""
    asked: bool = False
    people: Sequence[str] = ()  # who talks in it, where the owner may be any of them
    me: str = ""  # which of them the owner is

    def called(self, name: str) -> str:
        """Who of its people bears that name, as it is written there; empty for none."""
        return next((one for one in self.people if squeezed(one) == squeezed(name)), "")

    def age(self, now: datetime) -> timedelta:
        """How long it is in its state."""
        return now - datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class Parcels:
    """Those of all channels, within one transaction."""

    memory: Memory
    now: datetime

    def put(self, message: Message) -> None:
        """A file was sent."""
        kept, shared = self._all(), message.shared
        if shared is not None:
            name = re.split(r"[/\\]", shared.name)[-1] or "a file without a name"
            new = Parcel(
                self._kept["last"] + 1, message.channel, message.platform_id, shared.ref, name, shared.size, self._stamp
            )
            self._keep([*kept, new])

    def next(self, channel: str) -> Parcel | None:
        """The first of a channel that something is to be done with."""
        return next((one for one in self._all() if one.channel == channel and one.state in (NEW, WANTED)), None)

    def offer(self, parcel: Parcel, asked: bool) -> None:
        """It may be imported, if the owner wants it."""
        self._change(replace(parcel, state=OFFERED, at=self._stamp, asked=asked))

    def want(self, parcel: Parcel, me: str = "") -> None:
        """The owner wants it, and is called that in it."""
        self._change(replace(parcel, state=WANTED, at=self._stamp, asked=False, me=me))

    def done(self, parcel: Parcel) -> bool:
        """Nothing is to be done with it any more; False when that was so before."""
        kept = self._all()
        self._keep([one for one in kept if one.number != parcel.number])
        return any(one.number == parcel.number for one in kept)

    def offered(self, number: int | None = None) -> Parcel | None:
        """The one of that number, or the latest, if it is offered."""
        found = [one for one in self._all() if one.state == OFFERED and number in (None, one.number)]
        return found[-1] if found else None

    def asked_about(self, channel: str) -> Parcel | None:
        """The one that a bare yes would mean there now."""
        found = [one for one in self._all() if one.asked and one.channel == channel and one.age(self.now) <= WAITS]
        return found[-1] if found else None

    def let_go(self) -> None:
        """Something else was said: a bare yes is no answer any more. The offers stand."""
        kept = self._all()
        if any(one.asked for one in kept):
            self._keep([replace(one, asked=False) for one in kept])

    @property
    def _stamp(self) -> str:
        return self.now.isoformat()

    @property
    def _kept(self) -> dict[str, Any]:
        """``last`` is the highest number that was ever given: no button of long ago means another file."""
        kept: dict[str, Any] | None = self.memory.preferences.get(_NAME)
        return kept or {"last": 0, "waiting": []}

    def _all(self) -> list[Parcel]:
        kept = [Parcel(**one) for one in self._kept["waiting"]]
        return [one for one in kept if one.state != OFFERED or one.age(self.now) <= KEPT]

    def _change(self, parcel: Parcel) -> None:
        self._keep([parcel if one.number == parcel.number else one for one in self._all()])

    def _keep(self, parcels: list[Parcel]) -> None:
        last = max(self._kept["last"], *(one.number for one in parcels), 0)
        self.memory.preferences.choose(_NAME, {"last": last, "waiting": [*map(asdict, parcels)]}, self.now)


def answered(memory: Memory, message: Message, words: str, now: datetime) -> str:
    """The command that a bare yes, no or name stands for after an offer; anything else takes none of them back."""
    parcels = Parcels(memory, now)
    meant = parcels.asked_about(message.channel)
    parcels.let_go()
    if meant is None or not (agreed(words) or declined(words) or meant.called(words)):
        return ""
    return f"{meant.number} {NO if declined(words) else meant.called(words)}".rstrip()


def import_(asked: Asked) -> Outgoing:
    """/import, /import 2, /import 2 no, /import 2 Ana Kovač"""
    found = re.fullmatch(r"(\d{0,9})(?!\d)\s*(.*)", asked.words, re.S)
    parcels = Parcels(asked.memory, asked.now)
    parcel = parcels.offered(int(found[1]) if found and found[1] else None)
    if parcel is None:
        return asked.says(NOTHING)
    name = found[2] if found else ""
    if name.lower() == NO:
        parcels.done(parcel)
        return asked.says(LEFT)
    if name and not parcel.called(name):
        return asked.says(_nobody(parcel)) if parcel.people else asked.puzzled(f"/import {parcel.number}")
    parcels.want(parcel, parcel.called(name) if name else "")
    return asked.says(f"I take “{parcel.name}” in, and tell you what came of it.")


def _nobody(parcel: Parcel) -> str:
    people = ", ".join(shorten(name, 30) for name in parcel.people[:5] if name)
    more = f" and {len(parcel.people) - 5} more" if len(parcel.people) > 5 else ""
    return f"Nobody is called that in “{parcel.name}”; there are {people}{more}."


PARCELS: Mapping[str, Callable[[Asked], Outgoing]] = {"import": import_}
