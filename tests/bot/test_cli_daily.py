"""``magpie digest --dry-run`` where no source is named: what is in the archive is told, if it is anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.build import Magpie
from bot.cli import daily
from bot.cli.app import app
from config.errors import ConfigError
from config.settings import parse
from memory.keeping.embedding import embed_missing
from memory.records import How, Share
from memory.store import Store
from tests.fakes import HOUR, NOW, HashedWords, Pigeon, account, post


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A memory, beside which no source is named."""

    def beside(config: Path, **given: Any) -> Magpie:
        table = {"owner": {"handle": "me@fedi.example"}, "data": str(tmp_path), "model": {"kind": "none"}}
        parts: dict[str, Any] = {"given_channel": Pigeon(), "given_embedder": HashedWords(), "alone": False}
        return Magpie(parse(table), now=lambda: NOW, **parts, **given)

    monkeypatch.setattr(daily, "beside", beside)
    return Store.open(tmp_path / "magpie.db", "me@fedi.example")


def dry_run() -> Result:
    return CliRunner().invoke(app, ["digest", "--dry-run"])


def test_without_a_source_what_is_known_already_is_told(store: Store) -> None:
    with store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob")])
        memory.accounts.set_followed([account("ann").uri, account("bob").uri])
        item = post("bees", "the bees came back to the bell tower", by="ann", at=NOW - HOUR)
        memory.items.keep(item, NOW)
        memory.shares.add(Share(item.author, item.uri, NOW - HOUR))
        memory.shares.add(Share(account("bob").uri, item.uri, NOW - HOUR, How.BOOSTED))
    embed_missing(store, HashedWords())
    done = dry_run()
    assert done.exit_code == 0 and "the bees came back" in done.stdout


def test_without_a_source_and_with_nothing_to_tell_it_is_said_what_to_add(store: Store) -> None:
    done = dry_run()
    assert isinstance(done.exception, ConfigError)
    assert str(done.exception).startswith("There is nothing to tell, and magpie.toml names no [[sources]]")
