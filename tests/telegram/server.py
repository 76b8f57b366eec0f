"""A Bot API server on 127.0.0.1, written from Telegram's public documentation, for tests.

``with telegram_town() as town:`` gives a running Town; at the end it must have nothing to complain about.
"""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.telegram.faults import Fault
from tests.telegram.given import Given
from tests.telegram.messages import Call, Json
from tests.telegram.methods import call
from tests.telegram.rules import LARGEST_DOWNLOAD, TOKEN, RefusalError, UnknownHereError
from tests.telegram.webhook import delivering
from tests.telegram.world import Town

__all__ = ["telegram_town"]

_METHOD = re.compile(r"/bot([^/]*)/([^/]+)")
_FILE = re.compile(r"/file/bot([^/]*)/(.+)")


@contextmanager
def telegram_town(**given: Any) -> Iterator[Town]:
    """A running server and its town. Raises AssertionError at the end if the town has complaints."""
    town = Town(**given)
    server = _Server(("127.0.0.1", 0), _Handler)
    server.town = town
    town.url = f"http://127.0.0.1:{server.server_address[1]}"
    threads = [Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True), delivering(town)]
    threads[0].start()
    try:
        yield town
    finally:
        town.closing.set()
        with town.changed:
            town.changed.notify_all()
        server.shutdown()
        server.server_close()
        for thread in threads:
            thread.join(5)
    assert not town.complaints, town.complaints


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    town: Town

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up has his reasons."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the path holds the token."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if found := _FILE.fullmatch(unquote(path)):
            self._download(found[1], found[2])
        elif found := _METHOD.fullmatch(unquote(path)):
            self._method(found[1], found[2], query, body)
        else:
            self._say(404, _refused(404, "Not Found"))

    def _method(self, token: str, method: str, query: str, body: bytes) -> None:
        town = self.server.town
        if not TOKEN.fullmatch(token):
            self._say(404, _refused(404, "Not Found"))
            return
        if token != town.token:
            self._say(401, _refused(401, "Unauthorized"))
            return
        fault = town.faults.take(method)
        if fault is None:
            self._say(*self._done(town, method, query, body))
            return
        with town.faults.striking():
            early = fault.late or not fault.acts
            if early:
                town.closing.wait(fault.wait)
            status, answer = self._done(town, method, query, body) if fault.acts else (0, Json())
            self._fail(fault, status, answer, waits=not early)

    def _done(self, town: Town, method: str, query: str, body: bytes) -> tuple[int, Json]:
        """What was asked for is done; the status and the answer."""
        given = Given({})
        try:
            given = _given(query, body, self.headers.get("Content-Type", ""))
            status, answer = 200, {"ok": True, "result": call(town, method, given)}
        except RefusalError as refusal:
            status, answer = refusal.code, _refused(refusal.code, refusal.description, **refusal.parameters)
        except UnknownHereError as unknown:
            town.complaints.append(f"this server does not know {unknown}")
            status, answer = 501, _refused(501, f"Not Implemented: this server does not know {unknown}")
        except Exception as error:
            town.complaints.append(f"this server broke over {method}: {error!r}")
            raise
        with town.changed:
            town.calls.append(Call(method, {**given.words, **given.files}, status))
        return status, answer

    def _fail(self, fault: Fault, status: int, answer: Json, waits: bool) -> None:
        if waits:
            self.server.town.closing.wait(fault.wait)
        if fault.resets or fault.silent:
            self._tear()
        elif fault.cuts:
            self._write(status, json.dumps(answer)[: len(json.dumps(answer)) // 2].encode(), "application/json")
        elif fault.body:
            self._write(fault.status, fault.body.encode(), "text/html")
        elif fault.status:
            more = {"retry_after": fault.retry_after} if fault.retry_after else {}
            self._say(fault.status, _refused(fault.status, fault.description, **more))
        else:
            self._say(status, answer)

    def _download(self, token: str, path: str) -> None:
        town = self.server.town
        fault = town.faults.take("download")
        file = next((one for one in town.files.values() if one.path == path), None)
        if token != town.token or file is None or file.size > LARGEST_DOWNLOAD:
            self._say(404, _refused(404, "Not Found"))
        elif fault:
            self._fail(fault, 200, {}, waits=True)
        else:
            self._write(200, file.data, "application/octet-stream")

    def _say(self, status: int, answer: Json) -> None:
        self._write(status, json.dumps(answer).encode(), "application/json")

    def _write(self, status: int, body: bytes, kind: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # nobody waits any more

    def _tear(self) -> None:
        """The other side finds a connection that is reset."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _refused(code: int, description: str, **parameters: int) -> Json:
    more = {"parameters": parameters} if parameters else {}
    return {"ok": False, "error_code": code, "description": description, **more}


def _given(query: str, body: bytes, kind: str) -> Given:
    """Parameters in the address, as a form, as JSON or in parts. Raises RefusalError."""
    words = dict(parse_qsl(query, keep_blank_values=True))
    try:
        if kind.startswith("application/json") and body:
            given = json.loads(body)
            words |= {key: one if isinstance(one, str) else json.dumps(one) for key, one in given.items()}
        elif kind.startswith("application/x-www-form-urlencoded"):
            words |= dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
        elif kind.startswith("multipart/form-data"):
            return _parts(words, body, kind)
    except UnicodeDecodeError:
        raise RefusalError(400, "Bad Request: strings must be encoded in UTF-8") from None
    return Given(words)


def _parts(words: dict[str, str], body: bytes, kind: str) -> Given:
    whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP)
    files: dict[str, tuple[str, bytes]] = {}
    for part in whole.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if filename := part.get_filename():
            files[name] = (filename, data)
        else:
            words[name] = data.decode()
    return Given(words, files)
