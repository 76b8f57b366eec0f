"""The files of an X archive: scripts that hold JSON behind "window.YTD.tweets.part0 =", large ones in parts."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO, Final, cast

from config.errors import SourceError
from tools.importers.opening import Opened
from tools.importers.reading import walk
from tools.importers.rows import RowError

_PREFIX: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\w.$]{1,100}\s*=\s*")
_LOOK: Final = 256  # bytes in which the prefix ends


class Scripts(Opened):
    """The same export, whose scripts are read as the JSON that they hold."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.path, opened.limits)
        self.opened, self.names = opened, opened.names

    def size(self, name: str) -> int:
        return self.opened.size(name)

    def modified(self, name: str) -> datetime:
        return self.opened.modified(name)

    def _open(self, name: str) -> BinaryIO:
        raise NotImplementedError("its streams are those of the export itself")

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        with self.opened.stream(name) as file:
            if found := _PREFIX.match(cast(io.BufferedReader, file).peek(_LOOK)[:_LOOK]):
                file.read(found.end())
            yield file

    def parts(self, *called: str) -> list[str]:
        """The files that are called so, all parts of each, in their order."""
        patterns = [f"{name}{part}.js" for name in called for part in ("", "-part*", "_part*")]
        return sorted(self.matching(*patterns), key=lambda name: (len(name), name))

    def rows(self, *called: str) -> Iterator[tuple[str, Any] | RowError]:
        """The entries of these files with the words that say where they stand; a broken file ends, the others go on."""
        for name in self.parts(*called):
            try:
                for number, (path, value) in enumerate(walk(self, name, lambda path: path == ("",)), 1):
                    if path == ("",):
                        yield f"Entry {number} of {name}", value
            except SourceError as error:
                yield RowError(f"The rest of {name}", str(error).rstrip("."))

    def first(self, called: str, within: str) -> dict[str, Any]:
        """What stands in the first entry of a small file; nothing where it cannot be read."""
        for name in self.parts(called):
            try:
                value = json.loads(self.whole(name, 1 << 20))[0][within]
            except (ValueError, LookupError, TypeError, RecursionError, SourceError):
                continue
            if isinstance(value, dict):
                return value
        return {}
