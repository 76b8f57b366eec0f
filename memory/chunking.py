"""Cutting texts into passages: by paragraph, then sentence, then word. Nothing is ever left out. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

WINDOW: Final = 250
"""Tokens that the shipped embedding model reads (256), but for those that it adds itself."""

ROOM: Final = 200
"""Tokens of a passage of a long text; the rest of the window is for its context."""

_PIECE: Final = re.compile(r"(?P<word>[^\W\d_\u0370-\U0003ffff]+)|(?P<hangul>[\uac00-\ud7a3])|\S")
_HEADING: Final = re.compile(r"^#{1,6} +(.+?)[ #]*$", re.MULTILINE)
_BREAKS: Final = (
    re.compile(r"(?<=\n)(?=#{1,6} )|(?<=\n)\s*\n"),  # headings, paragraphs
    re.compile(r"(?<=\n)"),  # lines
    re.compile(r"(?<=[.!?…。！？])[\"'»”)\]]*\s+|(?<=[。！？])"),  # sentences
    re.compile(r"(?<=[\s,;:])"),  # words
    re.compile(r""),  # signs
)


@dataclass(frozen=True, slots=True)
class Cut:
    """A stretch of a text, and the title and headings that it stands under where it does not say them itself."""

    begin: int
    end: int
    context: str = ""


def weight(text: str) -> int:
    """About how many tokens an embedding model reads in it; rather too many than too few."""
    return sum(_weight(found) for found in _PIECE.finditer(text))


def _weight(found: re.Match[str]) -> int:
    if found["hangul"]:
        return 3  # it is read as its parts
    return (len(found.group()) + 2) // 3 if found["word"] else 1


def cut(text: str, title: str = "") -> list[Cut]:
    """The passages of a text, in order and without a gap: together they are the text, sign for sign."""
    if weight(text) <= WINDOW:
        return [Cut(0, len(text))]
    headings = [("", 0), *((found[1], found.end()) for found in _HEADING.finditer(text))]
    ends = [end for _, end in headings]
    return [
        Cut(begin, end, _context(title, headings[bisect_right(ends, begin) - 1][0]) if begin else "")
        for begin, end in _packed(text, list(_pieces(text, 0, len(text), 0)))
    ]


def _pieces(text: str, begin: int, end: int, depth: int) -> Iterator[tuple[int, int, int]]:
    """(begin, end, weight) of parts that each find room, cut as coarsely as that allows."""
    heavy = weight(text[begin:end])
    if heavy <= ROOM or end - begin <= 1:
        yield begin, end, heavy
        return
    if depth == len(_BREAKS) - 1:
        yield from ((at, min(at + ROOM // 3, end), ROOM) for at in range(begin, end, ROOM // 3))
        return
    places = [found.end() for found in _BREAKS[depth].finditer(text, begin, end) if begin < found.end() < end]
    for one, other in zip([begin, *places], [*places, end], strict=True):
        yield from _pieces(text, one, other, depth + 1)


def _packed(text: str, pieces: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Neighbouring parts together, as far as there is room; a heading begins a passage."""
    first, filled = 0, 0
    for begin, end, heavy in pieces:
        if begin > first and (filled + heavy > ROOM or (filled > ROOM // 4 and _HEADING.match(text, begin, end))):
            yield first, begin
            first, filled = begin, 0
        filled += heavy
    yield first, len(text)


def _context(title: str, heading: str) -> str:
    words = " › ".join(part.strip() for part in (title, heading) if part.strip())
    while weight(words) > WINDOW - ROOM:
        words = words[: len(words) * 3 // 4]
    return words
