"""One Magpie at a time: a lock on the data folder. The system lets go of it when its holder ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from config.errors import InUseError, StoreError

NAME = "magpie.lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the data folder. Raises InUseError when somebody does already, StoreError when it cannot be written."""
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(path, mode=0o600)
        lock.acquire(timeout=0)
    except Timeout:
        raise InUseError(
            f"Another Magpie{_who(folder)} works on the data in {folder}: stop it first, or talk to it in its channel."
        ) from None
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be used: {error.strerror}; check its permissions and free space."
        ) from error
    try:
        _holder(folder).write_text(str(os.getpid()), "utf-8")
        yield
    finally:
        lock.release()


def in_use(folder: Path) -> bool:
    """Whether somebody holds the folder now."""
    try:
        with FileLock(folder / NAME, mode=0o600, timeout=0):
            return False
    except (Timeout, OSError):
        return (folder / NAME).exists()


def _holder(folder: Path) -> Path:
    return folder / "magpie.pid"


def _who(folder: Path) -> str:
    try:
        return f" (process {int(_holder(folder).read_text('utf-8'))})"
    except (OSError, ValueError):
        return ""
