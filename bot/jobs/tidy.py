"""Tidy: what has served its time goes, what was forgotten goes from every file, and a backup is made."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bot.jobs.checkpoints import tidy
from memory.keeping import sweeping
from memory.keeping.backup import back_up, due

if TYPE_CHECKING:
    from bot.build import Magpie


def tidy_up(magpie: Magpie) -> None:
    """Old checkpoints and steps go; after something was forgotten in the chat the files are swept.

    A backup is made where one is due and there is room. Raises StoreError.
    """
    data, now = magpie.settings.data, magpie.now()
    tidy(magpie.store, magpie.checkpoints, now)
    if magpie.alone and sweeping.unfinished(data):
        with ExitStack() as quiet:  # whoever answers reads what is swept
            for parlour in magpie.parlours:
                quiet.enter_context(parlour.answerer.resting())
            sweeping.sweep(data, magpie.store, magpie.index, magpie.embedder.name, now)
    elif due(data, now):
        back_up(data, now)
