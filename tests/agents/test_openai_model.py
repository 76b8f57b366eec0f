"""What a model server is asked, and how its answers are read. A good one is asked in test_models_contract."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agents import models
from agents.checks import Summary
from config.errors import ConfigError, ModelAwayError
from tests.agents.inn import TRUE, Inn, chunk, refuses, says


def test_what_is_asked_is_what_every_server_knows(inn: Inn) -> None:
    inn.answers = [says("Hel", "lo")]
    message = inn.model(max_tokens=9, temperature=0.5).invoke([SystemMessage("Be kind."), HumanMessage("Hi")])
    (asked,) = inn.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body == {
        "model": "small",
        "messages": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hi"}],
        "max_tokens": 9,
        "temperature": 0.5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert isinstance(message, AIMessage) and message.text == "Hello"
    assert message.usage_metadata == {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10}


def test_a_server_is_asked_to_hold_its_model_to_the_schema_and_the_model_is_told(inn: Inn) -> None:
    inn.answers = [says(TRUE)]
    assert inn.model().with_structured_output(Summary).invoke("Hi") == Summary.model_validate_json(TRUE)
    wanted = inn.asked[0].body["response_format"]["json_schema"]
    assert wanted["strict"] and wanted["schema"]["properties"]["sentence"] == {"maxLength": 220, "type": "string"}
    assert wanted["schema"]["additionalProperties"] is False
    assert json.dumps(wanted["schema"]) in inn.asked[0].body["messages"][-1]["content"]


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_knows_no_schemas_is_asked_without_one(inn: Inn, status: int) -> None:
    inn.answers = [refuses(status), says(TRUE)]
    assert inn.model().with_structured_output(Summary).invoke("Hi") == Summary.model_validate_json(TRUE)
    assert ["response_format" in asked.body for asked in inn.asked] == [True, False]


@pytest.mark.parametrize(
    "dressed", ["```json\n{}\n```", "Here it is: {} I hope it helps.", "<think>{{or not}}</think>\n{}", "{}\n"]
)
def test_an_object_is_found_in_what_a_model_says_around_it(inn: Inn, dressed: str) -> None:
    inn.answers = [says(dressed.replace("{}", TRUE).replace("{{", "{").replace("}}", "}"))]
    assert inn.model().with_structured_output(Summary).invoke("Hi") == Summary.model_validate_json(TRUE)


@pytest.mark.parametrize(("said", "fits"), [('{"marks": 3}', True), ('{"marks": 30}', False), ('{"m": 3}', False)])
def test_a_json_schema_is_checked_too(inn: Inn, said: str, fits: bool) -> None:
    marks = {"type": "integer", "minimum": 0, "maximum": 9}
    inn.answers = [says(said)]
    model = inn.model().with_structured_output(
        {"type": "object", "properties": {"marks": marks}, "required": ["marks"]}, include_raw=True
    )
    found = model.invoke("Hi")
    assert (found["parsed"], found["parsing_error"] is None) == ({"marks": 3} if fits else None, fits)


def test_a_stop_word_is_cut_here_and_the_server_left(inn: Inn) -> None:
    inn.answers = [lambda host: (chunk(word) for word in repeat("one two "))]
    message = inn.model().invoke("Hi", stop=["two one"])
    assert message.text == "one " and message.response_metadata["finish_reason"] == "stop"
    assert "stop" not in inn.asked[0].body


# -- its settings and its package


@pytest.mark.parametrize(
    "base_url",
    ["127.0.0.1:11434", "ftp://127.0.0.1/v1", "http:///v1", "https://me:pass@models.example/v1", "http://a/?key=b", 7],
)
def test_an_address_that_cannot_be_asked_is_a_config_error(base_url: Any) -> None:
    with pytest.raises(ConfigError, match="The setting 'base_url' of the model 'openai'"):
        models.build("openai", {"base_url": base_url, "name": "small"}, Path("unused"))


@pytest.mark.parametrize("missing", ["base_url", "name"])
def test_a_server_needs_an_address_and_a_name(missing: str) -> None:
    settings = {"base_url": "http://127.0.0.1/v1", "name": "small"}
    del settings[missing]
    with pytest.raises(ConfigError, match=f"'{missing}' of the model 'openai' .*required"):
        models.build("openai", settings, Path("unused"))


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(ModelAwayError, match=r"needs openai: run .*magpie-agent\[openai\]"):
        Inn(port=9).model().invoke("Hi")


def test_nothing_heavy_is_imported_before_it_is_asked() -> None:
    lines = [
        "import sys",
        "from pathlib import Path",
        "from agents import models",
        "models.build('openai', {'base_url': 'http://127.0.0.1:9/v1', 'name': 'small'}, Path())",
        "models.build('mlx', {}, Path())",
        "print({'openai', 'mlx', 'mlx_lm', 'torch', 'transformers'} & set(sys.modules))",
    ]
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("set()", "")
