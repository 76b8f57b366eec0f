"""The commands that keep a memory: what they say, what they ask, and what their exit status is."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app, main
from config.errors import StoreError
from memory.keeping.beginning import IMPORTED, beginning
from memory.keeping.health import DOUBT
from memory.lock import held
from memory.records import Message
from memory.store import Store
from tests.fakes import NOW, OWNER, account, post

TOML = f"""
data = "{{data}}"
[owner]
handle = "{OWNER}"
time_zone = "Europe/Berlin"
[model]
kind = "none"
[embedding]
name = "hashed words"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three posts in its memory."""
    (tmp_path / "magpie.toml").write_text(TOML.format(data=tmp_path / "data"))
    store = Store.open(tmp_path / "data" / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.accounts.keep([account("ann"), account("bob")])
        memory.items.keep(post("a", "a train to Vienna"), NOW)
        memory.items.keep(post("b", "a train to Graz", by="bob"), NOW)
        memory.items.keep(post("c", "bees"), NOW)
    store.close()
    return tmp_path / "data"


@pytest.fixture
def magpie(data: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, run where magpie.toml lies."""
    monkeypatch.chdir(data.parent)
    return lambda *words, says="": CliRunner().invoke(app, list(words), input=says)


def known(data: Path) -> list[str]:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        found = [name for name in "abc" if memory.items.get(post(name).uri)]
    store.close()
    return found


def test_a_backup_is_made_while_another_magpie_runs_and_restored_when_it_does_not(
    magpie: Callable[..., Result], data: Path, tmp_path: Path
) -> None:
    with held(data):
        done = magpie("backup")
        assert done.exit_code == 0, done.output
        made = next((data / "backups").iterdir())
        assert str(made) in done.output.replace("\n", "")
        refused = magpie("restore", str(made))
        assert "Another Magpie" in str(refused.exception)
    assert magpie("forget", "train", "--yes").exit_code == 0
    assert known(data) == ["c"]
    assert not any(b"Vienna" in file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert magpie("backup", str(tmp_path / "mine.db")).exit_code == 0
    done = magpie("restore", str(tmp_path / "mine.db"))
    assert "is the memory now; what waited to be said in it is not said." in done.output
    assert "until now, is not heard again: say once more what still counts." in done.output
    assert "What was here before lies at" in done.output


def test_what_goes_wrong_is_one_sentence_and_a_status(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setattr(sys, "argv", ["magpie", "restore", "magpie.toml"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 5
    assert capsys.readouterr().err == (
        "magpie: magpie.toml is no memory of Magpie: name a backup that 'magpie backup' has made.\n"
    )


def test_an_export_is_imported_into_another_folder(magpie: Callable[..., Result], data: Path, tmp_path: Path) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.sources.move("channel pigeon", {"events": "7"})
    store.close()
    with held(data):
        done = magpie("export", str(tmp_path / "all.jsonl"))
    assert "2 accounts, 3 items" in done.output
    (tmp_path / "magpie.toml").write_text(TOML.format(data=tmp_path / "new"))
    done = magpie("import", str(tmp_path / "all.jsonl"))
    assert (done.exit_code, "3 items" in done.output) == (0, True)
    assert known(tmp_path / "new") == ["a", "b", "c"]
    store = Store.open(tmp_path / "new" / "magpie.db", OWNER)
    with store.begin() as memory:
        found = beginning(memory)
        assert found is not None and found.why == IMPORTED, "what was said since the export is settled elsewhere"
    store.close()
    with (tmp_path / "all.jsonl").open("a") as file:
        file.write("cookies\n")
    done = magpie("import", str(tmp_path / "all.jsonl"))
    assert done.exit_code == 1
    assert "was left out: it is no JSON" in done.output
    assert "new: nothing" in done.output


def test_what_was_chosen_in_the_chat_comes_before_what_stands_in_the_settings(
    magpie: Callable[..., Result], data: Path, tmp_path: Path
) -> None:
    wish = TOML.replace("time_zone", 'interests = "more on rail"\ntime_zone')
    (tmp_path / "magpie.toml").write_text(wish.format(data=data))
    magpie("reindex")
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        assert memory.rules.interests() == {"rail": 1.0}
        memory.rules.set_interest("rail", -1, NOW)
    store.close()
    magpie("export", str(tmp_path / "all.jsonl"))
    (tmp_path / "magpie.toml").write_text(wish.format(data=tmp_path / "new"))
    assert magpie("import", str(tmp_path / "all.jsonl")).exit_code == 0
    store = Store.open(tmp_path / "new" / "magpie.db", OWNER)
    with store.begin() as memory:
        assert memory.rules.interests() == {"rail": -1.0}
    store.close()


def test_what_would_be_forgotten_is_shown_and_asked(magpie: Callable[..., Result], data: Path) -> None:
    done = magpie("forget", "train", says="n\n")
    assert done.exit_code == 1
    assert "2 posts\n  2026-11-20 @ann@fedi.example: a train to Vienna\n" in done.output
    assert known(data) == ["a", "b", "c"]
    done = magpie("forget", "train", says="y\n")
    assert done.exit_code == 0
    assert "Forgotten: 2 posts" in done.output
    assert "Backups that Magpie had made and that are gone: 0. A new one is made." in done.output
    assert "backups that you keep elsewhere, still hold it" in done.output
    assert known(data) == ["c"]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["@bob@fedi.example"], ["a", "c"]),
        ([post("a").url], ["b", "c"]),
        ([post("c").uri], ["a", "b"]),
        (["train", "--since", "2026-11-21"], ["a", "b", "c"]),
        (["train", "--until", "2026-11-20"], ["c"]),
        (["--since", "2026-11-20T13:00", "--until", "2026-11-20T13:30"], []),
        (["--since", "2026-11-20T13:01", "--until", "2026-11-20"], ["a", "b", "c"]),
        (["--until", "2026-11-19"], ["a", "b", "c"]),
    ],
)
def test_a_post_an_account_a_topic_and_a_time_can_be_forgotten(
    magpie: Callable[..., Result], data: Path, words: list[str], left: list[str]
) -> None:
    done = magpie("forget", *words, "--yes")
    assert done.exit_code == 0, done.output
    assert known(data) == left


def test_what_is_forgotten_is_counted_in_good_english(magpie: Callable[..., Result], data: Path) -> None:
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.messages.add(Message("pigeon", "bees?", NOW, "in1"))
        memory.rules.set_interest("bees", 1, NOW)
    store.close()
    done = magpie("forget", "bees", says="y\n")
    assert done.output.startswith("1 post\n") and "Forgotten: 1 post, 1 message, 1 interest." in done.output
    done = magpie("forget", "@bob@fedi.example", "--yes")
    assert f"for that alone the address {account('bob').uri} is kept" in done.output
    store = Store.open(data / "magpie.db", OWNER)
    with store.begin() as memory:
        memory.runs.begin("collect", NOW)
        memory.rules.set_interest("trains", 1, NOW)
    store.close()
    done = magpie("forget", "--everything", says=f"{OWNER}\n")
    assert "Forgotten: 1 post, 1 account, 1 message, 1 wish, 1 run." in done.output
    assert "What you have said to Magpie before now is not heard again." in done.output
    assert "Forgotten: all there was, which was nothing." in magpie("forget", "--everything", says=f"{OWNER}\n").output


@pytest.mark.parametrize(
    "words", [["nosuchword"], ["nosuchword", "--yes"], ["--until", "2026-11-01", "--yes"], ["https://nowhere.example"]]
)
def test_where_nothing_is_found_backups_are_left_alone(
    magpie: Callable[..., Result], data: Path, words: list[str]
) -> None:
    assert magpie("backup").exit_code == 0
    before = {path: path.read_bytes() for path in (data / "backups").iterdir()}
    done = magpie("forget", *words)
    assert done.exit_code == 0, done.output
    assert done.output == "Nothing of it is known: nothing was forgotten, and the backups are as they were.\n"
    assert {path: path.read_bytes() for path in (data / "backups").iterdir()} == before


def test_before_anything_was_collected_nothing_is_made(magpie: Callable[..., Result], data: Path) -> None:
    shutil.rmtree(data)
    done = magpie("status")
    assert (done.exit_code, done.output) == (
        0,
        "Not at work: start it with magpie run. Nothing was collected yet.\n",
    )
    assert (magpie("runs").exit_code, magpie("runs").output) == (0, "no runs yet\n")
    assert "Nothing was collected yet: 'magpie collect'" in str(magpie("export", "all.jsonl").exception)
    assert not data.exists()


@pytest.mark.parametrize("command", [["status"], ["runs"], ["collect"], ["run", "--once"], ["forget", "bees", "--yes"]])
def test_a_memory_that_is_gone_is_told_of_while_its_backups_are_there(
    magpie: Callable[..., Result], data: Path, command: list[str]
) -> None:
    made = magpie("backup").output.partition(" (")[0].replace("\n", "")
    (data / "magpie.db").unlink()
    for log in ("-wal", "-shm"):
        (data / f"magpie.db{log}").unlink(missing_ok=True)
    (data.parent / "magpie.toml").open("a").write('[[sources]]\nkind = "sample"\n')
    refused = magpie(*command)
    assert isinstance(refused.exception, StoreError) and f"'magpie restore {made}'" in str(refused.exception)
    assert not (data / "magpie.db").exists()
    assert magpie("restore", made).exit_code == 0 and known(data) == ["a", "b", "c"]


def test_status_needs_no_login(magpie: Callable[..., Result], data: Path) -> None:
    (data.parent / "magpie.toml").open("a").write('[channel]\nkind = "mastodon"\ninstance = "home.example"\n')
    done = magpie("status")
    assert (done.exit_code, "Next digest: " in done.output) == (0, True)


def test_a_backup_of_a_newer_memory_says_who_can_restore_it(magpie: Callable[..., Result], data: Path) -> None:
    with closing(sqlite3.connect(data / "magpie.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '999'")
    done = magpie("backup", "mine.db")
    assert (done.exit_code, "It is of a newer Magpie (step 999): only that one can restore it." in done.stderr) == (
        0,
        True,
    )
    assert "written by a newer Magpie" in str(magpie("restore", "mine.db").exception)


def test_settings_elsewhere_mean_the_data_folder_beside_them(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "magpie.toml").write_text(TOML.format(data="data"))
    monkeypatch.chdir(tmp_path / "elsewhere")
    done = CliRunner().invoke(app, ["status", "--config", "../magpie.toml"])
    assert "I know 3 posts" in done.output
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_everything_is_forgotten_only_by_whoever_writes_the_handle(magpie: Callable[..., Result], data: Path) -> None:
    refused = magpie("forget", "--everything", "--yes", says="yes\n")
    assert "That is not your handle: nothing was forgotten." in str(refused.exception)
    assert known(data) == ["a", "b", "c"]
    assert magpie("forget", "--everything", says=f"@{OWNER}\n").exit_code == 0
    assert known(data) == []
    assert not (data / "backups").exists()


def test_to_forget_nothing_in_particular_is_not_understood(magpie: Callable[..., Result]) -> None:
    assert magpie("forget").exit_code == 2


def test_the_index_is_built_anew(magpie: Callable[..., Result], data: Path) -> None:
    assert "Full text is written anew, and the index holds 0 vectors." in magpie("reindex").output
    with held(data):
        assert "Another Magpie" in str(magpie("reindex").exception)


CRASH = "import os, sys; from pathlib import Path; from memory.lock import held\n"
CRASH += "with held(Path(sys.argv[1])): os.kill(os.getpid(), 9)"


def test_after_a_crash_the_index_is_suspected_and_the_memory_looked_through(
    magpie: Callable[..., Result], data: Path
) -> None:
    (data / "chroma").mkdir()
    subprocess.run([sys.executable, "-c", CRASH, data], check=False)
    done = magpie("restore", "nothing")
    assert "There is no file nothing" in str(done.exception)
    assert (data / "chroma" / DOUBT).exists()


def test_a_search_beside_another_magpie_leaves_the_index_alone(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.cli.app import beside
    from memory.exact import ExactIndex

    with held(data):
        one = beside(data.parent / "magpie.toml")
        assert isinstance(one.index, ExactIndex)
        one.store.close()
    assert not (data / "chroma").exists()
