"""Tables of magpie.toml whose ``kind`` names a module: looked up, and built from the rest of the table."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.errors import ConfigError
from config.settings import Plugged


def plugged(package: str, table: Plugged, secrets: Mapping[str, SecretStr], *more: str) -> Any:
    """The module that ``kind`` names builds the part from the rest of its table."""
    folder = Path(__file__).parent.parent / package.replace(".", "/")
    kinds = sorted(path.stem for path in folder.glob("*.py") if "\ndef build(" in path.read_text("utf-8"))
    if table.kind not in kinds:
        raise ConfigError(
            f"magpie.toml: there is nothing of the kind {table.kind!r} in {package}; there are: {', '.join(kinds)}."
        )
    return import_module(f"{package}.{table.kind}").build(table.options, secrets, *more)
