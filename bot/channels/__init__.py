"""The Channel port. Each module here is one channel; the ``kind`` in magpie.toml is its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from memory.records import Message, Outgoing, Reaction

__all__ = ["NEW", "Channel", "Closes", "Fetches", "Marks", "Past", "Roomy", "Typing", "Wakes"]


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a message before it is sent.

    ``tried_at`` and ``last_at`` are the instants of its first and its latest try: since the first it may have been
    said, whole or in part. ``recorded`` gives the platform's ids of what was said latest and is known to be something
    else. Unless it is ``in_doubt``, each try before has reported that it surely said nothing. ``alone`` tells whether
    no other message may have appeared, unrecorded or late, beside it.
    """

    tried_at: datetime | None = None
    last_at: datetime | None = None
    recorded: Callable[[], Collection[str]] = tuple
    in_doubt: bool = False
    alone: Callable[[], bool] = lambda: False


NEW: Final = Past()
"""It was never tried."""


class Channel(Protocol):
    """A place where Magpie and its owner talk."""

    @property
    def name(self) -> str:
        """What its messages and digests are kept under."""
        ...

    def listen(self, cursor: str | None) -> Iterator[Message | Reaction]:
        """Yield what the owner has said or done since ``cursor``, oldest first, each with the cursor after it.

        Nobody but the owner is ever heard. Raises ChannelError when the platform cannot be reached.
        """
        ...

    def send(self, out: Outgoing, past: Past = NEW) -> tuple[str, ...]:
        """Say it to the owner alone and return the platform's ids of it: one, or one for each part in order.

        What ``past`` leaves in doubt is settled first, where the platform lets one read what was said: what is there is
        not said again, and what is missing is. Where it does not, what is said again says so, with the date, and after
        its own ids come those that an earlier saying may have had. Raises ChannelError when this try has surely said
        nothing more, DoubtfulSendError when that is unknown, RefusedSendError when it never can be said.
        """
        ...


@runtime_checkable
class Wakes(Protocol):
    """A channel that may know at once when something has come in, so that nobody need wait for the next look."""

    def wakes(self, ring: Callable[[], None]) -> Callable[[], None]:
        """From now on call ``ring``, from a thread of its own, whenever something came in; returns what ends that.

        Returns at once and never raises. Where a platform cannot do it, ``ring`` is simply never called; and since any
        call may be missed, listening from time to time stays necessary.
        """
        ...


@runtime_checkable
class Closes(Protocol):
    """A channel that holds connections, and lets go of them."""

    def close(self) -> None:
        """Nothing is said or heard any more. Twice is once."""
        ...


@runtime_checkable
class Typing(Protocol):
    """A channel that can show for some seconds that somebody is at work on an answer."""

    def typing(self) -> None:
        """Show it, as well as it goes; it fades by itself. May raise ChannelError, which nobody minds."""
        ...


@runtime_checkable
class Fetches(Protocol):
    """A channel through which the owner can send files."""

    @property
    def largest(self) -> int:
        """Bytes of the largest file that can be fetched."""
        ...

    def fetch(self, ref: str) -> bytes:
        """What is in the file that the platform calls so.

        Raises ChannelError when it cannot be had now, SourceError when it never can be.
        """
        ...


@runtime_checkable
class Marks(Protocol):
    """A channel that can show under a message which of its offers was chosen, wherever that was."""

    def mark(self, platform_id: str, out: Outgoing, says: str) -> None:
        """Show it under what was said as ``out``. May raise ChannelError, which nobody minds."""
        ...


@runtime_checkable
class Roomy(Protocol):
    """A channel whose messages hold only so much, and that knows how much."""

    def room(self) -> int:
        """Characters that one message holds. Raises ChannelError when that cannot be found out now."""
        ...
