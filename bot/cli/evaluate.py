"""``magpie eval``: how good the parts are, on data of one's own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EISDIR
from pathlib import Path
from typing import Annotated

import typer

from agents.numbers import counted
from bot.cli.app import app, echo, progress_bar
from config.errors import ConfigError, why

evaluate = typer.Typer(help="Measure how good the parts are.", no_args_is_help=True)
app.add_typer(evaluate, name="eval")


@contextmanager
def _written(out: Path) -> Iterator[list[str]]:
    """What is put into the list goes to the file that --out names, at the end: what was there stays until then.

    Raises ConfigError, also beforehand, where nothing can be written there.
    """
    lines = list[str]()
    with _beside("--out", out) as part:
        yield lines
        with _writable("--out", out):
            part.write_text("".join(lines), encoding="utf-8")
            part.replace(out)


@contextmanager
def _beside(option: str, path: Path) -> Iterator[Path]:
    """A new file in the same folder, gone at the end. Raises ConfigError where nothing can be written."""
    part = path.with_name(f"{path.name}.part")
    try:
        with _writable(option, path):
            if path.is_dir():
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            part.touch()
        yield part
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _writable(option: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{option} {path} cannot be written: {error.strerror}; name another file.") from error


def _kept(vectors: Path | None, out: Path) -> Path:
    """Where vectors are kept. That they cannot be is told, and is no reason to end."""
    path = vectors or out.with_suffix(".vectors.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _beside("--vectors", path):
            pass
    except (OSError, ConfigError) as error:
        reason = why(error.__cause__ or error)
        echo(f"No vectors are kept for the next time: {path} cannot be written ({reason}).", err=True)
    return path


@evaluate.command()
def recall(
    folder: Annotated[Path, typer.Argument(help="With a folder for each conversation.")],
    out: Annotated[Path, typer.Option(help="Where the rankings go, a JSON object a line.")],
    model: Annotated[str, typer.Option(help="The embedding model: the one that is shipped, or any by name.")] = "",
) -> None:
    """Answer the questions on each conversation by search, and write the ids of its turns, best first.

    Each is taken into a memory of its own, in a temporary folder. No chat model is asked.
    """
    from agents.vocabulary import FUNCTION_WORDS
    from memory.embedding import SHIPPED, SentenceEmbedder
    from memory.recall import conversations, ranked

    embedder, done = SentenceEmbedder(model or SHIPPED), 0
    with progress_bar() as progress, _written(out) as lines:
        for conversation in conversations(folder):
            for answer in ranked(conversation, embedder, FUNCTION_WORDS):
                lines.append(json.dumps(answer, ensure_ascii=False) + "\n")
                done += 1
                progress("questions", done)
    echo(f"{counted(done, 'question')} answered: {out}")


@evaluate.command()
def digest(
    folder: Annotated[
        Path, typer.Argument(help="With items.jsonl and likes.json: what people have starred, and when.")
    ],
    out: Annotated[Path, typer.Option(help="Where the table goes, as JSON.")],
    owners: Annotated[
        int, typer.Option(min=0, help="How many people are played as the owner; 0: all who can be.")
    ] = 30,
    days: Annotated[int, typer.Option(min=4, help="For how many days at most.")] = 10,
    plot: Annotated[Path | None, typer.Option(help="Where the curves over days go: .html, .svg or .png.")] = None,
    vectors: Annotated[Path | None, typer.Option(help="Where vectors are kept for the next time.")] = None,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes beside each other; 0: as many as there are cores.")
    ] = 0,
) -> None:
    """Play people as owners of Magpie in a network of the others, and see which entries they star later.

    Beside it stand the formulas of other digests, Magpie without some of its parts, and Magpie that is answered with
    emoji. No chat model takes part.
    """
    from rich.console import Console
    from rich.table import Table

    from bot.trials.digest import Trial, outcomes, stars_of
    from bot.trials.plot import draw, kind_of
    from bot.trials.table import HEAD, lines, tabled
    from bot.trials.town import Plan

    if plot is not None:
        kind_of(plot)
        with _beside("--plot", plot):
            pass
    if missing := stars_of(folder).missing:
        echo(f"Likes of items that {folder / 'items.jsonl'} does not have, left out: {missing}.", err=True)
    trial = Trial(folder, _kept(vectors, out), Plan(days))
    with progress_bar() as progress, _written(out) as text:
        table = tabled(outcomes(trial, owners, workers or os.cpu_count() or 1, progress))
        text.append(json.dumps(table, indent=1, ensure_ascii=False))
    if plot is not None:
        draw(table["curves"], plot, "precision@10 over simulated days")
    shown = Table(*HEAD)
    for row in lines(table):
        shown.add_row(*row)
    Console().print(shown)
    echo(f"{counted(len(table['owners']), 'owner')}; the whole table: {out}")


@evaluate.command()
def likes(
    folder: Annotated[Path, typer.Argument(help="With users/NAME/liked.jsonl, seen.jsonl and candidates.jsonl.")],
    out: Annotated[Path, typer.Option(help="Where the scores go, a JSON object a line.")],
    vectors: Annotated[Path | None, typer.Option(help="Where vectors are kept for the next time.")] = None,
) -> None:
    """Learn what each person of a folder liked and passed over, and write how each will like what is new."""
    from agents.taste.trial import Desk, judged
    from memory.embedding import KeptEmbedder, SentenceEmbedder

    desk = Desk(folder, KeptEmbedder(SentenceEmbedder(), _kept(vectors, out)))
    people = desk.people
    with progress_bar() as progress, _written(out) as lines:
        for done, person in enumerate(people, 1):
            lines += [json.dumps(line) + "\n" for line in judged(desk.case(person))]
            progress("people", done)
    echo(f"What is new was judged for {counted(len(people), 'person', 'people')}: {out}")


@evaluate.command()
def stories(
    posts: Annotated[Path, typer.Argument(help='With {"id", "text", "created_at"} a line.')],
    out: Annotated[Path, typer.Option(help="Where the stories go, a JSON object a line.")],
    model: Annotated[str, typer.Option(help="The embedding model: the one that is shipped, or any by name.")] = "",
) -> None:
    """Put posts into stories as the digest does, and write which story each belongs to."""
    from agents.stories import trial
    from memory.embedding import SHIPPED, SentenceEmbedder

    items, found = trial.posts(posts), []
    with progress_bar() as progress, _written(out) as lines:
        for step in trial.stories(items, SentenceEmbedder(model or SHIPPED)):
            if isinstance(step, int):
                progress("posts", step)
            else:
                found = step
        lines += [json.dumps(label, ensure_ascii=False) + "\n" for label in trial.labels(items, found)]
    echo(f"{counted(len(items), 'post')}, {counted(len(found), 'story', 'stories')}: {out}")
