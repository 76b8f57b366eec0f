"""Where bytes leave for Telegram: the one place that puts the token into an address."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import SecretStr

HIDDEN: Final = "hidden"
"""What stands for the token's secret part everywhere else."""


def files_url(base_url: str) -> str:
    """Where files are fetched from, as the library has it: a Bot API server keeps them beside its methods."""
    return f"{base_url.removesuffix('/bot')}/file/bot"


def carried(base_url: str, token: SecretStr, timeout: float, connections: int) -> Any:
    """The library's way of sending requests, over a transport that alone knows the token."""
    import httpx

    limits = httpx.Limits(max_connections=connections)
    kept = {"verify": base_url.startswith("https:"), "limits": limits, "proxy": _proxy(base_url)}
    return _silent()(
        connection_pool_size=connections,
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
        pool_timeout=timeout,
        httpx_kwargs={"transport": _knowing(base_url, token)(**kept)},
    )


def _knowing(base_url: str, token: SecretStr) -> Any:
    """A kind of transport that puts the token in where it is hidden."""
    import httpx

    places = [urlsplit(url).path for url in (base_url, files_url(base_url))]
    bot = token.get_secret_value().partition(":")[0]

    def known(path: bytes) -> bytes:
        for place in places:
            for colon in (":", "%3A"):  # as the library has it for files
                if path.startswith(shown := f"{place}{bot}{colon}{HIDDEN}".encode()):
                    return f"{place}{token.get_secret_value()}".encode() + path.removeprefix(shown)
        return path

    class Transport(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            url = request.url.copy_with(raw_path=known(request.url.raw_path))
            more: dict[str, Any] = {"headers": request.headers, "extensions": request.extensions}
            told = httpx.Request(request.method, url, stream=request.stream, **more)
            return await super().handle_async_request(told)

    return Transport


def _silent() -> Any:
    """The library's requests, but what cannot be read is not logged: it may be somebody's words."""
    from telegram.error import TelegramError
    from telegram.request import HTTPXRequest

    class Wire(HTTPXRequest):
        @staticmethod
        def parse_json_payload(payload: bytes) -> Any:
            try:
                return json.loads(payload.decode("utf-8", "replace"))
            except ValueError:
                raise TelegramError("Invalid server response") from None

    return Wire


def _proxy(base_url: str) -> str | None:
    """As the environment says; a transport of one's own is not told by the HTTP client."""
    url = urlsplit(base_url)
    if not url.hostname or proxy_bypass(url.hostname):
        return None
    known = getproxies()
    return known.get(url.scheme) or known.get("all")
