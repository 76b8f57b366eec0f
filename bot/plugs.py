"""Tables of magpie.toml whose ``kind`` names a module: looked up, and built from the rest of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.channels import Channel
from config.errors import ConfigError
from config.settings import Plugged
from config.tokens import Role, Tokens
from tools.sources import Source

Secrets = Mapping[str, SecretStr]
"""Of the environment, by their names in the settings."""


def sources_of(tables: Iterable[Plugged], places: Sequence[Plugged], secrets: Secrets, tokens: Tokens) -> list[Source]:
    """The sources that tables of magpie.toml name, beside the channels that it names. Raises ConfigError."""
    found: list[Source] = []
    for table in (without_speakers(table, places) for table in tables):
        known = of_kind(table, secrets.items()) or {"token": _token("owner", table, secrets["owner_token"], tokens)}
        found.append(plugged("tools.sources", table, known))
    if not found:
        raise ConfigError("magpie.toml names no [[sources]]: add one, as the README shows.")
    return found


def channel_of(table: Plugged, owner: str, secrets: Secrets, tokens: Tokens) -> Channel:
    """The channel that a table of magpie.toml names, and the handle of its owner. Raises ConfigError."""
    table, known = on_telegram(table, tokens, secrets["telegram_token"])
    known |= {"mastodon_bot_token": _token("bot", table, secrets["bot_token"], tokens)}
    channel: Channel = plugged("bot.channels", table, known, owner)
    return channel


def plugged(package: str, table: Plugged, secrets: Mapping[str, SecretStr], *more: str) -> Any:
    """The module that ``kind`` names builds the part from the rest of its table."""
    folder = Path(__file__).parent.parent / package.replace(".", "/")
    kinds = sorted(path.stem for path in folder.glob("*.py") if "\ndef build(" in path.read_text("utf-8"))
    if table.kind not in kinds:
        raise ConfigError(
            f"magpie.toml: there is nothing of the kind {table.kind!r} in {package}; there are: {', '.join(kinds)}."
        )
    return import_module(f"{package}.{table.kind}").build(table.options, secrets, *more)


def of_kind(table: Plugged, secrets: Iterable[tuple[str, SecretStr]]) -> dict[str, SecretStr]:
    """The secrets whose names begin with the kind of a table: nobody is told what opens another's door."""
    return {name: secret for name, secret in secrets if name.startswith(f"{table.kind}_")}


def without_speakers(table: Plugged, channels: Iterable[Plugged]) -> Plugged:
    """The table of a source; one of Mastodon leaves out what Magpie itself says, and what is said to it.

    Raises ConfigError.
    """
    for channel in channels:
        if (table.kind, channel.kind) == ("mastodon", "mastodon"):
            handle = channel.options.get("handle")
            if not handle:
                raise ConfigError(
                    'magpie.toml: its channel on Mastodon needs handle = "name@host", the account that Magpie speaks '
                    "from."
                )
            table = table.model_copy(update={"ignore": [*table.options.get("ignore", []), handle]})
    return table


def on_telegram(table: Plugged, tokens: Tokens, given: SecretStr) -> tuple[Plugged, dict[str, SecretStr]]:
    """The table with the owner whom the login has pinned, and the bot's token: as ``given``, else that of the login.

    Tables of other kinds stay as they are. A token from elsewhere may be another bot's, but its owner is the same
    person, whose number is the same everywhere.
    """
    if table.kind != "telegram":
        return table, {}
    told, pinned = bool(given.get_secret_value().strip()), "owner_id" in table.options
    login = None if told and pinned else tokens.login("telegram")
    if login is not None and not pinned:
        table = table.model_copy(update={"owner_id": login.owner_id})
    return table, {"telegram_bot_token": given if told or login is None else login.token}


def _token(role: Role, table: Plugged, given: SecretStr, tokens: Tokens) -> SecretStr:
    """From the environment, else from the login on the table's server; only Mastodon is asked for one."""
    if given.get_secret_value().strip() or table.kind != "mastodon":
        return given
    return tokens.token(role, str(table.options.get("instance", "")))
