"""What was done: runs, what happened in one of them, and replays."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.app import CONFIG, Config, app, beside, echo, echo_json, opened, remembers
from bot.history import Plain, counted, explained, listed
from config.errors import ConfigError, MagpieError
from config.settings import parse

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from bot.build import Magpie
    from bot.jobs.replay import Replayed

WIDE = 160
TRIED = tuple(f"digest.{key}" for key in ("entries", "explore", "preset", "discovery", "floor", "home_marker", "judge"))

NO_MODEL = 'without a model --prompt changes nothing: try one with --set model.kind=local (it is "none" now).'

runs_app = typer.Typer(help="What was done: the newest runs, or one of them in full.")
app.add_typer(runs_app, name="runs")
AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON, one run a line.")]


@runs_app.callback(invoke_without_command=True)
def runs(
    ctx: typer.Context,
    config: Config = CONFIG,
    job: Annotated[
        str, typer.Option("--job", help="Only these: answer, collect, digest, import, preview, recheck, replay.")
    ] = "",
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=10_000)] = 20,
    as_json: AsJson = False,
) -> None:
    """What was done: the newest runs, or one of them in full."""
    if ctx.invoked_subcommand:
        return
    magpie, found = beside(config), list[Plain]()
    if remembers(magpie):
        with magpie.store.begin() as memory:
            found = listed(memory, job or None, count)
    if as_json:
        for run in found:
            echo_json(run)
    elif found:
        _table_of(found, magpie.settings.owner.zone)
    else:
        echo(f"no runs{f' of the job {job}' if job else ''} yet")


@runs_app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Or the beginning of it.")],
    config: Config = CONFIG,
    as_json: AsJson = False,
) -> None:
    """One run in full: its nodes, the model's calls, what failed, and the digest that came of it."""
    magpie = beside(config)
    with magpie.store.begin() as memory:
        run = explained(memory, name)
        if run is None:
            raise MagpieError(f"There is no run {name!r}, or more than one begins so: see 'magpie runs'.")
    if as_json:
        echo_json(run)
        return
    _table_of([run], magpie.settings.owner.zone)
    if run["replays"]:
        _screen().print(f"replays {run['replays']}")
    steps = [(s["node"], counted(s["in"]), counted(s["out"]), f"{s['seconds']:.2f}") for s in run["steps"]]
    _table(("node", "in", "out", "seconds"), steps)
    calls = [
        (f"{c['prompt']} {c['version']}", c["model"], c["verdict"], f"{c['tokens_in']}+{c['tokens_out']}", _seconds(c))
        for c in run["calls"]
    ]
    _table(("prompt", "model", "verdict", "tokens", "seconds"), calls)
    if made := run["digest"]:
        _screen().print(f"\ndigest of {made['date']}, hour {made['slot'] + 1}, for {made['channel']}")
        told = [(str(e["number"]), e["lead"], f"{e['score']:+.2f}", "; ".join(e["reasons"])) for e in made["entries"]]
        _table(("entry", "post", "points", "why"), told)


@app.command()
def replay(
    name: Annotated[str, typer.Argument(metavar="ID", help="A digest's run, or the beginning of its id.")],
    config: Config = CONFIG,
    node: Annotated[str, typer.Option("--from", help="The node to set in at.", show_default=False)] = "",
    sets: Annotated[list[str] | None, typer.Option("--set", help="Another weight: digest.floor=0.4.")] = None,
    prompt: Annotated[Path | None, typer.Option("--prompt", help="A file in place of the prompt of its name.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Queue what comes out, if that hour has no digest.")] = False,
) -> None:
    """A digest's run once more on the input it had; without --from a run that broke goes on where it stopped."""
    with ExitStack() as stack:
        magpie = stack.enter_context(opened(config) if send else nullcontext(beside(config)))
        _try(magpie, sets or [])
        if prompt is not None:
            from agents.prompts import instead

            stack.enter_context(instead(prompt))
            if magpie.mind.table.kind == "none":
                echo(f"magpie: {NO_MODEL}", err=True)
        replayed = magpie.player.replay(name, node, magpie.editor if send else None)
        if replayed.unsent:
            echo(f"magpie: {replayed.unsent} This is what it would have been:", err=True)
        _print_replayed(magpie, replayed)
        if replayed.queued:
            magpie.speak()
    if replayed.unsent:
        raise typer.Exit(1)


def _try(magpie: Magpie, sets: Sequence[str]) -> None:
    """Other settings for this once. Raises ConfigError."""
    table: dict[str, Any] = magpie.settings.model_dump(exclude={"secrets"})
    for one in sets:
        key, given, value = one.partition("=")
        section, _, option = key.strip().partition(".")
        if not given or (key.strip() not in TRIED and (section != "model" or not option)):
            raise ConfigError(f"--set {one!r} cannot be tried: write {', '.join(TRIED)} or model.…, and = and a value.")
        table[section][option] = _value(value.strip())
    if sets:
        secrets = magpie.settings.secrets
        magpie.settings = parse(table, where="--set").model_copy(update={"secrets": secrets})


def _value(written: str) -> Any:
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return written


def _print_replayed(magpie: Magpie, replayed: Replayed) -> None:
    from bot.channels.terminal import TerminalChannel
    from bot.jobs.replay import differences
    from bot.speaking import Speaker

    entries = (*replayed.digest.entries, *(replayed.before or ()))
    with magpie.store.begin() as memory:
        items, accounts = memory.items.all({uri for entry in entries for uri in entry.items}), memory.accounts.all()
    speaker = Speaker(items, accounts, magpie.settings.owner.zone, magpie.settings.digest.form)
    terminal, screen = TerminalChannel(), _screen()
    for out, _ in speaker.digest(replayed.digest):
        terminal.send(out)
    screen.print(f"\nRun {replayed.run}, from {replayed.node} on.", end=" ")
    if replayed.before is None:
        screen.print("The run before had come to no entries.")
        return
    changes = differences(replayed.before, replayed.digest.entries)
    screen.print("What differs:" if changes else "The entries are the same as they were.")
    rows = []
    for change in changes:
        what = "came" if change.was is None else "went" if change.now is None else "moved"
        rows.append((what, str(change.was or ""), str(change.now or ""), speaker.headline(change.entry)))
    _table(("", "was", "is", "entry"), rows)


def _table_of(found: Iterable[Plain], zone: ZoneInfo) -> None:
    rows = []
    for run in found:
        when = f"{datetime.fromisoformat(run['began']).astimezone(zone):%Y-%m-%d %H:%M}"
        rows.append((run["id"], run["job"], when, _seconds(run), run["state"], counted(run["counts"])))
        rows += [("", "", "", "", "", f"! {failure}") for failure in run["failures"]]
    _table(("run", "job", "when", "seconds", "state", "counts"), rows)


def _seconds(plain: Plain) -> str:
    return "–" if plain["seconds"] is None else f"{plain['seconds']:.2f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Nothing without rows. No cell is ever markup, nor can it steer the terminal."""
    from rich.table import Table
    from rich.text import Text

    from bot.channels.rendering import clean

    if not rows:
        return
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    screen = _screen()
    screen.print()
    screen.print(table)


def _screen() -> Console:
    """What is read by a program, or kept in a file, is not broken at eighty columns."""
    from rich.console import Console

    screen = Console(highlight=False, markup=False)
    return screen if screen.is_terminal else Console(highlight=False, markup=False, width=WIDE)
