"""Any chat model of mlx-lm, on this machine: the one for Apple silicon, where Llama 3 8B in 4 bits is quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from agents.models import NO_KEY, smollm
from agents.models.answers import settled
from agents.models.chat import Engine, EngineChatModel, Feed
from agents.models.constrained import guide
from config.errors import ModelError

NAME = "mlx-community/Meta-Llama-3-8B-Instruct-4bit"
_WINDOW = 8192  # where a model does not say how much it can read


def build(settings: Mapping[str, Any], cache: Path, key: SecretStr = NO_KEY) -> MlxChatModel:
    """The model of these settings, not loaded yet. Raises ConfigError when one is unknown or impossible."""
    return settled(MlxChatModel, "mlx", settings, "name_or_path")


class MlxChatModel(EngineChatModel):
    """A chat model of mlx-lm. Nothing is loaded, or fetched, before the first answer is asked for."""

    name_or_path: str = NAME  # a folder, or a name on the Hugging Face hub

    @property
    def _llm_type(self) -> str:
        return "mlx"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"name_or_path": self.get_name(), "temperature": self.temperature}

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        """What the model is called in logs, errors and answers."""
        return super().get_name(suffix, name=name or self.name or self.name_or_path)

    def _load(self) -> Engine:
        try:
            return _engine(self.name_or_path)
        except ImportError as error:
            raise ModelError(
                f"The model 'mlx' needs {error.name or 'mlx'}: run \"pip install 'magpie-agent[mlx]'\", or choose "
                "another kind of model."
            ) from error
        except Exception as error:  # of the hub, the network, the files and every architecture there is
            why = (str(error).strip() or type(error).__name__).split("\n")[0].rstrip(".")
            raise ModelError(
                f"The model {self.get_name()} cannot be loaded ({why}): give the path of a folder, or the name of an "
                "MLX model on the Hugging Face hub that can be reached or is in its cache."
            ) from error


def _engine(name: str) -> Engine:
    from mlx_lm import load

    with smollm.quiet_loading():
        loaded: Any = load(name, return_config=True)
    weights, wrapped, config = loaded
    stops = frozenset(int(token) for token in wrapped.eos_token_ids)
    begin = partial(_begin, weights)
    return Engine(
        begin=begin,
        tokenizer=wrapped._tokenizer,  # the one of transformers; the wrapper hides of what kind it is
        guide=guide(wrapped._tokenizer, len(begin()([min(stops)])), stops),
        window=int(config.get("max_position_embeddings") or _WINDOW),
        stops=stops,
    )


def _begin(weights: Any) -> Feed:
    import mlx.core as mx
    from mlx_lm.models.cache import make_prompt_cache

    memory = make_prompt_cache(weights)

    def feed(tokens: Sequence[int]) -> NDArray[np.float32]:
        out = weights(mx.array([list(tokens)]), cache=memory)
        return np.array(out[0, -1].astype(mx.float32), dtype=np.float32)

    return feed
