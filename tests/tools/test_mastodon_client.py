"""How a server is asked."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from config.errors import SourceError
from tools.sources.mastodon import MastodonSource
from tools.sources.mastodon_client import seconds_to_wait

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (200, {"X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2026-11-21T12:05:00Z"}, None),
        (200, {"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "2026-11-21T12:05:00.5Z"}, 300.5),
        (200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON.timestamp()) + 9)}, 9.0),
        (200, {"X-RateLimit-Remaining": "0"}, None),
        (429, {"Retry-After": "12", "X-RateLimit-Reset": "2026-11-21T12:05:00Z"}, 12.0),
        (429, {"Retry-After": "Sat, 21 Nov 2026 12:00:30 GMT"}, 30.0),
        (429, {"Date": "Sat, 21 Nov 2026 11:59:00 GMT", "X-RateLimit-Reset": "2026-11-21T12:00:00Z"}, 60.0),
        (429, {"X-RateLimit-Reset": "soon"}, None),
        (429, {}, None),
    ],
)
def test_the_server_says_how_long_to_wait(status: int, headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(status, headers, NOON) == seconds


def test_a_server_that_is_away_is_tried_four_times_and_told() -> None:
    naps: list[float] = []
    away = MastodonSource("home", "http://127.0.0.1:9", SecretStr("t"), sleep=naps.append)
    with pytest.raises(SourceError, match="could not be reached"):
        list(away.fetch(None))
    assert naps == [2.0, 4.0, 8.0]
