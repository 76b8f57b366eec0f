"""``magpie eval``: how good the parts are, on data of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.app import app, progress_bar
from config.errors import ConfigError

evaluate = typer.Typer(help="Measure how good the parts are.", no_args_is_help=True)
app.add_typer(evaluate, name="eval")


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
    try:
        with progress_bar() as progress, out.open("w", encoding="utf-8") as file:
            for conversation in conversations(folder):
                for answer in ranked(conversation, embedder, FUNCTION_WORDS):
                    file.write(json.dumps(answer, ensure_ascii=False) + "\n")
                    done += 1
                    progress("questions", done)
    except OSError as error:
        raise ConfigError(f"--out {out} cannot be written: {error.strerror}; name another file.") from error
    typer.echo(f"{done} questions answered: {out}")
