"""A cross-encoder behind the Reranker port: it reads the question and a passage together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from config.errors import ModelError
from memory.embedding import is_at_hand

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


@dataclass(frozen=True)
class CrossEncoderReranker:
    """A sentence-transformers cross-encoder on the CPU, by name or path."""

    name: str
    max_tokens: int = 512
    batch: int = 16
    _turn: RLock = field(default_factory=RLock, init=False, repr=False, compare=False)

    @cached_property
    def _model(self) -> CrossEncoder:
        try:
            from sentence_transformers import CrossEncoder

            model: CrossEncoder = CrossEncoder(
                self.name, device="cpu", max_length=self.max_tokens, local_files_only=is_at_hand(self.name)
            )
        except (ImportError, OSError, ValueError) as error:
            why = (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".")
            raise ModelError(
                f"The reranking model {self.name!r} cannot be loaded ({why}): correct [embedding] reranker in "
                "magpie.toml, or see that the Hugging Face hub can be reached the first time."
            ) from error
        return model

    def __call__(self, query: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the query, the higher the better. Raises ModelError."""
        with self._turn:
            told = self._model.predict(
                [(query, text) for text in texts], batch_size=self.batch, show_progress_bar=False
            )
        return [float(score) for score in told]
