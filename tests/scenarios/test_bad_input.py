"""Whatever is wrong: one clear sentence with what to do, the right exit status, and nothing lost."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.build import Magpie
from config.errors import ModelError, StoreError
from config.settings import parse
from memory.keeping.backup import back_up
from memory.lock import held
from memory.store import Store
from tests.bot.login_server import OWNER
from tests.fakes import HOUR, HashedWords, Pigeon, Village, post
from tests.scenarios.typed import Typing, nest

TOKEN = "a-token-that-nobody-may-see-4711"
YOU = f'[owner]\nhandle = "{OWNER}"\n'
PLAIN = YOU + '[model]\nkind = "none"\n'
SAMPLE = PLAIN + '[[sources]]\nkind = "sample"\n'
NIGHT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DAY = 24 * HOUR


@pytest.fixture(scope="module")
def nested() -> Iterator[Any]:
    with nest() as process:
        yield process


@pytest.fixture
def here(nested: Any, tmp_path: Path) -> Typing:
    """A terminal in an empty folder."""
    folder, scratch = tmp_path / "here", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    return Typing(nested, folder, scratch)


def settings(here: Typing, toml: str) -> None:
    (here.folder / "magpie.toml").write_text(toml)


def remember(data: Path, *names: str) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.sources.move("settings", {"interests": ""})
        for name in names:
            memory.items.keep(post(name), NIGHT)
    store.close()


def remembered(data: Path) -> int:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        count = memory.items.count()
    store.close()
    return count


# -- settings


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[owner]\nhandel = 'x@y'\n", "there is no setting 'owner.handel'; did you mean 'handle'."),
        (YOU + "[digset]\nentries = 3\n", "there is no setting 'digset'; did you mean 'digest'."),
        ("[owner]\nhandle = 'nell'\n", "'owner.handle' is 'nell': write it like name@host."),
        (YOU + "[digest]\nentries = 'eight'\n", "'digest.entries' is 'eight': write a whole number."),
        (YOU + "[schedule]\nhours = ['25:00']\n", "'schedule.hours.0' is '25:00': write it like 8:00."),
        (YOU + "time_zone = 'Mars/Base'\n", "'Mars/Base' is not a time zone; write one such as Europe/Berlin."),
        ("owner = 3\n", "'owner' is 3: make it a table, with its keys below its name in brackets."),
        (YOU + "[digest\n", "cannot be read: Expected ']' at the end of a table declaration (at line 3, column 8)"),
        (YOU + "[digest\n", "; correct it there."),
        (YOU + f"[channel]\nkind = 'mastodon'\ntoken = '{TOKEN}'\n", "magpie.toml holds a secret, 'channel.token'"),
        (YOU + f"[model]\nkind = 'openai'\napi_key = '{TOKEN}'\n", "take it out, and use 'magpie login' or the envir"),
    ],
)
def test_settings_that_cannot_be_used(here: Typing, toml: str, sentence: str) -> None:
    settings(here, toml)
    done = here.magpie("status")
    assert (done.status, done.out) == (3, "")
    assert done.sentence.startswith("magpie.toml")
    assert sentence in done.sentence
    assert TOKEN not in done.err
    assert (here.folder / "magpie.toml").read_text() == toml
    assert not (here.folder / "data").exists()


def test_settings_that_are_not_there_or_no_text(here: Typing) -> None:
    said = here.magpie("status")
    assert (said.status, "There is no magpie.toml: write one with 'magpie init'" in said.sentence) == (3, True)
    (here.folder / "magpie.toml").write_bytes(b"\xff\xfe")
    assert "it is no text in UTF-8; write it anew with an editor." in here.magpie("status").sentence
    said = here.magpie("status", "--config", ".")
    assert (said.status, "Is a directory; check its permissions, or name another" in said.sentence) == (3, True)
    settings(here, PLAIN)
    (here.folder / ".env").write_bytes(b"MAGPIE_OWNER_TOKEN=\xff\n")
    assert "The file .env cannot be read: it is no text in UTF-8; correct it, or take it" in here.magpie("status").err


@pytest.mark.parametrize(
    ("toml", "words", "sentence"),
    [
        (PLAIN + "[[sources]]\nkind = 'moon'\n", "collect", "nothing of the kind 'moon' in tools.sources; there are: "),
        (PLAIN + "[[sources]]\nname = 'x'\n", "collect", "the setting 'sources.0.kind' is missing; the README shows"),
        (SAMPLE + "moon = 1\n", "collect", "The source sample has no setting 'moon'; take it out."),
        (PLAIN, "collect", "magpie.toml names no [[sources]]: add one, as the README shows."),
        (SAMPLE + "[channel]\nkind = 'drum'\n", "listen", "nothing of the kind 'drum' in bot.channels; there are: "),
        (SAMPLE.replace("none", "oracle"), "digest", "no model of the kind 'oracle': the kinds are none, local, "),
        (
            SAMPLE.replace('"none"', '"none"\nseconds_a_digest = "x"'),
            "digest",
            "write a number of seconds, such as 60.",
        ),
    ],
)
def test_parts_of_a_kind_that_does_not_exist(here: Typing, toml: str, words: str, sentence: str) -> None:
    settings(here, toml)
    done = here.magpie(words)
    assert (done.status, sentence in done.sentence) == (3, True), done.err


def test_commands_that_are_not_understood(here: Typing) -> None:
    settings(here, PLAIN)
    for words in (("digset",), ("search",), ("search", "x", "--count", "0"), ("run", "--twice")):
        assert here.magpie(*words).status == 2


# -- the data folder


def test_a_file_where_the_folder_should_be(here: Typing) -> None:
    settings(here, SAMPLE)
    (here.folder / "data").write_text("a shopping list")
    for words in (("collect",), ("status",), ("search", "x"), ("run", "--once")):
        done = here.magpie(*words)
        assert (done.status, "data is a file, and no folder for data: move it, or name" in done.sentence) == (5, True)
    assert (here.folder / "data").read_text() == "a shopping list"


def test_a_read_only_folder(here: Typing) -> None:
    settings(here, SAMPLE)
    remember(here.folder / "data", "a")
    (here.folder / "data").chmod(0o555)
    (here.folder / "data" / "magpie.db").chmod(0o444)
    for words, sentence in (
        ("collect", "data cannot be used: Permission denied; check its permissions"),
        ("status", "cannot be written: it or its folder is read-only; give yourself the right"),
    ):
        done = here.magpie(words, obeys=True)
        assert (done.status, sentence in done.sentence) == (5, True), done.err
    (here.folder / "data").chmod(0o700)
    (here.folder / "data" / "magpie.db").chmod(0o600)
    assert remembered(here.folder / "data") == 1


def test_a_data_folder_that_another_magpie_holds(here: Typing) -> None:
    settings(here, SAMPLE)
    remember(here.folder / "data", "a")
    with held(here.folder / "data"):
        for words in (("collect",), ("digest",), ("listen",), ("run",), ("run", "--once"), ("reindex",)):
            done = here.magpie(*words)
            assert done.status == 8, words
            assert f"Another Magpie (process {os.getpid()}) works on the data in data: stop it first" in done.sentence
        for words in (("status",), ("runs",), ("digest", "--dry-run"), ("backup",)):
            assert here.magpie(*words).status == 0, words


def test_a_corrupt_database(here: Typing) -> None:
    settings(here, SAMPLE)
    data = here.folder / "data"
    remember(data, "a", "b")
    spoilt = os.urandom(50_000)
    (data / "magpie.db").write_bytes(spoilt)
    assert "there is no backup beside it; bring one back with 'magpie restore FILE'" in here.magpie("status").sentence
    assert "is damaged (file is not a database): no backup was made of it." in here.magpie("backup").sentence
    shutil.rmtree(data)
    remember(data, "a", "b")
    made = back_up(data, NIGHT)
    (data / "magpie.db").write_bytes(spoilt)
    for words in ("collect", "status", "digest", "listen", "runs"):
        done = here.magpie(words)
        assert done.status == 5
        assert "The memory at data/magpie.db is damaged (file is not a database) and was left" in done.sentence
        command = re.search(r"with 'magpie (restore [^']+)'\.$", done.sentence)
        assert command, done.sentence
    assert (data / "magpie.db").read_bytes() == spoilt
    assert here.magpie(*command[1].split()).status == 0, made
    assert remembered(data) == 2


# -- a full disk


@pytest.fixture
def thimble(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    folder = tmp_path / "thimble"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.getuid() or not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small disk can be made here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def test_a_full_disk_from_the_command_line(here: Typing, thimble: Path) -> None:
    settings(here, f'data = "{thimble / "data"}"\n{SAMPLE}')
    done = here.magpie("collect")
    assert done.status == 5
    assert re.search(r"The disk that holds .*magpie\.db is full: make room and start Magpie again", done.sentence)


@dataclass
class Day:
    """A Magpie over fakes, as it is at ``now``."""

    data: Path
    village: Village = field(default_factory=Village)
    pigeon: Pigeon = field(default_factory=Pigeon)
    now: datetime = NIGHT

    def magpie(self, **more: Any) -> Magpie:
        """As a process finds it that has just been started."""
        tables = {
            "owner": {"handle": OWNER},
            "model": {"kind": "none"},
            "digest": {"floor": -100},
            "data": str(self.data),
        }
        given = {"given_sources": [self.village], "given_channel": self.pigeon, "given_embedder": HashedWords()}
        return Magpie(
            parse({**tables, "channel": {"kind": "pigeon"}}), lambda: self.now, **given, given_web=None, **more
        )

    def turn(self) -> None:
        """What the service does in one round."""
        magpie = self.magpie()
        magpie.collector.collect(magpie.sources)
        magpie.due.look()
        magpie.hear()
        magpie.close()


def test_a_disk_that_fills_up_while_collecting_loses_nothing(thimble: Path) -> None:
    day = Day(thimble / "data")
    for number in range(300):
        day.village.posts(post(f"p{number}", "words " * 800, at=NIGHT - HOUR))
    magpie = day.magpie()
    with pytest.raises(StoreError, match=r"The disk that holds .* is full: make room and start Magpie again"):
        magpie.collector.collect(magpie.sources)
    magpie.close()
    before = remembered(thimble / "data")
    assert 0 < before < 300, "what was kept before is there"
    subprocess.run(["mount", "-o", "remount,size=64m", str(thimble)], check=True)  # noqa: S607
    day.turn()
    assert remembered(thimble / "data") == 300
    assert int(day.village.asked[-1]["home"]) == before, "it goes on where it stopped"


# -- a clock that jumps


def test_a_clock_that_jumps_doubles_nothing_and_stops_nothing(tmp_path: Path) -> None:
    day = Day(tmp_path / "data")
    moments = [NIGHT + 6 * HOUR, NIGHT - 18 * HOUR, NIGHT + 6.1 * HOUR, NIGHT + 366 * DAY + 6 * HOUR]
    moments += [NIGHT + 7 * HOUR, NIGHT + 30 * HOUR, NIGHT + 54 * HOUR]
    for number, moment in enumerate(moments):
        day.now = moment
        day.village.posts(post(f"p{number}", f"the {number} words of that day", by="abc"[number % 3], at=moment - HOUR))
        day.turn()
        day.turn()
    magpie = day.magpie()
    with magpie.store.begin() as memory:
        assert memory.items.count() == len(moments)
        assert memory.outbox.waiting("pigeon") == []
        made = [(one.date, one.slot) for one in memory.digests.since(datetime(2020, 1, 1, tzinfo=UTC))]
        told = [entry.lead for one in memory.digests.since(datetime(2020, 1, 1, tzinfo=UTC)) for entry in one.entries]
    magpie.close()
    assert len(set(made)) == len(made)
    assert len(set(told)) == len(told), "nothing is told twice"
    assert len(day.pigeon.tried) == len(set(day.pigeon.tried)), "nothing is said twice"
    dates = {date for date, _ in made}
    for right in (moments[0], moments[3], moments[5], moments[6]):
        assert right.date() in dates, "each day that came had its digest, also after the clock was right again"


# -- models


def test_an_embedding_model_that_cannot_be_loaded(
    here: Typing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    day = Day(tmp_path / "data")
    day.village.posts(post("a", at=NIGHT))
    magpie = day.magpie()
    wrong = magpie.settings.model_copy(
        update={"embedding": magpie.settings.embedding.model_copy(update={"name": "./x"})}
    )
    lame = replace(magpie, settings=wrong, given_embedder=None)
    with pytest.raises(
        ModelError, match=r"^The embedding model './x' cannot be loaded \(.*\): correct \[embedding\]"
    ) as told:
        lame.collector.collect(lame.sources)
    assert "\n" not in str(told.value)
    lame.close()
    assert remembered(tmp_path / "data") == 1, "what was read is kept"
    day.turn()
    magpie = day.magpie()
    with magpie.store.begin() as memory:
        assert memory.vectors.missing("hashed words", 9) == []
    magpie.close()
