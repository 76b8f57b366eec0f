"""Tokens that would be recognised anywhere, and everything that Magpie writes: they lie in the file of tokens alone."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from bot.build import Magpie
from bot.cli.app import app
from bot.connecting import landing
from config.errors import MagpieError
from config.settings import load
from config.tokens import Login, Role, Tokens
from tests.fakes import HashedWords

OWNER, BOT = "nell@mock.local", "magpie@mock.local"
SEED = """
[[seed.accounts]]
username = "nell"
access_token = "seed-nell"
[[seed.accounts]]
username = "magpie"
[[seed.accounts]]
username = "odile"
[[seed.follows]]
follower = "nell"
following = "odile"
[[seed.statuses]]
account = "odile"
text = "A swarm of bees has settled in the bell tower, right under the clock. I need a ladder and a calm nephew."
[[seed.statuses]]
account = "odile"
text = "The sleeper to Vienna comes back in December, with real beds and a dining car as far as Linz."
"""
NOISY = (
    "httpx",
    "httpcore",
    "urllib3",
    "requests",
    "mastodon",
    "chromadb",
    "sqlalchemy",
    "alembic",
    "langgraph",
    "bot",
)


@dataclass
class Walk:
    """What Magpie did, where it wrote, and what it said."""

    folder: Path
    url: str
    spoken: list[str] = field(default_factory=list)  # errors, in all their forms
    logins: dict[Role, Login] = field(default_factory=dict)
    told: int = 0

    def magpie(self) -> Magpie:
        """As a process finds it that has just been started."""
        plain = Magpie(load(self.folder / "magpie.toml"))
        unhurried: dict[str, Any] = {"sleep": lambda seconds: None}
        return replace(
            plain,
            given_sources=[replace(source, **unhurried) for source in plain.sources],  # type: ignore[type-var]
            given_channel=replace(plain.channel, **unhurried),  # type: ignore[type-var]
            given_embedder=HashedWords(),
            given_web=None,
        )

    def type(self, *words: str, typed: str = "") -> None:
        """A command."""
        done = CliRunner().invoke(app, list(words), input=typed)
        self.spoken.append(done.output)
        if done.exception is not None:
            self.hear(done.exception)

    def hear(self, error: BaseException) -> None:
        """An error, as anything might write it down."""
        self.spoken += [str(error), repr(error), *traceback.format_exception(error)]
        logging.getLogger("bot").error("event=trouble", exc_info=error)

    @contextmanager
    def fault(self, path: str, status: int, body: Any = None) -> Iterator[None]:
        """Whatever is asked there is answered so."""
        effect = {"type": "status", "status": status, "body": body}
        rule = {"match": {"path": path}, "effect": effect, "count": None}
        requests.post(f"{self.url}/api/v1/_mock/faults", json=rule, timeout=5).raise_for_status()
        yield
        requests.delete(f"{self.url}/api/v1/_mock/faults", timeout=5).raise_for_status()

    def good_day(self) -> None:
        """Everything once, without trouble."""
        magpie = self.magpie()
        assert magpie.collector.collect(magpie.sources).counts["read"] >= 2
        magpie.editor.digest("mastodon")
        self.told = magpie.speak()
        self.ask_magpie()
        assert magpie.hear() == 1
        self.spoken += [repr(magpie), repr(magpie.sources), repr(magpie.channel), repr(magpie.tokens)]
        self.spoken += [repr(magpie.settings), magpie.settings.model_dump_json()]

    def ask_magpie(self) -> None:
        """The owner wants an answer."""
        message = {"status": "@magpie /status", "visibility": "direct"}
        nell = {"Authorization": "Bearer seed-nell"}
        requests.post(f"{self.url}/api/v1/statuses", data=message, headers=nell, timeout=5).raise_for_status()

    def bad_day(self, status: int, said: Any) -> None:
        """Whatever is asked of the server is refused."""
        for path in (
            "/api/v1/timelines/home",
            "/api/v1/notifications",
            "/api/v1/accounts/verify_credentials",
            "/api/v1/statuses",
        ):
            self.ask_magpie()
            with self.fault(path, status, said):
                magpie = self.magpie()
                for doing in (lambda: magpie.collector.collect(magpie.sources).failures, magpie.hear):  # noqa: B023
                    try:
                        self.spoken.append(str(doing()))
                    except MagpieError as error:
                        self.hear(error)
                magpie.store.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server in a process of its own: what it logs is not ours."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "mock.toml").write_text(SEED)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--config", str(folder / "mock.toml"), "--in-memory"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--domain", "mock.local"]
    command += ["--log-level", "error"]
    with subprocess.Popen(command, cwd=folder) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            wait_for(url, process)
            yield url
        finally:
            process.terminate()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server has ended by itself"
        try:
            requests.get(f"{url}/api/v2/instance", timeout=5).raise_for_status()
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server does not answer")


@contextmanager
def all_logged(path: Path) -> Iterator[None]:
    """Whatever anybody logs, to a file."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    loggers = [logging.getLogger(name) for name in ("", *NOISY)]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.Logger, "setLevel", lambda self, level: None)  # so that no command silences anybody
        patch.setattr(logging, "basicConfig", lambda **given: None)  # so that no command takes the file away
        yield
    logging.getLogger().removeHandler(handler)
    handler.close()
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="module")
def walk(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("magpie")
    table = f'kind = "mastodon"\ninstance = "{server}"\n'
    (folder / "magpie.toml").write_text(
        f'data = "{folder / "data"}"\n[owner]\nhandle = "{OWNER}"\n[digest]\nfloor = -100\n[model]\nkind = "none"\n'
        f'[[sources]]\n{table}[channel]\n{table}handle = "{BOT}"\n'
    )
    with pytest.MonkeyPatch.context() as patch, all_logged(folder / "magpie.log"):
        patch.chdir(folder)
        for name in ("MAGPIE_OWNER_TOKEN", "MAGPIE_BOT_TOKEN"):
            patch.delenv(name, raising=False)
        patch.setattr(landing, "browser_at_hand", lambda: False)
        patch.setattr("config.tokens.system_keyring", lambda: None)
        yield walked(Walk(folder, server))


def walked(walk: Walk) -> Walk:
    """Two logins, a good day, bad days, and a logout that fails."""
    walk.type("login", "--file", typed="mockcode_nell\n")
    walk.type("login", "--bot", "--file", typed="mockcode_magpie\nmockcode_magpie\n")
    for login in map(Tokens(walk.folder / "data", OWNER).login, ("owner", "bot")):
        assert login is not None, walk.spoken
        walk.logins[login.role] = login
    walk.good_day()
    walk.bad_day(500, {"error": "Something went wrong."})
    echo = " ".join(f"{login.token.get_secret_value()}" for login in walk.logins.values())
    walk.bad_day(401, {"error": f"The access token {echo} is invalid"})
    walk.bad_day(422, {"error": f"Validation failed: {echo}"})
    check = "/api/v1/accounts/verify_credentials"
    for path, status in (("/oauth/revoke", 500), ("/oauth/token", 401), ("/api/v1/apps", 500), (check, 401)):
        with walk.fault(path, status, {"error": echo}):
            walk.type("logout" if path == "/oauth/revoke" else "login", typed="mockcode_nell\n")
    logging.getLogger("bot").error("event=end logins=%r", walk.logins)
    return walk


def canaries(walk: Walk) -> dict[str, str]:
    """What must be nowhere."""
    found = {f"{role}'s token": login.token.get_secret_value() for role, login in walk.logins.items()}
    return found | {f"{role}'s secret": login.client_secret.get_secret_value() for role, login in walk.logins.items()}


def test_the_walk_has_done_all_that_it_should(walk: Walk) -> None:
    written = {path.relative_to(walk.folder).as_posix() for path in walk.folder.rglob("*") if path.is_file()}
    assert {"data/magpie.db", "data/checkpoints.db", "data/chroma/chroma.sqlite3", "magpie.log"} <= written
    assert walk.told >= 2
    log = (walk.folder / "magpie.log").read_text("utf-8")
    for line in ("GET /api/v1/timelines/home", "POST /oauth/token", "event=trouble", "event=end", "SELECT"):
        assert line in log, "everything is logged"
    spoken = "\n".join(walk.spoken)
    for words in ("refused", "401", "500", "is in trouble", "--force"):
        assert words in spoken


def test_the_tokens_are_in_the_file_of_tokens(walk: Walk) -> None:
    rows = json.loads((walk.folder / "data" / "tokens.json").read_text("utf-8"))
    assert {rows[role]["token"] for role in rows} | {rows[role]["client_secret"] for role in rows} == set(
        canaries(walk).values()
    )
    assert all(len(canary) > 20 for canary in canaries(walk).values())


def test_nothing_else_that_is_written_holds_one(walk: Walk) -> None:
    for path in walk.folder.rglob("*"):
        if path.is_file() and path.name != "tokens.json":
            content = path.read_bytes()
            assert [name for name, canary in canaries(walk).items() if canary.encode() in content] == [], path


def test_nothing_that_is_said_holds_one(walk: Walk, capfd: pytest.CaptureFixture[str]) -> None:
    shown = capfd.readouterr()
    for words in (*walk.spoken, shown.out, shown.err):
        assert [name for name, canary in canaries(walk).items() if canary in words] == [], words


def test_nothing_that_the_owner_is_told_on_the_server_holds_one(walk: Walk) -> None:
    seen = requests.get(
        f"{walk.url}/api/v1/notifications", headers={"Authorization": "Bearer seed-nell"}, timeout=5
    ).text
    assert "status" in seen
    assert [name for name, canary in canaries(walk).items() if canary in seen] == []
