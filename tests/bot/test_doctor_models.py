"""magpie doctor looks at the models: there, answering, and where what they read goes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bot.build import Magpie
from bot.doctor import Health
from tests.bot.login_server import nobody_there
from tests.bot.patients import findings, found, magpie
from tests.fakes import HashedWords


class NoWords(HashedWords):
    """An embedder whose model is not there."""

    def embed(self, texts: Any) -> Any:
        from config.errors import ModelError

        raise ModelError("The embedding model 'x' cannot be loaded: check its name in magpie.toml.")


def test_an_embedding_model_that_is_away_is_told(data: Path) -> None:
    said = found(replace(magpie(data), given_embedder=NoWords()), "embedding")
    assert said.health is Health.FAULT
    assert "check its name" in said.found


@pytest.fixture
def inn() -> Iterator[tuple[str, list[str]]]:
    """A model server: its address, and the words that its model will answer with, one after the other."""
    words: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(json.dumps({"object": "list", "data": [{"id": "small:latest", "object": "model"}]}).encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            delta = {"index": 0, "delta": {"content": words.pop(0)}, "finish_reason": "stop"}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [delta]}
            self._say(f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n".encode(), "text/event-stream")

        def _say(self, body: bytes, kind: str = "application/json") -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", words
    server.shutdown()
    server.server_close()


def with_model(data: Path, url: str, name: str = "small", **more: Any) -> Magpie:
    pytest.importorskip("openai")
    return magpie(data, {"model": {"kind": "openai", "base_url": url, "name": name, **more}}, model_key="hush-key")


def test_a_model_that_answers_is_well_and_what_it_reads_stays_here(data: Path, inn: tuple[str, list[str]]) -> None:
    inn[1].append("Yes.")
    said = findings(with_model(data, inn[0]), "chat model")
    assert [finding.health for finding in said] == [Health.WELL, Health.WELL]
    assert "small answers, the first time in" in said[0].found
    assert "stays on this machine" in said[1].found


def test_a_model_that_is_not_there_or_says_nothing_is_told(data: Path, inn: tuple[str, list[str]]) -> None:
    inn[1].append("")
    said = findings(with_model(data, inn[0], "large"), "chat model")
    assert "does not list 'large'" in said[0].found
    assert "small:latest" in said[0].advice
    assert "answered with nothing" in said[1].found


def test_a_model_server_that_is_down_is_told(data: Path) -> None:
    said = findings(with_model(data, f"{nobody_there()}/v1"), "chat model")
    assert said[0].health is Health.FAULT
    assert "cannot be reached" in said[0].found
    assert "start it, or correct base_url" in said[0].found
    assert "hush-key" not in str(said)


@pytest.mark.parametrize(
    ("private", "health", "words"),
    [(False, "well", "posts for followers only do not"), (True, "warning", "as private_words in magpie.toml allows")],
)
def test_it_is_told_what_leaves_this_machine(
    data: Path, inn: tuple[str, list[str]], private: bool, health: str, words: str
) -> None:
    inn[1].append("Yes.")
    said = found(with_model(data, inn[0], "small:cloud", private_words=private), "privacy")
    assert (said.health, words in said.found) == (health, True)


def test_a_model_that_would_have_to_come_first_is_not_fetched(data: Path) -> None:
    said = found(magpie(data, {"model": {"kind": "local"}}), "chat model")
    assert said.health is Health.WARNING
    assert "is not on this machine yet" in said.found
    assert not data.exists()
