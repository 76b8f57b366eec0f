"""Chroma as long as it can be trusted.

It counts right and answers wrongly when files of it are lost. So it is asked for what is known; on doubt it is built
anew, and until then the store itself answers.
"""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from config.errors import StoreError
from memory.exact import ExactIndex
from memory.index import ChromaIndex, bring_up_to_date
from memory.keeping.probe import answers
from memory.store import Store

log = logging.getLogger(__name__)
Array = NDArray[np.float32]
DOUBT = "doubtful"
"""A file of this name within the folder: whoever comes next looks closely."""

NEWEST, OTHERS = 32, 64
GLANCE = 4


class State(Enum):
    """What is known of the index."""

    UNKNOWN = auto()
    SOUND = auto()
    BEHIND = auto()  # sound, but not all of the store is in it yet
    BROKEN = auto()


def healthy(folder: Path, owner: str, model: str, sample: tuple[Sequence[int], Array], seconds: float = 120.0) -> bool:
    """Whether the index finds these numbers and vectors, asked in a process of its own. Nobody may hold the folder."""
    ids, vectors = sample
    parcel = io.BytesIO()
    np.savez(parcel, ids=np.asarray(list(ids), np.int64), vectors=vectors)
    house = str(Path(__file__).parents[2])
    there = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (house, os.environ.get("PYTHONPATH"))))}
    command = [sys.executable, "-m", "memory.keeping.probe", str(folder), owner, model]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, our own folder
            command, input=parcel.getvalue(), capture_output=True, timeout=seconds, check=False, env=there
        )
    except subprocess.TimeoutExpired:
        log.warning("event=index_silent seconds=%.0f", seconds)
        return False
    if done.returncode:
        log.warning("event=index_unsound status=%d", done.returncode)
    return done.returncode == 0


def suspect(folder: Path) -> None:
    """Whoever held this index did not come to an end, or had trouble with it: it is looked at before it is used."""
    if folder.is_dir():
        (folder / DOUBT).touch()


@dataclass
class WatchedIndex:
    """The VectorIndex of a Magpie that holds its data folder. Queries never wait for a rebuild."""

    store: Store
    chroma: ChromaIndex
    state: State = State.UNKNOWN
    _door: RLock = field(default_factory=RLock, init=False, repr=False)

    def mend(self) -> int:
        """Look closely, begin anew where there is doubt, and catch up with the store; for a thread of its own.

        Returns how many vectors moved. Raises StoreError.
        """
        return bring_up_to_date(self.store, self, self.chroma.model)

    def query(self, vector: Array, count: int) -> list[tuple[int, float]]:
        """The nearest ``count`` numbers with their cosine similarity, nearest first."""
        with self._door:
            if self._trusted():
                try:
                    return self.chroma.query(vector, count)
                except StoreError as error:
                    self._doubt(error)
        return ExactIndex(self.store, self.chroma.model).query(vector, count)

    def count(self) -> int:
        """How many vectors it holds that can be trusted. Here it is looked at closely, once."""
        if self.state is State.UNKNOWN and self._doubtful.exists():
            self._look(closely=True)  # this takes seconds, in which queries are answered exactly
        with self._door:
            if self.state is State.UNKNOWN:
                self._look(closely=False)
            try:
                return 0 if self.state is State.BROKEN else self.chroma.count()
            except StoreError as error:
                self._doubt(error)
                return 0

    def add(self, ids: Sequence[int], vectors: Array) -> None:
        """Add or replace vectors (n, dim)."""
        with self._door:
            if self.state is State.BROKEN:
                if self._counted_on():
                    return  # what is in doubt is begun anew as a whole, the next time
                self.rebuild(())
        try:
            self.chroma.add(ids, vectors)
        except StoreError as error:
            self._doubt(error)

    def delete(self, ids: Sequence[int]) -> None:
        """Forget vectors; numbers that are not there are no error."""
        if not ids or self.state is State.BROKEN:
            return
        try:
            self.chroma.delete(ids)
        except StoreError as error:
            self._doubt(error)

    def rebuild(self, batches: Iterable[tuple[Sequence[int], Array]]) -> None:
        """Begin anew with these. Until the store has nothing more to bring, it answers itself."""
        with self._door:
            self.chroma.drop()
            self.state = State.BEHIND
        log.warning("event=index_begun_anew")
        for ids, vectors in batches:
            self.add(ids, vectors)

    def _trusted(self) -> bool:
        if self.state is State.UNKNOWN and not self._doubtful.exists():
            self._look(closely=False)
        if self.state is State.BEHIND:
            with self.store.begin() as memory:
                self.state = State.BEHIND if memory.vectors.unindexed(self.chroma.model, 1) else State.SOUND
        return self.state is State.SOUND

    def _counted_on(self) -> int:
        with self.store.begin() as memory:
            return memory.vectors.indexed_count(self.chroma.model)

    def _look(self, closely: bool) -> None:
        chroma, model, expected = self.chroma, self.chroma.model, self._counted_on()
        with self.store.begin() as memory:
            numbers = memory.vectors.sample(model, *((NEWEST, OTHERS) if closely else (1, GLANCE)))
            known = memory.vectors.of(model, numbers)
        ids = list(known)
        vectors = np.stack([known[number] for number in ids]) if ids else np.zeros((0, 0), np.float32)
        try:
            sound = not closely or healthy(chroma.folder, chroma.owner, model, (ids, vectors))
            sound = sound and chroma.count() >= expected and (closely or answers(chroma, ids, vectors))
        except StoreError as error:
            self._doubt(error)
            return
        if sound:
            self._doubtful.unlink(missing_ok=True)
        self.state = State.BEHIND if sound else State.BROKEN
        log.info("event=index_looked_at closely=%s sound=%s expected=%d", closely, sound, expected)

    def _doubt(self, error: StoreError) -> None:
        log.warning("event=index_doubted cause=%s", type(error.__cause__).__name__)
        self.state = State.BROKEN
        suspect(self.chroma.folder)

    @property
    def _doubtful(self) -> Path:
        return self.chroma.folder / DOUBT
