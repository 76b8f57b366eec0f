"""Where the browser comes back to with the code: a page on this machine, for as long as one login takes."""

from __future__ import annotations

import hmac
import os
import sys
import threading
import webbrowser
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from config.errors import ConfigError

_PATH: Final = "/magpie"
_PAGE: Final = "<!doctype html><meta charset=utf-8><title>Magpie</title><p>{}</p>"


class Landing:
    """A small server on 127.0.0.1, on a port that happens to be free."""

    def __init__(self) -> None:
        self._answers: Queue[dict[str, list[str]]] = Queue()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Page, self._answers))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """Where the browser is to be sent."""
        return f"http://127.0.0.1:{self._server.server_port}{_PATH}"

    def code(self, state: str, seconds: float) -> SecretStr:
        """The code that comes back with this state. Raises ConfigError."""
        try:
            answer = self._answers.get(timeout=seconds)
        except Empty:
            raise ConfigError(
                f"Nobody came back from the browser within {seconds:.0f} seconds: try again, or with --paste."
            ) from None
        if not hmac.compare_digest(answer.get("state", [""])[0].encode(), state.encode()):
            raise ConfigError("What came back from the browser belongs to another login: nothing was kept; try again.")
        if not answer.get("code"):
            raise ConfigError("The server has given no permission: nothing was kept; log in again to allow it.")
        return SecretStr(answer["code"][0])


class _Page(BaseHTTPRequestHandler):
    timeout = 10  # seconds: browsers open connections that they never use

    def __init__(self, answers: Queue[dict[str, list[str]]], *args: Any) -> None:
        self._answers = answers
        super().__init__(*args)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        answer = parse_qs(url.query) if url.path == _PATH else {}
        known = bool(answer.keys() & {"code", "error"})
        page = _PAGE.format("Magpie goes on in your terminal. You can close this page." if known else "Not here.")
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(page.encode())
        if known:
            self._answers.put(answer)

    def log_message(self, *_: Any) -> None:
        """The code is in the address: nothing of it is logged."""


def browser_at_hand() -> bool:
    """Whether a browser opened from here would be one that the owner sees."""
    if "SSH_CONNECTION" in os.environ:
        return False
    if sys.platform.startswith("linux") and not ("DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True
