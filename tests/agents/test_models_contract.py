"""What every kind of chat model can do, asked of each: the small model that is shipped, behind all three ways to it.

The server is one that others wrote, ``mlx_lm server``. It does not hold its model to a schema, as some do not.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
import requests
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, Field

from agents import models
from agents.models import smollm
from config.errors import ConfigError, ModelAwayError, ModelError

KINDS = ("local", "mlx", "openai")
CACHE = Path(__file__).parents[2] / ".cache" / "models"
TOKENS = 7
ASKED = [
    SystemMessage("Be brief."),
    HumanMessage("Count from five to nine, then name the sea between Sweden and Estonia."),
]
"""Long enough to be answered otherwise where mlx-lm takes another base of the rotary embedding than the model's."""


SHORT = [SystemMessage("."), HumanMessage("Go on.")]
"""For what does not depend on what is asked: mlx-lm takes its time for each word that it reads."""


class Judgement(BaseModel):
    mood: Literal["good", "bad"]
    marks: int = Field(ge=0, le=9)


@pytest.fixture(scope="module")
def folder() -> Path:
    return smollm.unpacked(CACHE)


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a model server in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    root, place = f"http://127.0.0.1:{port}", tmp_path_factory.mktemp("server")
    command = [sys.executable, "-m", "mlx_lm", "server", "--model", folder, "--port", str(port)]
    with (place / "log").open("w") as log:
        running = subprocess.Popen(
            command, cwd=place, stdout=log, stderr=log, env={**os.environ, "HF_HUB_OFFLINE": "1"}
        )
    try:
        wait_for(f"{root}/health", running)
        yield f"{root}/v1"
    finally:
        running.kill()
        running.wait()


def wait_for(url: str, running: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert running.poll() is None, "the server has ended"
        try:
            requests.get(url, timeout=5).raise_for_status()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@pytest.fixture(scope="module")
def model_of(request: pytest.FixtureRequest) -> Callable[[str], BaseChatModel]:
    """Gives the model of a kind, loaded once."""
    loaded: dict[str, BaseChatModel] = {}

    def give(kind: str) -> BaseChatModel:
        if kind not in loaded:
            found = models.build(kind, {"max_tokens": TOKENS, **settings(kind)}, CACHE)
            assert found is not None
            loaded[kind] = found
        return loaded[kind]

    def settings(kind: str) -> dict[str, Any]:
        if kind == "openai":
            return {"base_url": request.getfixturevalue("server"), "name": "default_model"}
        return {"threads": 1} if kind == "local" else {"name": str(request.getfixturevalue("folder"))}

    return give


@pytest.fixture(scope="module", params=KINDS)
def model(request: pytest.FixtureRequest, model_of: Callable[[str], BaseChatModel]) -> BaseChatModel:
    return model_of(request.param)


@pytest.fixture(scope="module")
def answer(model: BaseChatModel) -> AIMessage:
    message = model.invoke(ASKED)
    assert isinstance(message, AIMessage)
    return message


def test_every_kind_is_asked_here() -> None:
    assert set(models.kinds()) == set(KINDS)


def test_the_same_weights_say_the_same_whoever_computes(
    answer: AIMessage, model_of: Callable[[str], BaseChatModel]
) -> None:
    assert answer.text == model_of("local").invoke(ASKED).text != ""


def test_an_answer_is_counted_and_says_how_it_ended(model: BaseChatModel, answer: AIMessage) -> None:
    usage = answer.usage_metadata
    assert usage is not None
    assert (usage["output_tokens"], usage["total_tokens"]) == (TOKENS, TOKENS + usage["input_tokens"])
    assert 30 < usage["input_tokens"] < 45
    assert answer.response_metadata == {"finish_reason": "length", "model_name": model.get_name()}


def test_the_same_answer_comes_in_pieces(model: BaseChatModel, answer: AIMessage) -> None:
    pieces = list(model.stream(ASKED))
    assert "".join(piece.text for piece in pieces) == answer.text
    assert len([piece for piece in pieces if piece.text]) > TOKENS // 2
    assert pieces[-1].usage_metadata == answer.usage_metadata


def test_a_stop_word_ends_the_answer_before_it(model: BaseChatModel, answer: AIMessage) -> None:
    middle = answer.text[9:15]  # across tokens
    stopped = model.invoke(ASKED, stop=["never said", middle])
    assert stopped.text == answer.text[: answer.text.index(middle)] != ""
    assert stopped.response_metadata["finish_reason"] == "stop"


def test_an_answer_by_schema_fits_it_or_is_known_not_to(model: BaseChatModel) -> None:
    found = model.with_structured_output(Judgement, include_raw=True).invoke([HumanMessage("Say: bees are back!")])
    assert isinstance(found, dict)
    if model._llm_type == "openai":  # nothing holds this model to the schema
        assert found["raw"].usage_metadata["output_tokens"] <= TOKENS
        assert isinstance(found["parsed"], Judgement) or isinstance(found["parsing_error"], ModelError)
    else:
        assert (type(found["parsed"]), found["parsing_error"]) == (Judgement, None)


def test_a_schema_without_bounds_is_refused(model: BaseChatModel) -> None:
    with pytest.raises(ModelError, match="yes cannot be asked of a model"):
        model.with_structured_output({"type": "object", "properties": {"yes": {}}})


def test_what_takes_too_long_is_given_up(model: BaseChatModel) -> None:
    hasty = model.model_copy(update={"timeout_seconds": 0.01})
    with pytest.raises(ModelAwayError, match=r"0\.01 s: raise timeout_seconds") as error:
        hasty.invoke(SHORT)
    assert "\n" not in str(error.value)


def test_what_it_cannot_be_given_is_said(model: BaseChatModel) -> None:
    with pytest.raises(ModelError, match="cannot be given tools"):
        model.invoke(SHORT, tools=[])


def test_what_it_reads_stays_here(model: BaseChatModel) -> None:
    assert models.stays_here(model)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", ["max_token", "api_key", "name_or_path", "model_name", "folder", "callbacks"])
def test_an_unknown_setting_is_a_config_error(kind: str, wrong: str) -> None:
    with pytest.raises(ConfigError, match=f"The model '{kind}' has no setting '{wrong}'"):
        models.build(kind, {wrong: 1}, CACHE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", [{"timeout_seconds": 0}, {"temperature": "hot"}, {"max_tokens": 0}, {"name": 7}])
def test_an_impossible_setting_is_a_config_error(kind: str, wrong: dict[str, Any]) -> None:
    needed = {"name": "x", "base_url": "http://127.0.0.1/v1"} if kind == "openai" else {}
    with pytest.raises(ConfigError, match=f"The setting '{next(iter(wrong))}' of the model '{kind}'"):
        models.build(kind, {**needed, **wrong}, CACHE)
