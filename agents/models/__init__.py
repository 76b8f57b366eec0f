"""The chat models. Each module here that has a ``build`` is one kind; the ``kind`` in magpie.toml is its name.

To add a model, write one file ``agents/models/<kind>.py`` with

    def build(settings: Mapping[str, Any], cache: Path) -> BaseChatModel

``settings`` are the other lines of the table in magpie.toml; one that is unknown or impossible is a ConfigError.
``cache`` is a folder for what can be made or fetched again. ``build`` only builds: weights are loaded and servers asked
when the first answer is wanted, and heavy packages are imported there. What goes wrong then is a ModelError.

What every model here can do: ``invoke`` and ``stream`` with stop words and usage, and ``with_structured_output`` for a
schema whose strings, numbers and lists are bounded. A model that gives out its logits has all that from
``agents.models.chat`` and only brings an Engine.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.errors import ConfigError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["build", "kinds"]


def build(kind: str, settings: Mapping[str, Any], cache: Path) -> BaseChatModel | None:
    """The chat model of that kind; None for "none". Raises ConfigError when the kind or a setting is unknown."""
    if kind == "none":
        return None
    if kind not in {module.name for module in pkgutil.iter_modules(__path__)} or not hasattr(_module(kind), "build"):
        raise ConfigError(f"There is no model of the kind {kind!r}: the kinds are none, {', '.join(kinds())}.")
    model: BaseChatModel = _module(kind).build(settings, cache)
    return model


def kinds() -> list[str]:
    """The modules here that are models."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if hasattr(_module(found.name), "build"))


def _module(name: str) -> Any:
    return import_module(f"{__name__}.{name}")
