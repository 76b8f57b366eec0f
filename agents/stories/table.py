"""The vectors of a stream, and which nearness is usual for each of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agents.stories.surface import Surface

Array = NDArray[np.float32]

USUAL, USUAL_FOREIGN = (0.36, 0.55), (0.6, 0.8)
"""Between these lies the cosine that is usual for a text. To an English model texts in another language are all alike;
and what everybody tells would be its own usual thing, if there were no upper end."""

AROUND, OWN = 12, 2
"""The mean cosine to so many nearest texts is usual for a text, without the nearest, which may be its own story."""

NEAR = 8
"""So many of the nearest texts before a text are looked at."""

BLOCK = 512  # rows at a time


@dataclass(frozen=True)
class Strand:
    """Texts that surely belong together, as one thing to compare. ``vector`` (dim,) is of unit length."""

    name: str
    vector: Array
    surface: Surface
    at: float = 0.0  # seconds
    foreign: bool = False
    old: bool = False  # it was told before
    new: bool = False  # it came after that


@dataclass
class Table:
    """Rows of unit length. How near a text is to the texts around it tells what nearness means for it: cross-domain
    similarity local scaling (Conneau et al., 2018), kept up to date with every row that comes.
    """

    near: list[list[int]] = field(default_factory=list)  # by row: the nearest of those before it
    count: int = 0
    _rows: Array = field(default_factory=lambda: np.zeros((0, 0), np.float32))  # with room for more
    _top: Array = field(default_factory=lambda: np.zeros((0, AROUND), np.float32))  # the cosines of the nearest others
    _usual: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    _bounds: Array = field(default_factory=lambda: np.zeros((0, 2), np.float32))

    def survey(self, strands: Sequence[Strand]) -> None:
        """Take rows in, and see what is near to them and to all others."""
        for start in range(0, len(strands), BLOCK):
            some = strands[start : start + BLOCK]
            self._make_room(len(some), len(some[0].vector))
            before, self.count = self.count, self.count + len(some)
            self._rows[before : self.count] = [strand.vector for strand in some]
            self._bounds[before : self.count] = [USUAL_FOREIGN if strand.foreign else USUAL for strand in some]
            products = np.asfortranarray(self._rows[: self.count] @ self._rows[before : self.count].T)
            np.fill_diagonal(products[before:], 0.0)
            self.near += [_nearest(products[: before + place, place]) for place in range(len(some))]
            self._see(slice(before, self.count), products.T)
            self._see(slice(0, before), products[:before])

    def above(self, some: Sequence[int], others: Sequence[int]) -> Array:
        """How far the cosines (some, others) are above what is usual for the two."""
        one, other = list(some), list(others)
        usual = (self._usual[one, None] + self._usual[None, other]) / 2
        return np.asarray(self._rows[one] @ self._rows[other].T - usual, np.float32)

    def nearest(self, some: Sequence[int], others: Sequence[int]) -> float:
        """The highest cosine between two sets of rows."""
        return float((self._rows[list(some)] @ self._rows[list(others)].T).max())

    def cosine_of_sums(self, some: Sequence[int], others: Sequence[int]) -> float:
        """Cosine between the middles of two sets of rows."""
        one, other = (self._rows[list(numbers)].sum(axis=0) for numbers in (some, others))
        return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other) + 1e-9))

    def _see(self, rows: slice, cosines: Array) -> None:
        """Of rows the cosines to some more others; those that are near stay known."""
        nearer = np.flatnonzero(cosines.max(axis=1, initial=-1) >= self._top[rows, 0]) + rows.start
        some = cosines[nearer - rows.start]
        if some.shape[1] > AROUND:
            some = np.partition(some, -AROUND, axis=1)[:, -AROUND:]
        self._top[nearer] = np.sort(np.concatenate([self._top[nearer], some], axis=1), axis=1)[:, -AROUND:]
        least, most = self._bounds[nearer].T
        self._usual[nearer] = np.clip(self._top[nearer, :-OWN].mean(axis=1), least, most)

    def _make_room(self, more: int, dim: int) -> None:
        if self.count + more > len(self._rows):
            room = max(2 * len(self._rows), self.count + more, 64)
            for name, width in (("_rows", (dim,)), ("_top", (AROUND,)), ("_bounds", (2,)), ("_usual", ())):
                grown = np.zeros((room, *width), np.float32)
                if self.count:
                    grown[: self.count] = getattr(self, name)[: self.count]
                setattr(self, name, grown)


def _nearest(cosines: Array) -> list[int]:
    found: list[int] = (
        np.argpartition(-cosines, NEAR)[:NEAR].tolist() if len(cosines) > NEAR else list(range(len(cosines)))
    )
    return found
