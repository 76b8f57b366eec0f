"""What all commands share: the application itself, the settings, the bar of progress."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

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
_STEERING: Final = re.compile(r"[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@app.callback()
def _every(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False) -> None:
    write(logging.INFO if verbose else logging.ERROR)


def echo(words: object, err: bool = False, nl: bool = True) -> None:
    """Print words; what others have written in them can neither steer the terminal nor hide in it."""
    from bot.channels.rendering import clean

    typer.echo(clean(str(words)), err=err, nl=nl)


def echo_json(row: object) -> None:
    """Print one line of JSON; signs that a terminal obeys, or that nobody sees, are escaped in it."""
    written = json.dumps(row, ensure_ascii=False)
    typer.echo(_STEERING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written))


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

    from bot.channels.rendering import clean

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:.0f}"),
    )
    with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        tasks = {}

        def step(what: str, done: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(clean(what), total=None)
            bar.update(tasks[what], completed=done)

        yield step
        for task in bar.tasks:
            bar.update(task.id, total=max(task.completed, 1))
