"""mlx-lm behind the chat model that local has; what it answers is asked in test_models_contract."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from agents import models
from agents.models import mlx
from config.errors import ModelAwayError


def test_without_a_name_it_is_llama_three() -> None:
    model = models.build("mlx", {}, Path("unused"))
    assert model is not None
    assert model.get_name() == mlx.NAME == "mlx-community/Meta-Llama-3-8B-Instruct-4bit"


def test_nothing_is_made_or_fetched_before_the_first_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlx_lm", None)  # not even imported
    model = models.build("mlx", {"name": "nobody/nothing"}, tmp_path)
    assert isinstance(model, mlx.MlxChatModel)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["mlx_lm", "mlx.core"])
def test_without_its_package_it_says_what_to_install(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "mlx_lm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModelAwayError, match=rf"needs {missing}: run .*magpie-agent\[mlx\]") as error:
        mlx.MlxChatModel().invoke("Hi")
    assert "\n" not in str(error.value)


def written(folder: Path, config: dict[str, Any]) -> str:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    return str(folder)


def test_a_model_that_cannot_be_loaded_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    names = [
        "nobody/nothing",
        "no name at all",
        written(tmp_path / "empty", {}),
        written(tmp_path / "unknown", {"model_type": "crystal-ball"}),
        written(tmp_path / "weightless", {"model_type": "llama", "vocab_size": 8}),
    ]
    for name in names:
        with pytest.raises(ModelAwayError, match=f"The model {name} cannot be loaded") as error:
            mlx.MlxChatModel(name_or_path=name).invoke("Hi")
        assert "\n" not in str(error.value)


def test_it_fits_where_apple_silicon_and_the_package_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.models.find_spec", lambda name: name)
    assert models.fitting() == "local"
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert models.fitting() == "mlx"
    monkeypatch.setattr("agents.models.find_spec", lambda name: None)
    assert models.fitting() == "local"
