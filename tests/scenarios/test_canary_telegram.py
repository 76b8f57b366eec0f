"""The token of a bot on Telegram, which stands in each address that is asked: it lies in the file of tokens alone."""

from __future__ import annotations

import json
import logging
import os
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

pytest.importorskip("telegram")

from bot.build import Magpie
from bot.cli.app import app
from bot.connecting import telegram
from bot.connecting.telegram import Meeting
from bot.doctor.telegram import look
from config.errors import MagpieError
from config.settings import load
from memory.keeping.backup import MEMORY
from memory.store import Store
from tests.bot.street import opening, unhurried
from tests.fakes import Village, post
from tests.scenarios.test_canary import all_logged
from tests.telegram import faults
from tests.telegram.faults import Fault
from tests.telegram.people import User
from tests.telegram.server import telegram_town
from tests.telegram.world import Town

CODE = "the-code-of-this-walk"
TALKATIVE = ("telegram", "httpx", "httpcore")


@dataclass
class Walk:
    """What Magpie did, where it wrote, and what it said."""

    folder: Path
    town: Town
    nell: User
    village: Village = field(default_factory=Village)
    spoken: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.town.token

    def magpie(self) -> Magpie:
        """As a process finds it that has just been started."""
        plain = Magpie(load(self.folder / "magpie.toml"))
        Store.open(plain.settings.data / MEMORY, plain.settings.owner.handle).close()  # whoever is not alone makes none
        return unhurried(plain, self.village, timeout=0.5)

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

    def log_in(self) -> None:
        """Nell opens the link as soon as it is shown."""
        with opening(self.town, self.nell, CODE):
            self.type("login", "--telegram", "--file", typed=f"{self.token}\n")

    def good_day(self) -> None:
        """Everything once, without trouble, and bells and buttons."""
        magpie = self.magpie()
        self.village.posts(post("bees", at=magpie.now()))
        magpie.home.listen()
        magpie.collector.collect(magpie.sources)
        magpie.editor.digest("telegram")
        magpie.speak()
        self.nell.sends_document("_chat.txt", b"20/11/2026, 09:14 - Ann: The heron stands at the lock again.\n")
        magpie.hear()
        self.nell.says("yes")  # which stays to be done in the bad days
        end = magpie.channel.wakes(lambda: None)  # type: ignore[attr-defined]
        self.nell.says("/status")
        for _ in range(400):
            if magpie.home.listen():
                break
            time.sleep(0.01)
        magpie.speak()
        magpie.channel.typing()  # type: ignore[attr-defined]
        end()
        self.spoken += [repr(magpie), repr(magpie.channel), repr(magpie.channel.api), repr(magpie.tokens)]  # type: ignore[attr-defined]
        self.spoken += [repr(magpie.settings), magpie.settings.model_dump_json()]
        magpie.close()

    def bad_day(self, fault: Fault) -> None:
        """Whatever is asked ends so."""
        self.nell.says("/status")
        self.town.faults.add("*", fault, times=50)
        magpie = self.magpie()
        doings: tuple[Callable[[], Any], ...] = (
            magpie.home.listen,
            magpie.speak,
            magpie.home.unpacker.unpack_next,
            magpie.channel.typing,  # type: ignore[attr-defined]
        )
        for doing in doings:
            try:
                self.spoken.append(str(doing()))
            except MagpieError as error:
                self.hear(error)
        try:
            self.spoken.append(repr(list(look(magpie.channel))))  # type: ignore[arg-type]
            Meeting(self.spoken.append, patience=0, sleep=lambda seconds: None).held(
                SecretStr(self.token), self.town.url
            )
        except MagpieError as error:
            self.hear(error)
        magpie.close()
        self.town.faults.clear()


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("magpie")
    before = {name: logging.getLogger(name).level for name in TALKATIVE}
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.DEBUG)
    with telegram_town() as town, all_logged(folder / "magpie.log"), pytest.MonkeyPatch.context() as patch:
        table = f'[channel]\nkind = "telegram"\nbase_url = "{town.url}"\n'
        (folder / "magpie.toml").write_text(
            f'data = "{folder / "data"}"\n[owner]\nhandle = "nell@mock.local"\n[digest]\nfloor = -100\nentries = 2\n'
            f'[model]\nkind = "none"\n[[sources]]\nkind = "sample"\n{table}'
        )
        patch.chdir(folder)
        patch.delenv("MAGPIE_TELEGRAM_TOKEN", raising=False)
        patch.setattr("config.tokens.system_keyring", lambda: None)
        patch.setattr(telegram.secrets, "token_urlsafe", lambda size: CODE)
        patch.setattr(telegram, "_LOOK", 0.01)
        Store.open(folder / "data" / "magpie.db", "nell@mock.local").close()
        made = Walk(folder, town, town.person("Nell"))
        made.log_in()
        made.good_day()
        echo = f"Bad Request: the token {town.token} is odd, and so is https://api.telegram.org/bot{town.token}/getMe"
        for fault in (
            faults.status(400, echo),
            faults.status(401, echo),
            faults.status(403, echo),
            faults.status(409, echo),
            faults.status(500, echo),
            faults.status(502, body=f"<html>{echo}</html>"),
            faults.reset(False),
            faults.reset(True),
            faults.too_many(3600),
        ):
            made.bad_day(fault)
        logging.getLogger("bot").error("event=end channel=%r", made.magpie().channel)
        made.type("logout", "--telegram")
        made.log_in()
        yield made
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_the_walk_has_done_all_that_it_should(walk: Walk) -> None:
    written = {path.relative_to(walk.folder).as_posix() for path in walk.folder.rglob("*") if path.is_file()}
    assert {"data/magpie.db", "data/checkpoints.db", "data/tokens.json", "magpie.log"} <= written
    assert len(walk.town.said(walk.nell)) >= 4
    log = (walk.folder / "magpie.log").read_text("utf-8")
    for line in (
        "HTTP Request: POST",
        "/bot7000000001:hidden/sendMessage",
        "event=trouble",
        "event=end",
        "send_request",
    ):
        assert line in log, f"everything is logged, and so is {line!r}"
    spoken = "\n".join(walk.spoken)
    for words in ("has refused", "refuses the bot's token", "is in trouble", "cannot be reached", "is connected"):
        assert words in spoken


def test_the_token_is_in_the_file_of_tokens(walk: Walk) -> None:
    path = walk.folder / "data" / "tokens.json"
    assert json.loads(path.read_text("utf-8"))["telegram"]["token"] == walk.token
    assert os.name != "posix" or path.stat().st_mode & 0o077 == 0


def test_nothing_else_that_is_written_or_said_holds_it(walk: Walk) -> None:
    secret = walk.token.partition(":")[2].lower()
    assert len(secret) == 35
    for path in walk.folder.rglob("*"):
        if path.is_file() and path.name != "tokens.json":
            assert secret.encode() not in path.read_bytes().lower(), f"{path.name} holds the token"
    for words in walk.spoken:
        assert secret not in words.lower()
