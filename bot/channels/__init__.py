"""The Channel port. Each module here is one channel; the ``kind`` in magpie.toml is its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from memory.records import Message, Outgoing, Reaction

__all__ = ["NEW", "Channel", "Past", "Wakes"]


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a message before it is sent.

    ``tried_at`` and ``last_at`` are the instants of its first and its latest try: since the first it may have been
    said, whole or in part. ``recorded`` gives the platform's ids of what was said latest and is known to be something
    else.
    """

    tried_at: datetime | None = None
    last_at: datetime | None = None
    recorded: Callable[[], Collection[str]] = tuple


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
        not said again, and what is missing is. Raises ChannelError when this try has surely said nothing more,
        DoubtfulSendError when that is unknown, RefusedSendError when it never can be said.
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
