"""Settings: a mistake is told in one sentence that names the key, and no token is ever shown."""

from __future__ import annotations

import io
import logging
import pickle
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from config.errors import ConfigError
from config.settings import Secrets, Settings, load, parse, refuse_unknown

OWNER = '[owner]\nhandle = "me@home.example"\n'
TOKEN = "s3cr3t-t0ken"


@pytest.fixture(autouse=True)
def no_secrets_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a .env file that lies about nor the environment has a say."""
    monkeypatch.chdir(tmp_path)
    for name in ("MAGPIE_OWNER_TOKEN", "MAGPIE_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "magpie.toml"


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


def test_several_channels_are_told_in_their_order_and_one_or_none_goes_on_working(toml: Path) -> None:
    for lines, kinds in (
        ("[[channels]]\nkind = 'telegram'\n[[channels]]\nkind = 'mastodon'", ["telegram", "mastodon"]),
        ("[channel]\nkind = 'telegram'", ["telegram"]),
        ("", ["terminal"]),
    ):
        toml.write_text(OWNER + lines)
        assert [place.kind for place in load(toml).places] == kinds


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


def test_a_file_of_secrets_that_cannot_be_read_is_told_and_not_repeated(tmp_path: Path, toml: Path) -> None:
    (tmp_path / ".env").write_bytes(f"MAGPIE_BOT_TOKEN={TOKEN}\n".encode() + b"\xff\xfe")
    toml.write_text(OWNER)
    with pytest.raises(
        ConfigError, match=r"^The file \S*\.env cannot be read: it is no text in UTF-8; correct it"
    ) as told:
        load(toml)
    assert TOKEN not in f"{told.value!r} {told.value.__cause__!r}"


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


def test_settings_are_frozen() -> None:
    settings = parse({"owner": {"handle": "me@home.example"}})
    for section, key, value in (
        (settings, "data", Path("x")),
        (settings.owner, "handle", "x"),
        (settings.model, "kind", "x"),
    ):
        with pytest.raises(ValidationError):
            setattr(section, key, value)


def test_a_module_refuses_what_it_does_not_know() -> None:
    refuse_unknown({"base_url": 1}, {"base_url"}, "The source mastodon")
    with pytest.raises(ConfigError, match=r"^The source mastodon has no setting 'baseurl'; did you mean 'base_url'\.$"):
        refuse_unknown({"baseurl": 1}, {"base_url", "lists"}, "The source mastodon")
    with pytest.raises(ConfigError, match=r"^The channel terminal has no setting 'x'; take it out\.$"):
        refuse_unknown({"x": 1}, set(), "The channel terminal")


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


def test_secrets_are_asked_for_only_when_settings_are_read() -> None:
    assert Secrets().owner_token.get_secret_value() == ""
    assert TOKEN not in repr(pickle.dumps(Secrets()))


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
