"""GitHub as a source."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from config.errors import ConfigError
from memory.records import Fetched, How, Kind
from tests.tools.recorded import Recorded, cursor_after, fetched, items, recorded_web, source
from tools.sources import SourceError
from tools.sources.github import build

EVENTS = "https://api.github.com/users/wren/received_events/public?per_page=100"


def test_a_star_is_a_like_of_the_day_it_was_given() -> None:
    (step,) = [step for step in fetched(source("github")) if step.reactions]
    assert step.item is not None
    assert (step.item.title, step.item.text, step.item.tags) == (
        "hollis/hive",
        "Counts bees at the door",
        ("bees", "counting"),
    )
    assert step.reactions[0].kind is Kind.LIKE
    assert step.reactions[0].at == datetime(2026, 11, 10, 9, 0, tzinfo=UTC)


def test_what_others_star_is_shared_by_them_and_what_they_release_is_posted() -> None:
    shares = {share.item: (share.account, share.how) for step in fetched(source("github")) for share in step.shares}
    tomasz = "https://github.com/tomasz"
    assert shares["https://github.com/hollis/hive"] == (tomasz, How.BOOSTED)
    assert shares["https://github.com/tomasz/timetable/releases/tag/v2.0"] == (tomasz, How.POSTED)


def test_a_star_of_another_does_not_take_words_from_what_is_known() -> None:
    hives = [item.text for item in items(fetched(source("github"))) if item.title == "hollis/hive"]
    assert hives == ["Counts bees at the door"] * 2


def test_releases_bear_the_name_of_what_is_released() -> None:
    titles = {item.title for item in items(fetched(source("github"))) if item.kind == "release"}
    assert titles == {"models v1.1", "timetable v2.0"}


def test_only_so_many_repositories_are_looked_up_and_the_rest_comes_next_time() -> None:
    web = recorded_web("github")
    who = {"login": "tomasz"}
    stars = [
        {
            "id": str(n),
            "type": "WatchEvent",
            "actor": who,
            "repo": {"name": f"a/r{n}"},
            "payload": {"action": "started"},
        }
        for n in range(1000, 1012)
    ]
    web.says(EVENTS, json.dumps([{**star, "created_at": "2026-11-19T10:00:00Z"} for star in stars]))
    for n in range(1000, 1012):
        web.says(f"https://api.github.com/repos/a/r{n}", json.dumps({"full_name": f"a/r{n}", "description": "x"}))
    first = fetched(source("github", web=web))
    again = fetched(source("github", web=web), cursor_after(first))
    told = [[item.title for item in items(steps) if item.title.startswith("a/r")] for steps in (first, again)]
    assert list(map(len, told)) == [8, 4] and not set(told[0]) & set(told[1])


def test_a_token_is_shown_to_the_api_alone() -> None:
    web = recorded_web("github")
    fetched(replace(source("github", web=web), token=SecretStr("ghp_abc")))
    with_token = {url for url, headers, _ in web.asked if "Authorization" in headers}
    assert with_token and all(url.startswith("https://api.github.com/") for url in with_token)


def test_who_asks_too_often_is_told_so_once() -> None:
    class Tired(Recorded):
        pass

    web = Tired()
    web.says(
        "https://api.github.com/users/wren/starred?sort=created&direction=desc&per_page=100&page=1",
        "{}",
        status=403,
        x_ratelimit_remaining="0",
    )
    steps = list(source("github", web=web, repositories=["quiet/models"]).fetch(None))
    told = [str(step) for step in steps if isinstance(step, SourceError)]
    assert "asked too often" in told[0] and len(told) == 2  # and one for the feed, which is on another host
    assert [step for step in steps if isinstance(step, Fetched)] == []


@pytest.mark.parametrize("settings", [{}, {"user": "a/b"}, {"repositories": ["models"]}, {"user": "a", "starred": -1}])
def test_what_cannot_be_a_name_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        build(settings, {})
