"""From the settings to the source."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from config.errors import ConfigError
from tools.sources.mastodon import build


def test_building_asks_nobody() -> None:
    settings = {
        "instance": "harbour.example",
        "lists": ["Trains"],
        "hashtags": ["#rail"],
        "ignore": ["@Magpie@b.example"],
    }
    built = build(settings, {"token": SecretStr("s3cret")})
    assert (built.base_url, built.name, built.hashtags) == ("https://harbour.example", "mastodon", ("rail",))
    assert built.ignore == {"magpie@b.example"}
    assert "s3cret" not in repr(built)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.update(hashtag=["rail"]), "'hashtag'; the nearest is 'hashtags'"),
        (lambda s: s.update(instance=""), "instance ''"),
        (lambda s: s.update(instance="http://harbour.example"), "instance 'http://harbour.example'"),
        (lambda s: s.update(lists="Trains"), "setting lists"),
        (lambda s: s.update(backfill="many"), "setting backfill"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(change: Callable[[dict[str, Any]], None], said: str) -> None:
    settings: dict[str, Any] = {"instance": "harbour.example"}
    change(settings)
    with pytest.raises(ConfigError, match=said):
        build(settings, {"token": SecretStr("t")})


def test_a_missing_token_is_told() -> None:
    with pytest.raises(ConfigError, match="no token"):
        build({"instance": "harbour.example"}, {})
