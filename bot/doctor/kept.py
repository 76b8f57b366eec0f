"""What is kept: the database, its full text, the vectors and their index, backups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from agents.numbers import counted, size, span
from bot.doctor.findings import Check, Finding, fault, warning, well
from bot.doctor.patient import Patient
from memory.keeping.backup import INDEX, newest
from memory.keeping.condition import Condition
from memory.keeping.health import healthy
from memory.keeping.sweeping import unfinished
from memory.lock import unused
from memory.store import Store

OLD_BACKUP: Final = timedelta(days=7)
PATIENCE: Final = 60.0  # seconds
NEWEST, OTHERS = 32, 64


def database(patient: Patient) -> Iterator[Finding]:
    """Whole, of this program's making, and of this owner."""
    found = patient.condition
    if found is None:
        yield well("database", "there is none yet: 'magpie collect' or 'magpie run' makes it")
        return
    others = [owner for owner in found.owners if owner != patient.owner]
    if patient.owner not in found.owners and others:
        advice = "correct [owner] handle in magpie.toml, or name another data folder"
        yield warning("database", f"it is the memory of {', '.join(others)}, not of {patient.owner}", advice)
    else:
        posts = counted(found.owners.get(patient.owner, 0), "post")
        yield well("database", f"whole: {posts}, {size(found.size)}, tables of step {found.step}")
    if not found.current:
        yield warning(
            "tables",
            f"they are of step {found.step}, and this Magpie's of {found.head}",
            "start Magpie: it makes a copy, then brings them up to date",
        )


def full_text(patient: Patient) -> Iterator[Finding]:
    """Search by words finds what it should, and nothing else."""
    found = _sound(patient)
    if found is None:
        return
    if found.apart:
        advice = "stop Magpie and run 'magpie reindex'"
        yield fault("full text", f"{counted(found.apart, 'post')} too few or too many in it", advice)
    else:
        yield well("full text", "it has all posts that it should")


def embedding(patient: Patient) -> Iterator[Finding]:
    """The model loads, and is the one whose vectors are kept."""
    embedder = patient.magpie.embedder
    vector = embedder.embed(["A magpie collects shiny things."])
    yield well("embedding", f"the model {embedder.name} answers with {vector.shape[1]} numbers")
    found = _sound(patient)
    models = dict((found.models if found else None) or {})
    if models and embedder.name not in models:
        kept = ", ".join(f"{counted(count, 'vector')} of {name}" for name, count in models.items())
        yield warning(
            "vectors",
            f"there are {kept}, and none of {embedder.name}",
            "the next start embeds every post anew, which takes a while; or set [embedding] name back",
        )


def index(patient: Patient) -> Iterator[Finding]:
    """Search by meaning finds what it is asked for. Only one process may open the index."""
    store, model = patient.store, patient.magpie.embedder.name
    if store is None:
        return
    with store.begin() as memory:
        ids = memory.vectors.sample(model, NEWEST, OTHERS)
        known = memory.vectors.of(model, ids)
    if not known or not (patient.data / INDEX).is_dir():
        yield well("index", "it is empty: the next collect fills it")
        return
    with unused(patient.data) as free:
        if not free:
            yield well("index", "not looked at, because Magpie has it open, and looks after it itself")
            return
        sample = list(known), np.stack(list(known.values()))
        sound = healthy(patient.data / INDEX, patient.owner, model, sample, PATIENCE)
    if sound:
        yield well("index", f"it finds what it should hold; {counted(len(known), 'post')} were asked for")
    else:
        advice = "nothing is lost: the next start builds it anew, or do it now with 'magpie reindex'"
        yield warning("index", "it does not find what it should hold", advice)


def backup(patient: Patient) -> Iterator[Finding]:
    """How much would be lost with the disk."""
    found = _sound(patient)
    if found is None or not found.owners:
        return
    last, advice = newest(patient.data), "run 'magpie backup', and copy the file to another disk"
    if last is None:
        yield warning("backup", f"there is none in {patient.data}", advice)
        return
    age = patient.magpie.now() - datetime.fromtimestamp(last.stat().st_mtime, UTC)
    judged = f"the newest, {_named(last)}, is {span(age)} old"
    yield warning("backup", judged, advice) if age > OLD_BACKUP else well("backup", judged)


def forgotten(patient: Patient) -> Iterator[Finding]:
    """What was to be forgotten is in no file any more."""
    if unfinished(patient.data):
        advice = "leave it running: it is swept within the day" if patient.running else "start it with 'magpie run'"
        yield warning("forgetting", "what was forgotten may still be in backups and free parts of files", advice)


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _sound(patient: Patient) -> Condition | None:
    """What the check of the database has found, if it has."""
    store: Store | None = patient.store
    return patient.condition if store else None


CHECKS = (
    Check("memory", "database", database),
    Check("memory", "full text", full_text),
    Check("memory", "backup", backup),
    Check("memory", "forgetting", forgotten),
    Check("meaning", "embedding", embedding),
    Check("meaning", "index", index),
)
