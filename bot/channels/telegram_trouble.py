"""What goes wrong with Telegram, in one sentence each. The library's own errors may quote whole answers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from bot.channels.rendering import clean, shorten
from config.errors import ChannelError

__all__ = ["AgainError", "RefusedError", "meant", "too_many", "unreadable"]

_WEBHOOK: Final = "Telegram brings this bot's messages to a webhook, so they cannot be fetched; take the webhook away."
_TWO: Final = (
    "Another program fetches this bot's messages, and Telegram serves only one; stop that other Magpie, or give this "
    "one a bot of its own."
)
_SILENCED: Final = "The bot may not write to its owner; open its chat in Telegram and press START, or unblock it."
_NO_ANSWER: Final = ("httpx.", "Timed out", "Pool timeout", "Unknown error")
"""How the library begins where no answer came."""


class RefusedError(ChannelError):
    """Telegram has understood and said no: nothing was done. ``kind`` is the library's name for it."""

    def __init__(self, message: str, kind: str = "", said: str = "") -> None:
        super().__init__(message)
        self.kind, self.said = kind, said


class AgainError(ChannelError):
    """Worth another try, after ``seconds`` if Telegram says so. ``doubtful``: it may have been done all the same."""

    def __init__(self, message: str, *, doubtful: bool, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.doubtful, self.seconds = doubtful, seconds


def meant(error: Exception, host: str, token: SecretStr) -> ChannelError:
    """The library's error in our words."""
    from telegram import error as errors

    kind, said = type(error).__name__, str(getattr(error, "message", error))
    if isinstance(error, errors.RetryAfter):
        pause = error.retry_after
        seconds = pause.total_seconds() if isinstance(pause, timedelta) else float(pause)
        return too_many(host, seconds)
    refusals = {
        errors.InvalidToken: f"{host} refuses the bot's token; with one from @BotFather run 'magpie login --telegram'.",
        errors.Conflict: _WEBHOOK if "webhook" in said.lower() else _TWO,
        errors.Forbidden: _SILENCED,
        errors.BadRequest: f"{host} has refused: {_reason(said, token)}.",
    }
    for refused, words in refusals.items():
        if isinstance(error, refused):
            return RefusedError(words, kind, said)
    if not isinstance(error, errors.NetworkError):
        return unreadable(host)
    if said.startswith(_NO_ANSWER):
        return AgainError(f"{host} cannot be reached; try again later.", doubtful=not _never_left(error))
    return AgainError(f"{host} is in trouble; try again later.", doubtful=True)


def too_many(host: str, seconds: float) -> AgainError:
    """Nothing was done, and nothing will be for so long."""
    return AgainError(f"{host} has had too many requests; try again later.", doubtful=False, seconds=seconds)


def unreadable(host: str) -> AgainError:
    """Something was answered."""
    return AgainError(f"{host} has sent an answer that cannot be read; try again later.", doubtful=True)


def _reason(said: str, token: SecretStr) -> str:
    """In the library's small letters, and without what may be the token."""
    secret = token.get_secret_value()
    for part in (re.escape(secret), re.escape(secret.rpartition(":")[2]), r"[\w+/.~-]{24,}"):
        said = re.sub(part, "…", said, flags=re.IGNORECASE)
    return shorten(" ".join(clean(said).split()).removeprefix("Bad Request: "), 120).rstrip(".")


def _never_left(error: BaseException) -> bool:
    """Whether no connection came about at all, so that nothing can have been done."""
    import httpx

    return isinstance(error.__cause__, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
