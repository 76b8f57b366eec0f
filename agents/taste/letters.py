"""Texts as sparse rows: hashed words, pairs of words, and short runs of letters. No word is kept.

All new texts of a batch are one array of code points. With prefix sums of a polynomial hash every run of letters has
its hash in one step (Karp and Rabin, 1987), so that a thousand posts take a few hundredths of a second.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import islice, pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from agents.vocabulary import FUNCTION_WORDS

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]

LONGEST = 600
"""Characters of a text that are looked at: what comes later seldom says what it is about."""

BITS = 18
RUNS = (3, 4, 5)
_PRIME = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64
_INVERSE = pow(_PRIME, -1, 2**64)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)


Row = tuple[NDArray[np.int32], NDArray[np.uint16]]
"""Columns and counts."""

MOST_KEPT = 8_000
_kept: dict[bytes, tuple[Row, Row]] = {}  # by a hash of the text: it comes again with every fit; asked for last, last
_turn = Lock()


def counted(texts: Sequence[str]) -> tuple[csr_matrix, csr_matrix]:
    """How often what stands in each text: words with pairs of words (n, 2^18), and runs of letters (n, 2^18)."""
    keys = [blake2b(text.encode("utf-8", "replace"), digest_size=16).digest() for text in texts]
    with _turn:
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in _kept}
        _kept.update(zip(new, _count(list(new.values())), strict=True))
        _kept.update({key: _kept.pop(key) for key in dict.fromkeys(keys)})
        found = [_kept[key] for key in keys]
        for key in list(islice(_kept, max(len(_kept) - MOST_KEPT, 0))):
            del _kept[key]
    return _stacked([words for words, _ in found]), _stacked([runs for _, runs in found])


def forget_all() -> None:
    """Forget the texts that were read: they are read anew when they come again."""
    with _turn:
        _kept.clear()


def _count(texts: Sequence[str]) -> list[tuple[Row, Row]]:
    if not texts:
        return []
    page = _Page.of(texts)
    return list(zip(_rows(*_words(page), len(texts)), _rows(*_runs(page), len(texts)), strict=True))


def _rows(hashes: Codes, places: Places, count: int) -> list[Row]:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _PAIR
    columns = (mixed >> np.uint64(64 - BITS)).astype(np.int32)
    table = csr_matrix((np.ones(len(columns), np.float32), (places, columns)), shape=(count, 2**BITS))
    columns, counts = table.indices, table.data.astype(np.uint16)  # what stood there twice is summed
    ends = pairwise(table.indptr.tolist())  # copied: a part of an array keeps the whole
    return [(columns[start:end].copy(), counts[start:end].copy()) for start, end in ends]


def _stacked(rows: Sequence[Row]) -> csr_matrix:
    columns, counts = ([row[part] for row in rows] or [np.zeros(0, np.int32)] for part in (0, 1))
    ends = np.concatenate([[0], np.cumsum([len(part) for part in columns])])[: len(rows) + 1]
    values = np.concatenate(counts).astype(np.float32)
    return csr_matrix((values, np.concatenate(columns), ends), shape=(len(rows), 2**BITS))


@dataclass(frozen=True)
class _Page:
    """Code points of all texts with blanks between them, and the text to which each belongs."""

    codes: Codes
    rows: Places

    @classmethod
    def of(cls, texts: Sequence[str]) -> _Page:
        joined = "\n".join(["", *(_plain(text[:LONGEST]) for text in texts), ""])
        codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32).astype(np.uint64)
        rows = np.cumsum(codes == ord("\n")) - 1
        return cls(np.where(codes == ord("\n"), np.uint64(ord(" ")), codes), rows)

    def hashes(self, starts: Places, ends: Places) -> Codes:
        """One number for each run of code points from a start to before its end."""
        return (self._sums[ends] - self._sums[starts]) * self._inverses[starts]

    def every(self, length: int, count: int) -> Codes:
        """The same for the first ``count`` runs of one length, wherever they start."""
        return (self._sums[length:][:count] - self._sums[:count]) * self._inverses[:count]

    @cached_property
    def _sums(self) -> Codes:
        weighed = (self.codes + np.uint64(1)) * _powers(_PRIME, len(self.codes))
        return np.concatenate([np.zeros(1, np.uint64), np.cumsum(weighed, dtype=np.uint64)])

    @cached_property
    def _inverses(self) -> Codes:
        return _powers(_INVERSE, len(self.codes) + 1)


def _plain(text: str) -> str:
    """Lower case, without accents, on one line."""
    text = text.lower()
    if not text.isascii():
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return text.replace("\n", " ")


def _powers(factor: int, count: int) -> Codes:
    steps = np.full(count, factor, np.uint64)
    steps[:1] = 1
    return np.multiply.accumulate(steps)


def _words(page: _Page) -> tuple[Codes, Places]:
    """Hashes of words and of pairs of neighbours, and the text of each; signs without spaces are words of their own."""
    kinds = _kinds(page.codes)
    inside, alone = kinds > 0, kinds == 2
    before = np.concatenate([[False], inside[:-1]])
    parted = alone | np.concatenate([[False], alone[:-1]])
    starts = np.flatnonzero(inside & (~before | parted))
    ends_here = inside & (~np.concatenate([inside[1:], [False]]) | np.concatenate([parted[1:], [False]]))
    ends = np.flatnonzero(ends_here) + 1
    found = page.hashes(starts, ends)
    telling = ((ends - starts > 1) | alone[starts]) & ~(kinds[starts] == 3) & ~np.isin(found, _function_words())
    found, rows = found[telling], page.rows[starts[telling]]
    near = rows[1:] == rows[:-1]
    pairs = (found[:-1] * _PAIR + found[1:])[near]
    return np.concatenate([found, pairs]), np.concatenate([rows, rows[1:][near]])


def _runs(page: _Page) -> tuple[Codes, Places]:
    """Hashes of runs of letters within words, the blanks around them included, and the text of each."""
    blanks = np.concatenate([[0], np.cumsum(page.codes == ord(" "))])
    found, rows = [], []
    for length in RUNS:
        count = max(len(page.codes) - length + 1, 0)
        whole = blanks[length - 1 :][:count] == blanks[1:][:count]  # no blank but at either end
        found.append(page.every(length, count)[whole])
        rows.append(page.rows[1:][:count][whole])
    return np.concatenate(found), np.concatenate(rows)


def _kinds(codes: Codes) -> NDArray[np.int8]:
    """0: no letter, 1: a letter, 2: a sign that is a word by itself, 3: a digit."""
    kinds = _ascii()[np.minimum(codes, 128)]
    foreign = np.flatnonzero(codes >= 128)
    if len(foreign):
        signs, which = np.unique(codes[foreign], return_inverse=True)
        kinds[foreign] = np.array([_kind(chr(int(sign))) for sign in signs], np.int8)[which]
    return kinds


def _kind(sign: str) -> int:
    if "\u3040" <= sign <= "\u30ff" or "\u3400" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af":
        return 2
    return 3 if sign.isdecimal() else int(sign.isalnum() or sign == "_")


@lru_cache(maxsize=1)
def _ascii() -> NDArray[np.int8]:
    return np.array([_kind(chr(code)) for code in range(128)] + [0], np.int8)


@lru_cache(maxsize=1)
def _function_words() -> Codes:
    page = _Page.of(sorted(FUNCTION_WORDS))
    blanks = np.flatnonzero(page.codes == ord(" "))
    return page.hashes(blanks[:-1] + 1, blanks[1:])
