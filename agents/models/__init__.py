"""The chat models. Each module here that has a ``build`` is one kind; the ``kind`` in magpie.toml is its name.

To add a model, write one file ``agents/models/<kind>.py`` with

    def build(settings: Mapping[str, Any], cache: Path, key: SecretStr = NO_KEY) -> BaseChatModel

``settings`` are the other lines of the table in magpie.toml; one that is unknown or impossible is a ConfigError.
``cache`` is a folder for what can be made or fetched again, ``key`` what the owner has for a server that wants one.
``build`` only builds: weights are loaded and servers asked when the first answer is wanted, and heavy packages are
imported there. What goes wrong then is a ModelError, or a ModelAwayError when asking again would be of no use.

What every model here can do: ``invoke`` and ``stream`` with stop words and usage, ``with_structured_output`` for a
schema whose strings, numbers and lists are bounded, and to say in ``stays_here`` whether what it reads stays on this
machine. A model that gives out its logits has all that from ``agents.models.chat`` and only brings an Engine.
"""

from __future__ import annotations

import pkgutil
import platform
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from config.errors import ConfigError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["NO_KEY", "build", "fitting", "kinds", "stays_here"]

NO_KEY = SecretStr("")


def build(kind: str, settings: Mapping[str, Any], cache: Path, key: SecretStr = NO_KEY) -> BaseChatModel | None:
    """The chat model of that kind; None for "none". Raises ConfigError when the kind or a setting is unknown."""
    if kind == "none":
        return None
    if kind not in {module.name for module in pkgutil.iter_modules(__path__)} or not hasattr(_module(kind), "build"):
        raise ConfigError(f"There is no model of the kind {kind!r}: the kinds are none, {', '.join(kinds())}.")
    _trace_nothing()
    model: BaseChatModel = _module(kind).build(settings, cache, key)
    return model


def kinds() -> list[str]:
    """The modules here that are models."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__) if hasattr(_module(found.name), "build"))


def fitting() -> str:
    """The kind for an owner who has named none: ``mlx`` where it is at home and installed, else ``local``."""
    at_home = (sys.platform, platform.machine()) == ("darwin", "arm64")
    return "mlx" if at_home and find_spec("mlx_lm") else "local"


def stays_here(model: BaseChatModel) -> bool:
    """Whether what this model is given stays on this machine; a model that does not say so does not."""
    return bool(getattr(model, "stays_here", False))


def _module(name: str) -> Any:
    return import_module(f"{__name__}.{name}")


def _trace_nothing() -> None:
    """LangChain sends what models and graphs read to its makers' server where the environment has a word for it."""
    from langsmith import configure

    configure(enabled=False)
