"""The real command line, typed again and again: one process imports it once and forks for each command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEST = """
import ctypes, json, os, sys, traceback
import bot.build, bot.cli, bot.history, bot.service
import agents.summaries, alembic.command, chromadb, langgraph.checkpoint.sqlite, langgraph.graph, mastodon
import rich.progress
from bot.cli import main

def run(order):
    if order["obeys"] and not os.getuid():
        ctypes.CDLL(None).capset(b"\\x22\\x05\\x08\\x20" + bytes(4), bytes(24))  # from now on permissions count
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    sys.argv = ["magpie", *order["words"]]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if not child:
        for number, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(order[name], os.O_WRONLY | os.O_TRUNC), number)
        status = run(order)
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass(frozen=True)
class Said:
    """What a command has answered."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one sentence of a command that was refused."""
        said = [line.removeprefix("magpie: ") for line in self.err.splitlines() if line.startswith("magpie: ")]
        assert len(said) == 1, self.err
        return said[0]


@dataclass(frozen=True)
class Typing:
    """Somebody at a terminal in a folder."""

    nest: subprocess.Popen[str]
    folder: Path
    scratch: Path

    def magpie(self, *words: str, obeys: bool = False, **environment: str) -> Said:
        """Type a command; ``obeys``: as somebody for whom permissions count, unlike root. No answer is a traceback."""
        shown = {name: self.scratch / f"{name}.txt" for name in ("out", "err")}
        for path in shown.values():
            path.write_text("")
        order = {"words": words, "folder": str(self.folder), "environment": environment, "obeys": obeys}
        assert self.nest.stdin is not None
        assert self.nest.stdout is not None
        self.nest.stdin.write(json.dumps(order | {name: str(path) for name, path in shown.items()}) + "\n")
        self.nest.stdin.flush()
        status = int(self.nest.stdout.readline())
        out, err = (path.read_text("utf-8") for path in shown.values())
        assert "Traceback" not in out + err, err
        return Said(status, out, err)


@contextmanager
def nest() -> Iterator[subprocess.Popen[str]]:
    """A process that has imported the command line, without secrets of this machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAGPIE_")}
    clean |= {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "COLUMNS": "200"}
    command = [sys.executable, "-c", NEST]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=clean, cwd=ROOT
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
