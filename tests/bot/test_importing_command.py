"""magpie import says what it took in, what it left out and what to do; magpie watch and collect beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from config.errors import SourceError
from memory.records import Fetched, Kind
from memory.store import Store
from tests.fakes import OWNER, HashedWords, ShelfIndex
from tests.tools.imported import CHAT, FIXTURES


class Told:
    """A source that tells just this."""

    def __init__(self, name: str, *steps: Fetched | SourceError) -> None:
        self.name, self.steps = name, steps

    def fetch(self, cursor: object) -> Iterator[Fetched | SourceError]:
        yield from self.steps


TOML = f"""
data = "{{data}}"
[owner]
handle = "{OWNER}"
time_zone = "Europe/Berlin"
[model]
kind = "none"
"""


@pytest.fixture
def magpie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command, with an embedder that needs no model."""
    import bot.build

    monkeypatch.setattr(bot.build, "SentenceEmbedder", lambda *_: HashedWords())
    monkeypatch.setattr(bot.build, "WatchedIndex", lambda *_: ShelfIndex())
    (tmp_path / "magpie.toml").write_text(TOML.format(data=tmp_path / "data"))
    return lambda *words: CliRunner().invoke(app, [*words, "--config", str(tmp_path / "magpie.toml")])


def test_the_command_sees_what_it_is_given(magpie: Callable[..., Result], tmp_path: Path) -> None:
    chat = tmp_path / "WhatsApp Chat with Mira.txt"
    chat.write_text("12/06/2018, 09:00 - Messages are encrypted.\n" + CHAT + "45/45/2018, 09:27 - Mira: never\n")
    done = magpie("import", "--dry-run", str(chat))
    assert (done.exit_code, "whatsapp: 2 read; 2 new." in done.stdout) == (0, True), (done.output, done.exception)
    done = magpie("import", str(chat))
    assert "whatsapp: 2 read; 2 new." in done.stdout
    assert "Left out: 1 (a line of the app itself)." in done.stdout
    assert "Could not be read: 1 (there is no such date)." in done.stdout
    assert "Line 4 of WhatsApp Chat with Mira.txt was left out: there is no such date." in done.stderr
    assert "whatsapp: 2 read; 2 known." in magpie("import", "whatsapp", str(chat)).stdout


def test_the_command_takes_names_and_settings(magpie: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("When,Who,What\n2024-01-01,olek,mine\n2024-01-02,mira,hers\n")
    mapping = [word for pair in ("at=When", "author=Who", "text=What", "source=diary") for word in ("--set", pair)]
    done = magpie("import", "csv-mapping", str(tmp_path / "a.csv"), "--me", "Olek", *mapping)
    assert "diary: 2 read; 2 new." in done.stdout
    store = Store.open(tmp_path / "data" / "magpie.db", OWNER)
    with store.begin() as memory:
        assert [reaction.kind for reaction in memory.reactions.all()] == [Kind.AUTHORED]
    store.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing-there"], "There is no nothing-there"),
        (["myspace", "{a}"], "There is no importer 'myspace'"),
        (["{a}", "--set", "colour"], "has no value"),
        (["{a}", "--set", "colour=red"], "has no setting 'colour'"),
    ],
)
def test_the_command_says_what_is_wrong(
    magpie: Callable[..., Result], tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "a.txt").write_text("words")
    done = magpie("import", *(word.format(a=tmp_path / "a.txt") for word in words))
    assert done.exit_code != 0 and said in str(done.exception)


@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_the_wrong_kind_is_no_success(magpie: Callable[..., Result], tmp_path: Path, dry: list[str]) -> None:
    (tmp_path / "a.md").write_text("words")
    done = magpie("import", *dry, "telegram", str(tmp_path / "a.md"))
    assert (done.exit_code, done.stdout.strip()) == (4, "")
    assert "a.md holds nothing of the kind telegram; it looks like markdown (magpie import markdown" in done.stderr


def test_a_table_without_a_column_of_words_is_no_success(magpie: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("First Name,Phone\nMira,1\n")
    done = magpie("import", "--dry-run", str(tmp_path / "a.csv"))
    assert (done.exit_code, "Nothing of a.csv could be taken in." in done.stderr) == (4, True)
    assert "no column is called text or title: say which one it is, as --set text=COLUMN" in done.stdout


def test_what_was_not_looked_at_is_told(magpie: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "WhatsApp Chat with Mira.txt").write_text(CHAT)
    (tmp_path / "all" / "a.md").write_text("words")
    done = magpie("import", "--dry-run", str(tmp_path / "all"))
    said = f"Not looked at: a.md (markdown). To take it in: magpie import markdown {tmp_path / 'all'}"
    assert (done.exit_code, said in done.stdout) == (0, True)


def test_the_deeds_are_told_and_how_they_are_dated(magpie: Callable[..., Result]) -> None:
    archive = str(FIXTURES / "mastodon_archive" / "export")
    done = magpie("import", "--later", "mastodon", archive)
    assert "What you wrote, liked or kept:" in done.stdout
    assert "does not tell when you liked or kept a post" in done.stdout
    done = magpie("import", "--later", "mastodon", archive)  # nothing is new, and all the same it was read
    assert done.exit_code == 0 and "What you wrote" not in done.stdout


@pytest.mark.parametrize("meant", [("",), ("twitter", "")])
def test_an_empty_path_is_not_the_folder_one_stands_in(magpie: Callable[..., Result], meant: tuple[str, ...]) -> None:
    done = magpie("import", *meant)
    assert done.exit_code == 2 and "the PATH is empty" in done.stderr


def test_a_pipe_is_not_waited_for(magpie: Callable[..., Result], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = magpie("import", str(tmp_path / "pipe"))
    assert "neither a file nor a folder" in str(done.exception)


def test_a_chat_in_which_nobody_is_the_owner_says_what_to_do(magpie: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "_chat.txt").write_text(CHAT)
    asked = "Nothing in it is known to be yours: say who you are in it (--me NAME), and import it again."
    assert asked in magpie("import", "--dry-run", str(tmp_path / "_chat.txt")).stdout
    assert asked in magpie("import", str(tmp_path / "_chat.txt")).stdout
    told = magpie("import", "--me", "olek", str(tmp_path / "_chat.txt")).stdout
    assert asked not in told and "2 known." in told and "What you wrote, liked or kept: 1 new." in told
    assert asked not in magpie("import", str(tmp_path / "_chat.txt")).stdout


def test_frontmatter_that_cannot_be_read_is_told_by_its_file(magpie: Callable[..., Result], vault: Path) -> None:
    (vault / "a.md").write_text("---\n[: no\n---\nthe first note")
    done = magpie("import", str(vault))
    assert "Part of a.md was left out: its frontmatter is no YAML." in done.stderr
    assert "Taken in without a part: 1 (its frontmatter is no YAML)." in done.stdout
    assert "Could not be read" not in done.stdout and "2 new" in done.stdout


@pytest.mark.parametrize(
    ("kind", "said"), [("obsidian", "is for archives of Mastodon"), ("mastodon", "names no source of kind mastodon")]
)
def test_who_is_to_be_asked_must_be_known(
    magpie: Callable[..., Result], vault: Path, tmp_path: Path, kind: str, said: str
) -> None:
    table = '[[sources]]\nkind = "feed"\nurls = ["https://one.example/feed"]\n'
    (tmp_path / "magpie.toml").write_text((tmp_path / "magpie.toml").read_text() + table)
    path = vault if kind == "obsidian" else FIXTURES / "mastodon_archive" / "export"
    assert said in str(magpie("import", kind, str(path), "--resolve").exception)


def test_one_dead_feed_is_no_failure_of_all(
    magpie: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.build import Magpie

    quiet, dead = Told("quiet"), Told("dead", SourceError("dead.example is away."))
    for sources, status in (((quiet, dead), 0), ((dead,), 4)):
        monkeypatch.setattr(Magpie, "sources", sources)
        done = magpie("collect")
        assert (done.exit_code, "dead.example is away." in done.stderr) == (status, True), done.output


def test_a_damaged_export_has_an_exit_status(magpie: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1, "text": "one"}, {"id"')
    done = magpie("import", str(tmp_path / "a.json"))
    assert (done.exit_code, "1 new" in done.stdout, "is damaged" in done.stderr) == (4, True, True)


def test_a_vault_is_watched_once(magpie: Callable[..., Result], vault: Path) -> None:
    assert "vault: 2 read; 2 new." in magpie("watch", str(vault), "--once").stdout
    (vault / "a.md").unlink()
    assert "1 deleted" in magpie("watch", str(vault), "--once").stdout
