"""Asks an index for vectors that it should hold. Run as a program, so that a broken index takes down nobody else.

``python -m memory.keeping.probe FOLDER OWNER MODEL`` reads numbers and vectors (NumPy's npz) from its standard input.
Exit status 0: sound. Anything else, signals included: not to be trusted.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from memory.index import ChromaIndex, VectorIndex

Array = NDArray[np.float32]
NEAR = 10
SAME = 0.9995  # texts that say the same have vectors that an index may give in any order
MISSED = 32  # an approximate index may miss one in so many


def answers(index: VectorIndex, ids: Sequence[int], vectors: Array) -> bool:
    """Whether the index finds these vectors (n, dim) when it is asked for each."""
    found = sum(_finds(index, number, vector) for number, vector in zip(ids, vectors, strict=True))
    return found >= len(ids) - len(ids) // MISSED


def _finds(index: VectorIndex, number: int, vector: Array) -> bool:
    near = index.query(vector, NEAR)
    return any(other == number for other, _ in near) or (len(near) == NEAR and near[-1][1] > SAME)


def main() -> int:
    """Look once."""
    folder, owner, model = sys.argv[1:]
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as given:
        return 0 if answers(ChromaIndex(Path(folder), owner, model), given["ids"].tolist(), given["vectors"]) else 1


if __name__ == "__main__":
    sys.exit(main())
