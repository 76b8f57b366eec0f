"""The four shapes of an export: a folder, a single file, a zip, a tar."""

from __future__ import annotations

import gzip
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from config.errors import SourceError, why
from tools.importers.opening import Limits, Opened, checked, nested
from tools.importers.rows import amount, empty

_DIRECTORY_MOST = 16 << 20  # bytes of a zip's list of contents, which is read at once
_GZIP, _OTHERS = b"\x1f\x8b", {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"7z\xbc\xaf": "7-Zip", b"Rar!": "RAR"}


def shelf(path: Path, limits: Limits) -> Opened:
    """Whatever lies at ``path``. Raises SourceError."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return _Folder(path, limits)
        if not stat.S_ISREG(mode):
            raise SourceError(f"{path} is neither a file nor a folder: name the export itself.")
        with path.open("rb") as file:
            head = file.read(512)
            tar = tarfile.is_tarfile(path) if head[257:262] == b"ustar" else False
    except FileNotFoundError:
        raise SourceError(f"There is no {path}: check the path.") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {why(error)}; check its permissions.") from error
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _Zip(path, limits)
    if tar or head.startswith(_GZIP):
        return _Tar(path, limits, packed=head.startswith(_GZIP))
    for magic, called in _OTHERS.items():
        if head.startswith(magic):
            raise SourceError(f"{path.name} is packed with {called}: unpack it, and name the folder.")
    return _File(path, limits)


def _at(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime(1980, 1, 1, tzinfo=UTC)


class _File(Opened):
    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self._stat = path.stat()
        self.names = (path.name,)

    @property
    def home(self) -> str:
        return self.path.absolute().parent.name or self.stem

    def size(self, name: str) -> int:
        return self._stat.st_size

    def modified(self, name: str) -> datetime:
        return _at(self._stat.st_mtime)

    def _open(self, name: str) -> BinaryIO:
        if name != self.path.name:
            raise FileNotFoundError(f"there is no {name}")
        return self.path.open("rb")


class _Folder(Opened):
    """Links are not followed."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self._stats: dict[str, os.stat_result] = {}
        self._walk()
        self.names = tuple(sorted(self._stats))

    def _walk(self) -> None:
        stack = [("", 0)]
        while stack:
            folder, depth = stack.pop()
            try:
                with os.scandir(self.path / folder) as entries:
                    found = list(entries)
            except OSError as error:
                self.left_out.append(empty(folder or ".", f"the folder cannot be read: {why(error)}"))
                self.in_full = False
                continue
            for entry in found:
                self._see(entry, folder, depth, stack)
            if len(self._stats) > self.limits.entries:
                raise SourceError(f"{self.path} holds more than {self.limits.entries} files: name a folder within it.")

    def _see(self, entry: os.DirEntry[str], folder: str, depth: int, stack: list[tuple[str, int]]) -> None:
        name = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_symlink():
            self.left_out.append(empty(name, "links are not followed"))
        elif self.hides(name):
            return
        elif entry.is_dir(follow_symlinks=False):
            if depth >= self.limits.depth:
                self.left_out.append(empty(name, "it lies too deep"))
            else:
                stack.append((name, depth + 1))
        elif not entry.is_file(follow_symlinks=False):
            self.left_out.append(empty(name, "it is no ordinary file"))
        else:
            self._stats[name] = entry.stat(follow_symlinks=False)

    def size(self, name: str) -> int:
        return self._stats[name].st_size

    def modified(self, name: str) -> datetime:
        return _at(self._stats[name].st_mtime)

    def _open(self, name: str) -> BinaryIO:
        """The very file that was listed: not what was put in its place, or in that of its folder, meanwhile."""
        before = self._stats.get(name)
        if before is None:
            raise FileNotFoundError(f"there is no {name}")
        number = os.open(self.path / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        now = os.fstat(number)
        inside = (self.path / name).resolve().is_relative_to(self.path.resolve())
        if not stat.S_ISREG(now.st_mode) or not inside:
            os.close(number)
            raise OSError("something else was put in its place")
        return os.fdopen(number, "rb")


class _Zip(Opened):
    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__(path, limits)
        self._file = path.open("rb")
        try:
            _look_at_the_end(self._file, path)
            self._zip = zipfile.ZipFile(self._file)
            self._infos = self._checked()
        except (zipfile.BadZipFile, ValueError, struct.error, OSError, EOFError, NotImplementedError) as error:
            self._file.close()
            raise SourceError(f"{path.name} is damaged: {why(error)}; download or copy it again.") from error
        except BaseException:
            self._file.close()
            raise
        self.names = tuple(self._infos)

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        infos, where = self._zip.infolist(), self.path.name
        if len(infos) > self.limits.entries:
            raise SourceError(f"{where} was refused: it holds more than {self.limits.entries} files.")
        kept: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            # ZipInfo cuts a name at a NUL: what stood in the archive is what counts.
            name = checked(info.orig_filename, where, self.limits)
            if stat.S_ISLNK(info.external_attr >> 16):
                raise SourceError(f"{where} was refused: its file {name[:80]!a} is a link to another place.")
            if info.is_dir() or self.hides(name):
                continue
            if left_out := nested(name):
                self.left_out.append(left_out)
            elif name in kept:
                raise SourceError(f"{where} was refused: it holds {name[:80]!a} twice.")
            else:
                self._refuse_bomb(info, name)
                kept[name] = info
        if sum(info.file_size for info in kept.values()) > self.limits.total:
            raise SourceError(f"{where} was refused: it unpacks to more than {amount(self.limits.total)}.")
        return kept

    def _refuse_bomb(self, info: zipfile.ZipInfo, name: str) -> None:
        most = max(self.limits.ratio_from, info.compress_size * self.limits.ratio)
        if info.file_size > min(most, self.limits.entry):
            raise SourceError(f"{self.path.name} was refused: its file {name[:80]!a} unpacks to more than it may.")

    def size(self, name: str) -> int:
        return self._infos[name].file_size

    def _packed(self, name: str) -> int:
        return self._infos[name].compress_size

    def modified(self, name: str) -> datetime:
        try:
            return datetime(*self._infos[name].date_time, tzinfo=UTC)
        except ValueError:
            return _at(0)

    def _open(self, name: str) -> BinaryIO:
        info = self._infos.get(name)
        if info is None:
            raise FileNotFoundError(f"there is no {name}")
        if info.flag_bits & 1:
            raise OSError("it is encrypted; unpack it, and name the folder")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise OSError("it is packed in an unusual way; unpack it, and name the folder")
        return cast(BinaryIO, self._zip.open(info))

    def close(self) -> None:
        self._zip.close()
        self._file.close()


def _look_at_the_end(file: BinaryIO, path: Path) -> None:
    """The list of contents is read at once: a list too long is refused before."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - (1 << 16) - 128))
    tail = file.read()
    file.seek(0)
    end, end64 = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    listed = struct.unpack_from("<L", tail, end + 12)[0] if 0 <= end <= len(tail) - 22 else 0
    if listed == 0xFFFFFFFF and 0 <= end64 <= len(tail) - 56:
        listed = struct.unpack_from("<Q", tail, end64 + 40)[0]
    if listed > _DIRECTORY_MOST:
        raise SourceError(f"{path.name} was refused: its list of contents is longer than any honest export has.")


class _Tar(Opened):
    def __init__(self, path: Path, limits: Limits, packed: bool) -> None:
        super().__init__(path, limits)
        size = path.stat().st_size
        self._most = max(limits.ratio_from, size * limits.ratio) if packed else size
        self._raw: BinaryIO = cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")  # noqa: SIM115
        try:
            # With mode "r:" the file is read from its start, a header at a time, and every header is looked at.
            bounded: Any = _Bounded(self._raw, min(self._most, limits.total), path)
            self._tar = tarfile.open(fileobj=bounded, mode="r:")  # noqa: SIM115
            self._infos = self._checked()
        except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
            self._raw.close()
            raise SourceError(f"{path.name} is damaged, or no tar: {why(error)}; download or copy it again.") from error
        except BaseException:
            self._raw.close()
            raise
        self.names = tuple(self._infos)

    def _checked(self) -> dict[str, tarfile.TarInfo]:
        kept: dict[str, tarfile.TarInfo] = {}
        where = self.path.name
        for count, info in enumerate(self._tar, 1):
            if count > self.limits.entries:
                raise SourceError(f"{where} was refused: it holds more than {self.limits.entries} files.")
            name = checked(info.name, where, self.limits)
            if info.isdir() or self.hides(name):
                continue
            if not info.isreg() or info.issparse():
                raise SourceError(f"{where} was refused: its file {name[:80]!a} is a link, a device or has holes.")
            if left_out := nested(name):
                self.left_out.append(left_out)
            else:
                kept[name] = info
        return kept

    def size(self, name: str) -> int:
        return self._infos[name].size

    def modified(self, name: str) -> datetime:
        return _at(float(self._infos[name].mtime))

    def _open(self, name: str) -> BinaryIO:
        info = self._infos.get(name)
        file = self._tar.extractfile(info) if info else None
        if file is None:
            raise FileNotFoundError(f"there is no {name}")
        return cast(BinaryIO, file)

    def close(self) -> None:
        self._tar.close()
        self._raw.close()


class _Bounded:
    """A file that ends the reading when more comes out of it than may."""

    def __init__(self, raw: BinaryIO, most: int, path: Path) -> None:
        self.raw, self.most, self.path = raw, most, path
        self.tell, self.close = raw.tell, raw.close

    def _refuse(self) -> SourceError:
        return SourceError(f"{self.path.name} was refused: it unpacks to more than {amount(self.most)}.")

    def read(self, size: int = -1) -> bytes:
        if size > self.most:
            raise self._refuse()
        data = self.raw.read(size)
        if self.raw.tell() > self.most:
            raise self._refuse()
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0 and offset > self.most:
            raise self._refuse()
        return self.raw.seek(offset, whence)
