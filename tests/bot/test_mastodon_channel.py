"""The Mastodon channel is built from settings and a secret, and says which of them cannot work."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.mastodon import build
from config.errors import ConfigError


def test_it_is_built_from_settings_and_a_secret() -> None:
    token = {"mastodon_bot_token": SecretStr(" t ")}
    channel = build({"instance": "social.example", "timeout": 5}, token, "@Alice@Social.Example")
    assert (channel.base_url, channel.owner_handle, channel.timeout, channel.name) == (
        "https://social.example",
        "alice@social.example",
        5.0,
        "mastodon",
    )
    assert build({"instance": "http://127.0.0.1:3000/"}, token, "a@b").base_url == "http://127.0.0.1:3000"


@pytest.mark.parametrize(
    ("settings", "secret", "owner", "problem"),
    [
        ({"instnace": "social.example"}, "t", "a@b", "did you mean 'instance'"),
        ({"instance": "social.example"}, "", "a@b", "MAGPIE_BOT_TOKEN"),
        ({"instance": "social.example"}, "t", "alice", "name@host"),
        ({"instance": ""}, "t", "a@b", "give a host"),
        ({"instance": "http://social.example"}, "t", "a@b", "give a host"),
        ({"instance": "social.example", "timeout": "soon"}, "t", "a@b", "timeout"),
    ],
)
def test_settings_that_cannot_work_are_named(settings: dict[str, Any], secret: str, owner: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        build(settings, {"mastodon_bot_token": SecretStr(secret)}, owner)
