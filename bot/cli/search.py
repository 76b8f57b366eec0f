"""``magpie search``: the archive by words and by meaning, with filters; also while Magpie is at work."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import CONFIG, Config, app, beside
from config.errors import ConfigError
from memory.query import Filters
from memory.records import Kind

if TYPE_CHECKING:
    from bot.build import Magpie
    from memory.query import Hit

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])]
Names = Annotated[list[str] | None, typer.Option()]


@app.command()
def search(
    query: str,
    config: Config = CONFIG,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100)] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    since: Day = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="A date: with all of it.")
    ] = None,
    by: Annotated[list[str] | None, typer.Option(help="Handle of who wrote it; may be repeated.")] = None,
    source: Names = None,
    kind: Annotated[list[str] | None, typer.Option(help="post, note, article, chat …")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Two letters.")] = None,
    liked: Annotated[bool, typer.Option("--liked")] = False,
    bookmarked: Annotated[bool, typer.Option("--bookmarked")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="What you wrote.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="What Magpie has told.")] = False,
) -> None:
    """Search the archive by words and by meaning."""
    magpie = beside(config)
    deeds = {Kind.LIKE: liked, Kind.BOOKMARK: bookmarked, Kind.AUTHORED: mine}
    filters = Filters(
        since=_instant(magpie, since),
        until=_instant(magpie, until, to_the_end=True),
        people=_people(magpie, by or []),
        sources=frozenset(source or []),
        kinds=frozenset(kind or []),
        deeds=frozenset(deed for deed, asked in deeds.items() if asked),
        languages=frozenset(name[:2].lower() for name in language or []),
        delivered=delivered,
    )
    hits = magpie.archive.search(query, count, filters)
    if as_json:
        for hit in hits:
            typer.echo(json.dumps(written(hit), ensure_ascii=False))
        return
    _show(magpie, query, hits)


def written(hit: Hit) -> dict[str, object]:
    """A hit as JSON has it."""
    item, passage = hit.item, hit.passage
    return {
        **{"uri": item.uri, "url": item.url, "at": item.created_at.isoformat(), "text": item.text},
        **({"passage": passage.text} if passage and passage.text != item.searchable else {}),
        **{"score": round(hit.score, 6), "ways": hit.ways},
    }


def _instant(magpie: Magpie, said: datetime | None, to_the_end: bool = False) -> datetime | None:
    """Where the owner is; a date without an hour is the whole day."""
    if said is None:
        return None
    whole_day = to_the_end and said.time() == time()
    return (said + timedelta(days=whole_day)).replace(tzinfo=magpie.zone).astimezone(UTC)


def _people(magpie: Magpie, handles: list[str]) -> frozenset[str]:
    """Whom the handles mean. Raises ConfigError for one that nobody has."""
    with magpie.store.begin() as memory:
        found = {handle: memory.accounts.by_handle(handle.removeprefix("@")) for handle in handles}
    for handle, account in found.items():
        if account is None:
            raise ConfigError(f"--by {handle}: nobody of that handle is known; write it as name@host.")
    return frozenset(account.uri for account in found.values() if account)


def _show(magpie: Magpie, query: str, hits: list[Hit]) -> None:
    from bot.channels.terminal import TerminalChannel
    from bot.speaking import Speaker

    with magpie.store.begin() as memory:
        accounts = memory.accounts.all([hit.item.author for hit in hits])
    speaker = Speaker({hit.item.uri: hit.item for hit in hits}, accounts, magpie.settings.owner.zone)
    TerminalChannel().send(speaker.hits(query, hits, "search"))
