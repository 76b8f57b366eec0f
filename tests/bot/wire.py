"""A Mastodon server for the channel to talk to, with a loopback proxy before it that can break what comes back."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from mastodon_mock.config import SeedAccount, SeedConfig
from mastodon_mock.testing.server import MockServer
from pydantic import SecretStr

from bot.channels.mastodon import MastodonChannel
from memory.records import Outgoing, Span

POSTS = "/api/v1/statuses"
PEOPLE = SeedConfig(
    accounts=[
        SeedAccount(username="magpie", access_token="bot_token", bot=True),
        SeedAccount(username="alice", access_token="alice_token"),
        SeedAccount(username="carol", access_token="carol_token"),
        SeedAccount(username="dave", domain="remote.example", access_token="dave_token"),
        SeedAccount(username="alice", domain="remote.example", access_token="impostor_token"),
    ]
)


@dataclass
class Wire:
    """A loopback proxy before the server. It can break what comes back, when the server has already acted."""

    target: str
    breaks: list[str] = field(default_factory=list)  # hang up, bad gateway, garbage: one for each POST of a status
    asked: list[str] = field(default_factory=list)
    there: Callable[[str, bytes], tuple[str, bytes]] = lambda path, body: (path, body)
    back: Callable[[str, bytes], bytes] = lambda path, body: body
    ignores_keys: bool = False
    url: str = ""
    stop: Callable[[], None] = lambda: None

    def answer(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        self.asked.append(f"{method} {path}")
        path, body = self.there(path, body)
        headers = {k: v for k, v in headers.items() if k.lower() not in ("host", "content-length", "accept-encoding")}
        if self.ignores_keys:
            headers.pop("Idempotency-Key", None)
        connection = http.client.HTTPConnection(urlsplit(self.target).netloc)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = self.back(path, response.read())
        return response.status, answer, dict(response.getheaders())


def _handler(wire: Wire) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer, headers = wire.answer(self.command, self.path, body, dict(self.headers))
            posting = self.command == "POST" and self.path == POSTS
            trouble = wire.breaks.pop(0) if posting and wire.breaks else ""
            if trouble == "hang up":
                self.connection.close()
                return
            if trouble:
                status, answer = (502, b"<h1>Bad gateway</h1>") if trouble == "bad gateway" else (200, b'{"id": "1')
            self.send_response(status)
            for name in ("Link", "Location", "Content-Type"):
                if value := headers.get(name.lower(), headers.get(name)):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_DELETE = do_GET  # noqa: N815 - the names are the library's

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


@contextmanager
def proxied(server: MockServer) -> Iterator[Wire]:
    """A wire to that server."""
    wire = Wire(server.base_url)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), _handler(wire))
    wire.url = f"http://127.0.0.1:{proxy.server_port}"
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def stop() -> None:
        proxy.shutdown()
        proxy.server_close()
        thread.join()

    wire.stop = stop
    yield wire
    stop()


def to(url: str, naps: list[float], owner: str = "alice@mock.local", timeout: float = 20.0) -> MastodonChannel:
    return MastodonChannel(url, owner, SecretStr("bot_token"), sleep=naps.append, timeout=timeout)


def said(*spans: Span | str, key: str = "k", **rest: str) -> Outgoing:
    return Outgoing(key, tuple(Span("text", span) if isinstance(span, str) else span for span in spans), **rest)


def alice(server: MockServer) -> Any:
    return server.client(token="alice_token")


def heard_by(server: MockServer, token: str) -> list[Any]:
    return list(server.client(token=token).notifications())


def posts_of_the_bot(server: MockServer) -> list[Any]:
    """Oldest first."""
    bot = server.client(token="bot_token")
    return list(bot.account_statuses(bot.me().id, limit=40))[::-1]


def source_of(server: MockServer, status_id: str) -> str:
    return str(server.client(token="bot_token").status_source(status_id).text)
