"""Files and the machine: the settings, the data folder, the disk, the lock, the clock's zones."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agents.numbers import size
from bot.doctor.findings import Check, Finding, fault, warning, well
from bot.doctor.patient import Patient
from config.settings import ENV
from memory.lock import left_behind

ROOM: Final = 1_000_000_000
LEAST_ROOM: Final = 100_000_000
_SECRET: Final = ("magpie.db", "tokens.json", "backups/*.db")


def settings(patient: Patient) -> Iterator[Finding]:
    """It was read already, or nobody would be looked at; secrets of the environment may lie beside it."""
    chosen = patient.magpie.settings
    sources = ", ".join(table.kind for table in chosen.sources) or "no sources"
    told = " and ".join(table.kind for table in chosen.places)
    yield well("file", f"{patient.toml} is read: {patient.owner}; {sources}; talks in {told}")
    beside = patient.toml.parent / ENV
    if beside.is_file() and "MAGPIE_" in beside.read_text("utf-8", errors="replace") and _open_to_others(beside):
        yield warning("secrets", f"others can read {beside.absolute()}", f"run 'chmod 600 {beside}'")


def folder(patient: Patient) -> Iterator[Finding]:
    """There, the owner's, writable, and closed to others."""
    data = patient.data
    if not data.exists():
        yield well("folder", f"{data} is not there yet: it is made when Magpie runs first")
        return
    if not data.is_dir():
        yield fault("folder", f"{data} is not a folder", "name another one as data in magpie.toml, or move that file")
        return
    try:
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        advice = f"give yourself the right to write there (chmod -R u+rwX {data}), or make room"
        yield fault("folder", f"nothing can be written in {data}: {error.strerror}", advice)
        return
    if os.name == "posix" and data.stat().st_uid != os.geteuid():
        advice = f"run Magpie as the user it belongs to, or give it to this one: chown -R {os.geteuid()} {data}"
        yield warning("folder", f"{data} belongs to another user ({data.stat().st_uid})", advice)
    else:
        yield well("folder", f"{data} can be written")
    yield _permissions(data)


def _permissions(data: Path) -> Finding:
    private = [path for pattern in _SECRET for path in data.glob(pattern)]
    exposed = [path for path in (data, *private) if _open_to_others(path)]
    if not exposed:
        return well("permissions", "nobody else can look into it")
    names = ", ".join(path.name for path in exposed[:3])
    return warning("permissions", f"others can look into {names}", f"run 'chmod -R go-rwx {data}'")


def _open_to_others(path: Path) -> bool:
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def disk(patient: Patient) -> Iterator[Finding]:
    """Where nothing can be kept any more, Magpie stops."""
    there = next(place for place in (patient.data.absolute(), *patient.data.absolute().parents) if place.is_dir())
    free = shutil.disk_usage(there).free
    if free >= ROOM:
        yield well("disk", f"{size(free)} free")
        return
    judged = fault if free < LEAST_ROOM else warning
    yield judged("disk", f"only {size(free)} free in {there}", "make room: a full disk stops Magpie")


def lock(patient: Patient) -> Iterator[Finding]:
    """One Magpie at a time."""
    if patient.running:
        yield well("running", "Magpie is running; what it holds open is not touched here")
    elif left_behind(patient.data):
        found = "Magpie is not running; the last one was killed, or the power went: the next start looks all through"
        yield well("running", found)
    else:
        yield well("running", "Magpie is not running")


CHECKS = (
    Check("settings", "file", settings),
    Check("data", "folder", folder),
    Check("data", "disk", disk),
    Check("data", "running", lock),
)
