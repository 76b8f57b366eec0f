"""Importing into a real memory: through the pipeline, resumable, counted; the command; a watched folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.jobs import importing as job
from bot.jobs.collect import Collector
from bot.jobs.importing import Importing, Taken
from config.errors import SourceError
from memory.records import Fetched, Kind
from memory.store import Store
from tests.fakes import NOW, OWNER, HashedWords, ShelfIndex
from tests.tools.imported import FIXTURES
from tools.importers import Importer, RowError, importer, kind_of
from tools.importers.opening import opened
from tools.links import LinkResolver

UTC = ZoneInfo("UTC")
CHAT = "13/06/2018, 09:26 - Mira: Is the ferry running?\n13/06/2018, 09:27 - Olek: Yes, see https://ferry.example/?utm_source=x\n"


def jsonl(path: Path, rows: int, text: str = "row") -> Path:
    path.write_text(
        "".join(json.dumps({"id": n, "text": f"{text} {n}", "at": 1_700_000_000 + n}) + "\n" for n in range(rows))
    )
    return path


def take(collector: Collector, path: Path, **settings: object) -> Taken:
    with opened(path) as export:
        return Importing(collector).take_in(importer(kind_of(export), export, settings))


def texts(store: Store) -> list[str]:
    with store.begin() as memory:
        return sorted(item.text for item in memory.items.by_id(range(10_000)).values())


# -- the job


def test_what_is_imported_is_canonical_embedded_and_indexed(collector: Collector, store: Store, tmp_path: Path) -> None:
    (tmp_path / "WhatsApp Chat with Mira.txt").write_text(CHAT)
    taken = take(collector, tmp_path)
    assert (taken.counts["new"], taken.counts["embedded"] >= 2, taken.whole) == (2, True, True)
    assert isinstance(collector.index, ShelfIndex) and collector.index.count() >= 2
    with store.begin() as memory:
        item = memory.items.get("whatsapp:mira/2018-06-13T09%3A27%3A00-1")
        assert item is not None
        assert item.canonical == ("https://ferry.example/",)
        assert item.thread == "whatsapp:mira"
        assert [reaction.kind for reaction in memory.reactions.of(item.uri)] == [Kind.AUTHORED]  # Olek is not Mira


def test_a_newer_export_adds_what_is_new_and_updates_what_changed(
    collector: Collector, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "WhatsApp Chat with Mira.txt"
    path.write_text(CHAT)
    take(collector, path)
    path.write_text(
        CHAT.replace("running?", "running today? <This message was edited>") + "14/06/2018, 08:00 - Mira: Thanks\n"
    )
    taken = take(collector, path)
    assert (taken.counts["new"], taken.counts["edited"], taken.counts["same"]) == (1, 1, 1)
    assert "Is the ferry running today?" in texts(store)


def test_a_message_that_was_taken_back_is_forgotten(collector: Collector, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Mira.txt"
    path.write_text(CHAT)
    take(collector, path)
    path.write_text(CHAT.replace("Is the ferry running?", "This message was deleted"))
    assert take(collector, path).counts["deleted"] == 1
    assert texts(store) == ["Yes, see https://ferry.example/?utm_source=x"]


def test_short_links_in_letters_are_shown_to_nobody(
    store: Store, embedder: HashedWords, shelf: ShelfIndex, tmp_path: Path
) -> None:
    class Forbidden:
        def get(self, url: str, *args: object, **more: object) -> object:
            raise AssertionError(f"asked {url}")

    links = LinkResolver(Forbidden(), {"https://bit.ly/known": "https://long.example/"})  # type: ignore[arg-type]
    collector = Collector(store, embedder, shelf, links, lambda: NOW)
    (tmp_path / "a.txt").write_text("https://bit.ly/abc and https://bit.ly/known")
    take(collector, tmp_path / "a.txt")
    with store.begin() as memory:
        (item,) = memory.items.by_id(range(9)).values()
    assert item.canonical == ("https://bit.ly/abc", "https://long.example/")


def test_an_import_that_is_cut_off_goes_on_where_it_was(
    collector: Collector, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = 20
    monkeypatch.setattr(job, "BATCH", batch)
    path = jsonl(tmp_path / "a.jsonl", 3 * batch)
    with opened(path) as export:
        whole = importer("jsonl", export, {})

        def broken() -> Iterator[Fetched | SourceError]:
            for number, row in enumerate(whole.rows()):
                if number == 2 * batch + 7:
                    raise KeyboardInterrupt
                yield row

        with pytest.raises(KeyboardInterrupt):
            Importing(collector).take_in(Importer("jsonl", export, broken), embed=False)
        kept = len(texts(store))
        assert kept >= 2 * batch
        taken = Importing(collector).take_in(whole, embed=False)
    assert taken.went_on_after == kept
    assert taken.counts["new"] == 3 * batch - kept
    assert take(collector, path).counts["same"] == 3 * batch  # and then it begins anew


def test_damage_is_told_and_what_came_before_is_kept(collector: Collector, store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": 1, "text": "one"}, {"id": 2, "text": "two"}, {"id"')
    taken = take(collector, tmp_path / "a.json")
    assert len(taken.failures) == 1 and "is damaged before its byte" in taken.failures[0]
    assert texts(store) == ["one", "two"]
    with store.begin() as memory:
        (run,) = memory.runs.latest()
        assert run.failures == taken.failures


def test_rows_that_are_left_out_are_counted_by_their_reasons(collector: Collector, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", 2)
    path.write_text(path.read_text() + "no json\n" * 30 + '{"id": 1}\n')
    taken = take(collector, path)
    assert (dict(taken.damaged), dict(taken.skipped)) == ({"it is no JSON": 30}, {"a row without words": 1})
    assert len(taken.examples) == 20
    assert taken.examples[0] == "Line 3 of a.jsonl was left out: it is no JSON."


def test_a_rehearsal_counts_and_keeps_nothing(collector: Collector, store: Store, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", 5)
    take(collector, path)
    path.write_text(path.read_text().replace("row 2", "row two") + '{"id": 9, "text": "new"}\n')
    before = texts(store)
    with opened(path) as export:
        taken = Importing(collector).rehearse(importer("jsonl", export, {}))
    assert (taken.counts["new"], taken.counts["edited"], taken.counts["same"]) == (1, 1, 4)
    assert texts(store) == before


def test_without_embedding_it_waits_for_the_next_collect(collector: Collector, tmp_path: Path) -> None:
    with opened(jsonl(tmp_path / "a.jsonl", 3)) as export:
        taken = Importing(collector).take_in(importer("jsonl", export, {}), embed=False)
    assert taken.counts["embedded"] == 0
    assert collector.collect([]).counts["embedded"] >= 3


# -- the command


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
def vault(tmp_path: Path) -> Path:
    path = tmp_path / "vault"
    (path / ".obsidian").mkdir(parents=True)
    (path / "a.md").write_text("the first note")
    (path / "b.md").write_text("the second note")
    return path


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


def test_reasons_hold_no_words_of_the_export() -> None:
    assert str(RowError("Line 1", "it is no JSON")) == "Line 1 was left out: it is no JSON."
    assert replace(Taken(), failures=["x"]).whole is False
