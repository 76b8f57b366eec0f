"""A call of the Bot API: who answers it, and what is refused before anybody does."""

from __future__ import annotations

from typing import Any

import telegram

from tests.telegram import speaking, standing  # where the methods are listed
from tests.telegram.given import METHODS, Given
from tests.telegram.rules import RefusalError, UnknownHereError
from tests.telegram.world import Town

__all__ = ["call", "speaking", "standing"]


def call(town: Town, name: str, given: Given) -> Any:
    """What a method answers. Raises RefusalError as Telegram does.

    Raises UnknownHereError where this server knows less.
    """
    if name.lower() not in METHODS:
        if any(name.lower() == method.lower() for method in dir(telegram.Bot)):
            raise UnknownHereError(f"the method {name}")
        raise RefusalError(404, "Not Found: method not found")
    known, function = METHODS[name.lower()]
    if unknown := {*given.words, *given.files} - known:
        raise UnknownHereError(f"the parameters {sorted(unknown)} of {name}")
    with town.changed:
        return function(town, given)
