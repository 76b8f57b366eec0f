"""Lines, tables and JSON out of a stream, a piece at a time: whatever their charset, length or damage."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from config.errors import SourceError
from tools.importers.opening import Opened
from tools.importers.rows import RowError

LONGEST_LINE: Final = 4 << 20  # characters
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
Path = tuple[str, ...]
"""Where a value stands in a JSON document: keys from the top; a place in a list is ""."""


def charset(head: bytes) -> str:
    """What a text is probably written in, by its first bytes."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if len(head) >= 4 and head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    try:
        # The last sign may be cut off in the middle.
        head[: len(head) - 4 if len(head) > 4000 else None].decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        return "utf-8" if len(error.object) - error.start < 4 and len(head) > 4000 else "cp1252"
    return "utf-8"


def decoded(data: bytes) -> str:
    """All of a small text; what cannot be read becomes �, and every line break a newline."""
    text = data.decode(charset(data), "replace").lstrip("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def text_of(opened: Opened, name: str, limit: int = 16 << 20) -> str:
    """All of a file that is meant to be small, as text. Raises SourceError."""
    return decoded(opened.whole(name, limit))


def lines(opened: Opened, name: str) -> Iterator[tuple[int, str] | RowError]:
    """Numbered lines without their ends; one that is far too long is an error, and never in memory as a whole."""
    encoding = charset(opened.head(name, 1 << 16))
    with opened.stream(name) as file:
        text = io.TextIOWrapper(file, encoding, "replace", newline=None)
        try:
            yield from _numbered(text, name)
        finally:
            text.detach()


def _numbered(text: io.TextIOWrapper, name: str) -> Iterator[tuple[int, str] | RowError]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith("\n"):
            while (rest := text.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            yield RowError(f"Line {number} of {name}", "it is too long")
        else:
            yield number, line.removesuffix("\n").lstrip("\ufeff")


def json_lines(opened: Opened, name: str) -> Iterator[tuple[str, Any] | RowError]:
    """A JSON value a line, each with the words that say where it stands."""
    for row in lines(opened, name):
        if isinstance(row, RowError):
            yield row
            continue
        number, line = row
        if line.strip():
            place = f"Line {number} of {name}"
            try:
                yield place, json.loads(line)
            except (ValueError, RecursionError):
                yield RowError(place, "it is no JSON")


def table(opened: Opened, name: str) -> Iterator[tuple[str, dict[str, str]] | RowError]:
    """The rows of a CSV file by its first row, separated by comma, semicolon or tab, whichever that row has most of."""
    source, places = _good_lines(opened, name), [0]
    faults: list[RowError] = []

    def fed() -> Iterator[str]:
        for row in source:
            if isinstance(row, RowError):
                faults.append(row)
            else:
                places[0] = row[0]
                yield row[1] + "\n"

    feed = fed()
    first = next(feed, "")
    separator = max(",;\t", key=first.count)
    head = [column.strip() for column in next(csv.reader([first], delimiter=separator), [])]
    reader = csv.reader(feed, delimiter=separator)
    while True:
        begins = places[0] + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield RowError(f"Row at line {begins} of {name}", f"it is no CSV ({error})")
            if "limit" in str(error):  # what follows is the rest of that cell
                next((line for line in feed if '"' in line), None)
            continue
        yield from faults
        faults.clear()
        if cells is None:
            return
        if any(cells):
            yield f"Row at line {begins} of {name}", dict(zip(head, cells, strict=False))


def _good_lines(opened: Opened, name: str) -> Iterator[tuple[int, str] | RowError]:
    yield from lines(opened, name)


def walk(opened: Opened, name: str, whole: Callable[[Path], bool]) -> Iterator[tuple[Path, Any]]:
    """The values of a JSON document in their order, without ever holding all of it.

    Scalars are yielded with their path; objects and lists only where ``whole`` says so of their path, then as one.
    Raises SourceError that says where the document is damaged: what came before it was yielded.
    """
    import ijson

    encoding = charset(opened.head(name))
    with opened.stream(name) as stream:
        file = _Utf8(stream, encoding)
        try:
            yield from _walk(ijson.basic_parse(file), whole, ijson)
        except (ijson.JSONError, UnicodeDecodeError, ValueError, OverflowError) as error:
            said = str(error).partition("\n")[0].partition("\\n")[0].strip("b'\" ")[:100] or type(error).__name__
            raise SourceError(
                f"{name} is damaged before its byte {file.count}: {said}; what came before was read."
            ) from error


class _Utf8:
    """A stream as the parser wants it: in UTF-8, without a mark at its beginning. ``count``: bytes that were read."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.count = 0
        self._raw = stream if encoding == "utf-8" else None
        self._text = None if encoding == "utf-8" else io.TextIOWrapper(stream, encoding, "replace")

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size) if self._raw else self._text.read(size).encode() if self._text else b""
        self.count += len(data)
        return data


def _walk(events: Any, whole: Callable[[Path], bool], ijson: Any) -> Iterator[tuple[Path, Any]]:
    path: list[str] = []
    builder, deep = None, 0
    for event, value in events:
        if builder is not None:
            builder.event(event, value)
            deep += event.startswith("start_") - event.startswith("end_")
            if deep == 0:
                made, builder = builder.value, None
                yield tuple(path), made
        elif event == "map_key":
            path[-1] = value
        elif event.startswith("start_"):
            if whole(tuple(path)):
                builder, deep = ijson.ObjectBuilder(), 1
                builder.event(event, value)
            else:
                path.append("")
        elif event.startswith("end_"):
            path.pop()
        else:
            yield tuple(path), value
