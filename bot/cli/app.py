"""What all commands share: the application itself, the settings, the bar of progress."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.logs import write
from config.settings import FILE, load

if TYPE_CHECKING:
    from bot.build import Magpie
    from bot.jobs.collect import Progress

app = typer.Typer(
    help="Magpie tells you once a day what your network discusses and you have missed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[Path, typer.Option("--config", "-c", help="The settings.", show_default=True)]
CONFIG = FILE


@app.callback()
def _every(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False) -> None:
    write(logging.INFO if verbose else logging.ERROR)


@contextmanager
def opened(config: Path, **given: Any) -> Iterator[Magpie]:
    """Magpie by these settings, with its data folder held: nobody else writes there meanwhile. Raises MagpieError."""
    from bot.build import Magpie
    from memory.keeping.backup import INDEX
    from memory.keeping.health import suspect
    from memory.lock import held

    settings = load(config)
    with held(settings.data) as clean:
        if not clean:
            suspect(settings.data / INDEX)
        yield Magpie(settings, after_crash=not clean, **given)


def beside(config: Path, **given: Any) -> Magpie:
    """Magpie by these settings, for commands that may run beside another one: they read, and leave the index alone."""
    from bot.build import Magpie

    return Magpie(load(config), alone=False, **given)


def remembers(magpie: Magpie) -> bool:
    """Whether there is a memory yet. Raises StoreError when one was lost."""
    from memory.keeping.backup import MEMORY
    from memory.store.faults import there

    return there(magpie.settings.data / MEMORY)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar for each thing that is going on; how much there will be is not known beforehand."""
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"))
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        tasks = {}

        def step(what: str, done: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=done)

        yield step
        for task in bar.tasks:
            bar.update(task.id, total=max(task.completed, 1))
