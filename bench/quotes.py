"""Quotes of real texts, corrupted in known ways: which are taken for quotes, and which are not.

python -m bench.quotes [FOLDER] [--each 300]

Without a folder the texts are those of the sample network; with one, every "text" in its .jsonl files.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agents import words as said
from agents.checks import verify_quote
from bench.corruptions import FALSE, TRUE, Corrupt, Passage, name_places
from tools.sources.sample_network import Network


def sample_texts() -> list[str]:
    """The posts of the sample network."""
    return [str(row["text"]) for row in Network().posts.values() if row.get("text")]


def texts_of(folder: Path) -> list[str]:
    """Every text in the .jsonl files of a folder."""

    def inside(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == "text" and isinstance(inner, str):
                    yield inner
                else:
                    yield from inside(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from inside(inner)

    lines = (line for path in sorted(folder.rglob("*.jsonl")) for line in path.open(encoding="utf-8"))
    return list(dict.fromkeys(text for line in lines for text in inside(json.loads(line))))


def passages(texts: Sequence[str], rng: random.Random) -> Iterator[Passage]:
    """Stretches of 6 to 18 words, of texts chosen again and again."""
    long = [text for text in texts if len(text.split()) >= 8]
    names = sorted({text[b:e] for text in long[:2000] for b, e in name_places(text)})
    while True:
        text = rng.choice(long)
        words = [m.span() for m in re.finditer(r"\S+", text)]
        count = min(rng.randint(6, 18), len(words))
        first = rng.randrange(len(words) - count + 1)
        quote = text[words[first][0] : words[first + count - 1][1]]
        folded = said.fold(text)
        other = [one for one in rng.sample(names, min(20, len(names))) if said.fold(one) not in folded]
        yield Passage(quote, text, [t for t in rng.sample(long, min(5, len(long))) if t != text] or long, other)


def measured(
    texts: Sequence[str], corrupt: Corrupt, each: int, seed: int = 0
) -> tuple[int, int, list[tuple[str, str]]]:
    """How many quotes of that kind were made and taken for quotes, and some that were, with what was taken for them."""
    rng = random.Random(f"{seed} {corrupt.__name__}")
    made, taken, tries = 0, [], 0
    for passage in passages(texts, rng):
        tries += 1
        if made >= each or tries > 60 * each:
            break
        quote = corrupt(passage, rng)
        if quote is None or (corrupt in FALSE and _stands(quote, passage.text)):
            continue
        made += 1
        found = verify_quote(quote, [passage.text])
        if found is not None:
            taken.append((quote, found))
    return made, len(taken), taken


def _stands(quote: str, text: str) -> bool:
    """Whether the corrupted quote happens to stand there, but for its signs."""
    return f" {' '.join(said.words(quote))} " in f" {' '.join(said.words(text))} "


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--each", type=int, default=300)
    parser.add_argument("--show", default="", help="print what was taken for quotes of this kind")
    chosen = parser.parse_args()
    texts = texts_of(chosen.folder) if chosen.folder else sample_texts()
    table = Table("quotes", "kind", "made", "accepted", title=f"{len(texts)} texts")
    for wanted, kinds in (("true", TRUE), ("false", FALSE)):
        for corrupt in kinds:
            made, taken, which = measured(texts, corrupt, chosen.each)
            table.add_row(
                wanted, corrupt.__name__.replace("_", " "), str(made), f"{taken / max(made, 1):.3f} ({taken})"
            )
            if corrupt.__name__ == chosen.show:
                Console().print(which[:40])
    Console().print(table)


if __name__ == "__main__":
    main()
