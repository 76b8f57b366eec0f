"""Exports, opened with care: a folder, a zip, a tar or a single file. Nothing is ever unpacked to the disk.

    with opened(path) as export:
        for name in export.names:
            with export.stream(name) as file: ...

What an archive says of itself is not believed: names are checked before anything is read, and bytes are counted while
they are.
"""

from __future__ import annotations

import hashlib
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from config.errors import SourceError, why
from tools.importers.rows import RowError, amount, empty


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an export may be, in bytes unless it says otherwise."""

    entries: int = 100_000  # files
    entry: int = 4 << 30
    total: int = 16 << 30  # of all that is read
    ratio: int = 250  # unpacked to packed
    ratio_from: int = 4 << 20  # what is smaller harms nobody
    depth: int = 64  # folders within folders


LIMITS = Limits()
VAULT: Final = ".obsidian"
NESTED: Final = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar", ".zst", ".jar", ".lz4")
_DEVICE: Final = re.compile(r"(?i)(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|\Z)")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\\]|\A[A-Za-z]:")


class Opened(ABC):
    """An export. ``names``: its files, as relative paths with slashes; ``left_out``: what in it is not offered.

    ``vaults`` are those of its folders ("" is the top) that Obsidian keeps its settings in, which are not read.
    """

    def __init__(self, path: Path, limits: Limits = LIMITS) -> None:
        self.path, self.limits = path, limits
        self.vaults: set[str] = set()
        self.left_out: list[RowError] = []
        self.consumed = 0  # bytes that were read so far, unpacked
        self.looked_at: set[str] = set()  # files that were read beyond their first bytes, or need not be
        self.in_full = True  # whether all of its folders could be looked into
        self._fresh: frozenset[str] | None = None

    names: tuple[str, ...] = ()

    @property
    def fresh(self) -> tuple[str, ...]:
        """Those files that are wanted this time: all, unless it was narrowed."""
        return self.names if self._fresh is None else tuple(name for name in self.names if name in self._fresh)

    def narrow(self, names: Iterable[str]) -> None:
        """Only these files have changed, and are wanted; readers of notes look at no others."""
        self._fresh = frozenset(names)

    def states(self) -> dict[str, str]:
        """What tells the state of each file from another."""
        return {name: f"{self.size(name)} {self.modified(name).timestamp()}" for name in self.names}

    @property
    def stem(self) -> str:
        """What the export is called, without its ending."""
        name = self.path.name
        return re.sub(r"(?i)\.(zip|tar|tgz|tar\.gz)\Z", "", name) if self.path.is_file() else name

    @property
    def home(self) -> str:
        """What the folder is called that its files lie in: that of a single file is the one around it."""
        return self.stem

    @abstractmethod
    def size(self, name: str) -> int:
        """How long a file says it is."""

    @abstractmethod
    def modified(self, name: str) -> datetime:
        """When a file was last changed, in UTC; archives that know no time zone are taken for UTC."""

    @abstractmethod
    def _open(self, name: str) -> BinaryIO: ...

    def _packed(self, name: str) -> int:
        """How many bytes a file takes in its archive."""
        return self.size(name)

    def close(self) -> None:  # noqa: B027
        """Let go of the file."""

    def hides(self, name: str) -> bool:
        """Whether a name lies in a hidden folder, or is hidden itself; that tells where a vault is."""
        parts = name.split("/")
        for place, part in enumerate(parts):
            if part.startswith(".") or part == "__MACOSX":
                if part == VAULT:
                    self.vaults.add("/".join(parts[:place]))
                return True
        return False

    @property
    def fingerprint(self) -> str:
        """What tells this state of the export from another."""
        rows = (f"{name} {state}" for name, state in self.states().items())
        said = "\n".join((str(self.path.resolve()), *rows, *sorted(self._fresh or ())))
        return hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    @property
    def total(self) -> int:
        """Bytes of all files, as they say."""
        return sum(self.size(name) for name in self.names)

    def matching(self, *patterns: str) -> list[str]:
        """Files whose path, or name, is like one of the patterns (lower case, * and ?)."""
        return [name for name in self.names if _like(name, patterns)]

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """Read a file, in pieces. Raises SourceError: it is away, damaged, or longer than it may be."""
        self.looked_at.add(name)
        with self._streamed(name) as file:
            yield file

    @contextmanager
    def _streamed(self, name: str) -> Iterator[BinaryIO]:
        try:
            raw = self._open(name)
        except (OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
            raise SourceError(f"{self.said(name)} cannot be opened: {why(error)}.") from error
        with raw, io.BufferedReader(_Counted(raw, self, name), 1 << 16) as buffered:
            yield buffered

    def said(self, name: str) -> str:
        """A file of it, as sentences name it; an export that is a single file is named once."""
        return name if name == self.path.name else f"{name} in {self.path.name}"

    def head(self, name: str, length: int = 4096) -> bytes:
        """The first bytes of a file; nothing where it cannot be read."""
        try:
            with self._streamed(name) as file:
                return file.read(length)
        except SourceError:
            return b""

    def whole(self, name: str, limit: int = 16 << 20) -> bytes:
        """All of a file that is meant to be small. Raises SourceError."""
        data = bytearray()
        with self.stream(name) as file:
            while piece := file.read(1 << 18):
                data += piece
                if len(data) > limit:
                    raise RowError(name, f"it is longer than {amount(limit)}")
        return bytes(data)


class _Counted(io.RawIOBase):
    """Bytes of a file, counted against its limits as they come; damage is told by its place."""

    def __init__(self, raw: BinaryIO, opened: Opened, name: str) -> None:
        self.raw, self.opened, self.name, self.count = raw, opened, name, 0
        limits, packed = opened.limits, opened._packed(name)
        self.limit = min(limits.entry, max(limits.ratio_from, packed * limits.ratio))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self.raw.read(min(len(buffer), 1 << 16))
        except Exception as error:  # zlib, zipfile and tarfile raise what they like
            where = self.opened.said(self.name)
            raise SourceError(f"{where} is damaged after {self.count} bytes: {why(error)}.") from error
        self.count += len(data)
        self.opened.consumed += len(data)
        if self.count > self.limit or self.opened.consumed > self.opened.limits.total:
            raise SourceError(
                f"{self.opened.said(self.name)} holds more than it may ({amount(self.count)} so far), and was given up."
            )
        buffer[: len(data)] = data
        return len(data)


def checked(name: str, where: str, limits: Limits = LIMITS) -> str:
    """The name of a file in an archive as it is used. Raises SourceError for one that leads anywhere else."""
    parts = PurePosixPath(name).parts
    bad = next(
        (
            why
            for why, found in (
                ("an unprintable sign, a backslash or a drive", _UNSAFE.search(name)),
                ("an absolute path", name.startswith("/")),
                ("a way out of it (..)", ".." in parts),
                ("the name of a device", any(_DEVICE.match(part) for part in parts)),
                ("too many folders within each other", len(parts) > limits.depth),
                ("a name that is too long", len(name) > 1024),
            )
            if found
        ),
        None,
    )
    if bad:
        raise SourceError(f"{where} was refused: its file {name[:80]!a} has {bad}, which no honest export has.")
    return "/".join(parts)


def nested(name: str) -> RowError | None:
    """Archives within archives are not looked into."""
    return empty(name, "an archive within the export is not opened") if name.lower().endswith(NESTED) else None


def _like(name: str, patterns: tuple[str, ...]) -> bool:
    lower = name.lower()
    last = lower.rpartition("/")[2]
    return any(fnmatchcase(lower, pattern) or fnmatchcase(last, pattern) for pattern in patterns)


@contextmanager
def opened(path: Path, limits: Limits = LIMITS) -> Iterator[Opened]:
    """An export for reading. Raises SourceError in one sentence when it is away, unreadable, or not to be trusted."""
    from tools.importers.shelves import shelf

    named = path.name not in ("", "..")  # else, as in "import .", it bears its name elsewhere
    export = shelf(path if named else path.resolve(), limits)
    try:
        yield export
    finally:
        export.close()
