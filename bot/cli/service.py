"""Magpie left running, and how it is."""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo, opened, remembers
from bot.logs import write

if TYPE_CHECKING:
    from types import FrameType

    from bot.service import Service


@app.command("run")
def run_(
    config: Config = CONFIG,
    once: Annotated[bool, typer.Option("--once", help="Do each thing once and end; for cron.")] = False,
) -> None:
    """Collect, make digests at your hours, hear and answer you; until it is stopped."""
    write(logging.INFO)
    with opened(config) as magpie:
        from bot.service import Service

        service = Service(magpie)
        _end_cleanly(service)
        if not once:
            service.run()
            return
        service.once()
    for failure in service.failures:
        echo(f"magpie: {failure}", err=True)
    if service.failures:
        raise typer.Exit(service.exit_status)


def _end_cleanly(service: Service) -> None:
    """SIGTERM and Ctrl-C let what goes on come to the end of its step; the second one does not wait."""

    def stop(number: int, frame: FrameType | None) -> None:
        if service.stopped.is_set():
            raise SystemExit(128 + number)
        service.stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


@app.command()
def status(config: Config = CONFIG) -> None:
    """How it is, in four lines."""
    from memory.lock import in_use

    magpie = beside(config)
    running = "At work." if in_use(magpie.settings.data) else "Not at work: start it with magpie run."
    where = " and ".join(table.kind for table in magpie.settings.places)
    running += f" It talks in {where}." * (len(magpie.settings.places) > 1)
    echo(f"{running} {magpie.status() if remembers(magpie) else 'Nothing was collected yet.'}")
