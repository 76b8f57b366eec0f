"""Where bytes leave for Telegram: the one place that puts the token into an address."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import SecretStr

HIDDEN: Final = "hidden"
"""What stands for the token's secret part everywhere else."""


def carried(base_url: str, token: SecretStr, timeout: float, connections: int) -> Any:
    """The library's way of sending requests, over a transport that alone knows the token."""
    import httpx
    from telegram.error import TelegramError
    from telegram.request import HTTPXRequest

    shown = f"{urlsplit(base_url).path}{token.get_secret_value().partition(':')[0]}:{HIDDEN}".encode()

    class Transport(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            written = request.url.raw_path
            if not written.startswith(shown):
                return await super().handle_async_request(request)
            known = f"{urlsplit(base_url).path}{token.get_secret_value()}".encode() + written.removeprefix(shown)
            meant = httpx.Request(
                request.method,
                request.url.copy_with(raw_path=known),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
            return await super().handle_async_request(meant)

    class Wire(HTTPXRequest):
        @staticmethod
        def parse_json_payload(payload: bytes) -> Any:
            """As the library does it, but what cannot be read is not logged: it may be somebody's words."""
            try:
                return json.loads(payload.decode("utf-8", "replace"))
            except ValueError:
                raise TelegramError("Invalid server response") from None

    limits = httpx.Limits(max_connections=connections)
    transport = Transport(verify=base_url.startswith("https:"), limits=limits, proxy=_proxy(base_url))
    return Wire(
        connection_pool_size=connections,
        connect_timeout=timeout,
        read_timeout=timeout,
        write_timeout=timeout,
        pool_timeout=timeout,
        httpx_kwargs={"transport": transport},
    )


def _proxy(base_url: str) -> str | None:
    """As the environment says; a transport of one's own is not told by the HTTP client."""
    url = urlsplit(base_url)
    if not url.hostname or proxy_bypass(url.hostname):
        return None
    known = getproxies()
    return known.get(url.scheme) or known.get("all")
