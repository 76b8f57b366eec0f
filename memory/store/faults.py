"""What a database complains about, in one sentence that says what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

from config.errors import StoreError
from memory.keeping.backup import CHECKPOINTS, FOLDER, INDEX, newest
from memory.lock import unusable

_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HELD: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_CLOSED: Final = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)


def explained(error: BaseException, path: Path, done: str = "opened") -> StoreError:
    """The error of a database, of the system, or of SQLAlchemy around one of these, as the owner is told it."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", -1) & 0xFF
    number = getattr(cause, "errno", None)
    if code in _DAMAGED:
        return damaged(path, str(cause))
    if code == sqlite3.SQLITE_FULL or number in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"The disk that holds {path} is full: make room and start Magpie again; all that was kept before is there."
        )
    if number in (errno.EEXIST, errno.ENOTDIR):
        return unusable(path.parent, OSError(number, os.strerror(number)))
    if code in _HELD:
        return StoreError(
            f"Another program has held the memory at {path} for ten seconds: close it there, then try again."
        )
    if code in _CLOSED or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreError(
            f"The memory at {path} cannot be written: it or its folder is read-only; "
            f"give yourself the right to write there (chmod -R u+rwX {path.parent})."
        )
    return StoreError(f"The memory at {path} cannot be {done}: {cause}; check the folder's permissions and free space.")


def damaged(path: Path, cause: str) -> StoreError:
    """The file is not what was written there; it is left as it is."""
    return StoreError(f"The memory at {path} is damaged ({cause}) and was left as it is: {_advice(path)}.")


def there(path: Path) -> bool:
    """Whether there is a memory. Raises StoreError when one was lost, or where there cannot be one."""
    try:
        if path.parent.exists() and not path.parent.is_dir():
            raise unusable(path.parent, OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))
        refuse_lost(path)
        return path.exists()
    except OSError as error:
        raise explained(error, path) from error


def refuse_lost(path: Path) -> None:
    """No file, or one without a byte, is a new memory, unless there was one here before. Raises StoreError."""
    if path.exists() and not (path.is_file() and path.stat().st_size == 0):
        return
    left = [name for name in (INDEX, CHECKPOINTS) if (path.parent / name).exists()]
    if newest(path.parent):
        left.append(FOLDER)
    if left:
        lost = "is empty" if path.exists() else "is gone"
        raise StoreError(
            f"The memory at {path} {lost}, while {' and '.join(left)} beside it are still there: {_advice(path)}; "
            f"to begin anew, move these away from {path.parent}."
        )


def _advice(path: Path) -> str:
    backup = newest(path.parent)
    if backup:
        return f"bring back the newest backup with 'magpie restore {backup}'"
    return "there is no backup beside it; bring one back with 'magpie restore FILE' if you have it elsewhere"


def nothing_yet(path: Path) -> StoreError:
    """There is no memory, and whoever asks does not make one."""
    return StoreError(f"Nothing was collected yet: 'magpie collect' or 'magpie run' makes the memory at {path}.")
