"""What digests are measured by, day by day and over owners. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import mean, stdev
from typing import Final

MEASURES: Final = ("precision@10", "repeats", "coverage of shared", "distinct authors")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry that was told: which item, led by whose post, and whether the owner stars it later."""

    item: str
    author: str
    wanted: bool


@dataclass
class Told:
    """What a way of choosing told one owner, day by day, of ``places`` entries each."""

    places: int
    shared: frozenset[str] = frozenset()  # items that at least two followees have shared by the end
    days: list[list[Row]] = field(default_factory=list)

    def tell(self, rows: Sequence[Row]) -> None:
        """A day more."""
        self.days.append(list(rows))

    def hits(self) -> list[int]:
        """How many entries of each day the owner stars later; what is told again counts no more."""
        told: set[str] = set()
        found = []
        for day in self.days:
            new = {row.item for row in day if row.wanted} - told
            found.append(len(new))
            told |= {row.item for row in day}
        return found

    def figures(self) -> dict[str, float]:
        """The measures, in the order of ``MEASURES``."""
        rows = [row for day in self.days for row in day]
        authors = sum(len({row.author for row in day}) for day in self.days)
        items = {row.item for row in rows}
        values = (
            sum(self.hits()) / max(self.places * len(self.days), 1),
            1 - len(items) / max(len(rows), 1),
            len(items & self.shared) / max(len(self.shared), 1),
            authors / max(len(rows), 1),
        )
        return dict(zip(MEASURES, values, strict=True))


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error of the mean."""
    return mean(values), (stdev(values) / sqrt(len(values)) if len(values) > 1 else 0.0)


def paired(mine: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Of two values for the same owners: mean difference, its standard error, and their quotient t."""
    middle, error = mean_and_error([mine[owner] - other[owner] for owner in mine])
    return {"difference": middle, "error": error, "t": middle / error if error > 1e-9 else 0.0}


def curve(hits: Sequence[Sequence[int]], places: int) -> list[tuple[float, float]]:
    """Precision (mean and error over owners) of each day, of owners who have had so many days: at least half of all."""
    days = sorted((len(some) for some in hits), reverse=True)
    longest = days[len(days) // 2] if days else 0
    return [mean_and_error([some[day] / places for some in hits if len(some) > day]) for day in range(longest)]
