"""Taking in exports, once or whenever a folder of notes changes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import CONFIG, Config, app, beside, opened, progress_bar, remembers
from bot.cli.keep import take_back
from config.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from bot.build import Magpie
    from bot.jobs.collect import Progress
    from bot.jobs.importing import Taken

OWN = "magpie"
_OWN_BEGINS = b'{"noun":"magpie"'
_MEANT = Annotated[
    list[str], typer.Argument(metavar="[KIND] PATH", help="An export; what kind it is, is seen by itself.")
]
_ME = Annotated[list[str] | None, typer.Option("--me", help="Your name or address in it; give all you have.")]
_SET = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting of its kind: see docs/importing.md.")
]


@app.command("import")
def import_(
    meant: _MEANT,
    config: Config = CONFIG,
    me: _ME = None,
    given: _SET = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what it would do; keep nothing.")] = False,
    later: Annotated[bool, typer.Option("--later", help="Leave the embedding to the next collect.")] = False,
    of: Annotated[str, typer.Option(help="Of Magpie's own exports: the handle it was exported under.")] = "",
) -> None:
    """Take in an archive, chats, mail or notes; importing again adds what is new and updates what has changed.

    An import that broke off goes on where it was. Magpie's own exports are taken in too. The kinds: twitter,
    mastodon_archive, bluesky, reddit_export, github_stars, whatsapp, telegram_export, signal, mbox, obsidian, markdown,
    enex, plain, pdf, bookmarks_html, reading_lists, goodreads, kindle, youtube_history, jsonl, csv_mapping, magpie.
    """
    kind, path = _kind_and_path(meant)
    if kind == OWN or (not kind and _is_own(path)):
        take_back(path, config, of)
        return
    settings = _settings(me, given)
    with progress_bar() as progress, _magpie(config, dry_run, progress) as magpie:
        name, taken = _import(magpie, kind, path, settings, "rehearse" if dry_run else "later" if later else "now")
    _tell(name, taken)


@app.command()
def watch(
    path: Annotated[Path, typer.Argument(help="A vault, or any folder that can be imported.")],
    config: Config = CONFIG,
    kind: Annotated[str, typer.Option(help="What kind it is; without it, that is seen by itself.")] = "",
    me: _ME = None,
    given: _SET = None,
    every: Annotated[float, typer.Option(min=1, help="Look so often, in seconds.")] = 5,
    once: Annotated[bool, typer.Option("--once", help="Look once, and end.")] = False,
) -> None:
    """Take in a folder, and then whatever changes in it, until you press Ctrl-C; what is deleted there is forgotten."""
    from bot.jobs.watching import Watcher

    watcher = Watcher(path, kind, _settings(me, given))

    def look() -> None:
        with opened(config) as magpie:
            taken = watcher.take(magpie.collector, magpie.settings.owner.zone)
        _tell(path.name, taken)

    look()
    if not once:
        watcher.watch(look, every)


@contextmanager
def _magpie(config: Path, reads: bool, progress: Progress) -> Iterator[Magpie]:
    """Whoever only reads may do so beside another Magpie; where there is no memory yet, there is none to disturb."""
    if reads and remembers(reader := beside(config, progress=progress)):
        yield reader
        return
    with opened(config, progress=progress) as magpie:
        yield magpie


def _kind_and_path(meant: list[str]) -> tuple[str, Path]:
    if len(meant) > 2:
        raise typer.BadParameter("give one export at a time: magpie import [KIND] PATH")
    return ("", Path(meant[0])) if len(meant) == 1 else (meant[0].lower().replace("-", "_"), Path(meant[1]))


def _is_own(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_OWN_BEGINS)) == _OWN_BEGINS
    except OSError:
        return False


def _settings(me: list[str] | None, given: list[str] | None) -> dict[str, Any]:
    settings: dict[str, Any] = {"me": tuple(me or ())}
    for pair in given or ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"--set {pair!r} has no value: write --set KEY=VALUE.")
        settings[key.strip()] = value.strip()
    return settings


def _import(magpie: Magpie, kind: str, path: Path, settings: dict[str, Any], how: str) -> tuple[str, Taken]:
    from bot.jobs.importing import Importing
    from tools.importers import importer, kind_of
    from tools.importers.opening import opened as export

    with export(path) as found:
        taking = importer(kind or kind_of(found), found, {"zone": magpie.settings.owner.zone, **settings})
        job = Importing(magpie.collector)
        taken = job.rehearse(taking) if how == "rehearse" else job.take_in(taking, embed=how == "now")
        return taking.name, taken


def _tell(name: str, taken: Taken) -> None:
    for sentence in (*taken.examples, *taken.failures):
        typer.echo(f"magpie: {sentence}", err=True)
    for line in _sentences(name, taken):
        typer.echo(line)
    if taken.failures:
        sys.exit(SourceError.exit_status)


def _sentences(name: str, taken: Taken) -> list[str]:
    """The counts, in words."""
    counts = taken.counts
    words = {"new": "new", "same": "known", "edited": "changed", "gone": "forgotten before", "deleted": "deleted"}
    parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    told = [f"{name}: {counts['read']} read; {', '.join(parts) or 'nothing new'}."]
    if taken.went_on_after:
        told.append(f"It went on after {taken.went_on_after} rows that were stored before.")
    told += [f"Left out: {_reasons(taken.skipped)}."] if taken.skipped else []
    told += [f"Could not be read: {_reasons(taken.damaged)}."] if taken.damaged else []
    return told


def _reasons(counts: Counter[str]) -> str:
    return ", ".join(f"{count} ({reason})" for reason, count in counts.most_common(12))
