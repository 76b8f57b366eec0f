"""The fields of JSON rows that somebody else wrote: asked for by type, so that a wrong one is a missing one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.errors import ConfigError
from tools.importers.rows import Whose

Json = Mapping[str, Any]


def word(row: object, *keys: str) -> str:
    """The first of these keys that holds a text, or a number where others write a text; else nothing."""
    for key in keys:
        value = row.get(key) if isinstance(row, Mapping) else None
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return str(value)
    return ""


def number(row: object, key: str) -> int:
    """A count, which may be written as a text; nothing sensible is 0."""
    text = word(row, key)
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def inner(row: object, *keys: str) -> Json:
    """The object that these keys lead to, one within the other; an empty one where there is none."""
    for key in keys:
        row = row.get(key) if isinstance(row, Mapping) else None
    return row if isinstance(row, Mapping) else {}


def listed(row: object, key: str) -> list[Json]:
    """The objects in a list."""
    value = row.get(key) if isinstance(row, Mapping) else None
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def words(row: object, key: str) -> list[str]:
    """The texts in a list, or the one text that stands in its place."""
    value = row.get(key) if isinstance(row, Mapping) else None
    found = value if isinstance(value, list) else [value]
    return [entry for entry in found if isinstance(entry, str) and entry]


def web(address: str) -> str:
    """The address if it is one of the web (no javascript:, no file:), else nothing."""
    address = address.strip()
    return (
        address
        if address[:8].lower().startswith(("http://", "https://")) and not set(address) & set(' \n\t"<>')
        else ""
    )


def wanted(whose: Whose, key: str) -> bool:
    """Whether a setting says yes. Raises ConfigError."""
    given = str(whose.more.get(key, "no")).lower()
    if given not in ("yes", "true", "1", "no", "false", "0"):
        raise ConfigError(f"{key} = {given!r} is neither yes nor no.")
    return given in ("yes", "true", "1")
