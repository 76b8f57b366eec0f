"""Secrets come from the environment or a file beside the settings, are refused elsewhere, and are never shown."""

from __future__ import annotations

import io
import logging
import pickle
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import Secrets, load, parse
from tests.config.written import OWNER

TOKEN = "s3cr3t-t0ken"


def test_tokens_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, toml: Path) -> None:
    monkeypatch.setenv("MAGPIE_OWNER_TOKEN", TOKEN)
    toml.write_text(OWNER)
    secrets = load(toml).secrets
    assert secrets.owner_token.get_secret_value() == TOKEN
    assert secrets.bot_token.get_secret_value() == ""


def test_tokens_come_from_a_file_beside_it(tmp_path: Path, toml: Path) -> None:
    (tmp_path / ".env").write_text(f"MAGPIE_BOT_TOKEN={TOKEN}\nSOMEBODY_ELSES=1\n")
    toml.write_text(OWNER)
    assert load(toml).secrets.bot_token.get_secret_value() == TOKEN


def test_what_lies_beside_the_settings_is_found_from_anywhere(
    tmp_path: Path, toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(f"MAGPIE_BOT_TOKEN={TOKEN}\n")
    toml.write_text('data = "memory"\n' + OWNER)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / ".env").write_text("MAGPIE_BOT_TOKEN=another\n")
    settings = load(Path("..") / "magpie.toml")
    assert settings.secrets.bot_token.get_secret_value() == TOKEN
    assert settings.data.resolve() == tmp_path / "memory"
    toml.write_text(f'data = "{tmp_path / "far"}"\n' + OWNER)
    assert load(Path("..") / "magpie.toml").data == tmp_path / "far"


def test_secrets_are_asked_for_only_when_settings_are_read() -> None:
    assert Secrets().owner_token.get_secret_value() == ""
    assert TOKEN not in repr(pickle.dumps(Secrets()))


@pytest.mark.parametrize(
    "lines",
    [
        f"[secrets]\nowner_token = '{TOKEN}'\n" + OWNER,
        OWNER + f"[[sources]]\nkind = 'mastodon'\ntoken = '{TOKEN}'",
        OWNER + f"[[sources]]\nkind = 'mastodon'\naccess_token = '{TOKEN}'",
        OWNER + f"[channel]\nkind = 'mastodon'\nbot_token = '{TOKEN}'",
        OWNER + f"[channel]\nkind = 'telegram'\nclient_secret = '{TOKEN}'",
        OWNER + f"[model]\nkind = 'openai'\napi_key = '{TOKEN}'",
        OWNER + f"[model]\nkind = 'openai'\npassword = '{TOKEN}'",
        f"MAGPIE_OWNER_TOKEN = '{TOKEN}'\n" + OWNER,
        f"owner_token = '{TOKEN}'\n" + OWNER,
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(toml: Path, lines: str) -> None:
    toml.write_text(lines)
    with pytest.raises(ConfigError, match="MAGPIE_") as refused:
        load(toml)
    assert TOKEN not in str(refused.value)
    assert "environment" in str(refused.value)


def test_how_long_a_model_may_talk_is_no_secret() -> None:
    parse({"owner": {"handle": "me@home.example"}, "model": {"kind": "local", "max_tokens": 200, "tokens": 3}})


def test_a_file_of_secrets_that_cannot_be_read_is_told_and_not_repeated(tmp_path: Path, toml: Path) -> None:
    (tmp_path / ".env").write_bytes(f"MAGPIE_BOT_TOKEN={TOKEN}\n".encode() + b"\xff\xfe")
    toml.write_text(OWNER)
    with pytest.raises(
        ConfigError, match=r"^The file \S*\.env cannot be read: it is no text in UTF-8; correct it"
    ) as told:
        load(toml)
    assert TOKEN not in f"{told.value!r} {told.value.__cause__!r}"


def test_a_token_is_never_shown(monkeypatch: pytest.MonkeyPatch, toml: Path) -> None:
    monkeypatch.setenv("MAGPIE_OWNER_TOKEN", TOKEN)
    monkeypatch.setenv("MAGPIE_BOT_TOKEN", TOKEN)
    toml.write_text(OWNER)
    settings = load(toml)
    stream = io.StringIO()
    logging.getLogger("test").addHandler(handler := logging.StreamHandler(stream))
    logging.getLogger("test").warning("settings=%s secrets=%r", settings, settings.secrets)
    logging.getLogger("test").removeHandler(handler)
    shown = [
        repr(settings),
        str(settings),
        repr(settings.secrets),
        settings.model_dump_json(),
        str(settings.model_dump()),
    ]
    assert all(TOKEN not in text for text in [*shown, stream.getvalue()])
