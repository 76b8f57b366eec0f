"""The play: two evenings with Magpie, and what the owner says in between."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.text import Text

from bot.cli.app import progress_bar
from bot.demo.stage import WISHES, Stage
from memory.records import Digest

FIRST, SECOND = 3, 4  # days of the sample
QUERY = "bees on the station clock"


def play(stage: Stage, console: Console) -> None:
    """All of it, without a question asked."""
    follows = sum(bool(row.get("follows")) for row in stage.network.accounts.values())
    _aside(
        console,
        f"This is Wren's Magpie. Wren follows {follows} accounts in an invented network, likes rail, bees, maps and "
        f"the small web, and has told Magpie: “{WISHES}”. Nothing leaves this machine.",
    )
    _aside(console, f"Model: {stage.magpie.mind.name}.")
    digest = _evening(stage, console, FIRST)
    _aside(console, "Wren answers with three emoji.")
    for words in _feedback(stage, digest):
        _owner(console, words)
        stage.say(words)
    _evening(stage, console, SECOND)
    for words, why in (("/why 2", "Why that one?"), (QUERY, "And what was it about the bees?")):
        _aside(console, why)
        _owner(console, words)
        stage.say(words)


def _evening(stage: Stage, console: Console, day: int) -> Digest:
    at = stage.day(day)
    _aside(console, f"{at:%A}, {at:%H:%M}: Magpie reads what has come in.")
    with progress_bar() as progress:
        record = replace(stage.magpie.collector, progress=progress).collect(stage.magpie.sources)
    counts = [f"{record.counts['new']} new posts", f"{record.counts['shares']} shares"]
    counts += [f"{record.counts[name]} {name}" for name in ("edited", "deleted") if record.counts[name]]
    counts += [f"{n} {cause}" for cause, n in record.counts.items() if cause.startswith("left out") and n]
    _aside(console, f"{', '.join(counts)}.")
    digest = stage.magpie.editor.digest(stage.magpie.channel.name)
    stage.deliver()
    return digest


def _feedback(stage: Stage, digest: Digest) -> list[str]:
    """By the taste that the sample gives its owner: more of the first good entry, save the next, less of a bad one."""
    with stage.magpie.store.begin() as memory:
        leads = memory.items.all([entry.lead for entry in digest.entries])
    wanted = {e.number: stage.network.wants(leads[e.lead].text) for e in digest.entries if e.lead in leads}
    good = [number for number, yes in wanted.items() if yes]
    bad = [number for number, yes in wanted.items() if not yes]
    return [f"{n} {sign}" for n, sign in zip([*good[:2], *bad[:1]], "👍🔖👎", strict=False)]


def _aside(console: Console, words: str) -> None:
    console.print()
    console.print(Text(words, style="dim italic"), width=min(console.width, 100))


def _owner(console: Console, words: str) -> None:
    console.print()
    console.print(Text("wren › ", style="dim") + Text(words, style="bold"))
