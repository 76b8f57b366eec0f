"""The Channel port. Each module here is one channel; the ``kind`` in magpie.toml is its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from memory.records import Message, Outgoing, Reaction

__all__ = ["Channel"]


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

    def send(self, out: Outgoing) -> str:
        """Say it to the owner alone and return the platform's id of it (of the first part, if it had to be split).

        Sending the same key again within the platform's memory says it once. Raises ChannelError when it was surely
        not said, DoubtfulSendError when that is unknown.
        """
        ...
