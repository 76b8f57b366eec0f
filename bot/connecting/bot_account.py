"""The bot's own profile: marked as a bot, and open about whose it is.

Changing a profile needs ``write:accounts``, which could also rename the bot or empty its profile. The token that is
kept shall only speak; so a second permission is asked for when there is something to change, used once, and revoked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.connecting.instance import Handle
from bot.connecting.login import Way, api, check_account, give_back
from config.errors import ConfigError
from tools.sources.prose import plain

SCOPES: Final = ("read:accounts", "write:accounts")


def line(owner: Handle) -> str:
    """What the bio says of the bot; #nobot asks other bots to leave it alone."""
    return f"Automated account: the Magpie of {owner}. It writes to its owner only. #nobot"


def changes(account: Mapping[str, Any], owner: Handle) -> dict[str, Any]:
    """What the profile lacks, as arguments of ``account_update_credentials``; a bio that exists is added to, once."""
    wanted: dict[str, Any] = {} if account.get("bot") else {"bot": True}
    source = account.get("source")
    bio = str(source.get("note") or "") if isinstance(source, Mapping) else plain(str(account.get("note") or "")).text
    if str(owner).lower() not in bio.lower():
        wanted["note"] = f"{bio.rstrip()}\n\n{line(owner)}".lstrip()
    if account.get("discoverable"):
        wanted["discoverable"] = False
    return wanted


def mark(handle: Handle, base_url: str, owner: Handle, way: Way) -> None:
    """Ask for the permission, change the profile, give the permission back.

    Raises ConfigError, or ChannelError when the server is away or refuses; the login itself stays as it is.
    """
    grant = way.ask(base_url, SCOPES, as_another=True)
    try:
        if missing := [s for s in SCOPES if not {s, s.partition(":")[0]} & set(grant.scopes)]:
            raise ConfigError(f"{grant.app.host} has not granted {', '.join(missing)}: the profile stays as it is.")
        wanted = changes(check_account(handle, grant), owner)
        server = api(grant)
        if wanted:
            server.insist(server.ask, "account_update_credentials", **wanted)
    finally:
        give_back(grant)
