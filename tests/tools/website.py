"""A website on this machine for the guarded web to ask, a name service, and time that passes only in naps."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tools.web import GuardedWeb

HOST = "site.example"
HERE = ["127.0.0.1"]


@dataclass
class Answer:
    """What a path answers: a status, headers and a body, written in drops when it is slow."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip: float = 0.0  # seconds between bytes


class Site(ThreadingHTTPServer):
    """A server on this machine that says what it was told to say and remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def url(self, path: str, host: str = HOST) -> str:
        return f"http://{host}:{self.port}{path}"

    def page(self, path: str, body: bytes | str = b"", status: int = 200, **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        self.answers[path] = Answer(status, {k.replace("_", "-"): v for k, v in headers.items()}, raw)

    def move(self, path: str, to: str, status: int = 302) -> None:
        self.page(path, status=status, location=to)

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = self.server.answers.get(self.path, Answer(404))
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for n in range(len(answer.body)) if answer.drip else ():
            self.wfile.write(answer.body[n : n + 1])
            self.wfile.flush()
            time.sleep(answer.drip)
        if not answer.drip:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 1_800_000_000.0
    naps: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


@dataclass
class Names:
    """A name service that knows what it was told; every further question takes the next answer."""

    book: dict[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answers = self.book.get(host, [[]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def site() -> Iterator[Site]:
    """It has no pages yet."""
    server = Site()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def clock() -> Clock:
    """Nobody has slept yet."""
    return Clock()


@pytest.fixture
def web(clock: Clock) -> GuardedWeb:
    """It may ask HOST, which is here."""
    return GuardedWeb(allow=frozenset({HOST}), resolve=Names({HOST: [HERE]}), clock=clock, sleep=clock.sleep)


def everywhere_here(host: str, port: int) -> Sequence[str]:
    """Every name leads to this machine."""
    return HERE
