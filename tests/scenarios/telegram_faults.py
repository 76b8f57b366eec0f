"""Seeded schedules of trouble between Magpie and Telegram: whatever happens, nothing is lost or counted twice, and
what is said twice says so. ``python -m tests.scenarios.telegram_faults`` plays all of them and prints what happened.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
import traceback
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import track

from bot.channels import telegram_door
from memory.keeping.backup import MEMORY
from memory.store import Store
from tests.fakes import OWNER
from tests.scenarios.telegram_looks import doubled, wrong
from tests.scenarios.telegram_schedule import Schedule
from tests.telegram.server import telegram_town

SCHEDULES = 320
HANDS = 2 * (os.cpu_count() or 1)
"""Processes, which mostly wait."""


@dataclass(frozen=True)
class Outcome:
    """What came of one schedule."""

    seed: int
    wrong: tuple[str, ...]
    struck: Mapping[str, int]
    lives: int
    doubled: int


def template(folder: Path) -> Path:
    """An empty memory, to be copied: making one takes longer than a schedule."""
    folder.mkdir(parents=True, exist_ok=True)
    Store.open(folder / MEMORY, OWNER).close()
    return folder


def played(seed: int, empty: Path, folder: Path) -> Outcome:
    """One schedule, on a Telegram of its own."""
    shutil.copytree(empty, folder)
    with telegram_town(enforce_rate=seed % 3 == 0) as town:
        schedule = Schedule(seed, folder, town, town.person("Nell"), town.person("Vance"))
        found = tuple(wrong(schedule, schedule.play()))
        schedule.end()
        struck = Counter(name for _, name in town.faults.struck)
    shutil.rmtree(folder)
    return Outcome(seed, found, struck, schedule.lives, doubled(schedule))


def hurried() -> None:
    """In this process pauses of polling are as short as can be, and nothing is logged."""
    logging.disable(logging.CRITICAL)
    telegram_door._PAUSES = (0.01, 0.02)  # type: ignore[assignment, misc]


def main(count: int = SCHEDULES, first: int = 0) -> int:
    """Play so many schedules and print what happened; returns the exit status."""
    began, console = time.monotonic(), Console(width=110)
    with TemporaryDirectory() as place, ProcessPoolExecutor(HANDS, initializer=hurried) as hands:
        empty, seeds = template(Path(place) / "empty"), range(first, first + count)
        games = {seed: hands.submit(played, seed, empty, Path(place) / f"{seed}") for seed in seeds}
        outcomes, failures = [], []
        for seed, game in track(games.items(), "Trouble on Telegram", console=console):
            try:
                outcomes.append(game.result())
            except Exception as error:
                failures.append(f"{seed}: {''.join(traceback.format_exception(error))}")
    failures += [f"{one.seed}: {line}" for one in outcomes for line in one.wrong]
    struck = sum((Counter(one.struck) for one in outcomes), Counter[str]())
    for name, times in sorted(struck.items()):
        console.print(f"{times:6} × {name}")
    for line in failures:
        console.print(line, markup=False)
    starts, again = sum(one.lives - 1 for one in outcomes), sum(one.doubled for one in outcomes)
    console.print(f"{count} schedules, {sum(struck.values())} faults, {starts} restarts and kills.")
    seconds = time.monotonic() - began
    console.print(f"{again} messages said again, each dated; {len(failures)} failures, {seconds:.0f} s.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
