"""YouTube as a source."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from config.errors import ConfigError
from tests.tools.recorded import fetched, items, source
from tools.sources.youtube import build

CHANNEL = "UCabcdefghijklmnopqrstuv"


def test_a_film_is_told_with_its_description() -> None:
    (film,) = items(fetched(source("youtube")))
    assert film.uri == film.url == "https://www.youtube.com/watch?v=AbCdEfGhIj1"
    assert (film.kind, film.title, film.counts.likes) == ("video", "Moving a swarm by handcar", 321)
    assert film.text.startswith("Four miles, eleven minutes, no stings.")


def test_what_is_said_in_it_is_read_where_there_is_a_transcript() -> None:
    asked: list[str] = []

    def transcribe(film: str) -> str:
        asked.append(film)
        return "and here they come"

    (film,) = items(fetched(replace(source("youtube"), transcribe=transcribe)))
    assert asked == ["AbCdEfGhIj1"]
    assert film.text.endswith("\n\nand here they come")


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "youtube_transcript_api", None)
    with pytest.raises(ConfigError, match=r"magpie-agent\[youtube\]"):
        build({"channels": [CHANNEL], "transcripts": True}, {})


def test_ids_are_found_in_addresses() -> None:
    made = build({"channels": [f"https://www.youtube.com/channel/{CHANNEL}"], "playlists": ["PLabcdefghijklmnop"]}, {})
    assert [url.partition("?")[2] for url in made.feeds] == [f"channel_id={CHANNEL}", "playlist_id=PLabcdefghijklmnop"]


@pytest.mark.parametrize("settings", [{}, {"channels": ["@signalbox"]}, {"playlists": ["x"]}])
def test_what_is_no_id_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build(settings, {})
