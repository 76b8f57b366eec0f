"""What a server may do to its asker, and what is kept from the server. A good one is asked in test_models_contract."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from pydantic import SecretStr

from agents import models
from agents.checks import Summary
from agents.models import servers
from agents.models.openai import OpenAIChatModel
from agents.summaries import Summariser
from config.errors import ConfigError, ModelAwayError, ModelError
from memory.store.runs import ModelCall
from tests.fakes import NOW, post

BRIDGE = "The old bridge in Dresden is closed from Monday on. Engineer Paula Marsh says 14 cables are damaged."
TRUE = json.dumps(
    {"sentence": "The old bridge in Dresden is closed from Monday on.", "quote": "The old bridge in Dresden"}
)
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}

Answer = Callable[["Host"], Iterator[bytes]]


@dataclass
class Host:
    """One request as the server saw it, and what it does with it: a status, headers, and a body piece by piece."""

    body: dict[str, Any]
    headers: dict[str, str]
    path: str
    closing: threading.Event
    status: int = 200
    extra: dict[str, str] = field(default_factory=dict)


@dataclass
class Inn:
    """A model server on this machine that does what it is told, and remembers what it was asked."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Host] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def model(self, **settings: Any) -> OpenAIChatModel:
        found = models.build("openai", {"base_url": self.url, "name": "small", **settings}, Path("unused"))
        assert isinstance(found, OpenAIChatModel)
        return found

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        host = Host(body, headers, handler.path, self.closing)
        self.asked.append(host)
        pieces = self.answers[min(len(self.asked), len(self.answers)) - 1](host)
        first = next(pieces, b"")  # by now the status is known
        handler.send_response(host.status)
        for name, value in {"Content-Type": "text/event-stream", "Connection": "close", **host.extra}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(first)
        for piece in pieces:
            handler.wfile.write(piece)


@pytest.fixture
def inn() -> Iterator[Inn]:
    house = Inn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with suppress(OSError):  # who asked has gone
                house.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads, server.block_on_close, house.port = True, False, server.server_port
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield house
    house.closing.set()
    server.shutdown()
    server.server_close()


def chunk(content: str | None, ended: str | None = None, **more: Any) -> bytes:
    choices = [{"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": ended}]
    whole = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": choices, **more}
    return f"data: {json.dumps(whole)}\n\n".encode()


def says(*words: str, ended: str = "stop") -> Answer:
    def answer(host: Host) -> Iterator[bytes]:
        yield from map(chunk, words)
        yield chunk(None, ended)
        yield chunk(None, choices=[], usage=USAGE)
        yield b"data: [DONE]\n\n"

    return answer


def sends(*pieces: bytes) -> Answer:
    return lambda host: iter(pieces)


def refuses(status: int, body: bytes = b'{"error": {"message": "secret words of a post"}}', **headers: str) -> Answer:
    def answer(host: Host) -> Iterator[bytes]:
        host.status, host.extra = status, headers
        yield body

    return answer


def hangs(*before: bytes) -> Answer:
    def answer(host: Host) -> Iterator[bytes]:
        yield from before
        host.closing.wait(30)

    return answer


def drips(piece: bytes) -> Answer:
    def answer(host: Host) -> Iterator[bytes]:
        while not host.closing.wait(0.02):
            yield piece

    return answer


AWAY = {
    "says nothing": hangs(),
    "stops in the middle": hangs(chunk("The old")),
    "only gives signs of life": drips(b": keepalive\n\n"),
    "never comes to an end": drips(chunk("and ")),
    "500": refuses(500),
    "503 and come back in an hour": refuses(503, **{"Retry-After": "3600"}),
    "429": refuses(429),
    "401": refuses(401),
    "404": refuses(404, b"<html>not here"),
    "302": refuses(302, Location="http://127.0.0.1:9/v1"),
}
NONSENSE = {
    "400": refuses(400),
    "a web page": sends(b"<html><body>Welcome to the printer</body></html>"),
    "nothing": sends(),
    "half of its JSON": sends(b'data: {"choices": [{"delta": {"cont\n\n'),
    "other JSON": sends(b'data: {"weather": "fine"}\n\n'),
    "a list": sends(b"data: [1, 2]\n\n"),
    "a number for words": sends(chunk(7)),  # type: ignore[arg-type]
    "a broken off answer": sends(chunk("The old bridge in")),
    "bytes": sends(bytes(range(256)) * 40),
    "an error in the stream": sends(b'data: {"error": {"message": "secret words of a post"}}\n\n'),
    "too much": lambda host: repeat(chunk("much " * 200)),
}
UNFIT = {
    "prose": says("The old bridge ", "is closed."),
    "half an object": says('{"sentence": "The old', ended="length"),
    "another object": says('{"weather": "fine"}'),
    "too long a sentence": says(json.dumps({"sentence": "x" * 500, "quote": "y"})),
    "deep nonsense": says('{"a":' * 5000),
}


@pytest.mark.parametrize("fault", [*AWAY, *NONSENSE])
def test_a_fault_is_one_sentence_that_names_the_server(inn: Inn, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "MOST_BYTES", 100_000)
    inn.answers = [{**AWAY, **NONSENSE}[fault]]
    quick = 0.3 if fault in AWAY else 30
    with pytest.raises(ModelError) as error:
        inn.model(timeout_seconds=quick).invoke("Hi")
    told = str(error.value)
    assert told.startswith(f"The model server at {inn.url} ") and told.endswith(".") and "\n" not in told
    assert "secret" not in told
    assert isinstance(error.value, ModelAwayError) == (fault in AWAY)
    assert len(inn.asked) == 1


def test_nobody_there_is_said_and_what_to_do() -> None:
    model = Inn(port=9).model()
    with pytest.raises(ModelAwayError, match=r"9/v1 cannot be reached \(.*refused\): start it, or correct base_url"):
        model.invoke("Hi")


@pytest.mark.parametrize("fault", [*AWAY, *NONSENSE, *UNFIT])
def test_a_fault_leaves_every_story_in_its_own_words_and_a_note_in_the_run(
    inn: Inn, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "MOST_BYTES", 100_000)
    inn.answers = [{**AWAY, **NONSENSE, **UNFIT}[fault]]
    calls: list[ModelCall] = []
    notes: list[tuple[str, str]] = []
    model = inn.model(timeout_seconds=0.3 if fault in AWAY else 30)
    summarise = Summariser(model, "small", calls.append, lambda: NOW, note=lambda *note: notes.append(note))
    assert [summarise("run 1", [post(name, BRIDGE)]) for name in "abc"] == ["", "", ""]
    assert len(notes) == 1 and notes[0][0] == "run 1" and "secret" not in notes[0][1]
    assert len(calls) == (1 if fault in AWAY else 3)
    assert ("No more is asked" in notes[0][1]) == (fault in AWAY)


def test_the_same_summariser_works_when_the_server_does(inn: Inn) -> None:
    inn.answers = [refuses(500), says(TRUE)]
    calls: list[ModelCall] = []
    summarise = Summariser(inn.model(), "small", calls.append, lambda: NOW)
    assert summarise("run 1", [post("a", BRIDGE)]) == ""
    assert summarise("run 2", [post("a", BRIDGE)]) == json.loads(TRUE)["sentence"]
    assert (calls[1].tokens_in, calls[1].tokens_out) == (7, 3)


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


def test_an_answer_that_was_cut_off_says_what_to_raise(inn: Inn) -> None:
    inn.answers = [UNFIT["half an object"]]
    with pytest.raises(ModelError, match="cut off, so raise max_tokens"):
        inn.model().with_structured_output(Summary).invoke("Hi")


def test_a_stop_word_is_cut_here_and_the_server_left(inn: Inn) -> None:
    inn.answers = [lambda host: (chunk(word) for word in repeat("one two "))]
    message = inn.model().invoke("Hi", stop=["two one"])
    assert message.text == "one " and message.response_metadata["finish_reason"] == "stop"
    assert "stop" not in inn.asked[0].body


# -- what is kept from the server


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
