"""One embedding model for all scenarios: loading it takes longer than most of them."""

from __future__ import annotations

import pytest

from memory.embedding import Embedder, SentenceEmbedder


@pytest.fixture(scope="session")
def minilm() -> Embedder:
    """The real model that is shipped."""
    return SentenceEmbedder()
