"""Settings: what is written is read, and what is not written has a value."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.errors import ConfigError
from config.settings import Settings, load, parse
from tests.config.written import OWNER


def test_an_owner_is_all_that_is_needed(toml: Path) -> None:
    toml.write_text(OWNER)
    settings = load(toml)
    assert settings.owner.handle == "me@home.example"
    assert settings.owner.zone == ZoneInfo("UTC")
    assert (settings.digest.entries, settings.channel.kind, settings.model.kind) == (8, "terminal", "auto")
    assert settings.sources == ()


def test_everything_that_can_be_set_is_read(toml: Path) -> None:
    toml.write_text(
        """
        data = "somewhere"
        [owner]
        handle = "@me@home.example"
        time_zone = "Europe/Berlin"
        languages = ["en", "de"]
        interests = "more on rail, no crypto"
        [digest]
        entries = 5
        explore = 0
        window_hours = 24
        form = "compact"
        home_marker = false
        [feedback]
        more = ["🐦"]
        [embedding]
        name = "some/model"
        threads = 1
        [model]
        kind = "none"
        [[sources]]
        kind = "mastodon"
        base_url = "https://home.example"
        [[sources]]
        kind = "sample"
        [channel]
        kind = "mastodon"
        base_url = "https://bot.example"
        """
    )
    settings = load(toml)
    assert settings.owner.handle == "me@home.example"
    assert settings.owner.zone == ZoneInfo("Europe/Berlin")
    assert settings.data == toml.parent / "somewhere"
    assert (settings.digest.entries, settings.digest.form, settings.digest.home_marker) == (5, "compact", False)
    assert settings.feedback.more == ("🐦",)
    assert settings.feedback.less, "what is not named keeps its meaning"
    assert [source.kind for source in settings.sources] == ["mastodon", "sample"]
    assert settings.sources[0].options == {"base_url": "https://home.example"}


def test_several_channels_are_told_in_their_order_and_one_or_none_goes_on_working(toml: Path) -> None:
    for lines, kinds in (
        ("[[channels]]\nkind = 'telegram'\n[[channels]]\nkind = 'mastodon'", ["telegram", "mastodon"]),
        ("[channel]\nkind = 'telegram'", ["telegram"]),
        ("", ["terminal"]),
    ):
        toml.write_text(OWNER + lines)
        assert [place.kind for place in load(toml).places] == kinds


def test_a_schedule_is_read_as_times_and_dates() -> None:
    table = {"hours": ["18:30", "8"], "days": ["sun"], "quiet": "22:30-7", "vacations": ["2026-08-01/2026-08-14"]}
    schedule = parse({"owner": {"handle": "me@home.example"}, "schedule": table}).schedule
    assert schedule.times == (time(8), time(18, 30)) and schedule.weekdays == {6}
    assert schedule.quiet_hours == (time(22, 30), time(7))
    assert schedule.away == ((date(2026, 8, 1), date(2026, 8, 14)),)


def test_how_answers_sound_is_a_persona_or_words_of_the_owners() -> None:
    owner = {"handle": "me@home.example"}
    assert parse({"owner": owner}).persona == "assistant"
    for said in ("archivist", "Like a lighthouse keeper, in short sentences."):
        assert parse({"owner": owner, "model": {"kind": "none", "persona": said}}).persona == said
    for wrong in ("", 7, "x" * 201):
        with pytest.raises(ConfigError, match="persona is assistant, archivist, tutor, or your own words"):
            parse({"owner": owner, "model": {"kind": "none", "persona": wrong}})


def test_settings_are_frozen() -> None:
    settings = parse({"owner": {"handle": "me@home.example"}})
    for section, key, value in (
        (settings, "data", Path("x")),
        (settings.owner, "handle", "x"),
        (settings.model, "kind", "x"),
    ):
        with pytest.raises(ValidationError):
            setattr(section, key, value)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from([*Settings.model_fields, "handle", "kind"]) | st.text(max_size=8)


@given(table=st.dictionaries(keys, values | st.dictionaries(keys, values, max_size=3), max_size=4))
def test_whatever_is_written_there_is_read_or_refused_in_one_line(table: dict[str, object]) -> None:
    try:
        parse(table)
    except ConfigError as error:
        assert "\n" not in str(error)
        assert str(error).endswith(".")
