"""The ``magpie`` command. Heavy packages are imported within the command that needs them."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.errors import MagpieError
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


def main() -> None:
    """Run the command; what goes wrong is one sentence, and exit status 1."""
    try:
        app()
    except MagpieError as error:
        print(f"magpie: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


@app.callback()
def _every(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is done.")] = False) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.ERROR, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for noisy in ("httpx", "urllib3", "alembic", "chromadb", "sentence_transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


@app.command()
def demo(
    mastodon: Annotated[bool, typer.Option(help="Play through a local mastodon_mock server.")] = False,
    model: Annotated[str, typer.Option(help="none, or local (a small model; slow).")] = "none",
) -> None:
    """Two days of an invented owner, through the real pipeline; then it is your turn."""
    from bot.demo.run import run

    run(mastodon=mastodon, model=model)


@app.command()
def collect(config: Config = FILE) -> None:
    """Read all sources, embed and index what is new."""
    with progress_bar() as progress:
        magpie = _magpie(config, progress)
        record = magpie.collector.collect(magpie.sources)
    counts = ", ".join(f"{n} {name}" for name, n in record.counts.items() if n)
    for failure in record.failures:
        typer.echo(f"magpie: {failure}", err=True)
    if record.failures and not record.counts["read"]:
        raise typer.Exit(1)
    typer.echo(counts or "nothing new")


@app.command()
def digest(
    config: Config = FILE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it here; keep and send nothing.")] = False,
) -> None:
    """Make today's digest, unless there is one, and deliver it."""
    magpie = _magpie(config)
    if not dry_run:
        made = magpie.editor.digest(magpie.channel.name)
        said = magpie.postman.deliver()
        typer.echo(f"digest of {made.date}: {len(made.entries)} entries; {said} messages sent now", err=True)
        return
    from bot.channels.terminal import TerminalChannel

    made, terminal = magpie.editor.preview(magpie.channel.name), TerminalChannel()
    with magpie.store.begin() as memory:
        speaker = magpie.editor.speaker(memory, made.entries)
    for out, _ in speaker.digest(made):
        terminal.send(out)


@app.command()
def listen(config: Config = FILE) -> None:
    """Hear once what the owner has said or done, and answer."""
    typer.echo(f"{_magpie(config).hear()} new")


@app.command()
def chat(config: Config = FILE) -> None:
    """Talk with Magpie here, in the terminal."""
    from bot.channels.terminal import TerminalChannel

    converse(_magpie(config, channel=TerminalChannel()))


@app.command()
def search(
    query: str,
    config: Config = FILE,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Search the archive by words and by meaning."""
    magpie = _magpie(config)
    hits = magpie.archive.search(query, count)
    if as_json:
        for hit in hits:
            row = {
                "uri": hit.item.uri,
                "url": hit.item.url,
                "at": hit.item.created_at.isoformat(),
                "text": hit.item.text,
            }
            typer.echo(json.dumps({**row, "score": round(hit.score, 6), "ways": hit.ways}, ensure_ascii=False))
        return
    from bot.channels.terminal import TerminalChannel
    from bot.speaking import Speaker

    with magpie.store.begin() as memory:
        accounts = memory.accounts.all([hit.item.author for hit in hits])
    speaker = Speaker({hit.item.uri: hit.item for hit in hits}, accounts, magpie.settings.owner.zone)
    TerminalChannel().send(speaker.hits(query, hits, "search"))


def converse(magpie: Magpie) -> None:
    """Answer each line as it comes, until the owner leaves."""
    router = magpie.router
    for event in magpie.channel.listen(None):
        router.handle([event])
        magpie.postman.deliver()


def _magpie(config: Path, progress: Progress = lambda what, done: None, channel: object = None) -> Magpie:
    from bot.build import Magpie

    return Magpie(load(config), progress=progress, given_channel=channel)  # type: ignore[arg-type]


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar for each thing that is going on; how much there will be is not known beforehand."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bar:
        tasks = {}

        def step(what: str, done: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=done)

        yield step
        for task in bar.tasks:
            bar.update(task.id, total=max(task.completed, 1))


if __name__ == "__main__":
    main()
