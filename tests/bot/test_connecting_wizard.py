"""``magpie init`` writes a magpie.toml that loads, whatever is answered, and replaces none without asking."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from agents.models import build as build_model
from bot.channels.mastodon import MastodonChannel
from bot.cli import connect
from bot.cli.app import app
from bot.connecting import interview, wizard
from bot.connecting.instance import Handle
from bot.connecting.wizard import Answers, settings_file
from config.errors import ConfigError, MagpieError
from config.settings import load, parse

ALL = [
    *("--handle", "@me@home.example", "--instance", "home.example", "--bot-handle", "@my_magpie@bots.example"),
    *("--bot-instance", "https://web.bots.example", "--channel", "mastodon", "--hour", "7:30, 18", "--model", "none"),
    *("--time-zone", "Europe/Berlin", "--languages", "de,en", "--interests", 'rail, "bees" \\ no crypto'),
]

REALLY_FIND = connect._find


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, and no network to find servers by."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connect, "_find", lambda handle: f"web.{handle.host}")
    monkeypatch.setattr(interview, "likely_time_zone", lambda: "Asia/Kolkata")
    monkeypatch.setattr(interview, "likely_languages", lambda: ("hi", "en"))
    monkeypatch.setattr(interview, "likely_model", lambda: "none")
    return tmp_path


def init(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["init", *words], input=typed)


def test_what_is_given_is_written_and_loads(here: Path) -> None:
    done = init(*ALL, "--yes")
    assert done.exit_code == 0, done.output
    assert done.output.endswith("Next: magpie login, then magpie login --bot, then magpie run.\n")
    settings = load(here / "magpie.toml")
    assert settings.owner.handle == "me@home.example"
    assert settings.owner.time_zone == "Europe/Berlin"
    assert settings.owner.languages == ("de", "en")
    assert settings.owner.interests == 'rail, "bees" \\ no crypto'
    assert [f"{time:%H:%M}" for time in settings.schedule.times] == ["07:30", "18:00"]
    assert settings.sources[0].options == {"instance": "home.example"}
    assert settings.channel.options == {"instance": "web.bots.example", "handle": "my_magpie@bots.example"}
    assert settings.model.kind == "none"


def test_both_channels_are_asked_for_and_written(here: Path) -> None:
    done = init(*ALL, "--yes", "--channel", "both")
    assert "magpie login --bot, then magpie login --telegram, then magpie run." in done.output
    settings = load(here / "magpie.toml")
    assert [place.kind for place in settings.places] == ["mastodon", "telegram"]
    assert settings.places[0].options == {"instance": "web.bots.example", "handle": "my_magpie@bots.example"}


def test_the_file_explains_itself_and_what_is_commented_out_can_be_used(here: Path) -> None:
    init(*ALL, "--yes")
    text = (here / "magpie.toml").read_text("utf-8")
    assert text.count("#") > 8
    lines = [line.removeprefix("# ") if " = " in line else line for line in text.splitlines()]
    settings = parse(tomllib.loads("\n".join(lines)))
    assert settings.schedule.quiet == "22-7"
    assert settings.sources[0].options["lists"] == ["Close friends"]


def test_the_settings_build_what_they_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.build import Magpie

    init(*ALL, "--yes")
    monkeypatch.setenv("MAGPIE_OWNER_TOKEN", "o")
    monkeypatch.setenv("MAGPIE_BOT_TOKEN", "b")
    magpie = Magpie(load(here / "magpie.toml"))
    assert isinstance(magpie.channel, MastodonChannel)
    assert magpie.sources[0].name == "mastodon"
    assert build_model(magpie.settings.model.kind, magpie.settings.model.options, here) is None


def test_with_yes_only_the_handle_is_needed(here: Path) -> None:
    done = init("--yes", "--handle", "me@home.example")
    assert done.exit_code == 0, done.output
    assert done.output.endswith("Next: magpie login, then magpie run.\n")
    settings = load(here / "magpie.toml")
    assert settings.channel.kind == "terminal"
    assert (settings.owner.time_zone, settings.owner.languages) == ("Asia/Kolkata", ("hi", "en"))
    assert settings.sources[0].options == {"instance": "web.home.example"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--handle is needed"),
        (["--handle", "me"], "'me' is no handle"),
        (["--handle", "me@home.example", "--channel", "mastodon"], "--bot-handle is needed"),
        (["--handle", "me@home.example", "--channel", "fax"], "'fax' is none of mastodon, telegram, both, terminal"),
        (["--handle", "me@home.example", "--hour", "25"], "'schedule.hours.0' is '25'"),
        (["--handle", "me@home.example", "--time-zone", "Berlin"], "'Berlin' is not a time zone"),
        (["--handle", "me@home.example", "--model", "gpt"], "'gpt' is none of none, local, mlx, openai"),
        (["--handle", "me@home.example", "--instance", "ftp://x"], "is no server"),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence_and_nothing_is_written(here: Path, words: list[str], told: str) -> None:
    done = init("--yes", *words)
    assert isinstance(done.exception, ConfigError)
    assert told in str(done.exception)
    assert str(done.exception).endswith(".")
    assert not (here / "magpie.toml").exists()


def test_questions_are_put_again_until_the_answer_can_be(here: Path) -> None:
    typed = [
        *("nell", "@nell@home.example", "", "fax", "mastodon", "@bird@home.example", ""),
        *("8:75", "9", "Berlin", "", "", "", "gpt", "", "n", "n"),
    ]
    done = init(typed="\n".join(typed) + "\n")
    assert done.exit_code == 0, done.output
    for error in (
        "'nell' is no handle",
        "'fax' is none of",
        "is '8:75'",
        "'Berlin' is not a time zone",
        "'gpt' is none",
    ):
        assert error in done.output
    settings = load(here / "magpie.toml")
    assert settings.owner.handle == "nell@home.example"
    assert settings.channel.options["handle"] == "bird@home.example"
    assert settings.schedule.hours == ("9",)
    assert "Connect @nell@home.example now?" in done.output
    assert "Connect @bird@home.example now?" in done.output
    assert done.output.endswith("Next: magpie login, then magpie login --bot, then magpie run.\n")


def test_logins_that_are_wanted_are_gone_through(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def login(settings: object, role: str, *_: object) -> None:
        asked.append(role)
        if role == "bot":
            raise ConfigError("The bot is asleep.")

    monkeypatch.setattr(connect, "_login", login)
    done = init(*ALL, typed="y\ny\n")
    assert asked == ["owner", "bot"]
    assert "magpie: The bot is asleep." in done.output
    assert done.output.endswith("Next: magpie login --bot, then magpie run.\n")


def test_a_magpie_toml_is_not_replaced_without_asking(here: Path) -> None:
    (here / "magpie.toml").write_text("mine")
    for done in (init(*ALL, "--yes"), init(*ALL, typed="n\n")):
        assert isinstance(done.exception, ConfigError)
        assert "stays as it is: use --overwrite" in str(done.exception)
        assert (here / "magpie.toml").read_text() == "mine"
    assert init(*ALL, "--yes", "--overwrite").exit_code == 0
    assert load(here / "magpie.toml").owner.handle == "me@home.example"


def test_it_is_replaced_when_the_owner_says_so(here: Path) -> None:
    (here / "magpie.toml").write_text("mine")
    assert init(*ALL, typed="y\nn\nn\n").exit_code == 0
    assert load(here / "magpie.toml").owner.handle == "me@home.example"


def test_a_folder_that_cannot_be_written_is_told(here: Path) -> None:
    (here / "file").write_text("")
    done = init(*ALL, "--yes", "--config", str(here / "file" / "magpie.toml"))
    assert isinstance(done.exception, MagpieError)
    assert "cannot be written" in str(done.exception)


def test_a_model_that_is_served_needs_its_address_and_name(here: Path) -> None:
    words = ["--model", "openai", "--model-base-url", "http://127.0.0.1:1234/v1", "--model-name", "tiny"]
    done = init("--yes", "--handle", "me@home.example", *words)
    assert done.exit_code == 0, done.output
    options = load(here / "magpie.toml").model.options
    assert options == {"base_url": "http://127.0.0.1:1234/v1", "name": "tiny"}


@pytest.mark.parametrize(
    ("platform", "machine", "model"),
    [
        ("darwin", "arm64", "mlx"),
        ("darwin", "x86_64", "none"),
        ("linux", "aarch64", "none"),
        ("win32", "arm64", "none"),
    ],
)
def test_mlx_is_likely_on_apple_silicon(
    monkeypatch: pytest.MonkeyPatch, platform: str, machine: str, model: str
) -> None:
    monkeypatch.setattr(wizard.sys, "platform", platform)
    monkeypatch.setattr(wizard.platform, "machine", lambda: machine)
    assert wizard.likely_model() == model


@pytest.mark.parametrize(
    ("lang", "languages"), [("de_DE.UTF-8", ("de",)), ("C.UTF-8", ("en",)), ("", ("en",)), ("POSIX", ("en",))]
)
def test_the_language_of_the_session_is_likely(
    monkeypatch: pytest.MonkeyPatch, lang: str, languages: tuple[str, ...]
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", lang)
    assert wizard.likely_languages() == languages


def test_the_time_zone_of_the_machine_is_likely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Australia/Lord_Howe")
    assert wizard.likely_time_zone() == "Australia/Lord_Howe"
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: 1 / 0)
    assert wizard.likely_time_zone() == "UTC"


def test_a_server_that_cannot_be_asked_is_taken_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert REALLY_FIND(Handle("me", "127.0.0.1:1")) == "127.0.0.1:1"
    assert "127.0.0.1:1 cannot be reached" in capsys.readouterr().err


@example(words="\x7f")
@given(words=st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_is_answered_is_read_back_as_it_was(words: str) -> None:
    answers = Answers("me@home.example", "home.example", "terminal", interests=words, languages=(words,))
    owner = parse(tomllib.loads(settings_file(answers))).owner
    assert (owner.interests, owner.languages) == (words, (words,))
