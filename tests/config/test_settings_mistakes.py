"""A mistake in the settings is told in one sentence that names the key and says what should stand there."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigError
from config.settings import load, parse, refuse_unknown
from tests.config.written import OWNER


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "the setting 'owner' is missing; the README shows an example."),
        ("[owner]", "the setting 'owner.handle' is missing; the README shows an example."),
        ('[owner]\nhandle = "me"', "'owner.handle' is 'me': "),
        ('[owner]\nhandle = "me@home@example"', "'owner.handle' is 'me@home@example': "),
        ("[owner]\nhandle = 7", "'owner.handle' is 7: "),
        (
            OWNER + 'time_zone = "Berlin"',
            "'owner.time_zone' is 'Berlin': 'Berlin' is not a time zone; write one such as",
        ),
        (OWNER + 'time_zone = "../etc"', "'owner.time_zone' is '../etc': "),
        (OWNER + 'timezone = "UTC"', "there is no setting 'owner.timezone'; did you mean 'time_zone'."),
        (OWNER + "[digests]\nentries = 3", "there is no setting 'digests'; did you mean 'digest'."),
        (OWNER + "[digest]\nentrys = 3", "there is no setting 'digest.entrys'; did you mean 'entries'."),
        (OWNER + "[digest]\nxyzzy = 3", "there is no setting 'digest.xyzzy'; there are: discovery, entries, explore, "),
        (OWNER + "[digest]\nentries = 0", "'digest.entries' is 0: "),
        (OWNER + '[digest]\nentries = "many"', "'digest.entries' is 'many': "),
        (OWNER + "[digest]\nwindow_hours = 1000", "'digest.window_hours' is 1000: "),
        (OWNER + "[digest]\nwindow_hours = nan", "'digest.window_hours' is nan: "),
        (OWNER + '[digest]\nform = "novel"', "'digest.form' is 'novel': "),
        (OWNER + "[feedback]\nlove = ['x']", "there is no setting 'feedback.love'"),
        (OWNER + "[embedding]\nthreads = -1", "'embedding.threads' is -1: "),
        (OWNER + "[[sources]]\nurl = 'x'", "the setting 'sources.0.kind' is missing"),
        (OWNER + "[channel]\nkind = 3", "'channel.kind' is 3: "),
        (OWNER + "[[channels]]\nkind = 3", "'channels.0.kind' is 3: "),
        ("owner = 3", "'owner' is 3: "),
        ("sources = 3\n" + OWNER, "'sources' is 3: "),
    ],
)
def test_a_mistake_is_told_in_one_sentence_that_names_the_key(toml: Path, lines: str, told: str) -> None:
    toml.write_text(lines)
    with pytest.raises(ConfigError) as refused:
        load(toml)
    sentence = str(refused.value)
    assert sentence.startswith(f"{toml}: {told}")
    assert sentence.endswith(".")
    assert not sentence.endswith("..")
    assert "\n" not in sentence
    assert "pydantic" not in sentence


@pytest.mark.parametrize(
    ("lines", "wish"),
    [
        ('[owner]\nhandle = "me"', "write it like name@host."),
        (OWNER + "[digest]\nentries = 0", "it must be at least 1."),
        (OWNER + "[digest]\nentries = 99", "it can be at most 30."),
        (OWNER + '[digest]\nentries = "many"', "write a whole number."),
        (OWNER + '[digest]\nentries = "8"', "write a whole number."),
        (OWNER + "[digest]\nentries = 8.0", "write a whole number."),
        (OWNER + "[digest]\nexplore = false", "write a whole number."),
        (OWNER + '[digest]\nwindow_hours = "36"', "write a number."),
        (OWNER + "[digest]\nfloor = true", "write a number."),
        (OWNER + "[digest]\nhome_marker = 1", "write true or false."),
        (OWNER + '[digest]\nquote_followers_only = "yes"', "write true or false."),
        (OWNER + '[schedule]\ncollect_minutes = "15"', "write a number."),
        (OWNER + "[embedding]\nthreads = true", "write a whole number."),
        (OWNER + "[digest]\nfloor = []", "write a number."),
        (OWNER + '[digest]\nhome_marker = "perhaps"', "write true or false."),
        (OWNER + '[digest]\nform = "novel"', "write 'thread' or 'compact'."),
        (OWNER + "languages = 7", 'make it a list, such as ["…"].'),
        (OWNER + "interests = 7", "put it in quotes."),
        (OWNER + '[schedule]\nhours = ["25:00"]', "write it like 8:00."),
        (OWNER + "[schedule]\nhours = []", "there must be at least 1."),
        (OWNER + "[schedule]\ndays = []", "there must be at least 1."),
        (OWNER + "[sources]\nkind = 'mastodon'", "write [[sources]] above each, in two brackets."),
        (OWNER + "[channels]\nkind = 'mastodon'", "write [[channels]] above each, in two brackets."),
        (OWNER + '[schedule]\nvacations = ["summer"]', "write it like 2026-08-01/2026-08-14."),
        (OWNER + '[schedule]\nquiet = "at night"', "write it like 22-7 or 22:30-7."),
        ("data = 3\n" + OWNER, "put a path in quotes."),
        ("owner = 3", "make it a table, with its keys below its name in brackets."),
    ],
)
def test_a_mistake_says_what_should_stand_there(toml: Path, lines: str, wish: str) -> None:
    toml.write_text(lines)
    with pytest.raises(ConfigError) as refused:
        load(toml)
    assert str(refused.value).endswith(wish)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "[channel]\nkind = 'telegram'\n[[channels]]\nkind = 'mastodon'",
            "write either one [channel], or a [[channels]]",
        ),
        ("[[channels]]\nkind = 'mastodon'\n" * 2, "name each kind once"),
        ("[[channels]]\nkind = 'telegram'\n[[channels]]\nkind = 'terminal'", "leave out the terminal"),
    ],
)
def test_channels_that_cannot_be_together_are_told(toml: Path, lines: str, told: str) -> None:
    toml.write_text(OWNER + lines)
    with pytest.raises(ConfigError) as refused:
        load(toml)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hours", ["25"]),
        ("hours", []),
        ("days", ["someday"]),
        ("quiet", "25-7"),
        ("quiet", "22-7:75"),
        ("quiet", "7-7"),
        ("vacations", ["2026-02-30/2026-03-01"]),
        ("vacations", ["2026-08-14/2026-08-01"]),
    ],
)
def test_a_schedule_that_no_calendar_has_is_refused(key: str, value: object) -> None:
    with pytest.raises(ConfigError, match=rf"schedule\.{key}"):
        parse({"owner": {"handle": "me@home.example"}, "schedule": {key: value}})


def test_a_file_that_is_not_there_says_what_to_do(toml: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"^There is no .*magpie.toml: write one .* or try Magpie with 'magpie demo'\.$"
    ):
        load(toml)


@pytest.mark.parametrize("content", [b"[owner\n", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_told_in_one_sentence(toml: Path, content: bytes) -> None:
    toml.write_bytes(content)
    with pytest.raises(ConfigError, match=r"^.*magpie.toml cannot be read: [^\n]+\.$"):
        load(toml)


def test_a_folder_is_no_file_of_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_module_refuses_what_it_does_not_know() -> None:
    refuse_unknown({"base_url": 1}, {"base_url"}, "The source mastodon")
    with pytest.raises(ConfigError, match=r"^The source mastodon has no setting 'baseurl'; did you mean 'base_url'\.$"):
        refuse_unknown({"baseurl": 1}, {"base_url", "lists"}, "The source mastodon")
    with pytest.raises(ConfigError, match=r"^The channel terminal has no setting 'x'; take it out\.$"):
        refuse_unknown({"x": 1}, set(), "The channel terminal")
