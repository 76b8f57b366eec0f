"""A file of settings that is to be written, in a folder where nothing else has a say."""

from __future__ import annotations

from pathlib import Path

import pytest

OWNER = '[owner]\nhandle = "me@home.example"\n'


@pytest.fixture(autouse=True)
def no_secrets_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a .env file that lies about nor the environment has a say."""
    monkeypatch.chdir(tmp_path)
    for name in ("MAGPIE_OWNER_TOKEN", "MAGPIE_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """It is not written yet."""
    return tmp_path / "magpie.toml"
