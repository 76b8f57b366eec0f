"""A Magpie for the doctor: as the command builds it, but with an embedder that needs no model."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.build import Magpie
from bot.doctor import CHECKS, Finding, Patient, examine
from config.settings import Secrets, parse
from memory.store import Store
from tests.bot.login_server import OWNER
from tests.fakes import HashedWords, post

NOW = datetime.now(UTC).replace(microsecond=0)


def magpie(data: Path, given: dict[str, Any] | None = None, **secrets: str) -> Magpie:
    """With these tables instead of the plain ones."""
    tables = {"owner": {"handle": OWNER, "time_zone": "Europe/Berlin"}, "model": {"kind": "none"}}
    settings = parse({**tables, "sources": [{"kind": "sample"}], "data": str(data), **(given or {})})
    hidden = Secrets(**{name: SecretStr(value) for name, value in secrets.items()}, _env_file=None)  # type: ignore[arg-type]
    settings = settings.model_copy(update={"secrets": hidden})
    return Magpie(settings, now=lambda: NOW, given_embedder=HashedWords(), alone=False)


def findings(one: Magpie, *parts: str) -> list[Finding]:
    """What the doctor finds, in these parts or in all."""
    checks = [check for check in CHECKS if not parts or check.part in parts]
    return list(examine(Patient(one, Path("magpie.toml")), checks))


def found(one: Magpie, name: str, *parts: str) -> Finding:
    """The one finding of that name."""
    (only,) = [finding for finding in findings(one, *parts) if finding.name == name]
    return only


def remember(data: Path, *names: str, owner: str = OWNER) -> Store:
    """A memory in that folder, with the posts of these names."""
    store = Store.open(data / "magpie.db", owner)
    with store.begin() as memory:
        for name in names:
            memory.items.keep(post(name), NOW)
    return store
