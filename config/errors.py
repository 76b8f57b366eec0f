"""Every error that Magpie raises on purpose.

MagpieError
├── ConfigError    what the owner has set cannot be used
├── SourceError    something could not be collected
├── StoreError     something could not be kept or found
├── ModelError     a model is away, slow or talks nonsense
└── ChannelError   something could not be said or heard

A message is one sentence: what happened, to which thing, why, and what to do about it. Each kind has an exit status.
"""

from __future__ import annotations

import errno
from typing import Final

_WHY: Final = {
    errno.ENOENT: "it is not there",
    errno.EACCES: "you have no permission",
    errno.EPERM: "you have no permission",
    errno.EISDIR: "it is a folder",
    errno.ENOTDIR: "what should be a folder on the way to it is none",
    errno.ELOOP: "it is a link to another place",
    errno.ENOSPC: "the disk is full",
    errno.EROFS: "the disk cannot be written to",
    errno.EIO: "the disk is damaged",
}


def why(error: BaseException) -> str:
    """The reason of an error of the system, or of a library, as a part of a sentence."""
    number = getattr(error, "errno", None)
    if number in _WHY:
        return _WHY[number]
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).splitlines()[0].rstrip(".")[:120]


class MagpieError(Exception):
    """What the owner is told instead of a traceback."""

    exit_status = 1


class ConfigError(MagpieError):
    """A setting is missing, misspelt or impossible."""

    exit_status = 3


class SourceError(MagpieError):
    """A source is away, refuses, or has sent something unreadable."""

    exit_status = 4


class StoreError(MagpieError):
    """The memory cannot be opened, read or written."""

    exit_status = 5


class InUseError(StoreError):
    """Another Magpie works on this memory."""

    exit_status = 8


class ModelError(MagpieError):
    """A chat or embedding model is missing, too slow, or its output cannot be used."""

    exit_status = 6


class ModelAwayError(ModelError):
    """A model cannot be reached or loaded, or is too slow: asking again at once would only cost time."""


class ChannelError(MagpieError):
    """A message could not be sent or received."""

    exit_status = 7


class RefusedSendError(ChannelError):
    """The platform has understood this very message and will never take it."""


class DoubtfulSendError(ChannelError):
    """It is not known whether the message has arrived (the connection broke after it was sent)."""
