"""One Magpie at a time: a lock on the data folder. The system lets go of it when its holder ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from filelock import FileLock, Timeout

from config.errors import InUseError, StoreError

NAME = "magpie.lock"
LOOKING = 70.0
"""Seconds that a look at what only one process may open can take."""


@contextmanager
def held(folder: Path, looking: float = LOOKING) -> Iterator[bool]:
    """Hold the data folder; yields whether whoever held it before came to an end, or was killed or lost its power.

    Whoever only looks is waited for, ``looking`` seconds at most. Raises InUseError when somebody holds it already,
    StoreError when it cannot be written.
    """
    lock = FileLock(folder / NAME, mode=0o600)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _acquire(lock, folder, monotonic() + looking)
        clean = not _holder(folder).exists()
        _holder(folder).write_text(str(os.getpid()), "utf-8")
    except Timeout:
        raise InUseError(
            f"Another Magpie{_who(folder)} works on the data in {folder}: stop it first, or talk to it in its channel."
        ) from None
    except OSError as error:
        lock.release()
        raise unusable(folder, error) from error
    try:
        yield clean
        _holder(folder).unlink(missing_ok=True)
    except SystemExit:  # the second signal: nobody waited for what was going on
        raise
    except BaseException:
        _holder(folder).unlink(missing_ok=True)
        raise
    finally:
        lock.release()


def _acquire(lock: FileLock, folder: Path, until: float) -> None:
    """Who works here has written that down; who only looks has not, and is waited for. Raises Timeout."""
    while True:
        try:
            lock.acquire(timeout=0)
            return
        except Timeout:
            if _at_work(folder) or monotonic() > until:
                raise
            sleep(0.05)


def unusable(folder: Path, error: OSError) -> StoreError:
    """Why a data folder cannot be one."""
    if folder.exists() and not folder.is_dir():
        return StoreError(
            f"{folder} is a file, and no folder for data: move it, or name another as data in magpie.toml."
        )
    return StoreError(
        f"The data folder {folder} cannot be used: {error.strerror}; check its permissions and free space."
    )


def in_use(folder: Path) -> bool:
    """Whether somebody holds the folder now. Where nobody could write, nobody does."""
    if not (folder / NAME).exists():  # FileLock would make it, and the folder
        return False
    try:
        with FileLock(folder / NAME, mode=0o600, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Look at what only one process may open, if nobody holds the folder; yields whether that is so. Leaves no mark."""
    lock = FileLock(folder / NAME, mode=0o600)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def left_behind(folder: Path) -> bool:
    """Whether whoever held the folder last was killed or lost its power, where nobody holds it now."""
    return _holder(folder).exists()


def _holder(folder: Path) -> Path:
    return folder / "magpie.pid"


def _at_work(folder: Path) -> bool:
    """Whether the process that has written itself down is alive, as far as can be told."""
    try:
        number = int(_holder(folder).read_text("utf-8"))
        if os.name == "posix" and number > 0:
            os.kill(number, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    except (OSError, ValueError, OverflowError):
        return True
    return True


def _who(folder: Path) -> str:
    try:
        return f" (process {int(_holder(folder).read_text('utf-8'))})"
    except (OSError, ValueError):
        return ""
