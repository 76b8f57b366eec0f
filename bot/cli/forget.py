"""``magpie forget``: shows what it would forget, asks, and leaves no trace in any file that Magpie keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.app import CONFIG, Config, app, echo, opened
from config.errors import MagpieError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.build import Magpie
    from memory.keeping.choosing import Choice

SHOWN = 5
ONE = {"entries": "entry", "wishes": "wish", "mutes and other rules": "mute or other rule"}
NOTHING = "Nothing of it is known: nothing was forgotten, and the backups are as they were."
ELSEWHERE = "Exports, and backups that you keep elsewhere, still hold it: delete those yourself."
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"], help="In your time zone.")]


@app.command()
def forget(
    what: Annotated[
        str, typer.Argument(help="The address of a post, @name@host, or words (divorc* for beginnings).")
    ] = "",
    config: Config = CONFIG,
    since: Day = None,
    until: Day = None,
    everything: Annotated[bool, typer.Option("--everything", help="All of it; asks for your handle.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Forget a post, an account, a topic, a time, or everything. Magpie must be stopped."""
    with opened(config) as magpie:
        counts: Mapping[str, int] | None
        if everything:
            counts = _everything(magpie)
        elif not what and since is None and until is None:
            raise typer.BadParameter("Say what to forget: a post, @name@host, words, a time, or --everything.")
        else:
            counts = _chosen(magpie, what, _span(magpie, since, until), yes)
        if counts is None:
            echo(NOTHING)
            return
        gone = _swept(magpie, backup=not everything)
    echo(f"Forgotten: {_told(counts) or 'all there was, which was nothing'}.")
    if everything:
        echo("What you have said to Magpie before now is not heard again.")
    made = "" if everything else " A new one is made."
    echo(f"Backups that Magpie had made and that are gone: {gone}.{made} {ELSEWHERE}")


def _everything(magpie: Magpie) -> Mapping[str, int]:
    from memory.keeping import sweeping
    from memory.keeping.forgetting import forget_everything

    handle = magpie.settings.owner.handle
    written = typer.prompt(f"All that Magpie knows will be gone. Write your handle ({handle}) to go on", default="")
    if written.strip().lstrip("@") != handle:
        raise MagpieError("That is not your handle: nothing was forgotten.")
    sweeping.begin(magpie.settings.data)
    with magpie.store.begin() as memory:
        return forget_everything(memory, magpie.now())


def _chosen(
    magpie: Magpie, what: str, span: tuple[datetime | None, datetime | None], yes: bool
) -> Mapping[str, int] | None:
    """How much of what was forgotten; None where there was nothing to forget."""
    from agents.chaff import note_deleted
    from memory.keeping import sweeping
    from memory.keeping.choosing import choose
    from memory.keeping.forgetting import forget_choice, would_forget

    with magpie.store.begin() as memory:
        choice = choose(memory, what, *span)
        if choice.account is None and not would_forget(memory, choice, magpie.now()):
            return None
        names = memory.accounts.all([item.author for item in choice.items[:SHOWN]])
    _show(choice, {uri: account.handle for uri, account in names.items()})
    if not yes:
        typer.confirm("Forget this for good", abort=True)
    sweeping.begin(magpie.settings.data)
    with magpie.store.begin() as memory:
        if choice.account is None and choice.says is None and not choice.of_time:
            note_deleted(memory, choice.items, magpie.now())
        return forget_choice(memory, choice, magpie.now())


def _show(choice: Choice, names: Mapping[str, str]) -> None:
    """How much it is, and the first of it."""
    echo(_number(len(choice.items), "posts"))
    for item in choice.items[:SHOWN]:
        words = " ".join(f"{item.title} {item.text}".split())
        echo(f"  {item.created_at:%Y-%m-%d} @{names.get(item.author, item.author)}: {words[:100]}")
    if len(choice.items) > SHOWN:
        echo(f"  … and {len(choice.items) - SHOWN} more")
    if choice.account is not None:
        echo(
            f"and all else of @{choice.account.handle}, who will not be collected again; for that alone the address "
            f"{choice.account.uri} is kept, and nothing else"
        )
    if choice.says is not None:
        echo("and whatever either of us has said about it, and your interests in it")
    if choice.of_time:
        echo("and all that either of us has said and done in that time")


def _swept(magpie: Magpie, backup: bool) -> int:
    from memory.keeping.sweeping import sweep

    return sweep(magpie.settings.data, magpie.store, magpie.index, magpie.embedder.name, magpie.now(), backup)


def _span(magpie: Magpie, since: datetime | None, until: datetime | None) -> tuple[datetime | None, datetime | None]:
    """Instants; a day that is named as the last is meant to its end."""
    zone = magpie.settings.owner.zone
    first = since and since.replace(tzinfo=zone)
    last = until and (until + timedelta(days=until.time() == datetime.min.time())).replace(tzinfo=zone)
    if first is None and last is None:
        return None, None
    return first or datetime.min.replace(tzinfo=UTC), last or magpie.now()


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(_number(count, what) for what, count in counts.items() if count)


def _number(count: int, what: str) -> str:
    """One of what there are else many of."""
    head, of, rest = what.partition(" of ")
    one = ONE.get(head, head.removesuffix("s"))
    return f"{count} {f'{one}{of}{rest}' if count == 1 else what}"
