"""Keeping the memory: backup and restore, export and import, the index."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agents.numbers import counted
from bot.cli.app import CONFIG, Config, app, beside, echo, opened

MANY = {"entry": "entries", "chaff": "chaff", "seen": "seen", "outgoing": "outgoing"}
"""Of what is exported, what is many by another word than with an s."""


@app.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="A file or a folder; without it, one of the newest seven.")
    ] = None,
    config: Config = CONFIG,
) -> None:
    """Copy the memory into one file; Magpie may go on meanwhile. Tokens are not in it."""
    from memory.keeping.backup import back_up
    from memory.keeping.condition import newer_step

    magpie = beside(config)
    made = back_up(magpie.settings.data, magpie.now(), file)
    echo(f"{made} ({made.stat().st_size / 1e6:.1f} MB)")
    if newer := newer_step(made):
        echo(f"magpie: It is of a newer Magpie (step {newer}): only that one can restore it.", err=True)


@app.command()
def restore(file: Path, config: Config = CONFIG) -> None:
    """Bring a backup back; what is here now is put aside. Magpie must be stopped.

    What you have said to Magpie before now is not heard again, and no digest of an hour before now is made.
    """
    from memory.keeping.restore import restore as bring_back

    with opened(config) as magpie:
        aside = bring_back(file, magpie.settings.data, magpie.settings.owner.handle, magpie.now())
    echo(f"{file} is the memory now; what waited to be said in it is not said.")
    echo(
        "What you have said to Magpie since it was made, and until now, is not heard again: say once more what still "
        "counts. Digests of hours before now are not made; what earlier ones told since then may be told again."
    )
    if aside is not None:
        echo(f"What was here before lies at {aside}.")


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A new file, or a folder.")],
    config: Config = CONFIG,
    vectors: Annotated[bool, typer.Option(help="Without them the texts are embedded anew after an import.")] = True,
) -> None:
    """Write all that is known as JSON, a record a line; Magpie may go on meanwhile."""
    from memory.keeping.export import export as write

    magpie = beside(config)
    made, counts = write(magpie.store, target, magpie.now(), vectors)
    echo(f"{made}: {_told(counts)}")


def take_back(file: Path, config: Path, of: str) -> None:
    """Take in an export of Magpie's own; what is known stays as it is. Lines that cannot be used are told by number."""
    from memory.index import bring_up_to_date
    from memory.keeping.backup import MEMORY
    from memory.keeping.taking_in import take_in
    from memory.store import Store

    with opened(config) as magpie:
        settings = magpie.settings
        # Not magpie.store: what is written in the settings must not come before what was exported.
        store = Store.open(settings.data / MEMORY, settings.owner.handle, doubtful=magpie.after_crash)
        taken = take_in(store, file, of.lstrip("@"), magpie.now())
        store.close()
        bring_up_to_date(magpie.store, magpie.index, magpie.embedder.name)
    for fault in taken.faults:
        echo(f"magpie: {fault}", err=True)
    echo(f"new: {_told(taken.new) or 'nothing'}")
    if taken.faults:
        raise typer.Exit(1)


@app.command()
def reindex(config: Config = CONFIG) -> None:
    """Build the full text and the vector index anew from the memory. Magpie must be stopped."""
    from memory.index import begin_anew

    with opened(config) as magpie:
        with magpie.store.begin() as memory:
            memory.items.rewrite_full_text()
        count = begin_anew(magpie.store, magpie.index, magpie.embedder.name)
    echo(f"Full text is written anew, and the index holds {counted(count, 'vector')}.")


def _told(counts: dict[str, int]) -> str:
    told = {noun: count for noun, count in counts.items() if count and noun != "magpie"}
    return ", ".join(counted(count, noun, MANY.get(noun, "")) for noun, count in told.items())
