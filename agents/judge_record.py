"""How well a judge has foretold what this owner does, and what its word is therefore worth. Pure but for one look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from memory.records import Evidence, Kind, Reaction
from memory.store import Memory
from memory.store.judgements import Judgement

PRIOR: Final = (11.0, 9.0)
"""As if an unknown judge had been right 11 times of 20: Beta(11, 9), whose mean is 0.55."""

GOOD: Final = 0.75
"""From this chance on to tell what is liked from what is not, a judge has its full weight; at one half it has none."""

FADED: Final = 0.03
"""A weight under which a judge is not asked any more, until what it has foretold lies further back than REMEMBERED."""

REMEMBERED: Final = timedelta(days=180)
PATIENCE: Final = timedelta(days=2)
"""What was delivered so long ago and drew no reaction was passed over."""

LIKED: Final = frozenset({Kind.LIKE, Kind.BOOST, Kind.BOOKMARK, Kind.REPLY, Kind.MORE, Kind.SAVE, Kind.TELL})
UNWANTED: Final = frozenset({Kind.LESS, Kind.MUTE})


@dataclass(frozen=True, slots=True)
class Record:
    """What came of a judge's words: ``auc`` in [0, 1] over posts ``liked``, and ``passed`` over or unwanted."""

    auc: float = 0.5
    liked: int = 0
    passed: int = 0

    @property
    def chance(self) -> float:
        """Mean of the chance that of two posts it gives the liked one the higher score, by Beta's posterior.

        k comparisons are behind an AUC of n and m posts whose variance without any skill, (n + m + 1) / 12nm
        (Hanley and McNeil, 1982), is that of k throws of a coin, 1 / 4k.
        """
        n, m = self.liked, self.passed
        throws = 3 * n * m / (n + m + 1)
        right, wrong = PRIOR
        return (right + throws * self.auc) / (right + wrong + throws)

    @property
    def weight(self) -> float:
        """In [0, 1]: 0.2 for an unknown judge, and from then on what it has earned."""
        return min(max((self.chance - 0.5) / (GOOD - 0.5), 0.0), 1.0)


def outcomes(
    judgements: Iterable[Judgement], reactions: Sequence[Reaction], delivered: Mapping[str, datetime], now: datetime
) -> list[tuple[float, bool]]:
    """The score of each post and whether the owner liked it; of the rest nobody knows.

    ``judgements`` are newest first: the first that was said of a post counts. ``delivered``: Item.uri → since when.
    """
    did = {r.item: r.kind in LIKED for r in reactions if r.kind in LIKED | UNWANTED}  # the latest word counts
    first = {judgement.item: judgement.score for judgement in judgements}
    ignored = {uri for uri, since in delivered.items() if now - since >= PATIENCE}
    known = ((uri, did.get(uri, False if uri in ignored else None)) for uri in first)
    return [(first[uri], liked) for uri, liked in known if liked is not None]


def record(known: Sequence[tuple[float, bool]]) -> Record:
    """The record that these outcomes make; ties count half."""
    liked = np.array([score for score, good in known if good])
    passed = np.array([score for score, good in known if not good])
    if not len(liked) or not len(passed):
        return Record(0.5, len(liked), len(passed))
    higher = (liked[:, None] > passed[None, :]).mean() + 0.5 * (liked[:, None] == passed[None, :]).mean()
    return Record(float(higher), len(liked), len(passed))


def of_model(memory: Memory, model: str, now: datetime) -> Record:
    """The record of a model with this owner."""
    said = memory.judgements.by(model, now - REMEMBERED, now)
    seen = memory.seen.known("item", {judgement.item for judgement in said})
    delivered = {
        uri: min(fact.since for fact in facts if fact.evidence is Evidence.DELIVERED)
        for uri, facts in seen.items()
        if any(fact.evidence is Evidence.DELIVERED for fact in facts)
    }
    return record(outcomes(said, [r for r in memory.reactions.all() if r.at <= now], delivered, now))
