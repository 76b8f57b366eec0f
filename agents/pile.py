"""Items with what is known of them, read from memory once and handed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from memory.records import Item, Share

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Pile:
    """Items by URI, their vectors by Item.id, and their shares by others than the owner, by Share.item.

    What an item has neither in ``vectors`` nor in ``shares``, it has not.
    """

    items: Mapping[str, Item] = field(default_factory=dict)
    vectors: Mapping[int, Array] = field(default_factory=dict)
    shares: Mapping[str, Sequence[Share]] = field(default_factory=dict)

    def __or__(self, more: Pile) -> Pile:
        return Pile({**self.items, **more.items}, {**self.vectors, **more.vectors}, {**self.shares, **more.shares})
