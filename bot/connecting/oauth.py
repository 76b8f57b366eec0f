"""OAuth 2 as Mastodon speaks it, with PKCE (RFC 7636), for a program on the owner's own machine (RFC 8252).

Mastodon.py has a login, too, but it does not know PKCE, does not tell which scopes were granted, and quotes whole
answers in its errors. Nothing here repeats a word that a server has said.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from pydantic import SecretStr

from bot.connecting.instance import PATIENCE
from config.errors import ChannelError, ConfigError

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
"""The server shows the code, and the owner copies it."""


@dataclass(frozen=True, slots=True)
class App:
    """An application on one server. Each login has its own.

    The port that the browser comes back to is part of it, and servers forget applications that hold no token.
    """

    base_url: str
    redirect: str
    scopes: tuple[str, ...]
    client_id: str
    client_secret: SecretStr

    @property
    def host(self) -> str:
        """The server's name."""
        return urlsplit(self.base_url).netloc


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the owner: may this application do that?"""

    app: App
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    def address(self, *, as_another: bool = False) -> str:
        """Where the owner answers; ``as_another``: not with the account that the browser is logged in with."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        given = {
            "response_type": "code",
            "client_id": self.app.client_id,
            "redirect_uri": self.app.redirect,
            "scope": " ".join(self.app.scopes),
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        } | ({"force_login": "true"} if as_another else {})
        return f"{self.app.base_url}/oauth/authorize?{urlencode(given)}"


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, and what it allows."""

    app: App
    token: SecretStr
    scopes: tuple[str, ...]


def register(base_url: str, redirect: str, scopes: Sequence[str]) -> App:
    """Make an application. Raises ConfigError, or ChannelError when the server is away."""
    given = {"client_name": "Magpie", "redirect_uris": redirect, "scopes": " ".join(scopes)}
    status, answer = _post(base_url, "/api/v1/apps", given)
    if status != 200 or not answer.get("client_id") or not answer.get("client_secret"):
        raise ConfigError(
            f"{urlsplit(base_url).netloc} does not let applications register (status {status}): check that it is a "
            "Mastodon server."
        )
    return App(base_url, redirect, tuple(scopes), str(answer["client_id"]), SecretStr(str(answer["client_secret"])))


def exchange(request: Request, code: SecretStr) -> Grant:
    """The token for a code. Raises ConfigError, or ChannelError when the server is away."""
    app = request.app
    given = {
        "grant_type": "authorization_code",
        "code": code.get_secret_value(),
        "redirect_uri": app.redirect,
        "scope": " ".join(app.scopes),
        "code_verifier": request.verifier,
    }
    status, answer = _post(app.base_url, "/oauth/token", {**given, **_proof(app)})
    if status != 200 or not answer.get("access_token"):
        raise ConfigError(
            f"{app.host} does not accept this code (status {status}), which may be mistyped or too old: log in again."
        )
    granted = str(answer["scope"]).split() if answer.get("scope") else app.scopes  # RFC 6749, 5.1: none told, all given
    return Grant(app, SecretStr(str(answer["access_token"])), tuple(granted))


def revoke(base_url: str, client_id: str, client_secret: SecretStr, token: SecretStr) -> bool:
    """Make a token worthless; returns whether the server has done so. Raises ChannelError when it is away."""
    app = App(base_url, "", (), client_id, client_secret)
    status, _ = _post(base_url, "/oauth/revoke", {**_proof(app), "token": token.get_secret_value()})
    return status == 200


def _proof(app: App) -> dict[str, str]:
    return {"client_id": app.client_id, "client_secret": app.client_secret.get_secret_value()}


def _post(base_url: str, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and JSON. Redirects are not followed: a secret goes to the server that it is meant for."""
    import requests

    host = urlsplit(base_url).netloc
    try:
        answer = requests.post(
            f"{base_url}{path}",
            data=form,
            headers={"User-Agent": "magpie"},
            timeout=PATIENCE,
            allow_redirects=False,
        )
    except requests.RequestException:
        raise ChannelError(f"{host} cannot be reached: check its name and your network, then try again.") from None
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ChannelError(f"{host} is in trouble (status {answer.status_code}): try again later.")
    try:
        said = answer.json()
    except ValueError:
        said = None
    return answer.status_code, said if isinstance(said, dict) else {}
