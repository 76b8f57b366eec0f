"""Taking in exports, once or whenever a folder of notes changes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.numbers import counted
from bot.cli.app import CONFIG, Config, app, beside, echo, opened, progress_bar, remembers
from bot.cli.keep import take_back
from config.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from bot.build import Magpie
    from bot.jobs.collect import Progress
    from bot.jobs.importing import Taken
    from tools.importers import Opened
    from tools.sources.mastodon_lookup import Lookup

OWN = "magpie"
CONVERSATIONS = ("whatsapp", "telegram_export", "signal", "mbox")
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
    resolve: Annotated[
        bool, typer.Option("--resolve", help="Ask your own server for what you liked, of a Mastodon archive.")
    ] = False,
    later: Annotated[bool, typer.Option("--later", help="Leave the embedding to the next collect.")] = False,
    of: Annotated[str, typer.Option(help="Of Magpie's own exports: the handle it was exported under.")] = "",
) -> None:
    """Take in an archive, chats, mail or notes; importing again adds what is new and updates what has changed.

    An import that broke off goes on where it was. Magpie's own exports are taken in too. The kinds: twitter, mastodon,
    bluesky, reddit, github, whatsapp, telegram, signal, mail, obsidian, markdown, evernote, text, pdf, bookmarks,
    reading_lists, goodreads, kindle, youtube, json, csv, magpie.
    """
    kind, path = _kind_and_path(meant)
    if kind == OWN or (not kind and _is_own(path)):
        take_back(path, config, of)
        return
    order = Order(kind, path, _settings(me, given), dry_run, later, resolve)
    with progress_bar() as progress, _magpie(config, dry_run, progress) as magpie:
        done = order.carried_out(magpie)
    _tell(done)


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
        _tell(Done(path.name, taken))

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
    if not meant[-1]:  # as a variable in a script that was never set; it would mean the folder one stands in
        raise typer.BadParameter("the PATH is empty: magpie import [KIND] PATH")
    return ("", Path(meant[0])) if len(meant) == 1 else (meant[0].lower().replace("-", "_"), Path(meant[1]))


def _is_own(path: Path) -> bool:
    try:
        if not path.is_file():  # a pipe would be waited for
            return False
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


@dataclass(frozen=True)
class Order:
    """An import as the owner wants it. Without a kind, that is seen by a look at the export."""

    kind: str
    path: Path
    settings: dict[str, Any]
    dry_run: bool = False
    later: bool = False
    resolve: bool = False

    def carried_out(self, magpie: Magpie) -> Done:
        """Take it in, or count what that would do. Raises ConfigError, SourceError."""
        from bot.jobs.importing import Importing, Taken
        from tools.importers import importer
        from tools.importers.opening import opened as export
        from tools.importers.recognising import kind_named, kind_of, mistaken

        with export(self.path) as found:
            kind = kind_named(self.kind) if self.kind else kind_of(found)
            reader = importer(kind, found, {"zone": magpie.settings.owner.zone, **self.settings})
            lookup = _lookup(magpie, kind, self.settings) if self.resolve else None
            job = Importing(magpie.collector, lookup)
            taken = job.rehearse(reader) if self.dry_run else job.take_in(reader, embed=not self.later)
            if not taken.rows and not taken.went_on_after:
                if fault := mistaken(kind, found):
                    return Done(reader.name, Taken(failures=[fault]))
                taken.failures.append(f"Nothing of {self.path.name} could be taken in.")
            left = _left(found, kind) if taken.whole else []
            asked = [lookup.told] if lookup else []
            taken.failures += [lookup.ended] if lookup and lookup.ended else []
            remarks = filter(None, (reader.remark, self._nobodys(kind, taken)))
            return Done(reader.name, taken, [*asked, *remarks, *left])

    def _nobodys(self, kind: str, taken: Taken) -> str:
        """What to do where others and the owner speak, and it is not known who the owner is."""
        if kind not in CONVERSATIONS or self.settings["me"] or taken.counts["reactions"] or not taken.counts["new"]:
            return ""
        return "Nothing in it is known to be yours: say who you are in it (--me NAME), and import it again."


@dataclass(frozen=True)
class Done:
    """What is told at the end: of what, the counts, and whatever else the owner should know."""

    name: str
    taken: Taken
    remarks: Sequence[str] = ()


def _lookup(magpie: Magpie, kind: str, settings: Mapping[str, Any]) -> Lookup:
    """The way to ask the owner's own server. Raises ConfigError."""
    from tools.sources.mastodon import MastodonSource

    if kind != "mastodon_archive":
        raise ConfigError("--resolve is for archives of Mastodon: what lies in others is not asked for.")
    name = settings.get("source", "mastodon")
    for source in magpie.sources:
        if isinstance(source, MastodonSource) and source.name == name:
            return source.lookup()
    raise ConfigError(f"--resolve asks your own server: magpie.toml names no source of kind mastodon called {name}.")


def _left(found: Opened, kind: str) -> list[str]:
    """Sentences on what else lies in an export that was read."""
    from tools.importers.recognising import advice, beside

    return [advice(found, other, names) for other, names in beside(found, kind).items()]


def _tell(done: Done) -> None:
    for sentence in (*done.taken.examples, *done.taken.failures):
        echo(f"magpie: {sentence}", err=True)
    if done.taken.whole or done.taken.rows or done.taken.skipped or done.taken.damaged:
        for line in (*_sentences(done), *done.remarks):
            echo(line)
    if done.taken.failures:
        sys.exit(SourceError.exit_status)


def _sentences(done: Done) -> list[str]:
    """The counts, in words."""
    taken, counts = done.taken, done.taken.counts
    words = {"new": "new", "same": "known", "edited": "changed", "gone": "forgotten before", "deleted": "deleted"}
    parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
    told = [f"{done.name}: {counts['read']} read; {', '.join(parts) or 'nothing new'}."]
    if counts["reactions"]:
        told.append(f"What you wrote, liked or kept: {counts['reactions']} new.")
    if taken.went_on_after:
        told.append(f"It went on after {counted(taken.went_on_after, 'row')} stored before.")
    told += [f"Left out: {_reasons(taken.skipped)}."] if taken.skipped else []
    told += [f"Taken in without a part: {_reasons(taken.partly)}."] if taken.partly else []
    told += [f"Could not be read: {_reasons(taken.damaged)}."] if taken.damaged else []
    return told


def _reasons(counts: Counter[str]) -> str:
    return ", ".join(f"{count} ({reason})" for reason, count in counts.most_common(12))
