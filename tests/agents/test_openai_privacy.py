"""What is kept from a model server and from all others: keys, words, and whether words leave this machine at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents import models
from config.errors import ModelAwayError, ModelError
from tests.agents.inn import Host, Inn, refuses, says


def test_the_key_goes_to_the_server_and_nowhere_else(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "canary")
    inn.answers = [says("Hi"), refuses(401)]
    settings = {"base_url": inn.url, "name": "small"}
    model = models.build("openai", settings, Path("unused"), SecretStr("s3cret"))
    assert model is not None
    model.invoke("Hi")
    with pytest.raises(ModelAwayError, match="MAGPIE_MODEL_KEY") as error:
        model.invoke("Hi")
    assert inn.asked[0].headers["authorization"] == "Bearer s3cret"
    assert "canary" not in str(inn.asked[0].headers)
    assert "s3cret" not in f"{error.value} {model!r} {model} {model.model_dump()}"


def test_without_a_key_none_of_the_environment_is_taken(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    inn.answers = [says("Hi")]
    inn.model().invoke("Hi")
    assert "canary" not in str(inn.asked[0].headers)


def test_words_do_not_take_a_proxy_to_a_server_on_this_machine(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    inn.answers = [says("Hi")]
    assert inn.model().invoke("Hi").text == "Hi"


def test_words_are_not_sent_on_to_where_a_server_points(inn: Inn) -> None:
    def answer(host: Host) -> Iterator[bytes]:
        host.status, host.extra = 307, {"Location": f"{inn.url}/elsewhere"}
        yield b""

    inn.answers = [answer]
    with pytest.raises(ModelAwayError):
        inn.model().invoke("Hi")
    assert len(inn.asked) == 1


def test_words_are_not_logged_however_closely_one_looks(inn: Inn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    inn.answers = [says("canary"), refuses(400)]
    model = inn.model()
    model.invoke("canary")
    with pytest.raises(ModelError):
        model.invoke("canary")
    assert "event=model_answered model=small read=7 wrote=3" in caplog.text
    assert "canary" not in caplog.text


def test_nothing_is_traced_whatever_the_environment_says(inn: Inn, monkeypatch: pytest.MonkeyPatch) -> None:
    from langsmith import utils

    monkeypatch.setenv("LANGCHAIN_TRACING_V2", "true")
    utils.get_env_var.cache_clear()
    inn.model()
    assert utils.tracing_is_enabled() is False


@pytest.mark.parametrize(
    ("base_url", "name", "here"),
    [
        ("http://127.0.0.1:11434/v1", "llama3", True),
        ("http://127.8.8.8/v1", "llama3", True),
        ("http://localhost:1234/v1", "llama3", True),
        ("http://LOCALHOST/v1", "llama3", True),
        ("http://[::1]:8080/v1", "llama3", True),
        ("http://127.0.0.1:11434/v1", "gpt-oss:120b-cloud", False),
        ("http://127.0.0.1:11434/v1", "kimi-k2:cloud", False),
        ("http://192.168.1.7:11434/v1", "llama3", False),
        ("http://0.0.0.0:11434/v1", "llama3", False),
        ("https://models.example/v1", "llama3", False),
        ("https://localhost.example/v1", "llama3", False),
        ("https://127.0.0.1.example/v1", "llama3", False),
    ],
)
def test_whether_words_stay_here_is_known_from_the_address(base_url: str, name: str, here: bool) -> None:
    model = models.build("openai", {"base_url": base_url, "name": name}, Path("unused"))
    assert model is not None and models.stays_here(model) is here
