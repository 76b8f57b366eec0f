"""A model server on this machine that does what it is told, whether it answers well, refuses, hangs or drips."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agents import models
from agents.models.openai import OpenAIChatModel

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
        """The model to ask it with."""
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
    """It is open, and has no answers yet."""
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
    """A piece of a streamed answer."""
    choices = [{"index": 0, "delta": {"role": "assistant", "content": content}, "finish_reason": ended}]
    whole = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": choices, **more}
    return f"data: {json.dumps(whole)}\n\n".encode()


def says(*words: str, ended: str = "stop") -> Answer:
    """These words one by one, and what they have cost."""

    def answer(host: Host) -> Iterator[bytes]:
        yield from map(chunk, words)
        yield chunk(None, ended)
        yield chunk(None, choices=[], usage=USAGE)
        yield b"data: [DONE]\n\n"

    return answer


def sends(*pieces: bytes) -> Answer:
    """These bytes, whatever they mean."""
    return lambda host: iter(pieces)


def refuses(status: int, body: bytes = b'{"error": {"message": "secret words of a post"}}', **headers: str) -> Answer:
    """A status other than 200."""

    def answer(host: Host) -> Iterator[bytes]:
        host.status, host.extra = status, headers
        yield body

    return answer


def hangs(*before: bytes) -> Answer:
    """Nothing more after these bytes."""

    def answer(host: Host) -> Iterator[bytes]:
        yield from before
        host.closing.wait(30)

    return answer


def drips(piece: bytes) -> Answer:
    """The same piece for ever."""

    def answer(host: Host) -> Iterator[bytes]:
        while not host.closing.wait(0.02):
            yield piece

    return answer
