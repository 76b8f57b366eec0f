"""What Telegram shows beside the field in which the owner writes: the commands, and what each does."""

from __future__ import annotations

from contextlib import suppress

from bot.channels.telegram_api import Api
from bot.menu import menu
from config.errors import ChannelError

__all__ = ["introduce"]


def introduce(api: Api) -> None:
    """Register the commands; without them everything works all the same."""
    with suppress(ChannelError):
        api.ask("set_my_commands", commands=list(menu().items()))
