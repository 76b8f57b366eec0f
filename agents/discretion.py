"""What a chat model may be shown: one rule for whoever asks one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agents.models import stays_here
from memory.records import Item

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PRIVATE: Final = frozenset({"note", "chat", "message", "mail"})
"""Kinds of items that are the owner's own affair whatever their visibility says."""


@dataclass(frozen=True, slots=True)
class Discretion:
    """Towards one model. ``trusted``: it may read what is private; ``refused``: accounts that no model may read."""

    trusted: bool
    refused: frozenset[str] = frozenset()

    @classmethod
    def towards(cls, model: BaseChatModel, private_words: bool, refused: frozenset[str]) -> Discretion:
        """A model that runs on this machine is trusted; another one if the owner allows it ``private_words``."""
        return cls(private_words or stays_here(model), refused)

    def may_read(self, item: Item) -> bool:
        """Whether an item may be shown to the model at all."""
        if item.author in self.refused:
            return False
        return self.trusted or (item.visibility.open and item.kind not in PRIVATE)
