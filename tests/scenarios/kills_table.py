"""``make kills``: Magpie is killed at every named point, many times, over both kinds of server; prints a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.scenarios.kills import POINTS
from tests.scenarios.kills_town import Place, place

TIMES = 10
SERVERS = {"honours keys": True, "ignores keys": False}


@dataclass
class Tally:
    """What became of one point on one server."""

    scenes: int = 0
    kills: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """``10 of 10 (15 kills)``."""
        good = self.scenes - len(self.wrong)
        colour = "green" if good == self.scenes else "red"
        return f"[{colour}]{good} of {self.scenes}[/] ({self.kills} kills)"


def played(server: Place, times: int, tick: Callable[[], None]) -> dict[str, Tally]:
    """Every point so many times, on one server."""
    tallies = {point: Tally() for point in POINTS}
    for turn in range(times):
        for place_of_point, (point, tally) in enumerate(tallies.items()):
            tally.scenes += 1
            try:
                kills, wrong = server.survives(turn * len(POINTS) + place_of_point, point, turn)
                tally.kills += kills
            except (RuntimeError, TimeoutError) as error:
                wrong = [str(error)]
            tick()
            if wrong:
                tally.wrong.append(f"{point}, turn {turn}: {'; '.join(wrong)}")
    return tallies


def over(folder: Path, honours_keys: bool, times: int, tick: Callable[[], None]) -> dict[str, Tally]:
    """One kind of server from its start to its end."""
    with place(folder, honours_keys, pairs=times * len(POINTS)) as server:
        return played(server, times, tick)


def main(times: int = TIMES) -> int:
    """Both servers at the same time; returns the exit status."""
    began, console = time.monotonic(), Console(width=110)
    with TemporaryDirectory() as folder, ThreadPoolExecutor() as hands, Progress(console=console) as bar:
        jobs = []
        for name, keys in SERVERS.items():
            tick = partial(bar.advance, bar.add_task(f"server {name}", total=times * len(POINTS)))
            jobs.append(hands.submit(over, Path(folder) / name, keys, times, tick))
        tallies = [job.result() for job in jobs]
    table = Table("killed …", *(f"server {name}" for name in SERVERS), title="Nothing lost, nothing doubled")
    for point in POINTS:
        table.add_row(point, *(str(tally[point]) for tally in tallies))
    console.print(table)
    wrong = [line for tally in tallies for point in POINTS for line in tally[point].wrong]
    for line in wrong:
        console.print(line, markup=False)
    kills = sum(tally[point].kills for tally in tallies for point in POINTS)
    console.print(f"{len(POINTS)} points, {kills} kills, {len(wrong)} failures, {time.monotonic() - began:.0f} s.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
