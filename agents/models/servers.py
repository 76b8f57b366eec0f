"""The way to a model server that speaks OpenAI's protocol: OpenAI's own client, kept to what its owner wants.

It asks once, takes no longer than it is told, follows no redirect, and takes no proxy to a server on this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.errors import ModelAwayError, ModelError

if TYPE_CHECKING:
    from httpx2 import Request, Response, SyncByteStream
    from openai import OpenAI

MOST_BYTES = 8_000_000
"""Of one answer as it comes over the wire, where a token takes some 300."""


def named(base_url: str) -> str:
    """What errors call the server."""
    return f"The model server at {base_url}"


def is_here(url: str) -> bool:
    """Whether the host of this address is this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connected(base_url: str, key: str) -> OpenAI:
    """A client for this server; nothing is sent yet. Raises ImportError."""
    import openai

    web = openai.DefaultHttpxClient(
        follow_redirects=False,
        trust_env=not is_here(base_url),
        event_hooks={"request": [_begun], "response": [_bounded]},
    )
    # Given here so that what the environment holds for OpenAI itself does not go to another server.
    return openai.OpenAI(
        base_url=base_url, api_key=key or "none", organization="", project="", max_retries=0, http_client=web
    )


def _begun(request: Request) -> None:
    request.extensions["begun"] = monotonic()


def _bounded(response: Response) -> None:
    """From now on the body ends with an error when the whole answer takes too long, or is too long.

    The client itself only bounds the time between two bytes, and a server may send signs of life for ever.
    """
    asked = response.request.extensions
    response.stream = _bounded_stream(response.stream, asked["begun"] + asked["timeout"]["read"])


def _bounded_stream(stream: Any, deadline: float) -> SyncByteStream:
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for part in stream:
                size += len(part)
                if monotonic() > deadline:
                    raise httpx2.ReadTimeout("the whole took too long")
                if size > MOST_BYTES:
                    raise ValueError(f"more than {MOST_BYTES} bytes")
                yield part

        def close(self) -> None:
            stream.close()

    return Bounded()


def trouble(base_url: str, name: str, timeout: float, error: Exception) -> ModelError:
    """What has gone wrong after ``timeout`` seconds at most, in one sentence.

    What a server says itself may repeat words of posts, and is left out.
    """
    import httpx2
    import openai

    server = named(base_url)
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return ModelAwayError(
            f"{server} gave no whole answer within {timeout:g} s: raise timeout_seconds, or take a smaller model."
        )
    if isinstance(error, openai.APIStatusError):
        return _refusal(server, name, error.status_code)
    if isinstance(error, openai.APIConnectionError | httpx2.NetworkError):
        why = str(error.__cause__ or error).rstrip(".")
        return ModelAwayError(f"{server} cannot be reached ({why}): start it, or correct base_url.")
    return ModelError(
        f"{server} gave an answer that cannot be read ({type(error).__name__}): see its log, and whether base_url is "
        "that of a chat model."
    )


def _refusal(server: str, name: str, status: int) -> ModelError:
    if status in (401, 403):
        return ModelAwayError(f"{server} refuses the key ({status}): put the right one into MAGPIE_MODEL_KEY.")
    if status == 404 or 300 <= status < 400:
        return ModelAwayError(
            f"{server} has no model {name!r} at this address ({status}): correct name, or base_url, which often ends "
            "in /v1."
        )
    if status in (408, 429) or status >= 500:
        return ModelAwayError(f"{server} cannot answer now ({status}): see its log.")
    return ModelError(
        f"{server} refuses the request ({status}): see its log; the prompt may be too long for the model."
    )
