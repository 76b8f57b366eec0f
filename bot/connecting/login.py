"""Logging in: permission is asked for, then it is checked who gave it and what it allows."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from bot.channels.mastodon_api import Api
from bot.connecting.instance import Handle, resolve
from bot.connecting.landing import Landing
from bot.connecting.oauth import OUT_OF_BAND, Grant, Request, exchange, register, revoke
from config.errors import ConfigError, MagpieError
from config.tokens import Login, Role

SCOPES: Final[dict[Role, tuple[str, ...]]] = {
    "owner": (
        "read:accounts",
        "read:statuses",
        "read:favourites",
        "read:bookmarks",
        "read:lists",
        "read:follows",
        "read:filters",
        "read:mutes",
        "read:blocks",
        "read:notifications",
        "read:search",
    ),
    "bot": ("read:accounts", "read:statuses", "read:notifications", "write:statuses"),
}
"""The least that each needs. ``read:accounts`` holds what newer servers call ``profile``, and all servers know it;
``read:search`` finds the posts of an archive by their addresses (``magpie import --resolve``)."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Way:
    """How the owner is asked: in a browser, or, without one, by an address to open anywhere and a code to paste."""

    say: Callable[[str], None]
    paste: Callable[[], str]
    browse: Callable[[str], object] | None = None
    patience: float = 300.0  # seconds

    def ask(self, base_url: str, scopes: Sequence[str], *, as_another: bool = False) -> Grant:
        """Ask for these scopes. Raises ConfigError, or ChannelError when the server is away."""
        if self.browse is None:
            request = Request(register(base_url, OUT_OF_BAND, scopes))
            self.say(
                f"Open this address, allow Magpie, and copy the code:\n\n{request.address(as_another=as_another)}\n"
            )
            return exchange(request, SecretStr(self.paste().strip()))
        with Landing() as landing:
            request = Request(register(base_url, landing.address, scopes))
            address = request.address(as_another=as_another)
            self.say(f"Your browser asks you now. If none opens, open this address on this machine:\n\n{address}\n")
            self.browse(address)
            code = landing.code(request.state, self.patience)
        return exchange(request, code)


@dataclass(frozen=True, slots=True)
class Connected:
    """A login that holds what it says, and the account as its server tells it."""

    login: Login
    account: Mapping[str, Any]


def connect(role: Role, handle: Handle, base_url: str, way: Way) -> Connected:
    """Log in. When it is the wrong account or the wrong scopes, the token is given back, and ConfigError says why."""
    grant = way.ask(base_url, SCOPES[role], as_another=role == "bot")
    try:
        check_scopes(role, grant.app.host, grant.scopes)
        account = check_account(handle, grant)
    except MagpieError:
        give_back(grant)
        raise
    _log.info("event=connected role=%s host=%s", role, grant.app.host)
    app = grant.app
    login = Login(
        role=role,
        handle=handle.bare,
        base_url=base_url,
        scopes=grant.scopes,
        client_id=app.client_id,
        client_secret=app.client_secret,
        token=grant.token,
    )
    return Connected(login, account)


def lacking(role: Role, granted: Sequence[str]) -> list[str]:
    """The scopes that are needed and not granted; ``read`` holds all that begin with it."""
    return [scope for scope in SCOPES[role] if not {scope, scope.partition(":")[0]} & set(granted)]


def excess(role: Role, granted: Sequence[str]) -> list[str]:
    """The scopes that are granted and could do harm: for the owner all but reading, for the bot all but speaking."""
    allowed = {"profile", *SCOPES[role]}
    return [scope for scope in granted if scope not in allowed and scope.partition(":")[0] != "read"]


def check_scopes(role: Role, host: str, granted: Sequence[str]) -> None:
    """Raises ConfigError when the owner's token could write, or either lacks something."""
    if missing := lacking(role, granted):
        raise ConfigError(
            f"{host} has not granted {', '.join(missing)}: nothing was kept; log in again and allow it all."
        )
    if role == "owner" and (more := excess(role, granted)):
        raise ConfigError(
            f"{host} has granted more than reading ({', '.join(more)}), and Magpie takes no token that could write for "
            "you: nothing was kept; give one that can only read as MAGPIE_OWNER_TOKEN."
        )


def api(grant: Grant) -> Api:
    """The server as this token sees it."""
    return Api(grant.app.base_url, grant.token, timeout=30.0, attempts=2, sleep=time.sleep)


def check_account(handle: Handle, grant: Grant) -> Mapping[str, Any]:
    """The account that gave the grant. Raises ConfigError when it is another one than was meant."""
    server = api(grant)
    account: Mapping[str, Any] = server.insist(server.ask, "account_verify_credentials")
    name = str(account.get("username", ""))
    if name.lower() != handle.name.lower():
        raise ConfigError(
            f"You are logged in there as @{name}, not as {handle}: nothing was kept; log out there, or open the "
            "address in a private window."
        )
    if handle.host not in (server.instance.domain, server.host) and not _leads_to(handle, grant.app.base_url):
        raise ConfigError(
            f"{server.host} is not the server of {handle}: nothing was kept; check the handle and --instance."
        )
    return account


def _leads_to(handle: Handle, base_url: str) -> bool:
    try:
        return resolve(handle) == base_url
    except MagpieError:
        return False


def give_back(grant: Grant) -> None:
    """Revoke it if that is possible; it was kept nowhere."""
    with suppress(MagpieError):
        revoke(grant.app.base_url, grant.app.client_id, grant.app.client_secret, grant.token)


def log_out(login: Login) -> None:
    """Make the token worthless on its server. Raises ChannelError when that is away, ConfigError when it refuses."""
    if revoke(login.base_url, login.client_id, login.client_secret, login.token) or _is_dead(login):
        _log.info("event=revoked role=%s", login.role)
        return
    raise ConfigError(
        f"The server of @{login.handle} does not revoke the token: do it there, under Preferences → Account → "
        "Authorized apps, then forget it here with --force."
    )


def _is_dead(login: Login) -> bool:
    """Whether the token opens nothing any more, as when the owner has revoked it on the server."""
    from bot.channels.mastodon_api import RefusedError

    server = Api(login.base_url, login.token, timeout=30.0, attempts=1, sleep=time.sleep)
    try:
        server.ask("account_verify_credentials")
    except RefusedError as refused:
        return refused.status == 401
    return False
