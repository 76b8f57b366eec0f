"""``magpie search``: the archive by words and by meaning, with filters; also while Magpie is at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo, echo_json
from config.errors import ConfigError
from memory.query import Filters
from memory.records import Kind

if TYPE_CHECKING:
    from bot.build import Magpie
    from memory.query import Hit
    from memory.records import Account

FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
KINDS = ("post", "note", "article", "chat", "message", "question")
LANGUAGES = {
    **{"english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt"},
    **{"dutch": "nl", "deutsch": "de", "français": "fr", "español": "es", "italiano": "it", "português": "pt"},
    "nederlands": "nl",
}


@app.command()
def search(
    query: Annotated[str, typer.Argument(help='What to look for; with filters, "" lists the newest.')],
    config: Config = CONFIG,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100, help="How many at most.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    since: Annotated[datetime | None, typer.Option(formats=FORMATS, help="Where you are.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=FORMATS, help="A date: with all of it.")] = None,
    by: Annotated[list[str] | None, typer.Option(help="Name or handle of who wrote it; may be repeated.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="mastodon, rss …; may be repeated.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="post, note, article, chat …; may be repeated.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Two letters or a name: de, german.")] = None,
    liked: Annotated[bool, typer.Option("--liked", help="What you liked.")] = False,
    bookmarked: Annotated[bool, typer.Option("--bookmarked", help="What you bookmarked or saved.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="What you wrote.")] = False,
    delivered: Annotated[bool, typer.Option("--delivered", help="What Magpie has told.")] = False,
    warned: Annotated[bool, typer.Option("--warned", help="Show the words behind content warnings.")] = False,
) -> None:
    """Search the archive by words and by meaning."""
    magpie = beside(config)
    sources, kinds = _origins(magpie, source or [], kind or [])
    deeds = {Kind.LIKE: liked, Kind.BOOKMARK: bookmarked, Kind.SAVE: bookmarked, Kind.AUTHORED: mine}
    filters = Filters(
        since=_instant(magpie, since),
        until=_instant(magpie, until, to_the_end=True),
        people=_people(magpie, by or []),
        sources=sources,
        kinds=kinds,
        deeds=frozenset(deed for deed, asked in deeds.items() if asked),
        languages=frozenset(map(_language, language or [])),
        delivered=delivered,
    )
    if filters.since and filters.until and filters.since >= filters.until:
        raise ConfigError("--since is after --until: nothing is between them.")
    if not any(map(str.isalnum, query)) and (query.strip() or not filters):
        raise ConfigError("There is no word to look for: name one, or a filter such as --by or --since.")
    archive = magpie.archive
    hits = archive.search(query, count, filters) if query.strip() else archive.newest(count, filters)
    if as_json:
        for hit in hits:
            echo_json(written(hit))
        return
    _show(magpie, query, hits, warned)


def written(hit: Hit) -> dict[str, object]:
    """A hit as JSON has it."""
    item, passage = hit.item, hit.passage
    return {
        **{"uri": item.uri, "url": item.url, "at": item.created_at.isoformat()},
        **{"author": item.author, "kind": item.kind, "text": item.text},
        **({"warning": item.warning} if item.warning else {}),
        **({"passage": passage.text} if passage and passage.text != item.searchable else {}),
        **{"score": round(hit.score, 6), "ways": hit.ways},
    }


def _instant(magpie: Magpie, said: datetime | None, to_the_end: bool = False) -> datetime | None:
    """Where the owner is; a date without an hour is the whole day."""
    if said is None:
        return None
    whole_day = to_the_end and said.time() == time()
    return (said + timedelta(days=whole_day)).replace(tzinfo=magpie.zone).astimezone(UTC)


def _origins(magpie: Magpie, sources: list[str], kinds: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """The sources and kinds that are asked for. Raises ConfigError for one that there is not."""
    with magpie.store.begin() as memory:
        there, such = memory.sources.origins()
    for option, asked, known in (("--source", sources, there), ("--kind", kinds, such | set(KINDS))):
        for name in asked:
            if name not in known:
                raise ConfigError(
                    f"{option} {name}: there is none; there are {', '.join(sorted(known)) or 'none yet'}."
                )
    return frozenset(sources), frozenset(kinds)


def _language(said: str) -> str:
    """Two letters. Raises ConfigError for what is no language."""
    name = said.strip().lower()
    code = LANGUAGES.get(name, name.split("-")[0])
    if len(code) != 2 or not code.isalpha():
        raise ConfigError(f"--language {said}: write it with two letters, such as de.")
    return code


def _people(magpie: Magpie, called: list[str]) -> frozenset[str]:
    """Whom these names and handles mean; where one means several, they are told. Raises ConfigError for a stranger."""
    from agents.understanding.people import bearing

    with magpie.store.begin() as memory:
        everybody = memory.accounts.people()
    found: set[str] = set()
    for name in called:
        meant = bearing(name, everybody)
        if not meant:
            raise ConfigError(f"--by {name}: nobody of that name or handle is known; write it as name@host.")
        if len(meant) > 1:
            echo(f"--by {name} may be any of {_listed([everybody[uri] for uri in meant])}.", err=True)
        found |= meant
    return frozenset(found)


def _listed(people: Iterable[Account]) -> str:
    return ", ".join(sorted(f"{one.name} @{one.handle}".strip() for one in people))


def _show(magpie: Magpie, query: str, hits: list[Hit], warned: bool) -> None:
    from bot.channels.terminal import TerminalChannel
    from bot.speaking import Speaker

    with magpie.store.begin() as memory:
        accounts = memory.accounts.all()
    speaker = Speaker({hit.item.uri: hit.item for hit in hits}, accounts, magpie.settings.owner.zone)
    hits = [_narrowed(hit, query) for hit in hits]
    TerminalChannel().send(speaker.hits(query, hits, "search", behind_warnings=warned))


def _narrowed(hit: Hit, query: str) -> Hit:
    """Of a long text, the words that were found instead of those that it begins with."""
    from agents.answering.passages import shortened
    from bot.answering import own_words
    from bot.speaking import LONGEST_QUOTE

    if hit.passage is None or hit.passage.text == hit.item.searchable:
        return hit
    words = own_words(hit.item, shortened(hit, query, limit=LONGEST_QUOTE))
    return replace(hit, item=replace(hit.item, text=words)) if words else hit
