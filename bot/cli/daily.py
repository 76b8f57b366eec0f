"""What is done every day: collect, digest, listen, chat; and the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agents.numbers import counted
from bot.cli.app import CONFIG, Config, app, beside, echo, opened, progress_bar
from config.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from bot.build import Magpie


@app.command()
def demo(
    mastodon: Annotated[bool, typer.Option(help="Play through a local mastodon_mock server.")] = False,
    model: Annotated[str, typer.Option(help="none, or local (a small model; slow).")] = "none",
) -> None:
    """Two days of an invented owner, through the real pipeline; then it is your turn."""
    from bot.demo.run import run

    run(mastodon=mastodon, model=model)


@app.command()
def collect(config: Config = CONFIG) -> None:
    """Read all sources, embed and index what is new."""
    with progress_bar() as progress, opened(config, progress=progress) as magpie:
        record = magpie.collector.collect(magpie.sources)
    counts = ", ".join(f"{n} {name}" for name, n in record.counts.items() if n)
    for failure in record.failures:
        echo(f"magpie: {failure}", err=True)
    if record.failures and record.counts["sources failed"] == len(magpie.sources):
        raise typer.Exit(SourceError.exit_status)
    echo(counts or "nothing new")


@app.command()
def digest(
    config: Config = CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it here; keep and send nothing.")] = False,
    recheck: Annotated[bool, typer.Option("--recheck", help="In a dry run too, ask whether all still stands.")] = False,
) -> None:
    """Make today's digest, unless there is one, and deliver it."""
    if dry_run and not recheck:
        _show(beside(config, given_sources=()))  # none is asked, so none need be there
        return
    with opened(config) as magpie:
        if dry_run:
            _show(magpie, recheck)
            return
        made = magpie.editor.digest(magpie.channel.name)
        said = magpie.speak()
    told = counted(len(made.entries), "entry", "entries")
    echo(f"digest of {made.date}: {told}; {counted(said, 'message')} sent now", err=True)


def _show(magpie: Magpie, recheck: bool = False) -> None:
    from bot.channels.terminal import TerminalChannel

    editor, terminal = magpie.editor, TerminalChannel()
    made = editor.preview(magpie.channel.name, recheck)
    if not made.entries and not magpie.settings.sources:
        raise ConfigError(
            "There is nothing to tell, and magpie.toml names no [[sources]] that could bring more: add one, as the "
            "README shows."
        )
    with magpie.store.begin() as memory:
        speaker = editor.speaker(memory, made.entries)
    for out, _ in speaker.digest(made):
        terminal.send(out)


@app.command()
def listen(config: Config = CONFIG) -> None:
    """Hear once what the owner has said or done, and answer."""
    with opened(config) as magpie:
        echo(f"{magpie.hear()} new")


@app.command()
def chat(config: Config = CONFIG) -> None:
    """Talk with Magpie here, in the terminal."""
    from bot.channels.terminal import TerminalChannel

    with opened(config, given_channel=TerminalChannel()) as magpie:
        converse(magpie)


def converse(magpie: Magpie) -> None:
    """Answer each line as it comes, until the owner leaves."""
    for event in magpie.channel.listen(None):
        try:
            magpie.home.take([event])
        except KeyboardInterrupt:  # no answer is wanted any more
            continue
