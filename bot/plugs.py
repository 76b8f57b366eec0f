"""Tables of magpie.toml whose ``kind`` names a module: looked up, and built from the rest of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.errors import ConfigError
from config.settings import Plugged
from config.tokens import Tokens


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


def without_speaker(table: Plugged, channel: Plugged) -> Plugged:
    """The table of a source; one of Mastodon leaves out what Magpie itself says, and what is said to it.

    Raises ConfigError.
    """
    if (table.kind, channel.kind) != ("mastodon", "mastodon"):
        return table
    handle = channel.options.get("handle")
    if not handle:
        raise ConfigError('magpie.toml: [channel] needs handle = "name@host", the account that Magpie speaks from.')
    return table.model_copy(update={"ignore": [*table.options.get("ignore", []), handle]})


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
