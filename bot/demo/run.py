"""Setting the demo up, playing it, and handing it over."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from bot.channels.terminal import TerminalChannel
from bot.cli.daily import converse
from bot.demo.play import play
from bot.demo.stage import TerminalStage


def folder() -> Path:
    """Where the demo keeps its memory: it begins anew with every run, but for embeddings."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "magpie" / "demo"


def run(mastodon: bool, model: str) -> None:
    """Play, then hand over a chat where there is somebody to chat with. Raises MagpieError."""
    console, place = Console(highlight=False), folder()
    shutil.rmtree(place / "data", ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    if mastodon:
        from bot.demo.mastodon import mastodon_stage

        with mastodon_stage(place, console, model) as on_server:
            play(on_server, console)
        return
    channel = TerminalChannel(console=console)
    stage = TerminalStage(place, channel, model)
    play(stage, console)
    if sys.stdin.isatty() and console.is_terminal:
        console.print("\nYour turn: answer an entry (“3 👍”), ask (“who talked about night trains?”), /help, /quit.")
        converse(stage.magpie)
