"""Lists of feeds, taken from another reader or handed to one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.numbers import counted
from bot.cli.app import CONFIG, Config, app, beside, echo
from config.errors import ConfigError, why

if TYPE_CHECKING:
    from tools.sources.opml import Outline

LIST = "feeds.opml"
_TABLE = f'\n[[sources]]\nkind = "feed"\nopml = "{LIST}"\n'

feeds = typer.Typer(help="Lists of feeds (OPML): taken from another reader, or handed to one.", no_args_is_help=True)
app.add_typer(feeds, name="feeds")


@feeds.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An OPML file.")],
    config: Config = CONFIG,
) -> None:
    """Add the feeds of an OPML file to feeds.opml, beside the settings, which name it from then on."""
    from tools.sources.opml import listing, read_opml, written

    tables = beside(config).settings.sources
    target = config.parent / LIST
    known = {feed.url: feed for feed in read_opml(target)} if target.exists() else {}
    listed = {feed.url for table in tables for feed in _of_table(table.kind, table.options)}
    found = listing(path)
    new = [feed for feed in found.feeds if feed.url not in known and feed.url not in listed]
    _write(target, written([*known.values(), *new]))
    if not any(table.kind == "feed" and table.options.get("opml") == str(target) for table in tables):
        _name_it(config)
    count = len(found.feeds)
    echo(f"{path.name}: {counted(count, 'feed')} read; {len(new)} new, {count - len(new)} known.")
    if found.left_out:
        echo(f"Left out: {found.left_out} (no address of the web, or more than a list may hold).")


@feeds.command()
def export(
    path: Annotated[Path | None, typer.Argument(help="Where to; without it, it is printed.")] = None,
    config: Config = CONFIG,
) -> None:
    """Write all feeds of the settings as OPML, under the names that they have given themselves."""
    from dataclasses import replace

    from tools.sources.opml import written

    magpie = beside(config)
    found = {f.url: f for table in magpie.settings.sources for f in _of_table(table.kind, table.options)}
    with magpie.store.begin() as memory:
        names = {uri: account.name for uri, account in memory.accounts.all(list(found)).items()}
    magpie.close()
    text = written(replace(feed, title=names.get(url) or feed.title) for url, feed in found.items())
    if path is None:
        typer.echo(text, nl=False)
    else:
        _write(path, text)
        echo(f"{path.name}: {counted(len(found), 'feed')} written.")


def _of_table(kind: str, options: dict[str, object]) -> list[Outline]:
    from tools.sources.feed import build
    from tools.sources.opml import Outline, read_opml

    if kind != "feed":
        return []
    source = build(options, {})
    listed = read_opml(source.opml) if source.opml and source.opml.exists() else []
    return [*map(Outline, source.urls), *listed]


def _name_it(config: Path) -> None:
    """Add the table to the settings, whose other lines stay as they are. Raises ConfigError."""
    from config.settings import load

    before = config.read_text("utf-8")
    _write(config, before.rstrip("\n") + "\n" + _TABLE)
    try:
        load(config)
    except ConfigError:
        _write(config, before)
        raise ConfigError(
            f'{config} cannot be added to: put [[sources]] kind = "feed", opml = "{LIST}" in it.'
        ) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written, because {why(error)}: choose another place.") from error
