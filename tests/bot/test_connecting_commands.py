"""magpie login and magpie logout, typed in a folder with a magpie.toml, and what they do on a running mastodon_mock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.build import Magpie
from bot.cli.app import app
from bot.connecting import landing
from bot.connecting.bot_account import line
from bot.connecting.instance import parse_handle
from bot.connecting.login import SCOPES
from config import tokens as kept_tokens
from config.errors import ChannelError, MagpieError
from config.settings import load
from config.tokens import Tokens
from tests.bot.login_server import BIO, BOT, OWNER, Server, nobody_there, running_server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def server(running: Server) -> Server:
    running.mock.reset()
    running.seen.clear()
    return running


@pytest.fixture(autouse=True)
def no_keyring_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAGPIE_OWNER_TOKEN", raising=False)
    monkeypatch.delenv("MAGPIE_BOT_TOKEN", raising=False)
    monkeypatch.setattr(landing, "browser_at_hand", lambda: False)
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(keyring, "get_keyring", lambda: None)
    assert kept_tokens.system_keyring() is None


@dataclass
class Home:
    """A folder with a magpie.toml, and the commands typed there."""

    folder: Path
    server: Server

    def magpie(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, list(words), input=typed)

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.folder / "data", OWNER)

    def settings(self, url: str) -> None:
        table = f'kind = "mastodon"\ninstance = "{url}"\n'
        text = f'[owner]\nhandle = "{OWNER}"\n[[sources]]\n{table}[channel]\n{table}handle = "{BOT}"\n'
        (self.folder / "magpie.toml").write_text(text)


@pytest.fixture
def home(tmp_path: Path, server: Server) -> Home:
    there = Home(tmp_path, server)
    there.settings(server.url)
    return there


def sentence(result: Result) -> str:
    """The one sentence of a command that failed."""
    assert isinstance(result.exception, MagpieError), result.output
    assert str(result.exception).endswith(".")
    assert str(result.exception).count(". ") == 0
    return str(result.exception)


def test_login_and_logout(home: Home) -> None:
    done = home.magpie("login", "--paste", typed="mockcode_nell\n")
    assert done.exit_code == 0, done.output
    assert "@nell@mock.local is connected. The token is kept in data/tokens.json" in done.output
    token = home.tokens.token("owner").get_secret_value()
    assert home.server.tokens() == [token]
    assert token not in done.output
    done = home.magpie("logout")
    assert "logged out: the token is revoked and forgotten" in done.output
    assert home.server.tokens() == []
    assert home.tokens.known() == {}
    assert "The owner is not logged in." in home.magpie("logout").output


def test_a_browser_is_used_where_there_is_one(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landing, "browser_at_hand", lambda: True)
    monkeypatch.setattr("webbrowser.open", home.server.person("nell"))
    assert home.magpie("login", "@nell@Mock.Local").exit_code == 0
    assert home.tokens.known() == {"owner": OWNER}


def test_the_tokens_reach_the_source_and_the_channel(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    home.magpie("login", "--bot", "--paste", "--no-profile", typed="mockcode_magpie\n")
    magpie = Magpie(load(home.folder / "magpie.toml"))
    assert magpie.sources[0].token == home.tokens.token("owner")  # type: ignore[attr-defined]
    assert magpie.channel.token == home.tokens.token("bot")  # type: ignore[attr-defined]


def test_the_environment_comes_first(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGPIE_OWNER_TOKEN", "from-outside")
    done = home.magpie("login", "--paste", typed="mockcode_nell\n")
    assert "MAGPIE_OWNER_TOKEN is in the environment, and comes before the login." in done.output
    source = Magpie(load(home.folder / "magpie.toml")).sources[0]
    assert source.token.get_secret_value() == "from-outside"  # type: ignore[attr-defined]


def test_a_login_anew_gives_the_old_token_back(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    old = home.server.tokens()
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    assert len(home.server.tokens()) == 1
    assert home.server.tokens() != old


def test_a_login_that_fails_leaves_the_one_before(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    before = home.server.tokens()
    assert "not as @nell" in sentence(home.magpie("login", "--paste", typed="mockcode_otto\n"))
    assert home.server.tokens() == before == [home.tokens.token("owner").get_secret_value()]


def test_unknown_handles_and_servers_are_told(home: Home) -> None:
    away = home.magpie("login", "--instance", nobody_there())
    assert "cannot be reached: check its name and your network" in sentence(away)
    assert isinstance(away.exception, ChannelError)
    assert "correct one of them" in sentence(home.magpie("login", "@nobody@mock.local"))
    text = (home.folder / "magpie.toml").read_text()
    (home.folder / "magpie.toml").write_text(text.replace(OWNER, "nobody@mock.local"))
    assert "knows no account @nobody@mock.local" in sentence(home.magpie("login"))
    assert "is no handle" in sentence(home.magpie("login", "nell"))
    assert "is no server for a login" in sentence(home.magpie("login", "--instance", "http://mock.local"))
    assert home.tokens.known() == {}


def test_a_file_of_tokens_that_others_can_read_is_told_before_anything_else(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    home.tokens.path.chmod(0o644)
    assert "chmod 600" in sentence(home.magpie("login", "--paste", typed="mockcode_nell\n"))
    assert "chmod 600" in sentence(home.magpie("logout"))
    assert len(home.server.tokens()) == 1


def test_logout_from_a_server_that_is_away(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    login = home.tokens.login("owner")
    assert login is not None
    home.tokens.keep(login.model_copy(update={"base_url": nobody_there()}))
    assert "cannot be reached" in (said := sentence(home.magpie("logout", "@nell@mock.local")))
    assert "with --force the token is forgotten here" in said
    assert home.tokens.known()
    forced = home.magpie("logout", "--force")
    assert forced.exit_code == 0
    assert "Revoke it on its server" in forced.output
    assert home.tokens.known() == {}


def test_logout_of_a_token_that_the_server_will_not_revoke(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    with home.server.mock.fault(path="/oauth/revoke", status=403):
        assert "Authorized apps" in sentence(home.magpie("logout"))
        assert home.tokens.known()
        with closing(sqlite3.connect(home.server.database)) as conn, conn:
            conn.execute("DELETE FROM oauth_tokens")  # as the owner does it in the server's preferences
        assert home.magpie("logout").exit_code == 0
    assert home.tokens.known() == {}


def test_logout_of_everybody(home: Home) -> None:
    home.magpie("login", "--paste", typed="mockcode_nell\n")
    home.magpie("login", "--bot", "--paste", "--no-profile", typed="mockcode_magpie\n")
    assert len(home.server.tokens()) == 2
    assert "Nobody is logged in as @otto@mock.local" in sentence(home.magpie("logout", "@otto@mock.local"))
    assert home.magpie("logout", "--all").exit_code == 0
    assert home.server.tokens() == []


# -- the bot's profile


def test_the_bot_is_marked_as_one_and_its_bio_says_whose_it_is(home: Home) -> None:
    home.server.mock.client("magpie").account_update_credentials(discoverable=True)
    done = home.magpie("login", "--bot", "--paste", typed="mockcode_magpie\nmockcode_magpie\n")
    assert done.exit_code == 0, done.output
    account = home.server.account("magpie")
    assert (account["bot"], account["discoverable"]) == (True, False)
    assert BIO in account["note"]
    assert line(parse_handle(OWNER)) in account["note"]
    assert "nobot" in account["note"]


def test_the_permission_to_change_the_profile_is_handed_back(home: Home) -> None:
    home.magpie("login", "--bot", "--paste", typed="mockcode_magpie\nmockcode_magpie\n")
    assert home.server.tokens() == [home.tokens.token("bot").get_secret_value()]
    scopes = home.server.rows("SELECT scopes FROM oauth_apps")
    assert any("write:accounts" in str(row) for row in scopes)
    login = home.tokens.login("bot")
    assert login is not None
    assert login.scopes == SCOPES["bot"]


def test_a_profile_that_says_it_already_is_left_alone(home: Home) -> None:
    home.magpie("login", "--bot", "--paste", typed="mockcode_magpie\nmockcode_magpie\n")
    note = home.server.account("magpie")["note"]
    again = home.magpie("login", "--bot", "--paste", typed="mockcode_magpie\n")
    assert again.exit_code == 0, again.output
    assert home.server.account("magpie")["note"] == note


@pytest.mark.parametrize("second", ["mockcode_wrong", "mockcode_otto"])
def test_without_that_permission_the_login_stands_and_it_is_told_what_to_do(home: Home, second: str) -> None:
    done = home.magpie("login", "--bot", "--paste", typed=f"mockcode_magpie\n{second}\n")
    assert done.exit_code == 1
    assert "Please mark @magpie@mock.local as an automated account yourself" in done.output
    assert home.server.tokens() == [home.tokens.token("bot").get_secret_value()]
    assert not home.server.account("otto")["bot"], "nobody else's profile is touched"
    assert not home.server.account("otto")["note"]


def test_an_account_to_speak_from_must_be_named(home: Home) -> None:
    (home.folder / "magpie.toml").write_text(f'[owner]\nhandle = "{OWNER}"\n')
    assert "names no account to speak from" in sentence(home.magpie("login", "--bot"))
