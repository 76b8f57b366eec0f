"""Any chat model that transformers can load, on this machine; without a name the small one that is shipped."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, SecretStr

from agents.models import NO_KEY, smollm
from agents.models.answers import settled
from agents.models.chat import Engine, EngineChatModel, Feed
from agents.models.constrained import guide
from config.errors import ModelError


def build(settings: Mapping[str, Any], cache: Path, key: SecretStr = NO_KEY) -> LocalChatModel:
    """The model of these settings, not loaded yet. Raises ConfigError when one is unknown or impossible."""
    return settled(LocalChatModel, "local", settings, "name_or_path", folder=cache)


class LocalChatModel(EngineChatModel):
    """A chat model of transformers. Nothing is loaded before the first answer is asked for."""

    name_or_path: str = ""  # a folder, or a name on the Hugging Face hub; empty: the shipped SmolLM2
    folder: Path | None = None  # where the shipped model is unpacked
    threads: int = Field(default=0, ge=0)  # 0: as torch sees fit. Where others compute too, 1 is fastest
    dtype: Literal["bfloat16", "float32"] = "bfloat16"
    device: str = ""  # empty: a graphics card if there is one, or else the processor

    @property
    def _llm_type(self) -> str:
        return "local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"name_or_path": self.get_name(), "temperature": self.temperature, "dtype": self.dtype}

    def get_name(self, suffix: str | None = None, *, name: str | None = None) -> str:
        """What the model is called in logs, errors and answers."""
        return super().get_name(suffix, name=name or self.name or self.name_or_path or smollm.NAME)

    def _load(self) -> Engine:
        try:
            return _engine(self.name_or_path or str(self._shipped()), self)
        except ImportError as error:
            raise ModelError(
                f"The model 'local' needs {error.name}: run \"pip install 'magpie-agent[local]'\"."
            ) from error
        except (OSError, ValueError, RuntimeError) as error:
            why = str(error).strip().split("\n")[0].rstrip(".")
            raise ModelError(
                f"The model {self.get_name()} cannot be loaded ({why}): give the path of a folder, or the name of a "
                "model on the Hugging Face hub that can be reached or is in its cache."
            ) from error

    def _shipped(self) -> Path:
        if self.folder is None:
            raise ModelError("The shipped model needs a folder to be unpacked into: give folder, or name_or_path.")
        return smollm.unpacked(self.folder)


def _engine(name: str, settings: LocalChatModel) -> Engine:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if settings.threads:
        torch.set_num_threads(min(settings.threads, os.cpu_count() or 1))
    here = Path(name).is_dir()  # then nobody on the network is asked
    with smollm.quiet_loading():
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=here)
        dtype = getattr(torch, settings.dtype)
        weights: Any = AutoModelForCausalLM.from_pretrained(name, local_files_only=here, dtype=dtype)
    weights.eval().to(settings.device or torch.accelerator.current_accelerator(check_available=True) or "cpu")
    stops = _stops(tokenizer, weights.generation_config)
    return Engine(
        begin=partial(_begin, weights),
        tokenizer=tokenizer,
        guide=guide(tokenizer, weights.get_output_embeddings().weight.shape[0], stops),
        window=weights.config.get_text_config().max_position_embeddings,
        stops=stops,
    )


def _begin(weights: Any) -> Feed:
    import torch
    from transformers import DynamicCache

    memory = DynamicCache(config=weights.config)

    def feed(tokens: Sequence[int]) -> NDArray[np.float32]:
        ids = torch.tensor([list(tokens)], device=weights.device)
        with torch.inference_mode():
            out = weights(input_ids=ids, past_key_values=memory, use_cache=True, logits_to_keep=1)
        logits: NDArray[np.float32] = out.logits[0, -1].float().cpu().numpy()
        return logits

    return feed


def _stops(tokenizer: Any, settings: Any) -> frozenset[int]:
    """Every token that ends a turn: the model's own setting may name several, the tokenizer names one."""
    of_model = settings.eos_token_id if settings is not None else None
    several = of_model if isinstance(of_model, list) else [of_model]
    return frozenset(int(token) for token in [*several, tokenizer.eos_token_id] if token is not None)
