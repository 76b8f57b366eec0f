"""``magpie taste``: what is believed of the owner's taste, how sure, since when, and how to correct it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo, echo_json
from config.errors import ConfigError

if TYPE_CHECKING:
    from agents.taste.beliefs import Belief, Beliefs, Topic
    from memory.records import Account

WIDE = 120
SHOWN = 10


@app.command()
def taste(
    config: Config = CONFIG,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    picture: Annotated[
        Path | None, typer.Option("--map", help="Where a map of interests over time goes: .html")
    ] = None,
) -> None:
    """Show what Magpie believes that you like, and how to correct it."""
    from agents.taste.beliefs import beliefs

    magpie = beside(config)
    past = magpie.reading.past(magpie.now())
    believed = beliefs(past.taste(), past.passed_over)
    with magpie.store.begin() as memory:
        accounts, interests = memory.accounts.all(), memory.rules.interests()
    if picture:
        _draw(believed, picture)
    if as_json:
        told = {**_plain(believed, accounts), "wishes": interests}
        echo_json(told)
    else:
        _show(believed, accounts, interests)


def _draw(believed: Beliefs, path: Path) -> None:
    from bot.taste_map import page

    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--map {path}: the map is a page; give it a name that ends in .html.")
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(page(believed.topics, "What you liked, over time"))
    except OSError as error:
        raise ConfigError(f"--map {path} cannot be written: {error.strerror}; name another file.") from error


def _plain(believed: Beliefs, accounts: Mapping[str, Account]) -> dict[str, Any]:
    return {
        **{
            "likes": believed.likes,
            "own": believed.own,
            "dislikes": believed.dislikes,
            "sure": round(believed.sure, 3),
        },
        "since": _day(believed.since),
        "topics": [_topic(topic) for topic in believed.topics],
        "unwanted": [_topic(topic) for topic in believed.unwanted],
        "authors": [_belief(one, _handle(one.value, accounts)) for one in believed.authors],
        "words": [_belief(one, one.value) for one in believed.words],
        "beside": [{"kind": kind, "value": value, "odds": round(odds, 3)} for (kind, value), odds in believed.beside],
    }


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        **{"words": topic.words, "count": topic.count, "share": round(topic.share, 3)},
        **{"sure": round(topic.sure, 3), "since": _day(topic.since), "latest": _day(topic.latest)},
        "examples": [example.item.uri for example in topic.examples],
    }


def _belief(one: Belief, name: str) -> dict[str, Any]:
    return {"value": name, "leaning": round(one.leaning, 3), "count": one.count, "since": _day(one.since)}


def _show(believed: Beliefs, accounts: Mapping[str, Account], interests: Mapping[str, float]) -> None:
    from agents.answering.oneself import CORRECTED, wishes

    if told := wishes(interests):
        echo(told)
    if not believed.likes + believed.own + believed.dislikes:
        echo("Magpie knows of nothing yet that you like or dislike: a like, an emoji or an import begins it.")
        return
    echo(
        f"From {believed.likes} that you liked, {believed.own} of your own and {believed.dislikes} that you did not "
        f"like, since {_day(believed.since)}; "
        f"{believed.sure:.0%} of it is observed, the rest expected.\n"
    )
    for title, did, topics in (
        ("Topics", "liked", believed.topics),
        ("Topics that you did not like", "disliked", believed.unwanted),
    ):
        rows = (
            (", ".join(t.words), t.count, f"{t.share:.0%}", f"{t.sure:.0%}", _day(t.since), _day(t.latest), _example(t))
            for t in topics[:SHOWN]
        )
        _table(title, ("words", did, "share", "sure", "since", "latest", "for example"), rows)
    people = (
        (_handle(one.value, accounts), f"{one.leaning:+.2f}", one.count, _day(one.since))
        for one in believed.authors[:SHOWN]
    )
    _table("Authors, from -1 to +1", ("who", "leaning", "reactions", "since"), people)
    words = ((one.value, f"{one.leaning:+.1f}", one.count, _day(one.since)) for one in believed.words[:SHOWN])
    _table("Words, with log odds", ("word", "leaning", "posts", "since"), words)
    others = ((f"{kind} {value}", f"{odds:+.2f}") for (kind, value), odds in believed.beside[:SHOWN])
    _table("What else, with log odds", ("what", "leaning"), others)
    echo(CORRECTED)


def _table(title: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bot.channels.rendering import clean

    table = Table(*columns, title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(Text(clean(str(cell))) for cell in row))
    if table.row_count:
        Console(width=WIDE, markup=False, highlight=False).print(table, "")


def _example(topic: Topic) -> str:
    """Of what stands behind a warning, the warning."""
    item = topic.examples[0].item
    return " ".join((item.warning or item.title or item.text).split())[:48]


def _handle(uri: str, accounts: Mapping[str, Account]) -> str:
    account = accounts.get(uri)
    return f"@{account.handle}" if account else uri


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "?"
