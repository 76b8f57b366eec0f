"""Getting connected to Telegram: what ``magpie login --telegram`` and ``magpie logout --telegram`` do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer
from pydantic import SecretStr

from bot.cli.app import echo
from config.tokens import VARIABLES

if TYPE_CHECKING:
    from bot.build import Magpie
    from config.tokens import Tokens


def log_in(magpie: Magpie, *, in_file: bool = False) -> None:
    """Ask for the bot's token, have the owner press START, keep both. Raises MagpieError."""
    from bot.channels.telegram import CLOUD
    from bot.connecting.telegram import Meeting
    from memory.lock import in_use

    tokens = magpie.tokens
    table = next((table for table in magpie.settings.places if table.kind == "telegram"), None)
    tokens.known()  # a file that cannot be used is told before the owner goes through it all
    echo("A bot of your own: write to @BotFather in Telegram, send /newbot, and copy the token that it shows.")
    token = _typed()
    server = str(table.options.get("base_url", CLOUD)) if table else CLOUD
    login = Meeting(echo).held(token, server)
    where = tokens.keep(login, in_file=in_file)
    echo(f"@{login.handle} is connected, and you are its owner. The token is kept in {where}.")
    if table is None:
        echo('To talk there, write kind = "telegram" under [channel] in magpie.toml, or a [[channels]] for each.')
    _mention_environment("and comes before the login")
    if in_use(magpie.settings.data):
        echo("A Magpie is running: start it anew to use this login.")


def _typed() -> SecretStr:
    """The token, which nobody sees; from a pipe it is read as it comes."""
    given = typer.prompt("Token", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    return SecretStr(str(given).strip())


def log_out(tokens: Tokens) -> None:
    """Forget the token here; only @BotFather can make it worthless."""
    known = tokens.known().get("telegram")
    if known is None:
        echo("No bot on Telegram is logged in.")
    else:
        tokens.forget("telegram")
        echo(f"The token of @{known} is forgotten here. To make it worthless, send @BotFather /revoke.")
    _mention_environment("and stays there")


def _mention_environment(what: str) -> None:
    if os.environ.get(VARIABLES["telegram"]):
        echo(f"{VARIABLES['telegram']} is in the environment, {what}.")
