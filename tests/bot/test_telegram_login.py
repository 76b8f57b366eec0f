"""magpie login --telegram: whoever opens the link that only the screen shows is the owner, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

pytest.importorskip("telegram")

from bot.build import Magpie
from bot.channels.telegram import TelegramChannel
from bot.cli.app import app
from bot.cli.connect_telegram import log_in as log_in_there
from bot.connecting import telegram
from bot.connecting.telegram import Meeting
from bot.doctor import Health
from config.errors import ChannelError, ConfigError
from config.settings import load
from config.tokens import Tokens
from tests.bot.patients import findings, found, magpie
from tests.bot.street import opening
from tests.telegram import faults
from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town

OWNER = "nell@mock.local"


@pytest.fixture
def town() -> Iterator[Town]:
    with telegram_town() as running:
        yield running


@dataclass
class Screen:
    """What it shows; each link that it shows somebody opens."""

    opens: list[tuple[User, str]]
    shown: list[str] = field(default_factory=list)

    def __call__(self, line: str) -> None:
        self.shown.append(line)
        link = re.search(r"https://t\.me/magpie_of_nell_bot\?start=([\w-]{20,64})\n", line)
        for person, code in self.opens if link else ():
            person.starts(code or (link[1] if link else ""))


def meeting(screen: Screen, **more: Any) -> Meeting:
    return Meeting(screen, **{"patience": 20.0, "wait": 1, "sleep": lambda seconds: None, **more})


def test_whoever_shows_the_code_is_the_owner_and_is_greeted(town: Town) -> None:
    eve, nell = town.person("Eve"), town.person("Nell")
    screen = Screen([(eve, ""), (nell, "")])
    screen.opens[0] = (eve, "guessed")
    login = meeting(screen).held(SecretStr(town.token), town.url)
    assert (login.owner_id, login.handle, login.role) == (nell.id, "magpie_of_nell_bot", "telegram")
    assert "hears you here, and nobody else" in town.said(nell)[0].text
    assert town.said(eve) == []
    assert town.commands, "the menu is there"
    assert town.token not in repr(login) + "".join(screen.shown)
    assert "press START within 20 seconds" in screen.shown[0]


def test_the_code_counts_in_a_private_chat_only(town: Town) -> None:
    nell = town.person("Nell", started=True)
    group = town.group("The street")
    nell.adds_bot_to(group)

    def says_it_aloud(line: str) -> None:
        if found := re.search(r"start=(\S+)", line):
            nell.says(f"/start {found[1]}", chat=group)

    with pytest.raises(ConfigError, match="Nobody pressed START within 0 seconds: log in again"):
        Meeting(says_it_aloud, patience=0.3, wait=0, sleep=lambda seconds: None).held(SecretStr(town.token), town.url)


def test_what_waits_for_a_bot_that_is_logged_in_anew_is_not_lost(town: Town) -> None:
    nell = town.person("Nell", started=True)
    nell.says("2 👎")
    login = meeting(Screen([(nell, "")])).held(SecretStr(town.token), town.url)
    channel = TelegramChannel(login.base_url, login.owner_id, login.token)
    heard = list(channel.listen(None))
    channel.close()
    assert [getattr(one, "text", "") for one in heard[:1]] == ["2 👎"]


def test_many_who_knock_do_not_hide_the_owner(town: Town) -> None:
    eve, nell = town.person("Eve", started=True), town.person("Nell")
    for number in range(130):
        eve.says(f"/start {number}")
    assert meeting(Screen([(nell, "")])).held(SecretStr(town.token), town.url).owner_id == nell.id


@pytest.mark.parametrize("token", ["", "hello", "12:", ":abc"])
def test_what_is_no_token_is_asked_nowhere(town: Town, token: str) -> None:
    with pytest.raises(ConfigError, match="no token of a bot"):
        meeting(Screen([])).held(SecretStr(token), town.url)
    assert town.calls == []


def test_a_token_that_telegram_refuses_is_not_kept(town: Town) -> None:
    with pytest.raises(ConfigError, match=r"refuses the bot's token.*Nothing was kept") as told:
        meeting(Screen([])).held(SecretStr(f"7000000001:{'y' * 35}"), town.url)
    assert "yyy" not in str(told.value)


def test_while_telegram_is_away_nothing_is_kept(town: Town) -> None:
    town.faults.add("getMe", faults.gateway(), times=50)
    with pytest.raises(ChannelError, match=r"is in trouble.*Nothing was kept"):
        meeting(Screen([])).held(SecretStr(town.token), town.url)


# -- the command


@pytest.fixture
def home(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAGPIE_TELEGRAM_TOKEN", raising=False)
    monkeypatch.setattr("config.tokens.system_keyring", lambda: None)
    monkeypatch.setattr(telegram, "_LOOK", 0.02)
    table = f'[channel]\nkind = "telegram"\nbase_url = "{town.url}"\n'
    (tmp_path / "magpie.toml").write_text(f'[owner]\nhandle = "{OWNER}"\n[[sources]]\nkind = "sample"\n{table}')
    return tmp_path


def typed(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=given)


class Terminal:
    """Where somebody sits."""

    def isatty(self) -> bool:
        return True


def log_in(town: Town, nell: User, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Nell opens the link as soon as it is shown."""
    monkeypatch.setattr(telegram.secrets, "token_urlsafe", lambda size: "the-code-of-this-test")
    with opening(town, nell, "the-code-of-this-test"):
        return typed("login", "--telegram", "--file", given=f"{town.token}\n")


def test_the_command_keeps_the_token_and_who_the_owner_is(
    town: Town, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nell = town.person("Nell")
    done = log_in(town, nell, monkeypatch)
    assert done.exit_code == 0, done.output
    assert "@magpie_of_nell_bot is connected, and you are its owner." in done.output
    assert "https://t.me/magpie_of_nell_bot?start=the-code-of-this-test" in done.output
    assert town.token not in done.output
    assert (home / "data" / "tokens.json").stat().st_mode & 0o077 == 0
    channel = Magpie(load(home / "magpie.toml")).channel
    assert isinstance(channel, TelegramChannel)
    assert (channel.owner_id, channel.token.get_secret_value()) == (nell.id, town.token)
    out = typed("logout", "--telegram")
    assert "is forgotten here" in out.output and "/revoke" in out.output
    assert Tokens(home / "data", OWNER).known() == {}
    with pytest.raises(ConfigError, match="magpie login --telegram"):
        _ = Magpie(load(home / "magpie.toml")).channel


@pytest.mark.parametrize("given", ["", "\n", "hello\n"])
def test_what_is_typed_in_place_of_a_token_is_told_and_shown_nowhere(home: Path, given: str) -> None:
    done = typed("login", "--telegram", "--file", given=given)
    assert isinstance(done.exception, ConfigError) and "no token of a bot" in str(done.exception)
    assert "hello" not in done.output + str(done.exception)
    assert not (home / "data" / "tokens.json").exists()


@pytest.mark.parametrize("beside", ["@me@home.example", "--bot", "--paste"])
def test_what_means_nothing_beside_telegram_is_told_before_a_token_is_asked_for(home: Path, beside: str) -> None:
    done = typed("login", "--telegram", beside)
    assert (done.exit_code, "by its token alone" in " ".join(done.output.split())) == (2, True), done.output


def test_on_a_terminal_the_token_is_asked_for_and_not_echoed(
    town: Town, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []

    def prompt(words: str, hide_input: bool = False) -> str:
        asked.append((words, hide_input))
        return "hello"

    monkeypatch.setattr("bot.cli.connect_telegram.sys.stdin", Terminal())
    monkeypatch.setattr("bot.cli.connect_telegram.typer.prompt", prompt)
    with pytest.raises(ConfigError, match="no token of a bot"):
        log_in_there(Magpie(load(home / "magpie.toml")))
    assert asked == [("Token", True)]


def test_a_token_in_the_environment_comes_first(town: Town, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert log_in(town, town.person("Nell"), monkeypatch).exit_code == 0
    monkeypatch.setenv("MAGPIE_TELEGRAM_TOKEN", "99:other")
    channel = Magpie(load(home / "magpie.toml")).channel
    assert isinstance(channel, TelegramChannel)
    assert channel.token.get_secret_value() == "99:other"
    assert "stays there" in typed("logout", "--telegram").output


def test_there_may_be_nothing_to_log_out_of(home: Path) -> None:
    assert "No bot on Telegram is logged in." in typed("logout", "--telegram").output


def test_init_can_choose_telegram(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.cli.connect._find", lambda handle: handle.host)
    answers = ["--handle", "me@home.example", "--instance", "home.example", "--channel", "telegram"]
    answers += ["--hour", "8", "--time-zone", "UTC", "--languages", "en", "--interests", "bees", "--model", "none"]
    done = CliRunner().invoke(app, ["init", *answers], input="n\nn\n")
    assert done.exit_code == 0, done.output
    assert "Next: magpie login, then magpie login --telegram, then magpie run." in done.output
    assert load(tmp_path / "magpie.toml").channel.kind == "telegram"


# -- the doctor


def patient(town: Town, data: Path, owner: int, **more: Any) -> Magpie:
    table = {"kind": "telegram", "base_url": town.url, "owner_id": owner, **more}
    one = magpie(data, {"channel": table}, telegram_token=town.token)
    return replace(one, given_channel=replace(one.channel, sleep=lambda seconds: None))  # type: ignore[type-var]


def test_the_doctor_finds_a_bot_well(town: Town, tmp_path: Path) -> None:
    nell = town.person("Nell", started=True)
    said = findings(patient(town, tmp_path, nell.id), "channel")
    assert [finding.health for finding in said] == [Health.WELL] * 4, said
    assert said[0].found == "that of @magpie_of_nell_bot"
    assert not town.called("getUpdates"), "another Magpie may be at it"


def test_the_doctor_looks_at_each_of_several_channels_by_its_name(town: Town, tmp_path: Path) -> None:
    nell = town.person("Nell", started=True)
    telegram = {"kind": "telegram", "base_url": town.url, "owner_id": nell.id}
    mastodon = {"kind": "mastodon", "instance": "home.example", "handle": "no handle"}
    said = findings(magpie(tmp_path, {"channels": [mastodon, telegram]}, telegram_token=town.token), "channel")
    assert said[0].name == "mastodon" and said[0].health is Health.FAULT
    assert [one.name.split()[0] for one in said[1:]] == ["telegram"] * 4
    assert {one.health for one in said[1:]} == {Health.WELL}


def test_the_doctor_sees_that_the_owner_has_not_come(town: Town, tmp_path: Path) -> None:
    finding = found(patient(town, tmp_path, town.person("Nell").id), "owner", "channel")
    assert (finding.health, "press START" in finding.advice) == (Health.FAULT, True)


def test_the_doctor_sees_a_token_that_is_revoked(town: Town, tmp_path: Path) -> None:
    one = patient(town, tmp_path, 1)
    town.token = f"7000000001:{'z' * 35}"
    (finding,) = findings(one, "channel")
    assert (finding.name, finding.health) == ("token", Health.FAULT)


def test_the_doctor_sees_how_updates_come(town: Town, tmp_path: Path) -> None:
    nell = town.person("Nell", started=True)
    town.webhook["url"] = "https://old.example/hook"
    assert "does not name" in found(patient(town, tmp_path, nell.id), "updates", "channel").found
    wanted = patient(town, tmp_path, nell.id, webhook="https://new.example/hook")
    assert "does not know the webhook" in found(wanted, "updates", "channel").found
    town.webhook.clear()


def test_the_doctor_says_that_telegram_is_away(town: Town, tmp_path: Path) -> None:
    town.faults.add("getMe", faults.gateway(), times=9)
    (finding,) = findings(patient(town, tmp_path, 1), "channel")
    assert (finding.health, "is in trouble" in finding.found) == (Health.FAULT, True)
